//! The plan as its file itself tells it, for where `terraform show` cannot run: changes and actions from the `tfplan`
//! entry, what exists from the state beside it. Values after the plan are in a form that only the providers can read,
//! and stay unknown.
//! Source: Terraform's `statefile` format version 4.

use super::hints::Told;
use super::package::Package;
use super::sources::Sources;
use super::state::File;
use crate::model::Action;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A state larger than this is not read here.
const MOST_OF_STATE: usize = 256 << 20;

/// The plan in the form of `terraform show -json`, and the sources that know that it is not quite that; `None` if the
/// file is of a form that is not understood. `why`: what kept terraform from showing it.
pub fn stored(bytes: &[u8], sources: &Sources, path: &str, why: &str) -> Option<(Vec<u8>, Sources)> {
    let hints = sources.hints()?;
    let package = Package::open(bytes).ok()?;
    let state = |name: &str| -> Option<Known> {
        let bytes = package.read(name, MOST_OF_STATE).ok()??;
        let file: File<'_> = serde_json::from_slice(&bytes).ok()?;
        instances(&file).filter(|_| file.version == Some(4))
    };
    let (known, last) = (state("tfstate")?, state("tfstate-prev")?);
    let drift: Vec<Value> = hints.drift.iter().map(|told| drifted(told, &last, &known)).collect();
    let changes: Vec<Value> = hints.changes.iter().map(|told| change(told, &known)).collect();
    let untold = hints.changes.iter().filter(|told| is_untold(&told.action)).count();
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": hints.terraform_version,
        "timestamp": hints.timestamp,
        "errored": hints.errored,
        "resource_changes": changes,
        "resource_drift": drift,
        "prior_state": {"values": {"root_module": {"resources": known.values().collect::<Vec<_>>()}}},
    });
    let note = format!(
        "{path}: read without terraform, which could not show it ({why}): what would be changed is known, and what is \
         there now; values after it are not"
    );
    Some((serde_json::to_vec(&plan).ok()?, sources.clone().without_values(untold, note)))
}

/// The state that a plan was made on, as it stands in the plan file; nothing where the file is no zip, as that of a run
/// in HCP Terraform. It holds secrets in clear text.
///
/// # Errors
/// Why it cannot be read, in words.
pub fn state_of_zip(bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    match bytes.starts_with(b"PK") {
        true => Package::open(bytes)?.read("tfstate", MOST_OF_STATE),
        false => Ok(None),
    }
}

/// Whether something of it is left that `show` would tell.
fn is_untold(action: &Action) -> bool {
    !matches!(action, Action::NoOp | Action::Delete | Action::Forget)
}

type Known = BTreeMap<(String, Option<String>), Value>;

fn change(told: &Told, known: &Known) -> Value {
    let find = |address: &String| known.get(&(address.clone(), told.deposed.clone()));
    let state = find(&told.address).or_else(|| find(told.previous.as_ref()?));
    let mut change = Map::new();
    change.insert("actions".to_owned(), json!(told.action.words()));
    if let Some(state) = state {
        change.insert("before".to_owned(), state.get("values").cloned().unwrap_or_default());
        change.insert(
            "before_sensitive".to_owned(),
            state.get("sensitive_values").cloned().unwrap_or_default(),
        );
    }
    if told.action == Action::Read {
        change.insert("after".to_owned(), json!({}));
        change.insert("after_unknown".to_owned(), Value::Bool(true));
    }
    json!({"address": told.address, "previous_address": told.previous, "deposed": told.deposed, "action_reason": told.reason, "change": change})
}

/// What happened outside: both sides are known.
fn drifted(told: &Told, last: &Known, now: &Known) -> Value {
    let mut entry = change(told, last);
    let state = now.get(&(told.address.clone(), told.deposed.clone()));
    if let (Some(Value::Object(change)), Some(state)) = (entry.get_mut("change"), state) {
        for (side, key) in [("after", "values"), ("after_sensitive", "sensitive_values")] {
            change.insert(side.to_owned(), state.get(key).cloned().unwrap_or_default());
        }
    }
    entry
}

/// The instances of a state, in the form of `prior_state`.
fn instances(file: &File<'_>) -> Option<Known> {
    let mut known = Known::new();
    for resource in &file.resources {
        for instance in &resource.instances {
            let address = resource.address(instance);
            let mut sensitive = Value::Object(Map::new());
            for path in &instance.sensitive {
                mark(&mut sensitive, path.as_array().map(Vec::as_slice).unwrap_or_default());
            }
            let values = match instance.attributes {
                Some(raw) => serde_json::from_str(raw.get()).ok()?,
                None => Value::Null,
            };
            let object = json!({
                "address": address, "mode": resource.mode, "type": resource.kind, "name": resource.name,
                "deposed_key": instance.deposed, "values": without_types(values),
                "sensitive_values": sensitive, "depends_on": instance.dependencies,
            });
            known.insert((address, instance.deposed.clone()), object);
        }
    }
    Some(known)
}

/// Values of a type that is known only when they are, which `terraform_data` has, are stored with it.
fn without_types(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            match (members.len(), members.get("type"), members.contains_key("value")) {
                (2, Some(kind), true) if is_type(kind) => members.remove("value").unwrap_or_default(),
                _ => members.into_iter().map(|(name, member)| (name, without_types(member))).collect(),
            }
        }
        Value::Array(elements) => elements.into_iter().map(without_types).collect(),
        scalar => scalar,
    }
}

fn is_type(value: &Value) -> bool {
    let word = |value: &Value, words: &[&str]| value.as_str().is_some_and(|word| words.contains(&word));
    match value {
        Value::Array(parts) => {
            parts.len() > 1
                && parts.first().is_some_and(|first| word(first, &["list", "set", "map", "object", "tuple"]))
        }
        other => word(other, &["string", "number", "bool", "dynamic"]),
    }
}

/// Paths longer than this mark what their beginning leads to.
const LONGEST_PATH: usize = 64;

/// Marks what a path leads to. Steps into lists and sets mark the whole list: to which element they lead is told in
/// several ways.
fn mark(tree: &mut Value, path: &[Value]) {
    let step = path.get(..LONGEST_PATH.min(path.len())).unwrap_or_default().split_first();
    let name = |step: &Value| {
        let value = step.get("value")?;
        value.as_str().or_else(|| value.get("value")?.as_str()).map(str::to_owned)
    };
    match (tree, step.and_then(|(step, rest)| Some((name(step)?, rest)))) {
        (Value::Object(members), Some((name, rest))) => {
            mark(members.entry(name).or_insert_with(|| Value::Object(Map::new())), rest);
        }
        (tree, _) => *tree = Value::Bool(true),
    }
}
