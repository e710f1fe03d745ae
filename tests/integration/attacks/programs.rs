//! What no plan holds: the files that it runs; and plans made anew.

use std::fs;
use std::path::Path;

use super::{passes, refused};
use crate::support::office::Office;
use crate::support::said;
use crate::two_people::{ACCOUNTS, PROVIDERS};

/// Both accounts stand, and are gone in the checkout; `policy` goes into `[approval]`, and `more` is what the change adds.
fn scene(name: &str, policy: &str, more: &str) -> Option<Office> {
    let office = Office::new(name)?;
    office.bed.write("main.tf", PROVIDERS);
    office.bed.write("accounts.tf", ACCOUNTS);
    office.open("");
    let trusted = fs::read_to_string(office.file("mainstay.toml")).unwrap();
    office.bed.write("mainstay.toml", &trusted.replace("[approval]\n", &format!("[approval]\n{policy}")));
    office.trust();
    office.bed.init();
    office.bed.apply();
    fs::remove_file(office.file("accounts.tf")).unwrap();
    office.bed.write("more.tf", more);
    Some(office)
}

const HOOK: &str = r#"
resource "terraform_data" "hook" {
  provisioner "local-exec" {
    command = "sh ./hook.sh"
  }
}
"#;

#[test]
fn a_script_that_the_plan_runs_is_the_one_of_the_commit() {
    let Some(office) = scene("a_script_that_the_plan_runs", "", HOOK) else { return };
    office.bed.write("hook.sh", "echo good >> ran\n");
    office.commit("arthur", "Remove the accounts of the test, and say so");
    let plan = office.bed.plan(&[]);
    office.ask(&plan, "rita");
    for person in ["alice", "bob"] {
        let output = office.sign(person, &[]);
        let line = "it runs a program when it is applied: terraform_data.hook";
        assert!(said(&output).contains(line), "{}", said(&output));
    }
    let apply = || office.applying(&plan, &["alice", "bob"]);
    let why = "the plan runs programs (terraform_data.hook), and hook.sh is not as the commit has it";
    office.bed.write("hook.sh", "echo evil >> ran\n");
    refused(&office, "the script swapped", &mut apply(), &[3], why);
    office.git(&["update-index", "--assume-unchanged", "hook.sh"], "arthur");
    refused(&office, "the script hidden", &mut apply(), &[3], why);
    office.git(&["update-index", "--no-assume-unchanged", "hook.sh"], "arthur");
    office.bed.write("hook.sh", "echo good >> ran\n");
    office.bed.write("sh", "echo evil >> ran\n");
    refused(&office, "a file beside it", &mut apply(), &[3], "and sh is not as the commit has it");
    fs::remove_file(office.file("sh")).unwrap();
    passes(&office, &mut apply());
    assert_eq!(fs::read_to_string(office.file("ran")).unwrap(), "good\n");
}

const GRANT: &str = r#"
variable "grant" {
  default = false
}
resource "azurerm_role_assignment" "mine" {
  count                = var.grant ? 1 : 0
  scope                = azurerm_resource_group.apps.id
  role_definition_name = "Owner"
  principal_id         = "11111111-1111-1111-1111-111111111111"
}
"#;

#[test]
fn a_plan_made_anew_may_do_no_more() {
    let Some(office) = scene("a_plan_made_anew_may_do_no_more", "carry_over = true\n", GRANT) else { return };
    office.commit("arthur", "Remove the accounts of the test");
    let plan = office.bed.plan(&[]);
    office.ask(&plan, "rita");
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let apply = |plan: &Path| office.applying(plan, &["alice", "bob"]);
    // The same losses, of the same commit, and a grant to who planned it.
    let more = office.bed.plan(&["-var=grant=true"]);
    refused(&office, "a grant added", &mut apply(&more), &[3], "does more than the one that was signed for");
    let worse = office.bed.plan(&["-destroy"]);
    refused(
        &office,
        "more destroyed",
        &mut apply(&worse),
        &[3],
        "does more than the one that was signed for",
    );
    let again = office.bed.plan_anew(&plan);
    passes(&office, &mut apply(&again));
    assert!(office.bed.cloud().list("azurerm_role_assignment").is_empty());
}
