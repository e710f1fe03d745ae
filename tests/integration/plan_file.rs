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

#[test]
fn a_directory_without_its_providers_is_told() {
    let Some(bed) = bed("a_directory_without_its_providers_is_told") else { return };
    fs::remove_dir_all(bed.path().join(".terraform")).unwrap();
    let output = bed.mainstay(&["check", "plan.tfplan", "--now", NOW]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(output.stdout.is_empty());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("plan.tfplan") && message.contains("terraform init"), "{message}");
    assert!(!message.contains('\u{1b}'), "{message}");
}

#[test]
fn without_terraform_the_json_is_asked_for() {
    let case = incidents().join("mender-2023");
    let empty = tempfile::tempdir().unwrap();
    for path in ["", empty.path().to_str().unwrap()] {
        let mut command = program::program();
        command.env_clear().env("PATH", path).current_dir(&case);
        let output = program::run(command.args(["check", "plan.tfplan", "--now", NOW]));
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(output.stdout.is_empty());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("PATH") && message.contains("terraform show -json"), "{message}");
    }
}
