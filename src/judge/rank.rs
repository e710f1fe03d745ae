//! `rank`: what carries most.

use super::beyond::Beyond;
use super::collect::Collected;
use crate::estate::{Carries, Evaluator, Scenario, Weight, rank as ranked, weigh};
use crate::model::{Horizon, Instant, Node, Source};
use crate::rules::affected_by;
use crate::verdict::{Load, Mainstay, Ranking};

/// Says what carries most as it is; with a plan, also what each of these carries after it.
pub fn rank(collected: &Collected, top: usize, now: Instant) -> Ranking {
    let estate = &collected.estate;
    let evaluator = Evaluator::new(estate, now);
    // What only follows from others cannot go by itself.
    let mut found = ranked(&evaluator, top.saturating_add(1), |node: &Node| node.shown_as.is_none());
    let more = found.len() > top;
    found.truncate(top);
    let mut mainstays: Vec<(Carries, Mainstay)> = found
        .into_iter()
        .filter_map(|carries| {
            let told = mainstay(collected, &evaluator, &carries)?;
            Some((carries, told))
        })
        .collect();
    mainstays.sort_by(|(one, told), (other, known)| {
        other.weight.cmp(&one.weight).then_with(|| told.node.cmp(&known.node))
    });
    let doubts = collected.sources.iter().filter_map(Source::shortfall);
    Ranking {
        format: Ranking::FORMAT,
        now,
        workloads: estate.nodes.iter().filter(|node| node.workload.is_some()).count(),
        mainstays: mainstays.into_iter().map(|(_, told)| told).collect(),
        more,
        unknown_because: doubts.collect(),
    }
}

fn mainstay(collected: &Collected, evaluator: &Evaluator<'_>, carries: &Carries) -> Option<Mainstay> {
    let estate = &collected.estate;
    let node = estate.node(carries.node)?;
    let outcome = evaluator.outcome(Scenario::before().without([carries.node]));
    let all = carries.workloads.iter().map(|index| outcome.held.of(*index));
    let until = all.reduce(|one, other| Horizon {
        sure: one.sure.min(other.sure),
        possible: one.possible.min(other.possible),
    });
    let now_carried = load(carries.weight);
    let after = (!collected.plans.is_empty()).then(|| {
        let after = Beyond::new(evaluator, &Scenario::after(), carries.node);
        load(weigh(evaluator, &after.workloads()))
    });
    Some(Mainstay {
        node: node.id.to_string(),
        kind: node.class.word().to_owned(),
        name: node.name.clone(),
        carries: now_carried,
        carries_after: after.filter(|after| *after != now_carried),
        until: until.unwrap_or(Horizon::FOREVER),
        workloads: affected_by(&outcome, &carries.workloads),
    })
}

fn load(Weight { critical, important, normal }: Weight) -> Load {
    Load { critical, important, normal }
}
