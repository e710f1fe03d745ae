//! What every question about an estate begins and ends with: what is given, and how the answer is written.

use super::arguments::{About, Formats, Global, Sources};
use super::error::Error;
use super::inputs;
use super::output::{self, Console};
use super::trusted::{By, Trusted};
use crate::judge::Inputs;
use crate::model::Context;
use crate::report::{Format, Look, json};
use serde::Serialize;
use std::path::PathBuf;

/// A question on the command line.
pub(super) struct Ask<'a> {
    pub(super) plans: &'a [PathBuf],
    pub(super) sources: &'a Sources,
    pub(super) formats: &'a Formats,
    pub(super) global: &'a Global,
    pub(super) context: &'a Context,
}

impl<'a> Ask<'a> {
    /// Of what is asked about.
    pub(super) fn about(about: &'a About, global: &'a Global, context: &'a Context) -> Ask<'a> {
        Ask { plans: &about.plans, sources: &about.sources, formats: &about.formats, global, context }
    }

    /// Reads what is given, once it is sure that the answer can be written. What is trusted has to last until that is
    /// judged: its files are read only then.
    pub(super) fn inputs(&self, console: &mut Console<'_>) -> Result<(Inputs, Option<Trusted>), Error> {
        output::distinct(&self.formats.formats)?;
        let digests = self.formats.formats.iter().any(|format| format.format != Format::Text);
        given(self.plans, self.sources, digests, self.context, console)
    }

    /// Writes the answer in every format asked for.
    pub(super) fn tell<A: Serialize>(
        &self,
        answer: &A,
        text: fn(&A, Look) -> String,
        console: &mut Console<'_>,
    ) -> Result<(), Error> {
        tell(answer, text, self.formats, self.global, self.context, console)
    }
}

/// Reads plans and sources for a question; `digests` says whether those of the plans are to be told.
pub(super) fn given(
    plans: &[PathBuf],
    sources: &Sources,
    digests: bool,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<(Inputs, Option<Trusted>), Error> {
    let trusted = Trusted::read(plans, sources, By::Name, context)?;
    let inputs = inputs::gather(plans, sources, digests, trusted.as_ref(), context, console)?;
    Ok((inputs, trusted))
}

/// Writes an answer in every format asked for.
pub(super) fn tell<A: Serialize>(
    answer: &A,
    text: fn(&A, Look) -> String,
    formats: &Formats,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<(), Error> {
    let look = output::look(context, global);
    output::answer(&formats.formats, look, context, console, |format, look| match format {
        Format::Text => Ok(text(answer, look)),
        Format::Json => Ok(json(answer)?),
    })
}
