//! `expiring-in-use`: something that workloads rest on ends, and nothing renews it.

use super::people::{sort, spoken, with_others};
use super::view::finish_of;
use super::{Draft, Judged, Rule};
use crate::estate::{
    EndingInUse, ProofStep, ending_in_use, first_failure_along, good_until, namesakes, prove, renewals,
    trigger_along, unsure, why_ends,
};
use crate::model::{Horizon, Instant, Moment, Node, NodeIx, minute};
use crate::verdict::{Affected, Cause, Certainty, RuleText};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "expiring-in-use",
        what: "a certificate, key or token that workloads rest on ends, and nothing renews it, or its renewal is overdue",
        why: "Coinbase, 2021: an IAM server certificate that many internal load balancers still used ended, and most API \
              traffic failed; one of ACM, which renews by itself, was there for the same name",
        example: "aws:server-certificate/api.internal.example.com ends on 2021-11-24, IAM renews no certificate, and six \
                  listeners use it",
        resolve: "move what uses it to something that is renewed, or make a new one in time; levels go by \
                  `approval_within` and `warn_within` under [rules.expiring-in-use]",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut found = ending_in_use(judged.before);
    for ending in &mut found {
        // It held until then for certain; whether it was renewed since its source was taken is not known.
        if let Some(end) = good_until(judged.before, ending.node)
            && ending.until.sure == Moment::Never
            && ending.until.possible > Moment::Never
            && end <= judged.now
        {
            ending.until.sure = Moment::At(end);
        }
    }
    let rested: BTreeMap<NodeIx, &[NodeIx]> =
        found.iter().map(|one| (one.node, one.workloads.as_slice())).collect();
    let standing = found.iter().filter_map(|one| standing(judged, one));
    let after = if judged.plans.is_empty() { Vec::new() } else { ending_in_use(judged.after()) };
    let brought = after
        .iter()
        .filter_map(|one| brought(judged, one, rested.get(&one.node).copied().unwrap_or_default()));
    standing.chain(brought).collect()
}

/// Whether a chain leads to something that has an end of its own, and has not passed it.
pub(super) fn is_end_of(judged: &Judged<'_>, chain: &[ProofStep]) -> bool {
    let last = chain.last().map(|step| step.node);
    last.is_some_and(|last| {
        judged.estate.node(last).is_some_and(|node| node.end.is_some())
            && matches!(judged.before.of(last).possible, Moment::At(_) | Moment::Eventually)
    })
}

/// What ends plan or no plan.
fn standing(judged: &Judged<'_>, ending: &EndingInUse) -> Option<Draft> {
    let node = judged.estate.node(ending.node)?;
    let mut affects: Vec<Affected> =
        ending.workloads.iter().filter_map(|index| affected(judged, *index, ending)).collect();
    sort(&mut affects);
    let mut title = title(judged, node, ending, &affects)?;
    let lasts = |index: &NodeIx| judged.after().of(*index).possible > judged.before.of(*index).possible;
    let mended = !judged.plans.is_empty() && ending.workloads.iter().all(lasts);
    if mended {
        title.push_str("; this plan mends it");
    }
    let help = help(judged, node, ending, mended);
    let mut finding = judged.finding(RULE.text.id, title, judged.subject(node, None), &help);
    finding.cause = Cause::Standing;
    finding.path = judged.steps(&chain(judged, ending, &affects));
    if ending.until.sure != ending.until.possible {
        (finding.unknown_because, finding.missing_input) =
            judged.reasons(unsure(judged.before, ending.node).doubts);
    }
    finding.affects = affects;
    super::standing_doubt::tell(judged, &mut finding, ending.workloads.iter().copied());
    Some(Draft { finding: finish_of(finding, "standing"), lesser: false })
}

/// What a plan puts on something that ends: workloads that are not among those that rested on it `before`.
fn brought(judged: &Judged<'_>, ending: &EndingInUse, before: &[NodeIx]) -> Option<Draft> {
    let node = judged.estate.node(ending.node)?;
    let new: Vec<NodeIx> = ending.workloads.iter().copied().filter(|index| !before.contains(index)).collect();
    // Along the chain: a service comes to rest on it since its listener does.
    let chains = new.iter().flat_map(|index| why_ends(judged.after(), *index));
    let nodes: BTreeSet<NodeIx> = chains.map(|step| step.node).chain(new.iter().copied()).collect();
    let changes: BTreeSet<_> = nodes
        .into_iter()
        .filter_map(|index| judged.estate.node(index))
        .flat_map(|node| judged.made_by(node))
        .collect();
    if changes.is_empty() {
        return None;
    }
    let mut affects: Vec<Affected> = new
        .iter()
        .filter_map(|index| {
            let concerned =
                judged.concerned(*index, Certainty::of(ending.until.possible < Moment::Forever))?;
            Some(Affected { until: ending.until.and(concerned.until), ..concerned })
        })
        .collect();
    sort(&mut affects);
    let first = affects.first()?;
    let called = spoken(node);
    let until = until(ending.until, judged.now);
    let title =
        format!("this plan puts {} on {called}, which {until}", with_others(&first.workload, affects.len()));
    let help = help(judged, node, ending, false);
    let alone = changes.len() == 1;
    let mut finding = judged.finding(RULE.text.id, title, judged.subject(node, None), &help);
    finding.causes = changes.iter().filter_map(|change| judged.cause(*change, true, alone)).collect();
    finding.affects = affects;
    Some(Draft { finding: finish_of(finding, "brought"), lesser: false })
}

/// A workload, with the end of what it rests on: it may fall sooner by something else.
fn affected(judged: &Judged<'_>, index: NodeIx, ending: &EndingInUse) -> Option<Affected> {
    let was = judged.before.of(index);
    let mut until = ending.until.and(was);
    if matches!(ending.until.sure, Moment::At(end) if end <= judged.now) {
        until.sure = ending.until.sure;
    }
    let chain = why_ends(judged.before, index);
    let by_it = chain.iter().any(|step| step.node == ending.node);
    let concerned = judged.concerned(index, Certainty::of(until.possible < Moment::Forever))?;
    Some(Affected {
        until,
        was,
        trigger: if by_it { trigger_along(judged.before, &chain, until) } else { None },
        first_failure_at: if by_it { first_failure_along(judged.before, &chain) } else { None },
        breaks_at: match until.possible {
            Moment::At(instant) => Some(instant),
            _ => None,
        },
        ..concerned
    })
}

/// From the worst workload to what ends.
fn chain(judged: &Judged<'_>, ending: &EndingInUse, affects: &[Affected]) -> Vec<ProofStep> {
    let worst = affects.first().and_then(|worst| judged.index_of(&ending.workloads, worst));
    let Some(worst) = worst else { return Vec::new() };
    let chain = why_ends(judged.before, worst);
    if chain.iter().any(|step| step.node == ending.node) {
        return chain;
    }
    let without = judged.before.evaluator.outcome(judged.before.scenario.clone().without([ending.node]));
    match without.falls.of(worst) {
        Some(_) => prove(&without, worst),
        None => chain,
    }
}

fn title(judged: &Judged<'_>, node: &Node, ending: &EndingInUse, affects: &[Affected]) -> Option<String> {
    let first = affects.first()?;
    let why = why(judged, ending);
    Some(format!(
        "{} {}{why}; {} {} on it",
        spoken(node),
        until(ending.until, judged.now),
        with_others(&first.workload, affects.len()),
        if affects.len() == 1 { "rests" } else { "rest" },
    ))
}

/// `ends 2021-11-24 00:00 UTC`.
fn until(until: Horizon, now: Instant) -> String {
    match (until.sure, until.possible) {
        (_, Moment::Never) => "does not hold any more".to_owned(),
        (Moment::At(at), Moment::Eventually | Moment::Forever) if at <= now => {
            format!("may have ended {}", minute(at))
        }
        (Moment::At(at), Moment::At(_)) => format!("ends {}", minute(at)),
        (Moment::At(at), _) => format!("may end {}", minute(at)),
        (_, Moment::At(at)) => format!("ends {} at the latest", minute(at)),
        _ => "ends on a day that is not known".to_owned(),
    }
}

/// Why nothing renews it.
fn why(judged: &Judged<'_>, ending: &EndingInUse) -> String {
    if let Some(why) = judged.estate.unrenewed.get(&ending.node) {
        return format!(", and {why}");
    }
    let renewal =
        renewals(judged.before, ending.node).into_iter().find(|one| one.counted != Horizon::FOREVER);
    match renewal {
        Some(renewal) => format!(", and its renewal is overdue: {}", renewal.need.label),
        None => ", and nothing renews it".to_owned(),
    }
}

/// What to do; where something for the same name is there that lasts longer, that.
fn help(judged: &Judged<'_>, node: &Node, ending: &EndingInUse, mended: bool) -> String {
    if mended {
        return "apply this plan before that day".to_owned();
    }
    let better = namesakes(judged.estate, ending.node, "tls-name")
        .into_iter()
        .filter(|other| judged.is_there(*other))
        .find(|other| judged.before.of(*other).possible > ending.until.possible);
    match better.and_then(|other| Some((other, judged.estate.node(other)?))) {
        Some((index, other)) => {
            let unused = judged.estate.users(index).next().is_none();
            let used = if unused { "nothing uses it" } else { "it is in use" };
            let lasts = match judged.before.of(index).possible {
                Moment::At(at) => format!("is good until {}", minute(at)),
                _ => "is renewed by itself".to_owned(),
            };
            format!(
                "{} is there for the same name, {lasts}, and {used}: move what rests on {} to it",
                spoken(other),
                spoken(node)
            )
        }
        None if judged.estate.unrenewed.contains_key(&ending.node) => {
            "renew it by hand in time, or move what rests on it to something that is renewed".to_owned()
        }
        None => "see why it was not renewed when it was due, and renew it by hand if need be".to_owned(),
    }
}
