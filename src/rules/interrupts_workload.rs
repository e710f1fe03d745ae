//! `interrupts-workload`: it comes back, but is down in between.

use super::people::{Person, sort, spoken, with_others};
use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::estate::{CauseOf, ProofStep, causes_of_interruption, prove_interruption};
use crate::model::{Action, ChangeIx, Node, NodeIx};
use crate::verdict::{Affected, Certainty, Fall, RuleText};
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "interrupts-workload",
        what: "a workload holds again after the plan, but is down while it is applied; or who applies or approves is",
        why: "Terraform deletes before it creates where it is not told otherwise; whoever applies by the very grant that is \
              being replaced may not be able to finish, and the apply ends half-way",
        example: "the role assignment of the identity that runs Terraform is replaced: it is deleted, and nobody is left who \
                  may create it again",
        resolve: "let the new one be made first (lifecycle { create_before_destroy = true }), or make it in one plan and \
                  delete the old one in the next, or apply when nobody minds",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let actors = judged.actors();
    let down = judged.after().interrupted().keys().copied().filter(|index| {
        let counts = judged.estate.node(*index).is_some_and(|node| node.workload.is_some());
        (counts || actors.contains_key(index)) && judged.outcome.interrupts(*index).is_some()
    });
    let down: Vec<NodeIx> = down.collect();
    if down.is_empty() {
        return Vec::new();
    }
    let causes = causes_of_interruption(judged.outcome, &down);
    causes.iter().filter_map(|cause| finding(judged, cause, &actors)).collect()
}

fn finding(judged: &Judged<'_>, cause: &CauseOf, actors: &BTreeMap<NodeIx, Person>) -> Option<Draft> {
    let mut people: Vec<(Affected, NodeIx)> = Vec::new();
    let mut workloads: Vec<Affected> = Vec::new();
    for index in &cause.falls {
        match actors.get(index) {
            Some(person) => people.extend(affected(judged, *index, Some(person)).map(|one| (one, *index))),
            None => workloads.extend(affected(judged, *index, None)),
        }
    }
    people.sort_by(|(one, _), (other, _)| (other.certainty, &one.node).cmp(&(one.certainty, &other.node)));
    sort(&mut workloads);
    let lesser = people.is_empty();
    let first = people
        .first()
        .map(|(_, index)| *index)
        .or_else(|| judged.index_of(&cause.falls, workloads.first()?))?;
    let proof = proof(judged, &cause.changes, first);
    let change = *cause.changes.first()?;
    let changed = judged.changed(change, &proof)?;
    let affects: Vec<Affected> = people.into_iter().map(|(one, _)| one).chain(workloads).collect();
    let worst = affects.first()?;
    // What one change makes, or makes otherwise in place, is the one or the other at any time.
    let at_a_stroke = |change: &ChangeIx| {
        judged.change(*change).is_some_and(|change| matches!(change.action, Action::Create | Action::Update))
    };
    if lesser
        && worst.certainty == Certainty::Possible
        && matches!(&cause.changes[..], [one] if at_a_stroke(one))
    {
        return None;
    }
    let verb = match (worst.certainty, affects.len()) {
        (Certainty::Certain, 1) => "is down",
        (Certainty::Certain, _) => "are down",
        (Certainty::Possible, _) => "may be down",
    };
    let who = with_others(&worst.workload, affects.len());
    let what = if changed.id.as_str() == worst.node { "it".to_owned() } else { spoken(changed) };
    let how = how(judged, change, changed);
    let title = format!("{who} {verb} while this plan is applied: {what} {how}");
    let help = if lesser { HELP } else { HELP_PEOPLE };
    let mut finding =
        judged.finding("interrupts-workload", title, judged.subject(changed, Some(change)), help);
    finding.causes = judged.causes_in(cause);
    finding.path = judged.steps(&proof);
    if worst.certainty == Certainty::Possible {
        finding.unknown_because.push(match is_delete_first(judged, change) {
            true => "nothing shows that what is away is needed while this plan is applied".to_owned(),
            false => "in which order things go and come is not known".to_owned(),
        });
    }
    finding.affects = affects;
    Some(Draft { finding: finish(finding), lesser })
}

const HELP: &str =
    "let the new one be made first (create_before_destroy), go in two steps, or apply when nobody minds";
const HELP_PEOPLE: &str = "let the new one be made first (create_before_destroy), or go in two steps: who is cut off cannot finish the apply";

fn affected(judged: &Judged<'_>, index: NodeIx, person: Option<&Person>) -> Option<Affected> {
    let certainty = Certainty::of(judged.outcome.interrupts(index)?.certain);
    let named = match person {
        Some(person) => judged.affected_person(person, certainty)?,
        None => judged.concerned(index, certainty)?,
    };
    let was = judged.before.of(index);
    Some(Affected { fall: Fall::Interrupted, was, trigger: Some("apply".to_owned()), ..named })
}

/// The proof of an interruption by these changes alone.
fn proof(judged: &Judged<'_>, changes: &[ChangeIx], node: NodeIx) -> Vec<ProofStep> {
    let outcome = judged.only(changes);
    match outcome.held.interrupted().contains_key(&node) {
        true => prove_interruption(&outcome, node),
        false => prove_interruption(judged.outcome, node),
    }
}

fn is_delete_first(judged: &Judged<'_>, change: ChangeIx) -> bool {
    judged.change(change).is_some_and(|change| change.action == Action::DeleteCreate)
}

fn how(judged: &Judged<'_>, change: ChangeIx, changed: &Node) -> String {
    if is_delete_first(judged, change) {
        return "is deleted before it is made again".to_owned();
    }
    let made = changed.claims.iter().find(|claim| claim.before < claim.after).and_then(|claim| claim.change);
    match made.filter(|made| *made != change).and_then(|made| judged.change(made)) {
        Some(made) => format!("goes, and what {} makes in its place may come later", made.address),
        None => "goes, and what takes its place may come later".to_owned(),
    }
}
