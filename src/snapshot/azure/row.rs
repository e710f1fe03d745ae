//! One row: what it is, and its normal form.

use super::super::found::says;
use super::super::sidecar::Sidecar;
use serde_json::{Map, Value, json};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    /// A role assignment.
    RoleAssignment,
    /// A role definition.
    RoleDefinition,
    /// A deny assignment.
    DenyAssignment,
    /// A user-assigned identity.
    Identity,
    /// A service principal.
    ServicePrincipal,
    /// An application registration.
    Application,
    /// A member of a group.
    GroupMember,
    /// A federated credential.
    FederatedCredential,
    /// Any other ARM resource.
    Resource,
}

/// ARM types, in lower case.
const TYPES: [(&str, Sort); 5] = [
    ("microsoft.authorization/roleassignments", Sort::RoleAssignment),
    ("microsoft.authorization/roledefinitions", Sort::RoleDefinition),
    ("microsoft.authorization/denyassignments", Sort::DenyAssignment),
    ("microsoft.managedidentity/userassignedidentities", Sort::Identity),
    (
        "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials",
        Sort::FederatedCredential,
    ),
];

impl Sort {
    /// What a row is by its content, and by what the sidecar says that the file is of; `None`: nothing of Azure.
    pub(super) fn of(row: &Map<String, Value>, sidecar: &Sidecar) -> Option<Sort> {
        let properties = row.get("properties");
        let has =
            |key: &str| row.contains_key(key) || properties.is_some_and(|inner| inner.get(key).is_some());
        let kind = row.get("type").and_then(Value::as_str).unwrap_or_default().to_lowercase();
        if let Some((_, sort)) = TYPES.iter().find(|(name, _)| *name == kind) {
            return Some(*sort);
        }
        // Graph names the type of each object only where a list may hold several, as a group's members.
        if sidecar.of("group").is_some() || row.contains_key("@odata.type") {
            return row.contains_key("id").then_some(Sort::GroupMember);
        }
        let all = |keys: &[&str]| keys.iter().all(|key| has(key));
        let sort = if all(&["roleDefinitionId", "principalId", "scope"]) {
            Sort::RoleAssignment
        } else if all(&["roleName", "permissions"]) || all(&["Name", "IsCustom", "Actions"]) {
            Sort::RoleDefinition
        } else if all(&["denyAssignmentName", "permissions"]) {
            Sort::DenyAssignment
        } else if all(&["issuer", "subject", "audiences"]) {
            Sort::FederatedCredential
        } else if all(&["appId", "servicePrincipalType"]) || all(&["appId", "servicePrincipalNames"]) {
            Sort::ServicePrincipal
        } else if has("appId")
            && (has("publisherDomain") || has("requiredResourceAccess") || has("identifierUris"))
        {
            Sort::Application
        } else if kind.contains('/')
            && row.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with('/'))
        {
            Sort::Resource
        } else {
            return None;
        };
        Some(sort)
    }

    /// The kind of its objects.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Sort::RoleAssignment => "azure:role-assignment",
            Sort::RoleDefinition => "azure:role-definition",
            Sort::DenyAssignment => "azure:deny-assignment",
            Sort::Identity => "azure:identity",
            Sort::ServicePrincipal => "azure:service-principal",
            Sort::Application => "azure:application",
            Sort::GroupMember => "azure:group-member",
            Sort::FederatedCredential => "azure:federated-credential",
            Sort::Resource => "azure:resource",
        }
    }

    /// The listing that a file of such rows is; other resources are whatever the query chose.
    pub(super) fn listing(self) -> Option<&'static str> {
        Some(match self {
            Sort::RoleAssignment => "azure:role-assignments",
            Sort::RoleDefinition => "azure:role-definitions",
            Sort::DenyAssignment => "azure:deny-assignments",
            Sort::Identity => "azure:identities",
            Sort::ServicePrincipal => "azure:service-principals",
            Sort::Application => "azure:applications",
            Sort::GroupMember => "azure:group-members",
            Sort::FederatedCredential => "azure:federated-credentials",
            Sort::Resource => return None,
        })
    }
}

/// The row in its normal form: `properties` at the top, role definitions as az prints them.
pub(super) fn normal(mut row: Map<String, Value>, sort: Sort) -> Map<String, Value> {
    if let Some(Value::Object(properties)) = row.remove("properties") {
        for (key, value) in properties {
            // A role definition has a type of its own beside ARM's.
            let key = if sort == Sort::RoleDefinition && key == "type" { "roleType".to_owned() } else { key };
            if !says(row.get(&key)) {
                row.insert(key, value);
            }
        }
    }
    match sort {
        Sort::RoleDefinition => definition(row),
        Sort::DenyAssignment => {
            let permissions = permissions(&row);
            row.insert("permissions".to_owned(), permissions);
            row
        }
        _ => row,
    }
}

fn definition(mut row: Map<String, Value>) -> Map<String, Value> {
    let permissions = permissions(&row);
    // PowerShell: the role's name is `Name`, its GUID `Id`.
    if row.contains_key("IsCustom") {
        let custom = row.get("IsCustom").and_then(Value::as_bool) == Some(true);
        let mut plain = Map::new();
        for (from, to) in [
            ("Name", "roleName"),
            ("Id", "name"),
            ("Description", "description"),
            ("AssignableScopes", "assignableScopes"),
        ] {
            if let Some(value) = row.remove(from) {
                plain.insert(to.to_owned(), value);
            }
        }
        plain.insert("roleType".to_owned(), json!(if custom { "CustomRole" } else { "BuiltInRole" }));
        row = plain;
    }
    row.insert("permissions".to_owned(), permissions);
    row
}

/// `permissions` in camel case with all its lists, from there or from the lists beside the name.
fn permissions(row: &Map<String, Value>) -> Value {
    let find = |from: &Map<String, Value>, key: &str| {
        from.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone())
    };
    let one = |from: &Map<String, Value>| {
        let list = |key| find(from, key).filter(Value::is_array).unwrap_or_else(|| json!([]));
        json!({
            "actions": list("actions"),
            "notActions": list("notActions"),
            "dataActions": list("dataActions"),
            "notDataActions": list("notDataActions"),
            "condition": find(from, "condition").filter(|condition| says(Some(condition))),
        })
    };
    match find(row, "permissions") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_object).map(one).collect(),
        _ => json!([one(row)]),
    }
}
