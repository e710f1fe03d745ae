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
    let (mut verdict, mut people) = (Verdict::Pass, 0);
    for (finding, waived) in findings.iter_mut().zip(waived) {
        finding.level = level::cap(finding.level, finding.cause, declarations.advise, has_plan);
        let undetermined = !waived && is_undetermined(finding, has_plan);
        if undetermined && declarations.advise {
            finding.level = Level::Warn;
        }
        finding.missing_input = undetermined && !declarations.advise;
        let (own, needed) = stance(finding, declarations, has_plan);
        verdict = verdict.max(own);
        people = people.max(needed);
    }
    findings.retain(|finding| finding.level != Level::Off);
    findings.sort_by(|one, other| key(one).cmp(&key(other)));
    let approvals_required = if verdict == Verdict::Deny { 0 } else { people };
    Conclusion { verdict, approvals_required }
}

/// Whether a finding that was concluded from holds the plan back by itself.
pub fn holds_back(finding: &Finding, declarations: &Declarations) -> bool {
    stance(finding, declarations, true).0 >= Verdict::Approval
}

/// What a finding alone makes the verdict, and how many people must sign for it.
fn stance(finding: &Finding, declarations: &Declarations, has_plan: bool) -> (Verdict, u32) {
    let (mut verdict, mut people) = by_level(finding, declarations, has_plan);
    if finding.missing_input {
        verdict = verdict.max(Verdict::Undetermined);
        people = people.max(declarations.undetermined_required);
    }
    (verdict, people)
}

/// Rules mark missing input only where a declared need or a rated workload hangs on it.
fn is_undetermined(finding: &Finding, has_plan: bool) -> bool {
    let counts = finding.cause == Cause::Plan || !has_plan;
    finding.missing_input && finding.level != Level::Off && counts
}

/// The same by its level alone. `[approval.by_level]` may ask people about warnings, let enough of them answer for what
/// is denied otherwise, or (with zero) let nobody answer for it.
fn by_level(finding: &Finding, declarations: &Declarations, has_plan: bool) -> (Verdict, u32) {
    let level = finding.level;
    let usual = match level {
        Level::Off | Level::Note => (Verdict::Pass, 0),
        Level::Warn => (Verdict::Warn, 0),
        Level::Approval => (Verdict::Approval, declarations.approvals_required),
        Level::Deny => (Verdict::Deny, 0),
    };
    // What only warns because it stands, or because nothing is to be held back, stays a warning.
    let capped =
        level == Level::Warn && (declarations.advise || (has_plan && finding.cause == Cause::Standing));
    match declarations.signing.by_level.get(&level) {
        Some(_) if capped || level < Level::Warn => usual,
        Some(0) if level == Level::Warn => usual,
        Some(0) => (Verdict::Deny, 0),
        Some(people) => (Verdict::Approval, *people),
        None => usual,
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
