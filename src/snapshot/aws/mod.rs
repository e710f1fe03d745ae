//! What the AWS CLI and the raw API print of access and of certificates. ARNs stay as they are written.

mod accounts;
mod listed;
mod managed;
mod resource;
mod row;
mod single;

use super::Error;
use super::found::{Found, says};
use super::sidecar::Sidecar;
use serde_json::{Map, Value};

/// Marks of paging, in all spellings of the services.
const PAGING: [&str; 5] = ["NextToken", "nextToken", "NextMarker", "Marker", "IsTruncated"];

/// What may stand beside a list.
const BESIDE: [&str; 2] = ["ResponseMetadata", "failures"];

/// Options with which a command prints a part only.
const NARROWING: [&str; 9] = [
    "--query",
    "--max-items",
    "--starting-token",
    "--no-paginate",
    "--path-prefix",
    "--certificate-statuses",
    "--listener-arns",
    "--namespace",
    "--service-account",
];

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If a row is no object, or if nothing says what the file is of.
pub(super) fn read(document: Value, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    let top = match document {
        Value::Array(rows) => return managed::read(rows, sidecar, path),
        Value::Object(top) => top,
        other => return Ok(Err(other)),
    };
    let (top, prefix) = match accounts::unwrapped(top) {
        Ok(inner) => inner,
        Err(top) => return Ok(Err(Value::Object(top))),
    };
    if accounts::is(&top) {
        return accounts::read(top, prefix, sidecar, path).map(Ok);
    }
    let top = match single::read(top, sidecar, path)? {
        Ok(found) => return Ok(Ok(found)),
        Err(top) => top,
    };
    match resource::read(top, sidecar, path)? {
        Ok(found) => Ok(Ok(found)),
        Err(top) => listed::read(top, sidecar, path),
    }
}

/// What the document and its command show of a part that is missing.
fn cut(top: &Map<String, Value>, sidecar: &Sidecar, found: &mut Found) {
    if let Some(key) = PAGING.into_iter().find(|key| says(top.get(*key))) {
        found.cut(format!("only the first page is here ({key} is set): ask for all pages"));
    }
    if let Some(option) = sidecar.option(&NARROWING) {
        found.cut(format!("its command lists a part only ({option}): ask again without it"));
    }
}

/// The fields of an ARN after `arn`: partition, service, region, account, resource.
fn fields(arn: &str) -> Option<[&str; 5]> {
    let mut fields = arn.strip_prefix("arn:")?.splitn(5, ':');
    Some([fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?])
}

/// The account of an ARN: what belongs to AWS itself has none.
fn account(arn: &str) -> Option<&str> {
    let [_, _, _, account, _] = fields(arn)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests;
