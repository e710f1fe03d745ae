//! What is left of facts with a natural key when one object is deleted and another says the same.
//!
//! The cloud has one attachment, however many objects say that it is there: making it again is a silent success, and
//! each deletion takes it away for all. So what stands after depends on what comes last.

use super::build::Builder;
use super::order::{Deed, Order};
use crate::model::{Action, Change, ChangeIx, Content, Fact, NodeIx, Object, Presence, Side};
use std::collections::{BTreeMap, BTreeSet};

/// What the changes of a plan do to one such fact.
#[derive(Debug, Default)]
pub(super) struct Doings {
    /// Changes after which the object says so no longer, or that make it anew.
    pub ending: BTreeSet<ChangeIx>,
    /// Changes by which an object comes to say so, or comes to say so again.
    pub making: BTreeSet<ChangeIx>,
}

impl Doings {
    /// Adds what a change does, by the sides on which its object says so. `key`: it has it for a key.
    pub fn add(&mut self, change: ChangeIx, side: Side, key: bool, changes: &[Change]) {
        let action = changes.get(change.0 as usize).map(|change| &change.action);
        let anew = matches!(action, Some(Action::DeleteCreate | Action::CreateDelete | Action::Other(_)));
        // Whoever says so besides: what takes it away is the deletion of one that has it for a key.
        if key && side.before() && (anew || !side.after()) {
            self.ending.insert(change);
        }
        if side.after() && (anew || !side.before()) {
            self.making.insert(change);
        }
    }
}

impl Builder<'_> {
    /// Lowers what plans claim to be there after, where a deletion takes it away.
    pub fn settle_natural_keys(&mut self, facts: &[Fact], objects: &[Object]) {
        let doings = self.doings(facts);
        if doings.is_empty() {
            return;
        }
        let order = Order::new(objects, self.changes);
        for (index, doings) in doings {
            let left = left_over(&doings, &order);
            let Some(node) = self.nodes.get_mut(index.at()) else { continue };
            for claim in &mut node.claims {
                // All speak of the one thing that the cloud has.
                claim.carrier.clear();
                if !claim.managed || claim.after == Presence::Absent || left == Presence::Present {
                    continue;
                }
                let known = claim
                    .change
                    .is_some_and(|change| doings.making.contains(&change) || doings.ending.contains(&change));
                if !known {
                    claim.change = doings.ending.first().copied();
                }
                claim.after = claim.after.min(left);
                claim.during = claim.during.min(Presence::Unknown);
            }
        }
    }

    /// Facts with a natural key that a change ends, with all that changes do to them.
    fn doings(&self, facts: &[Fact]) -> BTreeMap<NodeIx, Doings> {
        let told = || facts.iter().zip(&self.node_of).filter_map(|(fact, node)| Some((fact, (*node)?)));
        let keyed: BTreeSet<NodeIx> = told()
            .filter(|(fact, _)| fact.natural_key && fact.change.is_some() && !is_document(fact))
            .map(|(_, node)| node)
            .collect();
        let mut sides: BTreeMap<(NodeIx, ChangeIx), (Side, bool)> = BTreeMap::new();
        for (fact, node) in told().filter(|(fact, node)| fact.managed && keyed.contains(node)) {
            let Some(change) = fact.change else { continue };
            let said = sides.entry((node, change)).or_insert((fact.side, false));
            *said = (said.0.union(fact.side), said.1 || fact.natural_key && !is_document(fact));
        }
        let mut all: BTreeMap<NodeIx, Doings> = BTreeMap::new();
        for ((node, change), (side, natural_key)) in sides {
            all.entry(node).or_default().add(change, side, natural_key, self.changes);
        }
        all.retain(|_, doings| !doings.ending.is_empty());
        all
    }
}

/// Whether it is something that is written whole, see `written`.
pub(super) fn is_document(fact: &Fact) -> bool {
    fact.natural_key && fact.unique.is_empty() && matches!(fact.content, Content::Thing)
}

/// Whether it is there after all is done.
pub(super) fn left_over(doings: &Doings, order: &Order<'_>) -> Presence {
    let endings: Vec<Option<Deed>> = doings.ending.iter().map(|change| order.ending(*change)).collect();
    let mut left = Presence::Absent;
    for change in &doings.making {
        let made = order.making(*change);
        let before = |one: Option<Deed>, other: Option<Deed>| match (one, other) {
            (Some(one), Some(other)) => order.is_before(one, other),
            _ => false,
        };
        if made.is_some() && endings.iter().all(|ending| before(*ending, made)) {
            return Presence::Present;
        }
        if !endings.iter().any(|ending| before(made, *ending)) {
            left = Presence::Unknown;
        }
    }
    left
}
