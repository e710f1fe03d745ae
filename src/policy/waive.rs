//! Waivers: findings that somebody answers for, until a day.

use crate::model::{Criticality, Declarations, Instant, Level, RuleId, Waiver, hex};
use crate::verdict::{Cause, Certainty, Finding, Location, Subject};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Waived findings become notes that say by whom and until when; waivers that are expired, or that no finding needs,
/// become findings of their own.
///
/// Returns, for each of `findings`, whether it is waived.
pub(super) fn apply(
    findings: &mut Vec<Finding>,
    declarations: &Declarations,
    now: Instant,
    has_plan: bool,
) -> Vec<bool> {
    let mut waived = vec![false; findings.len()];
    let mut stale = Vec::new();
    for waiver in &declarations.waivers {
        let expired = waiver.expires <= now;
        let mut used = false;
        for (finding, already) in findings.iter_mut().zip(waived.iter_mut()) {
            if !meant(waiver, finding) {
                continue;
            }
            used = true;
            if !expired && !*already {
                *already = true;
                soften(finding, waiver);
            }
        }
        if expired || !used {
            stale.push(complaint(waiver, expired, used, declarations, has_plan));
        }
    }
    waived.resize(waived.len() + stale.len(), false);
    findings.append(&mut stale);
    waived
}

fn meant(waiver: &Waiver, finding: &Finding) -> bool {
    let subject = &finding.subject;
    let address = subject.address.as_deref();
    waiver.rule == finding.rule
        && (waiver.subject.matches(&subject.id) || address.is_some_and(|one| waiver.subject.matches(one)))
}

fn soften(finding: &mut Finding, waiver: &Waiver) {
    finding.level = finding.level.min(Level::Note);
    let until = waiver.expires.strftime("%Y-%m-%d %H:%M UTC");
    // Infallible: the target is a String.
    let _ = write!(finding.title, " (waived by {} until {until})", waiver.owner);
    finding.help = format!("{} answers for it until {until}: {}", waiver.owner, waiver.reason);
}

fn complaint(
    waiver: &Waiver,
    expired: bool,
    used: bool,
    declarations: &Declarations,
    has_plan: bool,
) -> Finding {
    let rule = RuleId::new("unmatched-name");
    let (cause, certainty) = (Cause::Standing, Certainty::Certain);
    let level = super::level(&rule, cause, certainty, Criticality::Normal, declarations, has_plan);
    let subject = waiver.subject.as_str();
    let day = waiver.expires.strftime("%Y-%m-%d %H:%M UTC");
    let (title, help) = match (expired, used) {
        (true, true) => (
            format!(
                "the waiver of {} for `{subject}` ended {day}, and what it waived is still there",
                waiver.rule
            ),
            format!("resolve the finding, or ask {} whether it may stand longer", waiver.owner),
        ),
        (true, false) => (
            format!("the waiver of {} for `{subject}` ended {day}", waiver.rule),
            "delete it: nothing needs it any more".to_owned(),
        ),
        (false, _) => (
            format!("the waiver of {} for `{subject}` waives nothing", waiver.rule),
            "correct its subject, or delete it: nothing here needs it".to_owned(),
        ),
    };
    let file = declarations.path.clone().unwrap_or_default();
    Finding {
        fingerprint: fingerprint(&rule, waiver),
        rule,
        level,
        cause,
        certainty,
        title,
        subject: Subject {
            id: format!("waiver:{}:{subject}", waiver.rule),
            kind: "waiver".to_owned(),
            address: None,
            action: None,
            reason: None,
        },
        causes: Vec::new(),
        affects: Vec::new(),
        path: Vec::new(),
        lost: Vec::new(),
        covered_by: Vec::new(),
        unknown_because: Vec::new(),
        undo: None,
        undo_note: None,
        help,
        location: Some(Location { file, line: waiver.line }),
        missing_input: false,
        looked_at: None,
        limits: Vec::new(),
        members: Vec::new(),
    }
}

/// Of what the waiver says, not of where it stands.
fn fingerprint(rule: &RuleId, waiver: &Waiver) -> String {
    let mut digest = Sha256::new();
    for part in [rule.as_str(), "waiver", waiver.rule.as_str(), waiver.subject.as_str()] {
        digest.update(part);
        digest.update([0]);
    }
    hex(&digest.finalize()).chars().take(32).collect()
}
