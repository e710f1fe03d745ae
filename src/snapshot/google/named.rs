//! Names of resources: from the sidecar, from a command, and full ones.

use super::super::sidecar::Sidecar;

const MANAGER: &str = "//cloudresourcemanager.googleapis.com/";

/// `of` and options that name a place of the hierarchy, and its name in full.
const PLACES: [(&str, &str, &str); 3] = [
    ("project", "--project", "projects/"),
    ("folder", "--folder", "folders/"),
    ("organization", "--organization", "organizations/"),
];

/// Of which resource the sidecar says that the file is, as a full name.
pub(super) fn resource(sidecar: &Sidecar) -> Option<String> {
    if let Some(resource) = sidecar.of("resource") {
        return Some(resource.to_owned());
    }
    if let Some(account) = sidecar.of("service_account") {
        let email = account.rsplit('/').next().unwrap_or(account);
        return Some(service_account(email));
    }
    place(sidecar).map(|place| format!("{MANAGER}{place}"))
}

/// The full name of a service account: the project in it may be left out.
fn service_account(email: &str) -> String {
    format!("//iam.googleapis.com/projects/-/serviceAccounts/{email}")
}

/// The place of the hierarchy that the sidecar's `of` names: `projects/P`, `folders/N` or `organizations/N`.
fn place(sidecar: &Sidecar) -> Option<String> {
    PLACES.into_iter().find_map(|(key, _, prefix)| Some(full(prefix, sidecar.of(key)?)))
}

/// The scope of a search or an export, as `of` or the command says it.
pub(super) fn scope(sidecar: &Sidecar) -> Option<String> {
    let option = |(_, option, prefix): (&str, &str, &str)| Some(full(prefix, sidecar.value(&[option])?));
    sidecar
        .of("scope")
        .or_else(|| sidecar.value(&["--scope"]))
        .map(|scope| scope.trim_start_matches(MANAGER).to_owned())
        .or_else(|| place(sidecar))
        .or_else(|| PLACES.into_iter().find_map(option))
}

/// The project of a list, as `of` or the command says it.
pub(super) fn project(sidecar: &Sidecar) -> Option<String> {
    let named = sidecar.of("project").or_else(|| sidecar.value(&["--project"]));
    named.map(|project| full("projects/", project))
}

/// The service account of a list of keys, as `of` or the command says it, if its e-mail names its project.
pub(super) fn account(sidecar: &Sidecar) -> Option<String> {
    let email = sidecar.of("service_account").or_else(|| sidecar.value(&["--iam-account"]))?;
    let project = email.strip_suffix(".iam.gserviceaccount.com")?.rsplit_once('@')?.1;
    Some(format!("projects/{project}/serviceAccounts/{email}"))
}

/// The e-mail of the group of a list of members, as `of` or the command says it.
pub(super) fn group(sidecar: &Sidecar) -> Option<String> {
    let group = sidecar.of("group").or_else(|| sidecar.value(&["--group-email"]))?;
    Some(group.trim().to_lowercase())
}

/// The name with its collection before it, whether it was given so or not.
fn full(prefix: &str, name: &str) -> String {
    let name = name.trim_start_matches(MANAGER).trim_end_matches('/');
    if name.starts_with(prefix) { name.to_owned() } else { format!("{prefix}{name}") }
}

/// Where a deny policy is attached, from `policies/ATTACHED/denypolicies/ID`, of which the slashes are encoded.
pub(super) fn attached(name: &str) -> Option<String> {
    let (attached, _) = name.strip_prefix("policies/")?.rsplit_once("/denypolicies/")?;
    Some(slashes(attached))
}

/// With its slashes decoded.
pub(super) fn slashes(text: &str) -> String {
    text.replace("%2F", "/").replace("%2f", "/")
}

/// The full name of the bucket in `projects/_/buckets/B`, as policies of buckets name what they are of.
pub(super) fn bucket(id: &str) -> Option<String> {
    let name = id.strip_prefix("projects/_/buckets/")?;
    (!name.contains('/')).then(|| format!("//storage.googleapis.com/{name}"))
}
