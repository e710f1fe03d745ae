//! Tells a plan from the other things that terraform writes and people give instead.

use super::error::{Error, describe};
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};

/// The keys at the top of a JSON object; those of the first one where several follow each other, or stand in an array.
type Keys = BTreeMap<String, IgnoredAny>;

/// Keys of which a plan has at least one.
const OF_A_PLAN: [&str; 6] = [
    "planned_values",
    "resource_changes",
    "resource_drift",
    "output_changes",
    "prior_state",
    "configuration",
];

/// Whether this is the JSON of a plan of a version that is known here.
///
/// # Errors
/// If it is not, with what to give instead.
pub(super) fn recognise(text: &str, path: &str) -> Result<(), Error> {
    let path = path.to_owned();
    let trimmed = text.trim_start();
    if trimmed.starts_with('[') {
        let mut elements = serde_json::from_str::<Vec<Keys>>(text).unwrap_or_default();
        let log = !elements.is_empty() && elements.iter_mut().any(|keys| is_log(keys));
        return Err(if log { Error::IsLog { path } } else { Error::NotAPlan { path } });
    }
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<Keys>();
    let keys = match documents.next() {
        Some(Ok(keys)) => keys,
        Some(Err(error)) if error.is_data() => return Err(Error::NotAPlan { path }),
        Some(Err(error)) => return Err(Error::NotJson { path, what: broken(text, &error) }),
        None => return Err(Error::NotJson { path, what: "the file is empty".to_owned() }),
    };
    if is_log(&keys) {
        return Err(Error::IsLog { path });
    }
    let end = documents.byte_offset();
    if let Some(rest) = text.get(end..).map(str::trim_start).filter(|rest| !rest.is_empty()) {
        let before = text.get(..text.len() - rest.len()).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        return Err(Error::NotJson { path, what: format!("something follows the JSON in line {line}") });
    }
    by_keys(&keys.into_keys().collect(), &path)
}

/// What a JSON object with these keys is.
///
/// # Errors
/// If it is no plan.
pub(super) fn by_keys(keys: &BTreeSet<String>, path: &str) -> Result<(), Error> {
    let path = path.to_owned();
    let has = |key: &str| keys.contains(key);
    // OpenTofu's envelope, of a plan file and of a state: it may tell serial and lineage in the clear.
    if has("encrypted_data") {
        return Err(Error::IsEncrypted { path });
    }
    if has("remote_plan_format") {
        return Err(Error::IsBookmark { path });
    }
    if has("encrypted_data") {
        return Err(Error::IsEncrypted { path });
    }
    // `show -json` never prints schemas; the redacted plan always does.
    if has("provider_schemas") && OF_A_PLAN.iter().any(|key| has(key)) {
        return Err(Error::IsRedacted { path });
    }
    if (has("serial") && has("version")) || has("lineage") || has("values") {
        return Err(Error::IsState { path });
    }
    match (has("format_version"), OF_A_PLAN.iter().any(|key| has(key))) {
        (true, true) => Ok(()),
        (false, true) => Err(Error::NoVersion { path }),
        (_, false) => Err(Error::NotAPlan { path }),
    }
}

/// Whether it is a plan, and if not, whether what it is was given in error: `None` for files that have nothing to do
/// with plans.
pub(super) fn sort(text: &str, path: &str) -> Option<Result<(), Error>> {
    match recognise(text, path) {
        Err(Error::NotAPlan { .. }) => None,
        // A broken file may be anything; only what says that it is a plan is missed.
        Err(Error::NotJson { .. }) if !OF_A_PLAN.iter().any(|key| text.contains(&format!("\"{key}\""))) => {
            None
        }
        told => Some(told),
    }
}

fn is_log(keys: &Keys) -> bool {
    keys.contains_key("@level") || keys.contains_key("@message")
}

fn broken(text: &str, error: &serde_json::Error) -> String {
    if text.trim_start().starts_with('{') {
        describe(error)
    } else {
        "it does not start with `{`, something stands before the JSON in line 1".to_owned()
    }
}

/// The version, if its major number is one whose meaning is known.
///
/// # Errors
/// If it is not.
pub(super) fn version(raw: &str, path: &str) -> Result<String, Error> {
    let version: String =
        serde_json::from_str(raw).unwrap_or_else(|_| "(something that is no text)".to_owned());
    match version.split('.').next() {
        Some("0" | "1") if raw.starts_with('"') => Ok(version),
        _ => Err(Error::Version { path: path.to_owned(), version: version.chars().take(40).collect() }),
    }
}
