//! The answer of `explain`, as people read it.

use super::page::{Look, Page, Piece, Tone, dim, plain, strong};
use super::tree::{Ends, draw, spoken};
use super::{gone, when};
use crate::model::{Horizon, Moment};
use crate::verdict::{Certainty, EvidenceText, Explanation, NeedLine, Step, SupportLine};

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
    if let Some(meanwhile) = &answer.meanwhile {
        let down = match meanwhile.certainty {
            Certainty::Certain => "down",
            Certainty::Possible => "may be down",
        };
        field(&mut page, "meanwhile", &format!("{down} while the plan is applied"));
    }
    if let Some(cold) = &answer.cold {
        field(&mut page, "from nothing", &comes_up(cold.until));
        if let Some(after) = cold.after.filter(|after| *after != cold.until) {
            field(&mut page, "", &format!("after the plan {}", comes_up(after)));
        }
    }
    let limit = if look.verbose { usize::MAX } else { LISTED };
    listed(&mut page, "known as", answer.aliases.iter().cloned(), limit);
    listed(&mut page, "told of by", answer.evidence.iter().map(place), limit);
    if !answer.without.is_empty() {
        let gone = answer.without.iter().map(|id| spoken(id));
        listed(&mut page, "supposed gone", gone.collect::<Vec<_>>().into_iter(), usize::MAX);
    }
    chain(&mut page, "why", &answer.why);
    chain(&mut page, "why after the plan", &answer.why_after);
    if let Some(meanwhile) = &answer.meanwhile {
        chain(&mut page, "why meanwhile", &meanwhile.path);
    }
    if let Some(cold) = &answer.cold {
        chain(&mut page, "why not from nothing", &cold.why);
        circle(&mut page, &cold.circle);
    }
    rests_on(&mut page, &answer.rests_on);
    carries(&mut page, answer, limit);
    gone::write(&mut page, answer, limit);
    page.finish()
}

fn comes_up(until: Horizon) -> String {
    let how = match (until.may_hold(), until.surely_holds()) {
        (false, _) => return "does not come up".to_owned(),
        (true, false) => "is not known to come up",
        (true, true) => "comes up",
    };
    if until.sure == until.possible && until.possible != Moment::Forever {
        format!("{how}, and {}", when::horizon(until))
    } else {
        how.to_owned()
    }
}

/// Who needs whom to be up already.
fn circle(page: &mut Page, circle: &[String]) {
    if let Some(first) = circle.first() {
        let all: Vec<String> = circle.iter().chain([first]).map(|id| spoken(id)).collect();
        let text = format!("a circle, each needs the next to be up: {}", all.join(" → "));
        page.put(&[plain("  ")], &[plain("    ")], &[plain(text)]);
    }
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

pub(super) fn title(page: &mut Page, text: &str) {
    page.blank();
    page.line(&[strong(text)]);
}

fn chain(page: &mut Page, label: &str, steps: &[Step]) {
    if !steps.is_empty() {
        title(page, label);
        draw(page, &[plain("  ")], "  ", steps, &Ends::default());
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

pub(super) fn support_line(support: &SupportLine, look: Look) -> Vec<Piece> {
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
    let total = answer.carries.len();
    title(page, &if total == 0 { "carries".to_owned() } else { format!("carries {total}") });
    if total == 0 {
        page.put(&[plain("  ")], &[plain("    ")], &[plain("nothing that is known")]);
    }
    for dependent in answer.carries.iter().take(limit.saturating_mul(4)) {
        let mut between: Vec<String> = dependent
            .through
            .iter()
            .filter(|id| **id != dependent.node && **id != answer.node)
            .map(|id| spoken(id))
            .collect();
        if dependent.through.last() != Some(&answer.node) {
            between.push("…".to_owned());
        }
        let through =
            if between.is_empty() { String::new() } else { format!(" · through {}", between.join(" → ")) };
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[plain(spoken(&dependent.node)), dim(format!("   {}{through}", dependent.kind))],
        );
    }
    more(page, total.saturating_sub(limit.saturating_mul(4)));
}

/// That a list goes on.
pub(super) fn more(page: &mut Page, number: usize) {
    if number > 0 {
        page.put(&[plain("  ")], &[plain("    ")], &[plain(format!("and {number} more"))]);
    }
}
