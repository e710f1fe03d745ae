//! What a reader found in one file.

use crate::model::{Guarded, Kind, Listing};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The content of a recognised file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What the file is, for [`crate::model::Source::kind`].
    pub kind: String,
    /// Which listings it gives, for which parts.
    pub lists: BTreeMap<Listing, BTreeSet<String>>,
    /// Its objects with their JSON pointers.
    pub objects: Vec<(Kind, String, Guarded)>,
    /// Why it does not tell all, if the file or its command shows that.
    pub cut: Option<String>,
    /// Remarks.
    pub notes: Vec<String>,
}

impl Found {
    /// Nothing yet, of a kind of source.
    pub(super) fn of(kind: &str) -> Found {
        Found { kind: kind.to_owned(), ..Found::default() }
    }

    /// An object more.
    pub(super) fn add(&mut self, kind: &str, pointer: String, row: Map<String, Value>) {
        self.objects.push((Kind::new(kind), pointer, Value::Object(row).into()));
    }

    /// It does not tell all; the first reason is kept.
    pub(super) fn cut(&mut self, why: impl Into<String>) {
        self.cut.get_or_insert(why.into());
    }

    /// The file gives this listing for a part; the empty part is all.
    pub(super) fn lists(&mut self, listing: &str, part: impl Into<String>) {
        self.lists.entry(Listing::new(listing)).or_default().insert(part.into());
    }
}

/// Whether a JSON value says something: not missing, null, false, zero or empty.
pub(super) fn says(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(Value::Number(number)) => number.as_u64() != Some(0),
        Some(Value::String(text)) => !text.is_empty() && text != "false",
        Some(Value::Array(elements)) => !elements.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
    }
}

/// A key as a step of a JSON pointer.
pub(super) fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
