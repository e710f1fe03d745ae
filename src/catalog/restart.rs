//! Whether an update in place starts the thing anew.

use super::entry::Entry;
use super::path::{Found, Path, Scope, any_marked};
use crate::model::{Attributes, Object};
use serde_json::Value;

/// Whether an update in place changes a value that makes the thing start anew, or may: what is known only after apply
/// may be different, and of what is sensitive nobody here knows whether it is.
pub(super) fn restarts(entry: &Entry, object: &Object) -> bool {
    let (true, Some(before), Some(after)) = (object.in_place, &object.before, &object.after) else {
        return false;
    };
    entry.restarts.iter().any(|path| match (told(path, before), told(path, after)) {
        (Some(was), Some(will_be)) => was != will_be,
        _ => true,
    })
}

/// What the path leads to; `None` where a part of it cannot be told.
fn told<'a>(path: &Path, attributes: &'a Attributes) -> Option<Vec<(&'a Value, String)>> {
    let scope = Scope { attributes, address: None, item: None, kind: "" };
    let plain = |found: Found<'a>| match found {
        Found::Value(value, at)
            if !any_marked(&attributes.unknown, &at) && !any_marked(&attributes.sensitive, &at) =>
        {
            Some((value, at))
        }
        _ => None,
    };
    path.find(scope).into_iter().map(plain).collect()
}
