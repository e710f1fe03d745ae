//! `mainstay explain`.

use super::arguments::{Explain, Global};
use super::ask::Ask;
use super::error::Error;
use super::exit::Exit;
use super::output::Console;
use crate::judge::{self, Suppose};
use crate::model::Context;
use crate::report::{explanation_text, paths_text};

/// Answers; an answer is no verdict, so the exit code is 0.
pub(super) fn run(
    arguments: &Explain,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let Explain { what, without, cold, to, about } = arguments;
    let ask = Ask::about(about, global, context);
    let (inputs, _trusted) = ask.inputs(console)?;
    match to {
        Some(other) => ask.tell(&judge::paths(&inputs, what, other, context.now)?, paths_text, console)?,
        None => {
            let suppose = Suppose { without, cold: *cold };
            ask.tell(&judge::explain(&inputs, what, suppose, context.now)?, explanation_text, console)?;
        }
    }
    Ok(Exit::Pass)
}
