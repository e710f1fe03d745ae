//! A plan file is judged like its JSON.

use std::fs;
use std::process::Output;

use serde_json::Value as Json;

use crate::support::story::{Judged, NOW, incidents};
use crate::support::{TestBed, program, said};

/// A bed in which the configuration of mender-2023 after the change is installed, with its plan file and snapshots.
fn bed(name: &str) -> Option<TestBed> {
    let bed = TestBed::new(name)?;
    let case = incidents().join("mender-2023");
    bed.copy_dir(&case.join("after"));
    bed.init();
    for file in ["plan.tfplan", "plan.json", "mainstay.toml"] {
        fs::copy(case.join(file), bed.path().join(file)).unwrap();
    }
    crate::support::copy(&case.join("snapshots"), &bed.path().join("snapshots"));
    Some(bed)
}

/// What does not hang on the name of the plan.
fn comparable(output: &Output) -> Json {
    let judged = Judged::of(output);
    let text = judged
        .report
        .to_string()
        .replace("plan.tfplan", "plan.json")
        .replace("elsewhere/plan.json", "plan.json");
    let mut report: Json = serde_json::from_str(&text).unwrap();
    let plan = report["plans"][0].as_object_mut().unwrap();
    plan.remove("sha256");
    plan.remove("terraform_version");
    for finding in report["findings"].as_array_mut().unwrap() {
        // It is computed of the subject, which for a remark on a plan is its path.
        if finding["subject"]["kind"] == "plan" {
            finding.as_object_mut().unwrap().remove("fingerprint");
        }
    }
    report
}

#[test]
fn both_forms_of_a_plan_give_the_same_findings() {
    let Some(bed) = bed("both_forms_of_a_plan_give_the_same_findings") else { return };
    let check = |plan: &str, more: &[&str]| {
        bed.mainstay(&[&["check", plan, "--now", NOW, "--format", "json"], more].concat())
    };
    let (json, file) = (check("plan.json", &[]), check("plan.tfplan", &[]));
    assert_eq!(file.status.code(), Some(3), "{}", said(&file));
    assert_eq!(comparable(&file), comparable(&json));
    // Somewhere else, with the directory named.
    fs::create_dir(bed.path().join("elsewhere")).unwrap();
    fs::rename(bed.path().join("plan.tfplan"), bed.path().join("elsewhere/plan.tfplan")).unwrap();
    let file = check("elsewhere/plan.tfplan", &["--config-dir", "."]);
    assert_eq!(comparable(&file), comparable(&json));
    // The digest is that of the file, which is what is going to be applied.
    assert_ne!(
        Judged::of(&file).report["plans"][0]["sha256"],
        Judged::of(&json).report["plans"][0]["sha256"]
    );
}

/// What does not hang on whether terraform could show the plan: what goes, and whom it may hit.
fn losses(report: &Json) -> Vec<Json> {
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.filter(|finding| finding["rule"] != "partial-plan");
    let mut all: Vec<Json> = told
        .map(|finding| {
            // What the plan makes is not known then, and may give back what it takes: no date is certain.
            let falls = finding["affects"].as_array().unwrap().iter();
            let nodes: Vec<&Json> = falls.map(|fall| &fall["node"]).collect();
            serde_json::json!([finding["rule"], finding["subject"], nodes, finding["lost"], finding["level"]])
        })
        .collect();
    all.sort_by_key(Json::to_string);
    all
}

#[test]
fn a_directory_without_its_providers_is_told_and_the_file_read_alone() {
    let Some(bed) = bed("a_directory_without_its_providers_is_told_and_the_file_read_alone") else { return };
    let check = || bed.mainstay(&["check", "plan.tfplan", "--now", NOW, "--format", "json"]);
    let shown = check();
    fs::remove_dir_all(bed.path().join(".terraform")).unwrap();
    let stored = check();
    // It makes things too, and what they are is not known then.
    assert_eq!((shown.status.code(), stored.status.code()), (Some(3), Some(4)), "{}", said(&stored));
    let (shown, stored) = (Judged::of(&shown).report, Judged::of(&stored).report);
    assert_eq!(losses(&shown), losses(&stored));
    let notes = stored["notes"].to_string();
    assert!(notes.contains("plan.tfplan") && notes.contains("terraform init"), "{notes}");
    assert!(!notes.contains('\u{1b}'), "{notes}");
    assert!(!shown["notes"].to_string().contains("terraform init"));
}

#[test]
fn without_terraform_the_file_is_read_alone() {
    let case = incidents().join("mender-2023");
    let empty = tempfile::tempdir().unwrap();
    let broken = empty.path().join("broken.tfplan");
    let zip = fs::read(case.join("plan.tfplan")).unwrap();
    fs::write(&broken, &zip[..zip.len() / 2]).unwrap();
    for path in ["", empty.path().to_str().unwrap()] {
        let check = |plan: &str| {
            let mut command = program::program();
            command.env_clear().env("PATH", path).current_dir(&case);
            program::run(command.args(["check", plan, "--now", NOW, "--format", "json"]))
        };
        let output = check("plan.tfplan");
        assert_eq!(output.status.code(), Some(4), "{}", said(&output));
        let notes = Judged::of(&output).report["notes"].to_string();
        assert!(notes.contains("PATH") && notes.contains("terraform show -json"), "{notes}");
        // What cannot be read alone either asks for the JSON.
        let output = check(broken.to_str().unwrap());
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(output.stdout.is_empty());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("PATH") && message.contains("terraform show -json"), "{message}");
    }
}

/// What a plan makes anew cannot be seen without terraform, and that leaves it undetermined.
#[test]
fn values_that_nobody_can_show_leave_the_verdict_open() {
    let Some(bed) = replacing("values_that_nobody_can_show_leave_the_verdict_open", false) else { return };
    fs::remove_dir_all(bed.path().join(".terraform")).unwrap();
    let report = report(&bed, &["plan.tfplan"]);
    assert_eq!(report["verdict"], "undetermined", "{report:#}");
    let titles = report["findings"].to_string();
    assert!(titles.contains("was read without terraform"), "{titles}");
}

/// The estate of mender-2023 before the change, applied, with a plan that replaces the identity.
fn replacing(name: &str, module: bool) -> Option<TestBed> {
    let bed = TestBed::new(name)?;
    let case = incidents().join("mender-2023");
    if module {
        crate::support::copy(&case.join("before"), &bed.path().join("modules/dns"));
        bed.write(
            "main.tf",
            "# The estate is a module.\nmodule \"dns\" {\n  source = \"./modules/dns\"\n}\n",
        );
    } else {
        bed.copy_dir(&case.join("before"));
    }
    bed.init();
    bed.apply();
    let address = if module { "module.dns." } else { "" }.to_owned() + IDENTITY;
    let plan = bed.plan(&[&format!("-replace={address}")]);
    fs::write(bed.path().join("plan.json"), bed.show(&plan)).unwrap();
    fs::rename(plan, bed.path().join("plan.tfplan")).unwrap();
    Some(bed)
}

const IDENTITY: &str = "azurerm_user_assigned_identity.cert_manager";

fn report(bed: &TestBed, arguments: &[&str]) -> Json {
    let output = bed.mainstay(&[&["check", "--now", NOW, "--format", "json"], arguments].concat());
    assert!(output.stderr.is_empty(), "{}", said(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
}

/// The places of the findings about an address.
fn places(report: &Json, address: &str) -> Vec<Option<String>> {
    let findings = report["findings"].as_array().unwrap().iter();
    let about = findings.filter(|finding| finding["subject"]["address"] == address);
    let place = |finding: &Json| {
        Some(format!("{}:{}", finding["location"]["file"].as_str()?, finding["location"]["line"]))
    };
    about.map(place).collect()
}

#[test]
fn findings_carry_file_and_line() {
    let Some(bed) = replacing("findings_carry_file_and_line", true) else { return };
    let (address, place) = (format!("module.dns.{IDENTITY}"), "modules/dns/cert_manager.tf:3");
    let lines = fs::read_to_string(bed.path().join("modules/dns/cert_manager.tf")).unwrap();
    assert!(lines.lines().nth(2).unwrap().starts_with("resource \"azurerm_user_assigned_identity\""));
    fs::create_dir(bed.path().join("out")).unwrap();
    fs::copy(bed.path().join("plan.json"), bed.path().join("out/plan.json")).unwrap();
    let known = |arguments: &[&str]| {
        let report = report(&bed, arguments);
        assert!(report["notes"].is_null(), "{report:#}");
        let found = places(&report, &address);
        assert!(!found.is_empty(), "{report:#}");
        found
    };
    let all = known(&["plan.tfplan"]);
    assert!(all.iter().all(|found| found.as_deref() == Some(place)), "{all:?}");
    assert_eq!(known(&["plan.json"]), all, "the directory of the plan has the configuration");
    assert_eq!(known(&["out/plan.json", "--config-dir", "."]), all);
    assert!(known(&["out/plan.json"]).iter().all(Option::is_none), "nothing is there to find it in");
    let text = bed.mainstay(&["check", "plan.tfplan", "--now", NOW]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(&format!("--> {place}  {address}")), "{text}");
}

#[test]
fn targets_and_modes_are_told() {
    let Some(bed) = replacing("targets_and_modes_are_told", false) else { return };
    let plan = bed.plan(&[&format!("-target={IDENTITY}"), "-destroy"]);
    let report = report(&bed, &[plan.to_str().unwrap()]);
    assert!(report["notes"].to_string().contains("-destroy"), "{report:#}");
    let titles: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "partial-plan")
        .map(|finding| finding["title"].as_str().unwrap())
        .collect();
    assert!(titles.iter().any(|title| title.contains(&format!("-target={IDENTITY}"))), "{titles:?}");
}
