//! The whole report.

use super::{Cover, Finding};
use crate::model::{Digest, Instant, RuleId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The verdict, by precedence of its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing above a note.
    Pass,
    /// Warnings.
    Warn,
    /// People must sign.
    Approval,
    /// Something that the answer hangs on is missing.
    Undetermined,
    /// Refused by policy.
    Deny,
}

impl Verdict {
    /// The exit code of `check`.
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Pass | Verdict::Warn => 0,
            Verdict::Deny => 1,
            Verdict::Approval => 3,
            Verdict::Undetermined => 4,
        }
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Approval => "approval",
            Verdict::Undetermined => "undetermined",
            Verdict::Deny => "deny",
        }
    }
}

/// Which program made the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tool {
    /// `mainstay`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A plan that was judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanLine {
    /// As given.
    pub path: String,
    /// Digest of its bytes. Left out where nobody sees it: of a plan of a gigabyte it takes longer than the judging.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The version that wrote it.
    pub terraform_version: Option<String>,
    /// Version of the JSON.
    pub format_version: String,
    /// Something in it could not be seen.
    pub partial: bool,
    /// How many changes of each sort: create, update, delete, replace, forget, read, no-op.
    pub changes: BTreeMap<&'static str, usize>,
}

/// A source that was used.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SourceLine {
    /// As given.
    pub path: String,
    /// What it is.
    pub kind: String,
    /// When the cloud was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Instant>,
    /// Whole days from then to now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
    /// Whether it tells all.
    pub complete: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why_incomplete: Option<String>,
    /// How many objects.
    pub objects: usize,
}

/// How much was looked at, so that silence is never mistaken for safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Examined {
    /// Changes of all plans, no-ops included.
    pub changes: usize,
    /// Of those, destructive.
    pub destructive: usize,
    /// Workloads known.
    pub workloads: usize,
    /// Nodes of the estate.
    pub nodes: usize,
    /// Needs of the estate.
    pub needs: usize,
}

/// A removed or shrunk grant that something else still covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Covered {
    /// Address of the change.
    pub address: String,
    /// The grant in words.
    pub grant: String,
    /// What covers it.
    pub by: Vec<Cover>,
}

/// A change to leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LeaveOut {
    /// Its address.
    pub address: String,
    /// Path of its plan.
    pub plan: String,
    /// What the plan does there: `delete`, `replace`, `update`, ….
    pub action: String,
}

/// A finding that is left whatever is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remaining {
    /// Its rule.
    pub rule: RuleId,
    /// One sentence.
    pub title: String,
    /// As of the finding.
    pub fingerprint: String,
}

/// What to leave out of the plans so that nothing needs an approval: the answer of `check --unblock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unblock {
    /// The changes, by address: without any one of these being left out, something more is in the way.
    pub changes: Vec<LeaveOut>,
    /// The rest of the changes was judged, and nothing in it needs an approval.
    pub verified: bool,
    /// What is in the way all the same.
    pub remaining: Vec<Remaining>,
}

/// The report of `check`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// [`Report::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Report::FORMAT))]
    pub format: &'static str,
    /// Which program.
    pub tool: Tool,
    /// The one now of the run.
    pub now: Instant,
    /// Plans judged.
    pub plans: Vec<PlanLine>,
    /// Sources used.
    pub sources: Vec<SourceLine>,
    /// How much was looked at.
    pub examined: Examined,
    /// The verdict.
    pub verdict: Verdict,
    /// How many people must sign.
    pub approvals_required: u32,
    /// The exit code that follows.
    #[schemars(extend("enum" = [0, 1, 3, 4]))]
    pub exit_code: u8,
    /// Digest of the losses: what an approval is bound to.
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub loss_digest: String,
    /// What is still covered.
    pub covered: Vec<Covered>,
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// What to leave out, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unblock: Option<Unblock>,
    /// Remarks on the input (an unrecognised file in a directory, a time in the future).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The configuration in force, if one was found.
    #[serde(skip)]
    pub configuration: Option<String>,
    /// `[mode] advise`: what would stop the plan only warns.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub advise: bool,
    /// Digest of the catalog by which it was judged.
    #[serde(skip)]
    pub catalog: Option<Digest>,
}

impl Report {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/report/v1";
}
