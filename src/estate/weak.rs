//! What still holds, and by less than before: single points of failure that were none.

use super::clock::{Bound, NEVER, Rank};
use super::evaluate::{Past, Within};
use super::loss::Outcome;
#[cfg(test)]
use super::part::{Part, in_force};
use super::scenario::Scenario;
use super::wiring::{Counts, FlatSupport};
use super::{Evaluation, Evaluator};
use crate::model::{ChangeIx, NodeIx, Side};
use std::collections::{BTreeMap, BTreeSet};

/// A need that several things met and that now hangs on one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weakened {
    /// Whose need.
    pub node: NodeIx,
    /// Its place on the node.
    pub need: usize,
    /// What it hangs on: without any one of these it is met no more, which was not so before.
    pub by: Vec<NodeIx>,
}

/// Needs that are weakened.
///
/// A need (phase always) with more than `at_least` surely holding supports before, no loss, and one support changed is
/// weakened if some single node on which all remaining supports rest did not carry them all before. Looked at are needs
/// above what the scenario touches, as far up as it makes a difference.
pub fn weakened(outcome: &Outcome<'_>) -> Vec<Weakened> {
    let held = &outcome.held;
    let before = held.evaluator.before();
    let wiring = &held.evaluator.estate.wiring;
    let mut found: BTreeMap<(NodeIx, usize), Vec<NodeIx>> = BTreeMap::new();
    let touched = held.evaluator.seeds(&held.scenario, &Past::default(), None);
    let mut looked_at: BTreeSet<u32> = BTreeSet::new();
    let mut open: Vec<u32> = Vec::new();
    let mut seen: BTreeSet<u32> = touched.iter().map(|node| node.0).collect();
    let own = touched.iter().flat_map(|node| wiring.needs_of(node.0));
    let mut needs: Vec<u32> = own.collect();
    open.extend(&seen);
    loop {
        for node in open.drain(..) {
            needs.extend(wiring.uses_of(node).map(|(need, _)| need));
        }
        if needs.is_empty() {
            break;
        }
        for need in needs.drain(..).filter(|need| looked_at.insert(*need)).collect::<Vec<_>>() {
            let node = wiring.need(need).node;
            let goes_on = match redundant(&before, held, need) {
                false => true,
                true => {
                    let by = points(&before, held, need);
                    let place = (need - wiring.needs_of(node).start) as usize;
                    let weak = !by.is_empty();
                    if weak {
                        found.insert((NodeIx(node), place), by);
                    }
                    weak
                }
            };
            if goes_on && seen.insert(node) {
                open.push(node);
            }
        }
    }
    found.into_iter().map(|((node, need), by)| Weakened { node, need, by }).collect()
}

/// After the plan without a single point: what becomes of those who rest on it.
pub fn without<'e>(outcome: &Outcome<'e>, point: NodeIx) -> Outcome<'e> {
    let evaluator = outcome.held.evaluator;
    let mut above = BTreeSet::from([point]);
    let mut open = vec![point];
    while let Some(node) = open.pop() {
        let users = evaluator.estate.wiring.users_of(node.0).map(NodeIx);
        open.extend(users.filter(|user| above.insert(*user)));
    }
    let above: Vec<NodeIx> = above.into_iter().collect();
    evaluator.outcome_for(outcome.held.scenario.clone().without([point]), &above)
}

/// Who rests on a single point by needs that were weakened: what falls after the plan `without` it, and neither fell
/// without it before nor falls by the plan.
pub fn hangers(outcome: &Outcome<'_>, without: &Outcome<'_>, point: NodeIx) -> Vec<NodeIx> {
    let before = outcome.held.evaluator.outcome(Scenario::before().without([point]));
    let new = |node: &NodeIx| before.falls.of(*node).is_none() && outcome.falls.of(*node).is_none();
    without.falls.losses.keys().copied().filter(|node| *node != point && new(node)).collect()
}

/// The changes that weakened a need, each with whether it suffices alone and whether it takes it.
pub fn causes_of_weakness(outcome: &Outcome<'_>, weak: &Weakened) -> Vec<(ChangeIx, bool, bool)> {
    let evaluator = outcome.held.evaluator;
    let Some(need) = evaluator.estate.wiring.need_at(weak.node, weak.need) else { return Vec::new() };
    let weakens = |scenario: Scenario| {
        let before = evaluator.before();
        let held = evaluator.outcome_for(scenario, &[weak.node]).held;
        redundant(&before, &held, need) && !points(&before, &held, need).is_empty()
    };
    let mut found: Vec<(ChangeIx, bool, bool)> = touching(evaluator, need)
        .into_iter()
        .map(|change| {
            let less = Scenario::after().leaving_out(change);
            (change, weakens(Scenario::only(BTreeSet::from([change]))), !weakens(less))
        })
        .collect();
    if found.iter().any(|(_, sufficient, necessary)| *sufficient || *necessary) {
        found.retain(|(_, sufficient, necessary)| *sufficient || *necessary);
    }
    found
}

/// Changes of anything that the need rests on.
fn touching(evaluator: &Evaluator<'_>, need: u32) -> BTreeSet<ChangeIx> {
    let (estate, wiring) = (evaluator.estate, &evaluator.estate.wiring);
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    let mut needs = vec![need];
    while let Some(need) = needs.pop() {
        found.extend(wiring.need(need).change.filter(|_| wiring.need(need).side != Side::Both));
        for support in wiring.supports_of(need) {
            found.extend(support.change.filter(|_| support.side != Side::Both));
            if seen.insert(support.node) {
                let claims = estate.node(NodeIx(support.node)).into_iter().flat_map(|node| &node.claims);
                found.extend(
                    claims.filter(|claim| claim.before != claim.after).filter_map(|claim| claim.change),
                );
                needs.extend(wiring.needs_of(support.node));
            }
        }
    }
    found
}

/// Whether more met the need before than it takes, and it is still met as long.
fn redundant(before: &Evaluation<'_>, after: &Evaluation<'_>, need: u32) -> bool {
    let wiring = &before.evaluator.estate.wiring;
    let own = wiring.need(need);
    if own.counts != Counts::Plainly || !before.view().has_need(need) || !after.view().has_need(need) {
        return false;
    }
    carrying(before, need).len() > usize::from(own.at_least) && met(after, need) >= met(before, need)
}

/// Supports that surely hold.
fn carrying<'a>(held: &'a Evaluation<'_>, need: u32) -> Vec<&'a FlatSupport> {
    let supports = held.evaluator.estate.wiring.supports_of(need).iter();
    supports
        .filter(|support| !support.unsure && !support.absent && held.view().has_support(support))
        .filter(|support| held.held(support.node).sure > NEVER)
        .collect()
}

fn met(held: &Evaluation<'_>, need: u32) -> Rank {
    held.view().supported(need, Bound::Sure, &|support| held.held(support.node).sure)
}

/// Single nodes that the need hangs on after and did not before.
fn points(before: &Evaluation<'_>, after: &Evaluation<'_>, need: u32) -> Vec<NodeIx> {
    #[cfg(test)]
    if !in_force(Part::OnePoint) {
        let (was, is) = (carrying(before, need), carrying(after, need));
        return if is.len() < was.len() {
            is.iter().map(|support| NodeIx(support.node)).collect()
        } else {
            Vec::new()
        };
    }
    let wiring = &after.evaluator.estate.wiring;
    let own = wiring.need(need);
    let carrying = carrying(after, need);
    let mut below: BTreeMap<u32, usize> = BTreeMap::new();
    let mut cone: Within = Within::new();
    for support in &carrying {
        for node in cone_of(after, support.node) {
            *below.entry(node).or_default() += 1;
            cone.insert(node);
        }
    }
    for support in self::carrying(before, need) {
        cone.extend(cone_of(before, support.node));
    }
    // Fewer than so many of the supports cannot fail the need.
    let enough = (carrying.len() + 1).saturating_sub(usize::from(own.at_least)).max(1);
    let suspects = below.into_iter().filter(|(node, count)| *count >= enough && *node != own.node);
    suspects
        .map(|(node, _)| NodeIx(node))
        .filter(|node| hangs_on(after, need, *node, &cone) && !hangs_on(before, need, *node, &cone))
        .collect()
}

fn hangs_on(held: &Evaluation<'_>, need: u32, on: NodeIx, cone: &Within) -> bool {
    let scenario: Scenario = held.scenario.clone().without([on]);
    let without = held.evaluator.overlay(scenario, held.past.clone(), Some(cone));
    met(&without, need) < met(held, need)
}

/// All that a node rests on, itself too.
fn cone_of(held: &Evaluation<'_>, node: u32) -> BTreeSet<u32> {
    let view = held.view();
    let mut cone = BTreeSet::from([node]);
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        for need in view.wiring().needs_of(node).filter(|need| view.has_need(*need)) {
            for support in view.wiring().supports_of(need) {
                if view.has_support(support) && cone.insert(support.node) {
                    open.push(support.node);
                }
            }
        }
    }
    cone
}
