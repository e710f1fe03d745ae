//! Many processes at once, each with an approval that only one of them can use.

use super::super::{Error, open};
use super::place::Place;
use super::{at, used};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const URL: &str = "MAINSTAY_TEST_RACE";

/// Only when started by [`winners`]: opens the ledger, waits for the word, and uses the approval.
#[test]
#[expect(clippy::disallowed_methods, reason = "how a racer learns where to run")]
fn runs() {
    let Ok(told) = std::env::var(URL) else { return };
    let [url, directory, number] = told.split('\n').collect::<Vec<_>>()[..] else { panic!("{told}") };
    let mut ledger = open(url, Path::new(directory), at(0), false).unwrap();
    println!("READY");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    // All share the approval; half of them ask for something of their own with it.
    let own = format!("r{number}");
    let request = if number.ends_with(['0', '2', '4', '6', '8']) { "r" } else { own.as_str() };
    match ledger.append(at(1), used(request, &["token"], &own)) {
        Ok(head) if head.seq == 2 => println!("WON"),
        Err(Error::Used { seq: 2, .. }) => println!("USED"),
        other => panic!("{other:?}"),
    }
}

/// How many of so many processes use it.
pub(super) fn winners(place: &dyn Place, processes: usize) -> usize {
    let child = module_path!().split_once("::").unwrap().1.to_owned() + "::runs";
    let (url, directory) = place.address();
    let start = |number: usize| {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([&child, "--exact", "--nocapture", "--test-threads=1"])
            .env(URL, format!("{url}\n{}\n{number}", directory.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        (child, out)
    };
    let mut all: Vec<(Child, BufReader<_>)> = (0..processes).map(start).collect();
    let says = |out: &mut BufReader<_>, words: &[&str]| -> String {
        let mut lines = out.lines().map(Result::unwrap);
        lines.find(|line| words.iter().any(|word| line.ends_with(word))).unwrap()
    };
    all.iter_mut().for_each(|(_, out)| drop(says(out, &["READY"])));
    // Each waits for a line of its own; the first ones are still at work when the last gets it.
    all.iter_mut().for_each(|(child, _)| child.stdin.take().unwrap().write_all(b"go\n").unwrap());
    let mut won = 0;
    for (child, out) in &mut all {
        won += usize::from(says(out, &["WON", "USED"]).ends_with("WON"));
        assert!(child.wait().unwrap().success());
    }
    won
}
