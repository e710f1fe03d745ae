//! The answer of `verify`, and the losses that people sign for, as they read them.

use super::page::{Look, Page, Piece, Tone, dim, plain, strong};
use super::when;
use crate::model::{Level, Moment, minute};
use crate::verdict::{Certainty, Loss, SignatureLine, Undo, Verdict, Verification};
use std::collections::BTreeSet;

/// Who signed, who counts, and what is missing.
pub fn verification_text(answer: &Verification, look: Look) -> String {
    let mut page = Page::new(look);
    for line in &answer.signatures {
        signature(&mut page, line);
    }
    let mut said = |tone: Tone, word: &str, text: &str| {
        page.put(&[(tone, word.to_owned())], &[plain("  ")], &[plain(": "), plain(text)]);
    };
    for why in &answer.dearer {
        said(Tone::Warning, "one more", why);
    }
    for person in &answer.vetoes {
        said(Tone::Error, "veto", &format!("{person} has said no"));
    }
    for group in &answer.groups_missing {
        said(Tone::Error, "missing", &format!("nobody of group {group} has signed"));
    }
    for why in &answer.obstacles {
        said(Tone::Error, "refused", why);
    }
    if !look.quiet {
        for note in &answer.notes {
            said(Tone::Note, "note", note);
        }
    }
    page.blank();
    conclusion(&mut page, answer);
    page.finish()
}

fn signature(page: &mut Page, line: &SignatureLine) {
    let (tone, word) = match (line.state, line.counts, line.decision) {
        ("good", _, "reject") => (Tone::Error, "says no"),
        ("good", true, _) => (Tone::Good, "counts"),
        ("good", ..) => (Tone::Warning, "does not count"),
        ("unknown", ..) => (Tone::Warning, "unknown key"),
        _ => (Tone::Error, "bad"),
    };
    let person = line.person.as_deref().unwrap_or("nobody known");
    let mut body = vec![plain(": "), strong(person), dim(format!("  {}", line.file))];
    if let Some(fingerprint) = &line.fingerprint {
        body.push(dim(format!("  {fingerprint}")));
    }
    page.put(&[(tone, word.to_owned())], &[plain("  ")], &body);
    for why in &line.why {
        page.put(&[plain("  ")], &[plain("  ")], &[plain(why)]);
    }
    if let Some(reason) = &line.reason {
        page.put(&[plain("  ")], &[plain("  ")], &[dim("in their words: "), plain(reason)]);
    }
}

fn conclusion(page: &mut Page, answer: &Verification) {
    let (tone, text) = match answer.verdict {
        Verdict::Pass | Verdict::Warn => (Tone::Good, "no approval is needed".to_owned()),
        Verdict::Deny => (Tone::Error, "denied by policy: nobody can approve it".to_owned()),
        Verdict::Approval | Verdict::Undetermined if answer.passes => {
            (Tone::Good, format!("approved by {}", answer.counted.join(", ")))
        }
        Verdict::Approval | Verdict::Undetermined => {
            let people = if answer.missing == 1 { "person" } else { "people" };
            (
                Tone::Error,
                format!(
                    "not approved: {} of {} have signed, {} more {people} must",
                    answer.counted.len(),
                    answer.needed,
                    answer.missing
                ),
            )
        }
    };
    page.put(&[strong("verdict")], &[plain("  ")], &[plain(": "), (tone, text)]);
    if let Some(head) = &answer.ledger_head {
        page.put(&[dim("ledger ")], &[plain("  ")], &[dim(format!(" {head}"))]);
    }
}

/// How many workloads a set of losses brings down: what an approver has to type.
pub fn workloads_lost(losses: &[Loss]) -> usize {
    let lost = losses.iter().filter(|loss| !loss.workload.is_empty() && loss.level >= Level::Approval);
    lost.map(|loss| (&loss.workload, &loss.node)).collect::<BTreeSet<_>>().len()
}

/// The losses, in sentences that are made here, from data alone.
pub fn losses_text(losses: &[Loss], look: Look) -> String {
    let mut page = Page::new(look);
    for loss in losses {
        let tone = if loss.level >= Level::Approval { Tone::Error } else { Tone::Note };
        let (what, who): (String, Vec<Piece>) = if loss.workload.is_empty() {
            ("goes".to_owned(), vec![strong(&*loss.node)])
        } else {
            let word = match loss.certainty {
                Certainty::Certain => "falls",
                Certainty::Possible => "may fall",
            };
            let critical = format!(" ({}, {})", loss.criticality.word(), loss.node);
            (word.to_owned(), vec![strong(&*loss.workload), dim(critical)])
        };
        let mut body = vec![plain(": ")];
        body.extend(who);
        body.push(plain(format!(", {}", end(loss))));
        page.put(&[(tone, what)], &[plain("  ")], &body);
        let mut line = |label: &str, text: &str| {
            page.put(&[dim(format!("   {label:<9}"))], &[plain(" ".repeat(12))], &[plain(text)]);
        };
        for lost in &loss.lost {
            line("lost", lost);
        }
        for cause in &loss.causes {
            line("by", cause);
        }
        if let Some(undo) = loss.undo {
            line("undo", undo_words(undo));
        }
        line("rule", loss.rule.as_str());
    }
    page.blank();
    page.finish()
}

fn end(loss: &Loss) -> String {
    match (loss.until.possible, loss.trigger.as_deref()) {
        (_, Some("apply")) | (Moment::Never, None) => "at once".to_owned(),
        (Moment::At(at), _) => format!("on {}", minute(at)),
        (_, Some(trigger)) => when::trigger(trigger),
        (Moment::Eventually, None) => "on a day that is not known".to_owned(),
        (Moment::Forever, None) => "if what is not known turns out badly".to_owned(),
    }
}

fn undo_words(undo: Undo) -> &'static str {
    match undo {
        Undo::Restorable => "the same can be made again",
        Undo::Window => "it can be brought back for some days",
        Undo::NewIdentity => "made anew, it is somebody else",
        Undo::Lost => "cannot be undone",
    }
}
