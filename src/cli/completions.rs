//! `mainstay completions`.

use super::arguments::{Arguments, Completions};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use clap::CommandFactory;

/// Prints the completions of a shell.
pub(super) fn run(arguments: &Completions, console: &mut Console<'_>) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "mainstay", &mut script);
    output::print(console, &String::from_utf8_lossy(&script))?;
    Ok(Exit::Pass)
}
