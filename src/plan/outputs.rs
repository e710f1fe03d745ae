//! Root outputs: by their names and values other workspaces find a state, and through them they use its resources.

use super::raw::PriorOutput;
use super::wiring::Wiring;
use crate::model::{Address, Output, hex};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The type of the data source that reads the outputs of another state, built into terraform itself.
pub const REMOTE_STATE: &str = "terraform_remote_state";

/// Whether it is such a data source.
pub(super) fn is_remote_state(address: &Address) -> bool {
    address.as_str().contains("data.terraform_remote_state.")
}

/// Digest of a value: of its JSON with keys in order and numbers as written. Values themselves are not kept.
pub fn digest(value: &Value) -> String {
    hex(&Sha256::digest(value.to_string()))
}

/// The digest of a value in a file, if it is no secret.
pub(super) fn of_raw(value: Option<&RawValue>, sensitive: bool) -> Option<String> {
    let value = value.filter(|_| !sensitive)?;
    serde_json::from_str(value.get()).ok().map(|value: Value| digest(&value))
}

/// The outputs that the state has, and those of the configuration.
pub(super) fn of_plan(prior: &BTreeMap<String, PriorOutput<'_>>, wiring: Option<&Wiring<'_>>) -> Vec<Output> {
    let mut all: BTreeMap<&str, Output> = BTreeMap::new();
    let new = |name: &str| Output { name: name.to_owned(), digest: None, resources: None };
    for (name, output) in prior {
        let digest = of_raw(output.value, output.sensitive);
        all.insert(name, Output { digest, ..new(name) });
    }
    for (name, resources) in wiring.into_iter().flat_map(Wiring::outputs) {
        all.entry(name).or_insert_with(|| new(name)).resources = Some(resources);
    }
    all.into_values().collect()
}
