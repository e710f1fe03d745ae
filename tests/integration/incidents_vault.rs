//! jumpcloud-2024, claim by claim: tokens that all end 32 days after they were issued.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::support::story::{Judged, Story};

const CASE: &str = "jumpcloud-2024";
const NEW: &str = "jumpcloud-2024-new-role";
const ROLE: &str = "vault_token_auth_backend_role.credentials";
/// Two hours after the snapshots.
const APPLY: &str = "2023-12-16T12:00:00Z";
const EARLIER: &str = "2023-12-12T12:00:00Z";
const FIRST: &str = "2024-01-15T17:54:00Z";
const SECOND: &str = "2024-01-16T15:55:00Z";
const THIRD: &str = "2024-01-16T22:54:00Z";

/// Each service with the day on which it failed.
fn days() -> BTreeMap<String, &'static str> {
    let of = |name: &str, day| (format!("kubernetes:Deployment/platform/{name}"), day);
    let second = ["sso", "oidc", "logins", "device-auth", "ldap", "radius"].map(|name| of(name, SECOND));
    // The bastion lets in whom device trust knows.
    second
        .into_iter()
        .chain([of("device-trust", FIRST), of("bastion", FIRST), of("user-portal", THIRD)])
        .collect()
}

fn judged() -> Judged {
    Story::of(CASE).check_at(APPLY)
}

/// The node of each affected workload, with a field of it.
fn each<'a>(finding: &'a Json, field: &str) -> BTreeMap<String, &'a Json> {
    let affects = finding["affects"].as_array().unwrap();
    affects.iter().map(|hit| (hit["node"].as_str().unwrap().to_owned(), &hit[field])).collect()
}

/// What is said of a setting of a level.
fn limit<'a>(finding: &'a Json, level: &str, setting: &str) -> &'a Json {
    let limits = finding["limits"].as_array().unwrap();
    let is = |limit: &&Json| limit["level"] == level && limit["setting"] == setting;
    limits.iter().find(is).unwrap_or_else(|| panic!("no {setting} of {level} in {limits:#?}"))
}

fn why(limit: &Json) -> &str {
    limit["why"].as_str().unwrap_or_default()
}

/// The one limit that ends it.
fn winner(finding: &Json) -> (String, String, String) {
    let wins: Vec<&Json> =
        finding["limits"].as_array().unwrap().iter().filter(|one| one["wins"] == true).collect();
    let [one] = &wins[..] else { panic!("{wins:#?}") };
    let text = |field: &str| one[field].as_str().unwrap().to_owned();
    (text("level"), text("setting"), text("value"))
}

#[test]
fn two_people_are_asked() {
    let judged = judged();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.report["verdict"], "approval");
    assert_eq!(judged.report["approvals_required"], 2);
    let changes = &judged.report["plans"][0]["changes"];
    assert_eq!((&changes["delete"], &changes["replace"]), (&json!(0), &json!(0)), "nothing is deleted");
    let loud: BTreeSet<String> =
        judged.loud().into_iter().map(|one| one.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(
        loud,
        BTreeSet::from(
            ["bounded-credential", "breaks-workload", "rests-on-itself"].map(|rule| format!("{rule:?}"))
        )
    );
}

#[test]
fn every_service_is_named_with_its_own_day() {
    let judged = judged();
    let finding = judged.the("bounded-credential");
    assert_eq!(finding["subject"]["address"], ROLE);
    assert_eq!(finding["subject"]["action"], "update");
    assert_eq!(finding["certainty"], "certain");
    let breaks = each(finding, "breaks_at");
    let wanted = days();
    assert_eq!(breaks.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (node, day) in &wanted {
        assert_eq!(breaks[node], day, "{node}");
        assert_eq!(each(finding, "until")[node], &json!({"sure": day, "possible": day}), "{node}");
        assert_eq!(each(finding, "was")[node], &json!({"sure": "forever", "possible": "forever"}), "{node}");
        assert_eq!(each(finding, "trigger")[node], "deadline", "{node}");
        assert_eq!(each(finding, "certainty")[node], "certain", "{node}");
    }
}

#[test]
fn the_chain_is_told_level_by_level() {
    let judged = judged();
    let finding = judged.the("bounded-credential");
    let (level, setting, value) = winner(finding);
    assert_eq!((&*level, &*setting, &*value), ("server", "max_lease_ttl", "768h"));
    // What is missing, what it was, and that others have it.
    let period = limit(finding, "auth/token/roles/credentials", "token_period");
    assert_eq!(period["value"], Json::Null);
    assert!(why(period).contains("this plan drops it; it was 24h"), "{period}");
    assert!(why(period).contains("3 of 3 other roles"), "{period}");
    // What was set, and why it does not help.
    let set = limit(finding, "auth/token/roles/credentials", "token_max_ttl");
    assert_eq!((&set["value"], &set["wins"]), (&json!("2160h"), &json!(false)));
    assert!(why(set).contains("takes no such limit"), "{set}");
    let engine = limit(finding, "database", "max_lease_ttl_seconds");
    assert_eq!((&engine["value"], &engine["wins"]), (&json!("2160h"), &json!(false)));
    assert!(why(engine).contains("ends with it"), "{engine}");
    assert_eq!(limit(finding, "auth/token", "max_lease_ttl")["value"], Json::Null);
    assert_eq!(finding["unknown_because"], json!([]));
}

#[test]
fn it_is_the_same_loss_as_that_of_the_workloads() {
    let judged = judged();
    let (bounded, breaks) = (judged.the("bounded-credential"), judged.the("breaks-workload"));
    for field in ["causes", "lost", "undo"] {
        assert_eq!(bounded[field], breaks[field], "{field}");
    }
    for field in ["until", "breaks_at"] {
        assert_eq!(each(bounded, field), each(breaks, field), "{field}");
    }
    // People read it once.
    let text = Story::of(CASE).run(&["check", "plan.json", "--now", APPLY]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("error[bounded-credential]") && !text.contains("[breaks-workload]"), "{text}");
    assert!(text.contains("2024-01-15 17:54 UTC") && text.contains("2024-01-16 15:55 UTC"), "{text}");
}

#[test]
fn the_proof_leads_from_the_workload_to_its_token() {
    let judged = judged();
    let path = judged.the("bounded-credential")["path"].as_array().unwrap().clone();
    assert!(path[0]["node"].as_str().unwrap().starts_with("kubernetes:Deployment/platform/"), "{path:#?}");
    let last = path.last().unwrap();
    assert!(last["node"].as_str().unwrap().starts_with("token/example0accessor"), "{last}");
    assert!(last["because"].as_str().unwrap().contains("768h from its issue"), "{last}");
}

#[test]
fn who_responds_comes_in_by_what_is_down() {
    let judged = judged();
    let rests: Vec<&Json> = judged
        .findings()
        .iter()
        .filter(|one| one["rule"] == "rests-on-itself" && one["cause"] == "standing")
        .collect();
    let [one] = &rests[..] else { panic!("{:#}", judged.report) };
    assert!(one["title"].as_str().unwrap().contains("responders' access"), "{one:#}");
    assert_eq!(one["level"], "warn", "beside a plan what stands is a warning");
    assert!(one.to_string().contains("device-trust"), "{one:#}");
}

#[test]
fn who_does_not_hold_such_a_token_is_left_alone() {
    let judged = judged();
    assert!(!judged.report["findings"].to_string().contains("platform/reporting"));
    for role in ["ci", "backup", "metrics"] {
        let address = format!("vault_token_auth_backend_role.{role}");
        assert!(judged.findings().iter().all(|one| one["subject"]["address"] != *address), "{address}");
    }
}

/// The role is new: nobody has a token of it yet.
#[test]
fn before_the_first_token_there_is_no_day() {
    let judged = Story::of(NEW).check_at(EARLIER);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = judged.the("bounded-credential");
    assert_eq!(
        (&finding["subject"]["address"], &finding["subject"]["action"]),
        (&json!(ROLE), &json!("create"))
    );
    assert_eq!(finding["certainty"], "certain");
    let trigger = each(finding, "trigger");
    assert_eq!(trigger.keys().collect::<Vec<_>>(), days().keys().collect::<Vec<_>>());
    for (node, trigger) in &trigger {
        assert_eq!(*trigger, "issue+768h", "{node}");
        assert_eq!(each(finding, "until")[node], &json!({"sure": "eventually", "possible": "eventually"}));
        assert!(each(finding, "breaks_at")[node].is_null(), "{node}");
    }
    assert_eq!(winner(finding), ("server".to_owned(), "max_lease_ttl".to_owned(), "768h".to_owned()));
    assert!(!judged.report.to_string().contains("does not hold now"), "nobody can have used what is new");
}

#[test]
fn with_a_period_both_pass() {
    for (case, now) in [(CASE, APPLY), (NEW, EARLIER)] {
        let judged = Story::of(&format!("{case}/twins/periodic")).check_at(now);
        judged.assert_passes();
        let said = |rule: &str| judged.findings().iter().any(|one| one["rule"] == rule);
        assert!(!said("bounded-credential") && !said("breaks-workload"), "{case}: {:#}", judged.report);
    }
}

/// After the apply, with new answers of the backend: what stands is told on its day.
fn afterwards(taken: &str) -> Story {
    let story = Story::of(CASE);
    story.edit("snapshots/token-role-credentials.json", |answer| answer["data"]["token_period"] = json!(0));
    for entry in std::fs::read_dir(story.path().join("snapshots")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".meta.json") {
            story.edit(&format!("snapshots/{name}"), |meta| meta["taken_at"] = json!(taken));
        }
    }
    story
}

#[test]
fn what_stands_is_told_as_it_comes_near() {
    for (now, level, code) in [("2023-12-20T12:00:00Z", "warn", 3), ("2024-01-02T12:00:00Z", "approval", 3)] {
        let story = afterwards(now);
        let judged = Judged::of(&story.run(&["check", "--now", now, "--format", "json"]));
        let found: Vec<&Json> =
            judged.findings().iter().filter(|one| one["rule"] == "bounded-credential").collect();
        let [one] = &found[..] else { panic!("{:#}", judged.report) };
        assert_eq!((&one["cause"], &one["level"]), (&json!("standing"), &json!(level)), "{one:#}");
        assert_eq!(one["subject"]["id"], "auth/token/roles/credentials");
        let wanted: BTreeMap<String, &str> = days();
        for (node, day) in each(one, "breaks_at") {
            assert_eq!(day, wanted[&node], "{node}");
        }
        assert_eq!(each(one, "breaks_at").len(), wanted.len());
        // The responders' access alone is of the level of an approval.
        assert_eq!(judged.code, code);
        assert!(judged.findings().iter().all(|one| one["rule"] != "breaks-workload"), "{:#}", judged.report);
    }
}

/// A change of the plan's JSON in one resource, before or after.
fn set(story: &Story, address: &str, side: &str, attribute: &str, value: Json) {
    story.edit("plan.json", |plan| {
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let change = changes.iter_mut().find(|change| change["address"] == address).unwrap();
        change["change"][side][attribute] = value;
    });
}

#[test]
fn durations_may_be_numbers_or_texts() {
    for period in [json!(3600), json!("3600"), json!("1h"), json!("60m"), json!("1d"), json!("3600s")] {
        let story = Story::of(CASE);
        set(&story, ROLE, "after", "token_period", period.clone());
        story.check_at(APPLY).assert_passes();
    }
    for none in [json!(0), json!("0"), json!("0s"), json!(""), Json::Null] {
        let story = Story::of(CASE);
        set(&story, ROLE, "after", "token_period", none.clone());
        assert_eq!(story.check_at(APPLY).code, 3, "{none}");
    }
    // What is no duration is not taken for a period, nor for none.
    let story = Story::of(CASE);
    set(&story, ROLE, "after", "token_period", json!("a while"));
    let judged = story.check_at(APPLY);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.the("bounded-credential")["certainty"], "possible");
}

#[test]
fn an_explicit_maximum_ends_what_a_period_renews() {
    let story = Story::of(CASE);
    set(&story, ROLE, "after", "token_period", json!(86_400));
    set(&story, ROLE, "after", "token_explicit_max_ttl", json!(30 * 86_400));
    let judged = story.check_at(APPLY);
    let finding = judged.the("bounded-credential");
    let (level, setting, value) = winner(finding);
    assert_eq!(
        (&*level, &*setting, &*value),
        ("auth/token/roles/credentials", "token_explicit_max_ttl", "720h")
    );
    assert!(why(limit(finding, &level, "token_period")).contains("no longer than its explicit maximum"));
    // 30 days after its issue: for tokens of a role what the role says now counts, and not what it said then.
    let one = &each(finding, "until")["kubernetes:Deployment/platform/device-trust"];
    assert_eq!(
        **one,
        json!({"sure": "2024-01-13T17:54:00Z", "possible": "2024-01-13T17:54:00Z"}),
        "{finding:#}"
    );
}

#[test]
fn a_lower_maximum_of_the_mount_ends_tokens_sooner_but_not_before_what_they_were_given() {
    let story = afterwards("2023-12-16T10:00:00Z");
    // A tune of the mount to two days, as a listing without the plan tells it.
    story.edit("snapshots/auth-methods.json", |answer| {
        answer["data"]["token/"]["config"]["max_lease_ttl"] = json!(2 * 86_400);
    });
    story
        .edit("snapshots/auth-token-tune.json", |answer| answer["data"]["max_lease_ttl"] = json!(2 * 86_400));
    let judged = Judged::of(&story.run(&["check", "--now", APPLY, "--format", "json"]));
    let found = judged.findings().iter().find(|one| one["rule"] == "bounded-credential").unwrap();
    let breaks = each(found, "breaks_at");
    // Two days after its issue is 2023-12-16T17:54, and it has been given until the next morning.
    assert_eq!(breaks["kubernetes:Deployment/platform/device-trust"], "2023-12-17T03:11:21Z");
    assert_eq!(breaks["kubernetes:Deployment/platform/sso"], "2023-12-17T15:55:00Z");
    assert_eq!(winner(found).0, "auth/token");
}

#[test]
fn a_role_that_goes_renews_nothing() {
    let story = Story::of(CASE);
    story.edit("plan.json", |plan| {
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let change = changes.iter_mut().find(|change| change["address"] == ROLE).unwrap();
        change["change"]["actions"] = json!(["delete"]);
        change["change"]["after"] = Json::Null;
        change["change"]["after_unknown"] = json!({});
    });
    let judged = story.check_at(APPLY);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    // What is there is good until what it was given, and cannot be renewed then.
    let finding = judged.by_plan("breaks-workload")[0];
    let breaks = each(finding, "breaks_at");
    assert_eq!(breaks["kubernetes:Deployment/platform/device-trust"], "2023-12-17T03:11:21Z", "{finding:#}");
    assert_eq!(breaks.len(), days().len());
}

#[test]
fn a_role_that_is_made_anew_may_take_its_tokens_along() {
    let story = Story::of(&format!("{CASE}/twins/periodic"));
    story.edit("plan.json", |plan| {
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let change = changes.iter_mut().find(|change| change["address"] == ROLE).unwrap();
        change["change"]["actions"] = json!(["delete", "create"]);
    });
    let judged = story.check_at(APPLY);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    judged.assert_reason("revokes the tokens");
    assert_eq!(judged.by_plan("breaks-workload")[0]["certainty"], "possible");
}

#[test]
fn tokens_of_a_disabled_mount_go_at_once() {
    let story = Story::of(CASE);
    // As if another mount had issued them, which the plan takes away.
    story.edit("plan.json", |plan| {
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let mut mount = changes.iter().find(|change| change["type"] == "vault_mount").unwrap().clone();
        mount["address"] = json!("vault_auth_backend.token");
        mount["type"] = json!("vault_auth_backend");
        mount["change"]["before"] = json!({"id": "token", "path": "token", "type": "token"});
        mount["change"]["after"] = Json::Null;
        mount["change"]["actions"] = json!(["delete"]);
        changes.push(mount);
    });
    let judged = story.check_at(APPLY);
    let finding = judged
        .by_plan("breaks-workload")
        .into_iter()
        .find(|one| one["subject"]["address"] == "vault_auth_backend.token")
        .unwrap_or_else(|| panic!("{:#}", judged.report));
    for (node, until) in each(finding, "until") {
        assert_eq!(until["possible"], "never", "{node}");
    }
    assert_eq!(each(finding, "until").len(), days().len());
}

#[test]
fn batch_and_root_tokens_end_as_they_were_given() {
    let story = afterwards("2023-12-16T10:00:00Z");
    story.edit("snapshots/token-sso.json", |answer| {
        answer["data"]["type"] = json!("batch");
        answer["data"]["renewable"] = json!(false);
    });
    story.edit("snapshots/token-ldap.json", |answer| {
        answer["data"]["ttl"] = json!(0);
        answer["data"]["creation_ttl"] = json!(0);
        answer["data"]["expire_time"] = Json::Null;
    });
    // Whom it is called for is all that ties it.
    let toml = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write("mainstay.toml", &toml.replace("uses = [\"vault:auth/token/roles/credentials\"]\n", ""));
    let judged = Judged::of(&story.run(&["check", "--now", APPLY, "--format", "json"]));
    let found = judged.findings().iter().find(|one| one["rule"] == "bounded-credential").unwrap();
    let breaks = each(found, "breaks_at");
    assert_eq!(breaks["kubernetes:Deployment/platform/sso"], "2023-12-17T03:18:21Z");
    assert!(!breaks.contains_key("kubernetes:Deployment/platform/ldap"), "{breaks:?}");
}

/// Nobody else tells a parent; the sidecar of a lookup may.
#[test]
fn a_child_ends_with_its_parent() {
    let story = Story::of(&format!("{CASE}/twins/periodic"));
    story.edit("snapshots/token-sso.json.meta.json", |meta| meta["of"] = json!({"parent": "example0parent"}));
    story.edit("snapshots/token-sso.json", |answer| answer["data"]["orphan"] = json!(false));
    let mut parent = story.read("snapshots/token-sso.json");
    parent["data"]["accessor"] = json!("example0parent");
    parent["data"]["display_name"] = json!("token-broker");
    parent["data"]["meta"] = Json::Null;
    parent["data"]["renewable"] = json!(false);
    parent["data"]["path"] = json!("auth/token/create");
    parent["data"]["role"] = Json::Null;
    parent["data"]["expire_time"] = json!("2023-12-30T00:00:00Z");
    let meta = story.read("snapshots/token-ldap.json.meta.json");
    story.write("snapshots/token-parent.json", &parent.to_string());
    story.write("snapshots/token-parent.json.meta.json", &meta.to_string());
    let judged = Judged::of(&story.run(&["check", "--now", APPLY, "--format", "json"]));
    let found = judged.findings().iter().find(|one| one["rule"] == "bounded-credential");
    let found = found.unwrap_or_else(|| panic!("{:#}", judged.report));
    let breaks = each(found, "breaks_at");
    assert_eq!(breaks.len(), 1, "{breaks:?}");
    assert_eq!(breaks["kubernetes:Deployment/platform/sso"], "2023-12-30T00:00:00Z");
}
