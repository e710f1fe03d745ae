//! What `kubectl get … -o json` and the raw API print. cert-manager's objects are kinds like all others.

use super::Error;
use super::found::{Found, says};
use super::sidecar::Sidecar;
use crate::model::Kind;
use serde_json::{Map, Value};

/// Options with which kubectl lists a part only.
const NARROWING: [&str; 6] = ["-l", "--selector", "--field-selector", "-n", "--namespace", "--limit"];

/// Names under which kubectl is asked for kinds, without plurals (Kubernetes, "kubectl: Resource types").
const ASKED: [(&str, &str); 31] = [
    ("certificate", "Certificate"),
    ("cert", "Certificate"),
    ("clusterissuer", "ClusterIssuer"),
    ("clusterrole", "ClusterRole"),
    ("clusterrolebinding", "ClusterRoleBinding"),
    ("configmap", "ConfigMap"),
    ("cm", "ConfigMap"),
    ("cronjob", "CronJob"),
    ("cj", "CronJob"),
    ("daemonset", "DaemonSet"),
    ("ds", "DaemonSet"),
    ("deployment", "Deployment"),
    ("deploy", "Deployment"),
    ("ingress", "Ingress"),
    ("ingresse", "Ingress"),
    ("ing", "Ingress"),
    ("issuer", "Issuer"),
    ("job", "Job"),
    ("pod", "Pod"),
    ("po", "Pod"),
    ("replicaset", "ReplicaSet"),
    ("rs", "ReplicaSet"),
    ("role", "Role"),
    ("rolebinding", "RoleBinding"),
    ("secret", "Secret"),
    ("service", "Service"),
    ("svc", "Service"),
    ("serviceaccount", "ServiceAccount"),
    ("sa", "ServiceAccount"),
    ("statefulset", "StatefulSet"),
    ("sts", "StatefulSet"),
];

/// The kinds that the command asks for in all namespaces: of those that the list has nothing of there is none.
fn asked(sidecar: &Sidecar) -> Vec<&'static str> {
    let words = sidecar.words();
    if !sidecar.runs(&["kubectl"]) || !words.iter().any(|word| matches!(*word, "-A" | "--all-namespaces")) {
        return Vec::new();
    }
    let mut behind = words.into_iter().skip_while(|word| *word != "get").skip(1);
    let names = behind.find(|word| !word.starts_with('-')).unwrap_or_default().split(',');
    let known = |name: &str| {
        let plain = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let one = |(known, _): &&(&str, &str)| plain == *known || plain.strip_suffix('s') == Some(known);
        ASKED.iter().find(one).map(|(_, kind)| *kind)
    };
    names.filter_map(known).collect()
}

/// Where kubectl keeps a copy of what was applied: secrets included.
const COPY: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Reads a document if it is one of these; gives it back if not.
///
/// # Errors
/// If an item of a list is no object.
pub(super) fn read(document: Value, sidecar: &Sidecar, path: &str) -> Result<Result<Found, Value>, Error> {
    let Value::Object(mut top) = document else { return Ok(Err(document)) };
    let text = |key: &str| top.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, version) = (text("kind"), text("apiVersion"));
    let of_list = kind.strip_suffix("List").filter(|_| top.contains_key("items")).map(str::to_owned);
    let object = top.get("metadata").and_then(|metadata| metadata.get("name")).is_some();
    if kind.is_empty() || version.is_empty() || (of_list.is_none() && !object) {
        return Ok(Err(Value::Object(top)));
    }
    let mut found = Found { kind: "kubernetes".to_owned(), ..Found::default() };
    let Some(of_list) = of_list else {
        // One object says nothing of the others of its kind: no listing.
        found.objects.push((
            Kind::new(format!("kubernetes:{kind}")),
            String::new(),
            Value::Object(cleaned(top, &kind)).into(),
        ));
        return Ok(Ok(found));
    };
    let cluster = sidecar.of("cluster").unwrap_or_default();
    let metadata = top.get("metadata").cloned().unwrap_or_default();
    found.cut = if says(metadata.get("continue")) || says(metadata.get("remainingItemCount")) {
        Some("the list was cut by paging (metadata.continue): ask again without --limit".to_owned())
    } else if let Some(namespace) = sidecar.of("namespace") {
        Some(format!("it is of namespace {namespace} only: ask again with -A"))
    } else if sidecar.runs(&["kubectl"]) {
        let option = sidecar.option(&NARROWING);
        option.map(|option| {
            format!("its command lists a part only ({option}): ask again with -A and without it")
        })
    } else {
        None
    };
    if !of_list.is_empty() {
        found.lists(&format!("kubernetes:{of_list}"), cluster);
    }
    for kind in asked(sidecar) {
        found.lists(&format!("kubernetes:{kind}"), cluster);
    }
    let items = match top.remove("items") {
        Some(Value::Array(items)) => items,
        Some(Value::Null) | None => Vec::new(),
        Some(_) => return Err(row(path, "/items", "it is no list")),
    };
    for (number, item) in items.into_iter().enumerate() {
        let pointer = format!("/items/{number}");
        let Value::Object(mut item) = item else { return Err(row(path, &pointer, "it is no object")) };
        if !says(item.get("kind")) {
            if of_list.is_empty() {
                return Err(row(path, &pointer, "it has no kind"));
            }
            item.insert("kind".to_owned(), Value::String(of_list.clone()));
        }
        if !says(item.get("apiVersion")) {
            item.insert("apiVersion".to_owned(), Value::String(version.clone()));
        }
        let kind = item.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
        found.lists(&format!("kubernetes:{kind}"), cluster);
        let mut item = cleaned(item, &kind);
        super::mark(&mut item, sidecar);
        found.objects.push((Kind::new(format!("kubernetes:{kind}")), pointer, Value::Object(item).into()));
    }
    Ok(Ok(found))
}

/// Without what may be secret and what nobody reads.
fn cleaned(mut object: Map<String, Value>, kind: &str) -> Map<String, Value> {
    if matches!(kind, "Secret" | "ConfigMap") {
        for key in ["data", "stringData", "binaryData"] {
            object.remove(key);
        }
    }
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("managedFields");
        if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.remove(COPY);
        }
    }
    object
}

fn row(path: &str, pointer: &str, what: &'static str) -> Error {
    Error::Row { path: path.to_owned(), pointer: pointer.to_owned(), what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(document: Value) -> Found {
        read(document, &Sidecar::default(), "k.json").unwrap().unwrap()
    }

    fn listed(found: &Found) -> Vec<&str> {
        found.lists.keys().map(|listing| listing.as_str()).collect()
    }

    #[test]
    fn a_list_of_many_kinds_lists_each() {
        let item = |kind: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}});
        let found = found(json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""},
            "items": [item("Deployment"), item("Certificate"), item("Deployment")]}));
        assert_eq!(listed(&found), ["kubernetes:Certificate", "kubernetes:Deployment"]);
        assert_eq!(found.objects[1].0, Kind::new("kubernetes:Certificate"));
        assert_eq!(found.objects[1].1, "/items/1");
        assert!(found.cut.is_none());
    }

    #[test]
    fn raw_lists_give_their_items_a_kind_and_may_be_empty() {
        let raw = found(
            json!({"apiVersion": "apps/v1", "kind": "DeploymentList", "metadata": {}, "items": [{"metadata": {"name": "x"}}]}),
        );
        assert_eq!(raw.objects[0].2.reveal()["kind"], "Deployment");
        assert_eq!(raw.objects[0].2.reveal()["apiVersion"], "apps/v1");
        let empty =
            found(json!({"apiVersion": "batch/v1", "kind": "JobList", "metadata": {}, "items": null}));
        assert_eq!(listed(&empty), ["kubernetes:Job"]);
        assert!(empty.objects.is_empty());
    }

    #[test]
    fn one_object_is_no_listing_and_other_documents_are_given_back() {
        let one = found(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}));
        assert_eq!((one.objects.len(), one.lists.len()), (1, 0));
        for other in
            [json!({"apiVersion": "v1", "kind": "Config", "users": []}), json!([]), json!({"kind": "List"})]
        {
            assert!(read(other, &Sidecar::default(), "k.json").unwrap().is_err());
        }
    }

    #[test]
    fn paging_marks_and_narrowing_commands_cut() {
        let list = |metadata: Value| json!({"apiVersion": "v1", "kind": "PodList", "metadata": metadata, "items": []});
        assert!(found(list(json!({"continue": "abc"}))).cut.is_some());
        assert!(found(list(json!({"remainingItemCount": 3}))).cut.is_some());
        assert!(found(list(json!({"continue": "", "remainingItemCount": 0}))).cut.is_none());
        let sidecar = Sidecar {
            command: Some("kubectl get pod --namespace=prod -o json".to_owned()),
            ..Sidecar::default()
        };
        let cut = read(list(json!({})), &sidecar, "k.json").unwrap().unwrap().cut;
        assert!(cut.unwrap().contains("--namespace"));
        let sidecar =
            Sidecar { of: [("namespace".to_owned(), "prod".to_owned())].into(), ..Sidecar::default() };
        let cut = read(list(json!({})), &sidecar, "k.json").unwrap().unwrap().cut;
        assert!(cut.unwrap().contains("namespace prod only"));
    }

    #[test]
    fn what_the_command_asked_for_is_listed_though_there_is_none() {
        let by = |command: &str| {
            let sidecar = Sidecar { command: Some(command.to_owned()), ..Sidecar::default() };
            let item = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}});
            let list = json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": [item]});
            let found = read(list, &sidecar, "k.json").unwrap().unwrap();
            listed(&found).iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()
        };
        let all = by("kubectl get sts,cronjobs.batch,Ingresses,po,unknown -A -o json");
        assert_eq!(
            all,
            ["kubernetes:CronJob", "kubernetes:Ingress", "kubernetes:Pod", "kubernetes:StatefulSet"]
        );
        assert_eq!(by("kubectl --context=x get --all-namespaces secret").len(), 2);
        assert_eq!(by("kubectl get sts,po -o json"), ["kubernetes:Pod"], "of one namespace");
        assert_eq!(by("other get sts -A"), ["kubernetes:Pod"]);
    }

    #[test]
    fn roles_without_rules_stay_as_they_are() {
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "agg"},
            "aggregationRule": {"clusterRoleSelectors": []}, "rules": null});
        let found = found(json!({"apiVersion": "v1", "kind": "List", "items": [role]}));
        assert_eq!(listed(&found), ["kubernetes:ClusterRole"]);
        assert_eq!(found.objects[0].2.reveal(), &role);
    }

    #[test]
    fn secrets_do_not_get_in() {
        let annotations = json!({COPY: "hunter2", "keep": "me"});
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x", "annotations": annotations},
            "data": {"a": "hunter2"}, "stringData": {"a": "hunter2"}, "type": "Opaque"});
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "hunter2"}, "binaryData": {"b": "hunter2"}});
        let found = found(json!({"apiVersion": "v1", "kind": "List", "items": [secret, map]}));
        let all: String = found.objects.iter().map(|(_, _, value)| value.reveal().to_string()).collect();
        assert!(!all.contains("hunter2") && all.contains("keep") && all.contains("Opaque"), "{all}");
    }

    #[test]
    fn items_that_are_no_objects_are_errors() {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [1]});
        let error = read(list, &Sidecar::default(), "k.json").unwrap_err();
        assert!(error.to_string().contains("/items/0"));
    }
}
