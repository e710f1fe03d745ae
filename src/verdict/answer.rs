//! Answers to questions about the estate: `explain`, and the rule texts of `rules`.

use super::{Affected, EvidenceText, Step};
use crate::model::{Class, Horizon, Instant, Strength};
use schemars::JsonSchema;
use serde::Serialize;

/// What a rule is, for `mainstay rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleText {
    /// Its id.
    pub id: &'static str,
    /// In one line.
    pub what: &'static str,
    /// Which outage or issue it comes from.
    pub why: &'static str,
    /// An example.
    pub example: &'static str,
    /// How to resolve a finding.
    pub resolve: &'static str,
}

/// One support of a need, as `explain` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SupportLine {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Until when it holds.
    pub until: Horizon,
    /// Why it may not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// What shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceText>,
}

/// One need, as `explain` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NeedLine {
    /// What is needed.
    pub label: String,
    /// `declared`, `inferred` or `assumed`.
    #[schemars(with = "Strength")]
    pub strength: String,
    /// `always`, `start`, `run` or `renew`.
    #[schemars(extend("enum" = ["always", "start", "run", "renew"]))]
    pub phase: String,
    /// Until when it is met.
    pub until: Horizon,
    /// When a renewal is due and when what is renewed ends, for renewals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_at: Option<Instant>,
    /// When what is renewed ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// What can meet it.
    pub supports: Vec<SupportLine>,
}

/// Something that rests on the thing explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Dependent {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// The chain of needs from it to the thing explained, as node ids.
    pub through: Vec<String>,
}

/// The answer of `explain WHAT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// [`Explanation::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Explanation::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// Terraform type, Kubernetes kind or listing it comes from.
    pub type_name: String,
    /// What people call it.
    pub name: String,
    /// All its aliases.
    pub aliases: Vec<String>,
    /// Where it is told of.
    pub evidence: Vec<EvidenceText>,
    /// Until when it holds now.
    pub until: Horizon,
    /// Until when it holds after the plan, if one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Horizon>,
    /// What it rests on.
    pub rests_on: Vec<NeedLine>,
    /// What rests on it.
    pub carries: Vec<Dependent>,
    /// Workloads that fall if it goes.
    pub if_gone: Vec<Affected>,
    /// Why it does not hold, or ends, now: the chain down.
    pub why: Vec<Step>,
}

impl Explanation {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/explain/v1";
}
