//! `[[workload]]` and `[[environment]]`.

use super::file::CRITICALITIES;
use super::section::Section;
use crate::model::{CapabilityNeed, Criticality, Environment, Glob, WorkloadDeclaration};
use std::collections::BTreeMap;

/// The workloads.
pub(super) fn workloads(root: &Section<'_>, default: Criticality) -> Vec<WorkloadDeclaration> {
    let mut workloads: Vec<WorkloadDeclaration> = Vec::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for section in root.sections("workload") {
        let line = section.line();
        let name = section.required("name");
        let uses = section.strings("uses");
        let needs = needs(&section);
        // A workload that no file shows may be known by what it rests on alone.
        let matches = match section.has("match") || (uses.is_empty() && needs.is_empty()) {
            true => section.globs("match"),
            false => Vec::new(),
        };
        let criticality = section.choice("criticality", CRITICALITIES).unwrap_or(default);
        let owner = section.string("owner");
        if let Some(name) = name {
            if let Some(first) = lines.insert(name.clone(), line) {
                section.wrong_at("name", format!("workload `{name}` is declared already on line {first}"));
            }
            workloads.push(WorkloadDeclaration { name, criticality, matches, uses, owner, needs, line });
        }
        section.finish();
    }
    workloads
}

fn needs(workload: &Section<'_>) -> Vec<CapabilityNeed> {
    let mut needs = Vec::new();
    for section in workload.sections("needs") {
        let parts = (section.required("identity"), section.required("action"), section.required("scope"));
        let at_least = section.number("at_least", 1).unwrap_or(1);
        if let (Some(identity), Some(action), Some(scope)) = parts {
            needs.push(CapabilityNeed { identity, action, scope, at_least });
        }
        section.finish();
    }
    needs
}

/// The environments.
pub(super) fn environments(root: &Section<'_>) -> Vec<Environment> {
    let mut environments = Vec::new();
    for section in root.sections("environment") {
        let line = section.line();
        let matches: Vec<Glob> = section.globs("match");
        let criticality = section.choice("criticality", CRITICALITIES);
        if let Some(name) = section.required("name") {
            environments.push(Environment { name, matches, criticality, line });
        }
        section.finish();
    }
    environments
}
