//! A credential that is made anew is another one: the old one ends with the apply, and whoever holds it is locked out.
//!
//! Sources: IAM User Guide, "Update access keys" (make the second, move everybody, then delete the first); IAM documentation of
//! Google Cloud, "Create and delete service account keys".

use serde_json::{Value as Json, json};

use crate::support::scene::Scene;

/// Address, values, and the value that is another one when it is made anew.
fn credentials() -> Vec<(&'static str, Json, &'static str)> {
    vec![
        ("aws_iam_access_key.a", json!({"id": "AKIAEXAMPLE", "user": "ci", "status": "Active"}), "id"),
        ("aws_iam_service_specific_credential.a", json!({"id": "ACCAEXAMPLE", "user_name": "ci"}), "id"),
        (
            "google_service_account_key.a",
            json!({"id": "k", "name": "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/1", "service_account_id": "a"}),
            "name",
        ),
        (
            "vault_approle_auth_backend_role_secret_id.a",
            json!({"id": "x", "backend": "approle", "role_name": "ci", "accessor": "acc-1"}),
            "accessor",
        ),
        (
            "azuread_application_password.a",
            json!({"id": "a/password/k", "key_id": "k", "application_id": "/applications/a"}),
            "key_id",
        ),
    ]
}

/// Rules that are told of the object itself.
fn told(address: &str, actions: &[&str], before: Json, after: Json) -> Vec<String> {
    let mut scene = Scene::of("");
    scene.doing(address, actions, before, after);
    let judged = scene.check();
    let of = |one: &&Json| one["subject"]["address"] == address;
    judged.findings().iter().filter(of).map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_credential_made_anew_is_another() {
    for (address, values, key) in credentials() {
        let mut anew = values.clone();
        anew[key] = "?".into();
        anew["id"] = "?".into();
        for actions in [["delete", "create"], ["create", "delete"]] {
            let rules = told(address, &actions, values.clone(), anew.clone());
            assert!(!rules.is_empty(), "{address}, {actions:?}: it goes, and nothing is said of it");
        }
        let rules = told(address, &["delete"], values.clone(), Json::Null);
        assert!(rules.contains(&"unknown-users".to_owned()), "{address} is deleted: {rules:?}");
        // What a provider cannot tell before an update does not make it another one.
        let mut updated = values.clone();
        updated[key] = "?".into();
        updated["description"] = "moved".into();
        assert_eq!(told(address, &["update"], values, updated), [""; 0], "{address}");
    }
}

/// The account of a test goes with its key: who uses it is asked once, of the account.
#[test]
fn a_key_goes_with_its_account() {
    let cluster = |items: &[(&str, &str)]| {
        let items: Vec<Json> = items
            .iter()
            .map(|(version, kind)| json!({"apiVersion": version, "kind": kind, "metadata": {"name": "x", "namespace": "x"}}))
            .collect();
        json!({"apiVersion": "v1", "kind": "List", "items": items})
    };
    let user = json!({"id": "ci", "name": "ci", "path": "/", "arn": "arn:aws:iam::111122223333:user/ci", "unique_id": "AIDA1"});
    let key = json!({"id": "AKIAEXAMPLE", "user": "ci", "status": "Active"});
    for (alone, code) in [(false, 0), (true, 3)] {
        let mut scene = Scene::of("");
        scene.lists(
            "cluster.json",
            cluster(&[("v1", "ServiceAccount"), ("apps/v1", "Deployment")]),
            json!({}),
        );
        let after = if alone { user.clone() } else { Json::Null };
        scene.object("aws_iam_user.ci", user.clone(), after);
        scene.object("aws_iam_access_key.ci", key.clone(), Json::Null);
        let judged = scene.check();
        assert_eq!(judged.code, code, "alone: {alone}: {:#}", judged.report);
    }
}
