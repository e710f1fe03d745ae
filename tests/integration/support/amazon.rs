//! A small account of AWS for scenes: roles as the provider keeps them and as the command line lists them.

use serde_json::{Value as Json, json};

use super::scene::Scene;

pub const ACCOUNT: &str = "111122223333";
pub const ISSUER: &str = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AA";
pub const HOST: &str = "oidc.eks.eu-west-1.amazonaws.com/id/AA";

pub fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

pub fn document(statements: Json) -> Json {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What it takes for pods of a service account to assume a role.
pub fn irsa(subject: &Json) -> Json {
    json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": ISSUER},
        "Condition": {"StringEquals": {format!("{HOST}:sub"): subject, format!("{HOST}:aud"): "sts.amazonaws.com"}}})
}

/// A role in a plan.
pub fn role(name: &str, trust: &Json) -> Json {
    json!({"id": name, "name": name, "path": "/", "arn": role_arn(name), "unique_id": format!("AROA{}", name.to_uppercase()),
        "assume_role_policy": trust.to_string(), "inline_policy": [], "managed_policy_arns": [],
        "permissions_boundary": "", "tags": {}})
}

/// A role in a listing.
pub fn listed_role(name: &str, trust: &Json, inline: &[(&str, Json)]) -> Json {
    let inline: Vec<Json> = inline
        .iter()
        .map(|(name, document)| json!({"PolicyName": name, "PolicyDocument": document}))
        .collect();
    json!({"Path": "/", "RoleName": name, "RoleId": format!("AROA{}", name.to_uppercase()), "Arn": role_arn(name),
        "CreateDate": "2026-01-02T03:04:05Z", "AssumeRolePolicyDocument": trust, "InstanceProfileList": [],
        "RolePolicyList": inline, "AttachedManagedPolicies": [], "Tags": [], "RoleLastUsed": {}})
}

/// What `aws iam get-account-authorization-details` lists.
pub fn account(scene: &mut Scene, roles: &[Json], policies: &[Json]) {
    scene.lists(
        "iam.json",
        json!({"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": policies}),
        json!({"command": "aws iam get-account-authorization-details"}),
    );
}

/// A deployment in a cluster, whose service account asks for a role.
pub fn cluster(scene: &mut Scene, role: Option<&str>) {
    let annotations = role.map_or(json!({}), |role| json!({"eks.amazonaws.com/role-arn": role_arn(role)}));
    scene.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": "shop", "annotations": annotations}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
                "spec": {"template": {"metadata": {"labels": {}},
                    "spec": {"serviceAccountName": "web", "containers": [{"name": "a", "image": "a:1"}]}}}},
        ]}),
        json!({"command": "kubectl get all,sa -A -o json"}),
    );
}
