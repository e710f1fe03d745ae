//! The same input gives the same bytes.

use std::fs;
use std::process::Output;

use serde_json::Value as Json;

use crate::support::said;
use crate::support::story::{NOW, Story, incidents, mainstay};

const CASES: [&str; 5] = [
    "mender-2023",
    "mender-2023/aftermath",
    "mender-2023/twins/covered",
    "mender-2023/twins/recreated",
    "mender-2023/twins/without-deletion",
];

#[test]
fn twice_is_the_same() {
    for case in CASES {
        for format in ["text", "json"] {
            let run = || {
                mainstay(&incidents().join(case), &["check", "plan.json", "--now", NOW, "--format", format])
            };
            let (one, other) = (run(), run());
            assert!(!one.stdout.is_empty(), "{case}: {}", said(&one));
            assert!(one.stdout == other.stdout, "{case}, {format}: two runs differ");
            assert_eq!(one.status.code(), other.status.code());
        }
    }
}

#[test]
fn where_the_folder_lies_does_not_matter() {
    let run = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
    let arguments = ["check", "plan.json", "--now", NOW];
    let (one, other) = (Story::mender(), Story::mender());
    assert_eq!(run(&one.run(&arguments)), run(&other.run(&arguments)));
    assert_eq!(run(&one.run(&arguments)), run(&mainstay(&incidents().join("mender-2023"), &arguments)));
}

#[test]
fn the_order_of_snapshots_does_not_matter() {
    for case in ["mender-2023", "mender-2023/twins/covered"] {
        let story = Story::of(case);
        let text = fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
        story.write("mainstay.toml", &text.replace("snapshots = [\"snapshots/\"]", ""));
        let mut names: Vec<String> = ["cluster", "identities", "role-assignments", "role-definitions"]
            .iter()
            .map(|name| format!("snapshots/{name}.json"))
            .collect();
        let judge = |names: &[String]| -> Json {
            let mut arguments = vec!["check", "plan.json", "--now", NOW, "--format", "json"];
            arguments.extend(names.iter().flat_map(|name| ["--snapshot", name.as_str()]));
            let output = story.run(&arguments);
            let report: Json =
                serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
            Json::from_iter(
                ["findings", "covered", "loss_digest", "verdict", "examined"]
                    .map(|key| (key, report[key].clone())),
            )
        };
        let first = judge(&names);
        for _ in 1..names.len() {
            names.rotate_left(1);
            assert_eq!(judge(&names), first, "{case}: {names:?}");
        }
        names.reverse();
        assert_eq!(judge(&names), first, "{case}: {names:?}");
    }
}
