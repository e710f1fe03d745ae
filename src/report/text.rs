//! The report of `check`, as people read it.

use super::page::{Look, Page, Piece, Tone, dim, plain, strong};
use super::{finding, unblock, when};
use crate::model::Level;
use crate::verdict::{Report, SourceLine, Verdict};

/// The report as text.
pub fn report_text(report: &Report, look: Look) -> String {
    let mut page = Page::new(look);
    if report.advise {
        advice(&mut page);
    }
    for one in report.findings.iter().filter(|one| !finding::is_told_better(one, report)) {
        if !look.quiet || finding::heading(one, report).0 == Tone::Error || one.level >= Level::Approval {
            finding::write(&mut page, one, report);
        }
    }
    if let Some(unblock) = &report.unblock {
        unblock::write(&mut page, unblock, report);
    }
    if !look.quiet {
        covered(&mut page, report);
        sources(&mut page, report);
        for note in &report.notes {
            page.put(&[(Tone::Note, "note".to_owned())], &[plain("  ")], &[plain(": "), plain(note)]);
        }
        page.blank();
    }
    verdict(&mut page, report);
    page.finish()
}

/// A switch that holds nothing back must not be forgotten.
fn advice(page: &mut Page) {
    page.put(
        &[(Tone::Warning, "ADVICE ONLY".to_owned())],
        &[plain("  ")],
        &[plain(": `[mode] advise = true` holds nothing back: every finding is a warning at most")],
    );
    page.blank();
}

fn covered(page: &mut Page, report: &Report) {
    for covered in &report.covered {
        let by: Vec<String> =
            covered.by.iter().map(|cover| format!("{} ({})", cover.grant, cover.why)).collect();
        page.put(
            &[(Tone::Good, "still covered".to_owned())],
            &[plain("  ")],
            &[
                plain(": "),
                strong(&*covered.address),
                plain(format!("  {}, by {}", covered.grant, by.join("; "))),
            ],
        );
    }
    page.blank();
}

fn sources(page: &mut Page, report: &Report) {
    if report.plans.is_empty() {
        entry(page, "plan", &[plain("none given: what stands is judged")]);
    }
    for plan in &report.plans {
        let version = plan.terraform_version.as_deref().unwrap_or("unknown version");
        let changes: Vec<String> = plan
            .changes
            .iter()
            .filter(|(_, number)| **number > 0)
            .map(|(sort, number)| format!("{number} {sort}"))
            .collect();
        let part = if plan.partial { " · partial" } else { "" };
        let told = if changes.is_empty() { "no changes".to_owned() } else { changes.join(", ") };
        entry(page, "plan", &[plain(&*plan.path), dim(format!("   {version} · {told}{part}"))]);
    }
    for source in &report.sources {
        entry(page, "source", &source_line(source, report));
    }
    let configuration = report.configuration.as_deref().unwrap_or("none found, the defaults hold");
    entry(page, "configuration", &[plain(configuration)]);
    page.blank();
}

fn entry(page: &mut Page, label: &str, body: &[Piece]) {
    page.put(&[dim(format!("{label:<15}"))], &[plain(" ".repeat(17))], body);
}

fn source_line(source: &SourceLine, report: &Report) -> Vec<Piece> {
    let age = source.taken_at.map_or_else(|| "age unknown".to_owned(), |taken| when::age(taken, report.now));
    let objects = when::plural(source.objects, "object");
    let mut pieces = vec![plain(&*source.path), dim(format!("   {} · {age} · {objects}", source.kind))];
    if source.complete {
        pieces.push(dim(" · complete"));
    } else {
        let why = source.why_incomplete.as_deref().unwrap_or("nothing says that it is all");
        pieces.push((Tone::Warning, " · incomplete".to_owned()));
        pieces.push(plain(format!(": {why}")));
    }
    pieces
}

fn verdict(page: &mut Page, report: &Report) {
    let approvals = when::plural(usize::try_from(report.approvals_required).unwrap_or(0), "approval");
    let standing = report.plans.is_empty();
    let advice = if report.advise { " (advice only)" } else { "" };
    let (tone, words) = match report.verdict {
        Verdict::Pass => (Tone::Good, format!("pass{advice}")),
        Verdict::Warn => (Tone::Warning, format!("warn{advice}")),
        // Without a plan there is nothing that anybody could sign.
        Verdict::Approval if standing => (Tone::Error, to_mend(report)),
        Verdict::Undetermined if standing => (Tone::Error, "undetermined: give the missing input".to_owned()),
        Verdict::Approval => (Tone::Error, format!("{approvals} needed")),
        Verdict::Undetermined => {
            (Tone::Error, format!("undetermined: give the missing input, or {approvals} needed"))
        }
        Verdict::Deny => (Tone::Error, "denied by policy".to_owned()),
    };
    let lead = [strong("verdict: "), (tone, words)];
    // One line however narrow the page: it is what people search a log for.
    page.put(&[lead, [plain("      "), dim(examined(report))]].concat(), &[], &[]);
}

/// What stands and would need approvals if a plan brought it about.
fn to_mend(report: &Report) -> String {
    let grave = report.findings.iter().filter(|one| one.level >= Level::Approval).count();
    format!("approval level, {} to mend or to waive", when::plural(grave, "finding"))
}

/// Silence is not safety: how much was looked at.
fn examined(report: &Report) -> String {
    let examined = report.examined;
    let mut parts = Vec::new();
    if report.plans.is_empty() {
        parts.push("no plan".to_owned());
    } else {
        let changes = when::plural(examined.changes, "change");
        parts.push(format!("{changes}, {} destructive", examined.destructive));
    }
    let newest = report.sources.iter().filter_map(|source| source.taken_at).max();
    let age = newest.map(|taken| format!(", newest {}", when::age(taken, report.now))).unwrap_or_default();
    parts.push(match report.sources.len() {
        0 => "no sources".to_owned(),
        some => format!("{}{age}", when::plural(some, "source")),
    });
    parts.push(when::plural(examined.workloads, "workload"));
    parts.join(" · ")
}
