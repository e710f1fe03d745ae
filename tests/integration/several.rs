//! Several plans and states at once: one estate, and what one workspace uses of another.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value as Json, json};

use crate::support::story::Judged;
use crate::support::{TestBed, program, said};

const CONFIG: &str = r#"
[[workload]]
name = "app"
criticality = "critical"
match = ["*terraform_data.app"]

[[workload]]
name = "safe"
criticality = "critical"
match = ["*terraform_data.safe"]
"#;

/// A network, of which one part can go.
const NETWORK: &str = r#"
variable "gone" {
  default = false
}
resource "terraform_data" "network" {
  count = var.gone ? 0 : 1
  input = "vnet-1"
}
resource "terraform_data" "other" {
  input = "o"
}
output "network_id" {
  value = one(terraform_data.network[*].id)
}
output "other_id" {
  value = terraform_data.other.id
}
"#;

const APP: &str = r#"
data "terraform_remote_state" "net" {
  backend = "local"
  config  = { path = "../net/terraform.tfstate" }
}
resource "terraform_data" "app" {
  input = data.terraform_remote_state.net.outputs.network_id
}
resource "terraform_data" "safe" {
  input = data.terraform_remote_state.net.outputs.other_id
}
"#;

/// Two workspaces, applied; the plan of the first takes away what the second uses, that of the second changes nothing.
fn workspaces(name: &str) -> Option<TestBed> {
    let bed = TestBed::new(name)?;
    bed.write("mainstay.toml", CONFIG);
    bed.write("net/main.tf", NETWORK);
    bed.write("app/main.tf", APP);
    for (folder, arguments) in [("net", ["-var", "gone=true"].as_slice()), ("app", &[])] {
        let run = |arguments: &[&str]| {
            let output = bed
                .command("terraform")
                .current_dir(bed.path().join(folder))
                .args(arguments)
                .output()
                .unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", said(&output));
            output.stdout
        };
        run(&["init", "-input=false", "-no-color"]);
        run(&["apply", "-auto-approve", "-input=false", "-no-color"]);
        run(&[&["plan", "-input=false", "-no-color", "-out=tfplan.tfplan"], arguments].concat());
        bed.write(
            &format!("{folder}/tfplan.json"),
            &String::from_utf8(run(&["show", "-json", "tfplan.tfplan"])).unwrap(),
        );
        bed.write(&format!("{folder}/state.json"), &String::from_utf8(run(&["show", "-json"])).unwrap());
    }
    Some(bed)
}

fn check(bed: &TestBed, arguments: &[&str]) -> Output {
    bed.mainstay(&[&["check", "--format", "json"], arguments].concat())
}

/// The workloads that a plan breaks, certainly or possibly.
fn broken(output: &Output) -> Vec<String> {
    let report = Judged::of(output).report;
    let findings = report["findings"].as_array().unwrap().iter();
    let mut names: Vec<String> = findings
        .filter(|finding| finding["rule"] == "breaks-workload" && finding["cause"] == "plan")
        .flat_map(|finding| finding["affects"].as_array().unwrap().clone())
        .map(|affected| affected["workload"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn what_another_workspace_uses_by_an_output_is_found() {
    let Some(bed) = workspaces("what_another_workspace_uses_by_an_output_is_found") else { return };
    // Alone, the plan breaks nothing that is known.
    assert_eq!(broken(&check(&bed, &["net/tfplan.json"])), [""; 0]);
    // A plan says which output is used.
    let both = check(&bed, &["net/tfplan.json", "app/tfplan.json"]);
    assert_eq!((both.status.code(), broken(&both)), (Some(3), vec!["app".to_owned()]), "{}", said(&both));
    let turned = check(&bed, &["app/tfplan.json", "net/tfplan.json"]);
    assert_eq!(broken(&turned), ["app"], "{}", said(&turned));
    // A state does not: any of them may be.
    for state in ["app/terraform.tfstate", "app/state.json"] {
        let with_state = check(&bed, &["net/tfplan.json", "--snapshot", state]);
        assert_eq!(with_state.status.code(), Some(3), "{}", said(&with_state));
        assert_eq!(broken(&with_state), ["app", "safe"], "{state}");
        let source = &Judged::of(&with_state).report["sources"][0];
        assert_eq!((&source["kind"], &source["objects"]), (&json!("terraform:state"), &json!(3)));
        assert_eq!(source["complete"], false, "nothing says how old it is");
    }
}

#[test]
fn a_directory_is_judged_as_one() {
    let Some(bed) = workspaces("a_directory_is_judged_as_one") else { return };
    let whole = check(&bed, &["."]);
    assert_eq!((whole.status.code(), broken(&whole)), (Some(3), vec!["app".to_owned()]), "{}", said(&whole));
    let report = Judged::of(&whole).report;
    let paths: Vec<&Json> = report["plans"].as_array().unwrap().iter().map(|plan| &plan["path"]).collect();
    assert_eq!(paths, ["./app/tfplan.json", "./net/tfplan.json"], "JSON before the plan file beside it");
    assert!(report["notes"].to_string().contains("app/state.json: a state, not used"), "{report:#}");
    // Without the JSON the plan files are shown where they lie.
    fs::remove_file(bed.path().join("app/tfplan.json")).unwrap();
    fs::remove_file(bed.path().join("net/tfplan.json")).unwrap();
    let shown = check(&bed, &["."]);
    assert_eq!((shown.status.code(), broken(&shown)), (Some(3), vec!["app".to_owned()]), "{}", said(&shown));
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program::run(
        program::program().current_dir(folder).args(["check", "--now", "2026-01-01"]).args(arguments),
    )
}

const EMPTY: &str =
    r#"{"format_version":"1.2","terraform_version":"1.11.4","errored":false,"complete":true}"#;

#[test]
fn no_plan_of_a_directory_goes_unjudged() {
    let plan = format!("{},\"resource_changes\":[]}}", EMPTY.trim_end_matches('}'));
    let good = ("a/tfplan.json", plan.as_str());
    let log = "{\"@level\":\"info\",\"@message\":\"x\"}\n";
    for (name, text, code, expect) in [
        (
            "b/tfplan.json",
            "{\"format_version\":\"1.2\",\"resource_changes\":[",
            2,
            "b/tfplan.json: not a single JSON",
        ),
        ("b/tfplan.json", "", 2, "b/tfplan.json: not a single JSON document: the file is empty"),
        ("b/prod.tfplan", "", 2, "b/prod.tfplan: not a single JSON document: the file is empty"),
        ("b/tfplan.json", "{", 2, "b/tfplan.json: not a single JSON document"),
        ("b/settings.json", "// for people", 0, "no changes"),
        ("b/tfplan.json", log, 2, "this is the log"),
        ("b/tfplan.tfplan", r#"{"remote_plan_format":1,"run_id":"run-1"}"#, 2, "only names a plan"),
        (
            "b/tfplan.tfplan",
            r#"{"meta":{},"encrypted_data":"x","encryption_version":"v0"}"#,
            2,
            "tofu show -json",
        ),
        ("b/package.json", r#"{"name":"x"}"#, 0, "no changes"),
        ("b/notes.json", "{ not JSON", 0, "no changes"),
        ("b/lambda.zip", "PK\u{3}\u{4}", 0, "no changes"),
        ("b/tfplan.json", plan.as_str(), 0, "b/tfplan.json: the same plan as ./a/tfplan.json"),
        (".terragrunt-cache/tfplan.json", "{\"resource_changes\":[", 0, "no changes"),
    ] {
        let folder = folder(&[good, (name, text)]);
        let output = run(folder.path(), &["."]);
        assert_eq!(output.status.code(), Some(code), "{name}: {}", said(&output));
        let told = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(expect), "{name}: {told}");
    }
    let nothing = folder(&[("x.json", "{}")]);
    let output = run(nothing.path(), &["."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("no plan in it"), "{}", said(&output));
}

/// A plan of these entries, of resources that stand, and of what drifted.
fn plan(changes: &Json, standing: &Json, drift: &Json) -> String {
    json!({"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-01-01T00:00:00Z", "errored": false,
        "complete": true, "resource_changes": changes, "resource_drift": drift,
        "prior_state": {"values": {"root_module": {"resources": standing}}}})
    .to_string()
}

fn change(address: &str, actions: &[&str], before: Json, after: Json, more: Json) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    let mut change = json!({"actions": actions, "before": before, "after": after});
    change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "change": change})
}

fn standing(address: &str, id: &str, depends_on: &[&str]) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "values": {"id": id}, "depends_on": depends_on})
}

const APP_RATED: &str =
    "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"*acme_app.x\"]\n";

#[test]
fn one_object_under_two_addresses_goes_under_both() {
    let deleted = change("acme_net.old", &["delete"], json!({"id": "net-1"}), Json::Null, json!({}));
    let imported = |actions: &[&str]| {
        let sides = json!({"id": "net-1"});
        change("acme_net.new", actions, sides.clone(), sides, json!({"importing": {"id": "net-1"}}))
    };
    let app = standing("acme_app.x", "app-1", &["acme_net.new"]);
    for actions in [["no-op"], ["update"]] {
        let text = plan(&json!([deleted, imported(&actions)]), &json!([app]), &json!([]));
        let folder = folder(&[("mainstay.toml", APP_RATED), ("plan.json", &text)]);
        let output = run(folder.path(), &["plan.json", "--format", "json"]);
        assert_eq!(
            (output.status.code(), broken(&output)),
            (Some(3), vec!["app".to_owned()]),
            "{}",
            said(&output)
        );
        let told = Judged::of(&output).report["notes"].to_string();
        assert!(
            told.contains("acme_net.new, which is imported, is the same object as acme_net.old"),
            "{told}"
        );
    }
    // Another id is another object.
    let other = change("acme_net.old", &["delete"], json!({"id": "net-2"}), Json::Null, json!({}));
    let text = plan(&json!([other, imported(&["no-op"])]), &json!([app]), &json!([]));
    let folder = folder(&[("mainstay.toml", APP_RATED), ("plan.json", &text)]);
    assert_eq!(broken(&run(folder.path(), &["plan.json", "--format", "json"])), [""; 0]);
}

#[test]
fn a_state_of_the_same_workspace_does_not_hide_what_its_plan_deletes() {
    let deleted = change("acme_net.x", &["delete"], json!({"id": "net-1"}), Json::Null, json!({}));
    let text =
        plan(&json!([deleted]), &json!([standing("acme_app.x", "app-1", &["acme_net.x"])]), &json!([]));
    let state = json!({"version": 4, "serial": 1, "lineage": "l", "outputs": {}, "resources": [
        {"mode": "managed", "type": "acme_net", "name": "x", "instances": [{"attributes": {"id": "net-1"}}]},
        {"mode": "managed", "type": "acme_app", "name": "x", "instances": [
            {"attributes": {"id": "app-1"}, "dependencies": ["acme_net.x"]}]}]});
    let sidecar = r#"{"taken_at": "2025-12-31T00:00:00Z"}"#;
    let folder = folder(&[
        ("mainstay.toml", APP_RATED),
        ("plan.json", &text),
        ("states/terraform.tfstate", &state.to_string()),
        ("states/terraform.tfstate.meta.json", sidecar),
    ]);
    let output = run(folder.path(), &["plan.json", "--snapshot", "states", "--format", "json"]);
    assert_eq!(
        (output.status.code(), broken(&output)),
        (Some(3), vec!["app".to_owned()]),
        "{}",
        said(&output)
    );
    let source = &Judged::of(&output).report["sources"][0];
    assert_eq!((&source["complete"], &source["objects"]), (&json!(true), &json!(2)));
    // Nor does it list who uses anything.
    let told = Judged::of(&output).report["findings"].to_string();
    assert!(told.contains("who uses it is not known"), "{told}");
}

#[test]
fn what_was_deleted_outside_is_told_and_what_rests_on_it_does_not_hold() {
    let created =
        change("acme_net.x", &["create"], Json::Null, json!({}), json!({"after_unknown": {"id": true}}));
    let drift = change("acme_net.x", &["delete"], json!({"id": "net-1"}), Json::Null, json!({}));
    let app = standing("acme_app.x", "app-1", &["acme_net.x"]);
    for (changes, then) in [(json!([created]), "makes another one"), (json!([]), "does not make it anew")] {
        let text = plan(&changes, &json!([app]), &json!([drift]));
        let folder = folder(&[("mainstay.toml", APP_RATED), ("plan.json", &text)]);
        let output = run(folder.path(), &["plan.json"]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let told = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("warning[drifted]: acme_net.x was deleted outside terraform"), "{told}");
        assert!(told.contains(then), "{told}");
    }
}

#[test]
fn old_states_are_refused_by_name_and_doubted_in_a_directory() {
    let old = r#"{"version":3,"serial":1,"lineage":"l","modules":[]}"#;
    let folder =
        folder(&[("s/old.tfstate", old), ("s/new.tfstate", r#"{"version":4,"serial":1,"lineage":"l"}"#)]);
    let output = run(folder.path(), &["--snapshot", "s/old.tfstate"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("a state of version 3"), "{}", said(&output));
    let output = run(folder.path(), &["--snapshot", "s", "--format", "json"]);
    let sources = Judged::of(&output).report["sources"].clone();
    assert!(sources[1]["why_incomplete"].as_str().unwrap().contains("version 3"), "{sources:#}");
}
