//! `unfinished-migration`: a migration is said to be done, and something still uses the old kind.

use super::people::{sort, spoken, with_others};
use super::view::finish_of;
use super::{Draft, Judged, Rule};
use crate::estate::{Outcome, carries_after, fallen_by, of_kind};
use crate::model::{ChangeIx, Class, Migration, NodeIx, Presence, Progress};
use crate::verdict::{Affected, Cause, Certainty, RuleText, Subject};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "unfinished-migration",
        what: "a `[[migration]]` is said to be complete, and workloads still rest on things of the old kind, or a plan makes \
               another one",
        why: "Coinbase, 2021: certificates had been moved to ACM the year before; for one a new IAM certificate was uploaded \
              and the rest put off, and everybody took the migration for finished",
        example: "six listeners still use aws:server-certificate/api.internal.example.com",
        resolve: "move what is listed, or say `status = \"running\"`",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let migrations = judged.declarations.statements.migrations.iter();
    migrations
        .filter(|migration| migration.status == Progress::Complete)
        .flat_map(|migration| standing(judged, migration).into_iter().chain(made_anew(judged, migration)))
        .collect()
}

/// Of the old kind: what is there, and who rests on it.
fn standing(judged: &Judged<'_>, migration: &Migration) -> Option<Draft> {
    let now = judged.before.evaluator.outcome(judged.before.scenario.clone());
    let now = Resting::on(judged, &now);
    let used: Vec<(NodeIx, Vec<NodeIx>)> = of_kind(judged.estate, &migration.from)
        .into_iter()
        .filter(|node| judged.is_there(*node))
        .map(|node| (node, now.workloads(node)))
        .filter(|(_, workloads)| !workloads.is_empty())
        .collect();
    let workloads: BTreeSet<NodeIx> =
        used.iter().flat_map(|(_, workloads)| workloads.iter().copied()).collect();
    let mut affects: Vec<Affected> = workloads
        .iter()
        .filter_map(|index| {
            let held = judged.before.of(*index);
            let concerned = judged.concerned(*index, Certainty::Certain)?;
            Some(Affected { until: held, was: held, ..concerned })
        })
        .collect();
    sort(&mut affects);
    let first = affects.first()?;
    let old = match used.as_slice() {
        [(one, _)] => judged.estate.node(*one).map(spoken)?,
        several => format!("{} things of the old kind", several.len()),
    };
    let mut title = format!(
        "the migration from {} to {} is said to be complete, and {} still {} on {old}",
        migration.from.as_str(),
        migration.to.as_str(),
        with_others(&first.workload, affects.len()),
        if affects.len() == 1 { "rests" } else { "rest" },
    );
    // Those that fall by it have not been moved.
    let then = Resting::on(judged, judged.outcome);
    let left = used.iter().any(|(node, workloads)| {
        !then.workloads(*node).is_empty() || workloads.iter().any(|index| judged.falls().of(*index).is_some())
    });
    if !judged.plans.is_empty() && !left {
        title.push_str("; this plan finishes it");
    }
    let mut finding = judged.finding(RULE.text.id, title, subject(migration), HELP);
    finding.cause = Cause::Standing;
    finding.affects = affects;
    finding.location = judged.declared_at(migration.line);
    Some(Draft { finding: finish_of(finding, "standing"), lesser: false })
}

/// A plan makes another one of the old kind, or puts more on one.
fn made_anew(judged: &Judged<'_>, migration: &Migration) -> Option<Draft> {
    if judged.plans.is_empty() {
        return None;
    }
    let now = judged.before.evaluator.outcome(judged.before.scenario.clone());
    let now = Resting::on(judged, &now);
    let then = Resting::on(judged, judged.outcome);
    let mut changes: BTreeSet<ChangeIx> = BTreeSet::new();
    let mut workloads: BTreeSet<NodeIx> = BTreeSet::new();
    for node in of_kind(judged.estate, &migration.from) {
        let Some(own) = judged.estate.node(node) else { continue };
        let after = judged.after().scenario.presence(node, own);
        if after == Presence::Absent {
            continue;
        }
        if !judged.is_there(node) {
            changes.extend(judged.made_by(own));
        }
        let before = now.workloads(node);
        for new in then.workloads(node).into_iter().filter(|index| !before.contains(index)) {
            let Some(user) = judged.estate.node(new) else { continue };
            let needs = user.needs.iter().filter_map(|need| need.change);
            let by: Vec<ChangeIx> =
                user.claims.iter().filter_map(|claim| claim.change).chain(needs).collect();
            changes.extend(by);
            workloads.insert(new);
        }
    }
    let count = changes.len();
    let first = changes.first().and_then(|change| judged.change(*change))?;
    let title = format!(
        "the migration from {} to {} is said to be complete, and this plan goes back to the old kind: {}{}",
        migration.from.as_str(),
        migration.to.as_str(),
        first.address,
        if count > 1 { format!(" and {} more", count - 1) } else { String::new() },
    );
    let mut finding = judged.finding(RULE.text.id, title, subject(migration), HELP);
    finding.causes = changes.iter().filter_map(|change| judged.cause(*change, true, count == 1)).collect();
    finding.affects =
        workloads.iter().filter_map(|index| judged.concerned(*index, Certainty::Certain)).collect();
    sort(&mut finding.affects);
    finding.location = judged.declared_at(migration.line);
    Some(Draft { finding: finish_of(finding, "back"), lesser: false })
}

/// Who rests on what in one version of the world: also when that has ended, and they are down by it.
struct Resting<'j> {
    judged: &'j Judged<'j>,
    outcome: &'j Outcome<'j>,
    fallen: BTreeMap<NodeIx, Vec<NodeIx>>,
}

impl<'j> Resting<'j> {
    fn on(judged: &'j Judged<'j>, outcome: &'j Outcome<'j>) -> Resting<'j> {
        let fallen = fallen_by(&outcome.held);
        Resting { judged, outcome, fallen }
    }

    fn workloads(&self, node: NodeIx) -> Vec<NodeIx> {
        let mut all = carries_after(self.outcome, node, |index| is_workload(self.judged, *index));
        let fallen = self.fallen.get(&node).into_iter().flatten().copied();
        all.extend(fallen.filter(|index| is_workload(self.judged, *index)));
        all.sort();
        all.dedup();
        all
    }
}

const HELP: &str = "move what still uses the old kind, or say in [[migration]] that it is running";

fn is_workload(judged: &Judged<'_>, index: NodeIx) -> bool {
    judged.estate.node(index).is_some_and(|node| node.workload.is_some() && node.class != Class::Certificate)
}

fn subject(migration: &Migration) -> Subject {
    Subject {
        id: format!("{} to {}", migration.from.as_str(), migration.to.as_str()),
        kind: "migration".to_owned(),
        address: None,
        action: None,
        reason: None,
    }
}
