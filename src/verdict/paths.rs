//! The answer of `explain WHAT --to OTHER`: how two things rest on each other.

use crate::model::{Class, Instant, Strength};
use schemars::JsonSchema;
use serde::Serialize;

/// A version of the world in which alone something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// Before the plan.
    Before,
    /// After it.
    After,
}

/// One of the two things asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathEnd {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// What people call it.
    pub name: String,
}

/// A need by which one step rests on the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathNeed {
    /// What is needed.
    pub label: String,
    /// `declared`, `inferred` or `assumed`.
    #[schemars(with = "Strength")]
    pub strength: String,
    /// `always`, `start`, `run` or `renew`.
    #[schemars(extend("enum" = ["always", "start", "run", "renew"]))]
    pub phase: String,
    /// How many other things can meet it.
    pub others: usize,
    /// Why the next step may not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// The next step meets it by not being there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_absence: bool,
    /// Where it is one on one side of the plan only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
}

/// A thing on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathStep {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// Terraform address, if a plan carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it needs of the next step; nothing at the last.
    pub needs: Vec<PathNeed>,
}

/// A chain of needs: each step rests on the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathChain {
    /// Where it stands on one side of the plan only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// The steps.
    pub steps: Vec<PathStep>,
}

/// The chains in one direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathChains {
    /// The shortest ones, those with the fewest steps first.
    pub chains: Vec<PathChain>,
    /// How many more were found.
    pub more: usize,
    /// All were found: else there may be further ones.
    pub all: bool,
}

/// The answer of `explain WHAT --to OTHER`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Paths {
    /// [`Paths::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Paths::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// WHAT.
    pub from: PathEnd,
    /// OTHER.
    pub to: PathEnd,
    /// How WHAT rests on OTHER.
    pub rests_on: PathChains,
    /// How OTHER rests on WHAT.
    pub carries: PathChains,
    /// Sources that do not tell all: there may be chains that nobody sees.
    pub unknown_because: Vec<String>,
}

impl Paths {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/paths/v1";
}
