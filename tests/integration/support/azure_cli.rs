//! The stand-in's cloud as `az` lists it. A snapshot made this way holds the ids that the plan holds, and no
//! hand has to keep the two in step.

use serde_json::{Value as Json, json};

use super::cloud::Cloud;

/// When and by whom everything in the stand-in's cloud was made, which Terraform does not know.
const CREATED: &str = "2023-06-12T08:14:09.482913+00:00";
const CREATOR: &str = "77777777-8888-4999-8aaa-bbbbbbbbbbbb";

/// `az role assignment list --all`: flat, without keys that are null.
pub fn role_assignments(cloud: &Cloud) -> Vec<Json> {
    let form = |assignment: &Json| {
        let mut listed = json!({
            "createdBy": CREATOR,
            "createdOn": CREATED,
            "id": assignment["id"],
            "name": assignment["name"],
            "principalId": assignment["principal_id"],
            "principalName": principal_name(cloud, &assignment["principal_id"]),
            "principalType": assignment["principal_type"],
            "roleDefinitionId": assignment["role_definition_id"],
            "roleDefinitionName": assignment["role_definition_name"],
            "scope": assignment["scope"],
            "type": "Microsoft.Authorization/roleAssignments",
            "updatedBy": CREATOR,
            "updatedOn": CREATED,
            "condition": assignment["condition"],
            "conditionVersion": assignment["condition_version"],
            "description": assignment["description"],
        });
        listed.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        listed
    };
    cloud.list("azurerm_role_assignment").iter().map(form).collect()
}

/// `az identity list`.
pub fn identities(cloud: &Cloud) -> Vec<Json> {
    let form = |identity: &Json| {
        json!({
            "clientId": identity["client_id"],
            "id": identity["id"],
            "location": identity["location"],
            "name": identity["name"],
            "principalId": identity["principal_id"],
            "resourceGroup": identity["resource_group_name"],
            "systemData": null,
            "tags": if identity["tags"].is_null() { json!({}) } else { identity["tags"].clone() },
            "tenantId": identity["tenant_id"],
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        })
    };
    cloud.list("azurerm_user_assigned_identity").iter().map(form).collect()
}

/// The first name of a service principal, which is its client id; empty where there is no such principal.
fn principal_name(cloud: &Cloud, principal: &Json) -> Json {
    let identities = cloud.list("azurerm_user_assigned_identity");
    let managed = identities.iter().find(|identity| identity["principal_id"] == *principal);
    let applications = cloud.list("azuread_service_principal");
    let application = applications.iter().find(|application| application["object_id"] == *principal);
    managed.or(application).map_or(json!(""), |found| found["client_id"].clone())
}
