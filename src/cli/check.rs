//! `mainstay check`.

use super::arguments::{Check, Global};
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use crate::judge;
use crate::model::Context;
use crate::report::{Format, json, report_text};

/// Judges, prints, and exits by the verdict, whatever the format.
pub(super) fn run(
    arguments: &Check,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let formats = &arguments.formats.formats;
    output::distinct(formats)?;
    let inputs = inputs::gather(&arguments.plans, &arguments.sources, context, console)?;
    let report = judge::check(&inputs, context.now)?;
    output::answer(formats, output::look(context, global), context, console, |format, look| match format {
        Format::Text => Ok(report_text(&report, look)),
        Format::Json => Ok(json(&report)?),
    })?;
    Ok(Exit::from(report.verdict))
}
