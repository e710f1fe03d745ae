//! A process that is killed in the middle: what it said was written is there, and the file is whole.

use super::super::{Head, Ledger, open};
use super::{at, used};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const DIRECTORY: &str = "MAINSTAY_TEST_LEDGER_DIRECTORY";

fn ledger(directory: &Path) -> Box<dyn Ledger> {
    open("sqlite:ledger.db", directory, at(0), true).unwrap()
}

/// Only when started by the test below: appends until it is killed.
#[test]
#[expect(clippy::disallowed_methods, reason = "how the test below tells it where to write")]
fn writes_until_it_is_killed() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let mut ledger = ledger(Path::new(&directory));
    let pid = std::process::id();
    for number in 0.. {
        let own = format!("{pid} {number}");
        let head = ledger.append(at(number), used(&own, &[&format!("approval {own}")], &own)).unwrap();
        println!("HEAD {head}");
    }
}

#[test]
fn what_was_written_outlives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let child = module_path!().split_once("::").unwrap().1.to_owned() + "::writes_until_it_is_killed";
    for lines in [1, 7, 20] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([&child, "--exact", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let head = said.by_ref().filter(|line| line.contains("HEAD ")).nth(lines).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let last = said.filter(|line| line.contains("HEAD ")).last().unwrap_or(head);
        let last: Head = last.split_once("HEAD ").unwrap().1.parse().unwrap();
        let mut ledger = ledger(directory.path());
        assert!(ledger.has(&last).unwrap());
        assert!(ledger.verify(Some(&last)).unwrap().entries >= last.seq);
    }
}
