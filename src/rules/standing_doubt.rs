//! What stands, where the input that would tell is missing: the answer to "does it hold?" is not yes.
//!
//! Only where no plan is judged. With one, the question is what the plan changes, and an unknown that it does not touch
//! is the same before and after.

use super::view::finish;
use super::{Draft, Judged};
use crate::estate::{ProofStep, Unsure, unsure};
use crate::model::{Horizon, Moment, NodeIx};
use crate::verdict::{Affected, Cause, Certainty, Fall, Finding};
use std::collections::BTreeMap;

/// Rated workloads of which nobody can say until when they hold, one finding for the same reasons.
pub fn unsure_workloads(judged: &Judged<'_>) -> Vec<Draft> {
    let mut by_reasons: BTreeMap<Vec<String>, Vec<NodeIx>> = BTreeMap::new();
    for index in judged.estate.indices() {
        // What is going to fall anyway is told of by its own finding, with its doubts.
        if judged.before.of(index).possible == Moment::Forever
            && let Some((reasons, _)) = missing(judged, index)
        {
            by_reasons.entry(reasons).or_default().push(index);
        }
    }
    by_reasons.into_iter().filter_map(|(reasons, nodes)| finding(judged, reasons, &nodes)).collect()
}

/// Adds the doubts about these workloads to a finding about what stands.
pub fn tell(judged: &Judged<'_>, finding: &mut Finding, nodes: impl Iterator<Item = NodeIx>) {
    for reason in nodes.filter_map(|index| missing(judged, index)).flat_map(|(reasons, _)| reasons) {
        finding.missing_input = true;
        if !finding.unknown_because.contains(&reason) {
            finding.unknown_because.push(reason);
        }
    }
}

/// Why it is not known until when a rated workload holds, and the chain to it; `None` if it is known, or if no input
/// that should be there is missing, or if there is a plan.
fn missing(judged: &Judged<'_>, index: NodeIx) -> Option<(Vec<String>, Vec<ProofStep>)> {
    let rated = judged.estate.node(index)?.workload.as_ref()?.rated;
    let Horizon { sure, possible } = judged.before.of(index);
    if !rated || sure == possible || !judged.plans.is_empty() {
        return None;
    }
    let Unsure { doubts, chain } = unsure(judged.before, index);
    let (reasons, missing) = judged.reasons(doubts);
    missing.then_some((reasons, chain))
}

fn finding(judged: &Judged<'_>, reasons: Vec<String>, nodes: &[NodeIx]) -> Option<Draft> {
    let mut affects: Vec<(Affected, NodeIx)> =
        nodes.iter().filter_map(|index| Some((affected(judged, *index)?, *index))).collect();
    affects.sort_by(|(one, _), (other, _)| {
        other.criticality.cmp(&one.criticality).then_with(|| one.node.cmp(&other.node))
    });
    let (worst, index) = affects.first()?;
    let who = match affects.len() {
        1 => worst.workload.clone(),
        2 => format!("{} and another workload", worst.workload),
        more => format!("{} and {} more workloads", worst.workload, more - 1),
    };
    let title = format!("{who} may not hold, and the input that would tell is missing");
    let subject = judged.subject(judged.estate.node(*index)?, None);
    let mut finding = judged.finding("breaks-workload", title, subject, HELP);
    finding.cause = Cause::Standing;
    let (_, chain) = missing(judged, *index)?;
    finding.path = judged.steps(&chain);
    finding.unknown_because = reasons;
    finding.missing_input = true;
    finding.affects = affects.into_iter().map(|(affected, _)| affected).collect();
    Some(Draft { finding: finish(finding), lesser: false })
}

const HELP: &str = "give the input that is missing, whole and not too old";

fn affected(judged: &Judged<'_>, index: NodeIx) -> Option<Affected> {
    let node = judged.estate.node(index)?;
    let tag = node.workload.as_ref()?;
    let held = judged.before.of(index);
    Some(Affected {
        workload: tag.name.clone(),
        node: node.id.to_string(),
        kind: node.kind.to_string(),
        criticality: tag.criticality,
        fall: Fall::Starved,
        until: held,
        was: held,
        trigger: matches!(held.sure, Moment::At(_)).then(|| "deadline".to_owned()),
        first_failure_at: None,
        breaks_at: None,
        certainty: Certainty::Possible,
    })
}
