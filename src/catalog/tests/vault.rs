//! Vault: the same role, mount or token from a plan and from an answer of the API.

use super::{planned, read, standing, values};
use crate::model::{Alias, Attributes, Fact, Granted, Issue, Lease, Limit, Limits};
use serde_json::{Value, json};

fn first(facts: Vec<Fact>) -> Fact {
    facts.into_iter().next().unwrap()
}

/// The name in the API, and what is said of limits.
fn said(fact: &Fact) -> (String, Lease) {
    let name = fact.names.iter().find(|alias| alias.space().starts_with("vault")).unwrap().to_string();
    (name, *fact.lease.clone().unwrap())
}

fn of_plan(kind: &str, value: Value) -> (String, Lease) {
    said(&first(read(&planned(kind, None, Some(values(value))))))
}

fn of_answer(kind: &str, value: Value) -> (String, Lease) {
    said(&first(read(&standing(kind, value))))
}

fn numbers(limits: &Limits) -> [Option<i64>; 4] {
    [&limits.ttl, &limits.max, &limits.period, &limits.explicit].map(|limited| limited.limit.seconds())
}

#[test]
fn plans_and_answers_agree() {
    #[rustfmt::skip]
    let table: &[(&str, Value, &str, Value)] = &[
        ("vault_token_auth_backend_role", json!({"role_name": "ci", "token_period": "24h", "orphan": true}),
         "vault:token-role", json!({"name": "ci", "token_period": 86_400, "period": 86_400, "token_explicit_max_ttl": 0, "orphan": true})),
        ("vault_token_auth_backend_role", json!({"role_name": "ci", "period": 3600, "explicit_max_ttl": "7200"}),
         "vault:token-role", json!({"of": {"role": "ci"}, "period": 3600, "explicit_max_ttl": 7200})),
        ("vault_approle_auth_backend_role", json!({"role_name": "app", "token_ttl": 1200, "token_max_ttl": 1800, "token_period": null}),
         "vault:approle", json!({"of": {"role": "app"}, "token_ttl": 1200, "token_max_ttl": 1800, "token_period": 0})),
        ("vault_approle_auth_backend_role", json!({"role_name": "app", "backend": "machines", "token_period": 60}),
         "vault:approle", json!({"of": {"role": "app", "mount": "/auth/machines/"}, "period": 60})),
        ("vault_kubernetes_auth_backend_role",
         json!({"role_name": "edge", "backend": "kubernetes", "bound_service_account_names": ["a", "b"], "bound_service_account_namespaces": ["n"], "token_ttl": 60}),
         "vault:kubernetes-role",
         json!({"of": {"role": "edge"}, "bound_service_account_names": ["a", "b"], "bound_service_account_namespaces": ["n"], "token_ttl": 60})),
        ("vault_database_secret_backend_role", json!({"backend": "db", "name": "ro", "db_name": "pg", "default_ttl": 3600, "max_ttl": 7200}),
         "vault:database-role", json!({"of": {"mount": "db/", "role": "ro"}, "db_name": "pg", "default_ttl": 3600, "max_ttl": 7200})),
        ("vault_mount", json!({"path": "db", "type": "database", "max_lease_ttl_seconds": 7200, "default_lease_ttl_seconds": 0}),
         "vault:mount", json!({"path": "db/", "default_lease_ttl": 0, "max_lease_ttl": 7200})),
        ("vault_auth_backend", json!({"type": "approle", "tune": [{"max_lease_ttl": "90000s", "default_lease_ttl": ""}]}),
         "vault:auth-mount", json!({"path": "approle/", "config": {"default_lease_ttl": 0, "max_lease_ttl": 90_000}})),
    ];
    for (kind, planned, told, answer) in table {
        let ((name, plan), (also, seen)) = (of_plan(kind, planned.clone()), of_answer(told, answer.clone()));
        assert_eq!(name, also, "{kind}");
        assert_eq!(numbers(&plan.limits), numbers(&seen.limits), "{kind}");
        assert!(numbers(&plan.limits).iter().any(Option::is_some), "{kind}");
        assert_eq!(
            (plan.issues, plan.fixed, &plan.accounts),
            (seen.issues, seen.fixed, &seen.accounts),
            "{kind}"
        );
        let mount = |lease: &Lease| lease.mount.as_ref().map(Alias::to_string);
        assert_eq!(mount(&plan), mount(&seen), "{kind}");
    }
}

#[test]
fn what_a_token_role_does_not_take_is_kept_as_that() {
    let (_, lease) = of_plan(
        "vault_token_auth_backend_role",
        json!({"role_name": "ci", "token_max_ttl": 60, "token_ttl": 0}),
    );
    assert_eq!(numbers(&lease.limits), [None; 4]);
    let kept: Vec<&str> = lease.no_effect.iter().map(|limited| &*limited.key).collect();
    assert_eq!((kept, lease.issues), (vec!["token_max_ttl"], Some(Issue::Handed)));
}

#[test]
fn what_is_known_only_after_apply_is_not_taken_for_unset() {
    let attributes =
        Attributes { unknown: json!({"token_period": true}), ..values(json!({"role_name": "ci"})) };
    let fact = first(read(&planned("vault_token_auth_backend_role", None, Some(attributes))));
    assert_eq!(fact.lease.unwrap().limits.period.limit, Limit::Unknown);
    let attributes = Attributes {
        sensitive: json!({"token_period": true}),
        ..values(json!({"role_name": "ci", "token_period": 9}))
    };
    let fact = first(read(&planned("vault_token_auth_backend_role", None, Some(attributes))));
    assert_eq!(fact.lease.unwrap().limits.period.limit, Limit::Unknown);
}

#[test]
fn tokens_know_their_role_and_mount() {
    let token = |more: Value| {
        let mut token = json!({"accessor": "A1", "issue_time": "2023-12-14T17:54:00Z", "creation_time": 5, "creation_ttl": 60,
            "expire_time": "2023-12-14T17:55:00Z", "display_name": "token", "renewable": true});
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        of_answer("vault:token", token).1
    };
    let names = |lease: &Lease| [&lease.role, &lease.mount].map(|alias| alias.as_ref().map(Alias::to_string));
    let text = |role: &str, mount: &str| {
        [role, mount].map(|name| Some(name.to_owned()).filter(|name| !name.is_empty()))
    };
    for (more, role, mount) in [
        (json!({"path": "auth/token/create/ci"}), "auth/token/roles/ci", "auth/token"),
        (json!({"path": "auth/token/create", "role": "ci"}), "auth/token/roles/ci", "auth/token"),
        (json!({"path": "auth/token/create-orphan"}), "", "auth/token"),
        (
            json!({"path": "auth/k8s/eu/login", "meta": {"role": "edge"}}),
            "auth/k8s/eu/role/edge",
            "auth/k8s/eu",
        ),
        (
            json!({"path": "auth/approle/login", "meta": {"role_name": "app"}}),
            "auth/approle/role/app",
            "auth/approle",
        ),
        (json!({"path": "auth/token/root"}), "", ""),
        (json!({}), "", ""),
    ] {
        assert_eq!(names(&token(more.clone())), text(role, mount), "{more}");
    }
    let until: crate::model::Instant = "2023-12-14T17:55:00Z".parse().unwrap();
    let granted = |more: Value| token(more).issued.unwrap().granted;
    assert_eq!(granted(json!({})), Granted::Until(until));
    assert_eq!(granted(json!({"expire_time": null})), Granted::Until(until));
    assert_eq!(granted(json!({"expire_time": null, "creation_ttl": 0})), Granted::Forever);
    assert_eq!(granted(json!({"expire_time": null, "creation_ttl": null})), Granted::Unknown);
    assert!(token(json!({"type": "batch"})).fixed && token(json!({"renewable": false})).fixed);
    let held =
        token(json!({"meta": {"service": "sso", "namespace": "prod"}, "display_name": "token-sso"})).held_by;
    assert_eq!(held, ["prod/sso", "sso", "sso", "token-sso"]);
}

#[test]
fn a_lease_knows_its_engine() {
    let lease = json!({"id": "database/creds/directory/2f6a", "issue_time": "2023-12-16T09:00:00Z", "renewable": false,
        "expire_time": "2023-12-16T10:00:00Z", "last_renewal": null, "of": {"token": "A1"}});
    let fact = first(read(&standing("vault:lease", lease)));
    let (name, lease) = said(&fact);
    assert_eq!(name, "database/creds/directory/2f6a");
    assert_eq!(lease.mount, Some(Alias::new("vault", "database")));
    assert_eq!(lease.role, Some(Alias::new("vault", "database/creds/directory")));
    assert_eq!(fact.wants.len(), 1);
}
