//! What only looks like a loss on AWS, and beside it what looks like one of them and is a loss; and objects that leave no
//! room for others.
//!
//! Sources: the issues named, IAM User Guide ("IAM JSON policy elements reference", "Managed policies and inline policies"),
//! documentation of the provider hashicorp/aws.

use serde_json::{Value as Json, json};

use crate::support::amazon::{ACCOUNT, account, document, listed_role, role, role_arn};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

pub const OBJECTS: &str = "arn:aws:s3:::shop-orders/*";
const POLICY: &str = "aws_iam_policy.read";
const ATTACHED: &str = "aws_iam_role_policy_attachment.read";

pub fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

fn reads() -> Json {
    json!([{"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectTagging"], "Resource": [OBJECTS, "arn:aws:s3:::shop-invoices/*"]}])
}

pub fn policy(name: &str, statements: Json) -> Json {
    json!({"id": arn(name), "arn": arn(name), "name": name, "path": "/", "policy_id": format!("ANPA{name}"),
        "policy": document(statements).to_string(), "tags": {}})
}

pub fn attachment(name: &str) -> Json {
    json!({"id": format!("app-{name}"), "role": "app", "policy_arn": arn(name)})
}

pub fn inline(name: &str, statements: Json) -> Json {
    json!({"id": format!("app:{name}"), "name": name, "role": "app", "policy": document(statements).to_string()})
}

pub fn lambda() -> Json {
    document(
        json!([{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]),
    )
}

fn listed_policy(name: &str, statements: Json) -> Json {
    json!({"PolicyName": name, "PolicyId": format!("ANPA{name}"), "Arn": arn(name), "Path": "/", "DefaultVersionId": "v1",
        "AttachmentCount": 1, "IsAttachable": true,
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document(statements)}]})
}

/// A function that reads a bucket as a role: by an attached policy, or by one that stands in the role.
pub fn function(managed: bool) -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_lambda_function.web\"]\n\
         [[workload.needs]]\nidentity = \"{}\"\naction = \"s3:GetObject\"\nscope = \"{OBJECTS}\"\n",
        role_arn("app")
    ));
    scene.stays(
        "aws_lambda_function.web",
        json!({"id": "web", "function_name": "web", "arn": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:web"),
            "role": role_arn("app")}),
    );
    scene.stays("aws_iam_role.app", role("app", &lambda()));
    let mut listed = listed_role("app", &lambda(), &[]);
    let mut policies = Vec::new();
    match managed {
        true => {
            listed["AttachedManagedPolicies"] = json!([{"PolicyName": "read", "PolicyArn": arn("read")}]);
            policies.push(listed_policy("read", reads()));
            scene.stays(POLICY, policy("read", reads())).stays(ATTACHED, attachment("read"));
        }
        false => {
            listed["RolePolicyList"] = json!([{"PolicyName": "read", "PolicyDocument": document(reads())}]);
        }
    }
    account(&mut scene, &[listed], &policies);
    let cluster = json!({"apiVersion": "v1", "kind": "List", "items": []});
    scene.lists("cluster.json", cluster, json!({"command": "kubectl get all,sa -A -o json"}));
    scene
}

/// The attached policy becomes another one in place.
fn becomes(scene: &mut Scene, statements: Json) {
    scene.without(POLICY).object(POLICY, policy("read", reads()), policy("read", statements));
}

#[test]
fn an_attached_policy() {
    let split = || {
        let one = |action: &str, on: &str| json!({"Effect": "Allow", "Action": action, "Resource": on});
        let pairs = ["s3:GetObject", "s3:GetObjectTagging"].iter().flat_map(|action| {
            [OBJECTS, "arn:aws:s3:::shop-invoices/*"].iter().map(move |on| one(action, on))
        });
        pairs.collect::<Vec<Json>>()
    };
    let rows = vec![
        row("-", "one action goes from its statement", Loss, |scene| {
            becomes(
                scene,
                json!([{"Effect": "Allow", "Action": "s3:GetObjectTagging", "Resource": OBJECTS}]),
            );
        }),
        row("aws#11801", "actions and resources in another order", Quiet, |scene| {
            becomes(
                scene,
                json!([{"Resource": ["arn:aws:s3:::shop-invoices/*", OBJECTS], "Effect": "Allow",
                "Action": ["s3:GetObjectTagging", "s3:GetObject"]}]),
            );
        }),
        row("-", "a statement split in four", Quiet, move |scene| becomes(scene, split().into())),
        row("-", "split, and one part lost", Loss, move |scene| {
            becomes(scene, split().into_iter().skip(1).collect());
        }),
        row("-", "another statement before it, and a name", Quiet, |scene| {
            let mut named = reads()[0].clone();
            named["Sid"] = "Read".into();
            becomes(scene, json!([{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}, named]));
        }),
        row("-", "a statement that is no list", Quiet, |scene| {
            let mut after = policy("read", json!([]));
            after["policy"] = json!({"Statement": reads()[0], "Version": "2012-10-17"}).to_string().into();
            scene.without(POLICY).object(POLICY, policy("read", reads()), after);
        }),
        row("-", "actions in other letters", Quiet, |scene| {
            becomes(
                scene,
                json!([{"Effect": "Allow", "Action": ["S3:getobject", "s3:GetObjectTagging"],
                "Resource": [OBJECTS, "arn:aws:s3:::shop-invoices/*"]}]),
            );
        }),
        row("-", "broader", Quiet, |scene| {
            becomes(
                scene,
                json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::shop-*"}]),
            );
        }),
        row("terraform#29603", "policy and attachment moved", Quiet, |scene| {
            scene.without(POLICY).without(ATTACHED);
            scene.stays("module.iam.aws_iam_policy.read", policy("read", reads()));
            scene.with("previous_address", POLICY.into());
            scene.stays("module.iam.aws_iam_role_policy_attachment.read", attachment("read"));
            scene.with("previous_address", ATTACHED.into());
        }),
        row("terraform#29603", "keys of for_each changed, with moved", Quiet, |scene| {
            scene.without(ATTACHED).stays(r#"aws_iam_role_policy_attachment.read["b"]"#, attachment("read"));
            scene.with("index", "b".into());
            scene.with("previous_address", r#"aws_iam_role_policy_attachment.read["a"]"#.into());
        }),
        row("driftctl#366", "keys of for_each changed, without moved: in no order", Loss, |scene| {
            scene.without(ATTACHED).object(ATTACHED, attachment("read"), Json::Null);
            let mut made = attachment("read");
            made["id"] = "?".into();
            scene.object(r#"aws_iam_role_policy_attachment.read["b"]"#, Json::Null, made);
        }),
        row("terraform-aws-eks#3403", "the attachment replaced, the new one first", Loss, |scene| {
            let mut made = attachment("read");
            made["id"] = "?".into();
            scene.without(ATTACHED).doing(ATTACHED, &["create", "delete"], attachment("read"), made);
        }),
        row("-", "another attached policy gives the same", Quiet, |scene| {
            scene.stays("aws_iam_policy.same", policy("same", reads()));
            scene.without(ATTACHED).object(ATTACHED, attachment("read"), Json::Null);
            scene.object("aws_iam_role_policy_attachment.same", Json::Null, attachment("same"));
        }),
        row("-", "another attached policy gives less", Loss, |scene| {
            let less = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-orders/a/*"}]);
            scene.stays("aws_iam_policy.less", policy("less", less));
            scene.without(ATTACHED).object(ATTACHED, attachment("read"), Json::Null);
            scene.object("aws_iam_role_policy_attachment.less", Json::Null, attachment("less"));
        }),
        row("-", "an attached policy becomes one in the role", Quiet, |scene| {
            scene.without(ATTACHED).object(ATTACHED, attachment("read"), Json::Null);
            let mut made = inline("read", reads());
            made["id"] = "?".into();
            scene.object("aws_iam_role_policy.read", Json::Null, made);
        }),
        row("-", "tags of the role", Quiet, |scene| {
            let mut after = role("app", &lambda());
            after["tags"] = json!({"team": "a"});
            scene.without("aws_iam_role.app").object("aws_iam_role.app", role("app", &lambda()), after);
        }),
        row("checkov#7675", "forgotten", Quiet, |scene| {
            scene.without(ATTACHED).doing(ATTACHED, &["forget"], attachment("read"), Json::Null);
        }),
    ];
    judge(&function(true), rows);
}

#[test]
fn a_policy_in_the_role() {
    let address = "aws_iam_role_policy.read";
    let rows = vec![
        row("-", "it goes", Loss, move |scene| {
            scene.object(address, inline("read", reads()), Json::Null);
        }),
        row("-", "it becomes an equal attached one", Quiet, move |scene| {
            scene.object(address, inline("read", reads()), Json::Null);
            scene.object(POLICY, Json::Null, policy("read", reads()));
            scene.object(ATTACHED, Json::Null, attachment("read"));
        }),
        row("-", "it becomes an attached one that gives less", Loss, move |scene| {
            scene.object(address, inline("read", reads()), Json::Null);
            let less = json!([{"Effect": "Allow", "Action": "s3:GetObjectTagging", "Resource": OBJECTS}]);
            scene.object(POLICY, Json::Null, policy("read", less));
            scene.object(ATTACHED, Json::Null, attachment("read"));
        }),
        row("-", "under another name", Quiet, move |scene| {
            scene.object(address, inline("read", reads()), Json::Null);
            scene.object("aws_iam_role_policy.renamed", Json::Null, inline("reading", reads()));
        }),
        row("aws_iam_role_policies_exclusive", "it is listed", Quiet, |scene| {
            let all = json!({"role_name": "app", "policy_names": ["read", "more"]});
            scene.object("aws_iam_role_policies_exclusive.all", Json::Null, all);
        }),
        row("aws_iam_role_policies_exclusive", "it is not listed", Loss, |scene| {
            let all = json!({"role_name": "app", "policy_names": ["more"]});
            scene.object("aws_iam_role_policies_exclusive.all", Json::Null, all);
        }),
        row("aws_iam_role_policies_exclusive", "it is no longer listed", Loss, |scene| {
            let of = |names: &[&str]| json!({"role_name": "app", "policy_names": names});
            scene.object("aws_iam_role_policies_exclusive.all", of(&["read", "more"]), of(&["more"]));
        }),
        row("aws_iam_role_policies_exclusive", "of another role", Quiet, |scene| {
            let all = json!({"role_name": "app2", "policy_names": []});
            scene.object("aws_iam_role_policies_exclusive.all", Json::Null, all);
        }),
        row("aws_iam_role_policies_exclusive", "nobody looks after it any more", Quiet, |scene| {
            let all = json!({"role_name": "app", "policy_names": ["read"]});
            scene.object("aws_iam_role_policies_exclusive.all", all, Json::Null);
        }),
    ];
    judge(&function(false), rows);
}

#[test]
fn what_leaves_no_room_for_others() {
    let mut listed = function(true);
    // The attachment is another workspace's: only the listing knows of it.
    listed.without(ATTACHED).without(POLICY);
    let exclusive = |arns: &[&str]| json!({"role_name": "app", "policy_arns": arns.iter().map(|name| arn(name)).collect::<Vec<_>>()});
    let attached = |roles: &[&str]| json!({"id": "all", "name": "all", "policy_arn": arn("read"), "roles": roles, "users": [], "groups": []});
    let (to_roles, of_role) =
        ("aws_iam_policy_attachment.all", "aws_iam_role_policy_attachments_exclusive.all");
    let rows = vec![
        row("terraform#5483", "the policy is attached to others only", Loss, move |scene| {
            scene.object(to_roles, Json::Null, attached(&["other"]));
        }),
        row("terraform#5483", "the policy is attached to it and others", Quiet, move |scene| {
            scene.object(to_roles, Json::Null, attached(&["other", "app"]));
        }),
        row("terraform#5483", "an update lists it no longer", Loss, move |scene| {
            scene.object(to_roles, attached(&["other", "app"]), attached(&["other"]));
        }),
        row("terraform#5483", "it goes, and had never listed it", Quiet, move |scene| {
            scene.object(to_roles, attached(&["other"]), Json::Null);
        }),
        row("attachments_exclusive", "the policy is listed", Quiet, move |scene| {
            scene.object(of_role, Json::Null, exclusive(&["read"]));
        }),
        row("attachments_exclusive", "other policies are listed", Loss, move |scene| {
            scene.stays(
                "aws_iam_policy.more",
                policy("more", json!([{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}])),
            );
            scene.object(of_role, Json::Null, exclusive(&["more"]));
        }),
        row("attachments_exclusive", "nobody looks after it any more", Quiet, move |scene| {
            scene.object(of_role, exclusive(&["read"]), Json::Null);
        }),
    ];
    judge(&listed, rows);
    let mut evicts = function(true);
    evicts.stays(
        "aws_iam_policy.more",
        policy("more", json!([{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}])),
    );
    evicts.without(ATTACHED).without(POLICY).object(of_role, Json::Null, exclusive(&["more"]));
    let judged = evicts.check();
    let finding = judged.the("evicts-access");
    assert_eq!(
        (finding["level"].as_str(), finding["certainty"].as_str()),
        (Some("approval"), Some("certain"))
    );
    let mut evicts = function(false);
    let none = json!({"role_name": "app", "policy_names": []});
    evicts.object("aws_iam_role_policies_exclusive.all", Json::Null, none);
    let judged = evicts.check();
    let finding = judged.the("evicts-access");
    assert_eq!(
        (finding["level"].as_str(), finding["certainty"].as_str()),
        (Some("approval"), Some("certain"))
    );
    assert_eq!(finding["affects"].as_array().unwrap().len(), 1, "{finding:#}");
}

/// A policy that loses a statement in place is still there, and is not made again.
#[test]
fn an_update_is_told_as_one() {
    let told = |mut scene: Scene, address: &str, before: Json, after: Json| {
        scene.object(address, before, after);
        let judged = scene.check();
        for finding in judged.findings().iter().filter(|one| one["cause"] == "plan") {
            let words = format!("{} {}", finding["title"], finding["undo_note"]);
            for wrong in ["created again", "destroys", "takes away read"] {
                assert!(!words.contains(wrong), "{words}");
            }
        }
        judged
    };
    let none = json!([{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]);
    let mut scene = function(true);
    scene.without(POLICY);
    let judged = told(scene, POLICY, policy("read", reads()), policy("read", none.clone()));
    assert!(!judged.by_plan("breaks-workload").is_empty());
    let address = "aws_iam_role_policy.read";
    let judged = told(function(false), address, inline("read", reads()), inline("read", none));
    assert!(!judged.by_plan("breaks-workload").is_empty());
    // A statement by which nobody falls.
    let two = json!([reads()[0], {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]);
    let mut scene = function(false);
    let mut listed = listed_role("app", &lambda(), &[("read", document(two.clone()))]);
    listed["RoleName"] = "app".into();
    account(&mut scene, &[listed], &[]);
    told(scene, address, inline("read", two), inline("read", reads()));
}
