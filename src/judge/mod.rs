//! The whole line as one function: inputs and a value of now in, a report out.

use crate::model::{Declarations, Instant};
use crate::verdict::{Explanation, Report, RuleText};
use std::path::PathBuf;

/// A plan to judge.
#[derive(Debug, Clone)]
pub struct PlanInput {
    /// As given.
    pub path: String,
    /// `terraform show -json` output.
    pub bytes: Vec<u8>,
    /// Of the plan file, when the JSON came from `terraform show`; lower-case hex.
    pub file_sha256: Option<String>,
}

/// A snapshot to judge by.
#[derive(Debug, Clone)]
pub struct SnapshotInput {
    /// Where it is.
    pub path: PathBuf,
    /// As given, for messages.
    pub shown: String,
    /// When it was taken, if the configuration says so.
    pub taken_at: Option<Instant>,
    /// The configuration names it: missing is absent, not an error.
    pub listed: bool,
}

/// What is judged, and by what.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Plans; none: what stands is judged.
    pub plans: Vec<PlanInput>,
    /// Snapshots.
    pub snapshots: Vec<SnapshotInput>,
    /// What people declare.
    pub declarations: Declarations,
}

/// Why nothing could be judged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The judge is not built yet.
    #[error("this build cannot judge yet: the {0} is missing")]
    Missing(&'static str),
}

/// Judges.
///
/// # Errors
/// If an input cannot be read or parsed.
pub fn check(_inputs: &Inputs, _now: Instant) -> Result<Report, Error> {
    Err(Error::Missing("estate"))
}

/// Says what a thing is, what it rests on and what rests on it.
///
/// # Errors
/// If an input cannot be read or parsed, or the name stands for nothing or for several things.
pub fn explain(
    _inputs: &Inputs,
    _what: &str,
    _without: &[String],
    _now: Instant,
) -> Result<Explanation, Error> {
    Err(Error::Missing("estate"))
}

/// The texts of all rules, in the order of their ids.
pub fn rule_texts() -> Vec<RuleText> {
    Vec::new()
}
