//! What the catalog says of how changes proceed: natural keys, and what starts a thing anew.

use super::{Catalog, planned, read, said, values};
use crate::model::{Attributes, Class, Fact};
use serde_json::{Value, json};

fn workload(kind: &str, before: Value, after: Attributes) -> Fact {
    let facts = read(&planned(kind, Some(values(before)), Some(after)));
    facts.into_iter().find(|fact| fact.class == Class::Workload).unwrap()
}

/// A deployment, as the cluster and as the provider spells it.
fn deployment(with: impl Fn(&mut Value)) -> Value {
    let mut value = json!({
        "metadata": [{"name": "app", "namespace": "prod", "labels": {"team": "a"}}],
        "spec": [{"replicas": 2, "template": [{
            "metadata": [{"annotations": {"config": "1"}}],
            "spec": [{"container": [{"image": "app:1", "env": [{"name": "A", "value": "1"}]}]}],
        }]}],
    });
    with(&mut value);
    value
}

#[test]
fn what_is_changed_in_place_and_restarts() {
    let set = |pointer: &'static str, to: Value| {
        deployment(|value| *value.pointer_mut(pointer).unwrap() = to.clone())
    };
    const TEMPLATE: &str = "/spec/0/template/0";
    let cases = [
        ("nothing", deployment(|_| ()), false),
        ("a label", set("/metadata/0/labels/team", "b".into()), false),
        ("the number of replicas", set("/spec/0/replicas", 3.into()), false),
        ("an image", set("/spec/0/template/0/spec/0/container/0/image", "app:2".into()), true),
        ("an environment", set("/spec/0/template/0/spec/0/container/0/env/0/value", "2".into()), true),
        ("an annotation", set("/spec/0/template/0/metadata/0/annotations/config", "2".into()), true),
        ("all of it", deployment(|value| *value.pointer_mut(TEMPLATE).unwrap() = json!({})), true),
    ];
    for kind in ["kubernetes_deployment", "kubernetes_stateful_set_v1", "kubernetes_daemonset"] {
        for (name, after, restarts) in &cases {
            let fact = workload(kind, deployment(|_| ()), values(after.clone()));
            assert_eq!(fact.restarts, *restarts, "{kind}: {name}");
        }
    }
    // A cron job starts at its next run, changed or not.
    let (_, changed, _) = &cases[3];
    assert!(!workload("kubernetes_cron_job_v1", deployment(|_| ()), values(changed.clone())).restarts);
}

#[test]
fn what_cannot_be_told_may_restart() {
    let marked = |mark: Value| {
        let container = json!({"image": mark, "env": [{"name": false}]});
        json!({"spec": [{"template": [{"spec": [{"container": [container]}]}]}]})
    };
    let unknown = Attributes {
        value: deployment(|value| {
            *value.pointer_mut("/spec/0/template/0/spec/0/container/0/image").unwrap() = Value::Null;
        })
        .into(),
        unknown: marked(true.into()),
        ..Attributes::default()
    };
    let hidden = Attributes { sensitive: marked(true.into()), ..values(deployment(|_| ())) };
    let elsewhere =
        Attributes { unknown: json!({"metadata": [{"generation": true}]}), ..values(deployment(|_| ())) };
    let told = Attributes { unknown: marked(false.into()), ..values(deployment(|_| ())) };
    for (after, restarts) in [(unknown, true), (hidden, true), (elsewhere, false), (told, false)] {
        let fact = workload("kubernetes_deployment", deployment(|_| ()), after);
        assert_eq!(fact.restarts, restarts);
    }
}

#[test]
fn manifests_restart_as_what_is_in_them_does() {
    let manifest = |image: &str, replicas: u32| {
        json!({"manifest": {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "app", "namespace": "prod"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"image": image}]}}},
        }})
    };
    let restarts = |after| workload("kubernetes_manifest", manifest("app:1", 1), values(after)).restarts;
    assert!(restarts(manifest("app:2", 1)));
    assert!(!restarts(manifest("app:1", 2)));
}

#[test]
fn attachments_are_what_they_attach() {
    let key = |kind: &str, value: Value| {
        let facts = read(&planned(kind, Some(values(value)), None));
        assert!(facts[0].natural_key, "{kind}");
        // What they say, where that is all there is to them.
        format!("{:?} {}", facts[0].unique, said(&facts[0].content))
    };
    let attachment = "aws_iam_role_policy_attachment";
    let one = key(attachment, json!({"role": "app", "policy_arn": "arn:p", "id": "app-1"}));
    assert_eq!(one, key(attachment, json!({"role": "app", "policy_arn": "arn:p", "id": "app-2"})));
    assert_ne!(one, key(attachment, json!({"role": "app", "policy_arn": "arn:q", "id": "app-1"})));
    let member = |condition: Value| {
        let value = json!({"project": "p", "role": "r", "member": "user:a", "condition": condition});
        key("google_project_iam_member", value)
    };
    assert_eq!(member(json!([])), member(json!([])));
    assert_ne!(member(json!([])), member(json!([{"title": "t", "expression": "e"}])));
    let on = |kind: &str, scope: &str| key(kind, json!({scope: "x", "role": "r", "member": "user:a"}));
    assert_ne!(on("google_folder_iam_member", "folder"), on("google_organization_iam_member", "org_id"));
}

#[test]
fn a_natural_key_needs_a_key() {
    let problem = |entry: &str| {
        let text = format!("[[type]]\nkind = \"a_b\"\nnatural-key = true\n{entry}");
        Catalog::default().add("own.toml", &text).err().map(|error| error.to_string())
    };
    assert_eq!(problem("unique = [\"key:{id}\"]"), None);
    assert_eq!(problem("membership = { from = \"principal:{a}\", to = \"principal:{b}\" }"), None);
    assert_eq!(problem("names = [\"key:{id}\"]"), None);
    assert!(problem("").unwrap().contains("needs `unique`"));
    assert!(
        problem("unique = [\"key:{id}\"]\nrefuses-duplicates = true").unwrap().contains("exclude each other")
    );
}
