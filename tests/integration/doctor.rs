//! `mainstay doctor`, on a real checkout with real keys.

use std::fs;
use std::process::Output;

use serde_json::Value as Json;

use crate::support::office::Office;
use crate::support::{program, said};
use crate::two_people::both_go;

fn office(name: &str, more: &str) -> Option<Office> {
    let office = Office::new(name)?;
    office.open(more);
    Some(office)
}

fn answer(output: &Output) -> Json {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

fn json(office: &Office) -> Json {
    answer(&office.mainstay(&["doctor", "--format", "json"]))
}

fn problems(answer: &Json, severity: &str) -> Vec<String> {
    let all = answer["problems"].as_array().unwrap().iter();
    let of = all.filter(|problem| problem["severity"] == severity);
    of.map(|problem| {
        format!(
            "{}:{}: {}",
            problem["file"].as_str().unwrap_or_default(),
            problem["line"],
            problem["what"].as_str().unwrap()
        )
    })
    .collect()
}

fn some(list: &[String], what: &str) {
    assert!(list.iter().any(|one| one.contains(what)), "no `{what}` in {list:#?}");
}

#[test]
fn who_can_sign_and_who_cannot() {
    let Some(office) = office("who_can_sign_and_who_cannot", "") else { return };
    let output = office.mainstay(&["doctor"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = said(&output);
    for part in ["alice", "may go ahead alone", "undetermined", "all that is asked for can be signed for"] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    let answer = json(&office);
    assert_eq!((answer["exit_code"].as_u64(), problems(&answer, "error").len()), (Some(0), 0));
    let warnings = problems(&answer, "warning");
    some(&warnings, "erin cannot approve: the key SHA256:");
    some(&warnings, "rob cannot approve: the key SHA256:");
    some(&warnings, "is revoked");
    some(&warnings, "no snapshot is listed");
    let alice = answer["people"].as_array().unwrap().iter().find(|person| person["name"] == "alice").unwrap();
    assert_eq!(alice["can"], serde_json::json!(["ask", "approve", "break-glass", "review"]));
    let levels: Vec<_> =
        answer["demands"].as_array().unwrap().iter().map(|demand| &demand["people"]).collect();
    assert_eq!(levels, [2, 3]);
}

#[test]
fn what_nobody_could_sign_for_is_exit_1() {
    let Some(office) = office("what_nobody_could_sign_for_is_exit_1", "") else { return };
    let configuration = fs::read_to_string(office.file("mainstay.toml")).unwrap();
    // Five can sign; one of them asks.
    for (required, code) in [(3, 0), (4, 0), (5, 1)] {
        let numbers = format!("[approval]\nrequired = {required}\nundetermined_required = 1");
        office.bed.write("mainstay.toml", &configuration.replace("[approval]", &numbers));
        let output = office.mainstay(&["doctor", "--format", "json"]);
        assert_eq!(output.status.code(), Some(code), "{required}: {}", said(&output));
        if code == 1 {
            some(&problems(&answer(&output), "error"), "if alice asks, 5 must sign, and 4 can");
        }
        if required == 4 {
            some(
                &problems(&answer(&output), "warning"),
                "without any one of alice, arthur, bob, carol, rita",
            );
        }
    }
    // A group with one member cannot be left without them.
    let grouped = configuration.replace("[approval]", "[approval]\ngroups = [\"leads\"]");
    office.bed.write("mainstay.toml", &grouped);
    assert_eq!(office.mainstay(&["doctor"]).status.code(), Some(0));
    office.bed.write(
        "mainstay.toml",
        &grouped.replacen(
            "groups = [\"leads\"]\n[[approval.person]]\nname = \"bob\"",
            "[[approval.person]]\nname = \"bob\"",
            1,
        ),
    );
    let output = office.mainstay(&["doctor", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    some(&problems(&answer(&output), "error"), "if arthur asks, one of group leads must sign, and none can");

    office.bed.write("mainstay.toml", "[mode]\nadvise = false\n");
    let output = office.mainstay(&["doctor", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    some(&problems(&answer(&output), "error"), "no roster says who may sign");
}

#[test]
fn faults_are_told_with_their_place() {
    let Some(office) = office("faults_are_told_with_their_place", "") else { return };
    let roster = fs::read_to_string(office.file("allowed_signers")).unwrap();
    office.bed.write("allowed_signers", &roster.replace("bob@example.com", "*@example.com"));
    let output = office.mainstay(&["doctor", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let errors = problems(&answer(&output), "error");
    some(&errors, "allowed_signers:2: `*@example.com` is a pattern");
    some(&errors, "allowed_signers:3: `*@example.com` is a pattern");

    // What is trusted is another.
    let output = program::run(&mut office.trusting(&["doctor", "--format", "json"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));

    office.bed.write("allowed_signers", &roster);
    office.bed.write("revoked_keys", "what is this\n");
    some(&problems(&json(&office), "error"), "revoked_keys:1: a public key");
    fs::remove_file(office.file("revoked_keys")).unwrap();
    let output = office.mainstay(&["doctor"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("revoked_keys"), "{}", said(&output));
}

#[test]
fn a_ledger_that_cannot_be_used() {
    let Some((office, plan)) = both_go("a_ledger_that_cannot_be_used") else { return };
    let none = Some("[ledger]\nnone = \"accept\"\n");
    let other = office.key("other.db");
    fs::write(&other, "what is this").unwrap();
    let doctor = |url: Option<&str>, more: Option<&str>| {
        let configuration = fs::read_to_string(office.file("mainstay.toml")).unwrap();
        fs::write(office.file("own.toml"), format!("{configuration}{}", more.unwrap_or_default())).unwrap();
        let mut command = office.bed.program(&["doctor", "--format", "json", "--config", "own.toml"]);
        if let Some(url) = url {
            command.env("MAINSTAY_LEDGER", url);
        }
        let output = program::run(&mut command);
        (output.status.code(), answer(&output))
    };
    let (code, whole) = doctor(None, None);
    assert_eq!((code, problems(&whole, "error")), (Some(0), Vec::new()));
    let missing = office.key("missing.db");
    let (code, told) = doctor(Some(&format!("sqlite:{}", missing.display())), None);
    assert_eq!(code, Some(0));
    some(&problems(&told, "note"), "there is no ledger; the first `mainstay request`");
    assert!(!missing.exists(), "it is only read");
    for url in [&format!("sqlite:{}", other.display()), "postgres://mainstay@127.0.0.1:1/ledger"] {
        let (code, told) = doctor(Some(url), None);
        assert_eq!(code, Some(1), "{url}");
        some(&problems(&told, "error"), "the ledger cannot be used");
    }
    let (code, told) = doctor(None, none);
    assert_eq!(code, Some(0));
    some(&problems(&told, "warning"), "approvals can be used again");

    // Somebody went ahead alone, and nobody has looked at it.
    let arguments = ["break-glass", plan.to_str().unwrap(), "--reason", "it burns"];
    office.typing("0", &arguments, "alice");
    let mut alone = office.applying(&plan, &[]);
    let alone = program::run(alone.arg("--break-glass").arg(office.file("alice.break-glass")));
    assert_eq!(alone.status.code(), Some(0), "{}", said(&alone));
    some(
        &problems(&doctor(None, None).1, "warning"),
        "alice went ahead alone, which blocks what needs approval",
    );
}

#[test]
fn snapshots_and_ratings() {
    let Some(office) = office("snapshots_and_ratings", "") else { return };
    let configuration = fs::read_to_string(office.file("mainstay.toml")).unwrap();
    office.bed.write("mainstay.toml", &format!("snapshots = [\"cluster.json\"]\n{configuration}"));
    some(
        &problems(&json(&office), "warning"),
        "cluster.json:null: a snapshot to mend: the configuration lists it and it is not there",
    );
    let deployment = serde_json::json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop", "namespace": "prod"},
        "spec": {"template": {"spec": {"containers": [{"name": "shop", "image": "shop"}]}}},
    });
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [deployment]});
    office.bed.write("cluster.json", &list.to_string());
    office.bed.write("cluster.json.meta.json", "{\"taken_at\": \"2020-01-01T00:00:00Z\"}");
    let answer = json(&office);
    assert_eq!(answer["inventory"]["unrated"], 1, "{answer:#}");
    some(&problems(&answer, "warning"), "cluster.json:null: a snapshot to mend");
    some(&problems(&answer, "note"), "1 of 1 workloads are rated by nobody, and count as important");
    let rated = "[[workload]]\nname = \"shop\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/prod/shop\"]\n";
    office.bed.write("mainstay.toml", &format!("snapshots = [\"cluster.json\"]\n{configuration}{rated}"));
    assert_eq!(json(&office)["inventory"]["unrated"], 0);
}
