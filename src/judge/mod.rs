//! The whole line as one function: inputs and a value of now in, a report out.
//!
//! `check`, `explain` and later `apply` call it, so that what is asked, signed and applied is judged by the same code.

mod above;
mod answer;
mod beyond;
mod bound;
mod can;
mod cold;
mod collect;
mod forecast;
mod inventories;
mod paths;
mod rank;
mod reading;
mod remote;
mod report;
mod several;
mod unblock;

pub use bound::{BoundPlan, bind};
pub use can::Question;

use crate::estate::LookupError;
use crate::model::{Declarations, Digest, Instant, let_go, told};
use crate::verdict::{
    Explanation, Forecast, Inventory, Paths, Permission, Ranking, Report, RuleText, SourceLine,
};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A plan to judge.
#[derive(Clone)]
pub struct PlanInput {
    /// As given.
    pub path: String,
    /// `terraform show -json` output.
    pub content: Content,
    /// The files of its configuration, if they are there.
    pub sources: Option<crate::plan::Sources>,
    /// The plan file, when the JSON came from one.
    pub file: Option<PlanFile>,
}

/// A plan file as it was given. Its bytes hold secrets in the clear.
#[derive(Clone)]
pub struct PlanFile {
    /// All of it.
    pub bytes: Arc<[u8]>,
    /// Their digest.
    pub sha256: Digest,
}

impl PlanFile {
    /// Of these bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> PlanFile {
        let bytes = bytes.into();
        PlanFile { sha256: Digest::of(&bytes), bytes }
    }
}

impl fmt::Debug for PlanInput {
    // The bytes hold secrets in the clear.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanInput").field("path", &self.path).finish_non_exhaustive()
    }
}

impl PlanInput {
    /// A plan whose JSON is here, and nothing else of it.
    pub fn json(path: impl Into<String>, bytes: Vec<u8>) -> PlanInput {
        PlanInput { path: path.into(), content: Content::Bytes(bytes), sources: None, file: None }
    }
}

/// Where the bytes of a plan are.
#[derive(Debug, Clone)]
pub enum Content {
    /// Here.
    Bytes(Vec<u8>),
    /// In a file, which may be larger than memory.
    File(PathBuf),
}

impl Content {
    /// Opens them from the beginning.
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + Send + '_>> {
        Ok(match self {
            Content::Bytes(bytes) => Box::new(bytes.as_slice()),
            Content::File(path) => Box::new(std::fs::File::open(path)?),
        })
    }
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
    /// Whether the answer is to tell the digests of the plans.
    pub digests: bool,
    /// Remarks on how the inputs were found.
    pub notes: Vec<String>,
}

/// Why nothing could be judged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A plan cannot be used.
    #[error(transparent)]
    Plan(#[from] crate::plan::Error),
    /// A snapshot cannot be used.
    #[error(transparent)]
    Snapshot(#[from] crate::snapshot::Error),
    /// A file of the catalog cannot be used.
    #[error(transparent)]
    Catalog(#[from] crate::catalog::Error),
    /// There is nothing to judge.
    #[error("there is nothing to judge: give a plan, or snapshots, or a mainstay.toml that lists some")]
    Nothing,
    /// Snapshots are named, and none is there.
    #[error("there is nothing to judge: no plan is given, and no snapshot is found in {}", .0.join(", "))]
    NoSnapshot(Vec<String>),
    /// One plan would count twice.
    #[error("{second}: the same plan as {first}; give each plan once")]
    Twice {
        /// The one.
        first: String,
        /// The same again.
        second: String,
    },
    /// A catalog file or directory that the configuration names cannot be read.
    #[error("catalog `{path}` cannot be read: {}", told(.error))]
    CatalogFile {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// A name that was asked for leads to no single thing.
    #[error(transparent)]
    Name(#[from] LookupError),
    /// Two names stand for one thing, where two are meant.
    #[error("`{one}` and `{other}` are the same thing")]
    Same {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A name in the configuration leads to several things.
    #[error("{file}:{line}: {place}: `{written}` could be {}", .candidates.join(", "))]
    Ambiguous {
        /// The configuration.
        file: String,
        /// Line in it.
        line: usize,
        /// Which entry.
        place: String,
        /// The name.
        written: String,
        /// What it could be.
        candidates: Vec<String>,
    },
}

/// Says what there is to judge by. That none of the listed snapshots is there is no error here.
///
/// # Errors
/// If an input cannot be read or parsed, or a name in the configuration could be several things.
pub fn inventory(inputs: &Inputs, now: Instant) -> Result<Inventory, Error> {
    match collect::collect(inputs, now) {
        Ok(collected) => Ok(report::inventory(&collected, now)),
        Err(Error::NoSnapshot(_)) => {
            let absent = inputs.snapshots.iter().map(|input| SourceLine {
                path: input.shown.clone(),
                kind: "absent".to_owned(),
                taken_at: None,
                age_days: None,
                complete: false,
                why_incomplete: Some(match input.path.exists() {
                    true => "there is no snapshot in it".to_owned(),
                    false => "the configuration lists it and it is not there".to_owned(),
                }),
                objects: 0,
            });
            Ok(Inventory { sources: absent.collect(), ..Inventory::default() })
        }
        Err(other) => Err(other),
    }
}

/// Judges.
///
/// # Errors
/// If an input cannot be read or parsed, or a name in the configuration could be several things.
pub fn check(inputs: &Inputs, now: Instant) -> Result<Report, Error> {
    let collected = collect::collect(inputs, now)?;
    let report = report::report(&collected, &inputs.declarations, now, false);
    let_go(collected.estate.nodes.len(), collected);
    Ok(report)
}

/// Judges, and says which changes to leave out so that nothing needs an approval.
///
/// # Errors
/// As [`check`].
pub fn check_and_unblock(inputs: &Inputs, now: Instant) -> Result<Report, Error> {
    let collected = collect::collect(inputs, now)?;
    Ok(report::report(&collected, &inputs.declarations, now, true))
}

/// What is supposed when a thing is explained.
#[derive(Debug, Clone, Copy, Default)]
pub struct Suppose<'a> {
    /// These are gone.
    pub without: &'a [String],
    /// Nothing runs yet: say whether it would come up.
    pub cold: bool,
}

/// Says what a thing is, what it rests on and what rests on it.
///
/// # Errors
/// If an input cannot be read or parsed, or the name stands for nothing or for several things.
pub fn explain(
    inputs: &Inputs,
    what: &str,
    suppose: Suppose<'_>,
    now: Instant,
) -> Result<Explanation, Error> {
    let collected = collect::collect(inputs, now)?;
    answer::explain(&collected, what, suppose, now)
}

/// Says whether somebody may do something somewhere, by which grants, and after the plan.
///
/// # Errors
/// If an input cannot be read or parsed, or the name of who stands for nothing or for several things.
pub fn can(inputs: Inputs, asked: Question<'_>, now: Instant) -> Result<Permission, Error> {
    can::can(inputs, asked, now)
}

/// Says how two things rest on each other.
///
/// # Errors
/// If an input cannot be read or parsed, a name stands for nothing or for several things, or both stand for the same.
pub fn paths(inputs: &Inputs, what: &str, other: &str, now: Instant) -> Result<Paths, Error> {
    let collected = collect::collect(inputs, now)?;
    paths::between(&collected, what, other, now)
}

/// Says what carries most.
///
/// # Errors
/// If an input cannot be read or parsed.
pub fn rank(inputs: &Inputs, top: usize, now: Instant) -> Result<Ranking, Error> {
    let collected = collect::collect(inputs, now)?;
    Ok(rank::rank(&collected, top, now))
}

/// Says what ends until then, and what it takes along.
///
/// # Errors
/// If an input cannot be read or parsed.
pub fn forecast(inputs: &Inputs, until: Instant, now: Instant) -> Result<Forecast, Error> {
    let collected = collect::collect(inputs, now)?;
    let forecast = forecast::forecast(&collected, until, now);
    let_go(collected.estate.nodes.len(), collected);
    Ok(forecast)
}

/// The texts of all rules, in the order of their ids.
pub fn rule_texts() -> Vec<RuleText> {
    crate::rules::texts()
}

#[cfg(test)]
mod tests;
