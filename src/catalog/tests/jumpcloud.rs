//! Resources of the providers for JumpCloud.

use super::{lines, read, standing};
use crate::model::{Class, UndoClass};
use serde_json::json;

#[test]
fn users_and_groups() {
    assert_eq!(
        lines("jumpcloud_user", json!({"id": "u1", "username": "ci", "email": "ci@example.io"})),
        ["identity ci =principal:jumpcloud:u1"]
    );
    assert_eq!(
        lines("jumpcloud_user_group", json!({"id": "g1", "name": "deployers"})),
        ["identity deployers =principal:jumpcloud:g1"]
    );
}

#[test]
fn memberships_of_each_provider_are_the_same() {
    let expected = ["membership u1 in g1 | principal:jumpcloud:u1 is in principal:jumpcloud:g1"];
    for spelt in [json!({"user_id": "u1", "user_group_id": "g1"}), json!({"userid": "u1", "groupid": "g1"})] {
        assert_eq!(lines("jumpcloud_user_group_membership", spelt), expected);
    }
}

#[test]
fn what_users_and_groups_are_bound_to() {
    assert_eq!(
        lines("jumpcloud_user_system_association", json!({"user_id": "u1", "system_id": "s1"})),
        ["grant device s1 for u1 | - principal:jumpcloud:u1 has - (log in) on jumpcloud:s1 if -"]
    );
    let bound = json!({"group_id": "g1", "object_id": "a1", "type": "application"});
    assert_eq!(
        lines("jumpcloud_user_group_association", bound),
        ["grant application a1 for g1 | group principal:jumpcloud:g1 has - (use) on jumpcloud:a1 if -"]
    );
}

#[test]
fn api_keys_are_gone_when_they_are_gone() {
    let key = json!({"id": "k1", "name": "ci", "expires": "2030-01-01T00:00:00Z"});
    let facts = read(&standing("jumpcloud_api_key", key.clone()));
    assert_eq!((facts[0].class, facts[0].undo.as_ref().unwrap().undo), (Class::Credential, UndoClass::Lost));
    assert_eq!(lines("jumpcloud_api_key", key), ["credential API key ci ~jumpcloud-key:k1"]);
}
