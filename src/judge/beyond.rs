//! What one more loss takes along, where something may be lost already.

use crate::estate::{Evaluator, Outcome, Scenario, taken_along};
use crate::model::NodeIx;

/// A scenario, and the same without one more thing.
pub struct Beyond<'e> {
    pub with: Outcome<'e>,
    pub without: Outcome<'e>,
    gone: NodeIx,
}

impl<'e> Beyond<'e> {
    pub fn new(evaluator: &'e Evaluator<'e>, scenario: &Scenario, gone: NodeIx) -> Beyond<'e> {
        let without = evaluator.outcome(scenario.clone().without([gone]));
        Beyond { with: evaluator.outcome(scenario.clone()), without, gone }
    }

    /// Workloads other than the thing itself that fall by its going, or may, and do not already.
    pub fn workloads(&self) -> Vec<NodeIx> {
        let estate = self.with.held.evaluator.estate;
        let is_workload = |index: &NodeIx| estate.node(*index).is_some_and(|node| node.workload.is_some());
        let taken = taken_along(&self.with, &self.without).into_iter();
        taken.filter(|index| *index != self.gone && is_workload(index)).collect()
    }
}
