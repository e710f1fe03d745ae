//! The command line as a shell sees it.

use std::fs;
use std::process::Output;

use serde_json::Value as Json;

use crate::support::said;
use crate::support::story::{NOW, Story};

fn check(story: &Story, more: &[&str]) -> Output {
    story.run(&[&["check", "plan.json", "--now", NOW], more].concat())
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn formats_go_where_they_are_sent() {
    let story = Story::mender();
    let output = check(&story, &["--format", "json=report.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", said(&output));
    assert_eq!(story.read("report.json")["exit_code"], 3);

    let output =
        check(&story, &["--format", "text", "--format", "json=second.json", "--format", "text=report.txt"]);
    assert_eq!(output.status.code(), Some(3));
    let file = |name: &str| fs::read_to_string(story.path().join(name)).unwrap();
    assert_eq!(out(&output), file("report.txt"));
    assert_eq!(file("report.json"), file("second.json"));
    assert_eq!(out(&check(&story, &["--format", "json"])), file("report.json"));
}

#[test]
fn the_format_does_not_change_the_exit_code() {
    let undetermined = Story::mender();
    undetermined.list_each().remove("snapshots/role-assignments.json");
    let denied = Story::mender();
    let text = fs::read_to_string(denied.path().join("mainstay.toml")).unwrap();
    denied.write("mainstay.toml", &format!("{text}\n[rules.breaks-workload]\nlevel = \"deny\"\n"));
    let advised = Story::mender();
    advised.write("mainstay.toml", &format!("{text}\n[mode]\nadvise = true\n"));
    let cases = [(Story::mender(), 3), (Story::covered(), 0), (undetermined, 4), (denied, 1), (advised, 0)];
    for (story, code) in cases {
        for format in [
            &[][..],
            &["--format", "text"],
            &["--format", "json"],
            &["--format", "json=out.json"],
            &["--quiet"],
            &["-v"],
        ] {
            let output = check(&story, format);
            assert_eq!(output.status.code(), Some(code), "{format:?}: {}", said(&output));
        }
        let report: Json = story.read("out.json");
        assert_eq!(report["exit_code"], code);
    }
}

#[test]
fn an_unknown_key_is_told_with_its_place() {
    let story = Story::mender();
    let text = fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write("mainstay.toml", &text.replace("criticality =", "criticallity ="));
    let output = check(&story, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    let line = text.lines().position(|line| line.starts_with("criticality")).unwrap() + 1;
    assert!(message.contains(&format!("mainstay.toml:{line}:")), "{message}");
    assert!(message.contains("did you mean `criticality`"), "{message}");
}

#[test]
fn a_missing_file_is_told_by_name() {
    let story = Story::mender();
    for arguments in [
        &["check", "plans.json"][..],
        &["check", "plan.json", "--config", "no.toml"],
        &["check", "plan.json", "--snapshot", "no.json"],
        &["check", "plan.json", "--config-dir", "no-directory"],
    ] {
        let output = story.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(output.stdout.is_empty());
        let last = arguments.last().unwrap();
        assert!(said(&output).contains(last), "{}", said(&output));
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let story = Story::mender();
    assert!(!out(&check(&story, &[])).contains('\u{1b}'));
    assert!(!out(&check(&story, &["--color", "never"])).contains('\u{1b}'));
    let coloured = out(&check(&story, &["--color", "always"]));
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(without_escapes(&coloured), out(&check(&story, &[])));
    // Files and JSON never.
    let json = out(&check(&story, &["--color", "always", "--format", "json", "--format", "text=report.txt"]));
    let file = fs::read_to_string(story.path().join("report.txt")).unwrap();
    assert!(!json.contains('\u{1b}') && !file.contains('\u{1b}'));
}

fn without_escapes(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().to_owned();
    first + &pieces.map(|piece| piece.split_once('m').map_or("", |(_, rest)| rest)).collect::<String>()
}

#[test]
fn rules_tell_what_they_say() {
    let story = Story::mender();
    let all = out(&story.run(&["rules"]));
    for id in ["breaks-workload", "removes-access", "unknown-users"] {
        assert!(all.lines().any(|line| line.starts_with(id)), "{all}");
    }
    let one = out(&story.run(&["rules", "breaks-workload"]));
    assert!(one.starts_with("breaks-workload") && one.contains("Mender"), "{one}");
    let wrong = story.run(&["rules", "breaks-workloads"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said(&wrong).contains("did you mean `breaks-workload`"), "{}", said(&wrong));
}
