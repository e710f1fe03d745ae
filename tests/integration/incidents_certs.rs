//! coinbase-2021, claim by claim: a certificate that nothing renews, under listeners that were to be moved.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{Judged, Story};

const CASE: &str = "coinbase-2021";
/// The night of the snapshots.
const NIGHT: &str = "2021-11-12T08:00:00Z";
const END: &str = "2021-11-24T00:00:00Z";
const OLD: &str = "server-certificate/star.internal.example.com-2020";
const SERVICES: [&str; 5] = ["accounts", "orders", "payments", "prices", "transfers"];

fn nightly(now: &str) -> Judged {
    Judged::of(&Story::of(CASE).run(&["check", "--now", now, "--format", "json"]))
}

fn on_plan(case: &str) -> Judged {
    Story::of(case).check_at(NIGHT)
}

/// The one finding of a rule that stands.
fn standing<'a>(judged: &'a Judged, rule: &str) -> &'a Json {
    let found: Vec<&Json> =
        judged.findings().iter().filter(|one| one["rule"] == rule && one["cause"] == "standing").collect();
    let [one] = found[..] else { panic!("{} of {rule}: {:#}", found.len(), judged.report) };
    one
}

fn nodes(finding: &Json) -> BTreeSet<String> {
    finding["affects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["node"].as_str().unwrap().to_owned())
        .collect()
}

/// Each listener, and each service behind one, as the snapshots call them.
fn all_behind() -> BTreeSet<String> {
    let listener = |name: &str| format!("listener/internal-{name}/443");
    let service = |name: &str| format!("arn:aws:ecs:eu-west-1:111122223333:service/production/{name}");
    SERVICES.iter().flat_map(|name| [listener(name), service(name)]).collect()
}

#[test]
fn the_nightly_check_stops_twelve_days_before() {
    let judged = nightly(NIGHT);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = standing(&judged, "expiring-in-use");
    assert_eq!(finding["level"], "approval");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["subject"]["id"], OLD);
    assert_eq!(finding["subject"]["kind"], "certificate");
    assert_eq!(nodes(finding), all_behind(), "every listener and service behind it, and none of the others");
    for hit in finding["affects"].as_array().unwrap() {
        assert_eq!(hit["breaks_at"], END, "{hit}");
        assert_eq!(hit["until"], json!({"sure": END, "possible": END}), "{hit}");
        assert_eq!((&hit["trigger"], &hit["certainty"]), (&json!("deadline"), &json!("certain")), "{hit}");
    }
    let title = finding["title"].as_str().unwrap();
    assert!(title.contains("2021-11-24 00:00 UTC") && title.contains("IAM renews no certificate"), "{title}");
    let help = finding["help"].as_str().unwrap();
    assert!(help.contains("ACM certificate *.internal.example.com is there for the same name"), "{help}");
    assert!(help.contains("nothing uses it"), "{help}");
    let path: Vec<&str> =
        finding["path"].as_array().unwrap().iter().map(|step| step["node"].as_str().unwrap()).collect();
    assert_eq!(path.last(), Some(&OLD), "{path:?}");
    assert_eq!(path.len(), 3, "service, listener, certificate: {path:?}");
}

/// Within 14 days of the end two people are asked, within 60 it is a warning, and a note before.
#[test]
fn the_nearer_the_louder() {
    for (now, level, code) in [
        ("2021-09-25T00:00:00Z", "warn", 0),
        ("2021-11-09T23:00:00Z", "warn", 0),
        ("2021-11-10T00:00:00Z", "approval", 3),
        ("2021-11-23T23:59:59Z", "approval", 3),
        ("2021-11-24T00:00:00Z", "approval", 3),
    ] {
        // The snapshots are of one night: however old they are, it is of the end that this test is.
        let story = Story::of(CASE);
        let text = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
        story.write("mainstay.toml", &format!("max_snapshot_age = \"60d\"\n{text}"));
        let judged = Judged::of(&story.run(&["check", "--now", now, "--format", "json"]));
        assert_eq!(judged.code, code, "{now}: {:#}", judged.report);
        assert_eq!(standing(&judged, "expiring-in-use")["level"], level, "{now}");
    }
}

/// On the day after, what stands is that it does not hold any more.
#[test]
fn once_it_has_ended_everything_behind_it_is_down() {
    let judged = nightly("2021-11-24T00:00:00Z");
    let down = standing(&judged, "breaks-workload");
    assert_eq!(nodes(down), all_behind());
    let ended = standing(&judged, "expiring-in-use");
    assert_eq!(nodes(ended), all_behind());
    assert!(ended["title"].as_str().unwrap().contains("does not hold any more"), "{ended:#}");
    let text = Story::of(CASE).run(&["check", "--now", "2021-11-24T00:00:00Z"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(!text.contains("[breaks-workload]"), "one outage is told once:\n{text}");
}

#[test]
fn the_migration_is_not_finished() {
    let judged = nightly(NIGHT);
    let finding = standing(&judged, "unfinished-migration");
    assert_eq!(finding["level"], "warn");
    assert_eq!(nodes(finding), all_behind());
    let title = finding["title"].as_str().unwrap();
    assert!(title.contains("is said to be complete"), "{title}");
    assert_eq!(finding["location"]["file"], "mainstay.toml");
    // While nobody says that it is done, it is nobody's mistake.
    let story = Story::of(CASE);
    let text = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    for status in ["running", "planned"] {
        story.write("mainstay.toml", &text.replace("\"complete\"", &format!("{status:?}")));
        let judged = Judged::of(&story.run(&["check", "--now", NIGHT, "--format", "json"]));
        assert!(judged.findings().iter().all(|one| one["rule"] != "unfinished-migration"), "{status}");
    }
}

#[test]
fn the_alerts_reach_two_people_and_three_are_required() {
    let judged = nightly(NIGHT);
    let finding = standing(&judged, "thin-route");
    assert_eq!(finding["level"], "warn");
    assert_eq!(finding["subject"]["id"], "certificate alerts");
    assert_eq!(finding["title"], "certificate alerts: 2 people are reached, and 3 are required");
    let story = Story::of(CASE);
    let text = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    let with = |more: &str, people: &str| {
        story.write("mainstay.toml", &format!("{}{people}", text.replace("\"bo@example.com\"", more)));
        let judged = Judged::of(&story.run(&["check", "--now", NIGHT, "--format", "json"]));
        let thin: Vec<Json> =
            judged.findings().iter().filter(|one| one["rule"] == "thin-route").cloned().collect();
        thin
    };
    assert_eq!(with("\"bo@example.com\", \"cy@example.com\"", "").len(), 0, "three are enough");
    assert_eq!(with("\"bo@example.com\", \"BO@example.com\"", "").len(), 1, "the same one twice is one");
    let two_names = "\n[[approval.person]]\nname = \"bo\"\nprincipals = [\"bo@laptop\"]\nknown_as = [\"bo@example.com\"]\n";
    assert_eq!(with("\"bo@example.com\", \"bo@laptop\"", two_names).len(), 1, "two addresses of one person");
    assert_eq!(with("\"bo@example.com\", \"bo@laptop\"", "").len(), 0, "nobody says that these are one");
}

#[test]
fn explain_lists_all_that_is_to_be_moved() {
    let story = Story::of(CASE);
    for name in [OLD, "arn:aws:iam::111122223333:server-certificate/star.internal.example.com-2020"] {
        let output = story.run(&["explain", name, "--now", NIGHT, "--format", "json"]);
        let answer: Json =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let text = answer.to_string();
        for node in all_behind() {
            assert!(text.contains(&format!("\"{node}\"")), "{name}: {node} is not in {answer:#}");
        }
        assert!(!text.contains("listener/edge/443"), "{name}: the edge has a certificate of its own");
    }
    let output = story.run(&["explain", OLD, "--now", NIGHT]);
    let text = String::from_utf8(output.stdout).unwrap();
    for service in SERVICES {
        assert!(text.contains(&format!("listener/internal-{service}/443")), "{service}: {text}");
    }
}

#[test]
fn deleting_it_breaks_everything_at_once() {
    let judged = on_plan(CASE);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.report["approvals_required"], 2);
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["subject"]["address"], "aws_iam_server_certificate.internal");
    assert_eq!(finding["subject"]["action"], "delete");
    assert_eq!(finding["undo"], "lost");
    let expected: BTreeSet<String> = SERVICES
        .iter()
        .flat_map(|name| {
            [format!("aws_lb_listener.internal[\"{name}\"]"), format!("aws_ecs_service.internal[\"{name}\"]")]
        })
        .collect();
    assert_eq!(nodes(finding), expected);
    for hit in finding["affects"].as_array().unwrap() {
        assert_eq!(
            (&hit["until"], &hit["trigger"]),
            (&json!({"sure": "never", "possible": "never"}), &json!("apply"))
        );
        assert_eq!((&hit["certainty"], &hit["fall"]), (&json!("certain"), &json!("starved")));
        assert_eq!(hit["breaks_at"], Json::Null);
    }
    let title = standing(&judged, "unfinished-migration")["title"].as_str().unwrap();
    assert!(!title.contains("finishes"), "taking it away moves nothing: {title}");
}

/// Whatever else a plan does, what stands is a warning on it.
#[test]
fn any_plan_says_what_stands() {
    let judged = on_plan("coinbase-2021/twins/tags");
    judged.assert_passes();
    for rule in ["expiring-in-use", "unfinished-migration", "thin-route"] {
        assert_eq!(standing(&judged, rule)["level"], "warn", "{rule}");
    }
    assert_eq!(judged.report["verdict"], "warn");
}

#[test]
fn the_listeners_moved_first_is_what_was_meant() {
    let judged = on_plan("coinbase-2021/twins/moved");
    judged.assert_passes();
    let title = |rule: &str| standing(&judged, rule)["title"].as_str().unwrap().to_owned();
    assert!(title("expiring-in-use").ends_with("this plan mends it"), "{}", title("expiring-in-use"));
    assert!(title("unfinished-migration").ends_with("this plan finishes it"));
}

/// A service that a plan newly puts on the old kind is the plan's doing.
#[test]
fn going_back_to_the_old_kind_is_the_plans_doing() {
    let story = Story::of("coinbase-2021/twins/tags");
    let edge = "aws_lb_listener.edge";
    story.edit("plan.json", |plan| {
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let one = changes.iter_mut().find(|one| one["address"] == edge).unwrap();
        one["change"]["actions"] = json!(["update"]);
        one["change"]["after"]["certificate_arn"] =
            json!("arn:aws:iam::111122223333:server-certificate/star.internal.example.com-2020");
    });
    let judged = story.check_at(NIGHT);
    let finding = judged.the("unfinished-migration");
    assert_eq!(finding["causes"][0]["address"], edge);
    assert!(nodes(finding).contains(edge), "{finding:#}");
    let brought = judged.the("expiring-in-use");
    assert_eq!(brought["level"], "approval");
    assert_eq!(nodes(brought), BTreeSet::from([edge.to_owned(), "aws_ecs_service.edge".to_owned()]));
    assert_eq!(judged.code, 3);
}

/// Once it has ended, a plan that changes something else of what rested on it has put nothing there.
#[test]
fn what_rested_on_it_before_its_end_is_not_put_there_by_a_plan() {
    let story = Story::of("coinbase-2021/twins/tags");
    story.edit("plan.json", |plan| {
        for one in plan["resource_changes"].as_array_mut().unwrap() {
            if one["address"].as_str().unwrap().starts_with("aws_lb_listener.internal") {
                one["change"]["actions"] = json!(["update"]);
                one["change"]["after"]["tags"] = json!({"team": "routing"});
            }
        }
    });
    let judged = story.check_at("2021-11-24T08:00:00Z");
    judged.assert_passes();
    assert_eq!(nodes(standing(&judged, "expiring-in-use")).len(), 10);
    // They are down by it, and have not been moved.
    let unfinished = standing(&judged, "unfinished-migration");
    assert_eq!(nodes(unfinished).len(), 10);
    assert!(!unfinished["title"].as_str().unwrap().contains("finishes"), "{unfinished:#}");
    let moved = Story::of("coinbase-2021/twins/moved").check_at("2021-11-24T08:00:00Z");
    let title = standing(&moved, "unfinished-migration")["title"].as_str().unwrap();
    assert!(title.ends_with("this plan finishes it"), "{title}");
}

/// A renewal that was due before the snapshot was taken, and could have been made, has not been made.
#[test]
fn a_renewal_that_is_overdue_is_told() {
    let story = Story::mender();
    let later = "2023-09-25T10:00:00Z";
    for entry in std::fs::read_dir(story.path().join("snapshots")).unwrap() {
        let file = format!("snapshots/{}", entry.unwrap().file_name().to_string_lossy());
        if file.ends_with(".meta.json") {
            story.edit(&file, |meta| meta["taken_at"] = json!(later));
        }
    }
    let judged = Judged::of(&story.run(&["check", "--now", "2023-09-25T12:00:00Z", "--format", "json"]));
    let finding = standing(&judged, "expiring-in-use");
    assert_eq!(finding["subject"]["id"], "kubernetes:Certificate/prod/gateway-tls");
    assert_eq!((&finding["level"], &finding["certainty"]), (&json!("approval"), &json!("possible")));
    assert!(finding["title"].as_str().unwrap().contains("its renewal is overdue"), "{finding:#}");
    assert_eq!(nodes(finding), BTreeSet::from(["kubernetes:Ingress/prod/gateway".to_owned()]));
    // What ends on its day hides no question that nobody can answer.
    let toml = std::fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write(
        "mainstay.toml",
        &format!(
            "{toml}\n[[workload]]\nname = \"gateway\"\ncriticality = \"critical\"\n\
        match = [\"kubernetes:Ingress/prod/gateway\"]\nuses = [\"vault:auth/approle/role/none\"]\n"
        ),
    );
    let asked = Judged::of(&story.run(&["check", "--now", "2023-09-25T12:00:00Z", "--format", "json"]));
    let told = standing(&asked, "expiring-in-use")["unknown_because"].to_string();
    assert!(asked.code == 4 && told.contains("which no source knows"), "{}: {told}", asked.code);
    story.write("mainstay.toml", &format!("max_snapshot_age = \"30d\"\n{toml}"));
    // Once it has ended it is no less grave, though it may have been renewed since the snapshot was taken.
    let past = ["check", "--now", "2023-10-10T15:04:00Z"];
    let judged = Judged::of(&story.run(&[&past[..], &["--format", "json"]].concat()));
    let finding = standing(&judged, "expiring-in-use");
    assert_eq!((&finding["level"], &finding["certainty"]), (&json!("approval"), &json!("possible")));
    let text = said(&story.run(&past));
    assert!(text.contains("may have ended 2023-10-08 15:04 UTC"), "{text}");
    assert!(text.contains("outage 2023-10-08 15:04 UTC, 2 days ago"), "{text}");
}
