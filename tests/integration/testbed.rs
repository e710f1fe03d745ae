//! The test bed itself, before anything is tested in it.
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{TestBed, said};

const ESTATE: &str = r#"
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
  tags     = { team = "platform" }
}
resource "azurerm_user_assigned_identity" "app" {
  name                = "app"
  location            = azurerm_resource_group.dns.location
  resource_group_name = azurerm_resource_group.dns.name
}
"#;

const GRANT: &str = r#"
resource "azurerm_role_assignment" "app" {
  scope                = azurerm_resource_group.dns.id
  role_definition_name = "DNS Zone Contributor"
  principal_id         = azurerm_user_assigned_identity.app.principal_id
}
"#;

const SUBSCRIPTION: &str = "/subscriptions/11111111-2222-4333-8444-555555555555";

fn applied(name: &str) -> Option<TestBed> {
    let bed = TestBed::new(name)?;
    bed.write("main.tf", ESTATE);
    bed.write("grant.tf", GRANT);
    bed.init();
    bed.apply();
    Some(bed)
}

/// Waits until no process of the bed is left.
fn ended(bed: &TestBed) -> bool {
    let start = Instant::now();
    while providers(bed) > 0 && start.elapsed() < Duration::from_secs(12) {
        sleep(Duration::from_millis(50));
    }
    providers(bed) == 0
}

/// The same, and none has left its socket behind.
fn gone(bed: &TestBed) -> bool {
    ended(bed) && fs::read_dir(bed.sockets()).unwrap().count() == 0
}

/// How many processes run in the bed's environment (where there is a `/proc`), told by the path of its cloud.
fn providers(bed: &TestBed) -> usize {
    let folder = bed.path();
    let mark = folder.parent().unwrap().join("cloud");
    let Ok(processes) = fs::read_dir("/proc") else { return 0 };
    let has = |path: &Path| {
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(mark.to_str().unwrap())
    };
    processes.flatten().filter(|process| has(&process.path())).count()
}

#[test]
fn creates_plans_and_deletes() {
    let Some(bed) = applied("creates_plans_and_deletes") else { return };
    let grant = bed.state("azurerm_role_assignment.app");
    let identity = bed.state("azurerm_user_assigned_identity.app");
    let role = "providers/Microsoft.Authorization/roleDefinitions/befefa01-2a29-4197-83a8-272ff33ce314";
    assert_eq!(grant["role_definition_id"], format!("{SUBSCRIPTION}/{role}"));
    assert_eq!(grant["principal_id"], identity["principal_id"]);
    assert_eq!(bed.cloud().list("azurerm_role_assignment").len(), 1);

    assert!(bed.mainstay(&["--version"]).status.success());

    fs::remove_file(bed.path().join("grant.tf")).unwrap();
    let plan = bed.show_json(&bed.plan(&[]));
    let change = &plan["resource_changes"].as_array().unwrap()[1];
    assert_eq!(change["address"], "azurerm_role_assignment.app");
    assert_eq!(change["change"]["actions"], serde_json::json!(["delete"]));
    assert_eq!(bed.cloud().ops().len(), 3, "planning changes nothing");

    bed.apply();
    let deletion = format!("delete azurerm_role_assignment {}", grant["id"].as_str().unwrap());
    assert_eq!(bed.cloud().ops().last(), Some(&deletion));
    assert!(bed.cloud().list("azurerm_role_assignment").is_empty());
}

#[test]
fn the_same_history_gives_the_same_ids() {
    let (Some(one), Some(other)) = (applied("same_ids, one"), applied("same_ids, other")) else { return };
    for kind in ["azurerm_resource_group", "azurerm_user_assigned_identity", "azurerm_role_assignment"] {
        assert_eq!(one.cloud().list(kind), other.cloud().list(kind));
    }
    // Made anew under its old name, an identity is somebody else.
    one.terraform(&["apply", "-auto-approve", "-replace=azurerm_user_assigned_identity.app"]);
    let principal =
        |bed: &TestBed| bed.cloud().get("azurerm_user_assigned_identity", "app")["principal_id"].clone();
    assert_ne!(principal(&one), principal(&other));
}

#[test]
fn what_is_deleted_or_changed_outside_is_drift() {
    let Some(bed) = applied("what_is_deleted_or_changed_outside_is_drift") else { return };
    let grant = bed.state("azurerm_role_assignment.app");
    bed.cloud().remove("azurerm_role_assignment", grant["id"].as_str().unwrap());
    bed.cloud().edit("azurerm_resource_group", "dns", |group| group["tags"]["team"] = "somebody".into());
    let plan = bed.show_json(&bed.plan(&[]));
    let drift = plan["resource_drift"].as_array().unwrap();
    let action = |address: &str| {
        let entry = drift.iter().find(|entry| entry["address"] == address);
        entry.unwrap_or_else(|| panic!("no drift of {address}: {drift:?}"))["change"]["actions"][0].clone()
    };
    assert_eq!(action("azurerm_role_assignment.app"), "delete");
    assert_eq!(action("azurerm_resource_group.dns"), "update");
}

#[test]
fn a_failed_delete_leaves_the_object() {
    let Some(bed) = applied("a_failed_delete_leaves_the_object") else { return };
    fs::remove_file(bed.path().join("grant.tf")).unwrap();
    bed.set("STANDIN_FAIL", "delete azurerm_role_assignment");
    let output = bed.terraform(&["apply", "-auto-approve", "-no-color"]);
    assert!(!output.status.success());
    assert!(said(&output).contains("delete azurerm_role_assignment: told to fail"), "{}", said(&output));
    assert_eq!(bed.cloud().list("azurerm_role_assignment").len(), 1);
    assert!(!bed.cloud().ops().iter().any(|operation| operation.starts_with("delete")));

    bed.unset("STANDIN_FAIL");
    bed.apply();
    assert!(bed.cloud().list("azurerm_role_assignment").is_empty());
}

#[test]
fn an_object_can_be_imported() {
    let Some(bed) = applied("an_object_can_be_imported") else { return };
    assert!(bed.terraform(&["state", "rm", "azurerm_role_assignment.app"]).status.success());
    let id = bed.cloud().list("azurerm_role_assignment")[0]["id"].clone();
    bed.write("import.tf", &format!("import {{\n  to = azurerm_role_assignment.app\n  id = {id}\n}}\n"));
    let plan = bed.show_json(&bed.plan(&[]));
    let changes = plan["resource_changes"].as_array().unwrap();
    let imported = changes.iter().find(|change| change["address"] == "azurerm_role_assignment.app").unwrap();
    assert_eq!(imported["change"]["actions"][0], "no-op");
    assert_eq!(imported["change"]["importing"]["id"], id);
}

#[test]
fn azure_refuses_the_same_assignment_twice() {
    let Some(bed) = applied("azure_refuses_the_same_assignment_twice") else { return };
    bed.write("again.tf", &GRANT.replace("\"app\" {", "\"again\" {"));
    let output = bed.terraform(&["apply", "-auto-approve", "-no-color"]);
    assert!(said(&output).contains("already exists"), "{}", said(&output));
    assert_eq!(bed.cloud().list("azurerm_role_assignment").len(), 1);
}

#[test]
fn no_provider_outlives_terraform() {
    let Some(bed) = applied("no_provider_outlives_terraform") else { return };
    assert!(gone(&bed), "after terraform has ended");

    // Killed in the midst of an apply.
    bed.set("STANDIN_SLOW", "update azurerm_resource_group=60000");
    bed.write("main.tf", &ESTATE.replace("platform", "edge"));
    let mut terraform = modifying(&bed);
    assert!(fs::read_dir(bed.sockets()).unwrap().count() > 0);
    assert!(providers(&bed) > 1 || !cfg!(target_os = "linux"), "terraform and its provider are seen");
    terraform.kill().unwrap();
    terraform.wait().unwrap();
    assert!(gone(&bed), "after terraform was killed");
    assert_eq!(bed.cloud().ops().len(), 3, "the slow update never happened");

    // Given up at the handshake. Terraform may kill its providers then, so that a socket stays behind.
    bed.unset("TF_DISABLE_PLUGIN_TLS");
    assert!(!bed.terraform(&["plan"]).status.success());
    assert!(ended(&bed), "after a failed handshake");
}

#[test]
fn an_interrupt_stops_what_is_slow_and_keeps_the_state_whole() {
    let Some(bed) = applied("an_interrupt_stops_what_is_slow_and_keeps_the_state_whole") else { return };
    bed.set("STANDIN_SLOW", "update azurerm_resource_group=60000");
    bed.write("main.tf", &ESTATE.replace("platform", "edge"));
    let mut terraform = modifying(&bed);
    // As Ctrl-C does it, to the whole process group: the provider must not die of it.
    let group = format!("-{}", terraform.id());
    assert!(bed.command("kill").args(["-INT", "--", &group]).status().unwrap().success());
    assert!(!terraform.wait().unwrap().success());
    let out = fs::read_to_string(bed.path().join("out")).unwrap();
    assert!(out.contains("stopped before it began"), "{out}");
    assert!(gone(&bed));
    bed.unset("STANDIN_SLOW");
    bed.apply();
    assert_eq!(bed.cloud().ops().len(), 4);
}

/// Starts an apply that hangs in its update, in a process group of its own.
fn modifying(bed: &TestBed) -> Child {
    let out = fs::File::create(bed.path().join("out")).unwrap();
    let mut command = bed.command("terraform");
    command.args(["apply", "-auto-approve", "-no-color"]).process_group(0);
    let terraform = command.stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
    let start = Instant::now();
    while !fs::read_to_string(bed.path().join("out")).unwrap().contains("Modifying...") {
        assert!(start.elapsed() < Duration::from_secs(30), "the apply never began");
        sleep(Duration::from_millis(50));
    }
    terraform
}

#[test]
fn the_other_providers_serve_too() {
    let Some(bed) = TestBed::new("the_other_providers_serve_too") else { return };
    bed.copy_dir(&crate::support::standin::here().join("tests/integration/support/every-type"));
    bed.init();
    bed.apply();
    let plan = bed.show_json(&bed.plan(&[]));
    let changes = plan["resource_changes"].as_array().unwrap();
    for change in changes {
        assert_eq!(change["change"]["actions"][0], "no-op", "{} is not stable", change["address"]);
    }
    let schema: serde_json::Value =
        serde_json::from_slice(&fs::read(crate::support::standin::schema_file()).unwrap()).unwrap();
    for provider in schema["providers"].as_object().unwrap().values() {
        for kind in provider["resources"].as_object().unwrap().keys() {
            assert!(changes.iter().any(|change| change["type"] == **kind), "every-type has no {kind}");
        }
    }
    assert_eq!(plan["planned_values"]["outputs"]["same"]["value"], true, "a data source finds the object");
    let password = bed.state("azuread_application_password.ci");
    assert!(password["id"].as_str().unwrap().contains(password["key_id"].as_str().unwrap()));
    bed.terraform(&["destroy", "-auto-approve"]);
    assert!(bed.cloud().list("azurerm_key_vault").is_empty());
}
