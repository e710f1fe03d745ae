//! What to leave out of a plan, as people read it.

use super::page::{Page, Tone, dim, plain, strong};
use super::when::plural;
use crate::verdict::{Report, Unblock};

/// The answer of `check --unblock`.
pub(super) fn write(page: &mut Page, unblock: &Unblock, report: &Report) {
    page.blank();
    let number = unblock.changes.len();
    match (number, unblock.verified) {
        (0, true) => page.line(&[strong("nothing to leave out"), plain(": nothing here needs an approval")]),
        (0, false) => page.line(&[
            (Tone::Error, "no change can be left out".to_owned()),
            plain(" so that nothing needs an approval"),
        ]),
        (_, true) => {
            let these =
                if number == 1 { "this change" } else { &format!("these {}", plural(number, "change")) };
            page.line(&[strong(format!("leave out {these} and nothing needs an approval:"))]);
        }
        (_, false) => {
            let these =
                if number == 1 { "this change" } else { &format!("these {}", plural(number, "change")) };
            page.line(&[strong(format!("leave out {these} and less is in the way:"))]);
        }
    }
    for change in &unblock.changes {
        let plan = if report.plans.len() > 1 { format!(", in {}", change.plan) } else { String::new() };
        page.put(
            &[plain("  ")],
            &[plain("    ")],
            &[
                strong(&*change.address),
                dim(format!("   {}{plan}", change.action)),
                plain(how(&change.action)),
            ],
        );
    }
    for finding in &unblock.remaining {
        page.put(
            &[plain("  "), (Tone::Error, "still in the way".to_owned())],
            &[plain("    ")],
            &[plain(format!(": {} ({})", finding.title, finding.rule))],
        );
    }
    if number > 0 {
        page.put(&[plain("  ")], &[plain("  ")], &[dim(AGAIN)]);
    }
    page.blank();
}

/// Nothing takes a change out of a plan that is made.
const AGAIN: &str = "a plan cannot be cut: change the configuration, plan again without -target, and check the new \
                     plan; what was judged here is the rest of this one";

/// How a change comes not to be in the next plan.
fn how(action: &str) -> &'static str {
    match action {
        "delete" => ": keep it in the configuration",
        "replace" => ": put back what makes it be replaced",
        "create" => ": do not add it yet",
        "update" => ": put back what it was",
        "forget" => ": keep it under management",
        _ => "",
    }
}
