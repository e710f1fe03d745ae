//! `mass-destruction`: too many of one kind, or too large a share, go at once.

use super::view::finish;
use super::{Draft, Judged, Rule};
use crate::model::{Change, ChangeIx, Presence, RuleId};
use crate::verdict::{RuleText, Subject};
use std::collections::BTreeMap;

pub const RULE: Rule = Rule {
    text: RuleText {
        id: "mass-destruction",
        what: "more than `more_than` of one kind, or a share over `share`, are deleted or replaced at once",
        why: "JumpCloud, 2025: one change un-enrolled many devices before anybody saw that it was not a few",
        example: "a key of a for_each changes, and 34 of 40 devices are deleted and made anew",
        resolve: "find out why so many go; do it in parts, or raise the bounds under [rules.mass-destruction]",
    },
    read,
};

const HELP: &str =
    "find out why so many go at once; if it is meant, do it in parts, or let people sign for it";

#[derive(Default)]
struct Count {
    there: u64,
    go: u64,
    changes: Vec<ChangeIx>,
}

fn read(judged: &Judged<'_>) -> Vec<Draft> {
    let settings = judged.declarations.rules.get(&RuleId::new(RULE.text.id));
    let more_than = settings.and_then(|settings| settings.more_than);
    let share = settings.and_then(|settings| settings.share);
    let mut counts: Vec<(String, Count)> = counts(judged).into_iter().collect();
    counts.sort_by(|(one, few), (other, many)| many.go.cmp(&few.go).then_with(|| one.cmp(other)));
    let over = |count: &Count| {
        more_than.is_some_and(|most| count.go > most)
            || share.is_some_and(|(over, least)| count.there >= least && is_over(count.go, count.there, over))
    };
    counts
        .into_iter()
        .filter(|(_, count)| over(count))
        .map(|(kind, count)| finding(judged, &kind, &count))
        .collect()
}

/// Whether a part of a whole is more than a share of it.
pub fn is_over(part: u64, whole: u64, share: f64) -> bool {
    let exact = |number: u64| u32::try_from(number).map_or(f64::from(u32::MAX), f64::from);
    exact(part) > share * exact(whole)
}

/// By Terraform type. What two plans delete is one thing.
fn counts(judged: &Judged<'_>) -> BTreeMap<String, Count> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let goes = |change: &Change| change.action.is_destructive() && change.mode == "managed";
    for node in &judged.estate.nodes {
        let own = node.claims.iter().filter(|claim| claim.managed);
        let itself = node.aliases.iter().any(|alias| alias.space() == "address");
        if !itself || own.clone().all(|claim| claim.before == Presence::Absent) {
            continue;
        }
        let changes: Vec<ChangeIx> = own.filter_map(|claim| claim.change).collect();
        let made = changes.iter().filter(|change| judged.makes(**change));
        let going = made.copied().find(|change| judged.change(*change).is_some_and(goes));
        let kind =
            going.and_then(|change| judged.change(change)).map_or(node.kind.as_str(), |change| &change.kind);
        let count = counts.entry(kind.to_owned()).or_default();
        count.there += 1;
        if let Some(change) = going {
            count.go += 1;
            count.changes.push(change);
        }
    }
    counts
}

fn finding(judged: &Judged<'_>, kind: &str, count: &Count) -> Draft {
    let title = format!("this plan deletes or replaces {} of {} {kind}", count.go, count.there);
    let subject =
        Subject { id: kind.to_owned(), kind: "kind".to_owned(), address: None, action: None, reason: None };
    let mut finding = judged.finding("mass-destruction", title, subject, HELP);
    finding.causes = count.changes.iter().filter_map(|change| judged.cause(*change, false, false)).collect();
    finding.causes.sort();
    let addresses = finding.causes.clone();
    let mut draft = finish(crate::verdict::Finding { causes: Vec::new(), ..finding });
    draft.causes = addresses;
    Draft { finding: draft, lesser: false }
}
