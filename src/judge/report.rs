//! From the joined estate to the report.

use super::collect::Collected;
use super::reading::{Reader, Reading};
use super::unblock;
use crate::estate::{Evaluator, Scenario};
use crate::model::{Declarations, Instant, Partial};
use crate::verdict::{Examined, Inventory, PlanLine, Report, SourceLine, Tool, loss_digest, losses};

/// Evaluates, reads the rules, concludes; and, if that is asked for, says what to leave out.
pub fn report(collected: &Collected, declarations: &Declarations, now: Instant, unblock: bool) -> Report {
    let Collected { estate, changes, plans, sources, notes, catalog, .. } = collected;
    let evaluator = Evaluator::new(estate, now);
    let before = evaluator.before();
    let reader = Reader { collected, declarations, evaluator: &evaluator, before: &before, now };
    let (Reading { findings, conclusion }, covered) =
        reader.read_and(Scenario::after(), crate::rules::covered);
    let unblock = unblock.then(|| unblock::unblock(&reader, &findings));
    Report {
        format: Report::FORMAT,
        tool: Tool { name: "mainstay", version: env!("CARGO_PKG_VERSION") },
        now,
        plans: plans
            .iter()
            .map(|plan| PlanLine {
                path: plan.path.clone(),
                sha256: plan.sha256.clone(),
                terraform_version: plan.terraform_version.clone(),
                format_version: plan.format_version.clone(),
                partial: plan
                    .partial
                    .iter()
                    .any(|partial| !matches!(partial, Partial::CompletenessUnknown | Partial::Invokes(_))),
                changes: tally(plan),
            })
            .collect(),
        sources: sources
            .iter()
            .filter(|source| source.kind != "plan")
            .map(|source| source_line(source, now))
            .collect(),
        examined: Examined {
            changes: changes.len(),
            destructive: changes.iter().filter(|change| change.action.is_destructive()).count(),
            workloads: estate.nodes.iter().filter(|node| node.workload.is_some()).count(),
            nodes: estate.nodes.len(),
            needs: estate.nodes.iter().map(|node| node.needs.len()).sum(),
        },
        verdict: conclusion.verdict,
        approvals_required: conclusion.approvals_required,
        exit_code: conclusion.verdict.exit_code(),
        loss_digest: loss_digest(&losses(&findings)).to_string(),
        covered,
        findings,
        unblock,
        notes: notes.clone(),
        configuration: declarations.path.clone(),
        advise: declarations.advise,
        catalog: Some(*catalog),
    }
}

/// What there is to judge by.
pub fn inventory(collected: &Collected, now: Instant) -> Inventory {
    let tags = || collected.estate.nodes.iter().filter_map(|node| node.workload.as_ref());
    let sources = collected.sources.iter().filter(|source| source.kind != "plan");
    Inventory {
        sources: sources.map(|source| source_line(source, now)).collect(),
        workloads: tags().count(),
        unrated: tags().filter(|tag| !tag.rated).count(),
    }
}

/// All sorts of changes, those that do not occur too.
fn tally(plan: &crate::model::PlanSummary) -> std::collections::BTreeMap<&'static str, usize> {
    let mut all: std::collections::BTreeMap<&'static str, usize> =
        ["create", "update", "delete", "replace", "forget", "read", "no-op"]
            .into_iter()
            .map(|word| (word, 0))
            .collect();
    for (word, number) in &plan.changes {
        *all.entry(word).or_default() += number;
    }
    all
}

fn source_line(source: &crate::model::Source, now: Instant) -> SourceLine {
    let age_days = source.taken_at.map(|taken| (now.as_second() - taken.as_second()).max(0) / 86_400);
    SourceLine {
        path: source.path.clone(),
        kind: source.kind.clone(),
        taken_at: source.taken_at,
        age_days,
        complete: source.complete(),
        why_incomplete: source.doubt.as_ref().map(|doubt| doubt.reason().to_owned()),
        objects: source.objects,
    }
}
