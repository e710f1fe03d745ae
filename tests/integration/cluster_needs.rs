//! What workloads of a cluster read and ask for by name: taken away it is missed, and its twin is not.
//!
//! Sources: Kubernetes, "Secrets", "Projected Volumes", "Configure Service Accounts for Pods", "Pod Priority and Preemption",
//! "Garbage Collection", API reference of Ingress; Gateway API, "TLS"; External Secrets Operator, "ExternalSecret"; Argo
//! Rollouts, "Rollout specification"; Azure Workload Identity, "Labels and annotations".

use serde_json::{Value as Json, json};

use crate::support::rows::{
    Comes::{Loss, Quiet},
    Row, judge, row,
};
use crate::support::scene::Scene;

pub fn object(version: &str, kind: &str, namespace: &str, name: &str, more: Json) -> Json {
    let mut made = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name, "uid": format!("{kind}-{name}")}});
    if !namespace.is_empty() {
        made["metadata"]["namespace"] = namespace.into();
    }
    made.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    made
}

/// What is described as a pod, with one container and whatever else.
fn pod(more: Json) -> Json {
    let mut spec = json!({"serviceAccountName": "web", "containers": [{"name": "web", "image": "web"}]});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    spec
}

fn container(more: Json) -> Json {
    let mut container = json!({"name": "web", "image": "web"});
    container.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([container])
}

fn template(spec: Json) -> Json {
    json!({"spec": {"replicas": 2, "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec}}})
}

fn deployment(spec: Json) -> Json {
    object("apps/v1", "Deployment", "shop", "web", template(spec))
}

/// A dump that has one of each kind that can read a secret.
pub fn dump(items: &[Json]) -> Json {
    let idle = || json!({"containers": [{"name": "idle", "image": "idle"}]});
    let idle_template = |kind| object("apps/v1", kind, "idle", "idle", template(idle()));
    let mut all = vec![
        idle_template("Deployment"),
        idle_template("StatefulSet"),
        idle_template("DaemonSet"),
        object("v1", "Pod", "idle", "idle", json!({"spec": idle()})),
        object("v1", "ServiceAccount", "idle", "idle", json!({})),
        object("v1", "ServiceAccount", "shop", "web", json!({})),
        object("networking.k8s.io/v1", "Ingress", "idle", "idle", json!({"spec": {"rules": []}})),
        object(
            "batch/v1",
            "CronJob",
            "idle",
            "idle",
            json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": idle()}}}}}),
        ),
    ];
    all.retain(|known| {
        let is = |item: &Json| {
            item["kind"] == known["kind"] && item["metadata"]["name"] == known["metadata"]["name"]
        };
        !items.iter().any(is)
    });
    all.extend(items.iter().cloned());
    json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": all})
}

/// A critical thing of the cluster.
pub fn rated(kind: &str) -> Scene {
    Scene::of(&format!(
        "[[workload]]\nname = \"shop\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:{kind}/shop/web\"]\n"
    ))
}

pub fn metadata(namespace: &str, name: &str) -> Json {
    json!([{"name": name, "namespace": namespace, "uid": "1", "labels": null, "annotations": null}])
}

fn secret(name: &str) -> Json {
    json!({"id": format!("shop/{name}"), "metadata": metadata("shop", name), "type": "Opaque", "immutable": false})
}

/// The plan deletes a secret, and these are in the cluster.
fn without_secret(kind: &str, items: Vec<Json>) -> Row {
    let name = format!("{kind}: {}", items.iter().map(Json::to_string).collect::<String>());
    row("", Box::leak(name.into_boxed_str()), Loss, move |scene| {
        scene.lists("cluster.json", dump(&items), json!({}));
        scene.object("kubernetes_secret_v1.tok", secret("tok"), Json::Null);
    })
}

#[test]
fn a_secret_is_missed_by_whoever_reads_it() {
    let reference = json!({"name": "tok", "key": "a"});
    let env = json!([{"name": "A", "valueFrom": {"secretKeyRef": reference}}]);
    let from = json!([{"secretRef": {"name": "tok"}}]);
    let cron = |spec: Json| {
        let spec = json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}});
        vec![object("batch/v1", "CronJob", "shop", "web", spec)]
    };
    let volume = |source: Json| pod(json!({"volumes": [source]}));
    let by_deployment = |spec: Json| without_secret("Deployment", vec![deployment(spec)]);
    judge(
        &rated("Deployment"),
        vec![
            by_deployment(pod(json!({"containers": container(json!({"env": env}))}))),
            by_deployment(pod(json!({"initContainers": container(json!({"env": env}))}))),
            by_deployment(pod(json!({"initContainers": container(json!({"envFrom": from}))}))),
            by_deployment(pod(json!({"imagePullSecrets": [{"name": "tok"}]}))),
            by_deployment(volume(json!({"name": "v", "secret": {"secretName": "tok"}}))),
            by_deployment(volume(
                json!({"name": "v", "projected": {"sources": [{"secret": {"name": "tok"}}]}}),
            )),
            by_deployment(volume(
                json!({"name": "v", "csi": {"driver": "x", "nodePublishSecretRef": {"name": "tok"}}}),
            )),
            by_deployment(volume(json!({"name": "v", "cephfs": {"secretRef": {"name": "tok"}}}))),
            by_deployment(volume(json!({"name": "v", "azureFile": {"secretName": "tok", "shareName": "s"}}))),
            without_secret(
                "pull secrets of its account",
                vec![
                    deployment(pod(json!({}))),
                    object(
                        "v1",
                        "ServiceAccount",
                        "shop",
                        "web",
                        json!({"imagePullSecrets": [{"name": "tok"}]}),
                    ),
                ],
            ),
        ],
    );
    for spec in [
        pod(json!({"containers": container(json!({"envFrom": from}))})),
        pod(json!({"imagePullSecrets": [{"name": "tok"}]})),
    ] {
        judge(&rated("CronJob"), vec![without_secret("CronJob", cron(spec))]);
    }
    let bare = json!({"spec": pod(json!({"containers": container(json!({"env": env}))}))});
    judge(&rated("Pod"), vec![without_secret("Pod", vec![object("v1", "Pod", "shop", "web", bare)])]);
    // Kinds of others that have a template of a pod.
    let rollout = template(pod(json!({"containers": container(json!({"env": env}))})));
    let rollout = object("argoproj.io/v1alpha1", "Rollout", "shop", "web", rollout);
    judge(&rated("Rollout"), vec![without_secret("Rollout", vec![rollout])]);
    let tls =
        json!({"spec": {"listeners": [{"tls": {"certificateRefs": [{"kind": "Secret", "name": "tok"}]}}]}});
    let gateway = object("gateway.networking.k8s.io/v1", "Gateway", "shop", "web", tls);
    judge(&rated("Gateway"), vec![without_secret("Gateway", vec![gateway])]);
}

#[test]
fn a_secret_that_nobody_reads_is_not_missed() {
    let quiet = |what, spec: Json| {
        row("", what, Quiet, move |scene: &mut Scene| {
            scene.lists("cluster.json", dump(&[deployment(spec.clone())]), json!({}));
            scene.object("kubernetes_secret_v1.tok", secret("tok"), Json::Null);
        })
    };
    let optional = json!({"name": "tok", "key": "a", "optional": true});
    judge(
        &rated("Deployment"),
        vec![
            quiet("nothing", pod(json!({}))),
            quiet("another one", pod(json!({"imagePullSecrets": [{"name": "tok2"}]}))),
            quiet(
                "it is optional",
                pod(
                    json!({"initContainers": container(json!({"env": [{"name": "A", "valueFrom": {"secretKeyRef": optional}}]}))}),
                ),
            ),
            quiet(
                "projected, and optional",
                pod(
                    json!({"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "tok", "optional": true}}]}}]}),
                ),
            ),
        ],
    );
}

/// Deployments alone are not all that can read one.
#[test]
fn a_list_of_deployments_is_no_list_of_users() {
    let only =
        json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": [deployment(pod(json!({})))]});
    let all = "kubectl get deploy,sts,ds,job,cronjob,pod,sa,ingress -A -o json";
    for (command, expected) in [(None, 3), (Some("kubectl get deploy,sts,ds -A -o json"), 3), (Some(all), 0)]
    {
        let mut scene = rated("Deployment");
        scene.lists("cluster.json", only.clone(), json!({"command": command}));
        scene.object("kubernetes_secret_v1.tok", secret("tok"), Json::Null);
        let judged = scene.check();
        assert_eq!(judged.code, expected, "{command:?}: {:#}", judged.report);
        assert_eq!(judged.by_plan("unknown-users").len(), usize::from(expected == 3), "{command:?}");
    }
}

#[test]
fn what_else_is_asked_for_by_name() {
    let gone =
        |address: &'static str, name: &'static str, namespace: &'static str, what, comes, item: Json| {
            row("", what, comes, move |scene: &mut Scene| {
                let made = json!({"id": name, "metadata": metadata(namespace, name)});
                scene.lists("cluster.json", dump(std::slice::from_ref(&item)), json!({}));
                scene.object(address, made, Json::Null);
            })
        };
    let map = |name: &str| deployment(pod(json!({"volumes": [{"name": "v", "configMap": {"name": name}}]})));
    let class = |name: &str| deployment(pod(json!({"priorityClassName": name})));
    let claim = |name: &str| {
        deployment(pod(json!({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": name}}]})))
    };
    judge(
        &rated("Deployment"),
        vec![
            gone("kubernetes_config_map_v1.it", "it", "shop", "a config map", Loss, map("it")),
            gone("kubernetes_config_map_v1.it", "it", "shop", "another config map", Quiet, map("other")),
            gone("kubernetes_priority_class_v1.it", "it", "", "a priority class", Loss, class("it")),
            gone(
                "kubernetes_priority_class_v1.it",
                "it",
                "",
                "another priority class",
                Quiet,
                class("other"),
            ),
            gone("kubernetes_persistent_volume_claim_v1.it", "it", "shop", "a claim", Loss, claim("it")),
        ],
    );
    let ingress = |service: &str, class: &str| {
        let path = json!({"path": "/", "backend": {"service": {"name": service, "port": {"number": 80}}}});
        let spec = json!({"spec": {"ingressClassName": class, "rules": [{"http": {"paths": [path]}}]}});
        object("networking.k8s.io/v1", "Ingress", "shop", "web", spec)
    };
    judge(
        &rated("Ingress"),
        vec![
            gone("kubernetes_service_v1.it", "it", "shop", "a service", Loss, ingress("it", "other")),
            gone("kubernetes_ingress_class_v1.it", "it", "", "its class", Loss, ingress("other", "it")),
            gone("kubernetes_ingress_class_v1.it", "it", "", "another class", Quiet, ingress("it", "other")),
        ],
    );
}

/// What a controller makes of it goes with it.
#[test]
fn a_secret_goes_with_what_it_is_made_of() {
    let external = |target: Json| {
        let spec = json!({"spec": {"target": target, "secretStoreRef": {"kind": "ClusterSecretStore", "name": "s"}}});
        json!({"manifest": object("external-secrets.io/v1", "ExternalSecret", "shop", "it", spec)})
    };
    let reads = |name: &str| {
        dump(&[deployment(pod(
            json!({"containers": container(json!({"envFrom": [{"secretRef": {"name": name}}]}))}),
        ))])
    };
    for (what, target, name, falls) in [
        ("of its own name", json!({}), "it", true),
        ("of another name", json!({"name": "tok", "creationPolicy": "Owner"}), "tok", true),
        ("it is not its own", json!({"name": "tok", "creationPolicy": "Orphan"}), "tok", false),
        ("another one is read", json!({"name": "tok"}), "tok2", false),
    ] {
        let mut scene = rated("Deployment");
        scene.lists("cluster.json", reads(name), json!({}));
        scene.object("kubernetes_manifest.it", external(target), Json::Null);
        let judged = scene.check();
        assert_eq!(
            judged.by_plan("breaks-workload").len(),
            usize::from(falls),
            "{what}: {:#}",
            judged.report
        );
    }
}

fn in_plan(replicas: &str, label: bool, account: &str) -> Json {
    let labels = if label { json!({"azure.workload.identity/use": "true"}) } else { json!({"app": "web"}) };
    json!({"metadata": metadata("shop", "web"), "spec": [{"replicas": replicas, "template": [{
        "metadata": [{"labels": labels}],
        "spec": [{"service_account_name": account, "container": [{"name": "web", "image": "web"}]}]}]}]})
}

#[test]
fn what_is_scaled_to_nothing_or_suspended_does_not_run() {
    let scaled = |before: &'static str, after: &'static str| {
        move |scene: &mut Scene| {
            scene.lists("cluster.json", dump(&[]), json!({}));
            scene.object(
                "kubernetes_deployment_v1.web",
                in_plan(before, false, "web"),
                in_plan(after, false, "web"),
            );
        }
    };
    judge(
        &rated("Deployment"),
        vec![
            row("", "to none", Loss, scaled("2", "0")),
            row("", "to one", Quiet, scaled("2", "1")),
            row("", "from none", Quiet, scaled("0", "2")),
            row("", "at none, until an autoscaler wakes it, and its account goes", Loss, |scene| {
                scene.lists("cluster.json", dump(&[]), json!({}));
                scene.stays("kubernetes_deployment_v1.web", in_plan("0", false, "web"));
                let account = json!({"metadata": metadata("shop", "web")});
                scene.object("kubernetes_service_account_v1.web", account, Json::Null);
            }),
        ],
    );
    let cron = |suspend: bool| {
        json!({"metadata": metadata("shop", "web"), "spec": [{"suspend": suspend, "schedule": "0 3 * * *",
            "job_template": [{"spec": [{"template": [{"spec": [{"container": [{"name": "web", "image": "web"}]}]}]}]}]}]})
    };
    let turned = |before: bool, after: bool| {
        move |scene: &mut Scene| {
            scene.lists("cluster.json", dump(&[]), json!({}));
            scene.object("kubernetes_cron_job_v1.web", cron(before), cron(after));
        }
    };
    judge(
        &rated("CronJob"),
        vec![row("", "suspended", Loss, turned(false, true)), row("", "resumed", Quiet, turned(true, false))],
    );
}

#[test]
fn pods_that_get_no_tokens_any_more() {
    let labelled = |before: bool, after: bool| {
        move |scene: &mut Scene| {
            scene.lists("cluster.json", dump(&[]), json!({}));
            let (before, after) = (in_plan("2", before, "web"), in_plan("2", after, "web"));
            scene.object("kubernetes_deployment_v1.web", before, after);
        }
    };
    let mounts = |before: Json, after: Json, own: Json| {
        move |scene: &mut Scene| {
            let mut spec = pod(json!({}));
            spec["automountServiceAccountToken"] = own.clone();
            scene.lists("cluster.json", dump(&[deployment(spec)]), json!({}));
            let account = |mounts: &Json| {
                json!({"metadata": metadata("shop", "web"), "automount_service_account_token": mounts,
                    "image_pull_secret": [], "secret": []})
            };
            scene.object("kubernetes_service_account_v1.web", account(&before), account(&after));
        }
    };
    judge(
        &rated("Deployment"),
        vec![
            row("", "without the label", Loss, labelled(true, false)),
            row("", "with the label", Quiet, labelled(false, true)),
            row("", "tokens of the account", Loss, mounts(json!(true), json!(false), Json::Null)),
            row("", "the pods say so themselves", Quiet, mounts(json!(true), json!(false), json!(true))),
            row("", "tokens as before", Quiet, mounts(json!(true), Json::Null, Json::Null)),
        ],
    );
}

/// An annotation that another resource sets, and objects whose manifest is a text.
#[test]
fn what_others_set_and_apply() {
    let account = object(
        "v1",
        "ServiceAccount",
        "shop",
        "web",
        json!({"metadata": {"name": "web", "namespace": "shop",
            "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/web"}}}),
    );
    let annotations = json!({"api_version": "v1", "kind": "ServiceAccount", "metadata": [{"name": "web", "namespace": "shop"}],
        "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/web"}});
    let role = json!({"id": "web", "arn": "arn:aws:iam::123456789012:role/web", "name": "web", "unique_id": "AROA1",
        "assume_role_policy": json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/oidc.example.test"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"oidc.example.test:sub": "system:serviceaccount:shop:web"}}}]}).to_string()});
    let manifest = |kind: &str, name: &str| {
        json!({"id": format!("/apis/apps/v1/namespaces/shop/{}s/{name}", kind.to_lowercase()), "api_version": "apps/v1",
            "kind": kind, "name": name, "namespace": "shop", "yaml_body": "kind: x"})
    };
    let with = |address: &'static str, before: Json| {
        let (account, role) = (account.clone(), role.clone());
        move |scene: &mut Scene| {
            scene.lists("cluster.json", dump(&[deployment(pod(json!({}))), account.clone()]), json!({}));
            scene.stays("aws_iam_role.web", role.clone());
            scene.object(address, before.clone(), Json::Null);
        }
    };
    judge(
        &rated("Deployment"),
        vec![
            row("", "annotations", Loss, with("kubernetes_annotations.web", annotations)),
            row("", "a manifest", Loss, with("kubectl_manifest.web", manifest("Deployment", "web"))),
            row("", "what it needs", Loss, with("kubectl_manifest.web", manifest("ServiceAccount", "web"))),
        ],
    );
}
