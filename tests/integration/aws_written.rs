//! Documents of AWS that are written whole, and other things of which the cloud has one: who writes one puts it in the place
//! of what was there, and who deletes one takes away what is there, whoever wrote it.
//!
//! Sources: IAM API Reference, `PutRolePolicy` ("adds or updates"), `DeleteRolePolicy`; Amazon S3 API Reference,
//! `PutBucketPolicy` ("replaces"); AWS KMS API Reference, `PutKeyPolicy`; Route 53 API Reference,
//! `ChangeResourceRecordSets` (UPSERT); documentation of the provider hashicorp/aws, `allow_overwrite`.

use serde_json::{Value as Json, json};

use crate::aws_noise::{OBJECTS, function, inline, lambda};
use crate::aws_resource::{BUCKET, app, bucket, function as by_bucket, may_read, other};
use crate::support::amazon::{account, document, listed_role, role, role_arn};
use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const READ: &str = "aws_iam_role_policy.read";

fn reads() -> Json {
    json!([{"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectTagging"], "Resource": [OBJECTS, "arn:aws:s3:::shop-invoices/*"]}])
}

fn writes() -> Json {
    json!([{"Effect": "Allow", "Action": "s3:PutObject", "Resource": OBJECTS}])
}

#[test]
fn a_policy_that_stands_in_a_role() {
    let rows = vec![
        row("PutRolePolicy", "one of its name is made that says something else", Loss, |scene| {
            scene.object(READ, Json::Null, inline("read", writes()));
        }),
        row("PutRolePolicy", "one of its name is made that says the same", Quiet, |scene| {
            scene.object(READ, Json::Null, inline("read", reads()));
        }),
        row("PutRolePolicy", "one of its name is made that says more", Quiet, |scene| {
            let all = [reads()[0].clone(), writes()[0].clone()];
            scene.object(READ, Json::Null, inline("read", all.to_vec().into()));
        }),
        row("PutRolePolicy", "one of its name is made, and nobody knows what it says", Loss, |scene| {
            let mut open = inline("read", reads());
            open["policy"] = "?".into();
            scene.object(READ, Json::Null, open);
        }),
        row("PutRolePolicy", "one of another name is made", Quiet, |scene| {
            scene.object("aws_iam_role_policy.more", Json::Null, inline("more", writes()));
        }),
        row("DeleteRolePolicy", "made anew, the old one first", Quiet, |scene| {
            scene.doing(READ, &["delete", "create"], inline("read", reads()), inline("read", reads()));
        }),
        row("DeleteRolePolicy", "made anew, the new one first", Loss, |scene| {
            scene.doing(READ, &["create", "delete"], inline("read", reads()), inline("read", reads()));
        }),
        row("DeleteRolePolicy", "made anew under another name, the new one first", Quiet, |scene| {
            scene.doing(READ, &["create", "delete"], inline("read", reads()), inline("read2", reads()));
        }),
        row("DeleteRolePolicy", "at another address, in no order", Loss, |scene| {
            scene.object("aws_iam_role_policy.a[\"x\"]", inline("read", reads()), Json::Null);
            scene.object("aws_iam_role_policy.a[\"y\"]", Json::Null, inline("read", reads()));
        }),
        row("DeleteRolePolicy", "at another address, in no order, under another name", Quiet, |scene| {
            scene.object("aws_iam_role_policy.a[\"x\"]", inline("read", reads()), Json::Null);
            scene.object("aws_iam_role_policy.a[\"y\"]", Json::Null, inline("read2", reads()));
        }),
        row("terraform#29603", "moved", Quiet, |scene| {
            scene.stays("aws_iam_role_policy.a[\"y\"]", inline("read", reads()));
            scene.with("previous_address", "aws_iam_role_policy.a[\"x\"]".into());
        }),
        row("count", "the first of two goes, and the second takes its place", Loss, |scene| {
            let (first, second) = (inline("a", writes()), inline("read", reads()));
            scene.doing("aws_iam_role_policy.a[0]", &["delete", "create"], first, second.clone());
            scene.object("aws_iam_role_policy.a[1]", second, Json::Null);
        }),
    ];
    judge(&function(false), rows);
}

#[test]
fn a_policy_of_a_bucket() {
    let both = || bucket(json!([may_read(app()), may_read(other())]));
    let rows = vec![
        row("PutBucketPolicy", "a second object writes it, and says something else", Loss, move |scene| {
            scene.stays(BUCKET, both());
            scene.object("aws_s3_bucket_policy.more", Json::Null, bucket(json!([may_read(other())])));
        }),
        row("PutBucketPolicy", "a second object writes it, and says the same", Quiet, move |scene| {
            scene.stays(BUCKET, both()).object("aws_s3_bucket_policy.more", Json::Null, both());
        }),
        row("PutBucketPolicy", "one of another bucket is made", Quiet, move |scene| {
            let mut elsewhere = bucket(json!([may_read(other())]));
            elsewhere["bucket"] = "shop-invoices".into();
            scene.stays(BUCKET, both()).object("aws_s3_bucket_policy.more", Json::Null, elsewhere);
        }),
        row(
            "PutBucketPolicy",
            "it stood in the bucket, and comes to be an object of its own",
            Quiet,
            move |scene| {
                let policy = document(json!([may_read(app())])).to_string();
                scene.stays(
                "aws_s3_bucket.orders",
                json!({"id": "shop-orders", "bucket": "shop-orders", "arn": "arn:aws:s3:::shop-orders", "policy": policy}),
            );
                scene.object(BUCKET, Json::Null, bucket(json!([may_read(app())])));
            },
        ),
        row("DeleteBucketPolicy", "at another address, in no order", Loss, move |scene| {
            scene.object(BUCKET, both(), Json::Null);
            scene.object("aws_s3_bucket_policy.more", Json::Null, both());
        }),
        row("DeleteBucketPolicy", "made anew, the new one first", Loss, move |scene| {
            scene.doing(BUCKET, &["create", "delete"], both(), both());
        }),
        row("DeleteBucketPolicy", "made anew, the old one first", Quiet, move |scene| {
            scene.doing(BUCKET, &["delete", "create"], both(), both());
        }),
    ];
    judge(&by_bucket("s3:GetObject", OBJECTS, &[]), rows);
}

const ZONE: &str = "Z0123456789";
const RECORD: &str = "aws_route53_record.proof";

fn record() -> Json {
    json!({"id": format!("{ZONE}__a1b2.www.example.com_CNAME"), "zone_id": ZONE, "name": "_a1b2.www.example.com",
        "fqdn": "_a1b2.www.example.com", "type": "CNAME", "ttl": 60, "records": ["_x.acm-validations.aws."],
        "allow_overwrite": true, "set_identifier": "", "alias": []})
}

/// A listener with a certificate that is renewed by a record.
fn listener() -> Scene {
    let balancing = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";
    let certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/c1";
    let mut scene = Scene::of(
        "[[workload]]\nname = \"site\"\ncriticality = \"critical\"\nmatch = [\"aws_lb_listener.site\"]\n",
    );
    let arn = format!("{balancing}:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2");
    scene.stays(
        "aws_lb_listener.site",
        json!({"id": arn, "arn": arn, "port": 443, "certificate_arn": certificate,
            "load_balancer_arn": format!("{balancing}:loadbalancer/app/edge/50dc6c495c0c9188")}),
    );
    scene.stays(
        "aws_acm_certificate.site",
        json!({"id": certificate, "arn": certificate, "domain_name": "www.example.com", "type": "AMAZON_ISSUED",
            "validation_method": "DNS", "not_before": "2025-03-01T00:00:00Z", "not_after": "2026-05-01T00:00:00Z",
            "domain_validation_options": [{"domain_name": "www.example.com", "resource_record_type": "CNAME",
                "resource_record_name": "_a1b2.www.example.com.", "resource_record_value": "_x.acm-validations.aws."}]}),
    );
    scene
}

#[test]
fn a_record() {
    let zone = || json!({"id": ZONE, "zone_id": ZONE, "name": "example.com", "arn": format!("arn:aws:route53:::hostedzone/{ZONE}")});
    let rows = vec![
        row("UPSERT", "made anew, the new one first", Loss, |scene| {
            scene.doing(RECORD, &["create", "delete"], record(), record());
        }),
        row("UPSERT", "made anew, the old one first", Quiet, |scene| {
            scene.doing(RECORD, &["delete", "create"], record(), record());
        }),
        row("UPSERT", "at another key, in no order", Loss, |scene| {
            scene.object("aws_route53_record.proof[\"www\"]", record(), Json::Null);
            scene.object("aws_route53_record.proof[\"*\"]", Json::Null, record());
        }),
        row("Route 53, zones", "its zone goes, and it stands in another state", Loss, move |scene| {
            scene.stays(RECORD, record()).object("aws_route53_zone.own", zone(), Json::Null);
        }),
        row("Route 53, zones", "another zone stays", Quiet, move |scene| {
            scene.stays(RECORD, record()).stays("aws_route53_zone.own", zone());
        }),
    ];
    judge(&listener(), rows);
}

/// It has other name servers then, and nobody is led to it.
#[test]
fn a_zone_that_is_made_anew() {
    let zone = |id: &str| json!({"id": id, "zone_id": id, "name": "example.com", "arn": id});
    let mut scene = Scene::of("");
    scene.doing("aws_route53_zone.own", &["delete", "create"], zone(ZONE), zone("?"));
    assert_eq!(scene.check().by_plan("destroys-data").len(), 1);
    let mut scene = Scene::of("");
    let mut after = zone(ZONE);
    after["comment"] = "ours".into();
    scene.object("aws_route53_zone.own", zone(ZONE), after);
    assert_eq!(scene.check().loud(), Vec::<String>::new());
}

/// What stands in a role may be what others made, and is shown there. Where a plan changes it in place, that is done, whatever
/// an older listing says. Source: hashicorp/aws, `aws_iam_role`: `inline_policy` and `managed_policy_arns` are exclusive if set.
#[test]
fn what_stands_in_a_role_is_decided_by_its_update() {
    let reads = document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]));
    let lists = document(json!([{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]));
    let mut listed = listed_role("app", &lambda(), &[("read", reads.clone())]);
    listed["AttachedManagedPolicies"] =
        json!([{"PolicyName": "queues", "PolicyArn": "arn:aws:iam::111122223333:policy/queues"}]);
    let mut scene = Scene::of(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_lambda_function.web\"]\n",
    );
    let sends = document(json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]));
    let queues = json!({"PolicyName": "queues", "PolicyId": "ANPAQUEUES", "Arn": "arn:aws:iam::111122223333:policy/queues", "Path": "/",
        "DefaultVersionId": "v1", "AttachmentCount": 1, "IsAttachable": true,
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": sends}]});
    account(&mut scene, &[listed], &[queues]);
    let cluster = json!({"apiVersion": "v1", "kind": "List", "items": []});
    scene.lists("cluster.json", cluster, json!({"command": "kubectl get all,sa -A -o json"}));
    scene.stays(
        "aws_lambda_function.web",
        json!({"id": "web", "function_name": "web",
        "arn": "arn:aws:lambda:eu-west-1:111122223333:function:web", "role": role_arn("app")}),
    );
    let app = move |inline: Option<&Json>, managed: bool| {
        let mut app = role("app", &lambda());
        let policies = inline.map(|policy| json!({"name": "read", "policy": policy.to_string()}));
        app["inline_policy"] = policies.into_iter().collect();
        app["managed_policy_arns"] = match managed {
            true => json!(["arn:aws:iam::111122223333:policy/queues"]),
            false => json!([]),
        };
        app
    };
    let was = app(Some(&reads), true);
    let to = |after: Json| {
        let was = was.clone();
        move |scene: &mut Scene| {
            scene.object("aws_iam_role.app", was.clone(), after.clone());
        }
    };
    let mut tagged = was.clone();
    tagged["tags"] = json!({"team": "a"});
    judge(
        &scene,
        vec![
            row("-", "its policy goes", Loss, to(app(None, true))),
            row("-", "its policy allows something else", Loss, to(app(Some(&lists), true))),
            row("-", "a policy is detached", Loss, to(app(Some(&reads), false))),
            row("-", "a tag", Quiet, to(tagged)),
        ],
    );
}

/// An account comes under another unit, and what is attached there binds it. Source: AWS Organizations User Guide, "SCP
/// evaluation", "Moving an account".
#[test]
fn an_account_that_is_moved_is_bound_by_what_is_above_it() {
    let denies = document(json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]));
    let reads = document(json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}]));
    let policy = |kind: &str, id: &str| format!("arn:aws:organizations::999900001111:{kind}/o-1/{id}");
    let mut scene = Scene::of(&format!(
        "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"aws_lambda_function.web\"]\n\
         [[workload.needs]]\nidentity = \"{}\"\naction = \"s3:GetObject\"\nscope = \"{OBJECTS}\"\n",
        role_arn("app")
    ));
    account(&mut scene, &[listed_role("app", &lambda(), &[("read", reads)])], &[]);
    scene
        .stays(
            "aws_lambda_function.web",
            json!({"id": "web", "function_name": "web",
            "arn": "arn:aws:lambda:eu-west-1:111122223333:function:web", "role": role_arn("app")}),
        )
        .stays(
            "aws_organizations_policy.d",
            json!({"id": "p-d", "name": "d", "type": "SERVICE_CONTROL_POLICY",
            "arn": policy("policy", "service_control_policy/p-d"), "content": denies.to_string()}),
        )
        .stays(
            "aws_organizations_policy_attachment.d",
            json!({"id": "ou-q:p-d", "policy_id": "p-d", "target_id": "ou-q"}),
        );
    let own = move |parent: &str| json!({"id": "111122223333", "arn": policy("account", "111122223333"), "name": "own", "parent_id": parent});
    let moved = |from: &str, to: &str| {
        let (from, to) = (own(from), own(to));
        move |scene: &mut Scene| {
            scene.object("aws_organizations_account.own", from.clone(), to.clone());
        }
    };
    judge(
        &scene,
        vec![
            row("-", "under what denies", Loss, moved("ou-a", "ou-q")),
            row("-", "under what does not", Quiet, moved("ou-a", "ou-b")),
        ],
    );
}
