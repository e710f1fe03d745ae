//! When a loss is felt, and what brings that day about.

use super::evaluate::Evaluation;
use super::loss::{Loss, Outcome};
use super::proof::ProofStep;
use super::scenario::Stage;
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
pub fn trigger(outcome: &Outcome<'_>, loss: &Loss) -> Option<String> {
    if ends_some_day(loss.until)
        && let Some(seconds) = life_below(outcome, loss.node)
    {
        return Some(format!("issue+{}", hours(seconds)));
    }
    let word = match loss.until.possible {
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
    };
    word.map(str::to_owned)
}

/// Whether it ends on a day that hangs on when something is issued.
fn ends_some_day(until: Horizon) -> bool {
    until.possible == Moment::Eventually
        || until.possible == Moment::Forever && until.sure == Moment::Eventually
}

/// Seconds that what is still to be issued lasts, of what falls at or below a node, and of what new needs rest on.
fn life_below(outcome: &Outcome<'_>, from: NodeIx) -> Option<i64> {
    let held = &outcome.held;
    let supports = below(outcome, from).into_iter().flat_map(|(_, _, need)| &need.supports);
    supports.filter_map(|support| life_of(held, support.node)).min()
}

/// Seconds that what is still to be issued lasts, if it ends by its limits in this scenario.
fn life_of(held: &Evaluation<'_>, node: NodeIx) -> Option<i64> {
    let estate = held.evaluator.estate;
    let leased = estate.leases.get(&node).filter(|leased| leased.issue.is_some())?;
    let end = estate.node(node)?.end.as_deref()?;
    let (end, bounded) = match held.scenario.stage(end.change) {
        Stage::Before => (end.before, &leased.before),
        _ => (end.after, &leased.after),
    };
    if end == Horizon::FOREVER { None } else { bounded.as_ref()?.seconds() }
}

/// Seconds as people write them: `768h`, `90m`, `45s`.
pub fn hours(seconds: i64) -> String {
    match seconds {
        hours if hours % 3600 == 0 => format!("{}h", hours / 3600),
        minutes if minutes % 60 == 0 => format!("{}m", minutes / 60),
        other => format!("{other}s"),
    }
}

/// The same of something that ends by itself, by the chain that says why. What does not hold already waits for nothing.
pub fn trigger_along(held: &Evaluation<'_>, chain: &[ProofStep], until: Horizon) -> Option<String> {
    if ends_some_day(until)
        && let Some(seconds) = chain.iter().filter_map(|step| life_of(held, step.node)).min()
    {
        return Some(format!("issue+{}", hours(seconds)));
    }
    let phases = || {
        let needs = chain.iter().filter_map(|step| {
            held.evaluator.estate.node(step.node)?.needs.get(step.need?).map(|need| need.phase)
        });
        needs.collect::<Vec<Phase>>()
    };
    let word = match until.possible {
        Moment::Never => None,
        Moment::At(_) => Some("deadline"),
        Moment::Forever if matches!(until.sure, Moment::At(_)) => Some("deadline"),
        _ if phases().iter().any(|phase| matches!(phase, Phase::Renew { .. })) => Some("next-renewal"),
        _ if phases().contains(&Phase::Start) => Some("next-start"),
        _ => None,
    };
    word.map(str::to_owned)
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
