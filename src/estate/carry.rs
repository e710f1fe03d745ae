//! The mainstays: what carries most.

use super::clock::Bound;
use super::evaluate::{Evaluation, Evaluator};
use super::loss::Outcome;
use super::scenario::Scenario;
use super::stirred::Stirred;
use super::wiring::Counts;
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
    Carries { node, weight: weigh(evaluator, &workloads), workloads }
}

/// Those that carry most of what `counts`, the first first; nothing that carries no workload.
///
/// How much a node can carry at most is counted first, in one pass (`Bounds`); then nodes are tried in this order, as
/// long as one could still be among the first.
pub fn rank(evaluator: &Evaluator<'_>, top: usize, counts: impl Fn(&Node) -> bool) -> Vec<Carries> {
    let before = evaluator.before();
    let bounds = Bounds::new(evaluator, &|need| taken_to_fail(&before, need));
    let is_candidate = |node: &Node| {
        !node.claims.is_empty() && !matches!(node.class, Class::Unseen | Class::Capability) && counts(node)
    };
    let mut order: Vec<(Reverse<Weight>, NodeIx)> = evaluator
        .estate
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| is_candidate(node))
        .map(|(index, _)| NodeIx::number(index))
        .map(|index| (Reverse(bounds.of(index)), index))
        .filter(|(Reverse(most), _)| *most != Weight::default())
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
    // After the plan fewer may carry a need, so no share is left to any.
    let bounds = Bounds::new(evaluator, &|_| 1);
    let nodes = evaluator.estate.indices().map(|index| (index, bounds.of(index)));
    let candidates = nodes.filter(|(index, most)| {
        let node = evaluator.estate.node(*index);
        most.critical > more_than && node.is_some_and(|node| !node.claims.is_empty() && counts(node))
    });
    let stirred = after.map(|after| (after, Stirred::new(after)));
    let mut found: BTreeMap<Vec<NodeIx>, (usize, Mainstay)> = BTreeMap::new();
    for (node, most) in candidates {
        let before = carries(evaluator, node).workloads.into_iter().filter(is_critical).collect::<Vec<_>>();
        let too_many = |workloads: &[NodeIx]| workloads.len() > more_than;
        let (workloads, by_plan) = match &stirred {
            _ if too_many(&before) => (before, false),
            Some((after, stirred)) if stirred.reaches(node) => {
                (carries_after(after, node, is_critical), true)
            }
            _ => continue,
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

/// Of what rests on a node and counts, all that holds in a scenario, and would not, or for less long, without the node. New
/// ones count too, which cannot fall.
pub fn carries_after(after: &Outcome<'_>, node: NodeIx, counts: impl Fn(&NodeIx) -> bool) -> Vec<NodeIx> {
    let evaluator = after.held.evaluator;
    let resting: Vec<NodeIx> = resting_on(evaluator, &[node]).into_iter().filter(counts).collect();
    let without = evaluator.outcome_for(after.held.scenario.clone().without([node]), &resting);
    let is_taken = |node: &NodeIx| is_shorter(after, &without, *node) || is_fallen(after, &without, *node);
    resting.into_iter().filter(is_taken).collect()
}

/// All others that rest on any of some nodes in any way.
pub fn resting_on(evaluator: &Evaluator<'_>, nodes: &[NodeIx]) -> BTreeSet<NodeIx> {
    let mut found: BTreeSet<NodeIx> = nodes.iter().copied().collect();
    let mut open: Vec<u32> = nodes.iter().map(|node| node.0).collect();
    while let Some(next) = open.pop() {
        let users = evaluator.estate.wiring.users_of(next);
        open.extend(users.filter(|user| found.insert(NodeIx(*user))));
    }
    for node in nodes {
        found.remove(node);
    }
    found
}

/// Whether it holds for less long in the one scenario than in the other.
fn is_shorter(with: &Outcome<'_>, without: &Outcome<'_>, node: NodeIx) -> bool {
    let (with, without) = (with.held.of(node), without.held.of(node));
    without.sure < with.sure || without.possible < with.possible
}

/// Whether it falls in the one scenario, and not in the other.
fn is_fallen(with: &Outcome<'_>, without: &Outcome<'_>, node: NodeIx) -> bool {
    without.falls.of(node).is_some() && with.falls.of(node).is_none()
}

/// What one scenario takes along beyond another: what falls in it and not in the other, or holds for less long. What does
/// not stand yet before the plan cannot fall from there, but can from how it is after.
pub fn taken_along(with: &Outcome<'_>, without: &Outcome<'_>) -> BTreeSet<NodeIx> {
    let fallen = without.falls.losses.keys().copied().filter(|node| is_fallen(with, without, *node));
    let otherwise = with.held.otherwise_than(&without.held).into_iter();
    otherwise.filter(|node| is_shorter(with, without, *node)).chain(fallen).collect()
}

/// How much these weigh together.
pub fn weigh(evaluator: &Evaluator<'_>, nodes: &[NodeIx]) -> Weight {
    let mut all = Weight::default();
    nodes.iter().for_each(|node| all.add(weight(evaluator, *node)));
    all
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

/// What each node can carry at most.
///
/// A workload weighs on what it needs, and so on downwards: with its whole weight on each need, and on each support with
/// the share that is left to it when the need takes `n` of its supports to fail, one n-th. Who fails the workload fails a
/// need of it, so at least `n` supports, which bear its whole weight between them: all of it ends up below whoever it
/// falls without. In a circle, all bear what rests on any.
#[derive(Debug)]
pub struct Bounds {
    /// In shares of [`WHOLE`], rounded up.
    most: Vec<[u64; 3]>,
    all: Weight,
}

/// One workload, in shares.
const WHOLE: u64 = 1 << 20;

impl Bounds {
    /// Counts, in one pass. `taken_to_fail`: how many supports of a need must fail at least, that it falls.
    pub(super) fn new(evaluator: &Evaluator<'_>, taken_to_fail: &dyn Fn(u32) -> u64) -> Bounds {
        let wiring = &evaluator.estate.wiring;
        let mut all = Weight::default();
        evaluator.estate.indices().for_each(|node| all.add(weight(evaluator, node)));
        let mut most = vec![[0u64; 3]; evaluator.estate.nodes.len()];
        for component in (0..wiring.components()).rev() {
            let members = wiring.members(component);
            let mut sum = [0u64; 3];
            for member in members {
                let own = weight(evaluator, NodeIx(*member));
                let own = [own.critical, own.important, own.normal].map(|count| count as u64 * WHOLE);
                add(&mut sum, own);
                for (need, _) in wiring.uses_of(*member) {
                    let user = wiring.need(need).node;
                    if wiring.component_of(user) != component {
                        let whole = most.get(user as usize).copied().unwrap_or_default();
                        let share = taken_to_fail(need);
                        add(&mut sum, whole.map(|weight| weight.div_ceil(share)));
                    }
                }
            }
            for member in members {
                if let Some(slot) = most.get_mut(*member as usize) {
                    *slot = sum;
                }
            }
        }
        Bounds { most, all }
    }

    /// No more than this falls without the node.
    pub fn of(&self, node: NodeIx) -> Weight {
        let [critical, important, normal] = self.most.get(node.at()).copied().unwrap_or_default();
        let whole = |shares: u64| usize::try_from(shares.div_ceil(WHOLE)).unwrap_or(usize::MAX);
        let most = Weight { critical: whole(critical), important: whole(important), normal: whole(normal) };
        most.at_most(self.all)
    }
}

fn add(sum: &mut [u64; 3], other: [u64; 3]) {
    for (sum, other) in sum.iter_mut().zip(other) {
        *sum = sum.saturating_add(other);
    }
}

/// How many supports of a need must fail at least, that it falls.
fn taken_to_fail(before: &Evaluation<'_>, need: u32) -> u64 {
    let view = before.view();
    let own = view.wiring().need(need);
    if matches!(own.counts, Counts::Renewing(_)) {
        return 1;
    }
    let met = view.supported(need, Bound::Possible, &|support| before.held(support.node).possible);
    let met = view.counted(need, Bound::Possible, met);
    let supports = view.wiring().supports_of(need).iter().filter(|support| view.has_support(support));
    let carrying = supports
        .filter(|support| !support.unsure && !support.absent && before.held(support.node).sure >= met);
    (carrying.count() as u64 + 1).saturating_sub(u64::from(own.at_least)).max(1)
}
