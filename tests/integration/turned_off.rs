//! What is kept and turned off is as good as gone, and what was off before is missed by nobody.
//!
//! Sources: IAM documentation of Google Cloud, "Disable and enable service accounts"; Microsoft Entra, "Disable how a user signs
//! in for an application"; IAM User Guide, "Manage access keys"; Okta, "About user account status".

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    judge, row,
};
use crate::support::scene::Scene;

const EMAIL: &str = "app@shop-1.iam.gserviceaccount.com";
const ACCOUNT: &str = "google_service_account.app";

fn account(disabled: Json) -> Json {
    json!({"id": format!("projects/shop-1/serviceAccounts/{EMAIL}"), "name": format!("projects/shop-1/serviceAccounts/{EMAIL}"),
        "account_id": "app", "project": "shop-1", "email": EMAIL, "member": format!("serviceAccount:{EMAIL}"), "unique_id": "1001",
        "disabled": disabled})
}

/// A function that runs as a service account.
fn scene() -> Scene {
    let mut scene = Scene::of(
        "[[workload]]\nname = \"app\"\ncriticality = \"critical\"\nmatch = [\"google_cloudfunctions_function.app\"]\n",
    );
    scene.stays(
        "google_cloudfunctions_function.app",
        json!({"id": "projects/shop-1/locations/europe-west1/functions/app", "name": "app", "project": "shop-1",
            "service_account_email": EMAIL}),
    );
    scene.lists("functions.json", json!([]), json!({"command": "gcloud functions list --format=json"}));
    scene
}

fn turned(before: Json, after: Json) -> impl Fn(&mut Scene) {
    move |scene| {
        scene.object(ACCOUNT, account(before.clone()), account(after.clone()));
    }
}

#[test]
fn an_account_that_is_disabled() {
    judge(
        &scene(),
        vec![
            row("", "disabled", Loss, turned(json!(false), json!(true))),
            row("", "nothing was said of it, and it is disabled", Loss, turned(Json::Null, json!(true))),
            row("", "perhaps disabled", Loss, turned(json!(false), json!("?"))),
            row("", "enabled", Quiet, turned(json!(true), json!(false))),
            row("", "as it was", Quiet, turned(json!(false), Json::Null)),
        ],
    );
}

/// It is told as what it is: nothing is destroyed, and it can be turned on again.
#[test]
fn it_is_told_as_what_it_is() {
    let mut scene = scene();
    turned(json!(false), json!(true))(&mut scene);
    let judged = scene.check();
    let finding = judged.the("breaks-workload");
    let title = finding["title"].as_str().unwrap();
    assert!(title.starts_with(&format!("the update of {ACCOUNT} turns off {EMAIL}, on which")), "{title}");
    assert_eq!(
        (&finding["undo"], &finding["certainty"]),
        (&json!("restorable"), &json!("certain")),
        "{finding:#}"
    );
    assert!(judged.findings().iter().all(|one| one["rule"] != "destroys-identity"), "{:#}", judged.report);
}

/// Of what is off already, and then deleted, nobody misses anything.
#[test]
fn what_was_off_before_is_missed_by_nobody() {
    let mut scene = Scene::of("");
    scene.object(ACCOUNT, account(json!(true)), Json::Null);
    let judged = scene.check();
    assert_eq!(judged.loud(), Vec::<String>::new(), "{:#}", judged.report);
    let mut on = Scene::of("");
    on.object(ACCOUNT, account(json!(false)), Json::Null);
    assert!(!on.check().loud().is_empty());
}

/// Each kind that has a switch: turned off in place it is told of as what it is.
#[test]
fn every_switch() {
    let app = "00000000-1111-4222-8333-444444444444";
    for (address, values, key, on, off) in [
        ("google_service_account.a", account(Json::Null), "disabled", json!(false), json!(true)),
        (
            "azuread_service_principal.a",
            json!({"id": "/servicePrincipals/a", "object_id": app, "client_id": app, "display_name": "a"}),
            "account_enabled",
            json!(true),
            json!(false),
        ),
        (
            "aws_iam_access_key.a",
            json!({"id": "AKIAEXAMPLE", "user": "a"}),
            "status",
            json!("Active"),
            json!("Inactive"),
        ),
        (
            "aws_kms_key.a",
            json!({"id": "k", "key_id": "k", "arn": "arn:aws:kms:eu-west-1:111122223333:key/k"}),
            "is_enabled",
            json!(true),
            json!(false),
        ),
        (
            "aws_kms_external_key.a",
            json!({"id": "k", "arn": "arn:aws:kms:eu-west-1:111122223333:key/k"}),
            "enabled",
            json!(true),
            json!(false),
        ),
        (
            "aws_cloudfront_distribution.a",
            json!({"id": "E1", "arn": "arn:aws:cloudfront::111122223333:distribution/E1"}),
            "enabled",
            json!(true),
            json!(false),
        ),
        (
            "aws_lambda_event_source_mapping.a",
            json!({"id": "u", "uuid": "u", "event_source_arn": "arn:aws:sqs:eu-west-1:111122223333:q"}),
            "enabled",
            json!(true),
            json!(false),
        ),
        (
            "aws_scheduler_schedule.a",
            json!({"id": "default/a", "name": "a", "arn": "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/a"}),
            "state",
            json!("ENABLED"),
            json!("DISABLED"),
        ),
        (
            "okta_user.a",
            json!({"id": "00u1", "login": "a@example.io"}),
            "status",
            json!("ACTIVE"),
            json!("SUSPENDED"),
        ),
        (
            "okta_app_oauth.a",
            json!({"id": "0oa1", "label": "a"}),
            "status",
            json!("ACTIVE"),
            json!("INACTIVE"),
        ),
    ] {
        let with = |value: &Json| {
            let mut values = values.clone();
            values[key] = value.clone();
            values
        };
        let told = |before: &Json, after: &Json| {
            let mut scene = Scene::of("");
            scene.object(address, with(before), with(after));
            let judged = scene.check();
            judged.findings().iter().filter(|one| one["subject"]["address"] == address).count()
        };
        assert!(told(&on, &off) > 0, "{address} is turned off, and nothing is said of it");
        assert_eq!(told(&off, &on), 0, "{address} is turned on");
        assert_eq!(told(&off, &off), 0, "{address} is off as it was");
    }
}
