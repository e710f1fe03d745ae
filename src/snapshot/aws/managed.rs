//! A bare list of managed policies with their documents, as collections of AWS's own policies are kept.

use super::super::found::Found;
use super::super::sidecar::Sidecar;
use super::{Error, cut, fields, row};
use serde_json::{Map, Value};

/// Spellings of keys, and the one that is kept.
const SPELLINGS: [(&str, &str); 4] =
    [("arn", "Arn"), ("name", "PolicyName"), ("PolicyDocument", "Document"), ("document", "Document")];

/// Reads rows if they are managed policies; gives them back if not.
///
/// # Errors
/// Never: rows of another form make it another document.
pub(super) fn read(rows: Vec<Value>, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    if rows.is_empty() || !rows.iter().all(is) {
        return Ok(Err(Value::Array(rows)));
    }
    let mut found = Found::of("aws:policies");
    cut(&Map::new(), sidecar, &mut found);
    let mut undecodable = Vec::new();
    for (number, row) in rows.into_iter().enumerate() {
        let pointer = format!("/{number}");
        let Value::Object(mut row) = row else { return Err(Error::row(path, pointer, "it is no object")) };
        for (other, kept) in SPELLINGS {
            if !row.contains_key(kept)
                && let Some(value) = row.remove(other)
            {
                row.insert(kept.to_owned(), value);
            }
        }
        row::in_force(&mut row);
        undecodable.extend(row::settle(&mut row).into_iter().map(|place| format!("{pointer}{place}")));
        match row::account_of(&row) {
            Some(account) => drop(row.insert("AccountId".to_owned(), Value::String(account))),
            None => found.lists("aws:policies", "aws"),
        }
        super::super::mark(&mut row, sidecar);
        found.add("aws:policy", pointer, row);
    }
    row::say(&undecodable, &mut found);
    Ok(Ok(found))
}

/// Whether a row is a managed policy with its document: findings of other tools have the same keys and name roles.
fn is(row: &Value) -> bool {
    let arn = row.get("Arn").or_else(|| row.get("arn")).and_then(Value::as_str).unwrap_or_default();
    let policy = fields(arn)
        .is_some_and(|[_, service, _, _, resource]| service == "iam" && resource.starts_with("policy/"));
    let document = ["PolicyVersionList", "Document", "PolicyDocument", "document"];
    policy && document.iter().any(|key| row.get(*key).is_some())
}
