//! What `explain` says of a thing's going: what falls and when, and what else would carry.

use super::explain::{more, support_line, title};
use super::page::{Page, dim, plain, strong};
use super::tree::{rating, spoken};
use super::when;
use crate::verdict::{Affected, Explanation};

/// Writes both; of either list four times `limit` are told.
pub(super) fn write(page: &mut Page, answer: &Explanation, limit: usize) {
    let most = limit.saturating_mul(4);
    falls(page, "if it goes", &answer.if_gone, answer, most);
    if let Some(after) = answer.if_gone_after.as_ref().filter(|after| **after != answer.if_gone) {
        falls(page, "if it goes after the plan", after, answer, most);
    }
    title(page, "what else would carry then");
    if answer.instead.is_empty() {
        page.put(&[plain("  ")], &[plain("    ")], &[plain("nothing is known to rest on it directly")]);
    }
    for need in answer.instead.iter().take(most) {
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[plain(spoken(&need.node)), dim(format!("   {}, needs ", need.kind)), strong(&*need.need)],
        );
        for other in need.others.iter().take(limit) {
            page.put(&[dim("    └─ ")], &[plain("       ")], &support_line(other, page.look()));
        }
        let beyond = need.others.len().saturating_sub(limit);
        if beyond > 0 {
            page.put(&[dim("    └─ ")], &[], &[plain(format!("and {beyond} more"))]);
        }
        if need.others.is_empty() {
            let text = format!("nothing else: it {} then", when::horizon(need.until));
            page.put(&[dim("    └─ ")], &[plain("       ")], &[plain(text)]);
        }
    }
    more(page, answer.instead.len().saturating_sub(most));
}

fn falls(page: &mut Page, label: &str, all: &[Affected], answer: &Explanation, most: usize) {
    title(page, label);
    if all.is_empty() {
        page.put(&[plain("  ")], &[plain("    ")], &[plain("no workload falls")]);
    }
    for affected in all.iter().take(most) {
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[
                plain(format!("{}  ", spoken(&affected.workload))),
                rating(affected.criticality),
                plain(format!("   {}", when_gone(affected, answer))),
            ],
        );
    }
    more(page, all.len().saturating_sub(most));
}

fn when_gone(affected: &Affected, answer: &Explanation) -> String {
    match affected.trigger.as_deref() {
        Some("apply") => "at once".to_owned(),
        _ => when::fall(affected, answer.now, false),
    }
}
