//! What a plan would cost, as data: what people sign for.

use super::{Cause, Certainty, Finding, Undo};
use crate::model::{Criticality, Digest, Horizon, Level, RuleId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One loss: one workload by one finding, or what a finding is about where no workload is known to fall.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// Id of the workload's node; where none is known, of what goes.
    pub node: String,
    /// The workload's name; empty where no workload is known to fall.
    pub workload: String,
    /// How much it matters.
    pub criticality: Criticality,
    /// Which rules say so.
    pub rule: RuleId,
    /// Their highest level under the policy in force.
    pub level: Level,
    /// How sure it is.
    pub certainty: Certainty,
    /// What is lost: capabilities and grants, as `PRINCIPAL can ACTION on SCOPE`, in order.
    pub lost: Vec<String>,
    /// Addresses of the changes that bring it about, in order.
    pub causes: Vec<String>,
    /// What undoing costs.
    pub undo: Option<Undo>,
    /// Until when it holds after the plan.
    pub until: Horizon,
    /// What ends it: `apply`, `deadline`, `next-start`, `next-renewal`, `issue+768h`.
    pub trigger: Option<String>,
}

impl Loss {
    /// Whether this is no worse than `other`, which was signed for: the same thing by no other changes, not sooner, not
    /// surer, not harder to undo, not more important.
    pub fn is_within(&self, other: &Loss) -> bool {
        self.node == other.node
            && self.workload == other.workload
            && self.rule == other.rule
            && self.lost.iter().all(|lost| other.lost.contains(lost))
            && self.causes.iter().all(|cause| other.causes.contains(cause))
            && self.level <= other.level
            && self.criticality <= other.criticality
            && self.certainty <= other.certainty
            && self.undo <= other.undo
            && self.until.sure >= other.until.sure
            && self.until.possible >= other.until.possible
    }

    /// What of it the digest holds: nothing that is computed from now, from counts or from places in files.
    fn bound(&self) -> [String; 5] {
        // What is issued once the plan is applied lasts so long from then at least.
        let relative = self.trigger.as_ref().and_then(|trigger| trigger.strip_prefix("issue+"));
        let until = relative.map(|life| format!("apply+{life}"));
        let until = until.unwrap_or_else(|| self.until.possible.to_string());
        let undo = self.undo.map(|undo| format!("{undo:?}").to_lowercase()).unwrap_or_default();
        [self.node.clone(), self.lost.join("\n"), self.causes.join("\n"), undo, until]
    }
}

/// The losses that a plan brings about, in order.
pub fn losses(findings: &[Finding]) -> Vec<Loss> {
    let mut losses: Vec<Loss> =
        findings.iter().filter(|finding| finding.cause == Cause::Plan).flat_map(of_finding).collect();
    losses.sort();
    losses.dedup();
    losses
}

fn of_finding(finding: &Finding) -> Vec<Loss> {
    let said = finding.lost.iter().filter_map(|lost| lost.capability.as_ref().or(lost.grant.as_ref()));
    let mut lost: Vec<String> = said.cloned().collect();
    let mut causes: Vec<String> = finding.causes.iter().map(|cause| cause.address.clone()).collect();
    let blank = |node: &str| Loss {
        node: node.to_owned(),
        workload: String::new(),
        criticality: Criticality::Normal,
        rule: finding.rule.clone(),
        level: finding.level,
        certainty: finding.certainty,
        lost: Vec::new(),
        causes: Vec::new(),
        undo: finding.undo,
        until: Horizon::NEVER,
        trigger: None,
    };
    lost.sort();
    causes.sort();
    let mut all: Vec<Loss> = finding
        .affects
        .iter()
        .filter(|affected| !affected.is_unharmed())
        .map(|affected| Loss {
            workload: affected.workload.clone(),
            criticality: affected.criticality,
            certainty: affected.certainty,
            lost: lost.clone(),
            causes: causes.clone(),
            until: affected.until,
            trigger: affected.trigger.clone(),
            ..blank(&affected.node)
        })
        .collect();
    // What stops a plan is signed for, whether or not anybody knows whom it hits.
    if all.is_empty() && (finding.level >= Level::Approval || finding.missing_input) {
        causes.extend(finding.subject.address.clone().filter(|_| causes.is_empty()));
        all.push(Loss { lost, causes, ..blank(&finding.subject.id) });
    }
    all
}

/// The digest of losses, in order and once each: workload, capability, causes, undo and end.
pub fn loss_digest(losses: &[Loss]) -> Digest {
    let mut bound: Vec<[String; 5]> = losses.iter().map(Loss::bound).collect();
    bound.sort();
    bound.dedup();
    Digest::of(&serde_json::to_vec(&bound).unwrap_or_default())
}
