//! Which version of the world is asked about: an overlay on the leaves, nothing else.

use super::part::{Part, in_force};
use crate::model::{ChangeIx, Claim, Need, Node, NodeIx, Presence, Side, Support};
use std::collections::{BTreeMap, BTreeSet};

/// Which version of one change is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It is not made.
    Before,
    /// It is being made.
    During,
    /// It is made.
    After,
}

impl Stage {
    /// The side of needs and supports that is seen: while a plan is applied, those of after.
    pub fn side(self) -> Side {
        if self == Stage::Before { Side::Before } else { Side::After }
    }
}

/// Which changes are made.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Made {
    None,
    All,
    Only(BTreeSet<ChangeIx>),
    Less(BTreeSet<ChangeIx>),
}

/// A scenario: which changes are made, whether they are still being made, what is gone besides, and whether everything
/// has to come up from nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    made: Made,
    stage: Stage,
    cold: bool,
    gone: BTreeSet<NodeIx>,
}

impl Scenario {
    const fn of(made: Made, stage: Stage) -> Scenario {
        Scenario { made, stage, cold: false, gone: BTreeSet::new() }
    }

    /// As it is.
    pub const fn before() -> Scenario {
        Scenario::of(Made::None, Stage::After)
    }

    /// As it will be.
    pub const fn after() -> Scenario {
        Scenario::of(Made::All, Stage::After)
    }

    /// As it is, with only these changes made.
    pub const fn only(changes: BTreeSet<ChangeIx>) -> Scenario {
        Scenario::of(Made::Only(changes), Stage::After)
    }

    /// As it will be, with these changes left out.
    pub const fn less(changes: BTreeSet<ChangeIx>) -> Scenario {
        Scenario::of(Made::Less(changes), Stage::After)
    }

    /// The same with this change left out too.
    #[must_use]
    pub fn leaving_out(mut self, change: ChangeIx) -> Scenario {
        match &mut self.made {
            Made::None => {}
            Made::All => self.made = Made::Less(BTreeSet::from([change])),
            Made::Only(changes) => drop(changes.remove(&change)),
            Made::Less(changes) => drop(changes.insert(change)),
        }
        self
    }

    /// Whether this change is made, or just being made.
    pub fn makes(&self, change: ChangeIx) -> bool {
        self.stage(Some(change)) != Stage::Before
    }

    /// The same while its changes are being made: what is replaced delete-first is absent, what comes or goes unknown.
    #[must_use]
    pub fn during(self) -> Scenario {
        Scenario { stage: Stage::During, ..self }
    }

    /// The same, where nothing runs yet: what can come up from nothing.
    #[must_use]
    pub fn cold(self) -> Scenario {
        Scenario { cold: true, ..self }
    }

    /// The same without these nodes.
    #[must_use]
    pub fn without(mut self, nodes: impl IntoIterator<Item = NodeIx>) -> Scenario {
        self.gone.extend(nodes);
        self
    }

    /// Whether everything has to come up from nothing.
    pub fn is_cold(&self) -> bool {
        self.cold
    }

    /// Nodes that are supposed gone.
    pub fn gone(&self) -> &BTreeSet<NodeIx> {
        &self.gone
    }

    /// Whether changes are made and have been made: then there was a time when they were being made.
    pub(super) fn has_between(&self) -> bool {
        self.stage == Stage::After && self.made != Made::None && in_force(Part::Between)
    }

    /// Whether this is nothing but how it is.
    pub(super) fn is_before(&self) -> bool {
        self.made == Made::None && !self.cold && self.gone.is_empty()
    }

    /// The changes that are made, where they can be listed; `None`: all but a few.
    pub(super) fn listed(&self) -> Option<&BTreeSet<ChangeIx>> {
        static NONE: BTreeSet<ChangeIx> = BTreeSet::new();
        match &self.made {
            Made::None => Some(&NONE),
            Made::Only(changes) => Some(changes),
            Made::All | Made::Less(_) => None,
        }
    }

    /// Which version of something that this change makes or unmakes is seen. What no change brings about comes with the
    /// plan as a whole.
    pub fn stage(&self, change: Option<ChangeIx>) -> Stage {
        let made = match &self.made {
            Made::None => false,
            Made::All => true,
            Made::Only(changes) => change.is_some_and(|change| changes.contains(&change)),
            Made::Less(changes) => !change.is_some_and(|change| changes.contains(&change)),
        };
        if made { self.stage } else { Stage::Before }
    }

    /// Whether this change is just being made.
    pub(super) fn is_being_made(&self, change: Option<ChangeIx>) -> bool {
        self.stage(change) == Stage::During
    }

    /// Whether something on this side is there in the version that is seen.
    pub(super) fn sees(&self, side: Side, change: Option<ChangeIx>) -> bool {
        side == Side::Both || side == self.stage(change).side() || !in_force(Part::Versions)
    }

    /// Whether a need is one in this scenario.
    pub fn has_need(&self, need: &Need) -> bool {
        self.sees(need.side, need.change)
    }

    /// Whether a support is one in this scenario.
    pub fn has_support(&self, need: &Need, support: &Support) -> bool {
        self.sees(support.side, support.change.or(need.change))
    }

    /// Whether the node exists.
    pub fn presence(&self, index: NodeIx, node: &Node) -> Presence {
        if self.gone.contains(&index) {
            return Presence::Absent;
        }
        presence(node, |change| self.stage(change))
    }

    /// Whether a change that is made starts the node anew, or makes it.
    pub(super) fn restarts(&self, node: &Node) -> bool {
        node.restarted_by.iter().any(|change| self.stage(Some(*change)) != Stage::Before)
    }
}

/// Whether a node exists, where `seen` says which version of each change is seen.
///
/// Each carrier is judged by itself: a plan or state that knows it before knows what becomes of it, and a listing adds
/// nothing; what only listings know is as they say. The node exists if any carrier does.
pub fn presence(node: &Node, seen: impl Fn(Option<ChangeIx>) -> Stage) -> Presence {
    let Some(first) = node.claims.first() else { return Presence::Present };
    let told = |claim: &Claim| match seen(claim.change) {
        Stage::Before => claim.before,
        Stage::During => claim.during,
        Stage::After => claim.after,
    };
    if node.claims.len() == 1 {
        return told(first);
    }
    // Of a carrier: whether a plan knew it before, and what plans say of it, and what anybody does.
    let add = |so_far: &mut (bool, Presence, Presence), claim: &Claim| {
        so_far.2 = so_far.2.max(told(claim));
        if claim.managed {
            so_far.0 |= claim.before != Presence::Absent;
            so_far.1 = so_far.1.max(told(claim));
        }
    };
    let nothing = (false, Presence::Absent, Presence::Absent);
    let says = |(managed_before, by_plan, by_any)| if managed_before { by_plan } else { by_any };
    if node.claims.len() > MANY {
        let mut carriers = BTreeMap::new();
        for claim in &node.claims {
            add(carriers.entry(claim.carrier.as_str()).or_insert(nothing), claim);
        }
        return carriers.into_values().map(says).max().unwrap_or(Presence::Absent);
    }
    let of_carrier = |carrier: &str| {
        let mut all = nothing;
        node.claims.iter().filter(|claim| claim.carrier == carrier).for_each(|claim| add(&mut all, claim));
        says(all)
    };
    // A carrier with several claims is asked several times, which is cheaper than to remember who was.
    node.claims.iter().map(|claim| of_carrier(&claim.carrier)).max().unwrap_or(Presence::Absent)
}

/// Claims of one thing, beyond which it is no longer cheaper.
const MANY: usize = 16;
