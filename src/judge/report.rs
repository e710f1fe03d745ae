//! From the joined estate to the report.

use super::collect::Collected;
use crate::estate::{Evaluator, Scenario, causes};
use crate::model::{Criticality, Declarations, Instant, Level, NodeIx, hex};
use crate::policy;
use crate::rules::{self, Draft, Judged};
use crate::verdict::{Cause, Examined, Fall, Finding, PlanLine, Report, SourceLine, Tool};
use sha2::{Digest, Sha256};

/// Evaluates, reads the rules, concludes.
pub fn report(collected: &Collected, declarations: &Declarations, now: Instant) -> Report {
    let Collected { estate, changes, plans, sources, notes } = collected;
    let evaluator = Evaluator::new(estate, now);
    let before = evaluator.before();
    let outcome = evaluator.outcome(Scenario::after());
    let fallen: Vec<NodeIx> = outcome
        .falls
        .losses
        .keys()
        .copied()
        .filter(|index| estate.node(*index).is_some_and(|node| node.workload.is_some()))
        .collect();
    let causes = causes(&outcome, &fallen);
    let judged = Judged {
        estate,
        before: &before,
        outcome: &outcome,
        causes: &causes,
        changes,
        plans,
        sources,
        declarations,
        now,
    };
    let has_plan = !plans.is_empty();
    let mut findings: Vec<Finding> = rules::ALL
        .iter()
        .flat_map(|rule| (rule.read)(&judged))
        .map(|draft| rated(draft, declarations, has_plan))
        .collect();
    let conclusion = policy::conclude(&mut findings, declarations, now, has_plan);
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
                    .any(|partial| *partial != crate::model::Partial::CompletenessUnknown),
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
        loss_digest: loss_digest(&findings),
        covered: rules::covered(&judged),
        findings,
        notes: notes.clone(),
        configuration: declarations.path.clone(),
        advise: declarations.advise,
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

/// The level of a finding: the highest that any affected workload gives it.
fn rated(draft: Draft, declarations: &Declarations, has_plan: bool) -> Finding {
    let Draft { mut finding, lesser } = draft;
    let level = |criticality: Criticality, certainty, lesser: bool| -> Level {
        let of = if lesser { policy::lesser } else { policy::level };
        of(&finding.rule, finding.cause, certainty, criticality, declarations, has_plan)
    };
    let by_workload = finding.affects.iter().map(|affected| {
        // A workload that goes itself is the milder case of breaking it.
        let milder = lesser || finding.rule.as_str() == "breaks-workload" && affected.fall == Fall::Removed;
        level(affected.criticality, affected.certainty, milder)
    });
    let highest = by_workload.max();
    finding.level =
        highest.unwrap_or_else(|| level(declarations.default_criticality, finding.certainty, lesser));
    finding
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

/// Digest of what is lost by the plan: workload, capability, causes, undo and end of each loss, in order. Nothing in it
/// is computed from now, from counts or from places in files, so that it stays equal while the losses do.
fn loss_digest(findings: &[Finding]) -> String {
    let mut losses: Vec<[String; 5]> = findings
        .iter()
        .filter(|finding| finding.cause == Cause::Plan)
        .flat_map(|finding| {
            let capability: Vec<&str> = finding
                .lost
                .iter()
                .filter_map(|lost| lost.capability.as_deref().or(lost.grant.as_deref()))
                .collect();
            let capability = capability.join("\n");
            let causes: Vec<&str> = finding.causes.iter().map(|cause| cause.address.as_str()).collect();
            let causes = causes.join("\n");
            let undo = finding.undo.map(|undo| format!("{undo:?}").to_lowercase()).unwrap_or_default();
            finding.affects.iter().filter(|affected| !affected.is_unharmed()).map(move |affected| {
                [
                    affected.node.clone(),
                    capability.clone(),
                    causes.clone(),
                    undo.clone(),
                    affected.until.possible.to_string(),
                ]
            })
        })
        .collect();
    losses.sort();
    losses.dedup();
    let canonical = serde_json::to_vec(&losses).unwrap_or_default();
    format!("sha256:{}", hex(&Sha256::digest(canonical)))
}
