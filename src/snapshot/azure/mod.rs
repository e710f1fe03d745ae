//! What az, PowerShell, ARM, Graph and Resource Graph print of access in Azure. ARM ids stay as they are written.

mod envelope;
mod row;
#[cfg(test)]
mod tests;

use super::Error;
use super::found::Found;
use super::sidecar::Sidecar;
use crate::model::Kind;
use envelope::Envelope;
use row::Sort;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Commands, and what an empty list of theirs is.
const COMMANDS: [(&[&str], Sort); 8] = [
    (&["az", "role", "assignment", "list"], Sort::RoleAssignment),
    (&["az", "role", "definition", "list"], Sort::RoleDefinition),
    (&["az", "role", "deny-assignment", "list"], Sort::DenyAssignment),
    (&["az", "identity", "list"], Sort::Identity),
    (&["az", "identity", "federated-credential", "list"], Sort::FederatedCredential),
    (&["az", "ad", "sp", "list"], Sort::ServicePrincipal),
    (&["az", "ad", "app", "list"], Sort::Application),
    (&["az", "ad", "group", "member", "list"], Sort::GroupMember),
];

/// Options with which az lists a part only.
const NARROWING: [&str; 13] = [
    "--query",
    "--assignee",
    "--role",
    "--scope",
    "--resource-group",
    "-g",
    "--filter",
    "--display-name",
    "--spn",
    "--app-id",
    "--show-mine",
    "--custom-role-only",
    "--max-items",
];

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If a row is no object, or if nothing says which group or identity the file is of.
pub(super) fn read(document: Value, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    let by_command = COMMANDS.iter().find(|(words, _)| sidecar.runs(words)).map(|(_, sort)| *sort);
    // A group without members is an empty list, which only its sidecar tells from others.
    let by_command = by_command.or_else(|| sidecar.of("group").map(|_| Sort::GroupMember));
    let whose = |row: &Value| row.as_object().and_then(|row| Sort::of(row, sidecar));
    let first = match &document {
        Value::Array(rows) => rows.first().map_or(by_command, whose),
        Value::Object(top) => match ["value", "data"].into_iter().find_map(|key| top.get(key)?.as_array()) {
            Some(rows) => rows.first().map_or(by_command, whose),
            None => whose(&document),
        },
        _ => None,
    };
    if first.is_none() {
        return Ok(Err(document));
    }
    let Envelope { rows, pointer, cut, bare, single } = match envelope::open(document) {
        Ok(envelope) => envelope,
        Err(document) => return Ok(Err(document)),
    };
    let mut found = Found { cut, ..Found::default() };
    let (count, mut nested) = (rows.len(), false);
    let mut sorts: BTreeSet<Sort> = first.into_iter().collect();
    let mut named = Named::default();
    for (number, row) in rows.into_iter().enumerate() {
        let place = if single { String::new() } else { format!("{pointer}/{number}") };
        let Value::Object(row) = row else {
            return Err(Error::Row { path: path.to_owned(), pointer: place, what: "it is no object" });
        };
        let Some(sort) = Sort::of(&row, sidecar) else {
            return Err(Error::Row {
                path: path.to_owned(),
                pointer: place,
                what: "it is unlike the rows before it",
            });
        };
        nested |= row.get("properties").is_some_and(Value::is_object);
        sorts.insert(sort);
        let mut row = row::normal(row, sort);
        named.add(&row, sort);
        super::mark(&mut row, sidecar);
        found.objects.push((Kind::new(sort.kind()), place, Value::Object(row).into()));
    }
    found.kind = match (first.and_then(Sort::listing), sorts.len()) {
        (Some(listing), 1) => listing.to_owned(),
        _ => "azure:resources".to_owned(),
    };
    if found.cut.is_none() && bare {
        found.cut = bare_cut(count, nested, &sorts, sidecar);
    }
    // The group of a federated credential's identity names what is listed; it leaves nothing out.
    if found.cut.is_none() && by_command.is_some_and(|sort| sort != Sort::FederatedCredential) {
        let option = sidecar.option(&NARROWING);
        found.cut =
            option.map(|option| format!("its command lists a part only ({option}): ask again without it"));
    }
    for sort in sorts {
        list(sort, single, &named, sidecar, path, &mut found)?;
    }
    Ok(Ok(found))
}

/// What the rows themselves say they are of.
#[derive(Default)]
struct Named {
    subscriptions: BTreeSet<String>,
    identities: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, row: &Map<String, Value>, sort: Sort) {
        for text in ["id", "scope"].into_iter().filter_map(|key| row.get(key)?.as_str()) {
            let text = text.to_lowercase();
            let id = text.strip_prefix("/subscriptions/").and_then(|rest| rest.split('/').next());
            if let Some(id) = id.filter(|id| !id.is_empty()) {
                self.subscriptions.insert(format!("/subscriptions/{id}"));
            }
            if let Some((identity, _)) = text.split_once("/federatedidentitycredentials/")
                && sort == Sort::FederatedCredential
            {
                self.identities.insert(identity.to_owned());
            }
        }
    }
}

/// Limits of tools that a bare list cannot show but by its length.
fn bare_cut(count: usize, nested: bool, sorts: &BTreeSet<Sort>, sidecar: &Sidecar) -> Option<String> {
    let directory = [(Sort::ServicePrincipal, "az ad sp list"), (Sort::Application, "az ad app list")];
    if let Some((_, command)) = directory.iter().find(|(sort, _)| sorts.contains(sort)) {
        return (count == 100 && sidecar.option(&["--all"]).is_none())
            .then(|| format!("exactly 100 rows: `{command}` stops there without --all"));
    }
    // az flattens `properties`; rows that still have it come from Resource Graph, which pages.
    (nested && matches!(count, 100 | 1000)).then(|| {
        format!("exactly {count} rows, which is a page of Resource Graph: page until nothing is left")
    })
}

/// Says which listing the file gives, and for which part.
fn list(
    sort: Sort,
    single: bool,
    named: &Named,
    sidecar: &Sidecar,
    path: &str,
    found: &mut Found,
) -> Result<(), Error> {
    let Some(listing) = sort.listing() else { return Ok(()) };
    let needs = |key, example| Error::NeedsOf { path: path.to_owned(), key, example };
    let parts: BTreeSet<String> = match sort {
        Sort::GroupMember => {
            let group = sidecar.of("group").ok_or(needs("group", "OBJECT-ID"))?;
            BTreeSet::from([group.to_lowercase()])
        }
        Sort::FederatedCredential => match sidecar.of("identity").or_else(|| sidecar.of("application")) {
            Some(identity) => BTreeSet::from([identity.trim_end_matches('/').to_lowercase()]),
            None if named.identities.is_empty() => return Err(needs("identity", "RESOURCE-ID")),
            None => named.identities.clone(),
        },
        Sort::RoleAssignment | Sort::DenyAssignment | Sort::Identity => match sidecar.of("subscription") {
            Some(subscription) => BTreeSet::from([subscription_id(subscription)]),
            None if named.subscriptions.is_empty() => {
                found.notes.push(format!(
                    "{path}: nothing says which subscription this is of: add {path}.meta.json with {{\"of\": {{\"subscription\": \"ID\"}}}}"
                ));
                return Ok(());
            }
            None => named.subscriptions.clone(),
        },
        _ => BTreeSet::from([String::new()]),
    };
    // One object says nothing of the others of its sort.
    if !single {
        for part in parts {
            found.lists(listing, part);
        }
    }
    Ok(())
}

/// `/subscriptions/ID` in lower case, of an id with or without that prefix.
fn subscription_id(given: &str) -> String {
    let lower = given.trim_end_matches('/').to_lowercase();
    if lower.starts_with("/subscriptions/") { lower } else { format!("/subscriptions/{lower}") }
}
