//! Kubernetes, in the spelling of the API and in that of the provider.

use super::{lines, read, standing, wants};
use crate::model::Criticality;
use serde_json::{Value, json};

fn dumped() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "prod", "labels": {"app": "api"}, "annotations": {"mainstay.dev/criticality": "critical"}},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "api"}}, "template": {
            "metadata": {"labels": {"app": "api"}},
            "spec": {"serviceAccountName": "api", "imagePullSecrets": [{"name": "registry"}],
                "containers": [{"name": "api", "image": "i",
                    "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}},
                            {"name": "Q", "valueFrom": {"secretKeyRef": {"name": "maybe", "key": "q", "optional": true}}}],
                    "envFrom": [{"secretRef": {"name": "all"}}]}],
                "volumes": [{"name": "v", "secret": {"secretName": "tls"}}]}}}})
}

fn provided() -> Value {
    json!({"id": "prod/api", "timeouts": null, "wait_for_rollout": true,
        "metadata": [{"name": "api", "namespace": "prod", "labels": {"app": "api"},
            "annotations": {"mainstay.dev/criticality": "critical"}, "generate_name": ""}],
        "spec": [{"replicas": "2", "selector": [{"match_labels": {"app": "api"}, "match_expressions": []}], "template": [{
            "metadata": [{"labels": {"app": "api"}, "name": ""}],
            "spec": [{"service_account_name": "api", "image_pull_secrets": [{"name": "registry"}],
                "container": [{"name": "api", "image": "i",
                    "env": [{"name": "P", "value": "", "value_from": [{"secret_key_ref": [{"name": "db", "key": "p", "optional": false}], "field_ref": []}]},
                            {"name": "Q", "value_from": [{"secret_key_ref": [{"name": "maybe", "key": "q", "optional": true}]}]}],
                    "env_from": [{"prefix": "", "secret_ref": [{"name": "all", "optional": false}], "config_map_ref": []}]}],
                "volume": [{"name": "v", "secret": [{"secret_name": "tls", "optional": false, "items": []}]}]}]}]}]})
}

#[test]
fn a_deployment_is_the_same_from_a_dump_and_from_a_plan() {
    let from_dump = lines("kubernetes:Deployment", dumped());
    assert_eq!(from_dump, ["workload Deployment prod/api ~kubernetes:Deployment/prod/api"]);
    for kind in ["kubernetes_deployment", "kubernetes_deployment_v1"] {
        assert_eq!(lines(kind, provided()), from_dump, "{kind}");
        assert_eq!(wants(kind, provided()), wants("kubernetes:Deployment", dumped()), "{kind}");
        assert_eq!(read(&standing(kind, provided()))[0].criticality, Some(Criticality::Critical));
    }
    assert_eq!(
        wants("kubernetes:Deployment", dumped()),
        [
            "service account api: any of kubernetes:ServiceAccount/prod/api",
            "the identity of its service account: whatever kubernetes:ServiceAccount/prod/api acts as",
            "secret db [start]: first of kubernetes:Secret/prod/db, tls-secret:prod/db",
            "secret all [start]: first of kubernetes:Secret/prod/all, tls-secret:prod/all",
            "secret tls [start]: first of tls-secret:prod/tls, kubernetes:Secret/prod/tls",
            "image pull secret registry [start]: any of kubernetes:Secret/prod/registry",
        ]
    );
}

#[test]
fn the_default_account_is_no_need_and_still_an_actor() {
    let bare = json!({"metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": []}}}});
    assert_eq!(
        wants("kubernetes:DaemonSet", bare),
        ["the identity of its service account: whatever kubernetes:ServiceAccount/default/default acts as"]
    );
}

#[test]
fn other_workloads() {
    let job = json!({"metadata": {"name": "n", "namespace": "x"}, "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": {
        "serviceAccountName": "runner", "containers": [], "volumes": [{"name": "v", "secret": {"secretName": "s"}}]}}}}}});
    assert_eq!(
        wants("kubernetes:CronJob", job),
        [
            "service account runner: any of kubernetes:ServiceAccount/x/runner",
            "the identity of its service account: whatever kubernetes:ServiceAccount/x/runner acts as",
            "secret s [start]: first of tls-secret:x/s, kubernetes:Secret/x/s",
        ]
    );
    let provided = json!({"metadata": [{"name": "n", "namespace": "x"}], "spec": [{"schedule": "@daily", "job_template": [{"metadata": [{}], "spec": [{"template": [{"metadata": [{}], "spec": [{
        "service_account_name": "runner", "container": [], "volume": [{"name": "v", "secret": [{"secret_name": "s"}]}]}]}]}]}]}]});
    assert_eq!(wants("kubernetes_cron_job_v1", provided).len(), 3);
    let owned = json!({"metadata": {"name": "p", "ownerReferences": [{"kind": "ReplicaSet", "name": "r"}]}, "spec": {}});
    assert!(lines("kubernetes:Pod", owned).is_empty(), "it comes and goes with its owner");
    let free = json!({"metadata": {"name": "p"}, "spec": {"serviceAccountName": "sa"}});
    assert_eq!(lines("kubernetes:Pod", free), ["workload Pod default/p ~kubernetes:Pod/default/p"]);
}

#[test]
fn ingresses() {
    let api = json!({"metadata": {"name": "gateway", "namespace": "prod"},
        "spec": {"tls": [{"hosts": ["a.example"], "secretName": "tls"}, {"hosts": ["b.example"]}]}});
    let provided = json!({"metadata": [{"name": "gateway", "namespace": "prod"}],
        "spec": [{"tls": [{"hosts": ["a.example"], "secret_name": "tls"}, {"hosts": ["b.example"], "secret_name": ""}],
            "rule": [{"host": "a.example", "http": [{"path": [{"path": "/", "backend": [{"service": [{"name": "s", "port": [{"number": 80}]}]}]}]}]}]}]});
    let needed = ["TLS secret tls: first of tls-secret:prod/tls, kubernetes:Secret/prod/tls"];
    assert_eq!(wants("kubernetes:Ingress", api.clone()), needed);
    assert_eq!(wants("kubernetes_ingress_v1", provided.clone()), needed);
    assert_eq!(lines("kubernetes_ingress_v1", provided), lines("kubernetes:Ingress", api));
}

#[test]
fn service_accounts_and_secrets() {
    let api = json!({"metadata": {"name": "cm", "namespace": "x", "annotations": {"azure.workload.identity/client-id": "C1"}}});
    let provided = json!({"metadata": [{"name": "cm", "namespace": "x", "annotations": {"azure.workload.identity/client-id": "C1"}}]});
    let expected = [
        "identity ServiceAccount x/cm ~kubernetes:ServiceAccount/x/cm ~subject:system:serviceaccount:x:cm",
        "trust as C1 | kubernetes:ServiceAccount/x/cm acts as client:c1",
    ];
    assert_eq!(lines("kubernetes:ServiceAccount", api), expected);
    assert_eq!(lines("kubernetes_service_account_v1", provided), expected);
    let secret = json!({"metadata": {"name": "s", "namespace": "x"}, "type": "Opaque"});
    assert_eq!(lines("kubernetes:Secret", secret), ["secret Secret x/s ~kubernetes:Secret/x/s"]);
    assert_eq!(
        lines("kubernetes:Namespace", json!({"metadata": {"name": "x"}})),
        ["other x ~kubernetes:Namespace/x"]
    );
    assert_eq!(
        lines("kubernetes:Widget", json!({"metadata": {"name": "w"}})),
        ["other w ~kubernetes:Widget/default/w"]
    );
}

#[test]
fn a_manifest_is_what_is_in_it() {
    let inside = json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "tls", "namespace": "prod"},
        "spec": {"secretName": "tls", "dnsNames": ["a.example"], "issuerRef": {"name": "le", "kind": "ClusterIssuer"}}});
    let manifest = json!({"manifest": inside, "object": {"status": {}}, "wait": []});
    assert_eq!(
        lines("kubernetes_manifest", manifest.clone()),
        lines("kubernetes:Certificate", inside.clone())
    );
    assert_eq!(wants("kubernetes_manifest", manifest), wants("kubernetes:Certificate", inside));
}
