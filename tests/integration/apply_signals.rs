//! Whoever interrupts `mainstay apply`: terraform ends with grace, what it made is in its state, and the ledger says how
//! it ended.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Signal, kill_process, kill_process_group};

use crate::support::office::Office;
use crate::support::said;
use crate::support::terminal::{ended, in_session, pid, terminal, types, wait_for};
use crate::wrap_signals::SLOW;

/// A slow plan is being applied when it happens. At a terminal the other end of it is handed over.
fn interrupted(office: &Office, plan: &Path, how: &str, happens: Happens<'_>) {
    for file in ["started", "terraform.tfstate"] {
        let _ = fs::remove_file(office.file(file));
    }
    let runs =
        |office: &Office| said(&office.mainstay(&["ledger", "list"])).matches("the apply ends").count();
    let before = runs(office);
    let at_terminal = matches!(happens, Happens::AtTerminal(_));
    let mut command = in_session(&office.applying(plan, &[]), at_terminal);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let master = at_terminal.then(|| terminal(&mut command));
    let mut child = command.spawn().unwrap();
    drop(command);
    wait_for("the start", || office.file("started").exists());
    let held = match (happens, master) {
        (Happens::AtTerminal(types), Some(master)) => types(master),
        (Happens::Sent(send), _) => {
            send(&child);
            None
        }
        (Happens::AtTerminal(_), None) => None,
    };
    assert_eq!(ended(&mut child).code(), Some(2), "{how}");
    drop(held);

    let list = said(&office.mainstay(&["ledger", "list"]));
    assert_eq!(runs(office), before + 1, "{how}: {list}");
    let last = list.lines().rfind(|line| line.contains("the apply ends")).unwrap();
    assert!(last.contains("failed") && !list.contains("has no recorded end"), "{how}: {list}");
    let whole = office.mainstay(&["ledger", "verify"]);
    assert_eq!(whole.status.code(), Some(0), "{how}: {}", said(&whole));
    if how == TWICE {
        return;
    }
    let state = office.bed.terraform(&["state", "list"]);
    assert_eq!(
        String::from_utf8(state.stdout).unwrap(),
        "terraform_data.first\nterraform_data.slow\n",
        "{how}: what was made, and what was being made"
    );
    assert!(!office.file(".terraform.tfstate.lock.info").exists(), "{how}");
}

/// After which nobody knows what the state has.
const TWICE: &str = "Ctrl-C twice";

#[derive(Clone, Copy)]
enum Happens<'a> {
    AtTerminal(&'a dyn Fn(OwnedFd) -> Option<OwnedFd>),
    Sent(&'a dyn Fn(&Child)),
}

#[test]
fn whoever_interrupts_it_ends_with_grace_and_on_record() {
    let Some(office) = Office::new("whoever_interrupts_it_ends_with_grace_and_on_record") else { return };
    office.bed.write("main.tf", SLOW);
    office.open("");
    office.bed.init();
    let plan = office.bed.plan(&[]);
    let applied = |how: &str, happens: Happens<'_>| interrupted(&office, &plan, how, happens);
    applied(
        "Ctrl-C",
        Happens::AtTerminal(&|master| {
            types(&master, b"\x03");
            Some(master)
        }),
    );
    // The second is their own will: terraform may leave at once.
    applied(
        TWICE,
        Happens::AtTerminal(&|master| {
            types(&master, b"\x03");
            sleep(Duration::from_millis(5));
            types(&master, b"\x03");
            Some(master)
        }),
    );
    applied("the window closes", Happens::AtTerminal(&|_| None));
    let to_us = |signal| move |child: &Child| kill_process(pid(child), signal).unwrap();
    let to_all = |signal| move |child: &Child| kill_process_group(pid(child), signal).unwrap();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        applied(&format!("{signal:?} to us"), Happens::Sent(&to_us(signal)));
        applied(&format!("{signal:?} to all"), Happens::Sent(&to_all(signal)));
    }
    applied(
        "TERM twice",
        Happens::Sent(&|child| {
            kill_process(pid(child), Signal::TERM).unwrap();
            sleep(Duration::from_millis(5));
            // It may be gone by then.
            let _ = kill_process(pid(child), Signal::TERM);
        }),
    );
}
