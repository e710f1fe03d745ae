//! `mainstay check`.

use super::arguments::{Check, Global};
use super::ask::Ask;
use super::error::Error;
use super::exit::Exit;
use super::output::Console;
use crate::judge;
use crate::model::Context;
use crate::report::report_text;

/// Judges, prints, and exits by the verdict, whatever the format.
pub(super) fn run(
    arguments: &Check,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let Check { plans, sources, formats, unblock, .. } = arguments;
    let ask = Ask { plans, sources, formats, global, context };
    let (inputs, _trusted) = ask.inputs(console)?;
    let report = match unblock {
        true => judge::check_and_unblock(&inputs, context.now)?,
        false => judge::check(&inputs, context.now)?,
    };
    ask.tell(&report, report_text, console)?;
    Ok(Exit::from(report.verdict))
}
