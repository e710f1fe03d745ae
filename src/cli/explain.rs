//! `mainstay explain`.

use super::arguments::{Explain, Global};
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use crate::judge;
use crate::model::Context;
use crate::report::{Format, explanation_text, json};

/// Answers; an answer is no verdict, so the exit code is 0.
pub(super) fn run(
    arguments: &Explain,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let formats = &arguments.formats.formats;
    output::distinct(formats)?;
    let inputs = inputs::gather(&arguments.plans, &arguments.sources, context, console)?;
    let answer = judge::explain(&inputs, &arguments.what, &arguments.without, context.now)?;
    output::answer(formats, output::look(context, global), context, console, |format, look| match format {
        Format::Text => Ok(explanation_text(&answer, look)),
        Format::Json => Ok(json(&answer)?),
    })?;
    Ok(Exit::Pass)
}
