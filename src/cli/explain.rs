//! `mainstay explain`.

use super::arguments::{Explain, Global};
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use crate::judge;
use crate::model::Context;
use crate::report::{Format, Look, explanation_text, json, paths_text};
use serde::Serialize;

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
    let look = output::look(context, global);
    match &arguments.to {
        Some(other) => {
            let answer = judge::paths(&inputs, &arguments.what, other, context.now)?;
            output::answer(formats, look, context, console, |format, look| {
                written(&answer, paths_text, format, look)
            })?;
        }
        None => {
            let answer = judge::explain(&inputs, &arguments.what, &arguments.without, context.now)?;
            output::answer(formats, look, context, console, |format, look| {
                written(&answer, explanation_text, format, look)
            })?;
        }
    }
    Ok(Exit::Pass)
}

fn written<A: Serialize>(
    answer: &A,
    text: fn(&A, Look) -> String,
    format: Format,
    look: Look,
) -> Result<String, Error> {
    match format {
        Format::Text => Ok(text(answer, look)),
        Format::Json => Ok(json(answer)?),
    }
}
