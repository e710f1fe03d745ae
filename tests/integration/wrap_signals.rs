//! Whoever interrupts whom: terraform gets one interrupt, ends with grace, and what it made is in its state.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Signal, kill_process, kill_process_group};

use crate::support::TestBed;
use crate::support::terminal::{ended, in_session, pid, terminal, types, wait_for};
use crate::support::wrapped::{log, wrapped, wrapped_program};

/// In terraform's place: it writes down the signals it gets, for two seconds after the first.
const COUNTS: &str = r#"#!/bin/sh
trap 'echo INT >> signals' INT
trap 'echo TERM >> signals' TERM
trap 'echo HUP >> signals' HUP
touch started
left=300
while [ $left -gt 0 ]; do
  if [ -s signals ] && [ $left -gt 20 ]; then left=20; fi
  left=$((left - 1))
  sleep 0.1
done
exit 7
"#;

fn counting(name: &str) -> Option<(TestBed, PathBuf)> {
    let bed = TestBed::new(name)?;
    bed.write("program", COUNTS);
    let program = bed.path().join("program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Some((bed, program))
}

/// The signals that a program in terraform's place gets when something happens to us.
fn signals(name: &str, happens: &dyn Fn(&Child)) -> Option<String> {
    let (bed, program) = counting(name)?;
    let mut command = wrapped_program(&bed, &program);
    let mut child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for("the start", || bed.path().join("started").exists());
    happens(&child);
    assert_eq!(ended(&mut child).code(), Some(7), "{name}: its own code, and not ended before it");
    Some(fs::read_to_string(bed.path().join("signals")).unwrap_or_default())
}

#[test]
fn one_interrupt_arrives_whoever_sends_it_to_whom() {
    let to_us = |signal| move |child: &Child| kill_process(pid(child), signal).unwrap();
    let to_all = |signal| move |child: &Child| kill_process_group(pid(child), signal).unwrap();
    let twice = |child: &Child| {
        kill_process(pid(child), Signal::TERM).unwrap();
        sleep(Duration::from_millis(600));
        kill_process(pid(child), Signal::TERM).unwrap();
    };
    // As `timeout` of coreutils does it.
    let timeout = |child: &Child| {
        kill_process(pid(child), Signal::TERM).unwrap();
        kill_process_group(pid(child), Signal::TERM).unwrap();
    };
    // As GitHub does it.
    let escalating = |child: &Child| {
        kill_process(pid(child), Signal::INT).unwrap();
        sleep(Duration::from_millis(800));
        kill_process(pid(child), Signal::TERM).unwrap();
    };
    type Happens<'a> = &'a (dyn Fn(&Child) + Sync);
    let cases: [(&str, Happens<'_>, &str); 9] = [
        ("TERM to us", &to_us(Signal::TERM), "TERM\n"),
        ("TERM to the group", &to_all(Signal::TERM), "TERM\n"),
        ("TERM to us, twice", &twice, "TERM\n"),
        ("TERM as of timeout", &timeout, "TERM\n"),
        ("INT to us", &to_us(Signal::INT), "TERM\n"),
        ("INT to the group", &to_all(Signal::INT), "INT\n"),
        ("INT, then TERM to us", &escalating, "TERM\n"),
        ("HUP to us", &to_us(Signal::HUP), "TERM\n"),
        ("HUP to the group", &to_all(Signal::HUP), "TERM\n"),
    ];
    std::thread::scope(|scope| {
        for (name, happens, expected) in &cases {
            scope.spawn(move || {
                if let Some(got) = signals(name, *happens) {
                    assert_eq!(got, *expected, "{name}");
                }
            });
        }
    });
}

#[test]
fn at_a_terminal_people_interrupt_terraform_themselves() {
    let Some((bed, program)) = counting("at_a_terminal_people_interrupt_terraform_themselves") else {
        return;
    };
    let told = |happens: &dyn Fn(OwnedFd) -> Option<OwnedFd>| {
        for file in ["started", "signals"] {
            let _ = fs::remove_file(bed.path().join(file));
        }
        let mut command = in_session(&wrapped_program(&bed, &program), true);
        let master = terminal(&mut command);
        let mut child = command.spawn().unwrap();
        drop(command);
        wait_for("the start", || bed.path().join("started").exists());
        let master = happens(master);
        let status = ended(&mut child);
        drop(master);
        (status.code(), fs::read_to_string(bed.path().join("signals")).unwrap_or_default())
    };
    let once = |master| {
        types(&master, b"\x03");
        Some(master)
    };
    assert_eq!(told(&once), (Some(7), "INT\n".to_owned()));
    let twice = |master| {
        types(&master, b"\x03");
        sleep(Duration::from_millis(700));
        types(&master, b"\x03");
        Some(master)
    };
    assert_eq!(told(&twice), (Some(7), "INT\nINT\n".to_owned()), "the second is their own will");
    // The window is closed.
    assert_eq!(told(&|_| None), (Some(7), "TERM\n".to_owned()));
}

pub const SLOW: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" {
    command = "touch started; exec sleep 60"
  }
}
resource "terraform_data" "last" {
  depends_on = [terraform_data.slow]
}
"#;

#[test]
fn an_interrupted_apply_keeps_what_it_made() {
    let Some(bed) = TestBed::new("an_interrupted_apply_keeps_what_it_made") else { return };
    bed.write("main.tf", SLOW);
    bed.init();
    let applied = |happens: &dyn Fn(OwnedFd, &Child) -> Option<OwnedFd>| {
        for file in ["started", "terraform.tfstate", "gate.log"] {
            let _ = fs::remove_file(bed.path().join(file));
        }
        let plan = bed.plan(&[]);
        let mut command = in_session(&wrapped(&bed, &["apply", "-no-color", plan.to_str().unwrap()]), true);
        let master = terminal(&mut command);
        let mut child = command.spawn().unwrap();
        drop(command);
        wait_for("the start", || bed.path().join("started").exists());
        let master = happens(master, &child);
        let status = ended(&mut child);
        drop(master);
        assert_eq!(status.code(), Some(1), "with grace");
        assert_eq!(log(&bed).last().unwrap(), "ended 1", "it was recorded");
        let listed = bed.terraform(&["state", "list"]);
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert_eq!(listed, "terraform_data.first\nterraform_data.slow\n");
        assert!(!bed.path().join(".terraform.tfstate.lock.info").exists());
    };
    applied(&|master, _| {
        types(&master, b"\x03");
        Some(master)
    });
    applied(&|master, child| {
        kill_process(pid(child), Signal::TERM).unwrap();
        Some(master)
    });
    applied(&|_, _| None);
    applied(&|master, child| {
        kill_process_group(pid(child), Signal::HUP).unwrap();
        Some(master)
    });
    // The one of `timeout` too many would cost the object that is just being made.
    applied(&|master, child| {
        kill_process(pid(child), Signal::TERM).unwrap();
        kill_process_group(pid(child), Signal::TERM).unwrap();
        Some(master)
    });
}

#[test]
fn before_anything_runs_an_interrupt_ends_us() {
    let Some(bed) = TestBed::new("before_anything_runs_an_interrupt_ends_us") else { return };
    bed.write("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    bed.init();
    let mut command = wrapped(&bed, &["apply", "-no-color"]);
    command.env("WRAPPED_ANSWER", "never").process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    wait_for("the question", || log(&bed).iter().any(|line| line == "confirm"));
    kill_process(pid(&child), Signal::INT).unwrap();
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(ended(&mut child).signal(), Some(Signal::INT.as_raw()));
}

#[test]
fn an_interrupt_while_approvals_are_used_up_reaches_terraform() {
    let Some(bed) = TestBed::new("an_interrupt_while_approvals_are_used_up_reaches_terraform") else {
        return;
    };
    bed.write("main.tf", SLOW);
    bed.init();
    let plan = bed.plan(&[]);
    let mut command = wrapped(&bed, &["apply", "-no-color", plan.to_str().unwrap()]);
    command.env("WRAPPED_SLOW", "1").process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    wait_for("the gate", || log(&bed).iter().any(|line| line.starts_with("begin")));
    kill_process_group(pid(&child), Signal::TERM).unwrap();
    let status = ended(&mut child);
    assert!(status.code().is_some_and(|code| code != 0), "{status}: not ended by the signal itself");
    assert!(log(&bed).last().unwrap().starts_with("ended"), "{:?}", log(&bed));
    assert!(!bed.terraform(&["state", "list"]).stdout.ends_with(b"last\n"));
}
