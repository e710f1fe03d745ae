//! What gcloud and the APIs of Google print of access. Full resource names stay as they are written.

mod named;
mod policy;
mod row;
#[cfg(test)]
mod tests;

use super::Error;
use super::found::{Found, says};
use super::sidecar::Sidecar;
use row::Sort;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Keys of lists in the answers of the APIs themselves.
const ENVELOPES: [&str; 8] =
    ["assets", "results", "accounts", "keys", "roles", "policies", "searchResults", "memberships"];

/// What may stand beside such a list.
const BESIDE: [&str; 3] = ["nextPageToken", "readTime", "next_page_token"];

/// Options with which gcloud prints a part only.
const NARROWING: [&str; 9] = [
    "--query",
    "--asset-types",
    "--filter",
    "--limit",
    "--flatten",
    "--relationship-types",
    "--managed-by",
    "--created-before",
    "--page-token",
];

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If a row is unlike the first, or if nothing says which resource a policy is of.
pub(super) fn read(document: Value, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    let (rows, pointer, token, single) = match document {
        Value::Array(rows) => (rows, String::new(), false, false),
        Value::Object(top) if policy::is(&top) => return policy::of_resource(top, sidecar, path).map(Ok),
        Value::Object(top) if Sort::of(&top).is_some() => {
            (vec![Value::Object(top)], String::new(), false, true)
        }
        Value::Object(mut top) => {
            let key = ENVELOPES.into_iter().find(|key| top.get(*key).is_some_and(Value::is_array));
            let beside = |known: &str| top.keys().all(|key| key == known || BESIDE.contains(&key.as_str()));
            let sorted = |key: &str| sort_of(top.get(key).and_then(Value::as_array)).is_some();
            let Some(key) = key.filter(|key| beside(key) && sorted(key)) else {
                return Ok(Err(Value::Object(top)));
            };
            let token = says(top.get("nextPageToken")) || says(top.get("next_page_token"));
            match top.remove(key) {
                Some(Value::Array(rows)) => (rows, format!("/{key}"), token, false),
                _ => return Ok(Err(Value::Object(top))),
            }
        }
        other => return Ok(Err(other)),
    };
    let sort = if rows.is_empty() { Sort::by_command(sidecar) } else { sort_of(Some(&rows)) };
    let Some(sort) = sort else { return Ok(Err(Value::Array(rows))) };
    let mut found = Found::of(sort.source());
    if token {
        found.cut("only the first page is here (nextPageToken is set): ask for all pages");
    }
    narrowed(sidecar, &mut found);
    let mut seen = Seen { single, ..Seen::default() };
    for (number, row) in rows.into_iter().enumerate() {
        let place = if single { String::new() } else { format!("{pointer}/{number}") };
        let Value::Object(row) = row else { return Err(Error::row(path, place, "it is no object")) };
        if Sort::of(&row) != Some(sort) {
            return Err(Error::row(path, place, "it is unlike the rows before it"));
        }
        row::read(sort, row, place, sidecar, path, &mut found, &mut seen)?;
    }
    row::list(sort, seen, sidecar, path, &mut found);
    Ok(Ok(found))
}

/// What the rows say of the listing.
#[derive(Default)]
struct Seen {
    /// It is one object and no list.
    single: bool,
    /// Which parts the rows name.
    parts: BTreeSet<String>,
    /// Some row has what makes the list one of its sort: permissions, a policy.
    telling: bool,
}

/// What the rows are: what the first one is.
fn sort_of(rows: Option<&Vec<Value>>) -> Option<Sort> {
    rows?.first()?.as_object().and_then(Sort::of)
}

fn narrowed(sidecar: &Sidecar, found: &mut Found) {
    if let Some(option) = sidecar.option(&NARROWING) {
        found.cut(format!("its command lists a part only ({option}): ask again without it"));
    }
}

/// The text under a key in camel case, else in snake case.
fn text<'r>(row: &'r Map<String, Value>, camel: &str, snake: &str) -> Option<&'r str> {
    [camel, snake].into_iter().find_map(|key| row.get(key)?.as_str()).filter(|text| !text.is_empty())
}
