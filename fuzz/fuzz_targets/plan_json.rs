//! Plan JSON: nothing falls over, and what is read is what a slow reading of the whole document gives.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mainstay::model::{Action, decode_text};
use mainstay::plan::{self, Asked};
use serde_json::Value;
use std::collections::BTreeMap;

fuzz_target!(|bytes: &[u8]| {
    let read = match plan::read_bytes(bytes, Asked::all("p.json")) {
        Ok(read) => read,
        Err(error) => {
            assert!(error.to_string().starts_with("p.json: "));
            return;
        }
    };
    let text = decode_text(bytes).expect("it was read as text");
    // Keys by which serde_json hands itself numbers: its `Value` is no reference for them.
    if text.contains("$serde_json") {
        return;
    }
    // A section that is skipped may be too deep for a reading of the whole.
    let Ok(document) = serde_json::from_str::<Value>(&text) else { return };
    let none = Vec::new();
    let entries = document["resource_changes"].as_array().unwrap_or(&none);
    assert_eq!(read.changes.len(), entries.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (change, entry) in read.changes.iter().zip(entries) {
        assert_eq!(Some(change.address.as_str()), entry["address"].as_str());
        assert_eq!(change.deposed.as_deref(), entry["deposed"].as_str().filter(|key| !key.is_empty()));
        let words: Vec<&str> =
            entry["change"]["actions"].as_array().unwrap_or(&none).iter().filter_map(Value::as_str).collect();
        let action = if words.is_empty() { Action::Other(Vec::new()) } else { Action::from_words(&words) };
        assert_eq!(change.action, action);
        *counts.entry(action.tally()).or_default() += 1;
    }
    assert_eq!(read.summary.changes, counts);
    // Every object of an entry says where it stands.
    for object in &read.objects {
        assert!(document.pointer(&object.evidence.pointer).is_some(), "{}", object.evidence.pointer);
    }
});
