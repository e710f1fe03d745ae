//! Two people, end to end: real terraform, real `ssh-keygen`, a real ledger; what counts is what reached the cloud.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::office::Office;
use crate::support::{program, said};

pub const PROVIDERS: &str = r#"
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}
provider "azurerm" {
  features {}
}
resource "azurerm_resource_group" "apps" {
  name     = "apps"
  location = "westeurope"
}
"#;

/// Two accounts that go in one batch, as on 16 February 2021 at ServiceChannel: one is a test's, and one is not.
pub const ACCOUNTS: &str = r#"
resource "azurerm_user_assigned_identity" "api_test" {
  name                = "api-test"
  location            = azurerm_resource_group.apps.location
  resource_group_name = azurerm_resource_group.apps.name
}
resource "azurerm_user_assigned_identity" "api_production" {
  name                = "api-production"
  location            = azurerm_resource_group.apps.location
  resource_group_name = azurerm_resource_group.apps.name
}
"#;

/// Both accounts stand; a change by arthur deletes them, is planned, and rita has asked people to sign for it.
pub fn both_go(name: &str) -> Option<(Office, PathBuf)> {
    let office = Office::new(name)?;
    office.bed.write("main.tf", PROVIDERS);
    office.bed.write("accounts.tf", ACCOUNTS);
    office.open("");
    office.bed.init();
    office.bed.apply();
    fs::remove_file(office.bed.path().join("accounts.tf")).unwrap();
    office.commit("arthur", "Remove the accounts of the test");
    let plan = office.bed.plan(&[]);
    office.ask(&plan, "rita");
    Some((office, plan))
}

pub fn accounts(office: &Office) -> usize {
    office.bed.cloud().list("azurerm_user_assigned_identity").len()
}

#[test]
fn two_others_and_nobody_else_let_it_through_once() {
    let Some((office, plan)) = both_go("two_others_and_nobody_else_let_it_through_once") else { return };
    for person in ["alice", "bob", "rita", "arthur", "erin", "rob"] {
        office.sign(person, &[]);
    }
    fs::rename(office.file("bob.approval"), office.file("bob-1.approval")).unwrap();
    office.sign_with("bob-2", &[]);
    fs::rename(office.file("bob.approval"), office.file("bob-2.approval")).unwrap();
    let state = fs::read(office.bed.path().join("terraform.tfstate")).unwrap();
    let refused: [(&str, &[&str], &str); 8] = [
        ("nobody", &[], "0 of 2"),
        ("one", &["alice"], "1 of 2"),
        ("one, twice", &["alice", "alice"], "one person counts once"),
        ("one with two keys", &["bob-1", "bob-2"], "one person counts once"),
        ("who asks", &["alice", "rita"], "asked for it"),
        ("an author", &["alice", "arthur"], "an author of the change"),
        ("a key that has ended", &["alice", "erin"], "counted until"),
        ("a key that was revoked", &["alice", "rob"], "revoked"),
    ];
    for (who, approvals, why) in refused {
        let output = office.apply(&plan, approvals);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(3), "{who}: {text}");
        assert!(text.contains(why), "{who}: {text}");
        assert_eq!(accounts(&office), 2, "{who}");
    }
    let output = office.apply(&plan, &["alice", "bob-1"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(accounts(&office), 0);

    // The same again, with the state and the accounts put back as they were: only the ledger knows.
    office.bed.write("accounts.tf", ACCOUNTS);
    office.bed.apply();
    fs::write(office.bed.path().join("terraform.tfstate"), state).unwrap();
    let again = office.apply(&plan, &["alice", "bob-1"]);
    assert_eq!(again.status.code(), Some(3), "{}", said(&again));
    assert!(said(&again).contains("used already"), "{}", said(&again));
    assert_eq!(accounts(&office), 2);
    let list = office.mainstay(&["ledger", "list"]);
    let text = said(&list);
    for line in ["rita asks 2 people", "alice approves", "2 approvals are used", "the apply ends: applied"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let whole = office.mainstay(&["ledger", "verify"]);
    assert_eq!(whole.status.code(), Some(0), "{}", said(&whole));
}

#[test]
fn whose_signature_will_not_count_is_told_when_they_sign() {
    let Some((office, plan)) = both_go("whose_signature_will_not_count_is_told") else { return };
    assert!(said(&office.sign("rita", &[])).contains("this will not count: rita asked for it"));
    let sign = |person: &str| {
        let key = office.key(person);
        let arguments =
            ["approve", "request.json", "--plan", plan.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let mut command = office.trusting(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"0\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        said(&output)
    };
    assert!(sign("arthur").contains("this will not count: arthur is an author of the change"));
    assert!(!sign("alice").contains("will not count"));
}

#[test]
fn one_no_is_more_than_two_yes() {
    let Some((office, plan)) = both_go("one_no_is_more_than_two_yes") else { return };
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    office.sign("carol", &["--reject", "--reason", "the production account is in use"]);
    // Its file is not given: the ledger has it.
    let output = office.apply(&plan, &["alice", "bob"]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("carol has said no"), "{}", said(&output));
    assert_eq!(accounts(&office), 2);
}

fn keygen(arguments: &[&str], stdin: &Path) -> Output {
    let stdin = fs::File::open(stdin).unwrap();
    Command::new("ssh-keygen").args(arguments).stdin(stdin).output().unwrap()
}

#[test]
fn an_approval_taken_apart_is_one_for_ssh_keygen() {
    let Some((office, _)) = both_go("an_approval_taken_apart_is_one_for_ssh_keygen") else { return };
    office.sign("alice", &[]);
    let output = office.mainstay(&["approval", "extract", "alice.approval"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let roster = office.file("allowed_signers");
    let verify = |principal: &str| {
        let signature = office.file("alice.statement.json.sig");
        let arguments = [
            "-Y",
            "verify",
            "-n",
            "approval@mainstay.dev",
            "-I",
            principal,
            "-f",
            roster.to_str().unwrap(),
            "-s",
            signature.to_str().unwrap(),
        ];
        keygen(&arguments, &office.file("alice.statement.json"))
    };
    assert!(verify("alice@example.com").status.success(), "{}", said(&verify("alice@example.com")));
    assert!(!verify("bob@example.com").status.success());
    let shown = office.mainstay(&["approval", "show", "alice.approval"]);
    assert!(said(&shown).contains("alice approves request sha256:"), "{}", said(&shown));
}

#[test]
fn nothing_by_which_is_judged_comes_from_what_is_applied() {
    let Some((office, plan)) = both_go("nothing_by_which_is_judged_comes_from_what_is_applied") else {
        return;
    };
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let apply = |more: &[&str]| {
        let mut arguments = vec![
            "apply",
            plan.to_str().unwrap(),
            "--approval",
            "alice.approval",
            "--approval",
            "bob.approval",
        ];
        arguments.extend(more);
        office.bed.program(&arguments).output().unwrap()
    };
    // The configuration of the checkout; and none, in which nobody may sign.
    let own = apply(&["--config", "mainstay.toml"]);
    assert_eq!(own.status.code(), Some(2), "{}", said(&own));
    assert!(said(&own).contains("a change could bring its own"), "{}", said(&own));
    let none = apply(&[]);
    assert_eq!(none.status.code(), Some(3), "{}", said(&none));
    assert!(said(&none).contains("mainstay.toml is not used"), "{}", said(&none));
    // A name that an earlier step may have moved.
    let named = apply(&["--trusted-commit", "main"]);
    assert_eq!(named.status.code(), Some(2), "{}", said(&named));
    // A ledger that the change brings: an old copy, in which nothing was used yet.
    fs::write(office.file(".gitignore"), "*.tfstate*\n*.tfplan\n.terraform*\n").unwrap();
    office.commit("arthur", "Keep the ledger with the code");
    let ledger = office.apply(&plan, &["alice", "bob"]);
    assert_eq!(ledger.status.code(), Some(2), "{}", said(&ledger));
    assert!(said(&ledger).contains(".mainstay/ledger.db"), "{}", said(&ledger));
    assert_eq!(accounts(&office), 2);
}

#[test]
fn a_check_reads_the_snapshots_of_the_trusted_commit() {
    let Some(office) = Office::new("a_check_reads_the_snapshots_of_the_trusted_commit") else { return };
    office.bed.write("main.tf", PROVIDERS);
    office.bed.write("snapshots/cluster.json", r#"{"apiVersion": "v1", "kind": "List", "items": []}"#);
    office.bed.write("snapshots/cluster.json.meta.json", r#"{"taken_at": "2026-01-01T00:00:00Z"}"#);
    office.open("[[snapshot]]\npath = \"snapshots\"\n");
    office.bed.init();
    let plan = office.bed.plan(&[]);
    // The change takes it away.
    fs::remove_dir_all(office.file("snapshots")).unwrap();
    office.commit("arthur", "Take the snapshots away");
    let output = office.trusting(&["check", plan.to_str().unwrap()]).output().unwrap();
    let text = said(&output);
    assert!(text.contains("snapshots/cluster.json   kubernetes"), "{text}");
    assert!(text.contains("error[edits-policy]"), "{text}");
    assert_eq!(output.status.code(), Some(3), "{text}");
    // Nothing is let through by a check, so that a name will do. Where something is, it will not.
    let by_name = |command: &str| {
        let arguments = [command, plan.to_str().unwrap(), "--trusted-commit", "main~1"];
        program::run(&mut office.bed.program(&arguments))
    };
    assert_eq!(by_name("check").stdout, output.stdout);
    for command in ["verify", "apply", "request"] {
        let refused = by_name(command);
        assert_eq!(refused.status.code(), Some(2), "{command}");
        assert!(said(&refused).contains("is no full commit id"), "{}", said(&refused));
    }
}

/// What a population is compared with is no word of the change that is judged.
#[test]
fn an_inventory_is_that_of_the_trusted_commit() {
    let Some(office) = Office::new("an_inventory_is_that_of_the_trusted_commit") else { return };
    let device = |udid: &str| {
        format!(
            "resource \"jumpcloud_mdm_device\" \"mac\" {{\n  serial_number = \"C1\"\n  platform = \"macOS\"\n  udid = \"{udid}\"\n}}\n"
        )
    };
    let provider =
        "terraform {\n  required_providers {\n    jumpcloud = { source = \"example/jumpcloud\" }\n  }\n}\n";
    office.bed.write("main.tf", &format!("{provider}{}", device("A-1")));
    office.bed.write("devices.csv", "udid\nA-1\n");
    // A day that has not come is never too old.
    office.bed.write("devices.csv.meta.json", r#"{"taken_at": "2099-01-01T00:00:00Z"}"#);
    office.open(
        "[[population]]\nname = \"devices\"\nmatch = [\"*_mdm_device.*\"]\nkey = \"udid\"\n\
         inventory = \"devices.csv\"\n",
    );
    office.bed.init();
    // The change brings an inventory that knows its device already.
    office.bed.write("main.tf", &format!("{provider}{}", device("B-2")));
    office.bed.write("devices.csv", "udid\nB-2\n");
    office.commit("arthur", "Enrol another one");
    let plan = office.bed.plan(&[]);
    let trusting = office.trusting(&["check", plan.to_str().unwrap()]).output().unwrap();
    let text = said(&trusting);
    assert!(text.contains("1 of 1 devices matches no row of devices.csv by `udid`"), "{text}");
    assert!(text.contains("error[edits-policy]"), "{text}");
    assert_eq!(trusting.status.code(), Some(3), "{text}");
    let here = office.bed.mainstay(&["check", plan.to_str().unwrap()]);
    assert!(!said(&here).contains("identity-mismatch"), "{}", said(&here));
}

#[test]
fn several_plans_are_signed_for_together_and_verified_together() {
    let Some((office, plan)) = both_go("several_plans_are_signed_for_together") else { return };
    let other = office.bed.plan(&["-target=azurerm_user_assigned_identity.api_test"]);
    let (plan, other) = (plan.to_str().unwrap(), other.to_str().unwrap());
    let key = office.key("rita");
    let arguments = ["request", plan, other, "--key", key.to_str().unwrap()];
    let asked = program::run(&mut office.trusting(&arguments));
    assert!(said(&asked).contains("`mainstay apply` takes a request of one plan"), "{}", said(&asked));
    let typed = |person| said(&office.sign(person, &[]));
    for person in ["alice", "bob"] {
        assert!(typed(person).contains("approves"), "{person}");
    }
    let verify = |plans: &[&str]| {
        let approvals = ["--approval", "alice.approval", "--approval", "bob.approval"];
        program::run(&mut office.trusting(&[&["verify"], plans, &approvals].concat())).status.code()
    };
    assert_eq!(verify(&[plan, other]), Some(0));
    assert_eq!(verify(&[plan]), Some(3), "the other is not there");
    assert_eq!(office.apply(Path::new(plan), &["alice", "bob"]).status.code(), Some(3));
    assert_eq!(accounts(&office), 2);
}
