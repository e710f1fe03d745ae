//! Resources of hashicorp/azuread.

use super::{lines, read, standing, wants};
use crate::model::UndoClass;
use serde_json::json;

#[test]
fn applications_and_their_principals() {
    let application =
        json!({"id": "/applications/O1", "object_id": "O1", "client_id": "C1", "display_name": "runner"});
    assert_eq!(
        lines("azuread_application", application),
        [
            "identity runner =application:c1 ~azuread:/applications/o1",
            "other azuread_application | client:c1 is also azuread:/applications/o1"
        ]
    );
    let principal = json!({"id": "/servicePrincipals/P1", "object_id": "P1", "client_id": "C1", "display_name": "runner"});
    assert_eq!(
        lines("azuread_service_principal", principal.clone()),
        ["identity runner =principal:p1 =client:c1 ~azuread:/serviceprincipals/p1"]
    );
    assert_eq!(wants("azuread_service_principal", principal), ["its application: any of application:c1"]);
}

#[test]
fn passwords_are_gone_when_they_are_gone() {
    let password = json!({"id": "x", "key_id": "K1", "application_id": "/applications/O1", "end_date": "2030-01-01T00:00:00Z"});
    assert_eq!(
        lines("azuread_application_password", password.clone()),
        ["credential password K1 of /applications/O1 =key:k1"]
    );
    assert_eq!(
        wants("azuread_application_password", password.clone()),
        ["its application: any of azuread:/applications/o1"]
    );
    let facts = read(&standing("azuread_application_password", password));
    assert_eq!(facts[0].undo.as_ref().unwrap().undo, UndoClass::Lost);
    let other = json!({"key_id": "K2", "service_principal_id": "/servicePrincipals/P1"});
    assert_eq!(
        wants("azuread_service_principal_password", other),
        ["its service principal: any of azuread:/serviceprincipals/p1, principal:/serviceprincipals/p1"]
    );
}

#[test]
fn federated_credentials_of_applications() {
    let value = json!({"id": "x", "credential_id": "F1", "application_id": "/applications/O1", "issuer": "https://token.example",
        "subject": "repo:a/b:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]});
    assert_eq!(
        lines("azuread_application_federated_identity_credential", value),
        ["trust repo:a/b:ref:refs/heads/main =key:f1 | \
          azuread:/applications/o1 believes subject:repo:a/b:ref:refs/heads/main"]
    );
}

#[test]
fn groups_and_members() {
    let group =
        json!({"id": "/groups/G1", "object_id": "G1", "display_name": "ops", "members": ["P1", "P2"]});
    assert_eq!(
        lines("azuread_group", group),
        [
            "identity ops =principal:g1 ~azuread:/groups/g1",
            "membership P1 in ops | principal:p1 is in principal:g1",
            "membership P2 in ops | principal:p2 is in principal:g1",
        ]
    );
    let member = json!({"id": "G1/member/P1", "group_object_id": "G1", "member_object_id": "P1"});
    assert_eq!(
        lines("azuread_group_member", member),
        ["membership P1 in G1 ~azuread:g1/member/p1 | principal:p1 is in principal:g1"]
    );
}
