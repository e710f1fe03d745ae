//! `explain`: one thing by whatever name, why it ends, and what if something else went.

use std::process::Output;

use serde_json::Value as Json;

use crate::support::said;
use crate::support::story::{CLIENT, GRANT, NOW, PRINCIPAL, SUBSCRIPTION, Story, incidents, mainstay};

const CERTIFICATE: &str = "kubernetes:Certificate/prod/gateway-tls";

fn explain(case: &str, what: &str, more: &[&str]) -> Output {
    let now = if case.ends_with("aftermath") { "2023-09-25T12:00:00Z" } else { NOW };
    let arguments = [&["explain", what, "--plan", "plan.json", "--now", now], more].concat();
    mainstay(&incidents().join(case), &arguments)
}

fn answer(case: &str, what: &str, more: &[&str]) -> Json {
    let output = explain(case, what, &[&["--format", "json"], more].concat());
    assert!(output.status.success(), "{what}: {}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_name_leads_to_the_same_answer() {
    let address = "azurerm_user_assigned_identity.cert_manager";
    let id = format!(
        "{SUBSCRIPTION}/resourceGroups/dns/providers/Microsoft.ManagedIdentity/userAssignedIdentities/cert-manager"
    );
    let (upper, part) = (id.to_uppercase(), "userAssignedIdentities/cert-manager");
    for format in ["json", "text"] {
        let first = explain("mender-2023", address, &["--format", format]);
        assert!(first.status.success(), "{}", said(&first));
        for name in [PRINCIPAL, CLIENT, &id, &upper, part] {
            let other = explain("mender-2023", name, &["--format", format]);
            assert!(other.stdout == first.stdout, "{name}: {}", said(&other));
        }
    }
    let answer = answer("mender-2023", address, &[]);
    assert_eq!(answer["node"], address);
    assert!(answer["if_gone"].as_array().unwrap().iter().any(|hit| hit["workload"] == "hosted product"));
}

#[test]
fn a_typo_is_told_what_was_meant() {
    let output = explain("mender-2023", "azurerm_role_assignment.cert_manger_dns", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("did you mean") && message.contains(GRANT), "{message}");
    let nothing = explain("mender-2023", "zzzzzzzzzzzzzz", &[]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(!said(&nothing).contains("did you mean"), "{}", said(&nothing));
}

#[test]
fn what_could_be_several_things_lists_them() {
    let output = explain("mender-2023", "cert-manager", &[]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    for one in ["azurerm_user_assigned_identity.cert_manager", "kubernetes:Namespace/cert-manager"] {
        assert!(message.contains(one), "{message}");
    }
}

#[test]
fn the_certificate_says_when_it_ends_and_why_it_cannot_renew() {
    let after = answer("mender-2023/aftermath", CERTIFICATE, &[]);
    assert_eq!(after["until"]["sure"], "2023-10-08T15:04:00Z");
    assert_eq!(after["until"]["possible"], "2023-10-08T15:04:00Z");
    let why = after["why"].as_array().unwrap();
    assert_eq!(why[0]["node"], CERTIFICATE);
    assert!(why[0]["because"].as_str().unwrap().contains("renewal due 2023-09-23"), "{why:#?}");
    let last = why.last().unwrap();
    assert!(
        last.to_string().contains("cert_manager") || last.to_string().contains("cert-manager"),
        "{last:#}"
    );
    assert!(
        why.iter().any(|step| step["need"].as_str().unwrap_or_default().contains("TXT/write")),
        "{why:#?}"
    );
    assert_eq!(after["carries"][0]["node"], "kubernetes:Ingress/prod/gateway");
    // Before it all, it was renewed as long as it had to be.
    assert_eq!(answer("mender-2023", CERTIFICATE, &[])["until"]["possible"], "forever");
}

#[test]
fn without_something_it_ends() {
    let with = answer("mender-2023", CERTIFICATE, &[]);
    let without = answer("mender-2023", CERTIFICATE, &["--without", GRANT]);
    assert_eq!(with["until"]["possible"], "forever");
    assert_eq!(without["until"]["possible"], "2023-10-08T15:04:00Z");
    let why = without["why"].as_array().unwrap();
    assert_eq!(why.last().unwrap()["node"], GRANT, "{why:#?}");
    let wrong =
        explain("mender-2023", CERTIFICATE, &["--without", "azurerm_role_assignment.cert_manger_dns"]);
    assert_eq!(wrong.status.code(), Some(2));
}

const INGRESS: &str = "kubernetes:Ingress/prod/gateway";

#[test]
fn the_paths_between_two_are_told() {
    let text = explain("mender-2023", INGRESS, &["--to", GRANT]);
    assert!(text.status.success(), "{}", said(&text));
    insta::assert_snapshot!("paths", String::from_utf8(text.stdout).unwrap());
    let forth = answer("mender-2023", INGRESS, &["--to", GRANT]);
    assert_eq!(forth["format"], "mainstay.dev/paths/v1");
    assert_eq!((&forth["from"]["node"], &forth["to"]["node"]), (&INGRESS.into(), &GRANT.into()));
    assert_eq!(forth["carries"]["chains"], Json::Array(Vec::new()));
    let first = &forth["rests_on"]["chains"][0];
    // The plan deletes it, so that no chain to it stands after.
    assert_eq!(first["only"], "before");
    let steps = first["steps"].as_array().unwrap();
    assert_eq!((&steps[0]["node"], &steps[steps.len() - 1]["node"]), (&INGRESS.into(), &GRANT.into()));
    assert!(steps.iter().any(|step| step["needs"].to_string().contains("TXT/write")), "{steps:#?}");
    // The other way round it is the same, told from the other end.
    let back = answer("mender-2023", GRANT, &["--to", INGRESS]);
    assert_eq!((&back["carries"], &back["rests_on"]), (&forth["rests_on"], &forth["carries"]));
}

#[test]
fn where_there_is_no_path_that_is_said() {
    let output = explain("mender-2023", INGRESS, &["--to", "kubernetes:Namespace/tools"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("nothing that is known leads from Ingress prod/gateway to"), "{text}");
    let same = explain("mender-2023", INGRESS, &["--to", INGRESS]);
    assert_eq!(same.status.code(), Some(2));
    assert!(said(&same).contains("are the same thing"), "{}", said(&same));
}

#[test]
fn what_else_would_carry_is_told_or_that_nothing_would() {
    let others = |case: &str| -> Vec<Json> {
        let answer = answer(case, GRANT, &[]);
        let needs = answer["instead"].as_array().unwrap().clone();
        let write = needs.iter().find(|one| one["need"].to_string().contains("TXT/write"));
        let write = write.unwrap_or_else(|| panic!("{needs:#?}"));
        assert_eq!(write["node"], "azurerm_user_assigned_identity.cert_manager");
        write["others"].as_array().unwrap().clone()
    };
    assert_eq!(others("mender-2023"), [] as [Json; 0]);
    let [other] = &others("mender-2023/twins/covered")[..] else { panic!() };
    assert_eq!(other["node"], "azurerm_role_assignment.cert_manager_dns_group");
    assert_eq!(other["until"]["sure"], "forever");
    let text = explain("mender-2023", GRANT, &[]);
    insta::assert_snapshot!("grant", String::from_utf8(text.stdout).unwrap());
}

#[test]
fn with_a_plan_before_and_after_are_told() {
    let answer = answer("mender-2023", "kubernetes:Certificate/prod/gateway-tls", &[]);
    assert_eq!(
        (&answer["until"]["possible"], &answer["after"]["possible"]),
        (&Json::from("forever"), &Json::from("2023-10-08T15:04:00Z"))
    );
    let why = answer["why_after"].as_array().unwrap();
    assert_eq!(why.last().unwrap()["node"], GRANT, "{why:#?}");
    // What the plan takes with it is not lost once more.
    let grant = self::answer("mender-2023", GRANT, &[]);
    assert_eq!(grant["if_gone"][0]["workload"], "hosted product");
    assert_eq!(grant["if_gone_after"], Json::Array(Vec::new()));
    // What is supposed gone is gone in all of it.
    let without = self::answer("mender-2023", CERTIFICATE, &["--without", GRANT]);
    assert_eq!(without["without"][0], GRANT);
    assert_eq!(without["until"], without["after"]);
}

/// Two deployments that cannot start before the other is there.
fn in_a_circle() -> Story {
    let story = Story::mender();
    let needs = |name: &str, other: &str| {
        format!(
            "[[workload]]\nname = \"{name}\"\nmatch = [\"kubernetes:Deployment/tools/{name}\"]\n\
             uses = [\"kubernetes:Deployment/tools/{other}\"]\n"
        )
    };
    let toml = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write(
        "mainstay.toml",
        &format!("{toml}\n{}{}", needs("registry", "runner"), needs("runner", "registry")),
    );
    story.edit("snapshots/cluster.json", |cluster| {
        for name in ["registry", "runner"] {
            cluster["items"].as_array_mut().unwrap().push(serde_json::json!({
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": name, "namespace": "tools", "uid": format!("uid-{name}")},
                "spec": {"template": {"spec": {"containers": []}}},
            }));
        }
    });
    story
}

#[test]
fn from_nothing_a_circle_does_not_come_up() {
    let story = in_a_circle();
    let runner = "kubernetes:Deployment/tools/runner";
    let ask = |more: &[&str]| -> Json {
        let base = ["explain", runner, "--now", NOW, "--format", "json"];
        let output = story.run(&[&base, more].concat());
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let warm = ask(&[]);
    assert_eq!((&warm["until"]["sure"], warm.get("cold")), (&Json::from("forever"), None));
    let cold = ask(&["--cold"]);
    assert_eq!(cold["until"], warm["until"], "as it runs, it holds");
    assert_eq!(cold["cold"]["until"]["possible"], "never");
    let circle: Vec<&str> =
        cold["cold"]["circle"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(circle, [runner, "kubernetes:Deployment/tools/registry"]);
    let both = ask(&["--cold", "--without", "kubernetes:Deployment/tools/registry"]);
    assert_eq!(
        (&both["until"]["possible"], &both["cold"]["until"]["possible"]),
        (&Json::from("never"), &Json::from("never"))
    );
    let text = story.run(&["explain", runner, "--now", NOW, "--cold"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("from nothing    does not come up"), "{text}");
    assert!(
        text.contains("Deployment tools/runner → Deployment tools/registry → Deployment")
            || text.replace("\n    ", " ").contains("Deployment tools/registry → Deployment tools/runner"),
        "{text}"
    );
}
