//! The answer of `rank`: what carries most.

use super::Affected;
use crate::model::{Class, Horizon, Instant};
use schemars::JsonSchema;
use serde::Serialize;

/// How many workloads, by how much they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Load {
    /// Critical ones.
    pub critical: usize,
    /// Important ones.
    pub important: usize,
    /// Normal ones.
    pub normal: usize,
}

/// Something that carries workloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mainstay {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// How many workloads fall without it, or may.
    pub carries: Load,
    /// The same after the plan, where one is given and it is not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carries_after: Option<Load>,
    /// Until when all of them hold, if it goes now.
    pub until: Horizon,
    /// The workloads, those that matter most first.
    pub workloads: Vec<Affected>,
}

/// The answer of `rank`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ranking {
    /// [`Ranking::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Ranking::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// Workloads known.
    pub workloads: usize,
    /// Those that carry most, the first first.
    pub mainstays: Vec<Mainstay>,
    /// There are others that carry workloads.
    pub more: bool,
    /// Sources that do not tell all, and why: more may rest on things, and more may carry them, than is told here.
    pub unknown_because: Vec<String>,
}

impl Ranking {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/rank/v1";
}
