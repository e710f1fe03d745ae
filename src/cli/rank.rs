//! `mainstay rank`.

use super::arguments::{Global, Rank};
use super::ask::Ask;
use super::error::Error;
use super::exit::Exit;
use super::output::Console;
use crate::judge;
use crate::model::Context;
use crate::report::ranking_text;

/// Answers; an answer is no verdict, so the exit code is 0.
pub(super) fn run(
    arguments: &Rank,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let Rank { top, about } = arguments;
    let ask = Ask::about(about, global, context);
    let (inputs, _trusted) = ask.inputs(console)?;
    ask.tell(&judge::rank(&inputs, top.get(), context.now)?, ranking_text, console)?;
    Ok(Exit::Pass)
}
