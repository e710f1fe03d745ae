//! `forecast`: what ends, by date, in text, JSON and iCalendar.

use std::collections::BTreeSet;
use std::fs;

use mainstay::config;
use mainstay::judge::{self, Inputs, PlanInput, SnapshotInput};
use mainstay::report::{Look, forecast_text};
use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{NOW, Story, incidents, mainstay};

const CERTIFICATE: &str = "kubernetes:Certificate/prod/gateway-tls";
const LATER: &str = "2023-09-25T12:00:00Z";

fn forecast(story: &Story, now: &str, more: &[&str]) -> Json {
    let output = story.run(&[&["forecast", "--now", now, "--format", "json"], more].concat());
    assert!(output.status.success(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn calendar(story: &Story, now: &str) -> String {
    let output = story.run(&["forecast", "--now", now, "--plan", "plan.json", "--format", "ics"]);
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_plan_that_takes_a_renewal_away_gives_its_end_a_date() {
    let story = Story::mender();
    let before = forecast(&story, NOW, &[]);
    assert_eq!((&before["ends"], &before["eventually"]), (&json!([]), &json!([])));
    assert_eq!(before["renewed"][0]["node"], CERTIFICATE);
    assert_eq!(before["renewed"][0]["valid_until"], "2023-10-08T15:04:00Z");
    assert_eq!(before["renewed"][0]["by"][0], "kubernetes:ClusterIssuer/letsencrypt");

    let after = forecast(&story, NOW, &["--plan", "plan.json"]);
    let [end] = after["ends"].as_array().unwrap().as_slice() else { panic!("{after:#}") };
    assert_eq!(
        (&end["node"], &end["state"], &end["certainty"]),
        (&json!(CERTIFICATE), &json!("ends"), &json!("certain"))
    );
    assert_eq!(end["first_failure_at"], "2023-09-23T15:04:00Z");
    assert_eq!(end["breaks_at"], "2023-10-08T15:04:00Z");
    assert_eq!((&end["by_plan"], &end["was"]["possible"]), (&json!("sooner"), &json!("forever")));
    let hit = &end["affects"][0];
    assert_eq!((&hit["workload"], &hit["criticality"]), (&json!("hosted product"), &json!("critical")));
    assert_eq!(hit["breaks_at"], "2023-10-08T15:04:00Z");
    let path = end["path"].as_array().unwrap();
    assert_eq!(path.last().unwrap()["address"], "azurerm_role_assignment.cert_manager_dns");
    assert_eq!(after["renewed"], json!([]));
}

#[test]
fn how_far_ahead_is_a_time_or_a_date() {
    let story = Story::mender();
    let ends = |until: &str| {
        forecast(&story, NOW, &["--plan", "plan.json", "--until", until])["ends"].as_array().unwrap().len()
    };
    for (until, number) in [
        ("90d", 1),
        ("24h", 0),
        ("16d", 0),
        ("17d", 1),
        ("2023-10-07", 0),
        ("2023-10-08", 1),
        ("2023-10-08T15:04:00Z", 1),
    ] {
        assert_eq!(ends(until), number, "{until}");
    }
    let wrong: [(&[&str], &str); 6] = [
        (&["--until", "soon"], "90d"),
        (&["--until", "2023-09-20"], "lies before"),
        (&["--format", "isc"], "did you mean `ics`"),
        (&["--format", "ics", "--format", "text"], "2 formats"),
        (&["--plan", "no.json"], "no.json"),
        (&["--snapshot", "no.json"], "no.json"),
    ];
    for (arguments, words) in wrong {
        let output = story.run(&[&["forecast", "--now", NOW], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(words), "{arguments:?}: {}", said(&output));
    }
    let other = story.run(&["check", "plan.json", "--format", "ics"]);
    assert_eq!(other.status.code(), Some(2), "{}", said(&other));
    let nothing = mainstay(tempfile::tempdir().unwrap().path(), &["forecast"]);
    assert_eq!(nothing.status.code(), Some(2), "{}", said(&nothing));
}

/// The snapshots of the aftermath, three days after the apply.
#[test]
fn what_is_overdue_and_what_has_ended_is_told() {
    let story = Story::of("mender-2023/aftermath");
    let overdue = forecast(&story, LATER, &[]);
    assert_eq!(overdue["ends"][0]["first_failure_at"], "2023-09-23T15:04:00Z");
    assert_eq!(overdue["ends"][0]["breaks_at"], "2023-10-08T15:04:00Z");
    assert!(overdue["ends"][0].get("by_plan").is_none());
    story.edit_object("Certificate", "gateway-tls", |certificate| {
        certificate["status"]["notAfter"] = json!("2023-09-24T08:30:00Z");
        certificate["status"]["renewalTime"] = json!("2023-09-10T08:30:00Z");
    });
    let ended = forecast(&story, LATER, &[]);
    let end = &ended["ends"][0];
    assert_eq!((&end["node"], &end["state"]), (&json!(CERTIFICATE), &json!("ended")), "{ended:#}");
    assert_eq!(
        (&end["at"], &end["breaks_at"]),
        (&json!("2023-09-24T08:30:00Z"), &json!("2023-09-24T08:30:00Z"))
    );
    assert_eq!(end["affects"][0]["workload"], "hosted product");
    assert_eq!(end["until"]["possible"], "never");
}

#[test]
fn an_end_that_nobody_knows_comes_last() {
    let story = Story::of("mender-2023/aftermath");
    story.edit_object("Certificate", "gateway-tls", |certificate| {
        let status = certificate["status"].as_object_mut().unwrap();
        status.remove("notAfter");
        status.remove("renewalTime");
    });
    let answer = forecast(&story, LATER, &[]);
    assert_eq!(answer["ends"], json!([]), "{answer:#}");
    let end = &answer["eventually"][0];
    assert_eq!((&end["node"], &end["trigger"]), (&json!(CERTIFICATE), &json!("next-renewal")), "{end:#}");
    assert!(end.get("at").is_none() && end.get("breaks_at").is_none());
    assert_eq!(end["affects"][0]["workload"], "hosted product");
    let output = story.run(&["forecast", "--now", LATER, "--format", "ics"]);
    assert!(!said(&output).contains("BEGIN:VEVENT"), "{}", said(&output));
}

/// RFC 5545: lines, folding, properties; and the same event for the same thing in every run.
#[test]
fn the_calendar_is_one() {
    let story = Story::mender();
    let name = "zażółć;gęślą,jaźń\\日本-".repeat(8);
    let configuration = fs::read_to_string(story.path().join("mainstay.toml")).unwrap();
    story.write("mainstay.toml", &configuration.replace("\"hosted product\"", &format!("'{name}'")));
    let text = calendar(&story, NOW);
    assert!(
        text.ends_with("END:VCALENDAR\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']),
        "{text}"
    );
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.split("\r\n").collect();
    assert_eq!(&lines[..2], ["BEGIN:VCALENDAR", "VERSION:2.0"]);
    assert!(lines[2].starts_with("PRODID:"));
    let all = |property: &str| -> Vec<&str> {
        lines.iter().filter_map(|line| line.strip_prefix(property)?.strip_prefix(':')).collect()
    };
    assert_eq!(all("DTSTART"), ["20230923T150400Z", "20231008T150400Z"]);
    assert_eq!(all("DTSTAMP"), ["20230922T120000Z"; 2]);
    assert_eq!(all("TRIGGER"), ["-P14D"; 2]);
    assert_eq!(lines.iter().filter(|line| **line == "BEGIN:VALARM").count(), 2);
    let escaped = name.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    assert!(all("SUMMARY")[1].ends_with(&format!("and with it {escaped}")), "{text}");
    let ids: Vec<&str> = all("UID");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 2);
    let next_day = calendar(&story, "2023-09-23T12:00:00Z").replace("\r\n ", "");
    assert!(ids.iter().all(|id| next_day.contains(&format!("UID:{id}\r\n"))), "{next_day}");
    assert_eq!(calendar(&story, NOW), text);
}

#[test]
fn formats_go_to_their_files() {
    let story = Story::mender();
    let formats = ["--format", "ics=ends.ics", "--format", "json=ends.json", "--format", "text"];
    let output = story.run(&[&["forecast", "--now", NOW, "--plan", "plan.json"][..], &formats].concat());
    assert!(said(&output).contains("Certificate prod/gateway-tls"), "{}", said(&output));
    let written = fs::read_to_string(story.path().join("ends.ics")).unwrap();
    assert_eq!(written, calendar(&story, NOW));
    let answer: Json = serde_json::from_slice(&fs::read(story.path().join("ends.json")).unwrap()).unwrap();
    assert_eq!(answer, forecast(&story, NOW, &["--plan", "plan.json"]));
}

fn text(folder: &str, now: &str, plan: bool, look: Look) -> String {
    let folder = incidents().join(folder);
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    let declarations = config::parse(&read("mainstay.toml"), "mainstay.toml", &folder).unwrap();
    let snapshots = declarations.snapshots.iter().map(|listed| SnapshotInput {
        path: listed.path.clone(),
        shown: listed.written.clone(),
        taken_at: listed.taken_at,
        listed: true,
    });
    let inputs = Inputs {
        plans: plan
            .then(|| PlanInput::json("plan.json", read("plan.json").into_bytes()))
            .into_iter()
            .collect(),
        snapshots: snapshots.collect(),
        declarations,
        digests: false,
        notes: Vec::new(),
    };
    let now: mainstay::model::Instant = now.parse().unwrap();
    let until = now + std::time::Duration::from_secs(90 * 86_400);
    forecast_text(&judge::forecast(&inputs, until, now).unwrap(), look)
}

#[test]
fn the_text_reads_well() {
    let wide = |width: usize| Look { width, ..Look::default() };
    insta::assert_snapshot!("forecast_of_a_plan_80", text("mender-2023", NOW, true, wide(80)));
    insta::assert_snapshot!("forecast_of_a_plan_140", text("mender-2023", NOW, true, wide(140)));
    insta::assert_snapshot!("forecast_renewed", text("mender-2023", NOW, false, wide(80)));
    insta::assert_snapshot!("forecast_overdue", text("mender-2023/aftermath", LATER, false, wide(80)));
    insta::assert_snapshot!(
        "forecast_of_old_snapshots",
        text("mender-2023/aftermath", "2023-10-25T12:00:00Z", false, wide(100))
    );
    let apply = text("servicechannel-2021", "2021-02-17T12:00:00Z", true, wide(100));
    insta::assert_snapshot!("forecast_at_the_apply", apply);
    let coloured = text("mender-2023", NOW, true, Look { colour: true, ..wide(80) });
    assert!(coloured.contains('\u{1b}') && !text("mender-2023", NOW, true, wide(80)).contains('\u{1b}'));
}
