//! Who may do what in accounts of AWS, case by case, asked as people ask: of a snapshot, with `mainstay can`.
//!
//! What policies of resources and of the organization say stands in no such listing: a plan that changes nothing tells it.
//! The cases stand in `access/aws.jsonl`, one a line, each with its source. `covered`, `lost` and `unknown` are yes, no
//! and neither.

use std::fs;

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::mainstay;

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn policy(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

fn inline(documents: &Json) -> Json {
    let named = documents.as_array().into_iter().flatten().enumerate();
    named
        .map(|(number, document)| json!({"PolicyName": format!("p{number}"), "PolicyDocument": document}))
        .collect()
}

fn managed(arn: &str, default: &str, versions: &Json) -> Json {
    let versions: Json = versions
        .as_object()
        .unwrap()
        .iter()
        .map(|(id, document)| json!({"VersionId": id, "IsDefaultVersion": id == default, "Document": document}))
        .collect();
    json!({"PolicyName": arn, "PolicyId": format!("ANPA{arn}"), "Arn": arn, "Path": "/", "DefaultVersionId": default,
        "PolicyVersionList": versions})
}

/// What `aws iam get-account-authorization-details` would print of such a world.
fn account(world: &Json) -> Json {
    let mut user = json!({"Path": "/", "UserName": "alice", "UserId": "AIDAALICE", "Arn": ALICE,
        "CreateDate": "2026-01-02T03:04:05Z", "UserPolicyList": inline(&world["identity"]),
        "GroupList": [], "AttachedManagedPolicies": [], "Tags": []});
    let (mut groups, mut policies, mut attached) = (Vec::new(), Vec::new(), Vec::new());
    for group in world["groups"].as_array().into_iter().flatten() {
        let name = group["name"].as_str().unwrap();
        user["GroupList"].as_array_mut().unwrap().push(json!(name));
        groups.push(json!({"Path": "/", "GroupName": name, "GroupId": format!("AGPA{name}"),
            "Arn": format!("arn:aws:iam::{ACCOUNT}:group/{name}"), "GroupPolicyList": inline(&group["identity"]),
            "AttachedManagedPolicies": []}));
    }
    for arn in world["missing"].as_array().into_iter().flatten() {
        attached.push(arn.as_str().unwrap().to_owned());
    }
    for one in world["managed"].as_array().into_iter().flatten() {
        let arn = one["arn"].as_str().unwrap();
        policies.push(managed(arn, one["default"].as_str().unwrap(), &one["versions"]));
        attached.push(arn.to_owned());
    }
    if let Some(boundary) = world.get("boundary") {
        let arn = policy("boundary");
        if boundary != "missing" {
            policies.push(managed(&arn, "v1", &json!({"v1": boundary})));
        }
        user["PermissionsBoundary"] =
            json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
    }
    user["AttachedManagedPolicies"] =
        attached.iter().map(|arn| json!({"PolicyName": arn, "PolicyArn": arn})).collect();
    let roles = world["roles"].as_array().into_iter().flatten().map(|role| {
        let name = role["name"].as_str().unwrap();
        json!({"Path": "/", "RoleName": name, "RoleId": format!("AROA{name}"), "Arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            "CreateDate": "2026-01-02T03:04:05Z", "AssumeRolePolicyDocument": role["trust"], "InstanceProfileList": [],
            "RolePolicyList": [], "AttachedManagedPolicies": [], "Tags": []})
    });
    let roles: Json = roles.collect();
    json!({"UserDetailList": [user], "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies})
}

/// A plan that changes nothing and knows of these resources.
fn plan(world: &Json) -> Json {
    let resources = world["resources"].as_array().into_iter().flatten().enumerate();
    let changes: Json = resources
        .map(|(number, one)| {
            let (kind, name) = (one["type"].as_str().unwrap(), format!("r{number}"));
            json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {"actions": ["no-op"], "before": one["values"], "after": one["values"], "after_unknown": {},
                    "before_sensitive": {}, "after_sensitive": {}}})
        })
        .collect();
    json!({"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
        "timestamp": "2026-11-22T11:00:00Z", "resource_changes": changes})
}

#[test]
fn accounts_of_aws_case_by_case() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration/access/aws.jsonl");
    let cases: Vec<Json> =
        fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(cases.len() >= 185, "{}", cases.len());
    let folder = tempfile::tempdir().unwrap();
    let command =
        json!({"taken_at": "2026-11-22T10:00:00Z", "command": "aws iam get-account-authorization-details"});
    let mut wrong = Vec::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap();
        fs::write(folder.path().join("iam.json"), account(&case["world"]).to_string()).unwrap();
        fs::write(folder.path().join("iam.json.meta.json"), command.to_string()).unwrap();
        let who = case["who"].as_str().unwrap_or(ALICE);
        let mut arguments = vec!["can", who, text("action"), text("resource")];
        arguments.extend(["--snapshot", "iam.json", "--now", "2026-11-22T12:00:00Z"]);
        if !case["world"]["resources"].is_null() {
            fs::write(folder.path().join("plan.json"), plan(&case["world"]).to_string()).unwrap();
            arguments.extend(["--plan", "plan.json"]);
        }
        let output = mainstay(folder.path(), &arguments);
        let expected = match text("expect") {
            "covered" => 0,
            "lost" => 1,
            _ => 4,
        };
        if output.status.code() != Some(expected) {
            wrong.push(format!("{}: {} expected\n{}", text("name"), text("expect"), said(&output)));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
