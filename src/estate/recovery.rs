//! Ways out: what must hold when everything else does not.

use super::doubt::{Doubtful, doubts};
use super::evaluate::Evaluator;
use super::loss::Outcome;
use super::proof::{ProofStep, prove};
use super::scenario::Scenario;
use crate::model::{NodeIx, Presence};

/// What a way out rests on and must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestsOn {
    /// On nothing but itself: it does not come up from nothing.
    Itself,
    /// On this, which it is there to repair.
    Repaired(NodeIx),
    /// On what the plan removes.
    Removed,
}

/// A way out that is none.
#[derive(Debug, Clone)]
pub struct NoWayOut {
    /// The node that does not hold.
    pub node: NodeIx,
    /// When it does not.
    pub rests_on: RestsOn,
    /// Whatever the unknowns turn out to be.
    pub certain: bool,
    /// The plan makes it so.
    pub by_plan: bool,
    /// The chain.
    pub proof: Vec<ProofStep>,
    /// What is not known, if it is not certain.
    pub doubts: Vec<Doubtful>,
}

/// Tries whether a node holds cold, without each of the things it repairs, and with everything gone that the plan
/// removes. `plan`: the scenario with its changes made; what is so there and was not before is the plan's doing.
pub fn ways_out(
    evaluator: &Evaluator<'_>,
    node: NodeIx,
    repairs: &[NodeIx],
    plan: Option<&Scenario>,
) -> Vec<NoWayOut> {
    let mut found = Vec::new();
    // What falls by the plan falls from nothing as well: that tells nothing of the way out.
    let falls_anyway =
        plan.is_some_and(|plan| evaluator.outcome_for(plan.clone(), &[node]).falls.of(node).is_some());
    let plan_tried = plan.filter(|_| !falls_anyway);
    let mut try_out = |rests_on: RestsOn, change: &dyn Fn(Scenario) -> Scenario| {
        let standing = failing(&evaluator.outcome(change(Scenario::before())), node);
        let (failing, by_plan) = match (standing, plan_tried) {
            (Some(standing), _) => (Some(standing), false),
            (None, Some(plan)) => (failing(&evaluator.outcome(change(plan.clone())), node), true),
            (None, None) => (None, false),
        };
        if let Some(way) = failing {
            found.push(NoWayOut { rests_on, by_plan, ..way });
        }
    };
    try_out(RestsOn::Itself, &Scenario::cold);
    for repaired in repairs.iter().copied().filter(|repaired| *repaired != node) {
        try_out(RestsOn::Repaired(repaired), &|scenario| scenario.without([repaired]));
    }
    if let Some(plan) = plan {
        let removed: Vec<NodeIx> = removed(evaluator, plan).collect();
        let outcome = evaluator.outcome(Scenario::before().without(removed));
        if let Some(way) = failing(&outcome, node) {
            found.push(NoWayOut { rests_on: RestsOn::Removed, by_plan: true, ..way });
        }
    }
    // What the plan removes, it is also missed cold, and without each repaired: said once.
    let removed = found.iter().any(|way| way.rests_on == RestsOn::Removed);
    found.retain(|way| !(removed && way.by_plan && way.rests_on != RestsOn::Removed));
    found
}

fn failing(outcome: &Outcome<'_>, node: NodeIx) -> Option<NoWayOut> {
    let certain = outcome.falls.of(node)?.certain;
    let doubts = if certain { Vec::new() } else { doubts(outcome, node) };
    let proof = prove(outcome, node);
    Some(NoWayOut { node, rests_on: RestsOn::Itself, certain, by_plan: false, proof, doubts })
}

/// What the plan removes.
fn removed(evaluator: &Evaluator<'_>, plan: &Scenario) -> impl Iterator<Item = NodeIx> {
    let before = Scenario::before();
    evaluator.estate.indices().filter(move |index| {
        evaluator.estate.node(*index).is_some_and(|node| {
            let there = |scenario: &Scenario| scenario.presence(*index, node) != Presence::Absent;
            there(&before) && !there(plan)
        })
    })
}
