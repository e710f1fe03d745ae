//! `bounded-credential`: the limits of who issues a credential end it, however often it is renewed.

use super::breaks_workload::doubt;
use super::limits::{in_a_sentence, lines};
use super::people::sort;
use super::view::{finish, finish_of, with_undo};
use super::{Draft, Judged, Rule};
use crate::estate::{
    Bounded, CauseOf, Evaluation, Leased, ProofStep, Stage, carries_after, first_failure_along, hours,
    presence, trigger_along, why_ends,
};
use crate::model::{Horizon, Issue, Moment, Node, NodeIx, Presence};
use crate::verdict::{Affected, Cause, Certainty, Fall, Finding, RuleText};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "bounded-credential",
        what: "a token that workloads rest on ends on a day that its limits set, however often it is renewed: which limit of \
               which level that is, and why what was set does not help",
        why: "JumpCloud, 2024: the attribute that gives a system token its lifetime was missing, another one was set at \
              another level, and 32 days after the first tokens, by the default maximum of the secrets backend, all \
              credentials below them were revoked",
        example: "vault_token_auth_backend_role.system loses `token_period`, as three of four other roles set it; its tokens \
                  end 768h after they were issued, from 2024-01-15 on",
        resolve: "give the role a period (`token_period`) that is renewed in time, or let each holder log in by itself; then \
                  hand out new tokens, as those that are there keep the end that they have",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut told = BTreeSet::new();
    let mut drafts: Vec<Draft> =
        judged.causes.iter().filter_map(|cause| by_cause(judged, cause, &mut told)).collect();
    drafts.extend(cut(judged, &told));
    drafts.extend(standing(judged));
    drafts
}

/// Whether a chain leads to something that ends by the limits of who issued it.
pub(super) fn is_end_of(judged: &Judged<'_>, chain: &[ProofStep]) -> bool {
    ending(judged, judged.before, chain).is_some()
}

/// What ends by its limits at the end of a chain in a scenario.
fn ending<'a>(
    judged: &Judged<'a>,
    held: &Evaluation<'_>,
    chain: &[ProofStep],
) -> Option<(NodeIx, &'a Leased)> {
    let last = chain.last()?.node;
    let leased = judged.estate.leases.get(&last)?;
    let end = judged.estate.node(last)?.end.as_deref()?;
    let end = if held.scenario.stage(end.change) == Stage::Before { end.before } else { end.after };
    (end != Horizon::FOREVER).then_some((last, leased))
}

/// Workloads fall by changes of limits: the same loss as `breaks-workload` tells of, with the limits.
fn by_cause(judged: &Judged<'_>, cause: &CauseOf, told: &mut BTreeSet<NodeIx>) -> Option<Draft> {
    let mut affects = judged.affected(&cause.falls);
    // Of each workload that falls, what it falls by.
    let mut found: BTreeMap<NodeIx, NodeIx> = BTreeMap::new();
    for index in &cause.falls {
        let proof = judged.proof_by(&cause.changes, *index);
        if let Some(issued) = cut_on(judged, cause, &proof) {
            found.insert(*index, issued);
        }
    }
    let ids: BTreeSet<&str> =
        found.keys().filter_map(|index| judged.estate.node(*index)).map(|node| node.id.as_str()).collect();
    affects.retain(|affected| ids.contains(affected.node.as_str()));
    let worst = affects.first()?;
    let first = judged.index_of(&cause.falls, worst)?;
    let issued = *found.get(&first)?;
    let leased = judged.estate.leases.get(&issued)?;
    told.extend(found.values().copied());
    // Tokens of one role are told of together, those that are there and those still to be issued.
    let same = |(_, other): &(&NodeIx, &Leased)| other.role.is_some() && other.role == leased.role;
    told.extend(judged.estate.leases.iter().filter(same).map(|(node, _)| *node));
    let mut proof = judged.proof_by(&cause.changes, first);
    for step in &mut proof {
        step.others.retain(|(other, _)| *other != issued);
    }
    if proof.iter().all(|step| step.node != issued) {
        proof.push(ProofStep { node: issued, need: None, others: Vec::new() });
    }
    let change = cause.changes.first().copied();
    let leaf = judged.estate.node(issued)?;
    let changed = change.and_then(|change| judged.changed(change, &proof)).unwrap_or(leaf);
    let mut finding =
        judged.finding(RULE.text.id, title(judged, leased, worst), judged.subject(changed, change), HELP);
    finding.causes = judged.causes_in(cause);
    finding.path = judged.steps(&proof);
    super::breaks_workload::tell_what_is_lost(judged, &mut finding, &proof);
    with_undo(&mut finding, changed);
    let falls: Vec<NodeIx> = found.keys().copied().collect();
    doubt(judged, &mut finding, &falls);
    // A token that is there ends what else would: both are told of here.
    finding.unknown_because.retain(|reason| !reason.starts_with("hidden "));
    let surely = leased.after.as_ref().is_some_and(Bounded::ends) && leased.issue != Some(Issue::Login);
    for affected in affects.iter_mut().filter(|affected| surely && affected.until.possible < Moment::Forever)
    {
        affected.certainty = Certainty::Certain;
    }
    if finding.subject.action.as_deref() != Some("delete") {
        finding.undo_note = finding.undo.map(|_| UNDO.to_owned());
    }
    finding.affects = affects;
    tell_limits(judged, &mut finding, issued, leased, true);
    Some(Draft { finding: finish(finding), lesser: false })
}

/// What is cut by these changes, on a proof or just below it.
fn cut_on(judged: &Judged<'_>, cause: &CauseOf, proof: &[ProofStep]) -> Option<NodeIx> {
    let needs = proof.iter().filter_map(|step| judged.estate.node(step.node)?.needs.get(step.need?));
    let below = needs.flat_map(|need| need.supports.iter().map(|support| support.node));
    let on = proof.iter().map(|step| step.node);
    on.chain(below).find(|node| {
        judged.estate.leases.get(node).is_some_and(|leased| {
            leased.is_cut_by_plan() && leased.changes.iter().any(|change| cause.changes.contains(change))
        })
    })
}

/// What the plan cuts, and nobody falls by it from how it is: who rests on it comes with the plan, or is not known.
fn cut(judged: &Judged<'_>, told: &BTreeSet<NodeIx>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (node, leased) in &judged.estate.leases {
        let change = leased.changes.iter().copied().find(|change| judged.makes(*change));
        let Some(change) = change.filter(|_| leased.issue.is_some() && !told.contains(node)) else {
            continue;
        };
        let bounded = leased.after.as_ref().is_some_and(|after| after.seconds().is_some());
        if !leased.is_cut_by_plan() || !bounded || leased.issue == Some(Issue::Fetched) {
            continue;
        }
        let is_workload =
            |user: &NodeIx| judged.estate.node(*user).is_some_and(|node| node.workload.is_some());
        let users = carries_after(judged.outcome, *node, is_workload);
        let mut affects: Vec<Affected> =
            users.into_iter().filter_map(|user| ends_after(judged, user, *node)).collect();
        sort(&mut affects);
        if affects.is_empty() && leased.issue != Some(Issue::Handed) {
            continue;
        }
        let role = leased.role.and_then(|role| judged.estate.node(role));
        let Some(subject) = role else { continue };
        let title = match affects.first() {
            Some(worst) => title(judged, leased, worst),
            None => format!("{}, and no workload is known to rest on them", words(judged, leased, true)),
        };
        let mut finding = judged.finding(RULE.text.id, title, judged.subject(subject, Some(change)), HELP);
        finding.causes = judged.cause(change, true, true).into_iter().collect();
        let first = affects.first().and_then(|worst| {
            judged
                .estate
                .indices()
                .find(|index| judged.estate.node(*index).is_some_and(|node| node.id.as_str() == worst.node))
        });
        if let Some(first) = first {
            finding.path = judged.steps(&why_ends(judged.after(), first));
        }
        let lesser = affects.is_empty();
        finding.affects = affects;
        tell_limits(judged, &mut finding, *node, leased, true);
        drafts.push(Draft { finding: finish(finding), lesser });
    }
    drafts
}

/// A workload that holds after the plan until what it rests on ends.
fn ends_after(judged: &Judged<'_>, user: NodeIx, issued: NodeIx) -> Option<Affected> {
    let node = judged.estate.node(user)?;
    let chain = why_ends(judged.after(), user);
    let until = judged.after().of(user);
    let by_it = chain.iter().any(|step| step.node == issued);
    if until.sure == Moment::Forever || !by_it {
        return None;
    }
    let certainty = Certainty::of(until.possible < Moment::Forever);
    affected(judged, judged.after(), node, &chain, until, certainty)
}

fn affected(
    judged: &Judged<'_>,
    held: &Evaluation<'_>,
    node: &Node,
    chain: &[ProofStep],
    until: Horizon,
    certainty: Certainty,
) -> Option<Affected> {
    let tag = node.workload.as_ref()?;
    let was =
        judged.estate.indices().find(|index| judged.estate.node(*index).is_some_and(|one| one.id == node.id));
    Some(Affected {
        workload: tag.name.clone(),
        node: node.id.to_string(),
        kind: node.kind.to_string(),
        criticality: tag.criticality,
        fall: Fall::Starved,
        until,
        was: was.map_or(until, |index| judged.before.of(index)),
        trigger: trigger_along(held, chain, until),
        first_failure_at: first_failure_along(held, chain),
        breaks_at: match until.possible {
            Moment::At(instant) => Some(instant),
            _ => None,
        },
        certainty,
    })
}

/// What is going to end plan or no plan, one finding for the tokens of each role.
fn standing(judged: &Judged<'_>) -> Vec<Draft> {
    type Hit = (NodeIx, Vec<ProofStep>);
    let mut by_role: BTreeMap<NodeIx, (NodeIx, Vec<Hit>)> = BTreeMap::new();
    for index in judged.estate.indices() {
        let Some(node) = judged.estate.node(index).filter(|node| node.workload.is_some()) else { continue };
        let ends = matches!(judged.before.of(index).possible, Moment::At(_) | Moment::Eventually);
        if !ends || presence(node, |_| Stage::Before) == Presence::Absent {
            continue;
        }
        let chain = why_ends(judged.before, index);
        if let Some((issued, leased)) = ending(judged, judged.before, &chain) {
            by_role
                .entry(leased.role.unwrap_or(issued))
                .or_insert((issued, Vec::new()))
                .1
                .push((index, chain));
        }
    }
    let drafts = by_role.into_iter().filter_map(|(subject, (issued, hit))| {
        let leased = judged.estate.leases.get(&issued)?;
        let mut affects: Vec<Affected> = hit
            .iter()
            .filter_map(|(index, chain)| {
                let held = judged.before.of(*index);
                affected(judged, judged.before, judged.estate.node(*index)?, chain, held, Certainty::Certain)
            })
            .collect();
        sort(&mut affects);
        let (_, chain) = hit.first()?;
        let mended = hit
            .iter()
            .all(|(index, _)| judged.after().of(*index).possible > judged.before.of(*index).possible);
        let ends = affects.iter().filter_map(|affected| affected.breaks_at).min();
        let mut title = words(judged, leased, false);
        if let Some(first) = ends {
            title = format!("{title}, from {} on", crate::model::minute(first));
        }
        let help = match mended && !judged.plans.is_empty() {
            true => {
                title.push_str("; this plan mends it");
                "apply this plan, then see that new tokens are handed out"
            }
            false => HELP,
        };
        let mut finding =
            judged.finding(RULE.text.id, title, judged.subject(judged.estate.node(subject)?, None), help);
        finding.cause = Cause::Standing;
        finding.path = judged.steps(chain);
        finding.affects = affects;
        tell_limits(judged, &mut finding, issued, leased, false);
        // Near its end it is the grave case; on a day that is not known it is not near.
        let within = judged
            .declarations
            .rules
            .get(&finding.rule)
            .and_then(|settings| settings.approval_within)
            .unwrap_or_default();
        let left = ends.map(|end| end.as_second().saturating_sub(judged.now.as_second()));
        let lesser = left.is_none_or(|left| left > within);
        super::standing_doubt::tell(judged, &mut finding, hit.iter().map(|(index, _)| *index));
        Some(Draft { finding: finish_of(finding, "standing"), lesser })
    });
    drafts.collect()
}

const UNDO: &str =
    "the limit can be set again; tokens that were issued before are renewed by it while they are good";

const HELP: &str = "give the role a period that is renewed in time, or let each holder log in by itself, then hand out new \
                    tokens; if the end is meant, `mainstay request` asks people to sign for it";

/// `tokens issued by auth/token/roles/system end 768h after they are issued`.
fn words(judged: &Judged<'_>, leased: &Leased, after: bool) -> String {
    let role = leased.role.and_then(|role| judged.estate.node(role));
    let bounded = if after { leased.after.as_ref() } else { leased.before.as_ref() };
    let life = bounded.and_then(|bounded| bounded.seconds()).map(hours);
    let life = life.map_or_else(|| "some day".to_owned(), |life| format!("{life} after they are issued"));
    match role {
        Some(role) => format!("tokens issued by {} end {life}, however often they are renewed", role.name),
        None => format!("tokens end {life}, however often they are renewed"),
    }
}

fn title(judged: &Judged<'_>, leased: &Leased, worst: &Affected) -> String {
    let verb = if worst.certainty == Certainty::Certain { "rests" } else { "may rest" };
    format!("by this plan {}, and {} {verb} on one", words(judged, leased, true), worst.workload)
}

/// Adds the limits, and what of them is not known.
fn tell_limits(judged: &Judged<'_>, finding: &mut Finding, issued: NodeIx, leased: &Leased, after: bool) {
    finding.limits = lines(judged.estate, issued, leased, after);
    if let (Some(step), Some(sentence)) = (finding.path.last_mut(), in_a_sentence(leased, after)) {
        let because = step.because.get_or_insert_with(String::new);
        if !because.is_empty() {
            because.push_str("; ");
        }
        because.push_str(&format!("ends {sentence}"));
    }
    let bounded = if after { leased.after.as_ref() } else { leased.before.as_ref() };
    if let Some(bounded) = bounded.filter(|bounded| bounded.life.assumed) {
        let server = bounded.mount.is_none();
        finding.unknown_because.push(match server {
            true => "the limits of the mount are in no source: what Vault does by default is taken for them"
                .to_owned(),
            false => "what the server itself allows, or another limit, is in no source: Vault's default is taken for it".to_owned(),
        });
    }
    if leased.issue == Some(Issue::Login) {
        finding.unknown_because.push(
            "whether those who log in by it do so again when a token has ended is not known".to_owned(),
        );
    }
}
