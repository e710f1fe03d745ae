//! `kill -9` at every step of an apply: an approval is never used twice, an apply that started is in the ledger, and
//! the ledger is whole.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::office::Office;
use crate::support::said;
use crate::two_people::{accounts, both_go};

/// Terraform, but that it kills who called it: just before or just after it does what is named.
fn deadly(office: &Office, step: &str, before: bool) -> std::path::PathBuf {
    let path = office.bed.path().parent().unwrap().join("deadly");
    let found = Command::new("sh").args(["-c", "command -v terraform"]).output().unwrap();
    let real = String::from_utf8(found.stdout).unwrap();
    let (first, last) = if before { ("kill -9 $PPID", ":") } else { (":", "kill -9 $PPID") };
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = {step} ]; then {first}; {real} \"$@\"; {last}; else exec {real} \"$@\"; fi\n",
        real = real.trim()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn killed(office: &Office, plan: &Path, step: &str, before: bool) {
    let terraform = deadly(office, step, before);
    let output =
        office.applying(plan, &["alice", "bob"]).env("MAINSTAY_TERRAFORM", terraform).output().unwrap();
    assert_eq!(output.status.code(), None, "{step}: {}", said(&output));
    // What the killed one had started may still be at work.
    for _ in 0..200 {
        if !office.bed.path().join(".terraform.tfstate.lock.info").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn nothing_is_used_twice_and_nothing_is_forgotten() {
    let steps = [
        ("show", true),
        ("show", false),
        ("state", true),
        ("state", false),
        ("apply", true),
        ("apply", false),
    ];
    for (step, before) in steps {
        let Some((office, plan)) = both_go("nothing_is_used_twice_and_nothing_is_forgotten") else { return };
        for person in ["alice", "bob"] {
            office.sign(person, &[]);
        }
        killed(&office, &plan, step, before);
        let whole = office.mainstay(&["ledger", "verify"]);
        assert_eq!(whole.status.code(), Some(0), "{step}: {}", said(&whole));
        let list = said(&office.mainstay(&["ledger", "list"]));
        let started = step == "apply";
        assert_eq!(list.contains("2 approvals are used"), started, "{step}: {list}");
        assert_eq!(list.contains("has no recorded end"), started, "{step}: {list}");
        let gone = 2 - accounts(&office);
        assert!(started || gone == 0, "{step}: something was done that the ledger does not know of");

        let again = office.apply(&plan, &["alice", "bob"]);
        if started {
            assert_ne!(again.status.code(), Some(0), "{step}: {}", said(&again));
            assert_eq!(2 - accounts(&office), gone, "{step}: the same approvals did more");
        } else {
            assert_eq!(again.status.code(), Some(0), "{step}: {}", said(&again));
            assert_eq!(accounts(&office), 0, "{step}");
        }
    }
}
