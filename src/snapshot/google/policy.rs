//! Allow policies: one grant for each binding and member.

use super::super::found::{Found, says};
use super::super::sidecar::Sidecar;
use super::{Error, named, narrowed};
use serde_json::{Map, Value, json};

/// All that stands in a policy; a file that has more is something else.
const KEYS: [&str; 9] = [
    "bindings",
    "etag",
    "version",
    "auditConfigs",
    "audit_configs",
    "kind",
    "resourceId",
    "iamOwned",
    "rules",
];

/// In the name of a role: conditions were not shown.
const HIDDEN: &str = "_withcond_";

/// Whether a document is a policy: one without bindings has its tag alone.
pub(super) fn is(top: &Map<String, Value>) -> bool {
    let known = top.keys().all(|key| KEYS.contains(&key.as_str()));
    let bindings = match top.get("bindings") {
        None | Some(Value::Null) => top.get("etag").is_some_and(Value::is_string),
        Some(Value::Array(bindings)) => bindings.iter().all(|binding| binding.get("role").is_some()),
        Some(_) => false,
    };
    known && bindings
}

/// Reads the policy of one resource, which the policy itself does not name.
///
/// # Errors
/// If nothing says which resource it is of, or a binding has another form.
pub(super) fn of_resource(top: Map<String, Value>, sidecar: &Sidecar, path: &str) -> Result<Found, Error> {
    let by_itself = || named::bucket(top.get("resourceId")?.as_str()?);
    let resource = named::resource(sidecar)
        .or_else(by_itself)
        .ok_or_else(|| Error::needs(path, "project", "PROJECT-ID"))?;
    let mut found = Found::of("google:iam-policies");
    narrowed(sidecar, &mut found);
    found.lists("google:iam-policies", resource.as_str());
    add(top, &resource, "", sidecar, path, &mut found)?;
    Ok(found)
}

/// Adds the grants of a policy and the policy.
///
/// # Errors
/// If a binding has another form.
pub(super) fn add(
    mut policy: Map<String, Value>,
    resource: &str,
    pointer: &str,
    sidecar: &Sidecar,
    path: &str,
    found: &mut Found,
) -> Result<(), Error> {
    let bindings = match policy.remove("bindings") {
        Some(Value::Array(bindings)) => bindings,
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return Err(Error::row(path, format!("{pointer}/bindings"), "it is no list")),
    };
    for (number, binding) in bindings.into_iter().enumerate() {
        let place = format!("{pointer}/bindings/{number}");
        let Value::Object(mut binding) = binding else {
            return Err(Error::row(path, place, "it is no object"));
        };
        let Some(Value::String(role)) = binding.remove("role") else {
            return Err(Error::row(path, place, "it has no role"));
        };
        if role.contains(HIDDEN) {
            found.cut(format!(
                "conditions were hidden ({place} has the role {role}): ask for the policy in version 3"
            ));
        }
        let condition = binding.remove("condition").filter(|condition| says(Some(condition)));
        let members = match binding.remove("members") {
            Some(Value::Array(members)) => members,
            Some(Value::Null) | None => Vec::new(),
            Some(_) => return Err(Error::row(path, format!("{place}/members"), "it is no list")),
        };
        for (number, member) in members.into_iter().enumerate() {
            let place = format!("{place}/members/{number}");
            if !member.is_string() {
                return Err(Error::row(path, place, "it is no text"));
            }
            let mut grant = Map::new();
            grant.insert("resource".to_owned(), Value::String(resource.to_owned()));
            grant.insert("role".to_owned(), Value::String(role.clone()));
            grant.insert("member".to_owned(), member);
            if let Some(condition) = &condition {
                grant.insert("condition".to_owned(), condition.clone());
            }
            super::super::mark(&mut grant, sidecar);
            found.add("google:grant", place, grant);
        }
    }
    let mut whole = Map::from_iter([("resource".to_owned(), json!(resource))]);
    for key in ["etag", "version"] {
        if let Some(value) = policy.remove(key).filter(|value| !value.is_null()) {
            whole.insert(key.to_owned(), value);
        }
    }
    super::super::mark(&mut whole, sidecar);
    found.add("google:policy", pointer.to_owned(), whole);
    Ok(())
}
