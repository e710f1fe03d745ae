//! Interruptions, ways out that are none, and mainstays: as the program reports them.

use serde_json::{Value as Json, json};

use crate::support::TestBed;
use crate::support::story::{Judged, NOW, Story};

/// The identity that runs Terraform, and its one assignment.
const RUNNER: &str = r#"
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_resource_group" "dns" {
  name     = "dns"
  location = "westeurope"
}
resource "azurerm_user_assigned_identity" "runner" {
  name                = "runner"
  location            = azurerm_resource_group.dns.location
  resource_group_name = azurerm_resource_group.dns.name
}
"#;

fn grant(more: &str) -> String {
    format!(
        r#"
resource "azurerm_role_assignment" "runner" {{
  scope                = azurerm_resource_group.dns.id
  role_definition_name = "DNS Zone Contributor"
  principal_id         = azurerm_user_assigned_identity.runner.principal_id
  {more}
}}
"#
    )
}

const ADDRESS: &str = "azurerm_role_assignment.runner";
const ACTOR: &str = "[[actor]]\nrole = \"apply\"\nmatch = [\"azurerm_user_assigned_identity.runner\"]\n";
const RECOVERY: &str =
    "[[recovery]]\nname = \"break-glass\"\nmatch = [\"azurerm_user_assigned_identity.runner\"]\n";

/// The plan of what stands in the bed, judged under this configuration.
fn planned(bed: &TestBed, arguments: &[&str], toml: &str) -> Judged {
    let plan = bed.show(&bed.plan(arguments));
    let story = Story::mender();
    std::fs::write(story.path().join("plan.json"), plan).unwrap();
    std::fs::remove_dir_all(story.path().join("snapshots")).unwrap();
    story.write("mainstay.toml", toml);
    story.check()
}

#[test]
fn who_applies_must_not_be_cut_off() {
    let Some(bed) = TestBed::new("who_applies_must_not_be_cut_off") else { return };
    bed.write("main.tf", RUNNER);
    bed.write("grant.tf", &grant(""));
    bed.init();
    bed.apply();
    let replace = [format!("-replace={ADDRESS}")];
    let replace: Vec<&str> = replace.iter().map(String::as_str).collect();

    let judged = planned(&bed, &replace, ACTOR);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = judged.the("interrupts-workload");
    assert_eq!((&finding["level"], &finding["subject"]["address"]), (&json!("approval"), &json!(ADDRESS)));
    let hit = &finding["affects"][0];
    assert_eq!((&hit["fall"], &hit["trigger"]), (&json!("interrupted"), &json!("apply")));
    assert!(hit["node"].as_str().unwrap().contains("azurerm_user_assigned_identity.runner"), "{hit}");
    let title = finding["title"].as_str().unwrap();
    assert!(
        title.contains("while this plan is applied") && title.contains("before it is made again"),
        "{title}"
    );
    assert_eq!(finding["causes"][0]["sufficient"], true);
    assert_eq!(finding["path"].as_array().unwrap().last().unwrap()["address"], ADDRESS);
    assert!(judged.by_plan("rests-on-itself").is_empty());

    let judged = planned(&bed, &replace, "");
    assert_eq!(judged.code, 0, "nobody is said to apply: {:#}", judged.report);
    assert!(judged.by_plan("interrupts-workload").is_empty());

    bed.write("grant.tf", &grant("lifecycle { create_before_destroy = true }"));
    let judged = planned(&bed, &replace, ACTOR);
    assert!(judged.by_plan("interrupts-workload").is_empty(), "{:#}", judged.report);

    std::fs::remove_file(bed.path().join("grant.tf")).unwrap();
    for toml in [ACTOR, RECOVERY] {
        let judged = planned(&bed, &[], toml);
        let finding = judged.the("rests-on-itself");
        assert_eq!((judged.code, &finding["level"]), (3, &json!("approval")), "{:#}", judged.report);
        assert_eq!(finding["causes"][0]["address"], ADDRESS);
        assert!(finding["title"].as_str().unwrap().contains("what this plan takes away"), "{finding:#}");
    }
}

/// A cluster, of which a catalog of its own says who signs in through what and who runs as whom.
const OWN: &str = r#"
[[type]]
kind = "kubernetes:Operator"
class = "identity"
names = ["kubernetes:Operator/{metadata.namespace}/{metadata.name}"]
[[type.need]]
when = [{ path = "through" }]
label = "to sign in through {through}"
any = ["kubernetes:{through}"]
"#;

/// What stands in a cluster of these objects.
fn stands(objects: &[Json], toml: &str) -> Judged {
    let story = Story::mender();
    std::fs::remove_dir_all(story.path().join("snapshots")).unwrap();
    std::fs::create_dir(story.path().join("snapshots")).unwrap();
    story.write("own.toml", OWN);
    story.write("mainstay.toml", &format!("catalog = [\"own.toml\"]\nsnapshots = [\"snapshots/\"]\n{toml}"));
    let list =
        json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": objects});
    story.write("snapshots/cluster.json", &list.to_string());
    story.write("snapshots/cluster.json.meta.json", r#"{"taken_at": "2023-09-22T10:00:00Z"}"#);
    Judged::of(&story.run(&["check", "--now", NOW, "--format", "json"]))
}

fn of<'a>(judged: &'a Judged, rule: &str) -> Vec<&'a Json> {
    judged.findings().iter().filter(|one| one["rule"] == rule).collect()
}

fn deployment(name: &str, account: &str) -> Json {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "prod"},
        "spec": {"template": {"spec": {"serviceAccountName": account, "containers": [{"name": "a", "image": "a"}]}}}})
}

fn account(name: &str) -> Json {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "prod"}})
}

fn operator(name: &str, through: Option<&str>) -> Json {
    let mut operator =
        json!({"apiVersion": "x/v1", "kind": "Operator", "metadata": {"name": name, "namespace": "ops"}});
    if let Some(through) = through {
        operator["through"] = through.into();
    }
    operator
}

/// As at JumpCloud: who is to repair the product signs in by it.
#[test]
fn break_glass_must_not_go_through_what_it_repairs() {
    let objects = [
        deployment("idp", "idp"),
        account("idp"),
        operator("through", Some("Deployment/prod/idp")),
        operator("own-key", None),
    ];
    let toml = |who: &str| {
        format!(
            "[[workload]]\nname = \"sign-in\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/prod/idp\"]\n\
             [[recovery]]\nname = \"break-glass\"\nmatch = [\"kubernetes:Operator/ops/{who}\"]\nrepairs = [\"sign-in\"]\n"
        )
    };
    let judged = stands(&objects, &toml("through"));
    let [finding] = of(&judged, "rests-on-itself")[..] else { panic!("{:#}", judged.report) };
    assert_eq!((judged.code, &finding["level"]), (3, &json!("approval")), "{finding:#}");
    assert_eq!((&finding["cause"], &finding["certainty"]), (&json!("standing"), &json!("certain")));
    assert_eq!(finding["title"], "break-glass rests on Deployment prod/idp, which it is there to repair");
    assert_eq!(finding["subject"]["id"], "kubernetes:Operator/ops/through");
    assert_eq!(finding["path"][1]["node"], "kubernetes:Deployment/prod/idp");
    let judged = stands(&objects, &toml("own-key"));
    assert!(of(&judged, "rests-on-itself").is_empty(), "{:#}", judged.report);
}

#[test]
fn one_account_for_all_is_a_mainstay() {
    let names = ["a", "b", "c", "d"];
    let mut objects: Vec<Json> = names.iter().map(|name| deployment(name, "shared")).collect();
    objects.push(account("shared"));
    let rated = "[[workload]]\nname = \"shop\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/prod/*\"]\n";
    let judged = stands(&objects, rated);
    let [finding] = of(&judged, "single-mainstay")[..] else { panic!("{:#}", judged.report) };
    assert_eq!((&finding["level"], &finding["cause"]), (&json!("note"), &json!("standing")));
    assert_eq!(finding["subject"]["id"], "kubernetes:ServiceAccount/prod/shared");
    assert_eq!(finding["affects"].as_array().unwrap().len(), 4);
    let allowed = format!("{rated}[rules.single-mainstay]\nmax_critical = 4\n");
    assert!(of(&stands(&objects, &allowed), "single-mainstay").is_empty());
}
