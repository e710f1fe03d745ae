//! `explain --cold`: whether a thing would come up, if nothing ran yet.

use super::answer::{ending, steps};
use super::collect::Collected;
use crate::estate::{Evaluator, Outcome, ProofStep, prove};
use crate::model::NodeIx;
use crate::verdict::FromNothing;

/// Whether it would come up from nothing, as it is and after the plan; why not, as it is, or else after the plan.
pub fn from_nothing(
    collected: &Collected,
    evaluator: &Evaluator<'_>,
    (before, after): (&Outcome<'_>, Option<&Outcome<'_>>),
    index: NodeIx,
) -> FromNothing {
    let cold = |warm: &Outcome<'_>| evaluator.outcome(warm.held.scenario.clone().cold());
    let now = cold(before);
    let then = after.map(|after| (after, cold(after)));
    let mut told = failing(before, &now, index);
    if let Some((after, then)) = then.as_ref().filter(|_| told.is_empty()) {
        told = failing(after, then, index);
    }
    let circle = circle(evaluator, &told);
    let id = |node: &NodeIx| evaluator.estate.node(*node).map(|node| node.id.to_string());
    FromNothing {
        until: now.held.of(index),
        after: then.map(|(_, then)| then.held.of(index)),
        why: steps(collected, &told),
        circle: circle.iter().filter_map(id).collect(),
    }
}

/// The chain, where it would hold less long than it does once it runs.
fn failing(warm: &Outcome<'_>, cold: &Outcome<'_>, index: NodeIx) -> Vec<ProofStep> {
    let (up, held) = (warm.held.of(index), cold.held.of(index));
    if held.sure >= up.sure && held.possible >= up.possible {
        return Vec::new();
    }
    match cold.falls.of(index) {
        Some(_) => prove(cold, index),
        None => ending(&cold.held, index),
    }
}

/// The end of a chain, from where its last node needs it to be up already.
fn circle(evaluator: &Evaluator<'_>, chain: &[ProofStep]) -> Vec<NodeIx> {
    let nodes: Vec<NodeIx> = chain.iter().map(|step| step.node).collect();
    let Some(last) = nodes.last().and_then(|last| evaluator.estate.node(*last)) else { return Vec::new() };
    let needed = last.needs.iter().flat_map(|need| &need.supports).map(|support| support.node);
    let back = needed.filter_map(|needed| nodes.iter().position(|node| *node == needed)).max();
    back.and_then(|from| nodes.get(from..)).map(<[NodeIx]>::to_vec).unwrap_or_default()
}
