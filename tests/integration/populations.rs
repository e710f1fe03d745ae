//! `identity-mismatch` beyond the incident: what counts as a change of identity, and how members are counted.

use std::fs;

use serde_json::{Map, Value as Json, json};

use crate::support::story::{Judged, Story, mainstay};

const NOW: &str = "2025-01-16T18:38:00Z";
const TAKEN: &str = "2025-01-16T16:00:00Z";

struct Fleet {
    folder: tempfile::TempDir,
}

fn change(name: &str, actions: &[&str], before: Json, after: Json) -> Json {
    json!({"address": format!("acme_mdm_device.mac[\"{name}\"]"), "mode": "managed", "type": "acme_mdm_device", "name": "mac",
        "index": name, "provider_name": "registry.terraform.io/x/acme",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": false,
            "after_sensitive": false}})
}

fn known(udid: &str) -> Json {
    json!({"udid": udid, "note": "x"})
}

/// One that the plan leaves alone.
fn stays(udid: &str) -> Json {
    change(udid, &["no-op"], known(udid), known(udid))
}

fn becomes(name: &str, actions: &[&str], old: &str, new: &str) -> Json {
    change(name, actions, known(old), known(new))
}

impl Fleet {
    /// Devices in a plan, and an inventory with these keys; `accepted` is the share that may be missing.
    fn of(changes: &[Json], inventory: &[&str], accepted: &str) -> Fleet {
        let folder = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
        let fleet = Fleet { folder };
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": TAKEN, "complete": true,
            "errored": false, "resource_changes": changes});
        fleet.write("plan.json", &plan.to_string());
        let rows: String = inventory.iter().map(|key| format!("{key},x\n")).collect();
        fleet.write("devices.csv", &format!("udid,name\n{rows}"));
        fleet.write("devices.csv.meta.json", &json!({"taken_at": TAKEN}).to_string());
        fleet.declare("udid", accepted);
        fleet
    }

    fn declare(&self, key: &str, accepted: &str) {
        self.write(
            "mainstay.toml",
            &format!(
                "[[population]]\nname = \"devices\"\nmatch = [\"*_mdm_device.*\"]\nkey = \"{key}\"\n\
                 inventory = \"devices.csv\"\nmax_mismatch = \"{accepted}\"\n\
                 [rules.mass-destruction]\nlevel = \"off\"\n"
            ),
        );
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn judged(&self) -> Judged {
        Judged::of(&mainstay(self.folder.path(), &["check", "plan.json", "--now", NOW, "--format", "json"]))
    }

    fn add(&self, more: &str) {
        let file = self.folder.path().join("mainstay.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(file, format!("{text}{more}")).unwrap();
    }
}

fn found(judged: &Judged) -> Option<&Json> {
    let mut all = judged.findings().iter().filter(|one| one["rule"] == "identity-mismatch");
    let first = all.next();
    assert!(all.next().is_none(), "one finding for each population: {:#}", judged.report);
    first
}

fn unknown(name: &str, actions: &[&str], before: Json) -> Json {
    let mut change = change(name, actions, before, json!({"note": "y"}));
    change["change"]["after_unknown"] = json!({"udid": true});
    change
}

fn sensitive(name: &str, actions: &[&str], old: &str, new: &str) -> Json {
    let mut change = becomes(name, actions, old, new);
    for side in ["before_sensitive", "after_sensitive"] {
        change["change"][side] = json!({"udid": true});
    }
    change
}

/// What it is about, the changes, the inventory, the share that is accepted, and what comes of it: level, cause,
/// certainty, and what the title begins with.
type Case<'a> = (&'a str, Vec<Json>, &'a [&'a str], &'a str, Option<(&'a str, &'a str, &'a str, &'a str)>);

#[test]
fn what_counts() {
    let two = || vec![stays("A"), stays("B")];
    let with = |change: Json| vec![stays("A"), stays("B"), change];
    let cases: Vec<Case<'_>> = vec![
        ("all is well", two(), &["A", "B"], "0%", None),
        (
            "one that nobody touches is in no row",
            two(),
            &["A"],
            "0%",
            Some((
                "warn",
                "standing",
                "certain",
                "1 of 2 devices matches no row of devices.csv by `udid`: 50 %",
            )),
        ),
        ("so many are accepted", two(), &["A"], "50%", None),
        (
            "in place",
            with(becomes("C", &["update"], "C", "D")),
            &["A", "B", "C"],
            "0%",
            Some((
                "approval",
                "plan",
                "certain",
                "this plan changes `udid` of 1 of 3 devices; 1 of 3 then matches no",
            )),
        ),
        (
            "by replacement, to the key of another row",
            with(becomes("C", &["delete", "create"], "C", "D")),
            &["A", "B", "C", "D"],
            "0%",
            Some(("approval", "plan", "certain", "this plan changes `udid` of 1 of 3 devices")),
        ),
        (
            "a change is one whatever share may be missing",
            with(becomes("C", &["create", "delete"], "C", "D")),
            &["A", "B", "C"],
            "50%",
            Some(("approval", "plan", "certain", "this plan changes `udid` of 1 of 3 devices")),
        ),
        (
            "from one that the inventory has to another",
            with(becomes("C", &["update"], "C", "D")),
            &["A", "B", "C", "D"],
            "0%",
            Some(("approval", "plan", "certain", "this plan changes `udid` of 1 of 3 devices")),
        ),
        (
            "set right in place",
            with(becomes("C", &["update"], "c", "C")),
            &["A", "B", "C"],
            "0%",
            Some((
                "note",
                "plan",
                "certain",
                "this plan sets `udid` of 1 of 3 devices to what devices.csv has",
            )),
        ),
        (
            "set right by replacement it is another thing all the same",
            with(becomes("C", &["delete", "create"], "c", "C")),
            &["A", "B", "C"],
            "0%",
            Some(("approval", "plan", "certain", "this plan changes `udid`")),
        ),
        (
            "replaced, and known by the same key",
            with(change("C", &["delete", "create"], known("C"), json!({"udid": "C", "note": "y"}))),
            &["A", "B", "C"],
            "0%",
            None,
        ),
        (
            "another attribute changes",
            with(change("C", &["update"], known("C"), json!({"udid": "C", "note": "y"}))),
            &["A", "B", "C"],
            "0%",
            None,
        ),
        (
            "gone is not mismatched",
            with(change("C", &["delete"], known("C"), Json::Null)),
            &["A", "B"],
            "0%",
            None,
        ),
        (
            "a new one that the inventory does not have",
            with(change("C", &["create"], Json::Null, known("C"))),
            &["A", "B"],
            "0%",
            Some(("approval", "plan", "certain", "1 of 3 devices matches no row of devices.csv")),
        ),
        (
            "a new one that it has",
            with(change("C", &["create"], Json::Null, known("C"))),
            &["A", "B", "C"],
            "0%",
            None,
        ),
        (
            "a new one beside one that was missing before",
            with(change("C", &["create"], Json::Null, known("C"))),
            &["A", "C"],
            "0%",
            Some(("warn", "standing", "certain", "1 of 3 devices matches no row of devices.csv")),
        ),
        (
            "known only after apply",
            with(unknown("C", &["delete", "create"], known("C"))),
            &["A", "B", "C"],
            "0%",
            Some((
                "approval",
                "plan",
                "possible",
                "this plan may change `udid` of 1 of 3 devices; 1 of 3 then may match",
            )),
        ),
        (
            "a new one, known only after apply",
            with(unknown("C", &["create"], Json::Null)),
            &["A", "B", "C"],
            "0%",
            Some(("approval", "plan", "possible", "1 of 3 devices may match no row of devices.csv")),
        ),
        (
            "sensitive",
            with(sensitive("C", &["update"], "C", "D")),
            &["A", "B", "C"],
            "0%",
            Some(("approval", "plan", "possible", "this plan may change `udid` of 1 of 3 devices")),
        ),
        (
            "under another key at another address",
            with(change("C", &["delete"], known("C"), Json::Null))
                .into_iter()
                .chain([change("D", &["create"], Json::Null, known("D"))])
                .collect(),
            &["A", "B", "C"],
            "0%",
            Some(("approval", "plan", "certain", "1 of 3 devices matches no row of devices.csv")),
        ),
        (
            "under the same key at another address",
            with(change("C", &["delete"], known("C"), Json::Null))
                .into_iter()
                .chain([change("D", &["create"], Json::Null, known("C"))])
                .collect(),
            &["A", "B", "C"],
            "0%",
            None,
        ),
        (
            "no longer managed",
            with(change("C", &["forget"], known("C"), Json::Null)),
            &["A", "B", "C"],
            "0%",
            None,
        ),
        (
            "a new one without a key",
            with(change("C", &["create"], Json::Null, json!({"note": "x"}))),
            &["A", "B"],
            "0%",
            Some(("approval", "plan", "possible", "1 of 3 devices may match no row of devices.csv")),
        ),
        (
            "it loses its key",
            with(change("C", &["update"], known("C"), json!({"note": "x"}))),
            &["A", "B", "C"],
            "0%",
            Some((
                "approval",
                "plan",
                "certain",
                "this plan changes `udid` of 1 of 3 devices; 1 of 3 then matches no",
            )),
        ),
    ];
    for (what, changes, inventory, accepted, wanted) in cases {
        let judged = Fleet::of(&changes, inventory, accepted).judged();
        let finding = found(&judged);
        match (finding, wanted) {
            (None, None) => {}
            (Some(finding), Some((level, cause, certainty, title))) => {
                assert_eq!(
                    (&finding["level"], &finding["cause"], &finding["certainty"]),
                    (&json!(level), &json!(cause), &json!(certainty)),
                    "{what}: {finding:#}"
                );
                assert!(finding["title"].as_str().unwrap().starts_with(title), "{what}: {finding:#}");
            }
            _ => panic!("{what}: {:#}", judged.report),
        }
        let stops = wanted.is_some_and(|(level, ..)| level == "approval");
        assert_eq!(judged.code, if stops { 3 } else { 0 }, "{what}");
    }
}

#[test]
fn each_that_changes_is_a_cause_and_those_of_before_are_none() {
    let changes =
        [stays("A"), stays("X"), becomes("C", &["update"], "C", "D"), becomes("E", &["update"], "E", "F")];
    let judged = Fleet::of(&changes, &["A", "C", "E"], "0%").judged();
    let finding = found(&judged).unwrap();
    let causes: Vec<(&str, bool)> = finding["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cause| (cause["address"].as_str().unwrap(), cause["sufficient"].as_bool().unwrap()))
        .collect();
    assert_eq!(causes, [("acme_mdm_device.mac[\"C\"]", true), ("acme_mdm_device.mac[\"E\"]", true)]);
    // The one that stood before is told with them.
    assert_eq!(finding["members"].as_array().unwrap().len(), 3);
    assert!(
        finding["title"].as_str().unwrap().contains("of 2 of 4 devices; 3 of 4 then match no row"),
        "{finding:#}"
    );
}

/// Where the catalog says that the key makes the thing, what is replaced is two things.
#[test]
fn what_is_somebody_else_when_replaced_counts_once() {
    let changes =
        [stays("A"), becomes("C", &["delete", "create"], "C", "D"), becomes("E", &["update"], "E", "F")];
    let fleet = Fleet::of(&changes, &["A", "C", "E"], "0%");
    fleet.write(
        "acme.toml",
        "[[type]]\nkind = \"acme_mdm_device\"\nclass = \"other\"\nunique = [\"acme-device:{udid}\"]\n",
    );
    let file = fs::read_to_string(fleet.folder.path().join("mainstay.toml")).unwrap();
    fleet.write("mainstay.toml", &format!("catalog = [\"acme.toml\"]\n{file}"));
    let judged = fleet.judged();
    let finding = found(&judged).unwrap();
    assert_eq!(
        finding["title"],
        "this plan changes `udid` of 2 of 3 devices; 2 of 3 then match no row of devices.csv: 66.7 %, where 0 % is accepted"
    );
    assert_eq!(finding["members"].as_array().unwrap().len(), 2, "{finding:#}");
    assert_eq!(finding["causes"].as_array().unwrap().len(), 2, "{finding:#}");
}

#[test]
fn what_stands_makes_no_change_necessary() {
    let causes = |changes: &[Json], inventory: &[&str]| -> Vec<(bool, bool)> {
        let judged = Fleet::of(changes, inventory, "40%").judged();
        let causes = found(&judged).unwrap()["causes"].as_array().unwrap().clone();
        causes.iter().map(|one| (one["sufficient"] == true, one["necessary"] == true)).collect()
    };
    let new = |name: &str| change(name, &["create"], Json::Null, known(name));
    let rekeyed = becomes("C", &["update"], "C", "D");
    assert_eq!(causes(&[stays("A"), rekeyed.clone()], &["A", "C"]), [(true, true)]);
    // Without it 2 of 3 are missing all the same.
    assert_eq!(causes(&[stays("A"), stays("B"), rekeyed], &["C", "D"]), [(true, false)]);
    // 2 of 4 are too many, 1 of 4 is not.
    assert_eq!(causes(&[stays("A"), stays("B"), new("C"), new("D")], &["A", "B"]), [(false, true); 2]);
    assert_eq!(causes(&[stays("A"), stays("B"), new("C"), new("D")], &["A", "C"]), [(true, true)]);
    assert_eq!(causes(&[new("C"), new("D"), new("E")], &[]), [(false, false); 3]);
}

#[test]
fn a_share_is_more_than_what_is_accepted_or_it_is_not() {
    let changes = |missing: usize| -> Vec<Json> {
        (0..100)
            .map(|number| stays(&format!("{}{number}", if number < missing { "x" } else { "k" })))
            .collect()
    };
    let all: Vec<String> = (0..100).map(|number| format!("k{number}")).collect();
    let inventory: Vec<&str> = all.iter().map(String::as_str).collect();
    assert!(found(&Fleet::of(&changes(1), &inventory, "1%").judged()).is_none());
    let judged = Fleet::of(&changes(2), &inventory, "1%").judged();
    assert!(found(&judged).unwrap()["title"].as_str().unwrap().contains("2 %, where 1 % is accepted"));
}

#[test]
fn rows_of_no_use_are_said() {
    let fleet = Fleet::of(&[stays("A"), stays("B")], &["A", "B", "B", ""], "0%");
    let output = mainstay(fleet.folder.path(), &["check", "plan.json", "--now", NOW]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 row has a `udid` that a row before has too"), "{text}");
    assert!(text.contains("1 row has no `udid`"), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn an_attribute_that_nothing_has_is_no_proof_of_a_match() {
    let fleet = Fleet::of(&[stays("A"), stays("B")], &["A", "B"], "0%");
    fleet.declare("serial", "0%");
    fleet.write("devices.csv", "serial\nA\nB\n");
    let judged = fleet.judged();
    let finding = found(&judged).unwrap();
    assert_eq!((&finding["certainty"], &finding["cause"]), (&json!("possible"), &json!("standing")));
    judged.assert_reason("`serial` of 2 of them: no source says what it is");
}

#[test]
fn lists_of_objects_will_do() {
    let fleet = Fleet::of(&[stays("A"), stays("7")], &[], "0%");
    fleet.write("devices.csv", &json!({"count": 2, "results": [{"UDID": "A"}, {"UDID": 7}]}).to_string());
    assert!(found(&fleet.judged()).is_none());
    fleet.write("devices.csv", &json!([{"UDID": "A"}, ["7"]]).to_string());
    let output = mainstay(fleet.folder.path(), &["check", "plan.json", "--now", NOW]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("devices.csv: row 2: it is no object"));
}

#[test]
fn what_rests_on_them_is_named() {
    let mut server = change("S", &["no-op"], known("S"), known("S"));
    server["address"] = json!("acme_server.main");
    server["type"] = json!("acme_server");
    let fleet = Fleet::of(&[server, becomes("C", &["delete", "create"], "C", "D")], &["C"], "0%");
    fleet.add(
        "[[workload]]\nname = \"sign-in\"\ncriticality = \"critical\"\nmatch = [\"acme_server.main\"]\n\
         uses = ['acme_mdm_device.mac[\"C\"]']\n",
    );
    let judged = fleet.judged();
    let finding = found(&judged).unwrap();
    assert_eq!(finding["affects"][0]["workload"], "sign-in", "{:#}", judged.report);
}

#[test]
fn what_is_left_out_of_the_plan_changes_nothing() {
    let fleet = Fleet::of(&[stays("A"), becomes("C", &["update"], "C", "D")], &["A", "C"], "0%");
    let output =
        mainstay(fleet.folder.path(), &["check", "plan.json", "--now", NOW, "--unblock", "--format", "json"]);
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let left_out: Map<String, Json> = report["unblock"].as_object().unwrap().clone();
    assert!(Json::Object(left_out).to_string().contains("acme_mdm_device.mac"), "{report:#}");
}

/// What has no grant, no user and no workload in it casts no doubt on any.
#[test]
fn nothing_else_hangs_on_an_inventory() {
    let (with, without) = (Story::mender(), Story::mender());
    let toml = fs::read_to_string(with.path().join("mainstay.toml")).unwrap();
    let population = "[[population]]\nname = \"records\"\nmatch = [\"azurerm_*\"]\nkey = \"id\"\ninventory = \"none.csv\"\n";
    // A name that leads to nothing may be in a source that is missing; it is in no inventory.
    let workload =
        "[[workload]]\nname = \"gone\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Job/prod/gone\"]\n";
    without.write("mainstay.toml", &format!("{toml}{workload}"));
    with.write("mainstay.toml", &format!("{toml}{workload}{population}"));
    for story in [&with, &without] {
        // Whose users nobody lists, and what else allows the same.
        story.remove("snapshots/cluster.json").remove("snapshots/role-definitions.json");
    }
    let (with, without) = ((with.check(), with), (without.check(), without));
    let others = |judged: &Judged| -> Vec<Json> {
        judged.findings().iter().filter(|one| one["rule"] != "identity-mismatch").cloned().collect()
    };
    assert_eq!(others(&with.0), others(&without.0));
    assert!(found(&with.0).is_some(), "{:#}", with.0.report);
    for command in ["forecast", "rank"] {
        let answer = |story: &Story| story.run(&[command, "--format", "json", "--plan", "plan.json"]).stdout;
        assert!(!String::from_utf8(answer(&with.1)).unwrap().contains("none.csv"), "{command}");
    }
}

#[test]
fn one_file_may_list_several_populations() {
    let fleet = Fleet::of(&[stays("A"), stays("B")], &["A", "B"], "0%");
    fleet.add(
        "[[population]]\nname = \"named\"\nmatch = [\"acme_mdm_device.*\"]\nkey = \"note\"\ninventory = \"devices.csv\"\n",
    );
    fleet.write("devices.csv", "udid,note\nA,x\nB,\n");
    let judged = fleet.judged();
    assert!(found(&judged).is_none(), "all have the note x");
    let sources = judged.report["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1, "{sources:#?}");
    fleet.write("devices.csv", "udid,note\nA,z\nB,\n");
    let judged = fleet.judged();
    assert_eq!(found(&judged).unwrap()["subject"]["id"], "named");
}

/// A state of another workspace tells of devices that no plan speaks of.
#[test]
fn without_a_plan_what_stands_is_judged() {
    let fleet = Fleet::of(&[], &["A"], "0%");
    let device = |udid: &str| {
        json!({"address": format!("acme_mdm_device.mac[\"{udid}\"]"), "mode": "managed", "type": "acme_mdm_device",
            "name": "mac", "index": udid, "provider_name": "registry.terraform.io/x/acme", "values": {"udid": udid}})
    };
    let state = json!({"format_version": "1.0", "terraform_version": "1.11.4",
        "values": {"root_module": {"resources": [device("A"), device("b")]}}});
    fleet.write("state.json", &state.to_string());
    fleet.write("state.json.meta.json", &json!({"taken_at": TAKEN}).to_string());
    let arguments = ["check", "--snapshot", "state.json", "--now", NOW, "--format", "json"];
    let judged = Judged::of(&mainstay(fleet.folder.path(), &arguments));
    let finding = found(&judged).unwrap();
    assert_eq!(
        (&finding["cause"], &finding["level"]),
        (&json!("standing"), &json!("approval")),
        "{finding:#}"
    );
    assert_eq!(judged.code, 3);
    // What may have gone since, and may have another key by now.
    fleet.write("state.json.meta.json", &json!({"taken_at": "2024-12-01T00:00:00Z"}).to_string());
    let judged = Judged::of(&mainstay(fleet.folder.path(), &arguments));
    assert_eq!(
        (judged.code, &found(&judged).unwrap()["certainty"]),
        (4, &json!("possible")),
        "{:#}",
        judged.report
    );
    judged.assert_reason("state.json: taken 2024-12-01");
    fleet.write("state.json.meta.json", &json!({"taken_at": TAKEN}).to_string());
    fs::remove_file(fleet.folder.path().join("devices.csv")).unwrap();
    let judged = Judged::of(&mainstay(fleet.folder.path(), &arguments));
    assert_eq!(judged.code, 4, "{:#}", judged.report);
}
