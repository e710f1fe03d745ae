//! The verdict.

use super::{level, waive};
use crate::model::{Declarations, Instant, Level};
use crate::verdict::{Cause, Finding, Verdict};
use std::cmp::Reverse;

/// What follows from all findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conclusion {
    /// The verdict.
    pub verdict: Verdict,
    /// How many people must sign.
    pub approvals_required: u32,
}

/// Applies waivers, drops what is off, puts the worst first, and says what follows.
///
/// Adding a finding never lowers the verdict, but for the warning about a waiver that nothing needed until then.
pub fn conclude(
    findings: &mut Vec<Finding>,
    declarations: &Declarations,
    now: Instant,
    has_plan: bool,
) -> Conclusion {
    let waived = waive::apply(findings, declarations, now, has_plan);
    let mut verdict = Verdict::Pass;
    for (finding, waived) in findings.iter_mut().zip(waived) {
        finding.level = level::cap(finding.level, finding.cause, declarations.advise, has_plan);
        let undetermined = !waived && is_undetermined(finding, has_plan);
        if undetermined && declarations.advise {
            finding.level = Level::Warn;
        }
        let mut own = by_level(finding.level);
        finding.missing_input = undetermined && !declarations.advise;
        if finding.missing_input {
            own = own.max(Verdict::Undetermined);
        }
        verdict = verdict.max(own);
    }
    findings.retain(|finding| finding.level != Level::Off);
    findings.sort_by(|one, other| key(one).cmp(&key(other)));
    let approvals_required = match verdict {
        Verdict::Approval => declarations.approvals_required,
        Verdict::Undetermined => declarations.undetermined_required,
        Verdict::Pass | Verdict::Warn | Verdict::Deny => 0,
    };
    Conclusion { verdict, approvals_required }
}

/// Whether a finding that was concluded from holds the plan back by itself.
pub fn holds_back(finding: &Finding) -> bool {
    by_level(finding.level) >= Verdict::Approval || finding.missing_input
}

/// Rules mark missing input only where a declared need or a rated workload hangs on it.
fn is_undetermined(finding: &Finding, has_plan: bool) -> bool {
    let counts = finding.cause == Cause::Plan || !has_plan;
    finding.missing_input && finding.level != Level::Off && counts
}

fn by_level(level: Level) -> Verdict {
    match level {
        Level::Off | Level::Note => Verdict::Pass,
        Level::Warn => Verdict::Warn,
        Level::Approval => Verdict::Approval,
        Level::Deny => Verdict::Deny,
    }
}

/// Worst first; the rest makes the order total for findings that differ.
fn key(finding: &Finding) -> impl Ord + '_ {
    (
        Reverse(finding.level),
        finding.cause,
        Reverse(finding.certainty),
        &finding.rule,
        &finding.subject,
        (&finding.fingerprint, &finding.title, &finding.causes),
    )
}

#[cfg(test)]
mod tests;
