//! Where findings stand: in the files of terraform at the block of their subject, else at that of their first cause; in
//! mainstay's own configuration at the entry that they are about.

use super::Judged;
use crate::model::{Change, Place, PlanSummary};
use crate::verdict::{Finding, Location};
use std::collections::{BTreeMap, BTreeSet};

impl Judged<'_> {
    /// A line of the configuration that was read, if one was.
    pub fn declared_at(&self, line: usize) -> Option<Location> {
        self.declarations.path.clone().map(|file| Location { file, line })
    }
}

/// Gives findings their places, where they have none and the files of the configuration are there.
pub fn locate(findings: &mut [Finding], changes: &[Change], plans: &[PlanSummary]) {
    let named: BTreeSet<&str> = findings
        .iter()
        .flat_map(|finding| {
            finding.subject.address.iter().chain(finding.causes.iter().map(|cause| &cause.address))
        })
        .map(String::as_str)
        .collect();
    let mut places: BTreeMap<&str, Vec<(&str, &Place)>> = BTreeMap::new();
    for change in changes.iter().filter(|change| named.contains(change.address.as_str())) {
        if let (Some(place), Some(plan)) = (&change.place, plans.get(change.plan)) {
            places.entry(change.address.as_str()).or_default().push((&plan.path, place));
        }
    }
    let found: Vec<Option<Location>> = findings.iter().map(|finding| location(finding, &places)).collect();
    for (finding, location) in findings.iter_mut().zip(found) {
        finding.location = finding.location.take().or(location);
    }
}

fn location(finding: &Finding, places: &BTreeMap<&str, Vec<(&str, &Place)>>) -> Option<Location> {
    // Where no plan is named, all that have the address must agree.
    let find = |address: &str, plan: Option<&str>| {
        let known = places.get(address)?.iter();
        let mut fitting =
            known.filter(|(path, _)| plan.is_none_or(|plan| plan == *path)).map(|(_, place)| *place);
        let first = fitting.next()?;
        fitting.all(|place| place == first).then_some(first)
    };
    let subject = finding.subject.address.as_deref().and_then(|address| {
        let cause = finding.causes.iter().find(|cause| cause.address == address);
        find(address, cause.map(|cause| cause.plan.as_str()))
    });
    let first = || finding.causes.first().and_then(|cause| find(&cause.address, Some(&cause.plan)));
    let place = subject.or_else(first)?;
    Some(Location { file: place.file.clone(), line: place.line })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Address, Level, RuleId};
    use crate::verdict::{Cause, CauseChange, Certainty, Subject};

    fn change(plan: usize, address: &str, line: usize) -> Change {
        let place = Some(Place { file: format!("{plan}.tf"), line });
        Change {
            plan,
            address: Address::new(address),
            deposed: None,
            previous_address: None,
            kind: "t".to_owned(),
            mode: "managed".to_owned(),
            action: Action::Delete,
            reason: None,
            importing: false,
            place,
        }
    }

    fn plan(path: &str) -> PlanSummary {
        PlanSummary {
            path: path.to_owned(),
            sha256: None,
            terraform_version: None,
            format_version: String::new(),
            timestamp: None,
            partial: Vec::new(),
            gone: Default::default(),
            changes: BTreeMap::new(),
        }
    }

    fn finding(subject: Option<&str>, causes: &[(&str, &str)]) -> Finding {
        let cause = |(address, plan): &(&str, &str)| CauseChange {
            address: (*address).to_owned(),
            plan: (*plan).to_owned(),
            sufficient: true,
            necessary: true,
        };
        Finding {
            rule: RuleId::new("breaks-workload"),
            level: Level::Note,
            cause: Cause::Plan,
            certainty: Certainty::Certain,
            title: String::new(),
            fingerprint: String::new(),
            subject: Subject {
                id: "x".to_owned(),
                kind: "grant".to_owned(),
                address: subject.map(str::to_owned),
                action: None,
                reason: None,
            },
            causes: causes.iter().map(cause).collect(),
            affects: Vec::new(),
            path: Vec::new(),
            lost: Vec::new(),
            covered_by: Vec::new(),
            unknown_because: Vec::new(),
            undo: None,
            undo_note: None,
            help: String::new(),
            location: None,
            missing_input: false,
            looked_at: None,
            limits: Vec::new(),
            members: Vec::new(),
        }
    }

    #[test]
    fn the_plan_of_a_cause_tells_which_file_is_meant() {
        let changes = [change(0, "t.a", 3), change(1, "t.a", 5), change(1, "t.b", 7)];
        let plans = [plan("one"), plan("two")];
        let cases = [
            (finding(Some("t.a"), &[("t.a", "two")]), Some("1.tf:5")),
            // Two plans have it, and nothing says which is meant.
            (finding(Some("t.a"), &[]), None),
            (finding(Some("t.b"), &[]), Some("1.tf:7")),
            // The subject is nothing of a plan: the first cause is.
            (finding(Some("t.other"), &[("t.a", "one"), ("t.b", "two")]), Some("0.tf:3")),
            (finding(None, &[("t.b", "two")]), Some("1.tf:7")),
            (finding(None, &[]), None),
        ];
        for (number, (finding, expected)) in cases.into_iter().enumerate() {
            let mut findings = [finding];
            locate(&mut findings, &changes, &plans);
            let found = findings[0].location.as_ref().map(|at| format!("{}:{}", at.file, at.line));
            assert_eq!(found.as_deref(), expected, "{number}");
        }
    }
}
