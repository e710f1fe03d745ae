//! `terraform_remote_state`: what one workspace uses of another, where both are among the inputs.
//!
//! No plan tells which file a workspace was planned from. The values that the data source read are the better evidence:
//! the outputs of that state. Else the place that it names is held against the paths of the inputs.

use super::several::{Workspace, own};
use crate::model::{Address, Object, Output, Reference};
use crate::plan::{REMOTE_STATE, digest};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Keys of a backend's configuration that name the state.
const PLACES: [&str; 5] = ["path", "key", "prefix", "state_name", "name"];

/// Adds what is used of other workspaces to the objects that use it.
pub fn link(objects: &mut [Object], workspaces: &[Workspace]) {
    for workspace in workspaces {
        let sources: BTreeMap<Address, Vec<&Workspace>> = objects
            .get(workspace.objects.clone())
            .unwrap_or_default()
            .iter()
            .filter(|object| object.kind.as_str() == REMOTE_STATE)
            .filter_map(|object| Some((object.address.clone()?, found(object, workspace, workspaces))))
            .filter(|(_, found)| !found.is_empty())
            .collect();
        if sources.is_empty() {
            continue;
        }
        for object in objects.get_mut(workspace.objects.clone()).unwrap_or_default() {
            let mut beyond = BTreeSet::new();
            for (source, found) in &sources {
                let Some(names) = used(object, source) else { continue };
                for other in found {
                    beyond.extend(behind(other, &names));
                }
            }
            object.beyond.extend(beyond);
        }
    }
}

/// Which outputs of a data source an object uses; none named: any of them. `None` if it does not use it.
fn used(object: &Object, source: &Address) -> Option<BTreeSet<String>> {
    let is = |address: &Address| {
        let (one, other) = (address.as_str(), source.as_str());
        one == other || other.strip_prefix(one).is_some_and(|rest| rest.starts_with('['))
    };
    let mut names = BTreeSet::new();
    let mut uses = false;
    let sides = [object.before.as_ref(), object.after.as_ref()];
    let references = sides.into_iter().flatten().flat_map(|side| side.references.values().flatten());
    for Reference { attribute, .. } in references.filter(|reference| is(&reference.address)) {
        uses = true;
        let mut steps = attribute.as_deref().unwrap_or_default().split('.');
        match (steps.next(), steps.next()) {
            (Some("outputs"), Some(name)) => drop(names.insert(name.to_owned())),
            _ => return Some(BTreeSet::new()),
        }
    }
    let recorded = object.depends_on.iter().chain(object.configured.iter().flatten());
    uses |= recorded.into_iter().any(is);
    uses.then_some(names)
}

/// The resources behind these outputs, or behind all.
fn behind(workspace: &Workspace, names: &BTreeSet<String>) -> Vec<Address> {
    let wanted = |output: &&Output| names.is_empty() || names.contains(&output.name);
    let resources = workspace.outputs.iter().filter(wanted).filter_map(|output| output.resources.as_ref());
    resources.flatten().map(|address| own(workspace.prefix.as_deref(), address)).collect()
}

/// The workspaces that a data source reads.
fn found<'w>(object: &Object, from: &Workspace, all: &'w [Workspace]) -> Vec<&'w Workspace> {
    let Some(attributes) = object.before.as_ref().or(object.after.as_ref()) else { return Vec::new() };
    let others = || all.iter().filter(|other| other.objects != from.objects);
    let outputs = attributes.value.reveal().get("outputs").and_then(plain);
    let mut same: Vec<&Workspace> = match outputs {
        Some(outputs) if !outputs.is_empty() => others().filter(|other| equal(outputs, other)).collect(),
        _ => Vec::new(),
    };
    let places = places(attributes.value.reveal());
    let fits = |other: &&&Workspace| places.iter().any(|place| lies_at(&other.path, place));
    // Copies of one workspace have equal outputs: then the place decides, if it can.
    let placed: Vec<&Workspace> = match same.len() {
        0 => others().filter(|other| fits(&other)).collect(),
        _ => same.iter().copied().filter(|other| fits(&other)).collect(),
    };
    let directories: BTreeSet<&str> = placed.iter().map(|other| directory(&other.path)).collect();
    if same.is_empty() && directories.len() == 1 || same.len() > 1 && !placed.is_empty() {
        same = placed;
    }
    same
}

/// Without the type that a state file writes beside values of any type.
fn plain(value: &Value) -> Option<&Map<String, Value>> {
    let map = value.as_object()?;
    match (map.len(), map.get("value"), map.get("type")) {
        (2, Some(Value::Object(inner)), Some(_)) => Some(inner),
        _ => Some(map),
    }
}

/// Whether these values are the outputs of the workspace, as far as both are known.
fn equal(values: &Map<String, Value>, workspace: &Workspace) -> bool {
    let known: Vec<&Output> = workspace.outputs.iter().filter(|output| output.digest.is_some()).collect();
    // What is new in the configuration is not in the state yet, and what is secret has no digest.
    !known.is_empty()
        && values.keys().all(|name| workspace.outputs.iter().any(|output| output.name == *name))
        && known
            .iter()
            .all(|output| values.get(&output.name).is_some_and(|value| Some(digest(value)) == output.digest))
}

/// The places that a data source names, each as the parts of a path.
fn places(value: &Value) -> Vec<Vec<String>> {
    let Some(config) = value.get("config").and_then(plain) else { return Vec::new() };
    let inner = config.get("workspaces").and_then(|inner| match inner {
        Value::Array(items) => items.first()?.as_object(),
        other => other.as_object(),
    });
    let named = |map: &Map<String, Value>| -> Vec<Vec<String>> {
        PLACES.iter().filter_map(|key| map.get(*key)?.as_str()).map(parts).collect()
    };
    let mut all = named(config);
    all.extend(inner.map(named).unwrap_or_default());
    all.retain(|place| !place.is_empty());
    all
}

fn parts(path: &str) -> Vec<String> {
    let parts = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.map(str::to_owned).collect()
}

fn directory(path: &str) -> &str {
    path.rsplit_once(['/', '\\']).map_or("", |(directory, _)| directory)
}

/// Whether an input lies where a place says: it is that state, or stands in the directory of it.
fn lies_at(path: &str, place: &[String]) -> bool {
    let whole = parts(path);
    let within = parts(directory(path));
    let above = place.split_last().map(|(_, above)| above).unwrap_or_default();
    let stem = place.last().map(|last| last.split('.').next().unwrap_or(last).to_owned());
    let named: Vec<String> = above.iter().cloned().chain(stem).collect();
    whole.ends_with(place) || !above.is_empty() && within.ends_with(above) || within.ends_with(&named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_lies_at_a_place_by_the_end_of_its_path() {
        for (path, place, expect) in [
            ("out/network/plan.json", "../network/terraform.tfstate", true),
            ("states/network/terraform.tfstate", "../network/terraform.tfstate", true),
            ("out/network/tfplan.json", "prod/network/terraform.tfstate", false),
            ("out/prod/network/tfplan.json", "prod/network/terraform.tfstate", true),
            ("out/network/tfplan.json", "network.tfstate", true),
            ("out/network/tfplan.json", "network", true),
            ("out/app/tfplan.json", "../network/terraform.tfstate", false),
            ("plan.json", "terraform.tfstate", false),
            ("network.tfstate", "envs/network.tfstate", false),
        ] {
            assert_eq!(lies_at(path, &parts(place)), expect, "{path} at {place}");
        }
    }
}
