//! When a loss is felt, and what brings that day about.

use super::evaluate::Evaluation;
use super::loss::{Loss, Outcome};
use super::proof::ProofStep;
use crate::model::{Horizon, Instant, Moment, Need, NodeIx, Phase};
use std::collections::BTreeSet;

/// When lost renewals are first exercised, along everything that falls below the node: the least of max(now, due).
pub fn first_failure(outcome: &Outcome<'_>, from: NodeIx) -> Option<Instant> {
    let held = &outcome.held;
    let lost = below(outcome, from).into_iter().filter_map(|(node, place, need)| {
        let path = held.need(node, place)?.supports;
        Some(first_failing(need.phase, path, held.evaluator.now())?.max(held.evaluator.now()))
    });
    lost.min()
}

/// The same of something that ends by itself, along the chain that says why. What failed already did so when it was due.
pub fn first_failure_along(held: &Evaluation<'_>, chain: &[ProofStep]) -> Option<Instant> {
    let failing = chain.iter().filter_map(|step| {
        let place = step.need?;
        let need = held.evaluator.estate.node(step.node)?.needs.get(place)?;
        first_failing(need.phase, held.need(step.node, place)?.supports, held.evaluator.now())
    });
    failing.min()
}

/// When a renewal is due that may not succeed, where its path holds so long. A path that surely holds when renewal is
/// due serves it once more, and when it is due again is not known: then there is no day to name.
pub(super) fn first_failing(phase: Phase, path: Horizon, now: Instant) -> Option<Instant> {
    let Phase::Renew { at, seen, .. } = phase else { return None };
    let at = at?;
    let overdue = seen.unwrap_or(now) >= at;
    (overdue || path.sure <= Moment::At(at.max(now))).then_some(at)
}

/// What ends it, in the report's words.
pub fn trigger(outcome: &Outcome<'_>, loss: &Loss) -> Option<&'static str> {
    match loss.until.possible {
        Moment::Never => Some("apply"),
        Moment::At(_) => Some("deadline"),
        Moment::Eventually => {
            let below = below(outcome, loss.node);
            let renews = below.iter().any(|(_, _, need)| matches!(need.phase, Phase::Renew { .. }));
            Some(if renews { "next-renewal" } else { "next-start" })
        }
        Moment::Forever => match loss.until.sure {
            Moment::Never => Some("apply"),
            Moment::At(_) => Some("deadline"),
            Moment::Eventually => Some("next-renewal"),
            Moment::Forever => None,
        },
    }
}

/// The same of something that ends by itself, by the chain that says why. What does not hold already waits for nothing.
pub fn trigger_along(held: &Evaluation<'_>, chain: &[ProofStep], until: Horizon) -> Option<&'static str> {
    let phases = || {
        let needs = chain.iter().filter_map(|step| {
            held.evaluator.estate.node(step.node)?.needs.get(step.need?).map(|need| need.phase)
        });
        needs.collect::<Vec<Phase>>()
    };
    match until.possible {
        Moment::Never => None,
        Moment::At(_) => Some("deadline"),
        Moment::Forever if matches!(until.sure, Moment::At(_)) => Some("deadline"),
        _ if phases().iter().any(|phase| matches!(phase, Phase::Renew { .. })) => Some("next-renewal"),
        _ if phases().contains(&Phase::Start) => Some("next-start"),
        _ => None,
    }
}

/// All needs that may fall at or below a node, each with whose it is and its place there.
fn below<'a>(outcome: &Outcome<'a>, from: NodeIx) -> Vec<(NodeIx, usize, &'a Need)> {
    let estate = outcome.held.evaluator.estate;
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    let mut found = Vec::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let (Some(node), Some(loss)) = (estate.node(index), outcome.falls.of(index)) else { continue };
        for (place, need) in loss.needs.iter().filter_map(|place| Some((*place, node.needs.get(*place)?))) {
            found.push((index, place, need));
            open.extend(need.supports.iter().map(|support| support.node));
        }
    }
    found
}
