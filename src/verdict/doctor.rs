//! The answer of `doctor`: whether those who must sign can.

use super::SourceLine;
use crate::model::{Instant, RuleId};
use schemars::JsonSchema;
use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something cannot be signed for, by whomever.
    Error,
    /// It works, and will not for long, or not without somebody.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word used in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and what to do.
    pub what: String,
    /// The file that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in that file, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// What somebody may do with a key that counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// Ask for signatures.
    Ask,
    /// Approve.
    Approve,
    /// Go ahead alone.
    BreakGlass,
    /// Review who went ahead alone.
    Review,
}

/// A person, and what they can do now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PersonLine {
    /// Their name.
    pub name: String,
    /// Groups they are in.
    pub groups: Vec<String>,
    /// What they can do.
    pub can: Vec<Ability>,
    /// Why keys of theirs cannot approve, one line each.
    pub why: Vec<String>,
}

/// People whom the policy asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Demand {
    /// For what: a level of findings, or `undetermined`.
    #[schemars(extend("enum" = ["warn", "approval", "deny", "undetermined"]))]
    pub level: &'static str,
    /// How many must sign, besides who asks.
    pub people: u32,
    /// Groups of which one member at least must be among them.
    pub groups: Vec<String>,
    /// Rules whose findings can have that level.
    pub rules: Vec<RuleId>,
    /// Whether that many can sign, whoever asks.
    pub possible: bool,
    /// Why not, one line each.
    pub why: Vec<String>,
    /// People without each of whom nothing could be approved.
    pub indispensable: Vec<String>,
}

/// What there is to judge by.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct Inventory {
    /// Snapshots, those that are missing among them.
    pub sources: Vec<SourceLine>,
    /// Workloads known.
    pub workloads: usize,
    /// Those among them that nobody rated, and that have the default criticality.
    pub unrated: usize,
}

/// The answer of `doctor`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Doctor {
    /// [`Doctor::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Doctor::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// The configuration in force, if one was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
    /// What people are asked for.
    pub demands: Vec<Demand>,
    /// The people.
    pub people: Vec<PersonLine>,
    /// What there is to judge by.
    pub inventory: Inventory,
    /// What is wrong, worst first.
    pub problems: Vec<Problem>,
    /// The exit code that follows.
    #[schemars(extend("enum" = [0, 1]))]
    pub exit_code: u8,
}

impl Doctor {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/doctor/v1";
}
