//! The answer of `explain`, as people read it.

use super::page::{Look, Page, Piece, Tone, dim, plain, strong};
use super::tree::{Ends, draw, rating, spoken};
use super::when;
use crate::verdict::{EvidenceText, Explanation, NeedLine, SupportLine};

/// Names shown unless all are asked for.
const LISTED: usize = 5;

/// The explanation as text.
pub fn explanation_text(answer: &Explanation, look: Look) -> String {
    let mut page = Page::new(look);
    page.line(&[strong(spoken(&answer.node)), dim(format!("   {}, {}", answer.kind, answer.type_name))]);
    if answer.name != answer.node {
        field(&mut page, "called", &answer.name);
    }
    field(&mut page, "now", &when::horizon(answer.until));
    if let Some(after) = answer.after {
        field(&mut page, "after the plan", &when::horizon(after));
    }
    let limit = if look.verbose { usize::MAX } else { LISTED };
    listed(&mut page, "known as", answer.aliases.iter().cloned(), limit);
    listed(&mut page, "told of by", answer.evidence.iter().map(place), limit);
    why(&mut page, answer);
    rests_on(&mut page, &answer.rests_on);
    carries(&mut page, answer, limit);
    if_gone(&mut page, answer);
    page.finish()
}

fn field(page: &mut Page, label: &str, text: &str) {
    page.put(&[dim(format!("  {label:<15} "))], &[plain(" ".repeat(20))], &[plain(text)]);
}

fn listed(page: &mut Page, label: &str, all: impl ExactSizeIterator<Item = String>, limit: usize) {
    let more = all.len().saturating_sub(limit);
    for (index, text) in all.take(limit).enumerate() {
        field(page, if index == 0 { label } else { "" }, &text);
    }
    if more > 0 {
        field(page, "", &format!("and {more} more"));
    }
}

fn place(evidence: &EvidenceText) -> String {
    let pointer = evidence.pointer.as_deref().unwrap_or_default();
    format!("{} {pointer}", evidence.source).trim_end().to_owned()
}

fn title(page: &mut Page, text: &str) {
    page.blank();
    page.line(&[strong(text)]);
}

fn why(page: &mut Page, answer: &Explanation) {
    if !answer.why.is_empty() {
        title(page, "why");
        draw(page, &[plain("  ")], "  ", &answer.why, &Ends::default());
    }
}

fn rests_on(page: &mut Page, needs: &[NeedLine]) {
    title(page, "rests on");
    if needs.is_empty() {
        page.put(&[plain("  ")], &[plain("    ")], &[plain("nothing that is known")]);
    }
    for need in needs {
        let exercised = match need.phase.as_str() {
            "start" => ", when a process starts",
            "run" => ", while it runs",
            "renew" => ", when it is renewed",
            _ => "",
        };
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[
                strong(&*need.label),
                dim(format!("   {}{exercised} · ", need.strength)),
                plain(when::horizon(need.until)),
            ],
        );
        let dates = [("renewed from", need.renewal_at), ("valid until", need.ends_at)];
        for (label, instant) in dates {
            if let Some(instant) = instant {
                page.put(
                    &[plain("    ")],
                    &[plain("      ")],
                    &[dim(format!("{label} ")), plain(crate::model::minute(instant))],
                );
            }
        }
        for support in &need.supports {
            page.put(&[dim("    └─ ")], &[plain("       ")], &support_line(support, page.look()));
        }
        if need.supports.is_empty() {
            page.put(&[dim("    └─ ")], &[plain("       ")], &[(Tone::Error, "nothing meets it".to_owned())]);
        }
    }
}

fn support_line(support: &SupportLine, look: Look) -> Vec<Piece> {
    let mut pieces = vec![
        plain(spoken(&support.node)),
        dim(format!("   {} · ", support.kind)),
        plain(when::horizon(support.until)),
    ];
    if let Some(doubt) = &support.doubt {
        pieces.push((Tone::Warning, " · doubt".to_owned()));
        pieces.push(plain(format!(": {doubt}")));
    }
    if let Some(evidence) = support.evidence.as_ref().filter(|_| look.verbose) {
        pieces.push(dim(format!(" · shown by {}", place(evidence))));
    }
    pieces
}

fn carries(page: &mut Page, answer: &Explanation, limit: usize) {
    title(page, "carries");
    if answer.carries.is_empty() {
        page.put(&[plain("  ")], &[plain("    ")], &[plain("nothing that is known")]);
    }
    for dependent in answer.carries.iter().take(limit.saturating_mul(4)) {
        let between: Vec<String> = dependent
            .through
            .iter()
            .filter(|id| **id != dependent.node && **id != answer.node)
            .map(|id| spoken(id))
            .collect();
        let through =
            if between.is_empty() { String::new() } else { format!(" · through {}", between.join(" → ")) };
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[plain(spoken(&dependent.node)), dim(format!("   {}{through}", dependent.kind))],
        );
    }
    let more = answer.carries.len().saturating_sub(limit.saturating_mul(4));
    if more > 0 {
        page.put(&[plain("  ")], &[plain("    ")], &[plain(format!("and {more} more"))]);
    }
}

fn if_gone(page: &mut Page, answer: &Explanation) {
    title(page, "if it goes");
    if answer.if_gone.is_empty() {
        page.put(&[plain("  ")], &[plain("    ")], &[plain("no workload falls")]);
    }
    for affected in &answer.if_gone {
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
}

fn when_gone(affected: &crate::verdict::Affected, answer: &Explanation) -> String {
    match affected.trigger.as_deref() {
        Some("apply") => "at once".to_owned(),
        _ => when::fall(affected, answer.now, false),
    }
}
