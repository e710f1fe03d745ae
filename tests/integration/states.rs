//! `unexpected-state`, `mass-destruction` and `mixed-deletion`: the flag that was already on, and what goes together.

use std::fs;
use std::path::Path;

use crate::support::story::{Judged, Story, mainstay};
use serde_json::{Value as Json, json};

const NOW: &str = "2025-01-16T18:38:00Z";
const TAKEN: &str = "2025-01-16T16:00:00Z";

const EXPECT: &str = r#"
snapshots = ["snapshots/"]
[[workload]]
name = "device enrolment"
criticality = "critical"
match = ["acme_release.mdm"]
[[expect]]
match = "launchdarkly_feature_flag_environment.*"
where = { env_key = "production" }
attribute = "on"
equals = false
guards = ["device enrolment"]
"#;

fn change(address: &str, actions: &[&str], before: &Json, after: &Json) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name.split('[').next(),
        "provider_name": "registry.terraform.io/x/y",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": false,
            "after_sensitive": false}})
}

fn release(actions: &[&str]) -> Json {
    let after = if actions == ["no-op"] { "1" } else { "2" };
    change("acme_release.mdm", actions, &json!({"image": "1"}), &json!({"image": after}))
}

fn flag(environment: &str, actions: &[&str], before: bool, after: Option<bool>) -> Json {
    let values = |on: bool| json!({"id": format!("mdm/{environment}/ddm"), "flag_id": "mdm/ddm", "env_key": environment, "on": on});
    let after = after.map_or(Json::Null, values);
    let address = format!("launchdarkly_feature_flag_environment.{}", environment.replace('-', "_"));
    change(&address, actions, &values(before), &after)
}

/// A plan made at a time, of these changes.
fn plan(folder: &Path, timestamp: &str, changes: &[Json]) {
    let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": timestamp, "complete": true,
        "errored": false, "resource_changes": changes});
    fs::write(folder.join("plan.json"), plan.to_string()).unwrap();
}

/// What LaunchDarkly says of a flag, as its API prints it.
fn export(folder: &Path, taken: &str, environments: &[(&str, bool)]) {
    fs::create_dir_all(folder.join("snapshots")).unwrap();
    let each = environments.iter().map(|(name, on)| {
        (
            (*name).to_owned(),
            json!({"on": on, "rules": [], "targets": [], "fallthrough": {"variation": 0}, "offVariation": 1}),
        )
    });
    let flag = json!({"key": "ddm", "kind": "boolean", "_links": {"self": {"href": "/api/v2/flags/mdm/ddm"}},
        "environments": each.collect::<serde_json::Map<_, _>>()});
    fs::write(folder.join("snapshots/flag.json"), flag.to_string()).unwrap();
    fs::write(folder.join("snapshots/flag.json.meta.json"), json!({"taken_at": taken}).to_string()).unwrap();
}

fn check(folder: &Path) -> Judged {
    Judged::of(&mainstay(folder, &["check", "plan.json", "--now", NOW, "--format", "json"]))
}

fn folder(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
    fs::write(folder.path().join("mainstay.toml"), configuration).unwrap();
    folder
}

fn of_rule<'a>(judged: &'a Judged, rule: &str) -> Vec<&'a Json> {
    judged.findings().iter().filter(|one| one["rule"] == rule).collect()
}

/// What it is about, when the snapshot was taken, the plan's changes, the flags in the snapshot by environment, and what
/// comes of it: level, cause and certainty, or nothing.
type Case<'a> = (&'a str, &'a str, Vec<Json>, &'a [(&'a str, bool)], Option<(&'a str, &'a str, &'a str)>);

/// Flags in the snapshot, in the plan, and what comes of it.
#[test]
fn the_state_after_the_plan_is_what_counts() {
    let on = [("production", true), ("pre-production", false)];
    let off = [("production", false), ("pre-production", false)];
    let (old, new) = ("2025-01-16T15:00:00Z", "2025-01-16T17:00:00Z");
    let cases: Vec<Case<'_>> = vec![
        (
            "only the snapshot tells",
            new,
            vec![release(&["update"])],
            &on,
            Some(("approval", "plan", "certain")),
        ),
        ("off everywhere", new, vec![release(&["update"])], &off, None),
        (
            "nothing that is guarded changes",
            new,
            vec![release(&["no-op"])],
            &on,
            Some(("warn", "standing", "certain")),
        ),
        (
            "the plan switches it on",
            new,
            vec![release(&["no-op"]), flag("production", &["update"], false, Some(true))],
            &off,
            Some(("approval", "plan", "certain")),
        ),
        (
            "the plan switches it off",
            new,
            vec![release(&["update"]), flag("production", &["update"], true, Some(false))],
            &on,
            None,
        ),
        (
            "destroying it switches it off",
            new,
            vec![release(&["update"]), flag("production", &["delete"], true, None)],
            &on,
            None,
        ),
        (
            "an older plan says off",
            old,
            vec![release(&["update"]), flag("production", &["no-op"], false, Some(false))],
            &on,
            Some(("approval", "plan", "certain")),
        ),
        (
            "a newer plan says off",
            new,
            vec![release(&["update"]), flag("production", &["no-op"], false, Some(false))],
            &on,
            None,
        ),
        (
            "a plan of the same moment says off",
            TAKEN,
            vec![release(&["update"]), flag("production", &["no-op"], false, Some(false))],
            &on,
            Some(("approval", "plan", "possible")),
        ),
        (
            "a plan made after now orders nothing",
            "2026-01-01T00:00:00Z",
            vec![release(&["update"]), flag("production", &["no-op"], false, Some(false))],
            &on,
            Some(("approval", "plan", "possible")),
        ),
    ];
    for (name, timestamp, changes, flags, expected) in cases {
        let folder = folder(EXPECT);
        plan(folder.path(), timestamp, &changes);
        export(folder.path(), TAKEN, flags);
        let judged = check(folder.path());
        let found = of_rule(&judged, "unexpected-state");
        let told = found.iter().map(|one| {
            let word = |key: &str| one[key].as_str().unwrap();
            (word("level"), word("cause"), word("certainty"))
        });
        assert_eq!(told.collect::<Vec<_>>(), Vec::from_iter(expected), "{name}: {:#}", judged.report);
        let stops = expected.is_some_and(|(level, ..)| level == "approval");
        assert_eq!(judged.code, if stops { 3 } else { 0 }, "{name}: {:#}", judged.report);
    }
}

#[test]
fn the_finding_says_what_and_whom_it_guards() {
    let folder = folder(EXPECT);
    plan(folder.path(), TAKEN, &[release(&["update"])]);
    export(folder.path(), TAKEN, &[("production", true), ("pre-production", false)]);
    let judged = check(folder.path());
    let finding = judged.the("unexpected-state");
    let title = finding["title"].as_str().unwrap();
    assert!(title.contains("`on`") && title.contains("is true, and false is expected"), "{title}");
    assert_eq!(finding["causes"][0]["address"], "acme_release.mdm");
    assert_eq!(finding["affects"][0]["workload"], "device enrolment");
    assert_eq!(finding["path"][0]["evidence"]["source"], "snapshots/flag.json");
    assert_eq!(finding["path"][0]["evidence"]["pointer"], "/environments/production");
}

/// The places in which it is otherwise are named, some of many.
#[test]
fn where_else_it_is_otherwise_is_said() {
    let flags = [("production", true), ("pre-production", false), ("qa", true), ("dev", false)];
    let told = |flags: &[(&str, bool)]| {
        let folder = folder(EXPECT);
        plan(folder.path(), TAKEN, &[release(&["update"])]);
        export(folder.path(), TAKEN, flags);
        check(folder.path()).the("unexpected-state")["title"].as_str().unwrap().to_owned()
    };
    let title = told(&flags);
    assert!(
        title.ends_with("; it differs from ddm in dev, where it is false, and from ddm in pre-production, where it is false"),
        "{title}"
    );
    assert!(told(&flags[..1]).ends_with("is true, and false is expected"));
    let more = [flags.as_slice(), &[("e1", false), ("e2", false), ("e3", false)]].concat();
    assert!(told(&more).ends_with(", and 2 more"), "{}", told(&more));
}

#[test]
fn the_same_flag_elsewhere_is_what_it_is_measured_by() {
    let same = EXPECT.replace("equals = false", "same_as = { env_key = \"pre-production\" }");
    for (flags, expected) in [
        (vec![("production", true), ("pre-production", false)], Some("certain")),
        (vec![("production", true), ("pre-production", true)], None),
        (vec![("production", true)], Some("possible")),
    ] {
        let folder = folder(&same);
        plan(folder.path(), TAKEN, &[release(&["update"])]);
        export(folder.path(), TAKEN, &flags);
        let judged = check(folder.path());
        let found: Vec<&str> = of_rule(&judged, "unexpected-state")
            .iter()
            .map(|one| one["certainty"].as_str().unwrap())
            .collect();
        assert_eq!(found, Vec::from_iter(expected), "{flags:?}");
        let unmatched = of_rule(&judged, "unmatched-name").len();
        assert_eq!(unmatched, usize::from(flags.len() == 1), "{:#}", judged.report);
    }
}

#[test]
fn a_snapshot_that_is_too_old_decides_nothing() {
    let folder = folder(EXPECT);
    plan(folder.path(), NOW, &[release(&["update"])]);
    export(folder.path(), "2024-12-01T00:00:00Z", &[("production", false)]);
    assert_eq!(check(folder.path()).code, 4);
}

/// A text may be a secret that nobody marked.
#[test]
fn no_text_is_printed() {
    let secret = EXPECT
        .replace("attribute = \"on\"", "attribute = \"token\"")
        .replace("equals = false", "equals = \"hunter1\"");
    let secret =
        secret.replace("launchdarkly_feature_flag_environment.*", "acme_setting.*").replace("env_key", "env");
    let folder = folder(&secret.replace("snapshots = [\"snapshots/\"]", ""));
    let values = json!({"env": "production", "token": "hunter2"});
    plan(folder.path(), NOW, &[release(&["update"]), change("acme_setting.a", &["no-op"], &values, &values)]);
    let judged = check(folder.path());
    assert_eq!(judged.code, 3);
    assert!(!judged.report.to_string().contains("hunter"), "{:#}", judged.report);
}

#[test]
fn many_of_one_kind_are_counted() {
    let device = |number: usize, actions: &[&str]| {
        let values = json!({"name": format!("d{number}")});
        let after = if actions == ["delete"] { Json::Null } else { values.clone() };
        change(&format!("acme_mdm_device.a[{number}]"), actions, &values, &after)
    };
    for (all, gone, actions, expected) in [
        (40, 34, ["delete"].as_slice(), Some("34 of 40")),
        (100, 21, &["delete", "create"], Some("21 of 100")),
        (100, 20, &["delete"], None),
        (12, 4, &["create", "delete"], Some("4 of 12")),
        (12, 3, &["delete"], None),
        (9, 9, &["delete"], None),
        (40, 34, &["forget"], None),
    ] {
        let folder = folder("");
        let changes: Vec<Json> =
            (0..all).map(|number| device(number, if number < gone { actions } else { &["no-op"] })).collect();
        plan(folder.path(), NOW, &changes);
        let judged = check(folder.path());
        let found = of_rule(&judged, "mass-destruction");
        assert_eq!(found.len(), usize::from(expected.is_some()), "{all} {gone} {actions:?}");
        if let (Some(finding), Some(counts)) = (found.first(), expected) {
            assert!(finding["title"].as_str().unwrap().contains(counts), "{finding:#}");
            assert_eq!((&finding["level"], judged.code), (&json!("approval"), 3));
        }
    }
}

#[test]
fn servicechannel_says_which_of_the_batch_stands_out() {
    let judged = Story::of("servicechannel-2021").check_at("2021-02-16T12:00:00Z");
    let finding = judged.the("mixed-deletion");
    assert_eq!((&finding["level"], &finding["cause"]), (&json!("warn"), &json!("plan")));
    let subject = finding["subject"]["id"].to_string();
    assert!(subject.contains("prod"), "{finding:#}");
    let title = finding["title"].as_str().unwrap();
    assert!(
        title.contains("production")
            && title.contains("test: ")
            && title.contains("nothing is known to rest on it"),
        "{title}"
    );
    assert_eq!(finding["affects"][0]["workload"], "API");
    let alone = Story::of("servicechannel-2021/twins/test-only").check_at("2021-02-16T12:00:00Z");
    assert!(of_rule(&alone, "mixed-deletion").is_empty(), "{:#}", alone.report);
}
