//! The schemas of the answers: the files are what the program prints, and what does not fit is refused. With
//! `MAINSTAY_REGENERATE=1` the files are written.

use std::fs;

use mainstay::verdict::SCHEMAS;
use serde_json::{Value as Json, json};

use crate::support::story::{Story, mainstay};
use crate::support::{said, schema, standin};

#[test]
fn the_files_are_what_the_program_prints() {
    let folder = standin::here().join("docs/schema");
    let mut files = Vec::new();
    for answer in SCHEMAS {
        let output = mainstay(&standin::here(), &["schema", answer.name]);
        assert!(output.status.success(), "{}", said(&output));
        let file = folder.join(answer.file());
        if std::env::var("MAINSTAY_REGENERATE").as_deref() == Ok("1") {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &output.stdout).unwrap();
        }
        let written = fs::read(&file).unwrap_or_default();
        assert!(written == output.stdout, "{}: run `fixtures/regenerate`", file.display());
        files.push(answer.file());
        let schema: Json = serde_json::from_slice(&written).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("https://mainstay.dev/schema/{}", answer.file()));
        assert_eq!(schema["properties"]["format"]["const"], answer.format);
    }
    let mut there: Vec<String> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    files.sort();
    assert_eq!(there, files, "a file that no answer has");
    let first = mainstay(&standin::here(), &["schema"]);
    assert_eq!(first.stdout, mainstay(&standin::here(), &["schema", "report"]).stdout);
}

/// Every object is closed, every key told of.
#[test]
fn nothing_is_left_open() {
    fn walk(schema: &Json, place: &str) {
        if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
            assert_eq!(schema["additionalProperties"], false, "{place}");
            for (key, own) in properties {
                assert!(own["description"].is_string(), "{place}/{key} is not described");
            }
        }
        let below = schema.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value));
        let items = schema.as_array().into_iter().flatten().enumerate();
        for (key, value) in below.chain(items.map(|(number, value)| (number.to_string(), value))) {
            walk(value, &format!("{place}/{key}"));
        }
    }
    for answer in SCHEMAS {
        walk(&schema::of(answer.format), answer.name);
    }
}

#[test]
fn what_is_not_so_is_refused() {
    let report = Story::mender().check().report;
    let schema = schema::of("mainstay.dev/report/v1");
    assert_eq!(schema::problems(&schema, &report), [""; 0]);
    let set = |place: &str, value: Json| {
        let mut other = report.clone();
        let (parent, key) = place.rsplit_once('/').unwrap();
        other.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}"))[key] = value;
        other
    };
    for (place, value) in [
        ("/colour", json!("red")),
        ("/findings/0/looked_at", json!(3)),
        ("/findings/0/affects/0/until/certain", json!("never")),
        ("/format", json!("mainstay.dev/report/v2")),
        ("/findings/0/level", json!("fatal")),
        ("/findings/0/rule", json!("breaks-everything")),
        ("/findings/0/path/0/kind", json!("thing")),
        ("/findings/0/undo", json!(null)),
        ("/findings/0/affects/0/trigger", json!("some day")),
        ("/findings/0/affects/0/until/sure", json!("soon")),
        ("/findings/0/affects/0/until/sure", json!("2023-10-08")),
        ("/findings/0/affects/0/until/sure", json!("2023-10-08T15:04:00+02:00")),
        ("/findings/0/affects/0/breaks_at", json!("never")),
        ("/now", json!(null)),
        ("/exit_code", json!(2)),
        ("/approvals_required", json!(-1)),
        ("/approvals_required", json!("2")),
        ("/loss_digest", json!("sha256:0")),
        ("/plans/0/changes/delete", json!("one")),
    ] {
        assert_ne!(schema::problems(&schema, &set(place, value.clone())), [""; 0], "{place}: {value} passes");
    }
    for (place, value) in [
        ("/findings/0/affects/0/until/sure", json!("eventually")),
        ("/findings/0/affects/0/until/sure", json!("2023-10-08T15:04:00.25Z")),
        ("/plans/0/terraform_version", json!(null)),
    ] {
        assert_eq!(schema::problems(&schema, &set(place, value.clone())), [""; 0], "{place}: {value}");
    }
    for key in ["findings", "now", "loss_digest"] {
        let mut other = report.clone();
        other.as_object_mut().unwrap().remove(key);
        assert_ne!(schema::problems(&schema, &other), [""; 0], "no {key}");
    }
}

/// All runs of the program go through one function, which holds what it says against the schemas.
#[test]
fn no_test_runs_the_program_past_the_schemas() {
    let name = ["CARGO_BIN_EXE", "mainstay"].join("_");
    let mut folders = vec![standin::here().join("tests/integration")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && fs::read_to_string(&path).unwrap().contains(&name)
            {
                found.push(path.strip_prefix(standin::here()).unwrap().display().to_string());
            }
        }
    }
    assert_eq!(found, ["tests/integration/support/program.rs"]);
}
