//! `check --unblock`: which changes to leave out so that nothing needs an approval.

use super::reading::Reader;
use crate::estate::{Obstacle, Scenario, leave_out};
use crate::model::{Action, Address, Change, ChangeIx};
use crate::policy;
use crate::verdict::{Finding, LeaveOut, Remaining, Unblock};
use std::collections::{BTreeMap, BTreeSet};

/// What can be left out: all that a plan does at an address.
type Choice = (Address, usize);

/// Finds a set of changes and judges the plan without them. The same rules are read as for the whole plan, of which
/// these are the findings.
pub fn unblock(reader: &Reader<'_>, findings: &[Finding]) -> Unblock {
    let search = Search::new(reader);
    let mut first = Some(search.obstacles(findings));
    let all: BTreeSet<Choice> = search.choices.keys().cloned().collect();
    let out = leave_out(&all, |out| match first.take() {
        // Nothing is left out yet: that is the report.
        Some(known) if out.is_empty() => known,
        _ => search.obstacles(&reader.read(search.without(out)).findings),
    });
    let left = reader.read(search.without(&out)).findings;
    let remaining: Vec<Remaining> = left
        .iter()
        .filter(|finding| policy::holds_back(finding, reader.declarations))
        .map(|finding| Remaining {
            rule: finding.rule.clone(),
            title: finding.title.clone(),
            fingerprint: finding.fingerprint.clone(),
        })
        .collect();
    Unblock {
        changes: out.iter().filter_map(|choice| search.line(choice)).collect(),
        verified: remaining.is_empty(),
        remaining,
    }
}

struct Search<'a> {
    reader: &'a Reader<'a>,
    choices: BTreeMap<Choice, BTreeSet<ChangeIx>>,
}

impl<'a> Search<'a> {
    fn new(reader: &'a Reader<'a>) -> Search<'a> {
        let mut choices: BTreeMap<Choice, BTreeSet<ChangeIx>> = BTreeMap::new();
        for (number, change) in (0..).zip(&reader.collected.changes) {
            if change.action != Action::NoOp {
                choices.entry((change.address.clone(), change.plan)).or_default().insert(ChangeIx(number));
            }
        }
        Search { reader, choices }
    }

    fn without(&self, out: &BTreeSet<Choice>) -> Scenario {
        let changes = out.iter().filter_map(|choice| self.choices.get(choice)).flatten();
        Scenario::less(changes.copied().collect())
    }

    /// The findings that hold the plan back, each with the changes that bring it about.
    fn obstacles(&self, findings: &[Finding]) -> Vec<Obstacle<Choice>> {
        let blocking =
            findings.iter().filter(|finding| policy::holds_back(finding, self.reader.declarations));
        blocking.map(|finding| self.obstacle(finding)).collect()
    }

    fn obstacle(&self, finding: &Finding) -> Obstacle<Choice> {
        let alone = finding.causes.iter().any(|cause| cause.sufficient);
        let causes = finding.causes.iter().filter(|cause| cause.sufficient || !alone);
        let named = causes.flat_map(|cause| {
            self.at(&cause.address).filter(|(_, plan)| self.path(*plan) == Some(cause.plan.as_str()))
        });
        let mut changes: BTreeSet<Choice> = named.cloned().collect();
        if finding.causes.is_empty() {
            // The subject is the object that the change is about.
            let address = finding.subject.address.iter();
            changes.extend(address.flat_map(|address| self.at(address)).cloned());
        }
        let alone = alone || finding.causes.is_empty();
        Obstacle { key: format!("{} {}", finding.fingerprint, finding.rule), alone, changes }
    }

    /// What can be left out at an address, in any plan.
    fn at(&self, address: &str) -> impl Iterator<Item = &Choice> + use<'_> {
        let from = (Address::new(address.to_owned()), 0);
        let to = (from.0.clone(), usize::MAX);
        self.choices.range(from..=to).map(|(choice, _)| choice)
    }

    fn path(&self, plan: usize) -> Option<&str> {
        self.reader.collected.plans.get(plan).map(|plan| plan.path.as_str())
    }

    fn line(&self, choice: &Choice) -> Option<LeaveOut> {
        let changes = self.choices.get(choice)?;
        let change = |index: &ChangeIx| -> Option<&Change> {
            self.reader.collected.changes.get(usize::try_from(index.0).ok()?)
        };
        // A deposed object goes with what is at the address now.
        let main = changes.iter().filter_map(change).min_by_key(|change| change.deposed.is_some())?;
        Some(LeaveOut {
            address: main.address.to_string(),
            plan: self.path(main.plan).unwrap_or_default().to_owned(),
            action: main.action.tally().to_owned(),
        })
    }
}
