//! The stand-in's cloud as `aws iam get-account-authorization-details` prints it.

use serde_json::{Value as Json, json};

use super::cloud::Cloud;

/// Its `RoleDetailList`.
pub fn roles(cloud: &Cloud) -> Vec<Json> {
    let form = |role: &Json| {
        json!({
            "Arn": role["arn"],
            "AssumeRolePolicyDocument": document(&role["assume_role_policy"]),
            "AttachedManagedPolicies": attached(cloud, &role["name"]),
            "CreateDate": role["create_date"],
            "InstanceProfileList": [],
            "Path": role["path"],
            "RoleId": role["unique_id"],
            "RoleLastUsed": {},
            "RoleName": role["name"],
            "RolePolicyList": inline(cloud, &role["name"]),
            "Tags": [],
        })
    };
    cloud.list("aws_iam_role").iter().map(form).collect()
}

/// Its `Policies`, of the account's own.
pub fn policies(cloud: &Cloud) -> Vec<Json> {
    let form = |policy: &Json| {
        let attachments = cloud.list("aws_iam_role_policy_attachment");
        let created = "2023-06-12T08:14:09+00:00";
        json!({
            "Arn": policy["arn"],
            "AttachmentCount": attachments.iter().filter(|one| one["policy_arn"] == policy["arn"]).count(),
            "CreateDate": created,
            "DefaultVersionId": "v1",
            "IsAttachable": true,
            "Path": policy["path"],
            "PermissionsBoundaryUsageCount": 0,
            "PolicyId": policy["policy_id"],
            "PolicyName": policy["name"],
            "PolicyVersionList": [{
                "CreateDate": created,
                "Document": document(&policy["policy"]),
                "IsDefaultVersion": true,
                "VersionId": "v1",
            }],
            "UpdateDate": created,
        })
    };
    cloud.list("aws_iam_policy").iter().map(form).collect()
}

fn attached(cloud: &Cloud, role: &Json) -> Vec<Json> {
    let attachments = cloud.list("aws_iam_role_policy_attachment");
    let form = |arn: &Json| json!({"PolicyArn": arn, "PolicyName": arn.as_str().unwrap().rsplit('/').next()});
    attachments.iter().filter(|one| one["role"] == *role).map(|one| form(&one["policy_arn"])).collect()
}

fn inline(cloud: &Cloud, role: &Json) -> Vec<Json> {
    let policies = cloud.list("aws_iam_role_policy");
    let form =
        |policy: &Json| json!({"PolicyDocument": document(&policy["policy"]), "PolicyName": policy["name"]});
    policies.iter().filter(|one| one["role"] == *role).map(form).collect()
}

/// The command line prints a document as JSON, where the provider has it as text.
fn document(text: &Json) -> Json {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}
