//! Documents of AWS that are written whole, and other things of which the cloud has one: who writes one puts it in the place
//! of what was there, and who deletes one takes away what is there, whoever wrote it.
//!
//! Sources: IAM API Reference, `PutRolePolicy` ("adds or updates"), `DeleteRolePolicy`; Amazon S3 API Reference,
//! `PutBucketPolicy` ("replaces"); AWS KMS API Reference, `PutKeyPolicy`; Route 53 API Reference,
//! `ChangeResourceRecordSets` (UPSERT); documentation of the provider hashicorp/aws, `allow_overwrite`.

use serde_json::{Value as Json, json};

use crate::aws_noise::{OBJECTS, function, inline};
use crate::aws_resource::{BUCKET, app, bucket, function as by_bucket, may_read, other};
use crate::support::amazon::document;
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
