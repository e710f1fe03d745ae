//! Policies of resources of AWS: whom they name, what a change in place takes away, and what a deny takes from others.
//!
//! Sources: IAM User Guide, "Policy evaluation logic" (one account), "The difference between explicit and implicit denies";
//! AWS KMS Developer Guide, "Key policies in AWS KMS"; the documentation of the provider hashicorp/aws for each type.

use serde_json::{Value as Json, json};

use crate::support::amazon::{ACCOUNT, account, document, listed_role, role_arn};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

pub const BUCKET: &str = "aws_s3_bucket_policy.orders";
const OBJECTS: &str = "arn:aws:s3:::shop-orders/*";
const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn key_arn() -> String {
    format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{KEY}")
}

/// A function that does something as the role `app`, which has these policies of its own.
pub fn function(action: &str, scope: &str, own: &[(&str, Json)]) -> Scene {
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_lambda_function.web\"]\n\
         [[workload.needs]]\nidentity = \"{}\"\naction = \"{action}\"\nscope = \"{scope}\"\n",
        role_arn("app")
    ));
    scene.stays(
        "aws_lambda_function.web",
        json!({"id": "web", "function_name": "web", "arn": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:web"),
            "role": role_arn("app")}),
    );
    let lambda = document(json!([{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"}}]));
    account(&mut scene, &[listed_role("app", &lambda, own), listed_role("other", &lambda, &[])], &[]);
    scene.lists(
        "cluster.json",
        json!({"apiVersion": "v1", "kind": "List", "items": []}),
        json!({"command": "kubectl get all,sa -A -o json"}),
    );
    scene
}

fn names(effect: &str, who: Json, action: &str, on: &str) -> Json {
    json!({"Effect": effect, "Principal": who, "Action": action, "Resource": on})
}

pub fn app() -> Json {
    json!({"AWS": role_arn("app")})
}

pub fn other() -> Json {
    json!({"AWS": role_arn("other")})
}

pub fn bucket(statements: Json) -> Json {
    json!({"id": "shop-orders", "bucket": "shop-orders", "policy": document(statements).to_string()})
}

pub fn may_read(who: Json) -> Json {
    names("Allow", who, "s3:GetObject", OBJECTS)
}

#[test]
fn a_bucket_that_names_a_role() {
    let was = || bucket(json!([may_read(app()), may_read(other())]));
    let becomes = move |scene: &mut Scene, statements: Json| {
        scene.object(BUCKET, was(), bucket(statements));
    };
    let rows = vec![
        row("aws_s3_bucket_policy", "its statement goes", Loss, move |scene| {
            becomes(scene, json!([may_read(other())]));
        }),
        row("aws_s3_bucket_policy", "the policy goes", Loss, move |scene| {
            scene.object(BUCKET, was(), Json::Null);
        }),
        row("aws_s3_bucket_policy", "statements in another order", Quiet, move |scene| {
            becomes(scene, json!([may_read(other()), may_read(app())]));
        }),
        row("aws_s3_bucket_policy", "two statements become one", Quiet, move |scene| {
            becomes(scene, json!([may_read(json!({"AWS": [role_arn("other"), role_arn("app")]}))]));
        }),
        row("aws_s3_bucket_policy", "a broader action", Quiet, move |scene| {
            becomes(scene, json!([names("Allow", app(), "s3:Get*", OBJECTS), may_read(other())]));
        }),
        row("aws_s3_bucket_policy", "another prefix", Loss, move |scene| {
            let narrow = names("Allow", app(), "s3:GetObject", "arn:aws:s3:::shop-orders/public/*");
            becomes(scene, json!([narrow, may_read(other())]));
        }),
        row("aws_s3_bucket_policy", "its account, where its own policy says nothing", Loss, move |scene| {
            becomes(scene, json!([may_read(json!({"AWS": ACCOUNT})), may_read(other())]));
        }),
        row("explicit deny", "it is denied", Loss, move |scene| {
            let deny = names("Deny", app(), "s3:GetObject", OBJECTS);
            becomes(scene, json!([may_read(app()), may_read(other()), deny]));
        }),
        row("explicit deny", "another one is denied", Quiet, move |scene| {
            scene.stays(
                "aws_iam_role.unused",
                json!({"name": "unused", "arn": role_arn("unused"), "unique_id": "AROAU"}),
            );
            let deny = names("Deny", json!({"AWS": role_arn("unused")}), "s3:GetObject", OBJECTS);
            becomes(scene, json!([may_read(app()), may_read(other()), deny]));
        }),
        row("explicit deny", "all but the two are denied", Quiet, move |scene| {
            let mut deny = names("Deny", json!("*"), "s3:*", OBJECTS);
            deny["Condition"] =
                json!({"ArnNotEquals": {"aws:PrincipalArn": [role_arn("app"), role_arn("other")]}});
            becomes(scene, json!([may_read(app()), may_read(other()), deny]));
        }),
        row("NotPrincipal", "all but another one are denied", Loss, move |scene| {
            let deny = json!({"Effect": "Deny", "Action": "s3:GetObject", "Resource": OBJECTS,
                "NotPrincipal": {"AWS": [role_arn("other"), format!("arn:aws:iam::{ACCOUNT}:root")]}});
            becomes(scene, json!([may_read(app()), may_read(other()), deny]));
        }),
        row("terraform#30937", "known only after apply", Loss, move |scene| {
            let mut after = was();
            after["policy"] = "?".into();
            scene.object(BUCKET, was(), after);
        }),
    ];
    judge(&function("s3:GetObject", OBJECTS, &[]), rows);
}

#[test]
fn either_side_is_enough_within_an_account() {
    let own = document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]));
    let inline = json!({"id": "app:read", "name": "read", "role": "app", "policy": own.to_string()});
    let both = || bucket(json!([may_read(app())]));
    let gone = inline.clone();
    let rows = vec![
        row("one account", "the bucket no longer names it", Quiet, move |scene| {
            scene.object(BUCKET, both(), bucket(json!([])));
        }),
        row("one account", "its own policy goes", Quiet, move |scene| {
            scene.stays(BUCKET, both());
            scene.object("aws_iam_role_policy.read", inline.clone(), Json::Null);
        }),
        row("one account", "both go", Loss, move |scene| {
            scene.object(BUCKET, both(), Json::Null);
            scene.object("aws_iam_role_policy.read", gone.clone(), Json::Null);
        }),
    ];
    judge(&function("s3:GetObject", OBJECTS, &[("read", own)]), rows);
}

#[test]
fn a_key_must_allow_it_itself() {
    let root = || json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let key = |who: Json| json!({"id": KEY, "key_id": KEY, "policy": document(json!([names("Allow", who, "kms:*", "*")])).to_string()});
    let own = document(json!([{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn()}]));
    let inline = json!({"id": "app:use", "name": "use", "role": "app", "policy": own.to_string()});
    let address = "aws_kms_key_policy.orders";
    let rows = vec![
        row("KMS", "the account is no longer named", Loss, move |scene| {
            scene.object(address, key(root()), key(other()));
        }),
        row("KMS", "the account is named, and its own policy goes", Loss, move |scene| {
            scene.stays(address, key(root()));
            scene.object("aws_iam_role_policy.use", inline.clone(), Json::Null);
        }),
        row("KMS", "it is named besides", Quiet, move |scene| {
            scene.object(address, key(root()), key(json!({"AWS": [root()["AWS"], role_arn("app")]})));
        }),
        row("aws_kms_key", "the key shows an old policy, and another object decides", Loss, move |scene| {
            let mut shown = key(root());
            shown["arn"] = key_arn().into();
            scene.stays("aws_kms_key.orders", shown);
            scene.object(address, key(root()), key(other()));
        }),
        row("aws_kms_key", "the policy of the key itself", Loss, move |scene| {
            let with = |who: Json| {
                let mut shown = key(who);
                shown["arn"] = key_arn().into();
                shown
            };
            scene.object("aws_kms_key.orders", with(root()), with(other()));
        }),
    ];
    judge(&function("kms:Decrypt", &key_arn(), &[("use", own)]), rows);
}

/// A policy of this type, of something with these values, that allows an action on it to the role.
fn each(kind: &str, values: Json, action: &str, arn: &str) {
    let address = format!("{kind}.one");
    let with = |statements: Json| {
        let mut values = values.clone();
        values["policy"] = document(statements).to_string().into();
        values
    };
    let any = |who: Json| {
        let mut statement = names("Allow", who, action, "*");
        if kind.starts_with("aws_ecr") {
            statement.as_object_mut().unwrap().remove("Resource");
        }
        statement
    };
    let mut scene = function(action, arn, &[]);
    scene.object(&address, with(json!([any(app()), any(other())])), with(json!([any(other())])));
    let judged = scene.check();
    assert!(!judged.by_plan("breaks-workload").is_empty(), "{kind}: {:?}", judged.loud());
    let mut scene = function(action, arn, &[]);
    scene.object(&address, with(json!([any(app()), any(other())])), with(json!([any(other()), any(app())])));
    let judged = scene.check();
    assert!(judged.loud().is_empty(), "{kind}: {:?}", judged.loud());
}

#[test]
fn all_kinds_of_resources() {
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{name}");
    let url = format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders");
    each(
        "aws_sqs_queue_policy",
        json!({"id": url, "queue_url": url}),
        "sqs:SendMessage",
        &arn("sqs", "orders"),
    );
    each("aws_sns_topic_policy", json!({"arn": arn("sns", "orders")}), "sns:Publish", &arn("sns", "orders"));
    let secret = arn("secretsmanager", "secret:orders-AbCdEf");
    each(
        "aws_secretsmanager_secret_policy",
        json!({"id": secret, "secret_arn": secret}),
        "secretsmanager:GetSecretValue",
        &secret,
    );
    each(
        "aws_ecr_repository_policy",
        json!({"id": "orders", "repository": "orders", "registry_id": ACCOUNT}),
        "ecr:BatchGetImage",
        &arn("ecr", "repository/orders"),
    );
}

#[test]
fn a_permission_of_a_function() {
    let callee = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:orders");
    let permission = |principal: &str| {
        json!({"id": "call", "statement_id": "call", "function_name": "orders", "action": "lambda:InvokeFunction",
            "principal": principal, "qualifier": "", "source_arn": null})
    };
    let arn = role_arn("app");
    let rows = vec![
        row("aws_lambda_permission", "it goes", Loss, {
            let arn = arn.clone();
            move |scene| {
                scene.object("aws_lambda_permission.call", permission(&arn), Json::Null);
            }
        }),
        row("aws_lambda_permission", "another one is made", Quiet, move |scene| {
            scene.stays("aws_lambda_permission.call", permission(&arn));
            let mut more = permission("events.amazonaws.com");
            more["statement_id"] = "events".into();
            scene.object("aws_lambda_permission.more", Json::Null, more);
        }),
    ];
    judge(&function("lambda:InvokeFunction", &callee, &[]), rows);
}

#[test]
fn a_new_deny_takes_from_those_whom_it_names() {
    let own = document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]));
    let scene = || function("s3:GetObject", OBJECTS, &[("read", own.clone())]);
    let made = |statement: Json| bucket(json!([statement]));
    let mut denied = scene();
    denied.object(BUCKET, Json::Null, made(names("Deny", app(), "s3:*", OBJECTS)));
    let judged = denied.check();
    let finding = judged.the("evicts-access");
    assert_eq!(finding["level"], "approval", "{finding:#}");
    assert_eq!(finding["subject"]["address"], BUCKET);
    assert_eq!(finding["certainty"], "certain", "{finding:#}");
    assert!(finding["title"].as_str().unwrap().starts_with("this plan denies app"), "{finding:#}");
    assert_eq!(finding["affects"].as_array().unwrap().len(), 1, "{finding:#}");
    // Everybody but this one: nothing of his goes.
    let mut others = scene();
    let mut deny = names("Deny", json!("*"), "s3:*", OBJECTS);
    deny["Condition"] = json!({"StringNotEquals": {"aws:PrincipalArn": role_arn("app")}});
    others.object(BUCKET, Json::Null, made(deny));
    let judged = others.check();
    assert!(judged.by_plan("evicts-access").is_empty() && judged.code == 0, "{:?}", judged.loud());
    // A deny that was there before takes nothing more.
    let mut standing = scene();
    let both = |order: bool| {
        let (one, two) = (names("Deny", app(), "s3:*", OBJECTS), may_read(other()));
        bucket(if order { json!([one, two]) } else { json!([two, one]) })
    };
    standing.object(BUCKET, both(true), both(false));
    let judged = standing.check();
    assert!(judged.by_plan("evicts-access").is_empty() && judged.code == 0, "{:?}", judged.loud());
}

const FULL: &str = "p-FullAWSAccess";

fn scp(id: &str, statements: Json) -> Json {
    json!({"id": id, "arn": format!("arn:aws:organizations::999900001111:policy/o-1/service_control_policy/{id}"), "name": id,
        "type": "SERVICE_CONTROL_POLICY", "content": document(statements).to_string()})
}

fn attached(policy: &str, target: &str) -> Json {
    json!({"id": format!("{target}:{policy}"), "policy_id": policy, "target_id": target})
}

/// Source: AWS Organizations User Guide, "SCP evaluation".
#[test]
fn policies_of_the_organization_bound_an_account() {
    let own = document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]));
    let denies = |action: &str| json!([{"Effect": "Deny", "Action": action, "Resource": "*"}]);
    let allows = |action: &str| json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]);
    let attach = |scene: &mut Scene, statements: Json, target: &str| {
        scene.stays("aws_organizations_policy.one", scp("p-one", statements));
        scene.object("aws_organizations_policy_attachment.one", Json::Null, attached("p-one", target));
    };
    let tree = |scene: &mut Scene| {
        scene.stays(
            "aws_organizations_account.own",
            json!({"id": ACCOUNT, "name": "own", "parent_id": "ou-in"}),
        );
        scene.stays(
            "aws_organizations_organizational_unit.inner",
            json!({"id": "ou-in", "name": "in", "parent_id": "ou-out"}),
        );
        scene.stays(
            "aws_organizations_organizational_unit.outer",
            json!({"id": "ou-out", "name": "out", "parent_id": "r-1"}),
        );
    };
    let rows = vec![
        row("SCP", "a deny is attached to the account", Loss, move |scene| {
            attach(scene, denies("s3:*"), ACCOUNT);
        }),
        row("SCP", "a deny is attached to the root", Loss, move |scene| attach(scene, denies("s3:*"), "r-1")),
        row("SCP", "a deny on the root, and the account manages the organization", Quiet, move |scene| {
            let organization = json!({"id": "o-1", "master_account_id": ACCOUNT});
            let mut policy = scp("p-one", denies("s3:*"));
            policy["arn"] = "?".into();
            scene.stays("aws_organizations_organization.own", organization);
            scene.object("aws_organizations_policy.one", Json::Null, policy);
            scene.object("aws_organizations_policy_attachment.one", Json::Null, attached("p-one", "r-1"));
        }),
        row("SCP", "a deny of something else", Quiet, move |scene| attach(scene, denies("ec2:*"), ACCOUNT)),
        row("SCP", "a deny is attached to another account", Quiet, move |scene| {
            attach(scene, denies("s3:*"), "999988887777");
        }),
        row(
            "SCP",
            "a deny on a unit, of which it is not known whether the account is in it",
            Loss,
            move |scene| {
                attach(scene, denies("s3:*"), "ou-out");
            },
        ),
        row("SCP", "a deny on a unit above", Loss, move |scene| {
            tree(scene);
            attach(scene, denies("s3:*"), "ou-out");
        }),
        row("SCP", "a deny on a unit elsewhere", Quiet, move |scene| {
            tree(scene);
            attach(scene, denies("s3:*"), "ou-else");
        }),
        row("SCP", "a deny for all but its role", Quiet, move |scene| {
            let deny = json!([{"Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": {"ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/app"}}}]);
            attach(scene, deny, ACCOUNT);
        }),
        row("SCP", "a deny in some regions: where it is done is not known", Loss, move |scene| {
            let deny = json!([{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}}]);
            attach(scene, deny, ACCOUNT);
        }),
        row("SCP", "an attached policy denies more", Loss, move |scene| {
            scene.stays("aws_organizations_policy_attachment.one", attached("p-one", ACCOUNT));
            scene.object(
                "aws_organizations_policy.one",
                scp("p-one", denies("ec2:*")),
                scp("p-one", denies("s3:*")),
            );
        }),
        row("SCP", "an attached policy in another order", Quiet, move |scene| {
            let (one, other) = (denies("ec2:*")[0].clone(), denies("rds:*")[0].clone());
            scene.stays("aws_organizations_policy_attachment.one", attached("p-one", ACCOUNT));
            let (before, after) = (scp("p-one", json!([one, other])), scp("p-one", json!([other, one])));
            scene.object("aws_organizations_policy.one", before, after);
        }),
        row("SCP", "the policy that allows all is detached, and another allows some", Loss, move |scene| {
            scene.object("aws_organizations_policy_attachment.full", attached(FULL, ACCOUNT), Json::Null);
            attach(scene, allows("ec2:*"), ACCOUNT);
        }),
        row("SCP", "the policy that allows all is detached, and another allows it", Quiet, move |scene| {
            scene.object("aws_organizations_policy_attachment.full", attached(FULL, ACCOUNT), Json::Null);
            attach(scene, allows("s3:*"), ACCOUNT);
        }),
        row(
            "SCP",
            "the policy that allows all is detached, and nothing is known to stay",
            Loss,
            move |scene| {
                scene.object("aws_organizations_policy_attachment.full", attached(FULL, ACCOUNT), Json::Null);
            },
        ),
        row("SCP", "a policy of which nobody knows what it says", Loss, |scene| {
            scene.object("aws_organizations_policy_attachment.one", Json::Null, attached("p-one", ACCOUNT));
        }),
        row("SCP", "a deny is detached", Quiet, move |scene| {
            scene.stays("aws_organizations_policy.one", scp("p-one", denies("s3:*")));
            scene.object("aws_organizations_policy_attachment.one", attached("p-one", ACCOUNT), Json::Null);
        }),
        row("tag policies", "a policy of another sort", Quiet, |scene| {
            let mut tags = scp("p-one", json!([]));
            tags["type"] = "TAG_POLICY".into();
            tags["content"] = json!({"tags": {"team": {"tag_key": {"@@assign": "team"}}}}).to_string().into();
            scene.stays("aws_organizations_policy.one", tags);
            scene.object("aws_organizations_policy_attachment.one", Json::Null, attached("p-one", ACCOUNT));
        }),
    ];
    judge(&function("s3:GetObject", OBJECTS, &[("read", own)]), rows);
}

/// A listing tells what the policy of a resource says; what becomes of it, the plan.
#[test]
fn a_listed_policy_of_a_bucket() {
    let listed = |scene: &mut Scene, statements: Json| {
        let answer = json!({"Policy": document(statements).to_string()});
        let command = "aws s3api get-bucket-policy --bucket shop-orders --output json";
        scene.lists("bucket.json", answer, json!({"command": command}));
    };
    let was = || bucket(json!([may_read(app()), may_read(other())]));
    let everybody = || names("Deny", json!("*"), "s3:*", "*");
    let rows = vec![
        row("listed", "its statement goes", Loss, move |scene| {
            listed(scene, json!([may_read(app()), may_read(other())]));
            scene.object(BUCKET, was(), bucket(json!([may_read(other())])));
        }),
        row("listed", "the policy goes", Loss, move |scene| {
            listed(scene, json!([may_read(app()), may_read(other())]));
            scene.object(BUCKET, was(), Json::Null);
        }),
        row("listed", "one is made that names another", Loss, move |scene| {
            listed(scene, json!([may_read(app()), may_read(other())]));
            scene.object(BUCKET, Json::Null, bucket(json!([may_read(other())])));
        }),
        row("listed", "one is made that names it, too", Quiet, move |scene| {
            listed(scene, json!([may_read(app())]));
            scene.object(BUCKET, Json::Null, was());
        }),
        row("listed", "statements in another order", Quiet, move |scene| {
            listed(scene, json!([may_read(app()), may_read(other())]));
            scene.object(BUCKET, was(), bucket(json!([may_read(other()), may_read(app())])));
        }),
        row("listed", "its own policy goes, and the listed bucket names it", Quiet, move |scene| {
            listed(scene, json!([may_read(app())]));
            own_policy_goes(scene);
        }),
        row("listed", "its own policy goes, and the listed bucket names another", Loss, move |scene| {
            listed(scene, json!([may_read(other())]));
            own_policy_goes(scene);
        }),
        row("listed", "its own policy goes, and the listed bucket denies it to all", Quiet, move |scene| {
            listed(scene, json!([may_read(app()), everybody()]));
            own_policy_goes(scene);
        }),
    ];
    judge(&function("s3:GetObject", OBJECTS, &[]), rows);
}

fn own_policy_goes(scene: &mut Scene) {
    let read = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]);
    let own = json!({"id": "app:more", "name": "more", "role": "app", "policy": document(read).to_string()});
    scene.object("aws_iam_role_policy.more", own, Json::Null);
}
