//! `explain`: what a thing is, what it rests on, what rests on it, what falls if it goes, and what else would carry.

use super::beyond::Beyond;
use super::collect::Collected;
use super::{Error, Suppose, above, cold};
use crate::estate::{
    Evaluation, Evaluator, Outcome, ProofStep, Scenario, find, prove, prove_interruption, why_ends,
};
use crate::model::{Horizon, Instant, Need, Node, NodeIx, Phase, Support};
use crate::rules::{affected_by, steps_of};
use crate::verdict::{Certainty, EvidenceText, Explanation, Meanwhile, NeedLine, Step, SupportLine};
use std::collections::BTreeSet;

/// Explains one thing.
pub fn explain(
    collected: &Collected,
    what: &str,
    suppose: Suppose<'_>,
    now: Instant,
) -> Result<Explanation, Error> {
    let estate = &collected.estate;
    let index = find(estate, what)?;
    let gone: BTreeSet<NodeIx> =
        suppose.without.iter().map(|name| find(estate, name)).collect::<Result<_, _>>()?;
    let node = estate.node(index).ok_or_else(|| unknown(what))?;
    let evaluator = Evaluator::new(estate, now);
    let before = Scenario::before().without(gone.clone());
    let after = (!collected.plans.is_empty()).then(|| Scenario::after().without(gone.clone()));
    let now_gone = Beyond::new(&evaluator, &before, index);
    let after_gone = after.as_ref().map(|after| Beyond::new(&evaluator, after, index));
    let held = &now_gone.with.held;
    let falling = |beyond: &Beyond<'_>| affected_by(&beyond.without, &beyond.workloads());
    let id = |index: &NodeIx| estate.node(*index).map(|node| node.id.to_string());
    let warm = (&now_gone.with, after_gone.as_ref().map(|after| &after.with));
    let cold = suppose.cold.then(|| cold::from_nothing(collected, &evaluator, warm, index));
    Ok(Explanation {
        format: Explanation::FORMAT,
        now,
        node: node.id.to_string(),
        kind: node.class.word().to_owned(),
        type_name: node.kind.to_string(),
        name: node.name.clone(),
        aliases: aliases(node),
        evidence: evidence(collected, node),
        without: gone.iter().filter_map(id).collect(),
        until: held.of(index),
        after: after_gone.as_ref().map(|after| after.with.held.of(index)),
        meanwhile: after_gone.as_ref().and_then(|after| meanwhile(collected, &after.with, index)),
        cold,
        rests_on: node
            .needs
            .iter()
            .enumerate()
            .filter(|(_, need)| held.scenario.has_need(need))
            .map(|(place, need)| need_line(collected, held, (index, place), need))
            .collect(),
        carries: above::carried(collected, index),
        if_gone: falling(&now_gone),
        if_gone_after: after_gone.as_ref().map(falling),
        instead: above::instead(collected, &now_gone.without.held, index),
        why: steps(collected, &ending(held, index)),
        why_after: after_gone.map(|after| steps(collected, &lost(&after.with, index))).unwrap_or_default(),
    })
}

fn unknown(what: &str) -> Error {
    Error::Name(crate::estate::LookupError::Unknown { what: what.to_owned(), near: Vec::new() })
}

/// A chain as printed.
pub fn steps(collected: &Collected, chain: &[ProofStep]) -> Vec<Step> {
    steps_of(&collected.estate, &collected.sources, chain, &collected.changes)
}

/// Why a thing ends or does not hold; nothing, if it holds for ever.
pub fn ending(held: &Evaluation<'_>, index: NodeIx) -> Vec<ProofStep> {
    let chain = why_ends(held, index);
    if held.of(index) != Horizon::FOREVER || chain.len() > 1 { chain } else { Vec::new() }
}

/// Why a thing falls.
fn lost(outcome: &Outcome<'_>, index: NodeIx) -> Vec<ProofStep> {
    match outcome.falls.of(index) {
        Some(_) => prove(outcome, index),
        None => Vec::new(),
    }
}

fn meanwhile(collected: &Collected, outcome: &Outcome<'_>, index: NodeIx) -> Option<Meanwhile> {
    let interruption = outcome.interrupts(index)?;
    let certainty = Certainty::of(interruption.certain);
    Some(Meanwhile { certainty, path: steps(collected, &prove_interruption(outcome, index)) })
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

/// What shows a thing.
pub fn evidence(collected: &Collected, node: &Node) -> Vec<EvidenceText> {
    let mut all: Vec<EvidenceText> = node
        .claims
        .iter()
        .filter_map(|claim| {
            let source = collected.sources.get(claim.evidence.source.0 as usize)?;
            Some(EvidenceText {
                source: source.path.clone(),
                pointer: Some(claim.evidence.pointer.to_string()),
            })
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
        until: held.need(node, place).map_or(Horizon::UNKNOWN, |met| met.counted),
        renewal_at,
        ends_at,
        supports: need
            .supports
            .iter()
            .filter(|support| held.scenario.has_support(need, support))
            .filter_map(|support| support_line(collected, held, need, support))
            .collect(),
    }
}

/// One support, as it holds.
pub fn support_line(
    collected: &Collected,
    held: &Evaluation<'_>,
    need: &Need,
    support: &Support,
) -> Option<SupportLine> {
    let node = collected.estate.node(support.node)?;
    let doubt = support.coverage.doubt().map(|unknown| unknown.reason.clone());
    let entry = need.entry.as_ref().map(|entry| EvidenceText { source: entry.to_string(), pointer: None });
    Some(SupportLine {
        node: node.id.to_string(),
        kind: node.class.word().to_owned(),
        name: node.name.clone(),
        until: held.of(support.node),
        doubt,
        evidence: entry.or_else(|| evidence(collected, node).into_iter().next()),
    })
}
