//! The rules, read in one scenario: the whole plan, or the plan with some changes left out.

use super::collect::Collected;
use crate::estate::{Evaluation, Evaluator, Scenario, causes};
use crate::model::{Criticality, Declarations, Instant, Level, NodeIx};
use crate::policy::{self, Conclusion};
use crate::rules::{self, Draft, Judged};
use crate::verdict::{Fall, Finding};

/// What every reading is made from.
pub struct Reader<'a> {
    pub collected: &'a Collected,
    pub declarations: &'a Declarations,
    pub evaluator: &'a Evaluator<'a>,
    pub before: &'a Evaluation<'a>,
    pub now: Instant,
}

/// What the rules say, rated.
pub struct Reading {
    /// The findings, worst first.
    pub findings: Vec<Finding>,
    /// What follows from them.
    pub conclusion: Conclusion,
}

impl Reader<'_> {
    /// Reads the rules.
    pub fn read(&self, scenario: Scenario) -> Reading {
        self.read_and(scenario, |_| ()).0
    }

    /// Reads the rules, and asks for something besides.
    pub fn read_and<T>(&self, scenario: Scenario, ask: impl FnOnce(&Judged<'_>) -> T) -> (Reading, T) {
        let Collected { estate, changes, plans, sources, inventories, .. } = self.collected;
        let outcome = self.evaluator.outcome(scenario);
        let fallen: Vec<NodeIx> = outcome
            .falls
            .losses
            .keys()
            .copied()
            .filter(|index| estate.node(*index).is_some_and(|node| node.workload.is_some()))
            .collect();
        let causes = causes(&outcome, &fallen);
        let judged = Judged {
            estate,
            before: self.before,
            outcome: &outcome,
            causes: &causes,
            changes,
            plans,
            sources,
            inventories,
            declarations: self.declarations,
            now: self.now,
        };
        let has_plan = !plans.is_empty();
        let mut findings: Vec<Finding> = rules::ALL
            .iter()
            .flat_map(|rule| (rule.read)(&judged))
            .map(|draft| rated(draft, self.declarations, has_plan))
            .collect();
        rules::locate(&mut findings, changes, plans);
        let conclusion = policy::conclude(&mut findings, self.declarations, self.now, has_plan);
        (Reading { findings, conclusion }, ask(&judged))
    }
}

/// The level of a finding: the highest that any affected workload gives it.
fn rated(draft: Draft, declarations: &Declarations, has_plan: bool) -> Finding {
    let Draft { mut finding, lesser } = draft;
    let level = |criticality: Criticality, certainty, lesser: bool| -> Level {
        let of = if lesser { policy::lesser } else { policy::level };
        of(&finding.rule, finding.cause, certainty, criticality, declarations, has_plan)
    };
    let by_workload = finding.affects.iter().map(|affected| {
        // A workload that goes itself is the milder case of breaking it.
        let milder = lesser || finding.rule.as_str() == "breaks-workload" && affected.fall == Fall::Removed;
        level(affected.criticality, affected.certainty, milder)
    });
    let highest = by_workload.max();
    finding.level =
        highest.unwrap_or_else(|| level(declarations.default_criticality, finding.certainty, lesser));
    finding
}
