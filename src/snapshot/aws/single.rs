//! What prints one thing: it says nothing of the others of its kind, so none of these is a listing.

use super::super::found::Found;
use super::super::sidecar::Sidecar;
use super::{Error, cut, row};
use crate::model::policy_document;
use serde_json::{Map, Value};

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If nothing says which one it is.
pub(super) fn read(
    mut top: Map<String, Value>,
    sidecar: &Sidecar,
    path: &str,
) -> Result<Result<Found, Map<String, Value>>, Error> {
    let has = |key: &str, members: &[&str]| {
        members.iter().all(|member| top.get(key).is_some_and(|inner| inner.get(*member).is_some()))
    };
    let (kind, key) = if has("Certificate", &["CertificateArn"]) {
        ("aws:certificate", "Certificate")
    } else if has("association", &["serviceAccount", "clusterName"]) {
        ("aws:pod-identity-association", "association")
    } else if has("Policy", &["PolicySummary", "Content"]) {
        ("aws:organization-policy", "Policy")
    } else if has("Organization", &["Id", "MasterAccountId"]) {
        ("aws:organization", "Organization")
    } else if top.contains_key("Url")
        && (top.contains_key("ClientIDList") || top.contains_key("ThumbprintList"))
    {
        ("aws:oidc-provider", "")
    } else {
        return Ok(Err(top));
    };
    let mut found = Found::of(kind);
    cut(&Map::new(), sidecar, &mut found);
    let (mut inner, pointer) = match top.remove(key) {
        Some(Value::Object(inner)) => (inner, format!("/{key}")),
        // The provider stands at the top.
        _ => (top, String::new()),
    };
    match kind {
        "aws:organization-policy" => content(&mut inner, &pointer, &mut found),
        "aws:oidc-provider" => {
            let arn = sidecar
                .of("arn")
                .ok_or_else(|| Error::needs(path, "arn", "arn:aws:iam::111122223333:oidc-provider/HOST"))?;
            inner.remove("ResponseMetadata");
            inner.insert("Arn".to_owned(), Value::String(arn.to_owned()));
        }
        _ => {}
    }
    let undecodable: Vec<String> =
        row::settle(&mut inner).into_iter().map(|place| format!("{pointer}{place}")).collect();
    row::say(&undecodable, &mut found);
    super::super::mark(&mut inner, sidecar);
    found.add(kind, pointer, inner);
    Ok(Ok(found))
}

/// The policy of an organization has its document as a text under another name.
fn content(policy: &mut Map<String, Value>, pointer: &str, found: &mut Found) {
    match policy.get("Content").cloned().map(policy_document) {
        Some(Some(document)) => {
            policy.remove("Content");
            policy.insert("Document".to_owned(), document);
        }
        Some(None) => {
            policy.insert("Undecodable".to_owned(), Value::Bool(true));
            row::say(&[format!("{pointer}/Content")], found);
        }
        None => {}
    }
}
