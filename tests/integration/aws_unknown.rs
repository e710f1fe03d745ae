//! Policies on AWS of which it is known only after apply what they say: what is attached anew may deny what was allowed.
//!
//! Source: IAM User Guide, "Policy evaluation logic": an explicit deny in any policy wins.

use serde_json::{Value as Json, json};

use crate::aws_noise::{OBJECTS, attachment, function, inline, lambda, policy};
use crate::support::amazon::{ACCOUNT, role};
use crate::support::rows::{
    Comes::{Doubt, Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const MORE: &str = "aws_iam_role_policy.more";

fn writes() -> Json {
    json!([{"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}])
}

/// Denied anywhere but in one region. Source: IAM User Guide, "AWS: Denies access to AWS based on the requested Region".
fn abroad() -> Json {
    json!([{"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}])
}

/// An attachment of a policy that the plan makes as well.
fn attached(scene: &mut Scene, document: Json, to: &str) {
    let mut more = policy("more", json!([]));
    for (key, value) in
        [("id", "?".into()), ("arn", "?".into()), ("policy_id", "?".into()), ("policy", document)]
    {
        more[key] = value;
    }
    scene.object("aws_iam_policy.more", Json::Null, more);
    scene.object(
        "aws_iam_role_policy_attachment.more",
        Json::Null,
        json!({"id": "?", "role": to, "policy_arn": "?"}),
    );
    let arn = json!({"references": ["aws_iam_policy.more.arn", "aws_iam_policy.more"]});
    scene.configured("aws_iam_policy.more", json!({"name": {"constant_value": "more"}}));
    scene.configured("aws_iam_role_policy_attachment.more", json!({"policy_arn": arn}));
}

fn with(mut values: Json, key: &str, to: &str) -> Json {
    values[key] = to.into();
    values
}

#[test]
fn what_is_attached_may_deny() {
    let rows = vec![
        row("-", "a new policy in the role, of which nobody knows what it says", Doubt, |scene| {
            scene.object(MORE, Json::Null, with(with(inline("more", writes()), "id", "?"), "policy", "?"));
        }),
        row("-", "a new policy in the role that allows more", Quiet, |scene| {
            scene.object(MORE, Json::Null, with(inline("more", writes()), "id", "?"));
        }),
        row("-", "a policy in the role, of which nobody knows what it will say", Loss, |scene| {
            scene.object(MORE, inline("more", writes()), with(inline("more", writes()), "policy", "?"));
        }),
        row("-", "a policy in another role", Quiet, |scene| {
            let other = with(with(inline("more", writes()), "role", "other"), "policy", "?");
            scene.stays("aws_iam_role.other", role("other", &lambda()));
            scene.object(MORE, Json::Null, with(other, "id", "?"));
        }),
        row("-", "role, policy and attachment are new", Quiet, |scene| {
            let mut other = role("other", &lambda());
            for key in ["id", "arn", "unique_id"] {
                other[key] = "?".into();
            }
            scene.object("aws_iam_role.other", Json::Null, other);
            attached(scene, "?".into(), "other");
        }),
        row("-", "a new policy is attached, and what it says is known", Quiet, |scene| {
            let document = json!({"Version": "2012-10-17", "Statement": writes()}).to_string();
            attached(scene, document.into(), "app");
        }),
        row("-", "a new policy is attached, and what it says is not known", Doubt, |scene| {
            attached(scene, "?".into(), "app");
        }),
        row("-", "a new policy is attached that denies", Loss, |scene| {
            let denies = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
            attached(scene, json!({"Version": "2012-10-17", "Statement": denies}).to_string().into(), "app");
        }),
        row("-", "a new policy in the role that denies where a condition holds", Loss, |scene| {
            scene.object(MORE, Json::Null, with(inline("more", abroad()), "id", "?"));
        }),
        row("-", "a new policy is attached that denies where a condition holds", Loss, |scene| {
            let document = json!({"Version": "2012-10-17", "Statement": abroad()}).to_string();
            attached(scene, document.into(), "app");
        }),
        row("-", "which policy is attached is not known", Doubt, |scene| {
            scene.object(
                "aws_iam_role_policy_attachment.more",
                Json::Null,
                with(with(attachment("more"), "id", "?"), "policy_arn", "?"),
            );
        }),
        row("-", "a policy of the organization, and which is not known", Loss, |scene| {
            scene.object(
                "aws_organizations_policy_attachment.more",
                Json::Null,
                json!({"id": "?", "policy_id": "?", "target_id": ACCOUNT}),
            );
        }),
        row("-", "the same on another account", Quiet, |scene| {
            scene.object(
                "aws_organizations_policy_attachment.more",
                Json::Null,
                json!({"id": "?", "policy_id": "?", "target_id": "444455556666"}),
            );
        }),
    ];
    judge(&function(true), rows);
}

/// It is no certain loss, and the report says why.
#[test]
fn the_doubt_is_said() {
    let mut scene = function(true);
    scene.object(MORE, Json::Null, with(with(inline("more", writes()), "id", "?"), "policy", "?"));
    let judged = scene.check();
    let finding = judged.the("evicts-access");
    assert_eq!(finding["certainty"], "possible");
    let said = finding["unknown_because"].to_string();
    assert!(said.contains("known only after apply"), "{said}");
    assert_eq!(finding["causes"][0]["address"], MORE);
}
