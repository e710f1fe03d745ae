//! `mainstay can`.

use super::arguments::{Can, Global};
use super::ask::Ask;
use super::error::Error;
use super::exit::Exit;
use super::output::Console;
use crate::judge::{self, Question};
use crate::model::Context;
use crate::report::permission_text;

/// Answers, and exits with 0, 1 or 4 for yes, no and unknown.
pub(super) fn run(
    arguments: &Can,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let Can { principal, action, scope, about } = arguments;
    let ask = Ask::about(about, global, context);
    let (inputs, _trusted) = ask.inputs(console)?;
    let answer = judge::can(inputs, Question { principal, action, scope }, context.now)?;
    ask.tell(&answer, permission_text, console)?;
    Ok(Exit::of(answer.exit_code))
}
