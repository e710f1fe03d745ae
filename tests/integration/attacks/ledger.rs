//! Approvals used twice: by many at once, with another ledger, with a part of one, at another time.

use std::fs;
use std::process::{Command, Stdio};

use mainstay::approval::ledger::{self, Body};
use mainstay::model::Instant;

use super::{passes, refused};
use crate::support::{copy, ledger_on_a_server, said};
use crate::two_people::{accounts, both_go};

const PROCESSES: usize = 8;

#[test]
fn of_many_runners_at_once_one_applies() {
    race("of_many_runners_at_once_one_applies", None);
}

#[test]
fn of_many_runners_at_once_one_applies_with_a_ledger_on_a_server() {
    let Some(url) = ledger_on_a_server() else { return };
    race("of_many_runners_at_once_one_applies_with_a_server", Some(&url));
}

fn race(name: &str, ledger: Option<&str>) {
    let Some((office, plan)) = both_go(name) else { return };
    if let Some(url) = ledger {
        office.bed.set("MAINSTAY_LEDGER", url);
        // It was asked for in the other ledger.
        office.ask(&plan, "rita");
    }
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let start = |_| {
        let mut command = office.applying(&plan, &["alice", "bob"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let all: Vec<_> = (0..PROCESSES).map(start).collect();
    let all: Vec<_> = all.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let codes: Vec<_> = all.iter().map(|output| output.status.code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    for output in all.iter().filter(|output| output.status.code() != Some(0)) {
        // Used by another, or stale since the other has ended.
        assert!(matches!(output.status.code(), Some(2 | 3)), "{}", said(output));
    }
    assert_eq!(accounts(&office), 0);
    let deletes = office.bed.cloud().ops().into_iter().filter(|op| op.starts_with("delete"));
    assert_eq!(deletes.count(), 2);
    let list = said(&office.mainstay(&["ledger", "list"]));
    assert_eq!(list.matches("2 approvals are used").count(), 1, "{list}");
    assert_eq!(list.matches("the apply ends").count(), 1, "{list}");
}

#[test]
fn another_ledger_or_less_of_it_is_not_the_one_that_was_asked_in() {
    let Some((office, plan)) = both_go("another_ledger_or_less_of_it") else { return };
    let (store, early, whole) = (office.file(".mainstay"), office.key("early"), office.key("whole"));
    copy(&store, &early);
    for _ in 0..2 {
        office.ask(&plan, "rita");
    }
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    copy(&store, &whole);
    let put = |from| {
        fs::remove_dir_all(&store).unwrap();
        copy(from, &store);
    };
    let apply = || office.applying(&plan, &["alice", "bob"]);
    let refused = |attack: &str, command: &mut Command, why: &str| {
        refused(&office, attack, command, &[3], why);
    };
    let other = format!("sqlite:{}", office.key("other.db").display());
    refused("another ledger", apply().env("MAINSTAY_LEDGER", other), "recorded in another ledger");
    fs::remove_dir_all(&store).unwrap();
    refused("a fresh runner", &mut apply(), "recorded in another ledger");
    put(&early);
    refused("its beginning", &mut apply(), "not the one that the request names");
    put(&whole);
    // One that the change brings: as it was before anything was used, on each runner.
    office.git(&["add", "-f", ".mainstay/ledger.db"], "arthur");
    office.git(&["commit", "-q", "-m", "More"], "arthur");
    let why = "is a file of the commit that is checked out";
    super::refused(&office, "a ledger of the change", &mut apply(), &[2], why);
    office.git(&["reset", "-q", "HEAD~1"], "arthur");
    // By the ledger it is later than by this clock, which was set back so that what has ended counts again.
    let now = said(&Command::new("date").arg("+%s").output().unwrap());
    let now: i64 = now.lines().nth(1).unwrap().parse().unwrap();
    let at = |second| Instant::from_second(second).unwrap();
    let url = format!("sqlite:{}", store.join("ledger.db").display());
    let mut open = ledger::open(&url, &store, at(now), false).unwrap();
    let body = Body::Bypassed { command: "import".to_owned(), by: "carol".to_owned(), code: Some(0) };
    open.append(at(now + 24 * 60 * 60), body).unwrap();
    drop(open);
    refused("a clock set back", &mut apply(), "set the clock");
    put(&whole);
    passes(&office, &mut apply());
}
