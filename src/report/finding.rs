//! One finding, as people read it.

use super::others::others;
use super::page::{Page, Piece, Tone, dim, plain, strong};
use super::tree::{Ends, draw, rating, spoken};
use super::when;
use crate::model::{Level, short_scope};
use crate::verdict::{Affected, Cause, Certainty, Finding, Looked, Lost, Report, Undo, Verdict};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Before everything that belongs to a finding.
const MARGIN: &str = "   ";

/// Names told of a long list.
const LISTED: usize = 5;

/// Reasons told of the members of a population.
const GROUPS: usize = 6;

/// Columns before the text of a remark: `   = rests on  `.
const INDENT: usize = 15;

/// The word and tone of a heading. What is undetermined stops the plan, whatever its level.
pub(super) fn heading(finding: &Finding, report: &Report) -> (Tone, &'static str) {
    let counts = finding.cause == Cause::Plan || report.plans.is_empty();
    if report.verdict == Verdict::Undetermined && finding.missing_input && counts {
        return (Tone::Error, "error");
    }
    match finding.level {
        Level::Approval | Level::Deny => (Tone::Error, "error"),
        Level::Warn => (Tone::Warning, "warning"),
        Level::Note | Level::Off => (Tone::Note, "note"),
    }
}

/// Writes a finding.
pub(super) fn write(page: &mut Page, finding: &Finding, report: &Report) {
    let (tone, word) = heading(finding, report);
    page.put(
        &[(tone, format!("{word}[{}]", finding.rule))],
        &[plain("  ")],
        &[plain(": "), strong(&*finding.title)],
    );
    page.put(&[dim("  --> ")], &[plain("      ")], &place(finding));
    page.put(&[dim(format!("{MARGIN}|"))], &[], &[]);
    losses(page, finding);
    proof(page, finding);
    let others = others(&finding.affects);
    if !others.is_empty() {
        remark(page, "also hits", &others);
    }
    members(page, finding);
    causes(page, finding);
    if let Some(first) = finding.affects.first().filter(|first| !first.is_unharmed()) {
        // What does not hold already does not wait for an apply.
        let by_apply = finding.cause == Cause::Plan || first.breaks_at.is_some();
        let has_plan = !report.plans.is_empty() && by_apply;
        remark(page, "when", &[plain(when::fall(first, report.now, has_plan))]);
    }
    limits(page, finding);
    for reason in &finding.unknown_because {
        match reason.strip_prefix("hidden ") {
            Some(behind) => remark(page, "hidden", &[plain(behind)]),
            None => remark(page, "unknown", &[plain(reason)]),
        }
    }
    if let Some(text) = undo(finding) {
        remark(page, "undo", &[plain(text)]);
    }
    if !finding.help.is_empty() {
        remark(page, "help", &[plain(&*finding.help)]);
    }
    page.blank();
}

/// `   = when      text`.
fn remark(page: &mut Page, label: &str, body: &[Piece]) {
    page.put(
        &[dim(format!("{MARGIN}= ")), plain(format!("{label:<10}"))],
        &[plain(" ".repeat(INDENT))],
        body,
    );
}

/// The limits of a credential, the one that ends it marked.
fn limits(page: &mut Page, finding: &Finding) {
    for limit in &finding.limits {
        let value = limit.value.as_deref().unwrap_or("not set");
        let mut pieces = vec![plain(format!("{} of {}: ", limit.setting, limit.level)), strong(value)];
        if limit.wins {
            pieces.push((Tone::Error, "  ◀ this ends it".to_owned()));
        }
        if let Some(why) = &limit.why {
            pieces.push(dim(format!("  {why}")));
        }
        remark(page, "limit", &pieces);
    }
}

/// Whether a loss is told of by a rule that explains it better: of the same cause, for all whom it hits.
pub(super) fn is_told_better(finding: &Finding, report: &Report) -> bool {
    report.findings.iter().any(|other| {
        let better = match (finding.rule.as_str(), other.rule.as_str()) {
            ("breaks-workload", "bounded-credential" | "expiring-in-use") => other.level >= finding.level,
            _ => false,
        };
        let hits = |affected: &Affected| other.affects.iter().any(|own| own.node == affected.node);
        better
            && (other.cause, &other.causes) == (finding.cause, &finding.causes)
            && finding.affects.iter().all(hits)
    })
}

fn place(finding: &Finding) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Some(location) = &finding.location {
        pieces.push(dim(format!("{}:{}  ", location.file, location.line)));
    }
    let subject = &finding.subject;
    match &subject.address {
        Some(address) => pieces.push(plain(address)),
        None => pieces.push(plain(spoken(&subject.id))),
    }
    if let Some(action) = &subject.action {
        let reason = subject.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        pieces.push(plain(format!("   {action}{reason}")));
    }
    pieces
}

fn losses(page: &mut Page, finding: &Finding) {
    // A grant says whose and on what; the capability behind it stands in the title and in the proof.
    let grants = finding.lost.iter().any(|lost| lost.grant.is_some());
    for lost in finding.lost.iter().filter(|lost| !grants || lost.grant.is_some()) {
        remark(page, "lost", &[plain(loss(lost))]);
    }
    if !finding.covered_by.is_empty() {
        for cover in &finding.covered_by {
            remark(page, "covered", &[plain(format!("by {}: {}", cover.grant, cover.why))]);
        }
        return;
    }
    // Where something is not known, "nothing else" would be too much said.
    let known = finding.unknown_because.iter().all(|reason| reason.starts_with("hidden "));
    match (finding.looked_at, known) {
        (Some(looked), true) => {
            remark(page, "covered", &[plain(format!("by nothing else: {}", looked_at(looked)))]);
        }
        (Some(looked), false) => {
            remark(page, "covered", &[plain(format!("by nothing that is known: {}", looked_at(looked)))]);
        }
        (None, true) if grants => remark(page, "covered", &[plain("by nothing else")]),
        (None, _) => {}
    }
}

fn loss(lost: &Lost) -> String {
    let text = match (&lost.grant, &lost.capability) {
        (Some(grant), _) => grant.clone(),
        (None, Some(capability)) => capability.clone(),
        (None, None) => {
            let what = lost.action.as_deref().or(lost.role.as_deref()).unwrap_or("access");
            format!("{what} on {}, from {}", lost.scope, lost.principal)
        }
    };
    text.replace(&lost.scope, short_scope(&lost.scope))
}

fn looked_at(looked: Looked) -> String {
    let groups = match looked.groups {
        0 => "no groups".to_owned(),
        some => when::plural(some, "group"),
    };
    let inherited = if looked.inherited == 0 { "none".to_owned() } else { looked.inherited.to_string() };
    format!("{} looked at, {inherited} inherited, {groups}", when::plural(looked.grants, "grant"))
}

fn proof(page: &mut Page, finding: &Finding) {
    // What is not as declared is shown itself, and beside it what it guards.
    let guard = finding.rule.as_str() == "unexpected-state";
    let lead =
        [dim(format!("{MARGIN}= ")), plain(format!("{:<10}", if guard { "state" } else { "rests on" }))];
    let first = finding.affects.first();
    let criticality = first.filter(|_| !guard).map(|first| first.criticality);
    let ends = Ends { criticality, cut: Some(cut(finding)) };
    if guard || !finding.path.is_empty() {
        draw(page, &lead, &" ".repeat(INDENT), &finding.path, &ends);
    }
    match first {
        Some(first) if guard => remark(page, "guards", &workload(first)),
        Some(first) if finding.path.is_empty() => remark(page, "hits", &workload(first)),
        _ => {}
    }
}

/// What is wrong at the end of the chain.
fn cut(finding: &Finding) -> &'static str {
    match finding.rule.as_str() {
        "weakens-workload" => return "alone from now on",
        "single-mainstay" => return "carries them all",
        "unexpected-state" if finding.certainty == Certainty::Certain => return "not as declared",
        "unexpected-state" => return "not surely as declared",
        // Followed to what would be missing, and nothing ends yet.
        "rests-on-itself" if finding.affects.iter().all(Affected::is_unharmed) => {
            return "if this is not there";
        }
        _ => {}
    }
    if finding.cause == Cause::Standing {
        return match finding.certainty {
            Certainty::Certain => "ends here",
            Certainty::Possible => "not known",
        };
    }
    let end = finding.path.last().and_then(|step| step.address.as_ref());
    let own = end.is_none() || end == finding.subject.address.as_ref();
    let action = finding.subject.action.as_deref().filter(|_| own).unwrap_or_default();
    let known = [
        ("delete", "deleted here"),
        ("replace", "replaced here"),
        ("create", "created here"),
        ("forget", "no longer managed"),
    ];
    known.iter().find(|(word, _)| action.starts_with(word)).map_or("changed here", |(_, text)| *text)
}

fn workload(affected: &Affected) -> Vec<Piece> {
    vec![plain(format!("{}  ", spoken(&affected.workload))), rating(affected.criticality)]
}

/// What a finding is about together: by what is wrong, some of each.
fn members(page: &mut Page, finding: &Finding) {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for member in &finding.members {
        let name = member.address.as_deref().unwrap_or(&member.node);
        groups.entry(&member.why).or_default().push(name);
    }
    let mut groups: Vec<(&str, Vec<&str>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| Reverse(names.len()));
    for (why, names) in groups.iter().take(GROUPS) {
        let told = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
        let mut pieces = vec![plain(format!("{why}: {told}"))];
        pieces.extend(and_more(names.len().saturating_sub(LISTED)));
        remark(page, "members", &pieces);
    }
    let rest: usize = groups.iter().skip(GROUPS).map(|(_, names)| names.len()).sum();
    if rest > 0 {
        remark(page, "members", &[dim(format!("and {rest} more, for other reasons"))]);
    }
}

fn and_more(more: usize) -> Option<Piece> {
    (more > 0).then(|| dim(format!(", and {more} more")))
}

/// The changes that bring it about, where neither the subject nor the members say it. All of them are in the JSON.
fn causes(page: &mut Page, finding: &Finding) {
    let address = finding.subject.address.as_deref();
    let told = finding.causes.iter().all(|cause| Some(cause.address.as_str()) == address);
    if told || !finding.members.is_empty() {
        return;
    }
    let together = finding.causes.iter().all(|cause| !cause.sufficient);
    // One more line than is cut off would say as much.
    let many = finding.causes.len() > LISTED.saturating_add(1);
    let shown = if many { LISTED } else { finding.causes.len() };
    for cause in finding.causes.iter().take(shown) {
        let share = match (cause.sufficient, cause.necessary) {
            (true, true) => "it alone, and nothing without it",
            (true, false) => "it alone would do",
            (false, _) if together && finding.causes.len() > 1 => "together with the others",
            (false, true) => "not without it",
            (false, false) => "in part",
        };
        remark(page, "cause", &[plain(&*cause.address), dim(format!("   {share}"))]);
    }
    if many {
        let more = finding.causes.len().saturating_sub(shown);
        remark(page, "cause", &[dim(format!("and {more} more"))]);
    }
}

fn undo(finding: &Finding) -> Option<String> {
    let words = finding.undo.map(|undo| match undo {
        Undo::Restorable => "it can be created again",
        Undo::Window => "it can be brought back for some days",
        Undo::NewIdentity => "made anew, it is somebody else",
        Undo::Lost => "it cannot be undone",
    });
    finding.undo_note.clone().or_else(|| words.map(str::to_owned))
}
