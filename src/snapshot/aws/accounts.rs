//! `aws iam get-account-authorization-details`: all users, groups, roles and policies of an account.

use super::super::found::Found;
use super::super::sidecar::Sidecar;
use super::{Error, cut, row};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// One of the four lists.
struct List {
    key: &'static str,
    kind: &'static str,
    listing: &'static str,
    /// What `--filter` calls its rows.
    entities: &'static [&'static str],
}

const LISTS: [List; 4] = [
    List { key: "UserDetailList", kind: "aws:user", listing: "aws:users", entities: &["User"] },
    List { key: "GroupDetailList", kind: "aws:group", listing: "aws:groups", entities: &["Group"] },
    List { key: "RoleDetailList", kind: "aws:role", listing: "aws:roles", entities: &["Role"] },
    List {
        key: "Policies",
        kind: "aws:policy",
        listing: "aws:policies",
        entities: &["LocalManagedPolicy", "AWSManagedPolicy"],
    },
];

/// Without the elements that the raw API has around it, and the JSON pointer of what is inside.
pub(super) fn unwrapped(
    mut top: Map<String, Value>,
) -> Result<(Map<String, Value>, String), Map<String, Value>> {
    let mut prefix = String::new();
    for key in ["GetAccountAuthorizationDetailsResponse", "GetAccountAuthorizationDetailsResult"] {
        if top.get(key).is_some_and(Value::is_object)
            && let Some(Value::Object(inner)) = top.remove(key)
        {
            prefix.push('/');
            prefix.push_str(key);
            top = inner;
        }
    }
    if prefix.is_empty() || is(&top) { Ok((top, prefix)) } else { Err(top) }
}

/// Whether it is such a document: `Policies` alone is in others, too.
pub(super) fn is(top: &Map<String, Value>) -> bool {
    ["UserDetailList", "GroupDetailList", "RoleDetailList"].iter().any(|key| top.contains_key(*key))
}

/// Reads it.
///
/// # Errors
/// If a list is none, or a row is no object.
pub(super) fn read(
    mut top: Map<String, Value>,
    prefix: String,
    sidecar: &Sidecar,
    path: &str,
) -> Result<Found, Error> {
    let mut found = Found::of("aws:account-authorization-details");
    cut(&top, sidecar, &mut found);
    let mut accounts: BTreeSet<String> = sidecar.of("account").map(str::to_owned).into_iter().collect();
    let given = !accounts.is_empty();
    let (mut listed, mut undecodable) = (Vec::new(), Vec::new());
    for list in &LISTS {
        let pointer = format!("{prefix}/{}", list.key);
        let rows = match top.remove(list.key) {
            Some(Value::Array(rows)) => rows,
            Some(Value::Null) | None => Vec::new(),
            Some(_) => return Err(Error::row(path, pointer, "it is no list")),
        };
        // AWS's own policies have no account; those that are attached stand beside the account's.
        let mut own = false;
        for (number, row) in rows.into_iter().enumerate() {
            let pointer = format!("{pointer}/{number}");
            let Value::Object(mut row) = row else {
                return Err(Error::row(path, pointer, "it is no object"));
            };
            let moved = row::in_force(&mut row);
            for place in row::settle(&mut row) {
                let place = moved.as_ref().filter(|_| place == "/Document").unwrap_or(&place);
                undecodable.push(format!("{pointer}{place}"));
            }
            if let Some(account) = row::account_of(&row) {
                own = true;
                if !given && !accounts.contains(&account) {
                    accounts.insert(account.clone());
                }
                row.insert("AccountId".to_owned(), Value::String(account));
            }
            super::super::mark(&mut row, sidecar);
            found.add(list.kind, pointer, row);
        }
        if lists(list, own, sidecar) {
            listed.push(list.listing);
        }
    }
    row::say(&undecodable, &mut found);
    if accounts.is_empty() && !listed.is_empty() {
        found.notes.push(format!(
            "{path}: nothing says which account this is of: add {path}.meta.json with {{\"of\": {{\"account\": \"111122223333\"}}}}"
        ));
    }
    for listing in listed {
        accounts.iter().for_each(|account| found.lists(listing, account.as_str()));
    }
    Ok(found)
}

/// Whether a list of these is all there is: `--filter` prints empty lists for what it leaves out, so an empty one
/// counts only if the command is known. `own` is whether something of the account itself is in it.
fn lists(list: &List, own: bool, sidecar: &Sidecar) -> bool {
    if !sidecar.asks(&["get-account-authorization-details"]) {
        return own;
    }
    match sidecar.values("--filter") {
        None => true,
        Some(words) => list.entities.iter().all(|entity| words.contains(entity)),
    }
}
