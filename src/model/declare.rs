//! What people declare in `mainstay.toml`, after validation.

use super::{Digest, Glob, Instant, RuleId, Signing, Statements};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How much a workload matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Criticality {
    /// It may be down for a while.
    Normal,
    /// Its outage is an incident.
    Important,
    /// Its outage is the company's.
    Critical,
}

impl Criticality {
    /// The word used in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Criticality::Normal => "normal",
            Criticality::Important => "important",
            Criticality::Critical => "critical",
        }
    }
}

/// A level of a finding, from silence to refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not reported.
    Off,
    /// Reported.
    Note,
    /// Reported, loudly.
    Warn,
    /// Two people must sign.
    Approval,
    /// Refused.
    Deny,
}

impl Level {
    /// The word used in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Approval => "approval",
            Level::Deny => "deny",
        }
    }
}

/// A level, by the criticality of what is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels {
    /// For critical workloads.
    pub critical: Level,
    /// For important ones.
    pub important: Level,
    /// For normal ones.
    pub normal: Level,
}

impl Levels {
    /// The same level for all.
    pub const fn all(level: Level) -> Levels {
        Levels { critical: level, important: level, normal: level }
    }

    /// The level for this criticality.
    pub fn of(self, criticality: Criticality) -> Level {
        match criticality {
            Criticality::Critical => self.critical,
            Criticality::Important => self.important,
            Criticality::Normal => self.normal,
        }
    }
}

/// What `[rules.ID]` may set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleSettings {
    /// Level of certain findings.
    pub level: Option<Levels>,
    /// Level of possible findings; `None`: as certain ones.
    pub possible: Option<Levels>,
    /// Level of the milder case that some rules tell apart (the thing itself is removed, nobody uses it, the end is
    /// farther off); `None`: as `level`.
    pub lesser: Option<Levels>,
    /// `[rules.mass-destruction] more_than`.
    pub more_than: Option<u64>,
    /// `[rules.mass-destruction] share`: a share in 0..=1 and the least number it counts from.
    pub share: Option<(f64, u64)>,
    /// `[rules.single-mainstay] max_critical`.
    pub max_critical: Option<u64>,
    /// `[rules.expiring-in-use] approval_within`, seconds.
    pub approval_within: Option<i64>,
    /// `[rules.expiring-in-use] warn_within`, seconds.
    pub warn_within: Option<i64>,
}

/// A snapshot that the configuration lists.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotRef {
    /// Resolved against the configuration's directory.
    pub path: PathBuf,
    /// As written, for messages.
    pub written: String,
    /// When it was taken, if the configuration says so.
    pub taken_at: Option<Instant>,
}

/// A file or directory of own catalog entries and packs.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogRef {
    /// Resolved against the configuration's directory.
    pub path: PathBuf,
    /// As written, for messages and evidence: reports must not depend on where a checkout lies.
    pub written: String,
}

/// `[[workload.needs]]`: who must be allowed what, where.
#[derive(Debug, Clone, PartialEq)]
pub struct CapabilityNeed {
    /// Any alias of the identity.
    pub identity: String,
    /// As the cloud spells it.
    pub action: String,
    /// As the cloud spells it.
    pub scope: String,
    /// How many identities or grants are needed; nearly always one.
    pub at_least: u32,
}

/// `[[workload]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkloadDeclaration {
    /// The name people use.
    pub name: String,
    /// How much it matters.
    pub criticality: Criticality,
    /// Which nodes it is.
    pub matches: Vec<Glob>,
    /// What it rests on that no file shows, by alias.
    pub uses: Vec<String>,
    /// Who to ask.
    pub owner: Option<String>,
    /// What it needs, when no pack can know.
    pub needs: Vec<CapabilityNeed>,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// `[[environment]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// What belongs to it.
    pub matches: Vec<Glob>,
    /// How much its workloads matter.
    pub criticality: Option<Criticality>,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// `[[waiver]]`: a finding that somebody answers for, until a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    /// The rule.
    pub rule: RuleId,
    /// Glob over address or node id.
    pub subject: Glob,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// It counts before this instant.
    pub expires: Instant,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// All that is declared.
#[derive(Debug, Clone)]
pub struct Declarations {
    /// The configuration file, as given; `None`: there is none, and defaults hold.
    pub path: Option<String>,
    /// Snapshots it lists.
    pub snapshots: Vec<SnapshotRef>,
    /// Seconds after which a snapshot is too old.
    pub max_snapshot_age: i64,
    /// Directories or files of own catalog entries and packs.
    pub catalog: Vec<CatalogRef>,
    /// Everything is a warning at most, except what makes exit 2.
    pub advise: bool,
    /// For workloads that nobody rated.
    pub default_criticality: Criticality,
    /// Workloads.
    pub workloads: Vec<WorkloadDeclaration>,
    /// Environments.
    pub environments: Vec<Environment>,
    /// Distinct people needed for level `approval`.
    pub approvals_required: u32,
    /// Distinct people needed when undetermined.
    pub undetermined_required: u32,
    /// Settings of rules: the defaults, overlaid by `[rules.*]`.
    pub rules: BTreeMap<RuleId, RuleSettings>,
    /// Waivers.
    pub waivers: Vec<Waiver>,
    /// What else is stated about the estate.
    pub statements: Statements,
    /// Who may sign, and where that is recorded.
    pub signing: Signing,
    /// Files by which is judged, and which the change under review touches. They were read as they were before it.
    pub edited: Vec<String>,
    /// Digest of the policy: of the levels compiled in, and of the file's bytes.
    pub policy: Digest,
}
