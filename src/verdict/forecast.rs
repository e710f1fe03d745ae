//! The answer of `forecast`: all that ends, by date, with what it takes along.

use super::{Affected, Certainty, Step};
use crate::model::{Class, Criticality, Horizon, Instant};
use schemars::JsonSchema;
use serde::Serialize;

/// Where something stands on its way to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EndState {
    /// It has ended, or may have.
    Ended,
    /// It is going to end, on a day that is known, or at the latest or earliest then.
    Ends,
    /// It ends on a day that is not known.
    Eventually,
    /// It ended within the horizon, and by the plan does no longer.
    Mended,
}

/// What the plan makes of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ByPlan {
    /// It holds less long by it.
    Sooner,
    /// It holds longer by it.
    Later,
    /// The plan makes the thing.
    New,
    /// The plan removes the thing.
    Removed,
}

/// Something that would renew what ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Renewal {
    /// What is needed for that.
    pub need: String,
    /// Who does it, as node ids.
    pub by: Vec<String>,
    /// When it is due, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// Until when the way to it holds.
    pub until: Horizon,
    /// It surely goes on for ever.
    pub holds: bool,
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ending {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// Terraform type, Kubernetes kind or listing it comes from.
    pub type_name: String,
    /// What people call it.
    pub name: String,
    /// Its Terraform address, if a plan or state tells of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Where it stands.
    pub state: EndState,
    /// Whether it surely ends then.
    pub certainty: Certainty,
    /// The day that it is listed by: the earliest on which it may end, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// When renewal is due and will not succeed, or may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failure_at: Option<Instant>,
    /// `until.possible`, where that is an instant; of what has ended, the instant at which it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks_at: Option<Instant>,
    /// Until when it is good by itself, as its source says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Instant>,
    /// Until when it holds; after the plan, if one is given.
    pub until: Horizon,
    /// Until when it holds before the plan, if one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<Horizon>,
    /// What the plan makes of it, if it makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_plan: Option<ByPlan>,
    /// What ends it: `apply`, `deadline`, `next-start`, `next-renewal`, `issue+768h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(apply|deadline|next-start|next-renewal|issue\+.+)$"))]
    pub trigger: Option<String>,
    /// What it ends with, where that is something else: node id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_with: Option<String>,
    /// The workloads that it takes along, those that matter most first.
    pub affects: Vec<Affected>,
    /// What would renew it.
    pub renewal: Vec<Renewal>,
    /// Why it ends: the chain down.
    pub path: Vec<Step>,
    /// Why it is not certain.
    pub unknown_because: Vec<String>,
}

impl Ending {
    /// How much the most critical workload matters that it takes along.
    pub fn worst(&self) -> Option<Criticality> {
        self.affects.iter().map(|affected| affected.criticality).max()
    }
}

/// Something that ends within the horizon and is renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Renewed {
    /// Node id.
    pub node: String,
    /// Its class.
    #[schemars(with = "Class")]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Until when it is good by itself.
    pub valid_until: Instant,
    /// When renewal is due, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Instant>,
    /// Who renews it, as node ids.
    pub by: Vec<String>,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Foreseen {
    /// Things that end by themselves or are renewed.
    pub things: usize,
    /// Workloads known.
    pub workloads: usize,
    /// Sources, plans included.
    pub sources: usize,
}

/// The answer of `forecast`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Forecast {
    /// [`Forecast::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Forecast::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// What ends after this is not told.
    pub until: Instant,
    /// Paths of the plans: all is as it will be after them.
    pub plans: Vec<String>,
    /// How much was looked at.
    pub examined: Foreseen,
    /// What has ended, then what ends, by date.
    pub ends: Vec<Ending>,
    /// What ends on a day that nobody knows.
    pub eventually: Vec<Ending>,
    /// What ends within the horizon and is renewed, by date.
    pub renewed: Vec<Renewed>,
    /// Sources that do not tell all, and why: more may end, and take more along, than is told here.
    pub unknown_because: Vec<String>,
}

impl Forecast {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/forecast/v1";
}
