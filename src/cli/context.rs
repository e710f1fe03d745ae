//! The outside world, read once.

use super::arguments::Colour;
use crate::model::{Context, Instant};
use anstream::{AutoStream, ColorChoice};
use std::io;

/// Makes a context; tests hand in their own.
pub(super) type Make = dyn Fn(Colour) -> io::Result<Context>;

/// The context of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock and the environment"
)]
pub(super) fn make(colour: Colour) -> io::Result<Context> {
    Ok(Context {
        now: Instant::now(),
        directory: std::env::current_dir()?,
        width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        colour: match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => colour_of_output(),
        },
        environment: std::env::vars_os().collect(),
        temporary: std::env::temp_dir(),
        process: (std::process::id(), parent()),
        own: std::env::current_exe().ok(),
    })
}

/// The clock, after something that took long.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock and the environment"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

/// Whether standard output is to be coloured: a terminal, and what `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` say.
pub(super) fn colour_of_output() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// The same of standard error.
pub(super) fn colour_of_errors() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}
