//! The rules, read in one scenario: the whole plan, or the plan with some changes left out.

use super::collect::Collected;
use crate::estate::{Evaluation, Evaluator, Scenario, causes};
use crate::model::{Criticality, Declarations, Horizon, Instant, Level, Moment, NodeIx};
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
            .map(|draft| rated(draft, self.declarations, self.now, has_plan))
            .collect();
        rules::locate(&mut findings, changes, plans);
        let conclusion = policy::conclude(&mut findings, self.declarations, self.now, has_plan);
        (Reading { findings, conclusion }, ask(&judged))
    }
}

/// Seconds until something ends; `None`: on a day that is not known, so neither near nor far off.
fn left(until: Horizon, now: Instant) -> Option<i64> {
    match (until.sure, until.possible) {
        (_, Moment::Never) => Some(0),
        (Moment::At(at), _) | (Moment::Never, Moment::At(at)) => {
            Some(at.as_second().saturating_sub(now.as_second()))
        }
        _ => None,
    }
}

/// The level of a finding: the highest that any affected workload gives it.
fn rated(draft: Draft, declarations: &Declarations, now: Instant, has_plan: bool) -> Finding {
    let Draft { mut finding, lesser } = draft;
    let settings = declarations.rules.get(&finding.rule);
    let by_end = settings.is_some_and(|settings| settings.warn_within.is_some());
    let level = |criticality: Criticality, certainty, lesser: bool| -> Level {
        let of = if lesser { policy::lesser } else { policy::level };
        of(&finding.rule, finding.cause, certainty, criticality, declarations, has_plan)
    };
    let by_workload = finding.affects.iter().map(|affected| {
        if by_end {
            let Some(left) = left(affected.until, now) else {
                return level(affected.criticality, affected.certainty, true);
            };
            let (cause, certainty, criticality) = (finding.cause, affected.certainty, affected.criticality);
            let rule = &finding.rule;
            return policy::by_end(rule, left, cause, certainty, criticality, declarations, has_plan);
        }
        // A workload that goes itself is the milder case of breaking it.
        let milder = lesser || finding.rule.as_str() == "breaks-workload" && affected.fall == Fall::Removed;
        level(affected.criticality, affected.certainty, milder)
    });
    let highest = by_workload.max();
    finding.level =
        highest.unwrap_or_else(|| level(declarations.default_criticality, finding.certainty, lesser));
    finding
}
