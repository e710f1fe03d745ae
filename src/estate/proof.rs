//! The chain from a workload down to what changed, and why nothing else carries.

use super::Estate;
use super::evaluate::{Evaluation, Scenario};
use super::loss::{Compared, Falls};
use crate::model::{Coverage, Horizon, Moment, Need, NodeIx, Presence, Sign, Support, Unknown};
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

/// The chain of a loss: from the node to a changed leaf.
pub fn prove(
    estate: &Estate,
    falls: &Falls,
    (from, before): (Scenario<'_>, &Evaluation),
    (to, after): (Scenario<'_>, &Evaluation),
    start: NodeIx,
) -> Vec<ProofStep> {
    let compared = Compared { estate, from, before, to, after };
    let mut steps = Vec::new();
    let mut seen = BTreeSet::new();
    let mut at = start;
    while seen.insert(at) {
        let (Some(node), Some(loss)) = (estate.node(at), falls.of(at)) else { break };
        // What a need falls by was found in an earlier round, so that the proof comes to an end.
        let earlier = |support: &Support| falls.of(support.node).is_none_or(|below| below.round < loss.round);
        let falling = |need: &Need, support: &Support| {
            compared.support_falls(need, support, falls)
                && (earlier(support) || !to.has_support(need, support))
                && !seen.contains(&support.node)
        };
        let lost = loss.needs.iter().filter_map(|number| Some((*number, node.needs.get(*number)?)));
        let lost = lost.filter(|(_, need)| {
            let ended = |support: &Support| from.has_support(need, support) && !to.has_support(need, support);
            let by = |support: &Support| ended(support) || falling(need, support);
            !from.has_need(need) || need.supports.iter().any(by)
        });
        let chosen = lost.min_by_key(|(number, need)| {
            let is = after.need(to, need).map_or(Horizon::UNKNOWN, |met| met.counted);
            let was = before.need(from, need).map_or(Horizon::FOREVER, |met| met.counted);
            // What falls for certain first, and of that what ends first; what was found by earlier rounds first.
            (
                is.possible >= was.possible,
                is.possible,
                is.sure,
                need.strength != crate::model::Strength::Declared,
                *number,
            )
        });
        let Some((number, need)) = chosen else {
            steps.push(ProofStep { node: at, need: None, others: Vec::new() });
            return steps;
        };
        let next = need.supports.iter().filter(|support| falling(need, support)).min_by_key(|support| {
            let round = falls.of(support.node).map_or(0, |below| below.round);
            (!to.has_support(need, support), round, support.node)
        });
        let others = beside(to, need, next);
        steps.push(ProofStep { node: at, need: Some(number), others });
        match next {
            Some(support) if to.has_support(need, support) => at = support.node,
            Some(ended) => {
                // It is no support any more: that is the change, whatever becomes of the thing itself.
                steps.push(ProofStep { node: ended.node, need: None, others: Vec::new() });
                return steps;
            }
            None => return steps,
        }
    }
    if falls.of(at).is_none() || steps.last().is_none_or(|step| step.node != at) {
        steps.push(ProofStep { node: at, need: None, others: Vec::new() });
    }
    steps
}

/// The chain of what ends or does not hold by itself in one scenario: down the need that ends first.
pub fn why_ends(estate: &Estate, scenario: Scenario<'_>, held: &Evaluation, start: NodeIx) -> Vec<ProofStep> {
    let mut steps = Vec::new();
    let mut seen = BTreeSet::new();
    let mut at = start;
    while seen.insert(at) {
        let Some(node) = estate.node(at) else { break };
        let worst = node
            .needs
            .iter()
            .enumerate()
            .filter_map(|(number, need)| Some((number, need, held.need(scenario, need)?)))
            .filter(|(_, need, met)| {
                met.counted != Horizon::FOREVER || (is_renewal(need) && met.supports != Horizon::FOREVER)
            })
            .min_by_key(|(number, _, met)| {
                (met.counted.possible, met.supports.possible, met.counted.sure, *number)
            });
        let Some((number, need, _)) = worst else {
            steps.push(ProofStep { node: at, need: None, others: Vec::new() });
            return steps;
        };
        let next = need
            .supports
            .iter()
            .filter(|support| scenario.has_support(need, support) && !seen.contains(&support.node))
            .filter(|support| match support.sign {
                Sign::Holds => held.of(support.node) != Horizon::FOREVER,
                // What must be absent is in the way by being there.
                Sign::Absent => held.of(support.node).may_hold(),
            })
            .max_by_key(|support| (held.of(support.node).possible, std::cmp::Reverse(support.node)));
        let others = beside(scenario, need, next);
        steps.push(ProofStep { node: at, need: Some(number), others });
        match next {
            Some(support) => at = support.node,
            None => return steps,
        }
    }
    steps
}

/// The supports of a need other than the one that the proof follows.
fn beside(scenario: Scenario<'_>, need: &Need, next: Option<&Support>) -> Vec<(NodeIx, Option<Unknown>)> {
    need.supports
        .iter()
        .filter(|support| scenario.has_support(need, support))
        .filter(|support| next.is_none_or(|next| next.node != support.node))
        .map(|support| (support.node, doubt(support)))
        .collect()
}

fn is_renewal(need: &Need) -> bool {
    matches!(need.phase, crate::model::Phase::Renew { .. })
}

fn doubt(support: &Support) -> Option<Unknown> {
    match &support.coverage {
        Coverage::Sure => None,
        Coverage::Unknown(unknown) => Some(unknown.clone()),
    }
}

/// Why a fall is not certain, or hangs on something that is not known: doubts of the supports of lost needs, along
/// everything that falls at or below the node, and of what those supports rest on.
pub fn doubts(
    estate: &Estate,
    falls: &Falls,
    to: Scenario<'_>,
    after: &Evaluation,
    start: NodeIx,
) -> Vec<Doubtful> {
    let mut found: BTreeSet<Doubtful> = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let (Some(node), Some(loss)) = (estate.node(index), falls.of(index)) else { continue };
        for need in loss.needs.iter().filter_map(|number| node.needs.get(*number)) {
            for support in &need.supports {
                open.push(support.node);
                let carries =
                    after.of(support.node).possible > Moment::Never && to.has_support(need, support);
                let lost = falls.of(support.node).is_some() || !to.has_support(need, support);
                if let Some(unknown) = doubt(support)
                    && (carries || lost)
                {
                    found.insert(Doubtful::Support(unknown));
                }
                if carries && !after.of(support.node).surely_holds() {
                    unknown_below(estate, to, after, support.node, &mut found);
                }
            }
        }
    }
    found.into_iter().collect()
}

/// What is not known below a support that may hold.
fn unknown_below(
    estate: &Estate,
    to: Scenario<'_>,
    after: &Evaluation,
    start: NodeIx,
    found: &mut BTreeSet<Doubtful>,
) {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Some(node) = estate.node(index) else { continue };
        if super::evaluate::presence(node, |change| to.version(change)) == Presence::Unknown
            && node.class != crate::model::Class::Unseen
        {
            found.insert(Doubtful::Presence(index));
        }
        for need in node.needs.iter().filter(|need| to.has_need(need)) {
            for support in need.supports.iter().filter(|support| to.has_support(need, support)) {
                if after.of(support.node).surely_holds() && doubt(support).is_none() {
                    continue;
                }
                if after.of(support.node).may_hold() {
                    if let Some(unknown) = doubt(support) {
                        found.insert(Doubtful::Support(unknown));
                    }
                    open.push(support.node);
                }
            }
        }
    }
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubtful {
    /// Whether a support meets its need.
    Support(Unknown),
    /// Whether a node exists.
    Presence(NodeIx),
}
