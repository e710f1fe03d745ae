//! What people declare, as nodes: who is rated how, what repairs what, who acts.

use super::super::{ActorNodes, Estate, Input, RecoveryPath, build};
use crate::config;
use crate::model::{
    ActorRole, Address, Alias, ChangeIx, Class, Content, Criticality, Evidence, Fact, Kind, NodeIx, Presence,
    Side, SourceIx,
};
use Criticality::{Critical, Important, Normal};
use std::path::Path;

/// Something that an object tells of: `Deployment/prod/api` of the cluster, or `module.prod.x.y` of a plan.
fn thing(class: Class, name: &str) -> Fact {
    let address = name.contains('.');
    Fact {
        class,
        kind: Kind::new(class.word()),
        name: name.to_owned(),
        side: Side::Both,
        presence: Presence::Present,
        unique: vec![Alias::new(if address { "address" } else { "kubernetes" }, name)],
        names: Vec::new(),
        carrier: name.to_owned(),
        refuses_duplicates: false,
        natural_key: false,
        outlives: false,
        restarts: false,
        content: Content::Thing,
        wants: Vec::new(),
        evidence: Evidence { source: SourceIx(0), pointer: format!("/{name}").into() },
        taken_at: None,
        change: None,
        managed: address,
        address: address.then(|| Address::new(name)),
        end: None,
        lease: None,
        undo: None,
        users_listed_by: [].into(),
        listed_by: None,
        criticality: None,
        part_of: None,
        serves: None,
        settings: None,
        environment: None,
    }
}

fn workload(name: &str) -> Fact {
    thing(Class::Workload, name)
}

/// The same thing on one side of a plan, labelled so.
fn labelled(name: &str, side: Side, criticality: Criticality) -> Fact {
    Fact { side, criticality: Some(criticality), change: Some(ChangeIx(0)), ..workload(name) }
}

fn estate(facts: Vec<Fact>, toml: &str) -> Estate {
    let declarations = config::parse(toml, "mainstay.toml", Path::new("/")).unwrap();
    build(Input {
        facts,
        sources: &[],
        declarations: &declarations,
        commands: &[],
        changes: &[],
        objects: Vec::new(),
    })
}

fn at(estate: &Estate, name: &str) -> NodeIx {
    estate.indices().find(|index| estate.node(*index).unwrap().name == name).unwrap()
}

fn all(estate: &Estate, names: &[&str]) -> Vec<NodeIx> {
    names.iter().map(|name| at(estate, name)).collect()
}

/// Place, name, line and suggestions of each name that leads to nothing.
fn unmatched(estate: &Estate) -> Vec<(&str, &str, usize, Vec<&str>)> {
    let each = estate.unmatched.iter();
    each.map(|one| {
        let candidates = one.candidates.iter().map(String::as_str).collect();
        (one.place.as_str(), one.written.as_str(), one.line, candidates)
    })
    .collect()
}

#[test]
fn the_highest_rating_counts_wherever_it_is_said() {
    const PROD: &str =
        "[[environment]]\nname = \"production\"\nmatch = [\"kubernetes:*/prod/*\", \"module.prod.*\"]\n";
    const RATED: &str = "criticality = \"critical\"\n";
    const LOW: &str = "criticality = \"normal\"\n";
    let api = "Deployment/prod/api";
    let inside = r#"module.prod["eu"].kubernetes_deployment.api[0]"#;
    let declared = |criticality: &str| {
        format!(
            "[[workload]]\nname = \"api\"\nmatch = [\"kubernetes:*/prod/api\"]\ncriticality = \"{criticality}\"\n"
        )
    };
    let both = |before, after| {
        vec![labelled(api, Side::Before, before), labelled(api, Side::After, after), workload(inside)]
    };
    let plain = || vec![workload(api), workload(inside)];
    let member = |name: &str| vec![workload(api), workload(name)];
    let second = format!("two.json#{inside}");
    let cases = vec![
        ("nobody rates it", plain(), PROD.to_owned(), api, (Important, false)),
        ("an environment that rates", plain(), PROD.to_owned() + RATED, api, (Critical, true)),
        ("by module, whatever its key", plain(), PROD.to_owned() + RATED, inside, (Critical, true)),
        ("of the second plan", member(&second), PROD.to_owned() + RATED, second.as_str(), (Critical, true)),
        ("below the default", plain(), PROD.to_owned() + LOW, api, (Normal, true)),
        (
            "the workload over its environment",
            plain(),
            PROD.to_owned() + LOW + &declared("critical"),
            api,
            (Critical, true),
        ),
        (
            "the environment over its workload",
            plain(),
            PROD.to_owned() + RATED + &declared("normal"),
            api,
            (Critical, true),
        ),
        ("the label before", both(Critical, Normal), PROD.to_owned() + LOW, api, (Critical, true)),
        ("the label after", both(Normal, Critical), PROD.to_owned() + LOW, api, (Critical, true)),
        ("a label alone, below the default", both(Normal, Normal), PROD.to_owned(), api, (Normal, true)),
        (
            "a label of the change, on what had none",
            vec![
                Fact { side: Side::Before, ..workload(api) },
                labelled(api, Side::After, Normal),
                workload(inside),
            ],
            PROD.to_owned(),
            api,
            (Important, false),
        ),
        (
            "a label of the change that raises",
            vec![
                Fact { side: Side::Before, ..workload(api) },
                labelled(api, Side::After, Critical),
                workload(inside),
            ],
            PROD.to_owned(),
            api,
            (Critical, true),
        ),
        (
            "the environment over the label",
            both(Normal, Normal),
            PROD.to_owned() + RATED,
            api,
            (Critical, true),
        ),
    ];
    for (case, facts, toml, name, expected) in cases {
        let estate = estate(facts, &toml);
        let tag = estate.node(at(&estate, name)).unwrap().workload.as_ref();
        let tag = tag.unwrap_or_else(|| panic!("{case}: no workload"));
        assert_eq!((tag.criticality, tag.rated), expected, "{case}");
        assert_eq!(unmatched(&estate), [], "{case}");
    }
}

#[test]
fn an_environment_makes_no_workloads() {
    let facts = || vec![workload("Deployment/prod/api"), thing(Class::Certificate, "Certificate/prod/tls")];
    let toml = "[[environment]]\nname = \"p\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:*/prod/*\", \"module.stage.*\"]\n";
    let estate = estate(facts(), toml);
    let certificate = estate.node(at(&estate, "Certificate/prod/tls")).unwrap();
    assert_eq!(certificate.workload, None);
    assert_eq!(unmatched(&estate), [("[[environment]] p", "module.stage.*", 1, vec![])]);
    assert!(!estate.unmatched.iter().any(|one| one.of_workload));
}

const PEOPLE: &str = r#"
[[workload]]
name = "customer TLS"
criticality = "critical"
match = ["kubernetes:Ingress/prod/*"]
[[workload]]
name = "billing"
criticality = "normal"
match = ["kubernetes:Deployment/prod/billing", "kubernetes:Deployment/prod/invoices"]
[[workload]]
name = "shop"
match = ["kubernetes:Ingress/prod/shop", "kubernetes:Deployment/prod/mail"]
"#;

fn people(toml: &str) -> Estate {
    let facts = vec![
        workload("Ingress/prod/gateway"),
        workload("Ingress/prod/shop"),
        workload("Deployment/prod/billing"),
        workload("Deployment/prod/invoices"),
        labelled("Deployment/prod/metrics", Side::Both, Critical),
        thing(Class::Identity, "ServiceAccount/ops/break-glass"),
        thing(Class::Identity, "ServiceAccount/ops/runner"),
    ];
    estate(facts, &format!("{PEOPLE}{toml}"))
}

#[test]
fn a_recovery_path_knows_what_it_repairs() {
    let path = |matching: &str, repairs: &str| {
        let estate = people(&format!("[[recovery]]\nname = \"way in\"\nmatch = {matching}\n{repairs}"));
        let [RecoveryPath { name, nodes, repairs, line }] = &estate.recoveries[..] else { panic!() };
        assert_eq!((name.as_str(), *line), ("way in", 13));
        (nodes.clone(), repairs.clone(), estate)
    };
    let by = r#"["kubernetes:ServiceAccount/ops/break-*"]"#;
    let critical = ["Ingress/prod/gateway", "Ingress/prod/shop", "Deployment/prod/metrics"];
    let billing = ["Deployment/prod/billing", "Deployment/prod/invoices"];
    for (repairs, expected) in [
        ("", &critical[..]),
        ("repairs = []", &critical[..]),
        ("repairs = [\"billing\"]", &billing[..]),
        // Two declarations name the ingress, and it bears the later name.
        ("repairs = [\"customer TLS\"]", &critical[..2]),
        ("repairs = [\"shop\"]", &critical[1..2]),
        ("repairs = [\"kubernetes:Deployment/prod/metrics\"]", &critical[2..]),
        (
            "repairs = [\"billing\", \"billing\", \"customer TLS\"]",
            &[&critical[..2], &billing[..]].concat()[..],
        ),
    ] {
        let (nodes, repaired, estate) = path(by, repairs);
        assert_eq!(nodes, all(&estate, &["ServiceAccount/ops/break-glass"]), "{repairs}");
        assert_eq!(repaired, all(&estate, expected), "{repairs}");
        // The mail of the shop is the only name that nothing bears.
        assert_eq!(unmatched(&estate).len(), 1, "{repairs}");
    }
}

#[test]
fn what_is_repaired_by_a_wrong_name_is_told() {
    let with = |repairs: &str| {
        people(&format!(
            "[[recovery]]\nname = \"way in\"\nmatch = [\"kubernetes:ServiceAccount/ops/*\", \"aws:iam-user/x\"]\n{repairs}"
        ))
    };
    let estate = with("repairs = [\"custommer TLS\", \"billing\", \"zebra\"]");
    assert_eq!(
        estate.recoveries[0].repairs,
        all(&estate, &["Deployment/prod/billing", "Deployment/prod/invoices"])
    );
    assert_eq!(
        unmatched(&estate)[1..],
        [
            ("[[recovery]] way in", "aws:iam-user/x", 13, vec![]),
            ("[[recovery]] way in: repairs", "custommer TLS", 13, vec!["customer TLS"]),
            ("[[recovery]] way in: repairs", "zebra", 13, vec![]),
        ]
    );
    assert_eq!(
        estate.unmatched.iter().map(|one| one.of_workload).collect::<Vec<_>>(),
        [true, false, false, false]
    );
    // A wrong name does not make it "all".
    assert_eq!(with("repairs = [\"zebra\"]").recoveries[0].repairs, []);
}

#[test]
fn actors_are_found_by_what_they_do() {
    let estate = people(
        "[[actor]]\nrole = \"apply\"\nmatch = [\"kubernetes:ServiceAccount/ops/runner\"]\n\
         [[actor]]\nrole = \"approver\"\nmatch = [\"kubernetes:ServiceAccount/*\", \"aws:iam-role/x\"]\n",
    );
    let of = |names: &[&str]| all(&estate, names);
    let (glass, runner) = ("ServiceAccount/ops/break-glass", "ServiceAccount/ops/runner");
    assert_eq!(
        estate.actors,
        [
            ActorNodes { role: ActorRole::Apply, nodes: of(&[runner]), line: 13 },
            ActorNodes { role: ActorRole::Approver, nodes: of(&[glass, runner]), line: 16 },
        ]
    );
    assert_eq!(unmatched(&estate)[1..], [("[[actor]] approver", "aws:iam-role/x", 16, vec![])]);
}
