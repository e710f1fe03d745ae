//! `single-mainstay`: one identity or credential carries more critical workloads than allowed.

use super::people::{sort, spoken};
use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::estate::{Mainstay, Scenario, carries_after, mainstays, prove};
use crate::model::{ChangeIx, Class, NodeIx, RuleId};
use crate::verdict::{Affected, Cause, Certainty, RuleText};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "single-mainstay",
        what: "one identity, credential or token carries more critical workloads than `max_critical`",
        why: "ServiceChannel, 2021: every component authenticated as one account; when it was deleted by mistake all of them \
              failed at once, and each had to be given the new secret",
        example: "five critical deployments run as the same user-assigned identity, and three are allowed",
        resolve: "give each component an identity of its own; or raise `max_critical` under [rules.single-mainstay]",
    },
    read,
};

/// How many are allowed where nothing says so.
const ALLOWED: u64 = 3;

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let settings = judged.declarations.rules.get(&RuleId::new(RULE.text.id));
    let allowed = settings.and_then(|settings| settings.max_critical).unwrap_or(ALLOWED);
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
    let after = (!judged.plans.is_empty()).then_some(judged.outcome);
    let counts = |class| matches!(class, Class::Identity | Class::Credential | Class::Token);
    mainstays(judged.before.evaluator, after, allowed, |node| counts(node.class))
        .iter()
        .filter_map(|mainstay| finding(judged, mainstay, allowed))
        .collect()
}

fn finding(judged: &Judged<'_>, mainstay: &Mainstay, allowed: usize) -> Option<Draft> {
    let node = judged.estate.node(mainstay.node)?;
    let mut affects: Vec<Affected> = mainstay
        .workloads
        .iter()
        .filter_map(|index| {
            let concerned = judged.concerned(*index, Certainty::Certain)?;
            let held = if mainstay.by_plan { concerned.until } else { judged.before.of(*index) };
            Some(Affected { until: held, was: held, ..concerned })
        })
        .collect();
    sort(&mut affects);
    let (thing, carried) = (format!("{} {}", node.class.word(), spoken(node)), affects.len());
    let title = match mainstay.by_plan {
        true => {
            format!("by this plan {thing} comes to carry {carried} critical workloads, {allowed} are allowed")
        }
        false => format!("{thing} carries {carried} critical workloads, {allowed} are allowed"),
    };
    let mut finding = judged.finding("single-mainstay", title, judged.subject(node, None), HELP);
    let without = match mainstay.by_plan {
        true => judged.after().scenario.clone(),
        false => Scenario::before(),
    };
    let without = judged.before.evaluator.outcome(without.without([mainstay.node]));
    if let Some(first) = mainstay.workloads.iter().find(|index| without.falls.of(**index).is_some()) {
        finding.path = judged.steps(&prove(&without, *first));
    }
    if mainstay.by_plan {
        let changes = new_ones(judged, mainstay);
        let only_one = changes.len() == 1;
        for change in changes {
            let sufficient = only_one || carried_by(judged, change, mainstay.node) > allowed;
            finding.causes.extend(judged.cause(change, sufficient, only_one));
        }
    } else {
        finding.cause = Cause::Standing;
    }
    finding.affects = affects;
    Some(Draft { finding: finish(finding), lesser: false })
}

const HELP: &str = "give each component an identity of its own, so that one loss is not the loss of all";

/// The changes by which it comes to carry more: those of the workloads that it does not carry yet.
fn new_ones(judged: &Judged<'_>, mainstay: &Mainstay) -> BTreeSet<ChangeIx> {
    let before: BTreeSet<NodeIx> =
        crate::estate::carries(judged.before.evaluator, mainstay.node).workloads.into_iter().collect();
    let new = mainstay.workloads.iter().filter(|index| !before.contains(index));
    let nodes = new.filter_map(|index| judged.estate.node(*index));
    nodes
        .flat_map(|node| {
            let made = node.claims.iter().filter_map(|claim| claim.change);
            made.chain(node.needs.iter().filter_map(|need| need.change))
        })
        .collect()
}

/// How many critical workloads it carries if only this change is made.
fn carried_by(judged: &Judged<'_>, change: ChangeIx, node: NodeIx) -> usize {
    let only = judged.only(&[change]);
    carries_after(&only, node, |index| judged.is_critical(*index)).len()
}
