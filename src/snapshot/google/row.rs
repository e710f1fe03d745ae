//! One row of a list: what it is, what becomes of it, and of what the list is.

use super::super::found::Found;
use super::super::sidecar::Sidecar;
use super::{Error, Seen, named, policy, text};
use serde_json::{Map, Value, json};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A resource, with or without its policy: an export, a list or a search of resources.
    Asset,
    /// A policy that was searched for.
    Search,
    /// A service account.
    ServiceAccount,
    /// A key of a service account.
    Key,
    /// A role.
    Role,
    /// A deny policy.
    DenyPolicy,
    /// A member of a group.
    Member,
}

/// Commands, and what an empty list of theirs is.
const COMMANDS: [(&[&str], Sort); 8] = [
    (&["asset", "search-all-iam-policies"], Sort::Search),
    (&["asset", "list"], Sort::Asset),
    (&["asset", "export"], Sort::Asset),
    (&["service-accounts", "list"], Sort::ServiceAccount),
    (&["service-accounts", "keys", "list"], Sort::Key),
    (&["iam", "roles", "list"], Sort::Role),
    (&["iam", "policies", "list"], Sort::DenyPolicy),
    (&["identity", "groups", "memberships", "list"], Sort::Member),
];

impl Sort {
    /// What a row is, by its keys and its name.
    pub(super) fn of(row: &Map<String, Value>) -> Option<Sort> {
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
        let has = |key: &str| row.contains_key(key);
        let (_, last) = name.rsplit_once("/roles/").unwrap_or_default();
        let role = name.starts_with("roles/")
            || (!last.is_empty() && (name.starts_with("projects/") || name.starts_with("organizations/")));
        Some(if name.starts_with("//") && text(row, "assetType", "asset_type").is_some() {
            Sort::Asset
        } else if row.get("resource").and_then(Value::as_str).is_some_and(|name| name.starts_with("//"))
            && row.get("policy").is_some_and(Value::is_object)
        {
            Sort::Search
        } else if name.contains("/serviceAccounts/") && name.contains("/keys/") {
            Sort::Key
        } else if name.contains("/serviceAccounts/") && has("email") {
            Sort::ServiceAccount
        } else if role && ["title", "stage", "includedPermissions"].into_iter().any(has) {
            Sort::Role
        } else if named::attached(name).is_some() {
            Sort::DenyPolicy
        } else if name.starts_with("groups/") && name.contains("/memberships/") {
            Sort::Member
        } else {
            return None;
        })
    }

    /// What an empty list is: only its command says so.
    pub(super) fn by_command(sidecar: &Sidecar) -> Option<Sort> {
        let gcloud = sidecar.words().first().is_some_and(|program| program.ends_with("gcloud"));
        let of = |(words, _): &&(&[&str], Sort)| sidecar.asks(words);
        COMMANDS.iter().find(of).filter(|_| gcloud).map(|(_, sort)| *sort)
    }

    /// What a file of such rows is called.
    pub(super) fn source(self) -> &'static str {
        match self {
            Sort::Asset => "google:assets",
            Sort::Search => "google:iam-policies",
            Sort::ServiceAccount => "google:service-accounts",
            Sort::Key => "google:service-account-keys",
            Sort::Role => "google:roles",
            Sort::DenyPolicy => "google:deny-policies",
            Sort::Member => "google:group-members",
        }
    }
}

/// Reads a row into what was found.
///
/// # Errors
/// If a policy in it has another form.
pub(super) fn read(
    sort: Sort,
    mut row: Map<String, Value>,
    place: String,
    sidecar: &Sidecar,
    path: &str,
    found: &mut Found,
    seen: &mut Seen,
) -> Result<(), Error> {
    let name = row.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = match sort {
        Sort::Asset | Sort::Search => return asset(sort, row, place, sidecar, path, found, seen),
        Sort::ServiceAccount => {
            let project = name.split("/serviceAccounts/").next().filter(|project| *project != "projects/-");
            let by_id = row.get("projectId").and_then(Value::as_str).map(|id| format!("projects/{id}"));
            seen.parts.extend(by_id.or(project.map(str::to_owned)));
            "google:service-account"
        }
        Sort::Key => {
            // Only the answer to its making has the key itself.
            row.remove("privateKeyData");
            seen.parts.extend(name.split("/keys/").next().map(str::to_owned));
            "google:service-account-key"
        }
        Sort::Role => {
            seen.telling |= row.contains_key("includedPermissions");
            let of = name.rsplit_once("/roles/").map_or("roles", |(of, _)| of);
            if !seen.parts.contains(of) {
                seen.parts.insert(of.to_owned());
            }
            "google:role"
        }
        Sort::DenyPolicy => {
            if !row.get("rules").is_some_and(Value::is_array) {
                found.cut(format!(
                    "{place}: the rules of the policy are not in it: add the output of `gcloud iam policies get` for each"
                ));
            }
            if let Some(attached) = named::attached(&name) {
                seen.parts.insert(attached.clone());
                row.insert("attached".to_owned(), Value::String(attached));
            }
            "google:deny-policy"
        }
        Sort::Member => {
            let group = named::group(sidecar).ok_or_else(|| Error::needs(path, "group", "GROUP@DOMAIN"))?;
            let id = row.get("preferredMemberKey").and_then(|key| key.get("id")).and_then(Value::as_str);
            if !row.contains_key("type") && !id.is_some_and(|id| id.ends_with(".gserviceaccount.com")) {
                found.cut("some members may be groups themselves, since it has no types in it: ask again with --view=full");
            }
            row.insert("group".to_owned(), Value::String(group));
            "google:group-member"
        }
    };
    super::super::mark(&mut row, sidecar);
    found.add(kind, place, row);
    Ok(())
}

/// A resource with its policy: `name` and `iamPolicy` of an export, `resource` and `policy` of a search.
fn asset(
    sort: Sort,
    mut row: Map<String, Value>,
    place: String,
    sidecar: &Sidecar,
    path: &str,
    found: &mut Found,
    seen: &mut Seen,
) -> Result<(), Error> {
    let (name, keys): (&str, &[&str]) = match sort {
        Sort::Search => ("resource", &["policy"]),
        _ => ("name", &["iamPolicy", "iam_policy"]),
    };
    let resource = row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    for key in keys {
        match row.remove(*key) {
            Some(Value::Object(policy)) => {
                policy::add(policy, &resource, &format!("{place}/{key}"), sidecar, path, found)?;
                seen.parts.insert(resource.clone());
                seen.telling = true;
            }
            None | Some(Value::Null) => {}
            Some(_) => return Err(Error::row(path, format!("{place}/{key}"), "it is no object")),
        }
    }
    let mut kept = Map::from_iter([("name".to_owned(), json!(resource))]);
    let ancestors = ancestors(&mut row);
    if let Some(project) = ancestors.iter().find(|name| name.starts_with("projects/")) {
        kept.insert("project".to_owned(), json!(project));
    }
    if !ancestors.is_empty() {
        kept.insert("ancestors".to_owned(), json!(ancestors));
    }
    if let Some(of) = text(&row, "assetType", "asset_type") {
        kept.insert("assetType".to_owned(), json!(of));
    }
    super::super::mark(&mut kept, sidecar);
    found.add("google:resource", place, kept);
    Ok(())
}

/// What a resource is in, nearest first: said at once, or in three parts.
fn ancestors(row: &mut Map<String, Value>) -> Vec<String> {
    let texts = |value: Option<Value>| -> Vec<String> {
        let all = match value {
            Some(Value::Array(all)) => all,
            Some(one) => vec![one],
            None => Vec::new(),
        };
        let filled = |value: Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        all.into_iter().filter_map(filled).collect()
    };
    let said = texts(row.remove("ancestors"));
    if !said.is_empty() {
        return said;
    }
    ["project", "folders", "organization"].into_iter().flat_map(|key| texts(row.remove(key))).collect()
}

/// Says which listing the file is, and of what.
pub(super) fn list(sort: Sort, seen: Seen, sidecar: &Sidecar, path: &str, found: &mut Found) {
    if seen.single {
        // One policy of a resource is all of its policy; anything else says nothing of the others of its kind.
        if matches!(sort, Sort::Asset | Sort::Search) {
            seen.parts.into_iter().for_each(|part| found.lists("google:iam-policies", part));
        }
        return;
    }
    let (listing, given) = match sort {
        // A list of resources without any policy is none of policies.
        Sort::Asset if !seen.telling && sidecar.value(&["--content-type"]) != Some("iam-policy") => {
            return;
        }
        Sort::Asset | Sort::Search => ("google:iam-policies", named::scope(sidecar)),
        Sort::ServiceAccount => ("google:service-accounts", named::project(sidecar)),
        Sort::Key => {
            ("google:service-account-keys", named::account(sidecar).filter(|_| seen.parts.is_empty()))
        }
        Sort::Member => ("google:group-members", named::group(sidecar).map(|group| format!("group:{group}"))),
        Sort::Role if !seen.telling => {
            found.notes.push(format!(
                "{path}: no role has its permissions in it: add the output of `gcloud iam roles describe` for each"
            ));
            return;
        }
        Sort::Role => ("google:roles", None),
        Sort::DenyPolicy => {
            let point = sidecar.of("attached").or_else(|| sidecar.value(&["--attachment-point"]));
            ("google:deny-policies", point.map(|point| named::slashes(point.trim_start_matches("//"))))
        }
    };
    if given.is_none() && seen.parts.is_empty() {
        found.notes.push(format!(
            "{path}: nothing says of what this is the list: say the project, scope or attachment point under `of` in {path}.meta.json"
        ));
    }
    let parts = given.map_or(seen.parts, |given| [given].into());
    parts.into_iter().for_each(|part| found.lists(listing, part));
}
