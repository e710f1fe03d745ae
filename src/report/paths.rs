//! The answer of `explain WHAT --to OTHER`, as people read it.

use super::page::{Look, Page, dim, plain, strong};
use super::tree::{Ends, draw, spoken};
use super::when::plural;
use crate::verdict::{EvidenceText, Only, PathChain, PathChains, PathEnd, PathNeed, PathStep, Paths, Step};

/// Needs of one step that are shown unless all are asked for.
const NEEDS: usize = 3;

/// The chains as text.
pub fn paths_text(answer: &Paths, look: Look) -> String {
    let limit = if look.verbose { usize::MAX } else { NEEDS };
    // The places of evidence are not part of this answer, so there is nothing more to show of a step.
    let mut page = Page::new(Look { verbose: false, ..look });
    direction(&mut page, &answer.from, &answer.to, &answer.rests_on, limit);
    direction(&mut page, &answer.to, &answer.from, &answer.carries, limit);
    if answer.rests_on.chains.is_empty() && answer.carries.chains.is_empty() {
        let (from, to) = (spoken(&answer.from.node), spoken(&answer.to.node));
        page.line(&[plain(format!("nothing that is known leads from {from} to {to}, or back"))]);
        for source in &answer.unknown_because {
            page.put(&[plain("  ")], &[plain("    ")], &[dim("not all is known: "), plain(source)]);
        }
    }
    page.finish()
}

fn direction(page: &mut Page, from: &PathEnd, to: &PathEnd, found: &PathChains, limit: usize) {
    if found.chains.is_empty() {
        return;
    }
    page.blank();
    page.line(&[strong(format!("{} rests on {}", spoken(&from.node), spoken(&to.node)))]);
    for chain in &found.chains {
        page.blank();
        if let Some(only) = chain.only {
            page.put(&[plain("  ")], &[plain("    ")], &[dim(side(only))]);
        }
        draw(page, &[plain("  ")], "  ", &steps(chain, limit), &Ends::default());
    }
    let more = match (found.more, found.all) {
        (0, true) => return,
        (0, false) => "there may be more, longer ones".to_owned(),
        (more, true) => format!("and {more} more, as long or longer"),
        (more, false) => format!("and at least {more} more, as long or longer"),
    };
    page.blank();
    page.put(&[plain("  ")], &[plain("    ")], &[dim(more)]);
}

fn side(only: Only) -> &'static str {
    match only {
        Only::Before => "only before the plan",
        Only::After => "only after the plan",
    }
}

fn steps(chain: &PathChain, limit: usize) -> Vec<Step> {
    let needs = |needs: &[PathNeed]| -> Option<String> {
        let mut told: Vec<String> = needs.iter().take(limit).map(need).collect();
        let more = needs.len().saturating_sub(limit);
        told.extend((more > 0).then(|| format!("{more} more")));
        Some(told.join("; and ")).filter(|text| !text.is_empty())
    };
    let step = |step: &PathStep| Step {
        node: step.node.clone(),
        kind: step.kind.clone(),
        address: step.address.clone(),
        need: needs(&step.needs),
        because: None,
        evidence: EvidenceText { source: String::new(), pointer: None },
    };
    chain.steps.iter().map(step).collect()
}

/// A need with what is not plain about it.
fn need(need: &PathNeed) -> String {
    let mut notes: Vec<String> = Vec::new();
    match need.phase.as_str() {
        "start" => notes.push("when a process starts".to_owned()),
        "run" => notes.push("while it runs".to_owned()),
        "renew" => notes.push("when it is renewed".to_owned()),
        _ => {}
    }
    if need.strength == "assumed" {
        notes.push("assumed".to_owned());
    }
    if need.by_absence {
        notes.push("met by not being there".to_owned());
    }
    if need.others > 0 {
        notes.push(format!("{} can meet it too", plural(need.others, "other")));
    }
    notes.extend(need.only.map(|only| side(only).to_owned()));
    notes.extend(need.doubt.iter().map(|doubt| format!("in doubt: {doubt}")));
    if notes.is_empty() { need.label.clone() } else { format!("{} ({})", need.label, notes.join(", ")) }
}
