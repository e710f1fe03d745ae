//! The file as a whole.

use super::error::{Error, Problems};
use super::section::Section;
use super::{rule, signing, statement, workload};
use crate::model::{CatalogRef, Criticality, Declarations, Level, RuleId, RuleSettings, SnapshotRef};
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeTable;

/// The words for how much a workload matters.
pub(super) const CRITICALITIES: &[(&str, Criticality)] = &[
    ("critical", Criticality::Critical),
    ("important", Criticality::Important),
    ("normal", Criticality::Normal),
];

/// The words for levels.
pub(super) const LEVELS: &[(&str, Level)] = &[
    ("off", Level::Off),
    ("note", Level::Note),
    ("warn", Level::Warn),
    ("approval", Level::Approval),
    ("deny", Level::Deny),
];

/// Reads a `mainstay.toml` over `declarations`.
pub(super) fn read(
    text: &str,
    path: &str,
    directory: &Path,
    mut declarations: Declarations,
) -> Result<Declarations, Error> {
    let problems = Problems::new(text, path);
    declarations.path = Some(path.to_owned());
    if let Some(table) = table(text, &problems) {
        let root = Section::new(&table, 0..0, "the file", &problems);
        fill(root, directory, &mut declarations);
    }
    problems.conclude(declarations)
}

/// Reads a file that holds nothing but `[rules.*]` and gives every level.
pub(super) fn read_policy(text: &str, path: &str) -> Result<BTreeMap<RuleId, RuleSettings>, Error> {
    let problems = Problems::new(text, path);
    let mut rules = BTreeMap::new();
    if let Some(table) = table(text, &problems) {
        let root = Section::new(&table, 0..0, "the file", &problems);
        if let Some(section) = root.section("rules") {
            rules = rule::defaults(&section);
        }
        root.finish();
    }
    problems.conclude(rules)
}

/// The text as TOML. Of errors of syntax only the first is noted: those after it mostly follow from it.
fn table<'t>(text: &'t str, problems: &Problems<'t>) -> Option<DeTable<'t>> {
    match DeTable::parse(text) {
        Ok(table) => Some(table.into_inner()),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            problems.add(offset, message.trim_end_matches('.'));
            None
        }
    }
}

fn fill(root: Section<'_>, directory: &Path, declarations: &mut Declarations) {
    declarations.snapshots = snapshots(&root, directory);
    if let Some(age) = root.duration("max_snapshot_age") {
        declarations.max_snapshot_age = age;
    }
    declarations.catalog = root
        .strings("catalog")
        .into_iter()
        .map(|written| CatalogRef { path: directory.join(&written), written })
        .collect();
    if let Some(mode) = root.section("mode") {
        declarations.advise = mode.boolean("advise").unwrap_or(false);
        if let Some(criticality) = mode.choice("default_criticality", CRITICALITIES) {
            declarations.default_criticality = criticality;
        }
        mode.finish();
    }
    declarations.workloads = workload::workloads(&root, declarations.default_criticality);
    declarations.environments = workload::environments(&root);
    declarations.statements = statement::read(&root, directory);
    signing::read(&root, directory, declarations);
    if let Some(section) = root.section("rules") {
        rule::overlay(&section, &mut declarations.rules);
    }
    declarations.waivers = rule::waivers(&root, &declarations.rules);
    root.finish();
}

/// `snapshots = […]` and `[[snapshot]]`.
fn snapshots(root: &Section<'_>, directory: &Path) -> Vec<SnapshotRef> {
    let plain = root.strings("snapshots").into_iter();
    let mut snapshots: Vec<SnapshotRef> = plain
        .map(|written| SnapshotRef { path: directory.join(&written), written, taken_at: None })
        .collect();
    for section in root.sections("snapshot") {
        let taken_at = section.instant("taken_at", false);
        if let Some(written) = section.required("path") {
            snapshots.push(SnapshotRef { path: directory.join(&written), written, taken_at });
        }
        section.finish();
    }
    snapshots
}
