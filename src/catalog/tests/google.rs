//! Resources of hashicorp/google of which nobody described on what they are.

use super::{lines, planned, read, said, values};
use crate::catalog::Catalog;
use crate::model::{Attributes, Content, Interest, Wanted};
use serde_json::json;

const KIND: &str = "google_gke_backup_backup_plan_iam_member";
const ON: &str = "//?/gke_backup_backup_plan/location=l/name=nightly/project=p";

#[test]
fn what_is_left_of_the_attributes_tells_on_what() {
    let member = json!({"id": "x", "etag": "y", "project": "p", "location": "l", "name": "nightly", "role": "roles/r",
        "member": "user:a@b", "condition": []});
    assert_eq!(
        lines(KIND, member),
        [format!("grant roles/r for user:a@b | - principal:user:a@b has - (roles/r) on {ON} if -")]
    );
    let binding = json!({"project": "p", "location": "l", "name": "nightly", "role": "roles/r", "members": ["user:a@b"]});
    let told = lines("google_gke_backup_backup_plan_iam_binding", binding);
    assert_eq!(
        told[1],
        format!("grant roles/r for user:a@b | - principal:user:a@b has - (roles/r) on {ON} if -")
    );
    assert!(told[2].ends_with(&format!("only these: roles/r of anybody on {ON} if -")), "{told:?}");
}

/// All of its attributes are asked for.
#[test]
fn nothing_of_it_is_left_unread() {
    assert!(matches!(Catalog::builtin().unwrap().wanted(KIND), Wanted::All));
}

#[test]
fn of_what_is_made_by_the_same_plan_it_is_known_only_after_apply() {
    let after = Attributes {
        unknown: json!({"id": true, "etag": true, "name": true}),
        ..values(json!({"project": "p", "role": "roles/r", "member": "user:a@b"}))
    };
    let facts = read(&planned(KIND, None, Some(after)));
    let Content::Grant(grant) = &facts[0].content else { panic!("{}", said(&facts[0].content)) };
    let scope = grant.scope.as_deref().unwrap();
    assert_eq!(scope, format!("//?/gke_backup_backup_plan/known after apply: {KIND}.x.name"));
}
