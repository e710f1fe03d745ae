//! What hides a loss: something else of the same node that ended, or ends, before the loss is felt.

use super::evaluate::Evaluation;
use super::loss::Outcome;
use super::proof::{ProofStep, why_ends};
use crate::model::{Horizon, Moment, NodeIx};

/// Why a node that loses something for certain does not fall any sooner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// Whose loss is hidden.
    pub node: NodeIx,
    /// What ends before it.
    pub behind: NodeIx,
    /// Until when that holds.
    pub until: Moment,
}

/// What the fall of a node is hidden behind, along its proof; `None` where the fall is certain, or in doubt because of
/// something that is not known.
pub fn hidden(outcome: &Outcome<'_>, proof: &[ProofStep]) -> Option<Hidden> {
    let held = &outcome.held;
    // From the change upwards: where certainty ends, it is hidden or in doubt.
    let steps = proof.iter().rev().filter_map(|step| Some((step, outcome.falls.of(step.node)?)));
    let (step, loss) = steps.into_iter().find(|(_, loss)| !loss.certain)?;
    let lost = |place: usize| {
        let is = held.need(step.node, place).map_or(Horizon::UNKNOWN, |met| met.counted);
        is.possible < held.evaluator.was_met(step.node, place).possible
    };
    if !step.need.is_some_and(lost) {
        return None;
    }
    let (behind, until) = first_other(held, step.node, &loss.needs)?;
    (until <= loss.until.possible && until < Moment::Forever).then_some(Hidden {
        node: step.node,
        behind,
        until,
    })
}

/// What ends first of a node, beside these needs: itself, or what another need of it comes down to.
fn first_other(held: &Evaluation<'_>, at: NodeIx, lost: &[usize]) -> Option<(NodeIx, Moment)> {
    let node = held.evaluator.estate.node(at)?;
    let own = held.evaluator.clock.moment(held.view().end(at.0).possible);
    let others = node.needs.iter().enumerate().filter(|(place, _)| !lost.contains(place));
    let met = others.filter_map(|(place, need)| Some((held.need(at, place)?.counted.possible, need)));
    let below = met.min_by_key(|(possible, _)| *possible).filter(|(possible, _)| *possible < own);
    let Some((until, need)) = below else { return Some((at, own)) };
    let supports = need.supports.iter().filter(|support| held.scenario.has_support(need, support));
    let support =
        supports.max_by_key(|support| (held.of(support.node).possible, std::cmp::Reverse(support.node)))?;
    let end = why_ends(held, support.node).last().map_or(support.node, |step| step.node);
    Some((end, until))
}
