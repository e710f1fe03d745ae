//! The mainstays: what carries most.

use super::evaluate::Evaluator;
use super::loss::Outcome;
use super::scenario::Scenario;
use crate::model::{Class, Criticality, Node, NodeIx};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many workloads, by how much they matter: the most critical decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Weight {
    /// Critical ones.
    pub critical: usize,
    /// Important ones.
    pub important: usize,
    /// Normal ones.
    pub normal: usize,
}

impl Weight {
    fn add(&mut self, other: Weight) {
        self.critical = self.critical.saturating_add(other.critical);
        self.important = self.important.saturating_add(other.important);
        self.normal = self.normal.saturating_add(other.normal);
    }

    fn at_most(self, most: Weight) -> Weight {
        Weight {
            critical: self.critical.min(most.critical),
            important: self.important.min(most.important),
            normal: self.normal.min(most.normal),
        }
    }
}

/// What a node carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carries {
    /// The node.
    pub node: NodeIx,
    /// How many workloads fall without it.
    pub weight: Weight,
    /// The workloads.
    pub workloads: Vec<NodeIx>,
}

/// Workloads other than the node itself that fall, or may, if it goes from how it is.
pub fn carries(evaluator: &Evaluator<'_>, node: NodeIx) -> Carries {
    let outcome = evaluator.outcome(Scenario::before().without([node]));
    let fallen = outcome.falls.losses.keys().copied().filter(|fallen| *fallen != node);
    let workloads: Vec<NodeIx> =
        fallen.filter(|fallen| weight(evaluator, *fallen) != Weight::default()).collect();
    let mut all = Weight::default();
    workloads.iter().for_each(|fallen| all.add(weight(evaluator, *fallen)));
    Carries { node, weight: all, workloads }
}

/// Those that carry most of what `counts`, the first first; nothing that carries no workload.
///
/// No node can carry more than all that rests on it in any way. That is counted first, in one pass; then nodes are tried
/// in this order, as long as one could still be among the first.
pub fn rank(evaluator: &Evaluator<'_>, top: usize, counts: impl Fn(&Node) -> bool) -> Vec<Carries> {
    let most = bounds(evaluator);
    let is_candidate = |node: &Node| {
        !node.claims.is_empty() && !matches!(node.class, Class::Unseen | Class::Capability) && counts(node)
    };
    let mut order: Vec<(Reverse<Weight>, NodeIx)> = evaluator
        .estate
        .nodes
        .iter()
        .enumerate()
        .zip(&most)
        .filter(|((_, node), most)| **most != Weight::default() && is_candidate(node))
        .map(|((index, _), most)| (Reverse(*most), NodeIx::number(index)))
        .collect();
    order.sort_unstable();
    let mut found: BTreeMap<(Reverse<Weight>, NodeIx), Carries> = BTreeMap::new();
    for (Reverse(most), node) in order {
        let last = found.last_key_value().map(|((Reverse(least), _), _)| *least);
        if top == 0 || found.len() == top && last.is_some_and(|least| most < least) {
            break;
        }
        let carried = carries(evaluator, node);
        if carried.weight != Weight::default() {
            found.insert((Reverse(carried.weight), node), carried);
            if found.len() > top {
                found.pop_last();
            }
        }
    }
    found.into_values().collect()
}

/// An identity, or something like one, that carries more critical workloads than some number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mainstay {
    /// The node.
    pub node: NodeIx,
    /// The critical workloads that it carries: as it is, or, where the plan makes it so, as it will be.
    pub workloads: Vec<NodeIx>,
    /// It carries no more than allowed before the plan.
    pub by_plan: bool,
}

/// Nodes that `count` and carry more than so many critical workloads before, or after where there is a plan. Of several
/// that carry the same ones the one on which the others rest is told.
///
/// Only what more than so many critical workloads rest on in any way is tried.
pub fn mainstays(
    evaluator: &Evaluator<'_>,
    after: Option<&Outcome<'_>>,
    more_than: usize,
    counts: impl Fn(&Node) -> bool,
) -> Vec<Mainstay> {
    let is_critical = |node: &NodeIx| weight(evaluator, *node).critical > 0;
    let most = bounds(evaluator);
    let candidates = evaluator
        .estate
        .nodes
        .iter()
        .zip(&most)
        .enumerate()
        .filter(|(_, (node, most))| !node.claims.is_empty() && most.critical > more_than && counts(node));
    let mut found: BTreeMap<Vec<NodeIx>, (usize, Mainstay)> = BTreeMap::new();
    for (index, (_, most)) in candidates {
        let node = NodeIx::number(index);
        let before = carries(evaluator, node).workloads.into_iter().filter(is_critical).collect::<Vec<_>>();
        let too_many = |workloads: &[NodeIx]| workloads.len() > more_than;
        let (workloads, by_plan) = match (too_many(&before), after) {
            (true, _) => (before, false),
            (false, Some(after)) => {
                (carries_after(after, node).into_iter().filter(is_critical).collect(), true)
            }
            (false, None) => continue,
        };
        if too_many(&workloads) {
            let mainstay = Mainstay { node, workloads: workloads.clone(), by_plan };
            let deeper = |(known, _): &(usize, Mainstay)| *known < most.critical;
            if found.get(&workloads).is_none_or(deeper) {
                found.insert(workloads, (most.critical, mainstay));
            }
        }
    }
    let mut found: Vec<Mainstay> = found.into_values().map(|(_, mainstay)| mainstay).collect();
    found.sort_by_key(|mainstay| mainstay.node);
    found
}

/// What holds in a scenario, and would not, or for less long, without the node. New ones count too, which cannot fall.
pub fn carries_after(after: &Outcome<'_>, node: NodeIx) -> Vec<NodeIx> {
    let evaluator = after.held.evaluator;
    let without = evaluator.outcome(after.held.scenario.clone().without([node]));
    let less = |fallen: &NodeIx| {
        let (is, otherwise) = (after.held.of(*fallen), without.held.of(*fallen));
        let falls = without.falls.of(*fallen).is_some() && after.falls.of(*fallen).is_none();
        falls || otherwise.sure < is.sure || otherwise.possible < is.possible
    };
    evaluator.estate.indices().filter(|other| *other != node && less(other)).collect()
}

/// What a node weighs itself.
fn weight(evaluator: &Evaluator<'_>, node: NodeIx) -> Weight {
    let tag = evaluator.estate.node(node).and_then(|node| node.workload.as_ref());
    let mut weight = Weight::default();
    match tag.map(|tag| tag.criticality) {
        Some(Criticality::Critical) => weight.critical = 1,
        Some(Criticality::Important) => weight.important = 1,
        Some(Criticality::Normal) => weight.normal = 1,
        None => {}
    }
    weight
}

/// For each node more than falls without it: all that rests on it, counted once for each way.
fn bounds(evaluator: &Evaluator<'_>) -> Vec<Weight> {
    let wiring = &evaluator.estate.wiring;
    let own: Vec<Weight> = evaluator.estate.indices().map(|node| weight(evaluator, node)).collect();
    let mut all = Weight::default();
    own.iter().for_each(|weight| all.add(*weight));
    let mut most = vec![Weight::default(); own.len()];
    for component in (0..wiring.components()).rev() {
        let members = wiring.members(component);
        let mut sum = Weight::default();
        for member in members {
            sum.add(own.get(*member as usize).copied().unwrap_or_default());
            let users: BTreeSet<u32> = wiring.users_of(*member).collect();
            for user in users.into_iter().filter(|user| wiring.component_of(*user) != component) {
                sum.add(most.get(user as usize).copied().unwrap_or_default());
            }
        }
        for member in members {
            if let Some(slot) = most.get_mut(*member as usize) {
                *slot = sum.at_most(all);
            }
        }
    }
    most
}
