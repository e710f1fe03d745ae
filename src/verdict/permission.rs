//! The answer of `can`: whether somebody may do something somewhere.

use super::{EvidenceText, Step};
use crate::model::{Horizon, Instant};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum May {
    /// A grant covers it.
    Yes,
    /// Nothing does, and all that would show one is there.
    No,
    /// It hangs on something that is not known.
    Unknown,
}

impl May {
    /// What a horizon says.
    pub fn of(until: Horizon) -> May {
        match (until.may_hold(), until.surely_holds()) {
            (false, _) => May::No,
            (true, true) => May::Yes,
            (true, false) => May::Unknown,
        }
    }

    /// The word used in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            May::Yes => "yes",
            May::No => "no",
            May::Unknown => "unknown",
        }
    }
}

/// A grant by which it may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ByGrant {
    /// The grant: node id.
    pub grant: String,
    /// How it covers: role, scope, group.
    pub why: String,
    /// Until when it holds.
    pub until: Horizon,
    /// Why it may not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// What shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceText>,
}

/// Whether it may, in one state of the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Allowed {
    /// Whether.
    pub may: May,
    /// Until when.
    pub until: Horizon,
    /// By which grants, surely or perhaps; all of them, in order.
    pub by: Vec<ByGrant>,
    /// The chain to what is missing, where it may not.
    pub why: Vec<Step>,
    /// What is not known, where that decides, and what would settle it.
    pub unknown_because: Vec<String>,
}

/// The answer of `can PRINCIPAL ACTION SCOPE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Permission {
    /// [`Permission::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Permission::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// Who: node id.
    pub principal: String,
    /// What, as given.
    pub action: String,
    /// Where, as given.
    pub scope: String,
    /// How it is.
    pub before: Allowed,
    /// How it is after the plan, if one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Allowed>,
    /// Grants of the principal and its groups that were looked at.
    pub grants: usize,
    /// Groups that it is in.
    pub groups: usize,
    /// 0: it may; 1: it may not; 4: not known. After the plan, if one is given.
    pub exit_code: u8,
}

impl Permission {
    /// Of its JSON.
    pub const FORMAT: &'static str = "mainstay.dev/can/v1";
}
