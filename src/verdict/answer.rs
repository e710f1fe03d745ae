//! Answers to questions about the estate: `explain`, and the rule texts of `rules`.

use super::{Affected, Certainty, EvidenceText, Step};
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
    /// The chain of needs from it to the thing explained, as node ids: at most the first 32 of them.
    pub through: Vec<String>,
    /// How many needs the whole chain has.
    pub steps: usize,
}

/// A need directly above the thing explained, and what is left to meet it if the thing goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Instead {
    /// Whose need: node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// What is needed.
    pub need: String,
    /// `declared`, `inferred` or `assumed`.
    #[schemars(with = "Strength")]
    pub strength: String,
    /// `always`, `start`, `run` or `renew`.
    #[schemars(extend("enum" = ["always", "start", "run", "renew"]))]
    pub phase: String,
    /// Until when the need is met without the thing.
    pub until: Horizon,
    /// What else may carry it, and until when; none: nothing else.
    pub others: Vec<SupportLine>,
}

/// Whether it would come up, if nothing ran yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FromNothing {
    /// Until when it would hold.
    pub until: Horizon,
    /// Until when it would hold after the plan, if one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Horizon>,
    /// Why it would not come up, or might not: the chain down.
    pub why: Vec<Step>,
    /// Where the chain ends in a circle: node ids, each needing the next to be up already, and the last the first.
    pub circle: Vec<String>,
}

/// That it is down while the plan is applied, and up again after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Meanwhile {
    /// How sure.
    pub certainty: Certainty,
    /// The chain to what is not there meanwhile.
    pub path: Vec<Step>,
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
    /// What is supposed to be gone in all that follows, as node ids.
    pub without: Vec<String>,
    /// Until when it holds now.
    pub until: Horizon,
    /// Until when it holds after the plan, if one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Horizon>,
    /// If it is down while the plan is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meanwhile: Option<Meanwhile>,
    /// Whether it would come up from nothing, if that is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cold: Option<FromNothing>,
    /// What it rests on.
    pub rests_on: Vec<NeedLine>,
    /// What rests on it.
    pub carries: Vec<Dependent>,
    /// Workloads that fall if it goes.
    pub if_gone: Vec<Affected>,
    /// Workloads that fall if it goes after the plan, if one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_gone_after: Option<Vec<Affected>>,
    /// What else would carry, for each need directly above it.
    pub instead: Vec<Instead>,
    /// Why it does not hold, or ends, now: the chain down.
    pub why: Vec<Step>,
    /// Why it falls by the plan, or ends after it: the chain down.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why_after: Vec<Step>,
}

impl Explanation {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/explain/v1";
}
