//! jumpcloud-2025, claim by claim: a flag that is on where it is meant to be off, and devices that are known by another
//! identifier then.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::story::{Judged, Story};

const CASE: &str = "jumpcloud-2025";
const TWIN: &str = "jumpcloud-2025/twins/off";
/// Eight minutes before the release went out.
const RELEASE: &str = "2025-01-16T18:30:00Z";
const FLAG: &str = "launchdarkly_feature_flag_environment.production";
const INVENTORY: &str = "snapshots/devices.csv";
const SILICON: [&str; 7] =
    ["H4XEX02088", "H4XEX02093", "H4XEX02098", "H4XEX02103", "H4XEX02108", "H4XEX02113", "H4XEX02118"];
/// Those of which the new API tells the same in lower case.
const SPELT: [&str; 2] = ["C02EX01022", "C02EX01064"];

fn device(serial: &str) -> String {
    format!("jumpcloud_mdm_device.mac[\"{serial}\"]")
}

fn all_changed() -> BTreeSet<String> {
    SILICON.iter().chain(&SPELT).map(|serial| device(serial)).collect()
}

fn judged() -> Judged {
    Story::of(CASE).check_at(RELEASE)
}

fn title(finding: &Json) -> &str {
    finding["title"].as_str().unwrap()
}

fn addresses(list: &Json) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap().to_owned()).collect()
}

/// The finding of a rule, whatever its cause.
fn any<'a>(judged: &'a Judged, rule: &str) -> &'a Json {
    let found: Vec<&Json> = judged.findings().iter().filter(|one| one["rule"] == rule).collect();
    let [one] = &found[..] else { panic!("{} of {rule}: {:#}", found.len(), judged.report) };
    one
}

#[test]
fn the_release_needs_two_people() {
    let judged = judged();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.report["verdict"], "approval");
    assert_eq!(judged.report["approvals_required"], 2);
    let rules: BTreeSet<&str> = judged
        .findings()
        .iter()
        .filter(|one| one["cause"] == "plan" && one["level"] == "approval")
        .map(|one| one["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, BTreeSet::from(["identity-mismatch", "mass-destruction", "unexpected-state"]));
    assert_eq!(judged.loud().len(), 3, "nothing beside them: {:?}", judged.loud());
}

#[test]
fn policy_may_deny_it() {
    let story = Story::of(CASE);
    let toml = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    for rule in ["identity-mismatch", "mass-destruction", "unexpected-state"] {
        story.write("mainstay.toml", &format!("{toml}[rules.{rule}]\nlevel = \"deny\"\n"));
        assert_eq!(story.check_at(RELEASE).code, 1, "{rule}");
    }
}

#[test]
fn the_flag_is_on_in_production_and_off_where_it_was_tested() {
    let judged = judged();
    let finding = judged.the("unexpected-state");
    assert_eq!(finding["subject"]["address"], FLAG);
    assert_eq!(finding["certainty"], "certain");
    let title = title(finding);
    assert!(title.contains("is true, and false is expected"), "{title}");
    assert!(title.contains("differs from new-enrolment-api in pre-production, where it is false"), "{title}");
    // It guards enrolment, and the release is what brings it about.
    assert_eq!(finding["causes"][0]["address"], "kubernetes_deployment.enrolment");
    assert_eq!(finding["affects"][0]["workload"], "device enrolment");
    assert_eq!(finding["affects"].as_array().unwrap().len(), 1, "{finding:#}");
}

#[test]
fn a_flag_that_is_on_everywhere_differs_from_nowhere() {
    let story = Story::of(CASE);
    let address = "launchdarkly_feature_flag_environment.pre_production";
    story.edit_resource(address, |values| values["on"] = json!(true));
    story.edit("snapshots/new-enrolment-api.json", |flag| {
        flag["environments"]["pre-production"]["on"] = json!(true);
    });
    let judged = story.check_at(RELEASE);
    let title = title(judged.the("unexpected-state"));
    assert!(title.contains("is true, and false is expected") && !title.contains("differs"), "{title}");
}

#[test]
fn nine_of_twenty_four_devices_are_somebody_else_then() {
    let judged = judged();
    let finding = judged.the("identity-mismatch");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["level"], "approval");
    assert_eq!(
        title(finding),
        "this plan changes `udid` of 9 of 24 enrolled devices; 9 of 24 then match no row of \
         snapshots/devices.csv: 37.5 %, where 1 % is accepted"
    );
    assert_eq!(
        (&finding["subject"]["id"], &finding["subject"]["kind"]),
        (&json!("enrolled devices"), &json!("population"))
    );
    assert_eq!(addresses(&finding["causes"]), all_changed());
    assert_eq!(addresses(&finding["members"]), all_changed());
    for member in finding["members"].as_array().unwrap() {
        let spelt = SPELT.iter().any(|serial| member["address"] == device(serial));
        let wanted = match spelt {
            true => "replaced; `udid` changes; snapshots/devices.csv has it in other letter case only",
            false => "replaced; `udid` changes; no row of snapshots/devices.csv has it",
        };
        assert_eq!((&member["why"], &member["action"]), (&json!(wanted), &json!("replace")), "{member}");
        assert_eq!(member["evidence"]["source"], "plan.json");
    }
    assert!(finding["help"].as_str().unwrap().starts_with("2 of them would match but for letter case"));
    // The place of it is the declaration.
    assert_eq!(finding["location"]["file"], "mainstay.toml");
    // No identifier is printed, old or new.
    let report = judged.report.to_string();
    assert!(!report.contains("00008103-") && !report.to_lowercase().contains("0ec570ce"), "{report}");
}

#[test]
fn nine_of_twenty_four_devices_go_at_once() {
    let judged = judged();
    let finding = judged.the("mass-destruction");
    assert_eq!(title(finding), "this plan deletes or replaces 9 of 24 jumpcloud_mdm_device");
    assert_eq!(addresses(&finding["causes"]), all_changed(), "all of them are in the JSON");
    let text =
        String::from_utf8(Story::of(CASE).run(&["check", "plan.json", "--now", RELEASE]).stdout).unwrap();
    let of_rule = text.split("error[mass-destruction]").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(of_rule.matches("= cause").count(), 6, "{of_rule}");
    assert!(of_rule.contains("and 4 more"), "{of_rule}");
    let members = text.split("error[identity-mismatch]").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(members.contains("and 2 more") && !members.contains("= cause"), "{members}");
}

#[test]
fn the_inventory_is_a_source() {
    let judged = judged();
    let sources = judged.report["sources"].as_array().unwrap();
    let of: Vec<&Json> = sources.iter().filter(|source| source["path"] == INVENTORY).collect();
    let [one] = &of[..] else { panic!("{sources:#?}") };
    assert_eq!((&one["kind"], &one["objects"]), (&json!("inventory"), &json!(26)));
    assert_eq!((&one["complete"], &one["taken_at"]), (&json!(true), &json!("2025-01-16T10:00:00Z")));
    // It lies among the snapshots, and is no stray file there.
    let text = Story::of(CASE).run(&["check", "plan.json", "--now", RELEASE]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("snapshots/devices.csv   inventory") && !text.contains("not recognised"), "{text}");
}

#[test]
fn before_the_release_only_the_flag_is_wrong() {
    // A nightly check, without a plan: the devices are in no state here.
    let story = Story::of(CASE);
    let judged = Judged::of(&story.run(&["check", "--now", RELEASE, "--format", "json"]));
    let finding = any(&judged, "unexpected-state");
    assert_eq!((&finding["cause"], &finding["level"]), (&json!("standing"), &json!("approval")));
    assert_eq!(judged.code, 3);
}

#[test]
fn with_the_flag_off_and_the_identifiers_kept_it_passes() {
    let judged = Story::of(TWIN).check_at(RELEASE);
    judged.assert_passes();
    for rule in ["unexpected-state", "identity-mismatch", "mass-destruction"] {
        assert!(judged.findings().iter().all(|one| one["rule"] != rule), "{:#}", judged.report);
    }
    // The release is in it.
    assert_eq!(judged.report["plans"][0]["changes"]["update"], 1);
}

#[test]
fn without_the_inventory_it_is_undetermined() {
    let story = Story::of(CASE);
    story.remove(INVENTORY);
    let judged = story.check_at(RELEASE);
    assert_eq!((judged.code, &judged.report["verdict"]), (4, &json!("undetermined")));
    assert_eq!(judged.report["approvals_required"], 3);
    let finding = judged.the("identity-mismatch");
    assert!(title(finding).contains("changes `udid` of 9 of 24"), "{finding:#}");
    judged.assert_reason(
        "snapshots/devices.csv: the configuration names it as an inventory and it is not there",
    );
    // Of nothing else does it raise a doubt.
    for finding in judged.findings().iter().filter(|one| one["rule"] != "identity-mismatch") {
        assert!(!finding.to_string().contains(INVENTORY), "{finding:#}");
    }
    // Where the plan does not touch them, it is a warning.
    let twin = Story::of(TWIN);
    twin.remove(INVENTORY);
    let judged = twin.check_at(RELEASE);
    judged.assert_passes();
    let finding = any(&judged, "identity-mismatch");
    assert_eq!((&finding["cause"], &finding["level"]), (&json!("standing"), &json!("warn")), "{finding:#}");
}

#[test]
fn an_old_inventory_is_as_one_that_is_missing() {
    let story = Story::of(CASE);
    story.edit("snapshots/devices.csv.meta.json", |meta| meta["taken_at"] = json!("2024-12-01T10:00:00Z"));
    let judged = story.check_at(RELEASE);
    assert_eq!(judged.code, 4, "{:#}", judged.report);
    judged.assert_reason("snapshots/devices.csv: taken 2024-12-01, 46 days ago");
    // Nothing says how old it is.
    story.remove("snapshots/devices.csv.meta.json");
    assert_eq!(story.check_at(RELEASE).code, 4);
    // The configuration may say it.
    let toml = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    let listed = "[[snapshot]]\npath = \"snapshots/\"\n[[snapshot]]\npath = \"snapshots/devices.csv\"\n\
                  taken_at = 2025-01-16T09:00:00Z\n";
    story.write("mainstay.toml", &toml.replace("snapshots = [\"snapshots/\"]\n", listed));
    assert_eq!(story.check_at(RELEASE).code, 3);
}

#[test]
fn an_inventory_that_cannot_be_parsed_ends_the_program_with_file_and_row() {
    let story = Story::of(CASE);
    let table = std::fs::read_to_string(story.path().join(INVENTORY)).unwrap();
    story.write(INVENTORY, &table.replacen("macOS,", "macOS\",", 2));
    let output = story.run(&["check", "plan.json", "--now", RELEASE]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("snapshots/devices.csv: row 2: a quote stands in a field"), "{said}");
}
