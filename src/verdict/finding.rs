//! One finding: what, about which object, caused by which changes, hitting whom, with the proof.

use crate::model::{Class, Criticality, Horizon, Instant, Level, Moment, RuleId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the plan brings it about or it was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// The plan.
    Plan,
    /// It stands, plan or no plan.
    Standing,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Something that is not known may prevent it.
    Possible,
    /// Whatever the unknowns turn out to be.
    Certain,
}

impl Certainty {
    /// Certain, or else possible.
    pub fn of(certain: bool) -> Certainty {
        if certain { Certainty::Certain } else { Certainty::Possible }
    }
}

/// Why a workload falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fall {
    /// The plan removes the thing itself.
    Removed,
    /// Something it needs goes.
    Starved,
    /// It holds again after, but not in between.
    Interrupted,
}

/// What it costs to undo a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// The same can be made again.
    Restorable,
    /// It can be brought back for some days.
    Window,
    /// Made anew, it is somebody else.
    NewIdentity,
    /// Gone.
    Lost,
}

/// What a finding is about: the changed object, or the thing that ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Subject {
    /// Node id.
    pub id: String,
    /// Class of the node, `grant`.
    pub kind: String,
    /// Terraform address, if a plan carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the plan does to it: `delete`, `replace`, `update`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Why, as far as Terraform says so: `no longer in configuration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A change that brings a loss about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct CauseChange {
    /// Address of the change.
    pub address: String,
    /// Path of its plan.
    pub plan: String,
    /// It alone suffices.
    pub sufficient: bool,
    /// Without it there is no loss.
    pub necessary: bool,
}

/// A workload that falls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Affected {
    /// Its name in `mainstay.toml`, else the node's.
    pub workload: String,
    /// Node id.
    pub node: String,
    /// Kind, `kubernetes:Ingress`.
    pub kind: String,
    /// How much it matters.
    pub criticality: Criticality,
    /// Why it falls.
    pub fall: Fall,
    /// Until when it holds after the plan.
    pub until: Horizon,
    /// Until when it held before.
    pub was: Horizon,
    /// What ends it: `apply`, `deadline`, `next-start`, `next-renewal`, `issue+768h`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(apply|deadline|next-start|next-renewal|issue\+.+)$"))]
    pub trigger: Option<String>,
    /// When the loss is first exercised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failure_at: Option<Instant>,
    /// `until.possible`, where that is an instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks_at: Option<Instant>,
    /// How sure.
    pub certainty: Certainty,
}

impl Affected {
    /// Whether it is named only because it would be hit: nothing ends it.
    pub fn is_unharmed(&self) -> bool {
        let holds = self.until.possible != Moment::Never && self.until == self.was;
        let known = self.certainty == Certainty::Certain || self.until.sure == self.until.possible;
        holds && known && self.fall == Fall::Starved && self.trigger.is_none()
    }
}

/// One step of a proof, from the workload down to the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// Node id.
    pub node: String,
    /// Class of the node.
    #[schemars(with = "Class")]
    pub kind: String,
    /// Terraform address of the node, if a plan carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The need that is lost on the way to the next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// What is to be known at this step: dates, and why no other support carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What shows it.
    pub evidence: EvidenceText,
}

/// Evidence as printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct EvidenceText {
    /// Path of the source, or the catalog or pack entry.
    pub source: String,
    /// JSON pointer in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

/// One limit on how long a credential lasts, and why it counts or does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct LimitLine {
    /// Whose: the name of a role or mount, or `server`.
    pub level: String,
    /// The attribute.
    pub setting: String,
    /// What it is set to, as `768h`; nothing: it is not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// It is what ends the credential.
    pub wins: bool,
    /// Why it does not help, or what is to be known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// One of the many things that a finding is about together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct MemberLine {
    /// Node id.
    pub node: String,
    /// Terraform address, if a plan or state carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the plan does to it: `replace`, `update`, `create`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// What is wrong with it.
    pub why: String,
    /// What shows by which key it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceText>,
}

/// A grant or capability that is lost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Lost {
    /// `PRINCIPAL can ACTION on SCOPE`, for capabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capability: Option<String>,
    /// The grant in words, for grants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// Who loses it.
    pub principal: String,
    /// The action, of a capability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The role, of a grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// On what.
    pub scope: String,
}

/// Something that still covers, or was looked at and does not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Cover {
    /// The grant in words (with its address, if a plan carries it).
    pub grant: String,
    /// Why it covers, or why it may not.
    pub why: String,
}

/// Where a finding stands in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Location {
    /// Path.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// Which rule says so.
    pub rule: RuleId,
    /// Its level under the policy in force.
    pub level: Level,
    /// Plan-caused or standing.
    pub cause: Cause,
    /// The strongest of `affects`.
    pub certainty: Certainty,
    /// One sentence.
    pub title: String,
    /// What it is about.
    pub subject: Subject,
    /// Which changes bring it about.
    pub causes: Vec<CauseChange>,
    /// Whom it hits.
    pub affects: Vec<Affected>,
    /// The proof, workload first.
    pub path: Vec<Step>,
    /// What is lost.
    pub lost: Vec<Lost>,
    /// What still carries (in part).
    pub covered_by: Vec<Cover>,
    /// Why it is not certain, and what would settle it.
    pub unknown_because: Vec<String>,
    /// What undoing costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_note: Option<String>,
    /// What to do.
    pub help: String,
    /// Where in the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Equal for the same finding in later runs.
    pub fingerprint: String,
    /// By which limits what it is about ends, the nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LimitLine>,
    /// The members of a population that it is about, each of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberLine>,
    /// Something it hangs on is input that is missing; once concluded from: and that leaves the verdict undetermined.
    #[serde(skip)]
    pub missing_input: bool,
    /// How many grants were looked at for cover (for the text report).
    #[serde(skip)]
    pub looked_at: Option<Looked>,
}

/// What was looked at before saying that nothing covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// All grants of the principal, its groups included.
    pub grants: usize,
    /// Of those, on an enclosing scope.
    pub inherited: usize,
    /// Groups that the principal is in.
    pub groups: usize,
}
