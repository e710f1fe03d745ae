//! All outages and their twins in one table, as `mainstay check` judges each.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::support::story::{Judged, incidents, mainstay};

/// The outages, and the names that their folders begin with.
const OUTAGES: [&str; 5] =
    ["mender-2023", "servicechannel-2021", "jumpcloud-2024", "jumpcloud-2025", "coinbase-2021"];

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    if folder.join("plan.json").exists() {
        found.push(folder.to_owned());
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, found);
        }
    }
}

/// The rules of findings that fit, each with its level, worst first.
fn rules(judged: &Judged, cause: &str) -> String {
    let mut told: Vec<(usize, String)> = judged
        .findings()
        .iter()
        .filter(|one| one["cause"] == cause && one["level"] != "note")
        .map(|one| {
            let level = one["level"].as_str().unwrap();
            let rank = ["deny", "approval", "warn"].iter().position(|known| *known == level).unwrap();
            (rank, format!("{} ({level})", one["rule"].as_str().unwrap()))
        })
        .collect();
    told.sort();
    told.dedup();
    told.into_iter().map(|(_, rule)| rule).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_outage_is_caught_and_every_twin_passes() {
    let root = incidents();
    let mut folders = Vec::new();
    below(&root, &mut folders);
    folders.sort();
    let mut rows =
        vec![["case", "exit", "by the plan, above a note", "standing, above a note"].map(str::to_owned)];
    for folder in &folders {
        let name = folder.strip_prefix(&root).unwrap().display().to_string();
        let expected: Json =
            serde_json::from_slice(&fs::read(folder.join("expected.json")).unwrap()).unwrap();
        let now = expected["now"].as_str().unwrap();
        let judged = Judged::of(&mainstay(folder, &["check", "plan.json", "--now", now, "--format", "json"]));
        if name.contains("twins/") {
            assert_eq!(judged.code, 0, "{name} is safe: {:#}", judged.report);
        } else if !name.contains('/') {
            assert_eq!(judged.code, 3, "{name} is an outage: {:#}", judged.report);
        }
        rows.push([name, judged.code.to_string(), rules(&judged, "plan"), rules(&judged, "standing")]);
    }
    for outage in OUTAGES {
        let of = |part: &str| rows.iter().any(|row| row[0].starts_with(outage) && row[0].contains(part));
        assert!(of("") && of("twins/"), "{outage} has no case, or no twin");
    }
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap();
    let widths = [wide(0), wide(1), wide(2)];
    let table: String = rows
        .iter()
        .map(|[name, code, plan, standing]| {
            let line =
                format!("{name:<0$}  {code:<1$}  {plan:<2$}  {standing}", widths[0], widths[1], widths[2]);
            format!("{}\n", line.trim_end())
        })
        .collect();
    println!("{table}");
    insta::assert_snapshot!(table);
}
