//! What an approval is bound to, beyond what is judged: the plans' bytes, what they were made against, all they do.

use super::{Error, Inputs, PlanInput};
use crate::model::Digest;
use crate::plan::{self, Deed, Origin};

/// A plan, as far as an approval is bound to it.
#[derive(Debug, Clone)]
pub struct BoundPlan {
    /// As given.
    pub path: String,
    /// Of the plan file's bytes; of the JSON, where only that was given.
    pub sha256: Digest,
    /// What it was made against, if the plan file was given; the error is why that is not known, in words.
    pub origin: Option<Result<Origin, String>>,
    /// All that it does.
    pub deeds: Vec<Deed>,
}

/// Reads the plans once more, for what is signed. `key` goes into the digests of values; without one
/// they are left out.
///
/// # Errors
/// If a plan cannot be read.
pub fn bind(inputs: &Inputs, key: Option<&[u8]>) -> Result<Vec<BoundPlan>, Error> {
    inputs.plans.iter().map(|input| bound(input, key)).collect()
}

fn bound(input: &PlanInput, key: Option<&[u8]>) -> Result<BoundPlan, Error> {
    let path = input.path.clone();
    let deeds = plan::deeds(&|| input.content.open(), &path, key)?;
    let failed =
        |error: std::io::Error| plan::Error::Input { path: path.clone(), what: crate::model::told(&error) };
    let sha256 = match &input.file {
        Some(file) => file.sha256,
        None => Digest::read(input.content.open().map_err(failed)?).map_err(failed)?,
    };
    let origin = input.file.as_ref().map(|file| plan::origin(&file.bytes));
    Ok(BoundPlan { path, sha256, origin, deeds })
}
