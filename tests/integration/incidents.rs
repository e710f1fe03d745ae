//! The outages, claim by claim, and as whole reports.
//!
//! `expected.json` of a case is the JSON report of `mainstay check plan.json --now NOW` there, NOW being the `now`
//! in it. With `MAINSTAY_REGENERATE=1` it is written instead.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{GRANT, Judged, NOW, PRINCIPAL, Story, incidents, mainstay, zone};

/// Every folder with a plan in it, and what it is called.
fn cases() -> Vec<(String, PathBuf)> {
    let (root, mut found) = (incidents(), Vec::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "plan.json") {
                found.push((folder.strip_prefix(&root).unwrap().display().to_string(), folder.clone()));
            }
        }
    }
    found.sort();
    found
}

/// The moment at which a case is judged: that of its report, or, for a new one, two hours after its snapshots.
fn now(folder: &Path) -> String {
    let read =
        |file: &str| -> Option<Json> { serde_json::from_slice(&fs::read(folder.join(file)).ok()?).ok() };
    if let Some(report) = read("expected.json") {
        return report["now"].as_str().unwrap().to_owned();
    }
    let mut names = fs::read_dir(folder.join("snapshots")).unwrap().map(|entry| entry.unwrap().file_name());
    let name = names.find(|name| name.to_string_lossy().ends_with(".meta.json"));
    let name = name.unwrap_or_else(|| panic!("{}: no time", folder.display()));
    let sidecar = read(&format!("snapshots/{}", name.to_string_lossy())).unwrap();
    let taken = sidecar["taken_at"].as_str().unwrap();
    taken.replace("T10:00", "T12:00").replace("T06:00", "T08:00")
}

#[test]
fn reports_are_as_expected() {
    assert!(cases().len() >= 5);
    let mut wrong = Vec::new();
    for (name, folder) in cases() {
        let output = mainstay(&folder, &["check", "plan.json", "--now", &now(&folder), "--format", "json"]);
        assert!(output.stderr.is_empty(), "{name}: {}", said(&output));
        let file = folder.join("expected.json");
        if std::env::var("MAINSTAY_REGENERATE").as_deref() == Ok("1") {
            fs::write(&file, &output.stdout).unwrap();
        }
        let expected = match fs::read(&file) {
            Ok(expected) => String::from_utf8(expected).unwrap(),
            Err(error) => {
                wrong.push(format!("{name}: expected.json: {error}"));
                continue;
            }
        };
        let report = String::from_utf8(output.stdout).unwrap();
        if expected == report {
            let code: Json = serde_json::from_str(&expected).unwrap();
            assert_eq!(code["exit_code"], output.status.code().unwrap(), "{name}");
        } else {
            wrong.push(format!(
                "{name}: the report differs; if that is meant, run `fixtures/regenerate`\n{}",
                similar(&expected, &report)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines that only one of two texts has.
fn similar(one: &str, other: &str) -> String {
    let only = |mark: &str, here: &str, there: &str| -> String {
        here.lines()
            .filter(|line| !there.lines().any(|other| other == *line))
            .map(|line| format!("{mark} {line}\n"))
            .collect()
    };
    format!("{}{}", only("-", one, other), only("+", other, one))
}

#[test]
fn texts_read_well() {
    for (name, folder) in cases() {
        let output = mainstay(&folder, &["check", "plan.json", "--now", &now(&folder)]);
        let text =
            format!("{}exit {}\n", String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap());
        for line in text.lines().filter(|line| line.chars().count() > 100) {
            // A long name stays whole, and the verdict is one line.
            let name_in_it = line.split(' ').any(|word| word.len() > 60);
            assert!(name_in_it || line.starts_with("verdict:"), "{name}: {line}");
        }
        insta::assert_snapshot!(name.replace('/', "."), text);
    }
}

fn mender() -> Judged {
    Story::mender().check()
}

/// The one workload that the finding says falls.
fn hit(finding: &Json) -> &Json {
    let affects = finding["affects"].as_array().unwrap();
    assert_eq!(affects.len(), 1, "{affects:#?}");
    &affects[0]
}

#[test]
fn mender_needs_two_people() {
    let judged = mender();
    assert_eq!(judged.code, 3);
    assert_eq!(judged.report["verdict"], "approval");
    assert_eq!(judged.report["approvals_required"], 2);
    assert_eq!(judged.loud().len(), 1, "one finding, and nothing beside it: {:?}", judged.loud());
}

#[test]
fn mender_names_the_deletion() {
    let judged = mender();
    let finding = judged.the("breaks-workload");
    assert_eq!(finding["level"], "approval");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["subject"]["address"], GRANT);
    assert!(finding["subject"]["action"].as_str().unwrap().starts_with("delete"));
    let cause = json!([{"address": GRANT, "plan": "plan.json", "sufficient": true, "necessary": true}]);
    assert_eq!(finding["causes"], cause);
    assert_eq!(finding["unknown_because"], json!([]));
}

#[test]
fn mender_says_who_falls_and_when() {
    let judged = mender();
    let hit = hit(judged.the("breaks-workload"));
    assert_eq!(hit["workload"], "hosted product");
    assert_eq!(hit["node"], "kubernetes:Ingress/prod/gateway");
    assert_eq!(hit["criticality"], "critical");
    assert_eq!(hit["fall"], "starved");
    assert_eq!(hit["certainty"], "certain");
    assert_eq!(hit["trigger"], "deadline");
    assert!(hit["first_failure_at"].as_str().unwrap().starts_with("2023-09-23T"), "{hit}");
    assert_eq!(hit["breaks_at"], "2023-10-08T15:04:00Z");
    assert_eq!(hit["until"]["possible"], "2023-10-08T15:04:00Z");
    assert_eq!(hit["was"]["possible"], "forever");
}

#[test]
fn mender_proves_it_from_the_workload_to_the_deletion() {
    let judged = mender();
    let path = judged.the("breaks-workload")["path"].as_array().unwrap().clone();
    let nodes: Vec<&str> = path.iter().map(|step| step["node"].as_str().unwrap()).collect();
    assert_eq!(
        nodes,
        [
            "kubernetes:Ingress/prod/gateway",
            "kubernetes:Certificate/prod/gateway-tls",
            "kubernetes:ClusterIssuer/letsencrypt",
            "kubernetes:ServiceAccount/cert-manager/cert-manager",
            "azurerm_user_assigned_identity.cert_manager",
            GRANT,
        ]
    );
    for step in &path {
        let (source, pointer) = (&step["evidence"]["source"], step["evidence"]["pointer"].as_str().unwrap());
        let document: Json = serde_json::from_slice(
            &fs::read(incidents().join("mender-2023").join(source.as_str().unwrap())).unwrap(),
        )
        .unwrap();
        assert!(document.pointer(pointer).is_some(), "{source} has no {pointer}");
    }
}

#[test]
fn mender_says_what_is_lost_and_that_nothing_else_covers_it() {
    let judged = mender();
    let finding = judged.the("breaks-workload");
    let lost = finding["lost"].as_array().unwrap();
    let capability = lost.iter().find(|lost| lost["capability"].is_string()).unwrap();
    assert_eq!(capability["action"], "Microsoft.Network/dnsZones/TXT/write");
    assert_eq!(capability["scope"], zone());
    assert_eq!(capability["principal"], PRINCIPAL);
    let words = format!("{PRINCIPAL} can Microsoft.Network/dnsZones/TXT/write on {}", zone());
    assert_eq!(capability["capability"], words);
    let grant = lost.iter().find(|lost| lost["grant"].is_string()).unwrap();
    assert_eq!(grant["role"], "DNS Zone Contributor");
    assert_eq!(finding["covered_by"], json!([]));
    assert_eq!(judged.report["covered"], json!([]));
    assert_eq!(finding["undo"], "restorable");
}

#[test]
fn mender_leaves_the_bystanders_alone() {
    let judged = mender();
    let all = judged.report["findings"].to_string();
    assert!(!all.contains("reporting") && !all.contains("operator@"), "{all}");
}

#[test]
fn the_twins_pass() {
    for twin in ["without-deletion", "covered", "recreated"] {
        let judged = Story::of(&format!("mender-2023/twins/{twin}")).check();
        judged.assert_passes();
        assert_eq!(judged.report["approvals_required"], 0, "{twin}");
        assert!(judged.findings().iter().all(|one| one["rule"] != "breaks-workload"), "{twin}");
    }
}

#[test]
fn the_twins_say_what_covers() {
    let by = |twin: &str| {
        let judged = Story::of(&format!("mender-2023/twins/{twin}")).check();
        let covered = judged.report["covered"].as_array().unwrap().clone();
        let told = covered
            .iter()
            .map(|one| (one["address"].clone(), one["by"][0]["grant"].as_str().unwrap().to_owned()));
        told.collect::<Vec<_>>()
    };
    assert_eq!(by("without-deletion"), []);
    let [(address, grant)] = &by("covered")[..] else { panic!("{:?}", by("covered")) };
    assert_eq!(address, GRANT);
    assert!(grant.contains("azurerm_role_assignment.cert_manager_dns_group"), "{grant}");
    let [(address, grant)] = &by("recreated")[..] else { panic!("{:?}", by("recreated")) };
    assert_eq!(address, GRANT);
    assert!(grant.contains("azurerm_role_assignment.hosted_zone_cert_manager"), "{grant}");
}

/// One entry of the ingress names a secret that never was: the model says that it does not hold, and it serves the rest.
#[test]
fn what_is_missing_already_hides_no_loss() {
    let story = Story::mender();
    story.edit_object("Ingress", "gateway", |ingress| {
        let tls = ingress["spec"]["tls"].as_array_mut().unwrap();
        tls.push(json!({"hosts": ["old.example.io"], "secretName": "old-tls"}));
    });
    let judged = story.check();
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let falls = judged.by_plan("breaks-workload");
    let [finding] = &falls[..] else { panic!("{falls:#?}") };
    assert_eq!((&finding["certainty"], &finding["level"]), (&json!("possible"), &json!("approval")));
    let standing = judged.findings().iter().find(|one| one["cause"] == "standing").unwrap();
    let step = standing["path"].as_array().unwrap().last().unwrap();
    assert_eq!(step["because"], "it needs TLS secret old-tls, and nothing here is that");
}

#[test]
fn three_days_later_it_stands_and_only_warns() {
    let judged = Story::of("mender-2023/aftermath").check_at("2023-09-25T12:00:00Z");
    judged.assert_passes();
    assert_eq!(judged.report["verdict"], "warn");
    let standing: Vec<&Json> = judged.findings().iter().filter(|one| one["cause"] == "standing").collect();
    let [finding, drifted] = standing[..] else { panic!("{standing:#?}") };
    // The plan shows it as a creation only.
    assert_eq!((&drifted["rule"], &drifted["level"]), (&json!("drifted"), &json!("warn")));
    assert_eq!(drifted["subject"]["address"], GRANT);
    assert_eq!((&finding["rule"], &finding["level"]), (&json!("breaks-workload"), &json!("warn")));
    assert_eq!(finding["subject"]["id"], "kubernetes:Certificate/prod/gateway-tls");
    assert_eq!(hit(finding)["workload"], "hosted product");
    assert_eq!(hit(finding)["breaks_at"], "2023-10-08T15:04:00Z");
}

#[test]
fn three_days_later_the_nightly_job_needs_people() {
    let folder = incidents().join("mender-2023/aftermath");
    let now = "2023-09-25T12:00:00Z";
    let judged = Judged::of(&mainstay(&folder, &["check", "--now", now, "--format", "json"]));
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    assert_eq!(judged.findings()[0]["cause"], "standing");
    // On the day before it all, nothing stands in the way.
    let before =
        Judged::of(&mainstay(&incidents().join("mender-2023"), &["check", "--now", NOW, "--format", "json"]));
    assert_eq!(before.code, 0, "{:#}", before.report);
}

/// What covers a loss is from then on the only thing that does.
#[test]
fn mender_covered_says_what_is_left() {
    let judged = Story::covered().check();
    judged.assert_passes();
    let finding = judged.the("weakens-workload");
    assert_eq!(finding["level"], "note");
    assert_eq!(finding["subject"]["address"], GRANT);
    assert_eq!(
        finding["causes"][0],
        json!({"address": GRANT, "plan": "plan.json", "sufficient": true, "necessary": true})
    );
    assert_eq!(hit(finding)["node"], "kubernetes:Ingress/prod/gateway");
    let end = finding["path"].as_array().unwrap().last().unwrap();
    assert_eq!(end["address"], "azurerm_role_assignment.cert_manager_dns_group");
}
