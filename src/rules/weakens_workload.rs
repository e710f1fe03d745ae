//! `weakens-workload`: a single point of failure that was none.

use super::breaks_workload::lost_grant;
use super::people::{sort, spoken, with_others};
use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::estate::{ProofStep, Weakened, causes_of_weakness, hangers, prove, weakened, without};
use crate::model::{ChangeIx, Class, NodeIx};
use crate::verdict::{Affected, Certainty, Cover, RuleText};
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "weakens-workload",
        what: "nothing falls, but what several things carried now hangs on a single one",
        why: "ServiceChannel, 2021: many components shared one account, and its deletion took them all; what covers a loss \
              today is what nobody may touch tomorrow",
        example: "the grant on a DNS zone is deleted and the one on its resource group still covers it: from then on the \
                  issuer hangs on that one alone",
        resolve: "nothing, if one is enough; else keep the second, or make another that does not rest on the first",
    },
    read,
};

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let mut by_points: BTreeMap<Vec<NodeIx>, Vec<Weakened>> = BTreeMap::new();
    for weak in weakened(judged.outcome) {
        by_points.entry(weak.by.clone()).or_default().push(weak);
    }
    by_points.iter().filter_map(|(points, weak)| finding(judged, points, weak)).collect()
}

fn finding(judged: &Judged<'_>, points: &[NodeIx], weak: &[Weakened]) -> Option<Draft> {
    // What meets the need itself says more than what that rests on.
    let meets = |point: &&NodeIx| {
        weak.iter().any(|weak| {
            let need = judged.estate.node(weak.node).and_then(|node| node.needs.get(weak.need));
            need.is_some_and(|need| need.supports.iter().any(|support| support.node == **point))
        })
    };
    let point = *points.iter().find(meets).or(points.first())?;
    let without = without(judged.outcome, point);
    let mut hit: Vec<(Affected, NodeIx)> = hangers(judged.outcome, &without, point)
        .into_iter()
        .filter_map(|index| {
            let certainty = Certainty::of(without.falls.of(index)?.certain);
            Some((judged.concerned(index, certainty)?, index))
        })
        .collect();
    let causes = causes(judged, weak);
    let (change, _) = causes.first_key_value()?;
    let mut affects: Vec<Affected> = hit.iter().map(|(affected, _)| affected.clone()).collect();
    sort(&mut affects);
    let worst = affects.first()?;
    hit.retain(|(affected, _)| affected.node == worst.node);
    let (_, first) = hit.first()?;
    let changed = judged.changed(*change, &[])?;
    let verb = if affects.len() == 1 { "hangs" } else { "hang" };
    let others = match points.len() {
        0 | 1 => String::new(),
        many => format!(" and on {} more below it", many - 1),
    };
    let who = with_others(&worst.workload, affects.len());
    let single = judged.estate.node(point)?;
    let shown = judged.estate.shown(single);
    let title = format!("after this plan {who} {verb} on {} alone{others}", spoken(shown));
    let mut finding = judged.finding("weakens-workload", title, judged.subject(changed, Some(*change)), HELP);
    finding.causes = causes
        .iter()
        .filter_map(|(change, (sufficient, necessary))| judged.cause(*change, *sufficient, *necessary))
        .collect();
    let mut proof = prove(&without, *first);
    // Down to what was weakened; without the one that is left, the one that goes is missed there as well.
    if let Some(place) = proof.iter().position(|step| weak.iter().any(|weak| weak.node == step.node)) {
        proof.truncate(place + 1);
        if let Some(step) = proof.last_mut() {
            step.others.clear();
        }
        proof.push(ProofStep { node: point, need: None, others: Vec::new() });
    }
    finding.path = judged.steps(&proof);
    if changed.class == Class::Grant
        && let Some(access) = &changed.access
    {
        finding.lost.push(lost_grant(judged, access));
    }
    let grant = shown.address.as_ref().map_or_else(|| shown.id.to_string(), ToString::to_string);
    finding.covered_by.push(Cover { grant, why: "alone from now on".to_owned() });
    finding.affects = affects;
    Some(Draft { finding: finish(finding), lesser: false })
}

const HELP: &str = "nothing to do if one is enough; else keep the second";

/// The changes that weakened these needs: whether each suffices for one of them, and whether it takes it for all.
fn causes(judged: &Judged<'_>, weak: &[Weakened]) -> BTreeMap<ChangeIx, (bool, bool)> {
    let mut found: BTreeMap<ChangeIx, (bool, bool)> = BTreeMap::new();
    for weak in weak {
        for (change, sufficient, necessary) in causes_of_weakness(judged.outcome, weak) {
            let known = found.entry(change).or_insert((false, true));
            *known = (known.0 || sufficient, known.1 && necessary);
        }
    }
    found
}
