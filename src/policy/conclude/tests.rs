use super::*;
use crate::config;
use crate::model::{Glob, RuleId, Waiver};
use crate::verdict::{Certainty, Subject};
use proptest::prelude::*;

const RULES: [&str; 3] = ["breaks-workload", "destroys-data", "removes-access"];
const SUBJECTS: [&str; 3] = ["a.one", "a.two", "b.one"];

fn finding(rule: &str, subject: &str, level: Level, cause: Cause) -> Finding {
    Finding {
        rule: rule.into(),
        level,
        cause,
        certainty: Certainty::Certain,
        title: "it goes".to_owned(),
        subject: Subject {
            id: subject.to_owned(),
            kind: "grant".to_owned(),
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
        help: "keep it".to_owned(),
        location: None,
        fingerprint: format!("{rule}/{subject}"),
        missing_input: false,
        looked_at: None,
        limits: Vec::new(),
        members: Vec::new(),
    }
}

fn waiver(rule: &str, subject: &str, expires: &str) -> Waiver {
    Waiver {
        rule: RuleId::from(rule),
        subject: Glob::new(subject),
        reason: "moved next week".to_owned(),
        owner: "team-edge".to_owned(),
        expires: expires.parse().unwrap(),
        line: 7,
    }
}

fn now() -> Instant {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn with_waivers(waivers: Vec<Waiver>) -> Declarations {
    Declarations { waivers, path: Some("mainstay.toml".to_owned()), ..config::defaults() }
}

#[test]
fn the_worst_decides_and_comes_first() {
    let mut findings = vec![
        finding("removes-access", "a.one", Level::Note, Cause::Plan),
        finding("destroys-data", "b.one", Level::Approval, Cause::Plan),
        finding("breaks-workload", "a.two", Level::Approval, Cause::Plan),
        finding("breaks-workload", "a.off", Level::Off, Cause::Plan),
    ];
    let conclusion = conclude(&mut findings, &config::defaults(), now(), true);
    assert_eq!(conclusion, Conclusion { verdict: Verdict::Approval, approvals_required: 2 });
    let order: Vec<&str> = findings.iter().map(|finding| finding.subject.id.as_str()).collect();
    assert_eq!(order, ["a.two", "b.one", "a.one"]);
}

#[test]
fn missing_input_blocks_whatever_its_level() {
    let mut one = finding("breaks-workload", "a.one", Level::Note, Cause::Plan);
    one.missing_input = true;
    let judge = |mut findings: Vec<Finding>, declarations: &Declarations| {
        conclude(&mut findings, declarations, now(), true)
    };
    let conclusion = judge(vec![one.clone()], &config::defaults());
    assert_eq!(conclusion, Conclusion { verdict: Verdict::Undetermined, approvals_required: 3 });
    let advise = Declarations { advise: true, ..config::defaults() };
    assert_eq!(
        judge(vec![one.clone()], &advise),
        Conclusion { verdict: Verdict::Warn, approvals_required: 0 }
    );
    let denied = finding("destroys-data", "a.one", Level::Deny, Cause::Plan);
    assert_eq!(judge(vec![one.clone(), denied], &config::defaults()).verdict, Verdict::Deny);
    one.cause = Cause::Standing;
    assert_eq!(judge(vec![one.clone()], &config::defaults()).verdict, Verdict::Pass);
    assert_eq!(conclude(&mut vec![one], &config::defaults(), now(), false).verdict, Verdict::Undetermined);
}

#[test]
fn how_many_must_sign_may_hang_on_the_level() {
    let people = |level: Level, people: u32| {
        let mut declarations = config::defaults();
        declarations.signing.by_level.insert(level, people);
        declarations
    };
    let of = |level: Level, cause: Cause, declarations: &Declarations| {
        let Conclusion { verdict, approvals_required } =
            conclude(&mut vec![finding("destroys-data", "a.one", level, cause)], declarations, now(), true);
        (verdict, approvals_required)
    };
    assert_eq!(of(Level::Approval, Cause::Plan, &people(Level::Approval, 3)), (Verdict::Approval, 3));
    assert_eq!(of(Level::Approval, Cause::Plan, &people(Level::Approval, 0)), (Verdict::Deny, 0));
    assert_eq!(of(Level::Deny, Cause::Plan, &people(Level::Deny, 4)), (Verdict::Approval, 4));
    assert_eq!(of(Level::Deny, Cause::Plan, &people(Level::Deny, 0)), (Verdict::Deny, 0));
    assert_eq!(of(Level::Warn, Cause::Plan, &people(Level::Warn, 1)), (Verdict::Approval, 1));
    assert_eq!(of(Level::Warn, Cause::Plan, &people(Level::Warn, 0)), (Verdict::Warn, 0));
    assert_eq!(of(Level::Warn, Cause::Standing, &people(Level::Warn, 1)), (Verdict::Warn, 0));
    let advise = Declarations { advise: true, ..people(Level::Warn, 1) };
    assert_eq!(of(Level::Approval, Cause::Plan, &advise), (Verdict::Warn, 0));
}

#[test]
fn a_waived_finding_says_who_answers_for_it() {
    let declarations = with_waivers(vec![waiver("breaks-workload", "a.*", "2026-02-01T00:00:00Z")]);
    let mut findings = vec![finding("breaks-workload", "a.one", Level::Deny, Cause::Plan)];
    let conclusion = conclude(&mut findings, &declarations, now(), true);
    assert_eq!(conclusion.verdict, Verdict::Pass);
    assert_eq!(findings[0].level, Level::Note);
    assert_eq!(findings[0].title, "it goes (waived by team-edge until 2026-02-01 00:00 UTC)");
    assert_eq!(findings[0].help, "team-edge answers for it until 2026-02-01 00:00 UTC: moved next week");
}

#[test]
fn expired_and_unused_waivers_are_findings_themselves() {
    let declarations = with_waivers(vec![
        waiver("breaks-workload", "a.*", "2026-01-01T00:00:00Z"),
        waiver("destroys-data", "a.*", "2026-02-01T00:00:00Z"),
    ]);
    let mut findings = vec![finding("breaks-workload", "a.one", Level::Approval, Cause::Plan)];
    let conclusion = conclude(&mut findings, &declarations, now(), true);
    assert_eq!(conclusion.verdict, Verdict::Approval);
    let titles: Vec<&str> = findings.iter().skip(1).map(|finding| finding.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "the waiver of breaks-workload for `a.*` ended 2026-01-01 00:00 UTC, and what it waived is still there",
            "the waiver of destroys-data for `a.*` waives nothing",
        ]
    );
    assert!(findings.iter().skip(1).all(|one| one.rule.as_str() == "unmatched-name"));
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let levels = [Level::Off, Level::Note, Level::Warn, Level::Approval, Level::Deny];
    let choice = (0..RULES.len(), 0..SUBJECTS.len(), 0..levels.len(), any::<bool>(), any::<bool>());
    choice.prop_map(move |(rule, subject, level, standing, missing)| {
        let cause = if standing { Cause::Standing } else { Cause::Plan };
        let mut one = finding(RULES[rule], SUBJECTS[subject], levels[level], cause);
        one.missing_input = missing;
        one
    })
}

fn any_waivers() -> impl Strategy<Value = Vec<Waiver>> {
    let expiries = ["2025-12-31T00:00:00Z", "2026-12-31T00:00:00Z"];
    let one = (0..RULES.len(), prop::sample::select(vec!["*", "a.*", "b.one"]), 0..expiries.len());
    prop::collection::vec(
        one.prop_map(move |(rule, subject, expiry)| waiver(RULES[rule], subject, expiries[expiry])),
        0..3,
    )
}

proptest! {
    #[test]
    fn adding_a_finding_never_lowers_the_verdict(
        findings in prop::collection::vec(any_finding(), 0..6),
        added in any_finding(),
        at in any::<prop::sample::Index>(),
        waivers in any_waivers(),
        advise in any::<bool>(),
        has_plan in any::<bool>(),
    ) {
        // A waiver that nothing needed is a warning, and the added finding may be what it waits for.
        let floor = if waivers.is_empty() { Verdict::Pass } else { Verdict::Warn };
        let declarations = Declarations { advise, ..with_waivers(waivers) };
        let judge = |mut findings: Vec<Finding>| {
            conclude(&mut findings, &declarations, now(), has_plan)
        };
        let fewer = judge(findings.clone());
        let mut more = findings;
        more.insert(at.index(more.len() + 1), added);
        prop_assert!(judge(more).verdict.max(floor) >= fewer.verdict);
    }

    #[test]
    fn the_order_given_does_not_matter(
        findings in prop::collection::vec(any_finding(), 0..6).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        has_plan in any::<bool>(),
    ) {
        let (mut one, mut other) = findings;
        let declarations = config::defaults();
        prop_assert_eq!(
            conclude(&mut one, &declarations, now(), has_plan),
            conclude(&mut other, &declarations, now(), has_plan)
        );
        let ids = |all: &[Finding]| all.iter().map(|one| (one.level, one.fingerprint.clone())).collect::<Vec<_>>();
        prop_assert_eq!(ids(&one), ids(&other));
    }
}
