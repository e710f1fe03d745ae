//! Roles by which services log in to Vault, tied to them by the service accounts that they name.

use serde_json::{Value as Json, json};

use crate::support::story::{Judged, Story};

const NOW: &str = "2023-12-12T12:00:00Z";
const SSO: &str = "kubernetes:Deployment/platform/sso";
const ADDRESS: &str = "vault_kubernetes_auth_backend_role.sso";

fn role(settings: Json) -> Json {
    let mut role = json!({"id": "auth/kubernetes/role/sso", "backend": "kubernetes", "role_name": "sso",
        "bound_service_account_names": ["sso"], "bound_service_account_namespaces": ["platform"],
        "token_ttl": null, "token_max_ttl": null, "token_period": null, "token_explicit_max_ttl": null});
    role.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    role
}

/// An estate that is quiet, with one more change of its plan.
fn judged(actions: Json, before: Json, after: Json) -> Judged {
    let story = Story::of("jumpcloud-2024-new-role/twins/periodic");
    story.edit("plan.json", |plan| {
        let change = json!({
            "address": ADDRESS, "mode": "managed", "type": "vault_kubernetes_auth_backend_role", "name": "sso",
            "provider_name": "registry.terraform.io/hashicorp/vault",
            "change": {"actions": actions, "before": before, "after": after, "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": {}},
        });
        plan["resource_changes"].as_array_mut().unwrap().push(change);
    });
    story.check_at(NOW)
}

fn of_role<'a>(judged: &'a Judged, rule: &str) -> Option<&'a Json> {
    judged.by_plan(rule).into_iter().find(|one| one["subject"]["address"] == ADDRESS)
}

/// Who may log in again is not known to do so.
#[test]
fn a_new_role_without_a_period_is_a_doubt_for_whom_it_names() {
    let judged =
        judged(json!(["create"]), Json::Null, role(json!({"token_ttl": 3600, "token_max_ttl": 14_400})));
    let finding = of_role(&judged, "bounded-credential").unwrap_or_else(|| panic!("{:#}", judged.report));
    assert_eq!(finding["certainty"], "possible");
    let affects = finding["affects"].as_array().unwrap();
    assert_eq!((affects.len(), &affects[0]["node"]), (1, &json!(SSO)), "{finding:#}");
    assert_eq!(affects[0]["trigger"], "issue+4h");
    assert_eq!(affects[0]["until"], json!({"sure": "eventually", "possible": "forever"}));
    judged.assert_reason("whether those who log in by it do so again");
    let ttl = finding["limits"].as_array().unwrap().iter().find(|one| one["setting"] == "token_ttl").unwrap();
    assert!(ttl["why"].as_str().unwrap().contains("not how long in all"), "{ttl}");
}

#[test]
fn a_new_role_with_a_period_is_none() {
    judged(json!(["create"]), Json::Null, role(json!({"token_period": "24h"}))).assert_passes();
}

#[test]
fn a_role_that_stays_as_it_is_says_nothing() {
    let same = role(json!({"token_ttl": 3600}));
    let judged = judged(json!(["no-op"]), same.clone(), same);
    judged.assert_passes();
    assert!(!judged.report["findings"].to_string().contains("auth/kubernetes"), "{:#}", judged.report);
}

#[test]
fn shorter_tokens_of_who_logs_in_again_anyway_are_no_finding() {
    let judged = judged(
        json!(["update"]),
        role(json!({"token_max_ttl": 86_400})),
        role(json!({"token_max_ttl": 3_600})),
    );
    judged.assert_passes();
}

#[test]
fn a_role_that_goes_is_missed_at_the_next_login() {
    let judged = judged(json!(["delete"]), role(json!({})), Json::Null);
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = of_role(&judged, "breaks-workload").unwrap_or_else(|| panic!("{:#}", judged.report));
    let hit = &finding["affects"][0];
    assert_eq!((&hit["node"], &hit["trigger"]), (&json!(SSO), &json!("next-renewal")), "{finding:#}");
    assert_eq!(hit["until"], json!({"sure": "never", "possible": "eventually"}));
}

#[test]
fn an_account_that_a_role_names_no_more_logs_in_no_more() {
    let judged = judged(
        json!(["update"]),
        role(json!({"bound_service_account_names": ["sso", "ldap"]})),
        role(json!({"bound_service_account_names": ["ldap"]})),
    );
    assert_eq!(judged.code, 3, "{:#}", judged.report);
    let finding = of_role(&judged, "breaks-workload").unwrap_or_else(|| panic!("{:#}", judged.report));
    let affects = finding["affects"].as_array().unwrap();
    assert_eq!((affects.len(), &affects[0]["node"]), (1, &json!(SSO)), "{finding:#}");
    // In another order it names the same ones.
    let same = self::judged(
        json!(["update"]),
        role(json!({"bound_service_account_names": ["sso", "ldap"]})),
        role(json!({"bound_service_account_names": ["ldap", "sso"]})),
    );
    same.assert_passes();
}

/// A pattern for all accounts shows nobody who uses it.
#[test]
fn who_is_named_by_a_pattern_only_may_use_it() {
    let everybody =
        json!({"bound_service_account_names": ["*"], "bound_service_account_namespaces": ["platform"]});
    let judged = judged(json!(["delete"]), role(everybody), Json::Null);
    let finding = of_role(&judged, "breaks-workload").unwrap_or_else(|| panic!("{:#}", judged.report));
    assert_eq!(finding["certainty"], "possible", "{finding:#}");
}

#[test]
fn what_is_issued_can_be_explained() {
    let story = Story::of("jumpcloud-2024-new-role/twins/periodic");
    let what = "tokens issued by auth/token/roles/metrics";
    let output = story.run(&["explain", what, "--now", NOW, "--format", "json"]);
    let answer: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert!(answer.to_string().contains("auth/token/roles/metrics"), "{answer:#}");
    // A part of a name still means the role.
    let output = story.run(&["explain", "auth/token/roles/metrics", "--now", NOW, "--format", "json"]);
    assert!(output.status.success(), "{output:?}");
}
