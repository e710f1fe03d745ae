//! The stand-in's cloud as `gcloud` lists it.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::cloud::Cloud;

/// `gcloud iam service-accounts list`.
pub fn service_accounts(cloud: &Cloud) -> Vec<Json> {
    let form = |account: &Json| {
        let mut listed = json!({
            "description": account["description"],
            "disabled": account["disabled"],
            "displayName": account["display_name"],
            "email": account["email"],
            "etag": "MDEwMjE5MjA=",
            "name": account["name"],
            "oauth2ClientId": account["unique_id"],
            "projectId": account["project"],
            "uniqueId": account["unique_id"],
        });
        listed.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        listed
    };
    cloud.list("google_service_account").iter().map(form).collect()
}

/// `gcloud iam service-accounts keys list`, of one account.
pub fn keys(cloud: &Cloud, account: &str) -> Vec<Json> {
    let of = |key: &&Json| key["service_account_id"].as_str().unwrap().ends_with(&format!("/{account}"));
    let form = |key: &Json| {
        json!({
            "keyAlgorithm": key["key_algorithm"],
            "keyOrigin": "GOOGLE_PROVIDED",
            "keyType": "USER_MANAGED",
            "name": key["name"],
            "validAfterTime": key["valid_after"],
            "validBeforeTime": key["valid_before"],
        })
    };
    cloud.list("google_service_account_key").iter().filter(of).map(form).collect()
}

/// The bindings that Terraform has made on a resource, by its full name.
pub fn bindings(cloud: &Cloud, resource: &str) -> Vec<Json> {
    let project = |object: &Json| {
        let project = object["project"].as_str().unwrap();
        format!("//cloudresourcemanager.googleapis.com/projects/{project}")
    };
    let account =
        |object: &Json| format!("//iam.googleapis.com/{}", object["service_account_id"].as_str().unwrap());
    let mut members: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    let mut bind = |role: &Json, member: &Json| {
        members.entry(role.as_str().unwrap().to_string()).or_default().push(member.clone());
    };
    let on = |kind: &str, of: &dyn Fn(&Json) -> String| {
        cloud.list(kind).into_iter().filter(|object| of(object) == resource).collect::<Vec<_>>()
    };
    for object in on("google_project_iam_member", &project) {
        bind(&object["role"], &object["member"]);
    }
    for object in on("google_service_account_iam_member", &account) {
        bind(&object["role"], &object["member"]);
    }
    for object in on("google_project_iam_binding", &project) {
        object["members"].as_array().unwrap().iter().for_each(|member| bind(&object["role"], member));
    }
    members.into_iter().map(|(role, members)| json!({"members": members, "role": role})).collect()
}
