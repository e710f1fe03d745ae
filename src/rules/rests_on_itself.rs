//! `rests-on-itself`: a way out that does not hold when it is needed.

use super::people::{Person, spoken};
use super::view::finish_of;
use super::{Draft, Judged, Rule};
use crate::estate::{NoWayOut, ProofStep, RestsOn, causes, doubts, prove, ways_out, why_ends};
use crate::model::{ChangeIx, NodeIx};
use crate::verdict::{Affected, Cause, CauseChange, Certainty, RuleText};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "rests-on-itself",
        what: "break-glass, an approver or the applying identity does not hold from nothing, without what it is there to \
               repair, or with everything gone that the plan removes",
        why: "JumpCloud, 2024: the responders' own access went through the product that was down, and much time went by \
              before another way in was found",
        example: "the break-glass user signs in through the identity provider that it is there to repair",
        resolve: "give it a way in of its own that rests on nothing else (a user with its own key, kept offline), and try it",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let estate = judged.estate;
    let mut drafts = Vec::new();
    for recovery in &estate.recoveries {
        for node in &recovery.nodes {
            let person = Person { node: *node, called: recovery.name.clone() };
            drafts.extend(of(judged, &person, &recovery.repairs, false));
        }
    }
    let actors = judged.actors();
    if !actors.is_empty() {
        let critical: Vec<NodeIx> = estate.indices().filter(|index| judged.is_critical(*index)).collect();
        drafts.extend(actors.values().flat_map(|person| of(judged, person, &critical, true)));
    }
    drafts
}

/// One way in which it is none, in words.
struct Reason {
    words: String,
    way: NoWayOut,
}

/// What the plan does to somebody and what stands: a finding for each.
fn of(judged: &Judged<'_>, person: &Person, repairs: &[NodeIx], acts: bool) -> Vec<Draft> {
    let at_work = judged.estate.at_work(person.node);
    let plan = (!judged.plans.is_empty()).then_some(&judged.after().scenario);
    let repairs: Vec<NodeIx> = repairs.iter().copied().filter(|other| *other != person.node).collect();
    let mut ways = ways_out(judged.before.evaluator, at_work, &repairs, plan);
    // Down only while the plan is applied: `interrupts-workload` says so, as loudly.
    if acts && judged.outcome.interrupts(at_work).is_some() {
        ways.retain(|way| way.rests_on != RestsOn::Removed);
    }
    let mut reasons: Vec<Reason> =
        ways.into_iter().map(|way| Reason { words: words(judged, &way, acts), way }).collect();
    reasons.extend(by_the_plan(judged, at_work, &reasons));
    reasons.extend(as_it_is(judged, at_work));
    let (planned, standing): (Vec<Reason>, Vec<Reason>) =
        reasons.into_iter().partition(|reason| reason.way.by_plan);
    let each = [(planned, Cause::Plan), (standing, Cause::Standing)];
    each.into_iter().filter_map(|(reasons, cause)| finding(judged, person, &reasons, cause)).collect()
}

/// It falls by the plan otherwise than by what goes: its rights shrink, a deny comes.
fn by_the_plan(judged: &Judged<'_>, at_work: NodeIx, known: &[Reason]) -> Option<Reason> {
    let loss = judged.falls().of(at_work)?;
    if known.iter().any(|reason| reason.way.by_plan) {
        return None;
    }
    let way = NoWayOut {
        node: at_work,
        rests_on: RestsOn::Removed,
        certain: loss.certain,
        by_plan: true,
        proof: prove(judged.outcome, at_work),
        doubts: doubts(judged.outcome, at_work),
    };
    Some(Reason { words: format!("rests on what this plan takes away: {}", last(judged, &way.proof)), way })
}

/// It does not hold at all.
fn as_it_is(judged: &Judged<'_>, at_work: NodeIx) -> Option<Reason> {
    if judged.before.of(at_work).may_hold() || !judged.is_there(at_work) {
        return None;
    }
    let proof = why_ends(judged.before, at_work);
    let words = format!("does not hold now: {}", last(judged, &proof));
    let (certain, by_plan) = (true, false);
    let way =
        NoWayOut { node: at_work, rests_on: RestsOn::Itself, certain, by_plan, proof, doubts: Vec::new() };
    Some(Reason { words, way })
}

fn finding(judged: &Judged<'_>, person: &Person, reasons: &[Reason], cause: Cause) -> Option<Draft> {
    // What is sure is said first, and proved.
    let first = reasons.iter().find(|reason| reason.way.certain).or(reasons.first())?;
    let node = judged.estate.node(person.node)?;
    let verb = if first.way.certain { "" } else { "perhaps " };
    let mut said: Vec<&str> = vec![&first.words];
    for reason in reasons.iter().filter(|reason| reason.words != first.words) {
        if !said.contains(&reason.words.as_str()) {
            said.push(&reason.words);
        }
    }
    let more = match said.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    said.truncate(TOLD);
    let title = format!("{} {verb}{}{more}", person.called, said.join("; it "));
    let causes = if cause == Cause::Plan { causes_of(judged, &first.way) } else { Vec::new() };
    let change = causes.first().map(|(change, _)| *change);
    let changed = change.and_then(|change| judged.changed(change, &first.way.proof));
    let subject = judged.subject(changed.unwrap_or(node), change);
    let help = if cause == Cause::Plan { HELP_PLAN } else { HELP };
    let mut finding = judged.finding("rests-on-itself", title, subject, help);
    finding.cause = cause;
    finding.causes = causes.into_iter().map(|(_, cause)| cause).collect();
    finding.path = judged.steps(&first.way.proof);
    let unsure = reasons.iter().filter(|reason| !reason.way.certain);
    finding.unknown_because = judged.reasons(unsure.flat_map(|reason| reason.way.doubts.clone()).collect()).0;
    let certainty = Certainty::of(first.way.certain);
    let held = judged.before.of(judged.estate.at_work(person.node));
    let mut affected = judged.affected_person(person, certainty)?;
    if cause == Cause::Standing {
        affected.until = held;
    } else if affected.until != affected.was {
        affected = Affected { trigger: Some("apply".to_owned()), ..affected };
    }
    finding.affects = vec![affected];
    Some(Draft { finding: finish_of(finding, node.id.as_str()), lesser: false })
}

/// Reasons that the title gives.
const TOLD: usize = 3;

const HELP: &str = "give it a way in of its own that rests on nothing else, and try it";
const HELP_PLAN: &str =
    "keep what it rests on, or give it another way in first and apply this in a later plan";

fn words(judged: &Judged<'_>, way: &NoWayOut, acts: bool) -> String {
    match way.rests_on {
        RestsOn::Itself => format!("rests only on itself: {}", chain(judged, &way.proof)),
        RestsOn::Repaired(repaired) => {
            let name = judged.estate.node(repaired).map(spoken).unwrap_or_default();
            let duty = if acts { "whose repair may need it" } else { "which it is there to repair" };
            format!("rests on {name}, {duty}")
        }
        RestsOn::Removed => format!("rests on what this plan takes away: {}", last(judged, &way.proof)),
    }
}

/// `A → B → A`.
fn chain(judged: &Judged<'_>, proof: &[ProofStep]) -> String {
    let mut names: Vec<String> = Vec::new();
    let back = proof.last().and_then(|step| {
        let need = judged.estate.node(step.node)?.needs.get(step.need?)?;
        let back = |support: &&crate::model::Support| proof.iter().any(|step| step.node == support.node);
        need.supports.iter().find(back).map(|support| support.node)
    });
    for index in proof.iter().map(|step| step.node).chain(back) {
        let name = name(judged, index);
        if names.last() != Some(&name) {
            names.push(name);
        }
    }
    names.join(" → ")
}

fn last(judged: &Judged<'_>, proof: &[ProofStep]) -> String {
    proof.last().map(|step| name(judged, step.node)).unwrap_or_default()
}

fn name(judged: &Judged<'_>, index: NodeIx) -> String {
    let Some(node) = judged.estate.node(index) else { return String::new() };
    spoken(judged.estate.shown(node))
}

/// The changes that bring it about: by the whole plan as the loss rule finds them, else those along the chain.
fn causes_of(judged: &Judged<'_>, way: &NoWayOut) -> Vec<(ChangeIx, CauseChange)> {
    if judged.falls().of(way.node).is_some() {
        let found = causes(judged.outcome, &[way.node]);
        let each = found.iter().flat_map(|cause| cause.changes.iter().copied().zip(judged.causes_in(cause)));
        return each.collect();
    }
    let nodes = way.proof.iter().rev().filter_map(|step| judged.estate.node(step.node));
    let along: BTreeSet<ChangeIx> = nodes
        .flat_map(|node| {
            let claims = node.claims.iter().filter(|claim| claim.before != claim.after);
            let needs = node.needs.iter().flat_map(|need| need.supports.iter().map(|support| support.change));
            claims.map(|claim| claim.change).chain(needs).flatten()
        })
        .collect();
    let alone = along.len() == 1;
    along.into_iter().filter_map(|change| Some((change, judged.cause(change, alone, alone)?))).collect()
}
