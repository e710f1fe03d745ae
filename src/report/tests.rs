use super::*;
use crate::model::{Criticality, Horizon, Instant, Level, Moment};
use crate::verdict::*;
use std::collections::BTreeMap;

/// As the rules name it; the page says its last two parts.
const ZONE: &str =
    "/subscriptions/1111/resourceGroups/dns/providers/Microsoft.Network/dnsZones/hosted.example.io";

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn until(text: &str) -> Horizon {
    Horizon::exactly(Moment::At(instant(text)))
}

fn step(node: &str, kind: &str, need: Option<&str>, because: Option<&str>) -> Step {
    Step {
        node: node.to_owned(),
        kind: kind.to_owned(),
        address: node.starts_with("azurerm").then(|| node.to_owned()),
        need: need.map(str::to_owned),
        because: because.map(str::to_owned),
        evidence: EvidenceText { source: "cluster.json".to_owned(), pointer: Some("/items/3".to_owned()) },
    }
}

fn gateway() -> Affected {
    Affected {
        workload: "customer TLS".to_owned(),
        node: "kubernetes:Ingress/prod/gateway".to_owned(),
        kind: "kubernetes:Ingress".to_owned(),
        criticality: Criticality::Critical,
        fall: Fall::Starved,
        until: until("2023-10-08T15:04:00Z"),
        was: Horizon::FOREVER,
        trigger: Some("deadline".to_owned()),
        first_failure_at: Some(instant("2023-09-23T15:04:00Z")),
        breaks_at: Some(instant("2023-10-08T15:04:00Z")),
        certainty: Certainty::Certain,
    }
}

fn mender_finding() -> Finding {
    let address = "azurerm_role_assignment.cert_manager_dns";
    Finding {
        rule: "breaks-workload".into(),
        level: Level::Approval,
        cause: Cause::Plan,
        certainty: Certainty::Certain,
        title: "this plan takes the last grant with which cert-manager writes DNS records".to_owned(),
        subject: Subject {
            id: address.to_owned(),
            kind: "grant".to_owned(),
            address: Some(address.to_owned()),
            action: Some("delete".to_owned()),
            reason: Some("no longer in configuration".to_owned()),
        },
        causes: vec![CauseChange {
            address: address.to_owned(),
            plan: "plan.json".to_owned(),
            sufficient: true,
            necessary: true,
        }],
        affects: vec![gateway()],
        path: vec![
            step("kubernetes:Ingress/prod/gateway", "workload", None, None),
            step(
                "kubernetes:Certificate/prod/gateway-tls",
                "certificate",
                None,
                Some("valid until 2023-10-08 15:04 UTC"),
            ),
            step("renewal by ClusterIssuer letsencrypt (ACME DNS-01, Azure DNS)", "capability", None, None),
            step(
                "identity cert-manager may write TXT records in hosted.example.io",
                "capability",
                None,
                None,
            ),
            step(address, "grant", None, None),
        ],
        lost: vec![Lost {
            capability: None,
            grant: Some(format!("DNS Zone Contributor on {ZONE}, from identity cert-manager (1f0c)")),
            principal: "1f0c".to_owned(),
            action: None,
            role: Some("DNS Zone Contributor".to_owned()),
            scope: ZONE.to_owned(),
        }],
        covered_by: Vec::new(),
        unknown_because: Vec::new(),
        undo: Some(Undo::Restorable),
        undo_note: Some("the assignment can be created again".to_owned()),
        help: "keep it, or ask two people: mainstay request plan.tfplan".to_owned(),
        location: Some(Location { file: "dns.tf".to_owned(), line: 41 }),
        fingerprint: "0f".to_owned(),
        missing_input: false,
        limits: Vec::new(),
        members: Vec::new(),
        looked_at: Some(Looked { grants: 14, inherited: 3, groups: 0 }),
    }
}

fn source(path: &str, kind: &str, taken_at: Option<&str>, why_incomplete: Option<&str>) -> SourceLine {
    SourceLine {
        path: path.to_owned(),
        kind: kind.to_owned(),
        taken_at: taken_at.map(instant),
        age_days: taken_at.map(|_| 0),
        complete: why_incomplete.is_none(),
        why_incomplete: why_incomplete.map(str::to_owned),
        objects: 14,
    }
}

fn report(verdict: Verdict, findings: Vec<Finding>) -> Report {
    Report {
        format: "mainstay.dev/report/v1",
        tool: Tool { name: "mainstay", version: "0.1.0" },
        now: instant("2023-09-22T11:00:00Z"),
        plans: vec![PlanLine {
            path: "plan.json".to_owned(),
            sha256: Some("ab".to_owned()),
            terraform_version: Some("1.5.7".to_owned()),
            format_version: "1.2".to_owned(),
            partial: false,
            changes: BTreeMap::from([("create", 11), ("delete", 1), ("update", 0)]),
        }],
        sources: vec![
            source("snapshots/iam.json", "azure:role-assignments", Some("2023-09-22T09:00:00Z"), None),
            source("snapshots/cluster.json", "kubernetes", Some("2023-09-19T09:00:00Z"), None),
            source(
                "snapshots/groups.json",
                "azure:group-members",
                None,
                Some("nothing says when it was taken"),
            ),
        ],
        examined: Examined { changes: 12, destructive: 1, workloads: 41, nodes: 300, needs: 900 },
        verdict,
        approvals_required: match verdict {
            Verdict::Approval => 2,
            Verdict::Undetermined => 3,
            _ => 0,
        },
        exit_code: verdict.exit_code(),
        loss_digest: "sha256:00".to_owned(),
        covered: Vec::new(),
        findings,
        notes: Vec::new(),
        configuration: Some("mainstay.toml".to_owned()),
        unblock: None,
        advise: false,
        catalog: None,
    }
}

fn text(report: &Report) -> String {
    report_text(report, Look::default())
}

#[test]
fn the_mender_story_reads_as_designed() {
    insta::assert_snapshot!(text(&report(Verdict::Approval, vec![mender_finding()])));
}

#[test]
fn a_narrow_page_keeps_names_whole() {
    let look = Look { width: 48, verbose: true, ..Look::default() };
    insta::assert_snapshot!(report_text(&report(Verdict::Approval, vec![mender_finding()]), look));
}

#[test]
fn a_pass_says_what_covers_and_never_speaks_of_failing() {
    let mut pass = report(Verdict::Pass, Vec::new());
    pass.covered = vec![Covered {
        address: "azurerm_role_assignment.cert_manager_dns".to_owned(),
        grant: "DNS Zone Contributor on dnsZones/hosted.example.io for cert-manager".to_owned(),
        by: vec![Cover {
            grant: "DNS Zone Contributor on resourceGroups/dns".to_owned(),
            why: "inherited from the resource group".to_owned(),
        }],
    }];
    pass.notes = vec!["snapshots/readme.md is no snapshot".to_owned()];
    let text = text(&pass);
    assert!(!text.contains("fail"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn doubt_several_causes_and_many_workloads() {
    let mut finding = mender_finding();
    finding.level = Level::Warn;
    finding.certainty = Certainty::Possible;
    finding.missing_input = true;
    finding.unknown_because = vec![
        "the role definition of `Custom DNS` is in no source: az role definition list --name 'Custom DNS'"
            .to_owned(),
        "snapshots/groups.json is incomplete: nothing says when it was taken".to_owned(),
    ];
    let mut other = finding.causes[0].clone();
    other.address = "azurerm_role_assignment.other".to_owned();
    finding.causes.push(other);
    for cause in &mut finding.causes {
        (cause.sufficient, cause.necessary) = (false, true);
    }
    finding.covered_by = vec![Cover {
        grant: "Custom DNS on resourceGroups/dns".to_owned(),
        why: "its actions are not known".to_owned(),
    }];
    let mut first = gateway();
    first.certainty = Certainty::Possible;
    first.until = Horizon { sure: Moment::Never, possible: Moment::Forever };
    first.first_failure_at = None;
    first.breaks_at = None;
    first.trigger = Some("next-start".to_owned());
    let named = |number: usize| Affected {
        workload: format!("api-{number}"),
        criticality: Criticality::Normal,
        ..first.clone()
    };
    finding.affects = std::iter::once(first.clone()).chain((1..=7).map(named)).collect();
    let mut standing = mender_finding();
    standing.cause = Cause::Standing;
    standing.level = Level::Note;
    standing.path.clear();
    standing.subject.address = None;
    standing.subject.action = None;
    standing.lost.clear();
    standing.looked_at = None;
    standing.undo_note = None;
    insta::assert_snapshot!(text(&report(Verdict::Undetermined, vec![finding, standing])));
}

/// Of long lists some are told; all of them are in the JSON.
#[test]
fn long_lists_of_members_and_causes_are_cut() {
    let mut finding = mender_finding();
    let cause = |number: usize| CauseChange {
        address: format!("a.b[{number}]"),
        sufficient: false,
        necessary: false,
        ..finding.causes[0].clone()
    };
    finding.causes = (0..40).map(cause).collect();
    let shown = text(&report(Verdict::Approval, vec![finding.clone()]));
    assert_eq!(shown.matches("= cause").count(), 6, "{shown}");
    assert!(
        shown.contains("a.b[4]") && !shown.contains("a.b[5]") && shown.contains("and 35 more"),
        "{shown}"
    );
    // One more than is told is told.
    finding.causes.truncate(6);
    let shown = text(&report(Verdict::Approval, vec![finding.clone()]));
    assert!(shown.contains("a.b[5]") && !shown.contains(" more"), "{shown}");

    let member = |number: usize| MemberLine {
        node: format!("m{number}"),
        address: None,
        action: None,
        why: format!("reason {}", if number < 33 { 0 } else { number }),
        evidence: None,
    };
    finding.members = (0..40).map(member).collect();
    let shown = text(&report(Verdict::Approval, vec![finding.clone()]));
    assert!(shown.contains("reason 0: m0, m1, m2, m3, m4, and 28 more"), "{shown}");
    assert!(shown.contains("reason 37: m37") && !shown.contains("m38"), "{shown}");
    assert!(shown.contains("and 2 more, for other reasons"), "{shown}");
    // Members say what the causes would.
    assert!(!shown.contains("= cause"), "{shown}");
    let all = serde_json::to_value(&finding).unwrap();
    assert_eq!(all["members"].as_array().unwrap().len(), 40);
}

#[test]
fn advice_is_said_loudly_and_denial_plainly() {
    let mut finding = mender_finding();
    finding.level = Level::Warn;
    let mut advised = report(Verdict::Warn, vec![finding]);
    advised.advise = true;
    let text_of = |report: &Report| report_text(report, Look { quiet: true, ..Look::default() });
    insta::assert_snapshot!(text_of(&advised), @r"
    ADVICE ONLY: `[mode] advise = true` holds nothing back: every finding is a warning at most

    verdict: warn (advice only)      12 changes, 1 destructive · 3 sources, newest 2 h old · 41 workloads
    ");
    let denied = report(Verdict::Deny, Vec::new());
    insta::assert_snapshot!(text_of(&denied), @"verdict: denied by policy      12 changes, 1 destructive · 3 sources, newest 2 h old · 41 workloads");
}

#[test]
fn hostile_names_cannot_steer_the_terminal() {
    let mut finding = mender_finding();
    finding.title = "it \u{1b}[2J\u{202e}goes\nverdict: pass".to_owned();
    finding.subject.address = Some("x[\"\u{1b}]0;owned\u{7}\"]".to_owned());
    finding.path[0].node = "kubernetes:Ingress/\u{9b}31m/a".to_owned();
    let text = text(&report(Verdict::Approval, vec![finding]));
    assert!(!text.chars().any(|letter| letter != '\n' && letter.is_control()), "{text}");
    assert!(!text.contains('\u{202e}') && !text.contains("\nverdict: pass"), "{text}");
}

#[test]
fn moments_in_words() {
    let now = instant("2023-09-22T11:00:00Z");
    let mut one = gateway();
    assert_eq!(
        when::fall(&one, now, true),
        "first renewal fails 2023-09-23; outage 2023-10-08 15:04 UTC, 16 days after this apply"
    );
    one.first_failure_at = None;
    one.breaks_at = None;
    one.until = Horizon::NEVER;
    one.trigger = Some("apply".to_owned());
    assert_eq!(when::fall(&one, now, true), "at once, when this is applied");
    one.fall = Fall::Interrupted;
    assert_eq!(
        when::fall(&one, now, true),
        "at once, when this is applied; it comes back once the apply is done"
    );
    one.fall = Fall::Starved;
    one.until = Horizon::exactly(Moment::Eventually);
    one.trigger = Some("issue+768h".to_owned());
    assert_eq!(when::fall(&one, now, true), "768h after it was issued, on a day that is not known");
    one.trigger = None;
    assert_eq!(when::fall(&one, now, true), "on a day that is not known");
    one.trigger = Some("next-start".to_owned());
    assert_eq!(when::fall(&one, now, true), "at the next start of a process");
}

#[test]
fn json_keeps_strings_and_the_order_of_keys() {
    let mut finding = mender_finding();
    finding.title = "a \u{202e}b".to_owned();
    insta::assert_snapshot!(json(&report(Verdict::Approval, vec![finding])).unwrap());
}

fn explanation() -> Explanation {
    let identity = SupportLine {
        node: "azure:identity/cert-manager".to_owned(),
        kind: "capability".to_owned(),
        name: "cert-manager".to_owned(),
        until: Horizon::UNKNOWN,
        doubt: Some("the assignment has a condition".to_owned()),
        evidence: Some(EvidenceText { source: "iam.json".to_owned(), pointer: Some("/3".to_owned()) }),
    };
    Explanation {
        format: "mainstay.dev/explain/v1",
        now: instant("2023-09-22T11:00:00Z"),
        node: "kubernetes:Certificate/prod/gateway-tls".to_owned(),
        kind: "certificate".to_owned(),
        type_name: "kubernetes:Certificate".to_owned(),
        name: "gateway-tls".to_owned(),
        aliases: (1..=7).map(|number| format!("alias-{number}")).collect(),
        evidence: vec![EvidenceText {
            source: "cluster.json".to_owned(),
            pointer: Some("/items/3".to_owned()),
        }],
        without: vec!["kubernetes:Secret/prod/api-key".to_owned()],
        until: Horizon::FOREVER,
        after: Some(until("2023-10-08T15:04:00Z")),
        meanwhile: Some(Meanwhile { certainty: Certainty::Possible, path: Vec::new() }),
        cold: Some(FromNothing {
            until: Horizon::NEVER,
            after: Some(Horizon::FOREVER),
            why: vec![
                step("kubernetes:Certificate/prod/gateway-tls", "certificate", Some("renewal"), None),
                step("kubernetes:Ingress/prod/gateway", "workload", Some("TLS secret"), None),
            ],
            circle: ["kubernetes:Certificate/prod/gateway-tls", "kubernetes:Ingress/prod/gateway"]
                .map(str::to_owned)
                .to_vec(),
        }),
        rests_on: vec![NeedLine {
            label: "renewal by ClusterIssuer letsencrypt".to_owned(),
            strength: "inferred".to_owned(),
            phase: "renew".to_owned(),
            until: Horizon::FOREVER,
            renewal_at: Some(instant("2023-09-23T15:04:00Z")),
            ends_at: Some(instant("2023-10-08T15:04:00Z")),
            supports: vec![identity.clone()],
        }],
        carries: vec![Dependent {
            node: "kubernetes:Ingress/prod/gateway".to_owned(),
            kind: "workload".to_owned(),
            name: "gateway".to_owned(),
            through: [
                "kubernetes:Ingress/prod/gateway",
                "kubernetes:Secret/prod/gateway-tls",
                "kubernetes:Certificate/prod/gateway-tls",
            ]
            .map(str::to_owned)
            .to_vec(),
            steps: 2,
        }],
        if_gone: vec![Affected {
            trigger: Some("apply".to_owned()),
            breaks_at: None,
            first_failure_at: None,
            ..gateway()
        }],
        if_gone_after: Some(Vec::new()),
        instead: vec![
            Instead {
                node: "kubernetes:Ingress/prod/gateway".to_owned(),
                kind: "workload".to_owned(),
                need: "TLS secret gateway-tls".to_owned(),
                strength: "inferred".to_owned(),
                phase: "always".to_owned(),
                until: Horizon::NEVER,
                others: Vec::new(),
            },
            Instead {
                node: "kubernetes:Ingress/prod/admin".to_owned(),
                kind: "workload".to_owned(),
                need: "a certificate".to_owned(),
                strength: "declared".to_owned(),
                phase: "always".to_owned(),
                until: Horizon::UNKNOWN,
                others: vec![SupportLine { evidence: None, ..identity.clone() }],
            },
        ],
        why_after: Vec::new(),
        why: vec![
            step(
                "kubernetes:Certificate/prod/gateway-tls",
                "certificate",
                Some("renewal"),
                Some("valid until 2023-10-08 15:04 UTC"),
            ),
            step("kubernetes:ClusterIssuer/letsencrypt", "identity", None, Some("cannot write TXT records")),
        ],
    }
}

#[test]
fn explanations_read_top_down() {
    insta::assert_snapshot!(explanation_text(&explanation(), Look::default()));
    assert!(json(&explanation()).unwrap().starts_with("{\n  \"format\": \"mainstay.dev/explain/v1\""));
}

#[test]
fn rules_say_what_why_and_how() {
    let rule = RuleText {
        id: "breaks-workload",
        what: "a workload falls, certainly or possibly",
        why: "Mender 2023: a role assignment went, and a certificate could not be renewed.",
        example: "- a role assignment is deleted\n- nothing else covers it",
        resolve: "Keep the grant.",
    };
    insta::assert_snapshot!(rule_text(&rule, Look::default()), @r"
    breaks-workload

    a workload falls, certainly or possibly

    Why
      Mender 2023: a role assignment went, and a certificate could not be renewed.

    Example
      - a role assignment is deleted
      - nothing else covers it

    How to resolve
      Keep the grant.
    ");
    insta::assert_snapshot!(rule_list_text(&[rule], Look::default()), @"breaks-workload  a workload falls, certainly or possibly");
}
