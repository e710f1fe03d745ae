//! The chain from a workload down to what changed, and why nothing else carries.

use super::evaluate::Evaluation;
use super::loss::{Compared, Falls, Outcome};
use super::wiring::FlatSupport;
use crate::model::{Horizon, Moment, Need, Node, NodeIx, Phase, Sign, Strength, Support, Unknown};
use std::collections::BTreeSet;

/// One step of a proof.
#[derive(Debug, Clone)]
pub struct ProofStep {
    /// The node.
    pub node: NodeIx,
    /// The number of the need that is lost (or not met) here; `None` at the last step.
    pub need: Option<usize>,
    /// Supports that might have carried and do not, each with the reason if it is a doubt.
    pub others: Vec<(NodeIx, Option<Unknown>)>,
}

impl ProofStep {
    fn last(node: NodeIx) -> ProofStep {
        ProofStep { node, need: None, others: Vec::new() }
    }
}

/// The chain of a loss: from the node to a changed leaf. What falls because it is interrupted and has nothing to come up
/// by is followed to what interrupts it.
pub fn prove(outcome: &Outcome<'_>, start: NodeIx) -> Vec<ProofStep> {
    let (mut steps, interrupted) = chain(&outcome.held, &outcome.falls, start);
    if let (Some(at), Some((during, falls))) = (interrupted, &outcome.between) {
        let known: BTreeSet<NodeIx> = steps.iter().map(|step| step.node).collect();
        let (further, _) = chain(during, falls, at);
        steps.extend(further.into_iter().filter(|step| !known.contains(&step.node)));
    }
    steps
}

/// The chain of an interruption: from the node to what is not there while the changes are made.
pub fn prove_interruption(outcome: &Outcome<'_>, start: NodeIx) -> Vec<ProofStep> {
    outcome.between.as_ref().map(|(during, falls)| chain(during, falls, start).0).unwrap_or_default()
}

/// The chain in one scenario, and where it ends at something that was interrupted.
fn chain(held: &Evaluation<'_>, falls: &Falls, start: NodeIx) -> (Vec<ProofStep>, Option<NodeIx>) {
    let estate = held.evaluator.estate;
    let compared = Compared::new(held);
    let before = super::Scenario::before();
    let mut steps = Vec::new();
    let mut seen = BTreeSet::new();
    let mut at = start;
    while seen.insert(at) {
        let (Some(node), Some(loss)) = (estate.node(at), falls.of(at)) else { break };
        // What a need falls by was found in an earlier round, so that the proof comes to an end; or it was interrupted,
        // and the proof goes on with what interrupts it.
        let earlier = |support: &Support| falls.of(support.node).is_none_or(|below| below.round < loss.round);
        let stopped = |support: &Support| held.interrupted().contains_key(&support.node);
        let falling = |support: &Support, flat: &FlatSupport| {
            compared.support_falls(flat, falls) && !seen.contains(&support.node)
        };
        // Ways down, the best first: what ended as a support, what fell earlier, what was interrupted.
        let way = |support: &Support, flat: &FlatSupport| match falling(support, flat) {
            true if !held.view().has_support(flat) => Some(1),
            true if falls.of(support.node).is_some() && earlier(support) || flat.absent => Some(0),
            true if held.scenario.is_cold() => Some(0),
            true if stopped(support) => Some(2),
            _ => None,
        };
        let lost = loss.needs.iter().filter_map(|place| Some((*place, node.needs.get(*place)?)));
        let lost = lost.filter_map(|(place, need)| {
            let best = supports(held, at, place, need).filter_map(|(support, flat)| way(support, flat)).min();
            let new = (!before.has_need(need)).then_some(0);
            Some((place, need, best.or(new)?))
        });
        let chosen = lost.min_by_key(|(place, need, best)| {
            let is = held.need(at, *place).map_or(Horizon::UNKNOWN, |met| met.counted);
            let was = held.evaluator.was_met(at, *place);
            // What falls for certain first, and of that what ends first.
            let by_guess = need.strength != Strength::Declared;
            (*best == 2, is.possible >= was.possible, is.possible, is.sure, by_guess, *place)
        });
        let Some((place, need, _)) = chosen else {
            steps.push(ProofStep::last(at));
            let interrupted = !loss.goes && !loss.sooner && held.interrupted().contains_key(&at);
            return (steps, interrupted.then_some(at));
        };
        let ways = supports(held, at, place, need)
            .filter_map(|(support, flat)| Some((way(support, flat)?, support, flat)));
        let next = ways.min_by_key(|(way, support, _)| {
            (*way, falls.of(support.node).map_or(0, |below| below.round), support.node)
        });
        let next = next.map(|(way, support, _)| (way, support));
        let others = beside(held, need, next.map(|(_, support)| support));
        steps.push(ProofStep { node: at, need: Some(place), others });
        match next {
            Some((0, support)) => at = support.node,
            // It is no support any more: that is the change, whatever becomes of the thing itself.
            Some((1, ended)) => {
                steps.push(ProofStep::last(ended.node));
                return (steps, None);
            }
            Some((_, stopped)) => return (steps, Some(stopped.node)),
            None => return (steps, None),
        }
    }
    if falls.of(at).is_none() || steps.last().is_none_or(|step| step.node != at) {
        steps.push(ProofStep::last(at));
    }
    (steps, None)
}

/// The supports of a need, as told and as evaluated.
fn supports<'a>(
    held: &'a Evaluation<'_>,
    node: NodeIx,
    place: usize,
    need: &'a Need,
) -> impl Iterator<Item = (&'a Support, &'a FlatSupport)> {
    let wiring = &held.evaluator.estate.wiring;
    let flat = wiring.need_at(node, place).map_or(&[][..], |need| wiring.supports_of(need));
    need.supports.iter().zip(flat)
}

/// The chain of what ends or does not hold by itself in one scenario: down the need that ends first.
pub fn why_ends(held: &Evaluation<'_>, start: NodeIx) -> Vec<ProofStep> {
    let estate = held.evaluator.estate;
    let mut steps = Vec::new();
    let mut seen = BTreeSet::new();
    let mut at = start;
    while seen.insert(at) {
        let Some(node) = estate.node(at) else { break };
        let first = first_to_end(held, at, node).filter(|(_, _, until)| *until < own_end(held, at));
        let Some((place, need, _)) = first else {
            steps.push(ProofStep::last(at));
            return steps;
        };
        let next = need
            .supports
            .iter()
            .filter(|support| held.scenario.has_support(need, support) && !seen.contains(&support.node))
            .filter(|support| match support.sign {
                Sign::Holds => held.of(support.node) != Horizon::FOREVER,
                // What must be absent is in the way by being there.
                Sign::Absent => held.of(support.node).may_hold(),
            })
            .max_by_key(|support| (held.of(support.node).possible, std::cmp::Reverse(support.node)));
        let others = beside(held, need, next);
        steps.push(ProofStep { node: at, need: Some(place), others });
        match next {
            Some(support) => at = support.node,
            None => return steps,
        }
    }
    steps
}

/// Until when the node is good by itself; past all moments, if it has no end.
fn own_end(held: &Evaluation<'_>, at: NodeIx) -> (bool, Moment) {
    let end = held.evaluator.clock.moment(held.view().end(at.0).possible);
    (end == Moment::Forever, end)
}

/// The need that ends first, and when.
fn first_to_end<'a>(
    held: &Evaluation<'_>,
    at: NodeIx,
    node: &'a Node,
) -> Option<(usize, &'a Need, (bool, Moment))> {
    let met =
        node.needs.iter().enumerate().filter_map(|(place, need)| Some((place, need, held.need(at, place)?)));
    met.filter(|(_, need, met)| {
        met.counted != Horizon::FOREVER || (is_renewal(need) && met.supports != Horizon::FOREVER)
    })
    .min_by_key(|(place, _, met)| (met.counted.possible, met.supports.possible, met.counted.sure, *place))
    .map(|(place, need, met)| (place, need, (false, met.counted.possible)))
}

/// The supports of a need other than the one that the proof follows.
fn beside(held: &Evaluation<'_>, need: &Need, next: Option<&Support>) -> Vec<(NodeIx, Option<Unknown>)> {
    need.supports
        .iter()
        .filter(|support| held.scenario.has_support(need, support))
        .filter(|support| next.is_none_or(|next| next.node != support.node))
        .map(|support| (support.node, doubt(support)))
        .collect()
}

fn is_renewal(need: &Need) -> bool {
    matches!(need.phase, Phase::Renew { .. })
}

/// Why a support may not meet its need.
pub(super) fn doubt(support: &Support) -> Option<Unknown> {
    support.coverage.doubt().cloned()
}
