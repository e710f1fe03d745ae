//! Rules: small readers of the evaluated estate. One file each, one line each in [`ALL`]; none walks the graph itself.

mod bounded_credential;
mod breaks_workload;
mod covered;
mod destroys_data;
mod destroys_identity;
mod doubts;
mod drifted;
mod edits_policy;
mod evicts_access;
mod expiring_in_use;
mod identity_mismatch;
mod interrupts_workload;
mod limits;
mod mass_destruction;
mod members;
mod mixed_deletion;
mod partial_plan;
mod people;
mod place;
mod removes_access;
mod rests_on_itself;
mod single_mainstay;
mod standing_doubt;
mod thin_route;
mod unclear;
mod unexpected_state;
mod unfinished_migration;
mod unknown_users;
mod unmatched_name;
mod view;
mod weakens_workload;

pub use covered::covered;
pub use doubts::in_words;
pub use place::locate;
pub use view::{affected_by, steps_of};

use crate::estate::{CauseOf, Estate, Evaluation, Falls, Outcome};
use crate::model::{Change, ChangeIx, Declarations, Instant, Inventory, PlanSummary, Source};
use crate::verdict::{Finding, RuleText};

/// Everything that a rule may look at.
pub struct Judged<'a> {
    /// The graph.
    pub estate: &'a Estate,
    /// As it is.
    pub before: &'a Evaluation<'a>,
    /// As it will be, and what falls: by the whole plan, or by what of it the scenario makes.
    pub outcome: &'a Outcome<'a>,
    /// Which changes bring it about that workloads fall.
    pub causes: &'a [CauseOf],
    /// All changes of all plans; [`Judged::makes`] says which of them are made.
    pub changes: &'a [Change],
    /// The plans.
    pub plans: &'a [PlanSummary],
    /// The sources, plans first.
    pub sources: &'a [Source],
    /// What lists the populations, in the order of the configuration.
    pub inventories: &'a [Inventory],
    /// What people declare.
    pub declarations: &'a Declarations,
    /// The one now of the run.
    pub now: Instant,
}

/// A finding before the policy gives it a level.
pub struct Draft {
    /// The finding, with a level that does not count yet.
    pub finding: Finding,
    /// It is the milder case of its rule.
    pub lesser: bool,
}

/// One rule.
pub struct Rule {
    /// What it is, for people.
    pub text: RuleText,
    /// Reads the estate.
    pub read: fn(&Judged<'_>) -> Vec<Draft>,
}

impl<'a> Judged<'a> {
    /// As it will be.
    pub fn after(&self) -> &'a Evaluation<'a> {
        &self.outcome.held
    }

    /// What falls.
    pub fn falls(&self) -> &'a Falls {
        &self.outcome.falls
    }

    /// Whether a change is made in the scenario that is judged: rules speak of no other.
    pub fn makes(&self, change: ChangeIx) -> bool {
        self.outcome.held.scenario.makes(change)
    }
}

/// All rules, by id.
pub const ALL: &[Rule] = &[
    bounded_credential::RULE,
    breaks_workload::RULE,
    destroys_data::RULE,
    destroys_identity::RULE,
    drifted::RULE,
    edits_policy::RULE,
    evicts_access::RULE,
    expiring_in_use::RULE,
    identity_mismatch::RULE,
    interrupts_workload::RULE,
    mass_destruction::RULE,
    mixed_deletion::RULE,
    partial_plan::RULE,
    removes_access::RULE,
    rests_on_itself::RULE,
    single_mainstay::RULE,
    thin_route::RULE,
    unexpected_state::RULE,
    unfinished_migration::RULE,
    unknown_users::RULE,
    unmatched_name::RULE,
    weakens_workload::RULE,
];

/// The texts of all rules, for `mainstay rules`.
pub fn texts() -> Vec<RuleText> {
    ALL.iter().map(|rule| rule.text).collect()
}
