//! `mainstay exec`, and mainstay under the name of terraform: what changes something goes through the gate, all else is
//! terraform itself.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::{TestBed, said};
use crate::two_people::{ACCOUNTS, PROVIDERS, accounts};

/// A bed with two accounts, and mainstay on its `PATH` as `terraform`.
fn shimmed(name: &str) -> Option<(TestBed, PathBuf)> {
    let bed = TestBed::new(name)?;
    bed.write("main.tf", PROVIDERS);
    bed.write("accounts.tf", ACCOUNTS);
    bed.init();
    bed.apply();
    let links = bed.path().parent().unwrap().join("links");
    fs::create_dir(&links).unwrap();
    std::os::unix::fs::symlink(bed.program(&[]).get_program(), links.join("terraform")).unwrap();
    Some((bed, links))
}

fn shim(bed: &TestBed, links: &std::path::Path, arguments: &[&str]) -> Command {
    let path = std::env::var_os("PATH").unwrap();
    let path =
        std::env::join_paths([links.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut command = bed.command(links.join("terraform"));
    command.args(arguments).env("PATH", path);
    command
}

/// Command lines that change nothing, and what is wrong with them included.
const PASSED_ON: [&str; 30] = [
    "version",
    "version -json",
    "-version",
    "--version",
    "-help",
    "",
    "plan -help",
    "apply -help",
    "state list",
    "state show azurerm_resource_group.apps",
    "state show nothing.here",
    "state pull",
    "output",
    "output -json",
    "output nothing",
    "show",
    "show -json",
    "show nothing.tfplan",
    "providers",
    "providers schema -json",
    "validate",
    "validate -json",
    "fmt -check",
    "fmt -nonsense",
    "graph",
    "workspace list",
    "workspace show",
    "plan -input=false -no-color -refresh=false",
    "plan -detailed-exitcode -no-color -refresh=false",
    "-chdir=nowhere plan",
];

#[test]
fn thirty_commands_are_terraforms_own() {
    let Some((bed, links)) = shimmed("thirty_commands_are_terraforms_own") else { return };
    for line in PASSED_ON {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (ours, own) = (shim(&bed, &links, &words).output().unwrap(), bed.terraform(&words));
        let all = |output: &Output| {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.code(), text(&output.stdout), text(&output.stderr))
        };
        assert_eq!(all(&ours), all(&own), "terraform {line}");
    }
}

#[test]
fn an_apply_without_a_plan_goes_through_the_gate() {
    let Some((bed, links)) = shimmed("an_apply_without_a_plan_goes_through_the_gate") else { return };
    let identities = || bed.cloud().list("azurerm_user_assigned_identity").len();
    // Nobody has to sign for something new.
    bed.write("more.tf", &ACCOUNTS.replace("api", "web"));
    let output = shim(&bed, &links, &["apply", "-auto-approve", "-no-color"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Apply complete! Resources: 2 added"));
    assert_eq!(identities(), 4);
    for (arguments, why) in [
        (vec!["apply", "-auto-approve", "-no-color"], "people must sign"),
        (vec!["destroy", "-auto-approve", "-no-color"], "people must sign"),
        (vec!["apply", "-no-color", "-input=false"], "nobody can be asked"),
    ] {
        let _ = fs::remove_file(bed.path().join("more.tf"));
        let output = shim(&bed, &links, &arguments).output().unwrap();
        // Whatever the reason: callers give 2 a meaning of their own.
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{arguments:?}: {}", said(&output));
        assert_eq!(identities(), 4, "{arguments:?}");
    }
}

#[test]
fn what_is_done_to_the_state_alone_is_written_down() {
    let Some((bed, links)) = shimmed("what_is_done_to_the_state_alone_is_written_down") else { return };
    let removed =
        shim(&bed, &links, &["state", "rm", "azurerm_user_assigned_identity.api_test"]).output().unwrap();
    assert_eq!(removed.status.code(), Some(0), "{}", said(&removed));
    let list = said(&bed.mainstay(&["ledger", "list"]));
    assert!(list.contains("runs `state rm` without a plan, ended with 0"), "{list}");
    assert!(!list.contains("api_test"), "arguments may be secrets: {list}");
}

#[test]
fn exec_takes_approvals() {
    let Some((office, plan)) = crate::two_people::both_go("exec_takes_approvals") else { return };
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let name = plan.file_name().unwrap().to_str().unwrap();
    let exec = |approvals: &[&str]| {
        let mut arguments = vec!["exec"];
        for approval in approvals {
            arguments.extend(["--approval", approval]);
        }
        arguments.extend(["--", "terraform", "apply", "-no-color", name]);
        office.trusting(&arguments).output().unwrap()
    };
    let one = exec(&["alice.approval"]);
    assert_eq!(one.status.code(), Some(1), "{}", said(&one));
    assert_eq!(accounts(&office), 2);
    let both = exec(&["alice.approval", "bob.approval"]);
    assert_eq!(both.status.code(), Some(0), "{}", said(&both));
    assert_eq!(accounts(&office), 0);
}

#[test]
fn a_refresh_that_forgets_what_is_gone_is_judged_and_recorded() {
    let Some((bed, links)) = shimmed("a_refresh_that_forgets_what_is_gone") else { return };
    bed.cloud().remove("azurerm_user_assigned_identity", "api-test");
    let apply = |more: &[&str]| {
        let arguments = [&["apply", "-refresh-only", "-no-color"], more].concat();
        shim(&bed, &links, &arguments).output().unwrap()
    };
    // Nobody is there to say yes.
    let asked = apply(&[]);
    assert!(said(&asked).contains("update the Terraform state to reflect these"), "{}", said(&asked));
    assert_eq!(asked.status.code(), Some(1), "{}", said(&asked));
    let listed = || String::from_utf8(bed.terraform(&["state", "list"]).stdout).unwrap();
    assert!(listed().contains("api_test"));
    let done = apply(&["-auto-approve"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(said(&done).contains("-refresh-only"), "{}", said(&done));
    assert!(!listed().contains("api_test") && listed().contains("api_production"));
    let list = said(&bed.mainstay(&["ledger", "list"]));
    assert!(list.contains("the apply ends: applied"), "{list}");
}
