//! `breaks-workload`: a workload falls, certainly or possibly, with date and proof.

use super::people::sort;
use super::view::{called, finish, is_object, turns_off, with_undo};
use super::{Draft, Judged, Rule, bounded_credential, expiring_in_use, standing_doubt};
use crate::estate::{CauseOf, ProofStep, Stage, first_failure_along, presence, trigger_along, why_ends};
use crate::model::{Action, Change, ChangeIx, Class, Moment, Node, NodeIx, Presence, minute};
use crate::verdict::{Affected, Cause, Certainty, Fall, Finding, Looked, Lost, RuleText};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "breaks-workload",
        what: "a workload falls by this plan, or is going to fall by itself, certainly or possibly, with date and proof",
        why: "Mender, 2023: a plan that added a second cert-manager deleted the role assignment with which the first one \
              wrote DNS records; sixteen days later the certificate of the hosted product expired. ServiceChannel, 2021: \
              the production account was deleted together with a test account.",
        example: "the last grant of Microsoft.Network/dnsZones/TXT/write on a zone is deleted; the ACME issuer that needs \
                  it cannot renew the certificate of Ingress prod/gateway, which ends on 2023-10-08",
        resolve: "keep what is deleted, or grant the same access in another way first (the report says which permission on \
                  which scope); if the loss is meant, `mainstay request` asks people to sign for it",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = judged.causes.iter().filter_map(|cause| planned(judged, cause)).collect();
    drafts.extend(standing(judged));
    drafts.extend(standing_doubt::unsure_workloads(judged));
    drafts
}

fn planned(judged: &Judged<'_>, cause: &CauseOf) -> Option<Draft> {
    let affects = judged.affected(&cause.falls);
    let worst = affects.first()?;
    let first = judged.index_of(&cause.falls, worst)?;
    let proof = judged.proof_by(&cause.changes, first);
    let leaf = judged.estate.node(proof.last()?.node)?;
    // What falls by no single change, but by the plan as a whole, falls all the same.
    let change = cause.changes.first().copied();
    // The subject is the object that the change is about: the end of the proof, where that is it.
    let changed = change.and_then(|change| judged.changed(change, &proof)).unwrap_or(leaf);
    let title = title(judged, worst, &proof, changed, change.and_then(|change| judged.change(change)));
    let adds = only_adds(judged, cause, changed, &affects);
    let (rule, help) = if adds { ("evicts-access", LOOK) } else { ("breaks-workload", HELP) };
    let mut finding = judged.finding(rule, title, judged.subject(changed, change), help);
    finding.causes = judged.causes_in(cause);
    finding.path = judged.steps(&proof);
    tell_what_is_lost(judged, &mut finding, &proof);
    with_undo(&mut finding, changed);
    doubt(judged, &mut finding, &cause.falls);
    finding.affects = affects;
    Some(Draft { finding: finish(finding), lesser: adds })
}

/// Whether all that may bring it about is that a plan adds policies of which it is known only after apply what they say: as
/// long as they do not deny they take nothing, and few deny. If one does, it takes what it never mentions.
fn only_adds(judged: &Judged<'_>, cause: &CauseOf, changed: &Node, affects: &[Affected]) -> bool {
    let adds =
        |change: &ChangeIx| judged.change(*change).is_some_and(|change| change.action == Action::Create);
    let denies = |index: NodeIx| {
        let by = |change: ChangeIx| cause.changes.contains(&change);
        let made = |node: &Node| node.claims.iter().filter_map(|claim| claim.change).any(by);
        judged.estate.node(index).is_some_and(made) && judged.estate.world.surely_denies(index.at())
    };
    matches!(changed.class, Class::Grant | Class::Role)
        && presence(changed, |_| Stage::Before) == Presence::Absent
        && cause.changes.iter().all(adds)
        && affects.iter().all(|affected| affected.certainty == Certainty::Possible)
        && !judged.estate.indices().any(denies)
}

const LOOK: &str = "see that what is added denies nothing: what it says is known only after apply";

const HELP: &str = "keep it, or grant the same in another way first; if the loss is meant, `mainstay request` asks people to sign for it";

fn title(
    judged: &Judged<'_>,
    worst: &Affected,
    proof: &[ProofStep],
    changed: &Node,
    change: Option<&Change>,
) -> String {
    let verb = match worst.certainty {
        Certainty::Certain => "this plan takes",
        Certainty::Possible => "this plan may take",
    };
    if worst.fall == Fall::Removed {
        if let Some((change, turns)) = change.and_then(|change| Some((change, turns_off(changed, change)?))) {
            return format!("the update of {} {turns} {}", change.address, worst.workload);
        }
        return format!("this plan removes {}", worst.workload);
    }
    let capability = last_capability(judged, proof);
    match (changed.class, capability.and_then(|(_, node)| node.access.as_ref())) {
        (Class::Grant, Some(access)) => {
            let who = access.principal_node.and_then(|index| judged.estate.node(index));
            let who = who.map_or_else(|| access.principal.to_string(), |node| node.name.clone());
            match &access.action {
                Some(action) => format!("{verb} the last grant by which {who} may {action}"),
                None => format!("{verb} a grant that {} may use as {who}", worst.workload),
            }
        }
        _ => match change.filter(|change| change.action == Action::Update) {
            Some(change) => {
                let takes = if worst.certainty == Certainty::Certain { "takes" } else { "may take" };
                let (address, what, who) = (&change.address, called(changed), &worst.workload);
                if let Some(turns) = turns_off(changed, change) {
                    return format!("the update of {address} {turns} {what}, on which {who} rests");
                }
                match is_object(changed) {
                    true => format!("the update of {what} {takes} away what {who} rests on"),
                    false => {
                        format!("the update of {address} {takes} {what} out of it, on which {who} rests")
                    }
                }
            }
            None => format!("{verb} away {}, on which {} rests", called(changed), worst.workload),
        },
    }
}

fn last_capability<'a>(judged: &Judged<'a>, proof: &[ProofStep]) -> Option<(NodeIx, &'a Node)> {
    proof.iter().rev().find_map(|step| {
        let node = judged.estate.node(step.node)?;
        (node.class == Class::Capability && node.access.is_some()).then_some((step.node, node))
    })
}

pub(super) fn tell_what_is_lost(judged: &Judged<'_>, finding: &mut Finding, proof: &[ProofStep]) {
    if let Some((index, node)) = last_capability(judged, proof)
        && let Some(access) = &node.access
    {
        let who = access.principal.spelt().into_owned();
        if let Some(action) = &access.action {
            finding.lost.push(Lost {
                capability: Some(format!("{who} can {action} on {}", access.scope)),
                grant: None,
                principal: who,
                action: Some(action.clone()),
                role: None,
                scope: access.scope.clone(),
            });
        }
        finding.looked_at = judged.estate.looked_at.get(&index).map(|looked| Looked {
            grants: looked.grants,
            inherited: looked.inherited,
            groups: looked.groups,
        });
    }
    let leaf = proof.last().and_then(|step| judged.estate.node(step.node));
    if let Some((leaf, access)) = leaf.and_then(|leaf| Some((leaf, leaf.access.as_ref()?)))
        && leaf.class == Class::Grant
    {
        finding.lost.push(lost_grant(judged, access));
    }
}

/// A grant in words.
pub fn lost_grant(judged: &Judged<'_>, access: &crate::model::Access) -> Lost {
    let role = access.role.clone().unwrap_or_else(|| "a role".to_owned());
    let name =
        access.principal_node.and_then(|index| judged.estate.node(index)).map(|node| node.name.clone());
    let from = match name {
        Some(name) => format!("identity {name} ({})", access.principal),
        None => format!("principal {}", access.principal),
    };
    Lost {
        capability: None,
        grant: Some(format!("{role} on {}, from {from}", access.scope)),
        principal: access.principal.spelt().into_owned(),
        action: None,
        role: Some(role),
        scope: access.scope.clone(),
    }
}

/// Doubts, and whether the verdict is undetermined by them: if a rated workload or a declared need hangs on input that
/// should be there.
pub(super) fn doubt(judged: &Judged<'_>, finding: &mut Finding, falls: &[NodeIx]) {
    for index in falls {
        if let Some(hidden) = judged.hidden(*index)
            && !finding.unknown_because.contains(&hidden)
        {
            finding.unknown_because.push(hidden);
        }
        let (words, missing) = judged.doubts(*index);
        for reason in words {
            if !finding.unknown_because.contains(&reason) {
                finding.unknown_because.push(reason);
            }
        }
        let Some(node) = judged.estate.node(*index) else { continue };
        let rated = node.workload.as_ref().is_some_and(|tag| tag.rated);
        let declared = judged.falls().of(*index).is_some_and(|loss| {
            loss.needs
                .iter()
                .filter_map(|number| node.needs.get(*number))
                .any(|need| need.strength == crate::model::Strength::Declared)
        });
        finding.missing_input |= missing && (rated || declared);
    }
}

/// Workloads that are going to fall, plan or no plan, one finding for each thing that ends.
fn standing(judged: &Judged<'_>) -> Vec<Draft> {
    let mut by_subject: std::collections::BTreeMap<NodeIx, Vec<(NodeIx, Vec<ProofStep>)>> =
        Default::default();
    for index in judged.estate.indices() {
        let Some(node) = judged.estate.node(index) else { continue };
        let held = judged.before.of(index);
        let ends = matches!(held.possible, Moment::At(_) | Moment::Eventually | Moment::Never);
        let there = presence(node, |_| Stage::Before) != Presence::Absent;
        if node.workload.is_none() || !ends || !there {
            continue;
        }
        let chain = why_ends(judged.before, index);
        // What ends by itself, or by the limits of who issued it, is told of by rules of its own, at the levels of those.
        let told =
            bounded_credential::is_end_of(judged, &chain) || expiring_in_use::is_end_of(judged, &chain);
        if held.possible != Moment::Never && told {
            continue;
        }
        let subject = chain
            .iter()
            .rev()
            .map(|step| step.node)
            .find(|step| {
                judged
                    .estate
                    .node(*step)
                    .is_some_and(|node| matches!(node.class, Class::Certificate | Class::Token))
            })
            .or_else(|| chain.last().map(|step| step.node));
        if let Some(subject) = subject {
            by_subject.entry(subject).or_default().push((index, chain));
        }
    }
    by_subject.into_iter().filter_map(|(subject, hit)| standing_finding(judged, subject, &hit)).collect()
}

fn standing_finding(judged: &Judged<'_>, subject: NodeIx, hit: &[(NodeIx, Vec<ProofStep>)]) -> Option<Draft> {
    let node = judged.estate.node(subject)?;
    let mut affects: Vec<Affected> = hit
        .iter()
        .filter_map(|(index, chain)| {
            let workload = judged.estate.node(*index)?;
            let tag = workload.workload.as_ref()?;
            let held = judged.before.of(*index);
            Some(Affected {
                workload: tag.name.clone(),
                node: workload.id.to_string(),
                kind: workload.kind.to_string(),
                criticality: tag.criticality,
                fall: Fall::Starved,
                until: held,
                was: held,
                trigger: trigger_along(judged.before, chain, held),
                first_failure_at: first_failure_along(judged.before, chain),
                breaks_at: match held.possible {
                    Moment::At(instant) => Some(instant),
                    _ => None,
                },
                certainty: Certainty::Certain,
            })
        })
        .collect();
    sort(&mut affects);
    let is_worst = |index: &NodeIx| {
        let worst = affects.first().map(|worst| worst.node.as_str());
        judged.estate.node(*index).map(|node| node.id.as_str()) == worst
    };
    let (_, chain) = hit.iter().find(|(index, _)| is_worst(index))?;
    let title = match affects.first()?.until.possible {
        Moment::At(end) => format!("{} ends {} and nothing renews it", node.name, minute(end)),
        Moment::Never => format!("{} does not hold now", node.name),
        _ => format!("{} ends on a day that is not known", node.name),
    };
    // A plan that mends what stands is not to be mistaken for its cause.
    let mended =
        hit.iter().all(|(index, _)| judged.after().of(*index).possible > judged.before.of(*index).possible);
    let (title, help) = match mended && !judged.plans.is_empty() {
        true => {
            (format!("{title}; this plan mends it"), "apply this plan, then see that the renewal succeeds")
        }
        false => (title, STANDING_HELP),
    };
    let mut finding = judged.finding("breaks-workload", title, judged.subject(node, None), help);
    finding.cause = Cause::Standing;
    finding.path = judged.steps(chain);
    finding.affects = affects;
    standing_doubt::tell(judged, &mut finding, hit.iter().map(|(index, _)| *index));
    Some(Draft { finding: finish(finding), lesser: false })
}

const STANDING_HELP: &str = "mend what the chain ends at, then take new snapshots";
