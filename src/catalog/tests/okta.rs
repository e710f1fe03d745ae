//! Resources of okta/okta.

use super::{lines, read, standing, wants};
use crate::model::UndoClass;
use serde_json::json;

#[test]
fn users_groups_and_apps() {
    assert_eq!(
        lines("okta_user", json!({"id": "00u1", "login": "ci@example.io"})),
        ["identity ci@example.io =principal:okta:00u1"]
    );
    assert_eq!(
        lines("okta_group", json!({"id": "00g1", "name": "deployers"})),
        ["identity deployers =principal:okta:00g1"]
    );
    let app = json!({"id": "0oa1", "label": "registry", "client_id": "0oa1c"});
    assert_eq!(
        lines("okta_app_oauth", app.clone()),
        ["identity registry =principal:okta:0oa1 ~okta-app:0oa1 ~client:0oa1c"]
    );
    assert_eq!(read(&standing("okta_app_oauth", app))[0].undo.as_ref().unwrap().undo, UndoClass::NewIdentity);
}

#[test]
fn memberships_from_either_end_are_the_same() {
    let listed =
        lines("okta_group_memberships", json!({"id": "00g1", "group_id": "00g1", "users": ["00u1", "00u2"]}));
    assert_eq!(
        listed,
        [
            "other members of 00g1",
            "membership 00u1 in 00g1 | principal:okta:00u1 is in principal:okta:00g1",
            "membership 00u2 in 00g1 | principal:okta:00u2 is in principal:okta:00g1",
        ]
    );
    let of_user = lines("okta_user_group_memberships", json!({"user_id": "00u1", "groups": ["00g1"]}));
    assert_eq!(of_user[1], listed[1]);
    let older = lines("okta_group_membership", json!({"user_id": "00u1", "group_id": "00g1"}));
    assert_eq!(older[0], listed[1]);
}

#[test]
fn assignments_of_apps() {
    let of_group = json!({"app_id": "0oa1", "group_id": "00g1"});
    let said = "group principal:okta:00g1 has - (use) on okta-app:0oa1 if -";
    assert_eq!(
        lines("okta_app_group_assignment", of_group.clone()),
        [format!("grant app 0oa1 for 00g1 | {said}")]
    );
    assert_eq!(wants("okta_app_group_assignment", of_group), ["its app: any of okta-app:0oa1"]);
    let all = lines(
        "okta_app_group_assignments",
        json!({"app_id": "0oa1", "group": [{"id": "00g1", "priority": 1}]}),
    );
    assert_eq!(all[1], format!("grant app 0oa1 for 00g1 | {said}"));
    assert_eq!(
        lines("okta_app_user", json!({"app_id": "0oa1", "user_id": "00u1", "username": "ci"})),
        ["grant app 0oa1 for ci | - principal:okta:00u1 has - (use) on okta-app:0oa1 if -"]
    );
    assert_eq!(
        lines("okta_app_oauth_api_scope", json!({"app_id": "0oa1", "scopes": ["okta.users.read"]}))[1],
        "grant okta.users.read for 0oa1 | - principal:okta:0oa1 has - (okta.users.read) on okta:api if -"
    );
}

#[test]
fn roles_of_administrators() {
    assert_eq!(
        lines(
            "okta_group_role",
            json!({"group_id": "00g1", "role_type": "ORG_ADMIN", "target_app_list": []})
        )[1..],
        [
            "grant ORG_ADMIN for 00g1 | group principal:okta:00g1 has ORG_ADMIN (ORG_ADMIN) on okta:organization if -"
        ]
    );
    // Each target is a grant of its own, so that a shorter list is a loss.
    let targets = json!({"group_id": "00g1", "role_type": "APP_ADMIN", "target_app_list": ["0oa1", "0oa2"]});
    assert_eq!(
        lines("okta_group_role", targets)[1..],
        [
            "grant APP_ADMIN on 0oa1 for 00g1 | group principal:okta:00g1 has APP_ADMIN (APP_ADMIN) on okta-app:0oa1 if -",
            "grant APP_ADMIN on 0oa2 for 00g1 | group principal:okta:00g1 has APP_ADMIN (APP_ADMIN) on okta-app:0oa2 if -",
        ]
    );
    assert_eq!(
        lines("okta_user_admin_roles", json!({"user_id": "00u1", "admin_roles": ["USER_ADMIN"]}))[1],
        "grant USER_ADMIN for 00u1 | - principal:okta:00u1 has USER_ADMIN (USER_ADMIN) on okta:organization if -"
    );
    let custom = json!({"custom_role_id": "cr1", "resource_set_id": "iam1",
        "members": ["https://a.okta.com/api/v1/users/00u1", "https://a.okta.com/api/v1/groups/00g1"]});
    assert_eq!(
        lines("okta_admin_role_custom_assignments", custom)[1..],
        [
            "grant role cr1 for 00g1 | group principal:okta:00g1 has - (CUSTOMcr1) on okta:iam1 if -",
            "grant role cr1 for 00u1 | - principal:okta:00u1 has - (CUSTOMcr1) on okta:iam1 if -",
        ]
    );
}
