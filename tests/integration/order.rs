//! What is there while a plan is applied and after it, by plans that the real Terraform made.

use std::collections::{BTreeMap, BTreeSet};

use mainstay::catalog::Catalog;
use mainstay::estate::{Estate, Evaluator, Input, Scenario, Stage, build, presence};
use mainstay::model::{Class, NodeIx, Presence, Source};
use mainstay::plan::Asked;

use serde_json::{Value as Json, json};

use crate::support::TestBed;
use crate::support::story::{NOW, Story};

/// The plan of what stands in the bed, joined by the catalog and this entry of a user's.
fn planned(bed: &TestBed, arguments: &[&str], own: &str) -> Estate {
    let plan = bed.show(&bed.plan(arguments));
    let mut read = mainstay::plan::read_bytes(&plan, Asked::all("plan.json")).unwrap();
    let mut catalog = Catalog::builtin().unwrap();
    catalog.add("own.toml", own).unwrap();
    for object in &mut read.objects {
        object.change = object.change.filter(|_| !object.standing);
    }
    let facts: Vec<_> =
        read.objects.iter().flat_map(|object| catalog.facts(object, false, &BTreeSet::new())).collect();
    let sources = [Source {
        path: "plan.json".to_owned(),
        kind: "plan".to_owned(),
        taken_at: None,
        doubt: None,
        objects: read.objects.len(),
        lists: BTreeMap::new(),
    }];
    build(Input {
        facts,
        sources: &sources,
        declarations: &mainstay::config::defaults(),
        commands: &[],
        changes: &read.changes,
        objects: read.objects,
    })
}

/// The grant of the case before, during and after (`P` present, `A` absent, `?` unknown), and whether it falls.
fn grant(estate: &Estate) -> (String, &'static str) {
    let grants: Vec<NodeIx> =
        estate.indices().filter(|index| estate.node(*index).unwrap().class == Class::Grant).collect();
    assert_eq!(grants.len(), 1, "one grant, whatever carries it");
    let node = estate.node(grants[0]).unwrap();
    let seen = [Stage::Before, Stage::During, Stage::After].map(|stage| match presence(node, |_| stage) {
        Presence::Present => 'P',
        Presence::Absent => 'A',
        Presence::Unknown => '?',
    });
    let evaluator = Evaluator::new(estate, NOW.parse().unwrap());
    let outcome = evaluator.outcome(Scenario::after());
    let falls = match outcome.falls.of(grants[0]) {
        None => "stays",
        Some(loss) if loss.certain => "falls",
        Some(_) => "may fall",
    };
    (seen.iter().collect(), falls)
}

fn assert_grant(estate: &Estate, name: &str, seen: &str, falls: &'static str) {
    assert_eq!(grant(estate), (seen.to_owned(), falls), "{name}");
}

fn assignment(name: &str, more: &str) -> String {
    format!(
        r#"
terraform {{
  required_providers {{
    azurerm = {{ source = "hashicorp/azurerm" }}
  }}
}}
provider "azurerm" {{
  features {{}}
}}
resource "azurerm_role_assignment" "{name}" {{
  scope                = "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dns"
  role_definition_name = "DNS Zone Contributor"
  principal_id         = "5b38ea98-7805-4c8a-9b32-84587fa7ddf8"
  {more}
}}
"#
    )
}

const CREATE_FIRST: &str = "lifecycle { create_before_destroy = true }";

#[test]
fn a_role_assignment_made_again_is_no_loss() {
    let Some(bed) = TestBed::new("a_role_assignment_made_again_is_no_loss") else { return };
    bed.write("main.tf", &assignment("a", ""));
    bed.init();
    bed.apply();
    let replace = ["-replace=azurerm_role_assignment.a"];
    let moved = "moved {\n  from = azurerm_role_assignment.a\n  to = azurerm_role_assignment.b\n}\n";
    let cases = [
        ("as it is", assignment("a", ""), &[][..], "PPP"),
        ("replaced, deleted first", assignment("a", ""), &replace[..], "PAP"),
        ("replaced, created first", assignment("a", CREATE_FIRST), &replace[..], "PPP"),
        ("moved", assignment("b", "") + moved, &[][..], "PPP"),
        ("made again under another name", assignment("b", ""), &[][..], "P?P"),
    ];
    for (name, configuration, arguments, seen) in cases {
        bed.write("main.tf", &configuration);
        assert_grant(&planned(&bed, arguments, ""), name, seen, "stays");
    }
}

/// A type that Terraform has by itself, as an attachment: what is attached stands in its input.
const ATTACHMENT: &str = r#"
[[type]]
kind = "terraform_data"
class = "grant"
when = [{ path = "input.policy" }]
name = ["{input.policy} on {input.role}"]
unique = ["attachment:{input.role} {input.policy}"]
natural-key = true
"#;

/// A role in this version, and an attachment to it at this name.
fn attached(version: u32, name: &str, more: &str) -> String {
    format!(
        r#"
resource "terraform_data" "role" {{
  triggers_replace = {version}
}}
resource "terraform_data" "{name}" {{
  input      = {{ role = "app", policy = "arn:p" }}
  depends_on = [terraform_data.role]
  {more}
}}
"#
    )
}

#[test]
fn an_attachment_made_again_is_lost_if_it_is_created_first() {
    let Some(bed) = TestBed::new("an_attachment_made_again_is_lost_if_it_is_created_first") else { return };
    bed.write("main.tf", &attached(1, "a", ""));
    bed.init();
    bed.apply();
    let replace = ["-replace=terraform_data.a"];
    let moved = "moved {\n  from = terraform_data.a\n  to = terraform_data.b\n}\n";
    let cases = [
        ("as it is", attached(1, "a", ""), &[][..], "PPP", "stays"),
        ("deleted first", attached(1, "a", ""), &replace[..], "PAP", "stays"),
        ("created first", attached(1, "a", CREATE_FIRST), &replace[..], "P?A", "falls"),
        ("moved", attached(1, "b", "") + moved, &[][..], "PPP", "stays"),
        ("at another address, in no order", attached(1, "b", ""), &[][..], "P??", "may fall"),
        ("at another address, the role replaced in between", attached(2, "b", ""), &[][..], "P?P", "stays"),
    ];
    for (name, configuration, arguments, seen, falls) in cases {
        bed.write("main.tf", &configuration);
        assert_grant(&planned(&bed, arguments, ATTACHMENT), name, seen, falls);
    }
}

/// Role assignments, if Azure took equal ones in silence.
const SILENT: &str = r#"
[[type]]
kind = "azurerm_role_assignment"
class = "grant"
listed-by = "azure:role-assignments"
name = ["{role_definition_name} on {scope}"]
names = ["azure:{id}"]
natural-key = true
[type.grant]
cloud = "azure"
principal = "principal:{principal_id}"
role-id = "{role_definition_id}"
role-name = "{role_definition_name}"
scope = "{scope}"
"#;

#[test]
fn what_hangs_on_the_order_is_said() {
    let story = Story::of("mender-2023/twins/recreated");
    story.check().assert_passes();
    let configuration = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write("mainstay.toml", &format!("catalog = [\"own.toml\"]\n{configuration}"));
    story.write("own.toml", SILENT);
    let judged = story.check();
    judged.assert_falls(3, "possible").assert_reason("nothing says which comes first");
    assert_eq!(judged.report["covered"], json!([]), "what may go with it covers nothing");
}

#[test]
fn attachments_of_other_clouds_count_too() {
    let attachment = "aws_iam_role_policy_attachment";
    let change = |name: &str, actions: &[&str]| {
        let values = |there: bool| {
            there.then(|| json!({"role": "app", "policy_arn": "arn:aws:iam::1:policy/p", "id": "app-1"}))
        };
        json!({
            "address": format!("{attachment}.{name}"), "mode": "managed", "type": attachment, "name": name,
            "change": {
                "actions": actions,
                "before": values(actions != ["create"]),
                "after": values(actions != ["delete"]),
                "after_unknown": {},
            },
        })
    };
    let deposed = |mut change: Json| {
        change["deposed"] = "00aa11bb".into();
        change
    };
    let cases = [
        ("created first", vec![change("a", &["create", "delete"])], 3),
        ("deleted first", vec![change("a", &["delete", "create"])], 0),
        ("a left-over", vec![deposed(change("a", &["delete"])), change("a", &["no-op"])], 3),
        ("elsewhere too", vec![change("a", &["delete"]), change("b", &["no-op"])], 3),
        ("in no order", vec![change("a", &["delete"]), change("b", &["create"])], 3),
    ];
    for (name, changes, code) in cases {
        let story = Story::mender();
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "resource_changes": changes,
        });
        story.write("plan.json", &plan.to_string());
        let judged = story.check();
        assert_eq!(judged.code, code, "{name}: {:#}", judged.report);
        assert_eq!(judged.by_plan("unknown-users").len(), usize::from(code == 3), "{name}");
    }
}
