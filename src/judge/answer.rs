//! `explain`: what a thing is, what it rests on, what rests on it, what falls if it goes.

use super::Error;
use super::collect::Collected;
use crate::estate::{Evaluation, Evaluator, Scenario, dependents, find, why_ends};
use crate::model::{Class, Coverage, Instant, Moment, Need, Node, NodeIx, Phase};
use crate::rules::{affected_by, steps_of};
use crate::verdict::{Dependent, EvidenceText, Explanation, NeedLine, SupportLine};
use std::collections::BTreeSet;

/// Explains one thing.
pub fn explain(
    collected: &Collected,
    what: &str,
    without: &[String],
    now: Instant,
) -> Result<Explanation, Error> {
    let estate = &collected.estate;
    let index = find(estate, what)?;
    let gone: BTreeSet<NodeIx> = without.iter().map(|name| find(estate, name)).collect::<Result<_, _>>()?;
    let evaluator = Evaluator::new(estate, now);
    let held = evaluator.evaluate(Scenario::before().without(gone));
    let after = evaluator.evaluate(Scenario::after());
    let missing = evaluator.outcome(Scenario::before().without([index]));
    let fallen: Vec<NodeIx> = missing.falls.losses.keys().copied().filter(|node| *node != index).collect();
    let node = estate.node(index).ok_or_else(|| unknown(what))?;
    let chain = why_ends(&held, index);
    let ends =
        held.of(index).possible < Moment::Forever || held.of(index).sure < Moment::Forever || chain.len() > 1;
    Ok(Explanation {
        format: Explanation::FORMAT,
        now,
        node: node.id.to_string(),
        kind: node.class.word().to_owned(),
        type_name: node.kind.to_string(),
        name: node.name.clone(),
        aliases: aliases(node),
        evidence: evidence(collected, node),
        until: held.of(index),
        after: (!collected.plans.is_empty()).then(|| after.of(index)),
        rests_on: node
            .needs
            .iter()
            .enumerate()
            .filter(|(_, need)| held.scenario.has_need(need))
            .map(|(place, need)| need_line(collected, &held, (index, place), need))
            .collect(),
        carries: carried(collected, index),
        if_gone: affected_by(estate, &missing.falls, &fallen, now),
        why: if ends { steps_of(estate, &collected.sources, &chain, &collected.changes) } else { Vec::new() },
    })
}

fn unknown(what: &str) -> Error {
    Error::Name(crate::estate::LookupError::Unknown { what: what.to_owned(), near: Vec::new() })
}

fn aliases(node: &Node) -> Vec<String> {
    let mut aliases: Vec<String> = node
        .aliases
        .iter()
        .filter(|alias| !matches!(alias.space(), "resource" | "subject" | "carried"))
        .map(|alias| match alias.space() {
            "principal" | "client" | "application" | "tls-secret" => format!("{} {alias}", alias.space()),
            _ => alias.to_string(),
        })
        .collect();
    aliases.sort();
    aliases.dedup();
    aliases
}

fn evidence(collected: &Collected, node: &Node) -> Vec<EvidenceText> {
    let mut all: Vec<EvidenceText> = node
        .claims
        .iter()
        .filter_map(|claim| {
            let source = collected.sources.get(claim.evidence.source.0 as usize)?;
            Some(EvidenceText { source: source.path.clone(), pointer: Some(claim.evidence.pointer.clone()) })
        })
        .collect();
    all.sort();
    all.dedup();
    all
}

fn need_line(
    collected: &Collected,
    held: &Evaluation<'_>,
    (node, place): (NodeIx, usize),
    need: &Need,
) -> NeedLine {
    let (ends_at, renewal_at) = match need.phase {
        Phase::Renew { end, at, .. } => (end, at),
        _ => (None, None),
    };
    NeedLine {
        label: need.label.clone(),
        strength: need.strength.word().to_owned(),
        phase: need.phase.word().to_owned(),
        until: held.need(node, place).map_or(crate::model::Horizon::UNKNOWN, |met| met.counted),
        renewal_at,
        ends_at,
        supports: need
            .supports
            .iter()
            .filter(|support| held.scenario.has_support(need, support))
            .filter_map(|support| {
                let node = collected.estate.node(support.node)?;
                let doubt = match &support.coverage {
                    Coverage::Sure => None,
                    Coverage::Unknown(unknown) => Some(unknown.reason.clone()),
                };
                let evidence =
                    need.entry.as_ref().map(|entry| EvidenceText { source: entry.clone(), pointer: None });
                Some(SupportLine {
                    node: node.id.to_string(),
                    kind: node.class.word().to_owned(),
                    name: node.name.clone(),
                    until: held.of(support.node),
                    doubt,
                    evidence: evidence.or_else(|| self::evidence(collected, node).into_iter().next()),
                })
            })
            .collect(),
    }
}

/// What rests on the thing, things that only follow from others left out.
fn carried(collected: &Collected, index: NodeIx) -> Vec<Dependent> {
    let estate = &collected.estate;
    let mut out: Vec<Dependent> = dependents(estate, index)
        .into_iter()
        .filter_map(|(user, through)| {
            let node = estate.node(user)?;
            if matches!(node.class, Class::Capability | Class::Unseen) || node.shown_as.is_some() {
                return None;
            }
            let through = through.into_iter().filter_map(|step| estate.node(step)).map(|node| {
                node.shown_as.and_then(|shown| estate.node(shown)).unwrap_or(node).id.to_string()
            });
            let mut chain: Vec<String> = Vec::new();
            for step in through {
                if chain.last() != Some(&step) {
                    chain.push(step);
                }
            }
            Some(Dependent {
                node: node.id.to_string(),
                kind: node.class.word().to_owned(),
                name: node.name.clone(),
                through: chain,
            })
        })
        .collect();
    out.sort_by(|one, other| {
        (one.kind != "workload", one.through.len(), &one.node).cmp(&(
            other.kind != "workload",
            other.through.len(),
            &other.node,
        ))
    });
    out
}
