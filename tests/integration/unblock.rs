//! `check --unblock`: what to leave out so that nothing needs an approval.

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{GRANT, Judged, NOW, Story};

fn unblock(story: &Story) -> Judged {
    Judged::of(&story.run(&["check", "plan.json", "--now", NOW, "--unblock", "--format", "json"]))
}

/// The addresses to be left out.
fn out(judged: &Judged) -> Vec<&str> {
    let changes = judged.report["unblock"]["changes"].as_array().unwrap();
    changes.iter().map(|change| change["address"].as_str().unwrap()).collect()
}

/// Takes a change out of the plan.
fn without(story: &Story, address: &str) {
    story.edit("plan.json", |plan| {
        plan["resource_changes"].as_array_mut().unwrap().retain(|change| change["address"] != address);
    });
}

#[test]
fn the_deletion_of_the_last_grant_is_left_out() {
    let story = Story::mender();
    let judged = unblock(&story);
    assert_eq!(judged.code, 3, "the verdict is that of the whole plan");
    let expected = json!({
        "changes": [{"address": GRANT, "plan": "plan.json", "action": "delete"}],
        "verified": true,
        "remaining": [],
    });
    assert_eq!(judged.report["unblock"], expected);
    let text = said(&story.run(&["check", "plan.json", "--now", NOW, "--unblock"]));
    assert!(text.contains("leave out this change and nothing needs an approval"), "{text}");
    assert!(text.contains(&format!("\n  {GRANT}   delete: keep it in the configuration\n")), "{text}");
    // And so it is.
    without(&story, GRANT);
    let judged = unblock(&story);
    assert_eq!((judged.code, out(&judged)), (0, Vec::new()));
}

#[test]
fn where_nothing_is_in_the_way_nothing_is_left_out() {
    let story = Story::covered();
    let judged = unblock(&story);
    assert_eq!(judged.report["unblock"], json!({"changes": [], "verified": true, "remaining": []}));
    let text = said(&story.run(&["check", "plan.json", "--now", NOW, "--unblock"]));
    assert!(text.contains("nothing to leave out"), "{text}");
    assert!(story.check().report.get("unblock").is_none(), "it is told where it is asked for");
}

/// The plan takes both legs: either one left in suffices.
#[test]
fn of_two_that_only_fall_together_one_is_left_out() {
    let story = Story::covered();
    let other = "azurerm_role_assignment.cert_manager_dns_group";
    story.edit("plan.json", |plan| {
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let change = changes.iter_mut().find(|change| change["address"] == other).unwrap();
        change["change"]["actions"] = json!(["delete"]);
        change["change"]["after"] = Json::Null;
    });
    let judged = unblock(&story);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(out(&judged), [GRANT], "{:#}", judged.report["findings"]);
    assert_eq!(judged.report["unblock"]["verified"], true);
}

/// A plan that errored is undetermined whatever is left out of it.
#[test]
fn what_remains_is_told() {
    let story = Story::mender();
    story.edit("plan.json", |plan| plan["errored"] = json!(true));
    let judged = unblock(&story);
    assert_eq!((judged.code, out(&judged)), (4, vec![GRANT]));
    let unblock = &judged.report["unblock"];
    assert_eq!(unblock["verified"], false);
    let [left] = &unblock["remaining"].as_array().unwrap()[..] else { panic!("{unblock:#}") };
    assert_eq!(left["rule"], "partial-plan");
    let text = said(&story.run(&["check", "plan.json", "--now", NOW, "--unblock"]));
    assert!(text.contains("still in the way"), "{text}");
}

/// Input that is missing stops what hangs on it, and nothing else.
#[test]
fn what_hangs_on_missing_input_can_be_left_out() {
    let story = Story::mender();
    story.list_each().remove("snapshots/role-assignments.json");
    let judged = unblock(&story);
    assert_eq!(judged.code, 4);
    assert!(out(&judged).contains(&GRANT), "{:#}", judged.report["unblock"]);
    assert_eq!(judged.report["unblock"]["verified"], true, "{:#}", judged.report["unblock"]);
}

#[test]
fn without_a_plan_there_is_nothing_to_leave_out_of() {
    let output = Story::mender().run(&["check", "--unblock"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("PLAN"), "{}", said(&output));
}
