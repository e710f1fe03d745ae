//! Kubernetes, in the spelling of the API and in that of the provider.

use super::{lines, read, standing, wants};
use crate::model::{Content, Criticality, Labels};
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
            "the label by which its pods get tokens of their identity [start]: any of workload-identity:deployment/prod/api",
            "the tokens of its service account [start]: any of pod-tokens:prod/api",
            "renewal of TLS secret tls: any of issued:prod/tls",
        ]
    );
}

#[test]
fn what_has_a_namespace_lies_in_it() {
    let namespace = |kind: &str, metadata: Value| -> Vec<String> {
        let facts = read(&standing(kind, json!({"metadata": metadata, "spec": {}})));
        let lies = |want: &&crate::model::Want| &*want.entry == super::LIES_IN;
        facts[0].wants.iter().filter(lies).map(super::want).collect()
    };
    let prod = ["its namespace: what it lies in, kubernetes:Namespace/prod"];
    assert_eq!(namespace("kubernetes:Deployment", json!({"name": "a", "namespace": "prod"})), prod);
    assert_eq!(namespace("kubernetes:Secret", json!({"name": "a", "namespace": "prod"})), prod);
    for kind in ["kubernetes:Namespace", "kubernetes:ClusterIssuer"] {
        assert!(namespace(kind, json!({"name": "prod"})).is_empty(), "{kind}");
    }
}

#[test]
fn the_default_account_is_no_need_and_still_an_actor() {
    let bare = json!({"metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": []}}}});
    assert_eq!(
        wants("kubernetes:DaemonSet", bare),
        [
            "the identity of its service account: whatever kubernetes:ServiceAccount/default/default acts as",
            "the label by which its pods get tokens of their identity [start]: any of workload-identity:daemonset/default/a",
            "the tokens of its service account [start]: any of pod-tokens:default/default",
        ]
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
            "the tokens of its service account [start]: any of pod-tokens:x/runner",
            "renewal of TLS secret s: any of issued:x/s",
        ]
    );
    let provided = json!({"metadata": [{"name": "n", "namespace": "x"}], "spec": [{"schedule": "@daily", "job_template": [{"metadata": [{}], "spec": [{"template": [{"metadata": [{}], "spec": [{
        "service_account_name": "runner", "container": [], "volume": [{"name": "v", "secret": [{"secret_name": "s"}]}]}]}]}]}]}]});
    assert_eq!(wants("kubernetes_cron_job_v1", provided).len(), 5);
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
    let needed = vec![
        "TLS secret tls: first of tls-secret:prod/tls, kubernetes:Secret/prod/tls",
        "renewal of TLS secret tls: any of issued:prod/tls",
        "a certificate for a.example: any of issued-for:prod/a.example, issued-for:prod/*.example",
        "a certificate for b.example: any of issued-for:prod/b.example, issued-for:prod/*.example",
    ];
    assert_eq!(wants("kubernetes:Ingress", api.clone()), needed);
    let mut with_its_service = needed;
    with_its_service.insert(1, "service s: any of kubernetes:Service/prod/s");
    assert_eq!(wants("kubernetes_ingress_v1", provided.clone()), with_its_service);
    assert_eq!(lines("kubernetes_ingress_v1", provided), lines("kubernetes:Ingress", api));
}

#[test]
fn service_accounts_and_secrets() {
    let api = json!({"metadata": {"name": "cm", "namespace": "x", "annotations": {"azure.workload.identity/client-id": "C1"}}});
    let provided = json!({"metadata": [{"name": "cm", "namespace": "x", "annotations": {"azure.workload.identity/client-id": "C1"}}]});
    let expected = [
        "identity ServiceAccount x/cm ~kubernetes:ServiceAccount/x/cm ~subject:system:serviceaccount:x:cm",
        "trust tokens for its pods of ServiceAccount x/cm ~pod-tokens:x/cm",
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
        // Whether such a kind lies in namespaces nobody says.
        [
            "other w ~kubernetes:Widget/default/w",
            "other kubernetes:Widget | kubernetes:Widget/default/w is also kubernetes:Widget/w",
        ]
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

#[test]
fn a_role_is_the_same_from_a_dump_and_from_a_plan() {
    let rules = json!([
        {"apiGroups": ["", "apps"], "resources": ["pods", "pods/log"], "verbs": ["list", "get", "get"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], "resourceNames": ["b", "a"]}]);
    let provided = json!([
        {"api_groups": ["apps", ""], "resources": ["pods/log", "pods"], "verbs": ["get", "list"], "resource_names": null},
        {"api_groups": [""], "resources": ["configmaps"], "verbs": ["get"], "resource_names": ["a", "b"]}]);
    let dumped = lines(
        "kubernetes:Role",
        json!({"kind": "Role", "metadata": {"name": "r", "namespace": "x"}, "rules": rules}),
    );
    assert_eq!(
        dumped,
        [
            r#"role Role x/r ~kubernetes:Role/x/r | role - is Role/x/r: ["get", "list"] less [], data [] less [] on ["pods.", "pods.apps", "pods/log.", "pods/log.apps"]; ["get"] less [], data [] less [] on ["configmaps."] named ["a", "b"]"#
        ]
    );
    for kind in ["kubernetes_role", "kubernetes_role_v1"] {
        let told = lines(
            kind,
            json!({"id": "x/r", "metadata": [{"name": "r", "namespace": "x"}], "rule": provided}),
        );
        assert_eq!(told, dumped, "{kind}");
    }
    // Nothing is not unknown.
    for nothing in [Value::Null, json!([])] {
        let role = json!({"metadata": {"name": "r"}, "rules": nothing});
        assert_eq!(
            lines("kubernetes:Role", role),
            ["role Role default/r ~kubernetes:Role/default/r | role - is Role/default/r: "]
        );
    }
    let mut object = standing("kubernetes_role", json!({"metadata": [{"name": "r"}]}));
    object.before.as_mut().unwrap().unknown = json!({"rule": true});
    let Content::Role(role) = read(&object)[0].content.clone() else { panic!("no role") };
    assert_eq!(role.permissions, None, "known after apply");
}

#[test]
fn cluster_roles_have_urls_and_labels_and_may_be_made_of_others() {
    let selectors = json!([{"matchLabels": {"rbac.example.com/to_view": "true"}},
        {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["a"]}]}]);
    let dumped = json!({"metadata": {"name": "view", "labels": {"some_label": "x"}},
        "aggregationRule": {"clusterRoleSelectors": selectors}, "rules": null});
    let provided = json!({"metadata": [{"name": "view", "labels": {"some_label": "x"}}], "rule": [],
        "aggregation_rule": [{"cluster_role_selectors": [
            {"match_labels": {"rbac.example.com/to_view": "true"}, "match_expressions": []},
            {"match_labels": null, "match_expressions": [{"key": "tier", "operator": "In", "values": ["a"]}]}]}]});
    let role = |kind: &str, value: Value| {
        let Content::Role(role) = read(&standing(kind, value))[0].content.clone() else { panic!("no role") };
        role
    };
    let from_dump = role("kubernetes:ClusterRole", dumped);
    assert_eq!(role("kubernetes_cluster_role_v1", provided), from_dump);
    assert_eq!(from_dump.labels.as_ref().unwrap().known["some_label"], "x", "people's own spelling");
    let gathers = from_dump.gathers.unwrap();
    assert_eq!((gathers.selectors.len(), gathers.open), (2, false));
    let labelled =
        |key: &str, value: &str| Labels { known: [(key.to_owned(), value.to_owned())].into(), open: false };
    assert_eq!(gathers.selects(&labelled("rbac.example.com/to_view", "true")), Some(true));
    assert_eq!(gathers.selects(&labelled("tier", "a")), Some(true));
    assert_eq!(gathers.selects(&labelled("tier", "b")), Some(false));
    let plain = json!({"metadata": [{"name": "u"}], "aggregation_rule": [],
        "rule": [{"api_groups": null, "resources": null, "verbs": ["get"], "non_resource_urls": ["/healthz"]}]});
    let plain = role("kubernetes_cluster_role", plain);
    assert_eq!(plain.gathers, None);
    assert_eq!(plain.permissions.unwrap()[0].resources, ["url:/healthz"]);
    let none = json!({"metadata": {"name": "n"}, "aggregationRule": {}});
    assert_eq!(role("kubernetes:ClusterRole", none).gathers.unwrap().selectors, []);
}

#[test]
fn a_binding_is_a_grant_to_each_of_its_subjects() {
    let subjects = json!([
        {"kind": "ServiceAccount", "name": "web"},
        {"kind": "ServiceAccount", "name": "web", "namespace": "other"},
        {"kind": "User", "name": "Jane", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "Group", "name": "Devs", "apiGroup": "rbac.authorization.k8s.io"}]);
    let bound = |name: &str, subjects: &Value| {
        json!({"metadata": {"name": "b", "namespace": "x"}, "subjects": subjects,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": name, "name": "r"}})
    };
    let grants = |kind: &str, value: Value| -> Vec<String> {
        lines(kind, value).iter().filter_map(|line| Some(line.split_once(" | ")?.1.to_owned())).collect()
    };
    let to = |role: &str, place: &str| {
        [
            format!("ServiceAccount kubernetes:ServiceAccount/x/web has - ({role}) on {place} if -"),
            format!("ServiceAccount kubernetes:ServiceAccount/other/web has - ({role}) on {place} if -"),
            format!("User kubernetes-user:Jane has - ({role}) on {place} if -"),
            format!("Group kubernetes-group:Devs has - ({role}) on {place} if -"),
        ]
    };
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    let expected = |role: &str, place: &str| sorted(to(role, place).to_vec());
    let told = |kind: &str, value: Value| sorted(grants(kind, value));
    assert_eq!(told("kubernetes:RoleBinding", bound("Role", &subjects)), expected("Role/x/r", "x"));
    assert_eq!(
        told("kubernetes:RoleBinding", bound("ClusterRole", &subjects)),
        expected("ClusterRole/r", "x")
    );
    // Everywhere: a service account has to say where it is.
    let everywhere = told("kubernetes:ClusterRoleBinding", bound("ClusterRole", &subjects));
    let mut without = to("ClusterRole/r", "*").to_vec();
    without.remove(0);
    assert_eq!(everywhere, sorted(without));
    assert_eq!(grants("kubernetes:ClusterRoleBinding", bound("Role", &subjects)), [""; 0]);
    // The provider writes a namespace for all of them.
    let provided = json!([
        {"kind": "ServiceAccount", "name": "web", "namespace": "x", "api_group": ""},
        {"kind": "ServiceAccount", "name": "web", "namespace": "other", "api_group": ""},
        {"kind": "User", "name": "Jane", "namespace": "default", "api_group": "rbac.authorization.k8s.io"},
        {"kind": "Group", "name": "Devs", "namespace": "default", "api_group": "rbac.authorization.k8s.io"}]);
    let role = json!([{"api_group": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"}]);
    let provided = |metadata: Value| json!({"metadata": [metadata], "role_ref": role, "subject": provided});
    for kind in ["kubernetes_role_binding", "kubernetes_role_binding_v1"] {
        let told = told(kind, provided(json!({"name": "b", "namespace": "x"})));
        assert_eq!(told, expected("ClusterRole/r", "x"), "{kind}");
    }
    for kind in ["kubernetes_cluster_role_binding", "kubernetes_cluster_role_binding_v1"] {
        assert_eq!(told(kind, provided(json!({"name": "b"}))), expected("ClusterRole/r", "*"), "{kind}");
    }
    // Users and groups are names that are there whatever a binding says.
    let names = lines("kubernetes:RoleBinding", bound("Role", &subjects));
    let names: Vec<&str> =
        names.iter().map(String::as_str).filter(|line| line.starts_with("identity")).collect();
    assert_eq!(
        names,
        ["identity User Jane ~kubernetes-user:Jane", "identity Group Devs ~kubernetes-group:Devs"]
    );
    for none in [Value::Null, json!([])] {
        assert_eq!(lines("kubernetes:RoleBinding", bound("Role", &none)).len(), 1, "nobody");
    }
}
