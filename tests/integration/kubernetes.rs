//! What a workload may do in its cluster: taken away by a binding, by a role, by a label; and what is no loss.
//!
//! A deployment runs as a service account; the plan changes roles and bindings, which a dump lists too. Sources of what
//! the API server does: Kubernetes, "Using RBAC Authorization".

use serde_json::{Value as Json, json};

use crate::support::said;
use crate::support::story::{Judged, mainstay};

const NOW: &str = "2024-03-01T10:00:00Z";
const TAKEN: &str = "2024-03-01T09:00:00Z";
const RBAC: &str = "rbac.authorization.k8s.io";

/// The objects of a plan: address, before, after.
#[derive(Clone, Default)]
struct Cluster {
    resources: Vec<(String, Option<Json>, Option<Json>)>,
    moved: Vec<(String, String)>,
    /// Objects that no plan has.
    others: Vec<Json>,
}

fn object(kind: &str, namespace: Option<&str>, name: &str, more: Json) -> Json {
    let version = if kind.contains("Role") { format!("{RBAC}/v1") } else { "v1".to_owned() };
    let mut made = json!({"apiVersion": version, "kind": kind, "metadata": {"name": name}});
    if let Some(namespace) = namespace {
        made["metadata"]["namespace"] = namespace.into();
    }
    made.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    made
}

/// `verbs | groups | resources`.
fn rules(list: &[&str]) -> Json {
    let words = |text: &str| text.trim().split(',').map(str::to_owned).collect::<Vec<_>>();
    let one = |text: &&str| {
        let parts: Vec<&str> = text.split('|').collect();
        json!({"verbs": words(parts[0]), "apiGroups": words(parts[1]), "resources": words(parts[2])})
    };
    list.iter().map(one).collect()
}

fn role(name: &str, list: &[&str]) -> Json {
    object("Role", Some("shop"), name, json!({"rules": rules(list)}))
}

fn cluster_role(name: &str, labels: Json, list: &[&str]) -> Json {
    let mut made = object("ClusterRole", None, name, json!({"rules": rules(list)}));
    made["metadata"]["labels"] = labels;
    made
}

fn aggregate(name: &str, selectors: Json) -> Json {
    object(
        "ClusterRole",
        None,
        name,
        json!({"rules": null, "aggregationRule": {"clusterRoleSelectors": selectors}}),
    )
}

fn account(name: &str) -> Json {
    json!({"kind": "ServiceAccount", "namespace": "shop", "name": name})
}

/// Of a role of the namespace; `cluster:NAME` of a cluster role.
fn bound(name: &str, role: &str, subjects: &[Json]) -> Json {
    let (kind, role) = match role.strip_prefix("cluster:") {
        Some(role) => ("ClusterRole", role),
        None => ("Role", role),
    };
    let more = json!({"roleRef": {"apiGroup": RBAC, "kind": kind, "name": role}, "subjects": subjects});
    object("RoleBinding", Some("shop"), name, more)
}

fn bound_everywhere(name: &str, role: &str, subjects: &[Json]) -> Json {
    let more =
        json!({"roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}, "subjects": subjects});
    object("ClusterRoleBinding", None, name, more)
}

fn deployment(account: &str) -> Json {
    let mut made = object("Deployment", Some("shop"), "web", json!({}));
    made["apiVersion"] = "apps/v1".into();
    made["spec"] = json!({"selector": {"matchLabels": {"app": "web"}}, "template": {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"serviceAccountName": account, "containers": [{"name": "web", "image": "web"}]}}});
    made
}

/// A deployment with its service account, and one of each other kind, so that each kind is listed.
fn cluster() -> Cluster {
    let nobody = json!({"kind": "ServiceAccount", "namespace": "padding", "name": "padding"});
    let mut padding = bound("padding", "padding", std::slice::from_ref(&nobody));
    padding["metadata"]["namespace"] = "padding".into();
    let others = vec![padding, bound_everywhere("padding", "padding", &[nobody]), role("padding", &[])];
    let empty = Cluster { others, ..Cluster::default() };
    empty
        .with("deployment", deployment("web"))
        .with("account", object("ServiceAccount", Some("shop"), "web", json!({})))
        .with("other_account", object("ServiceAccount", Some("shop"), "worker", json!({})))
        .with("padding_role", cluster_role("padding", json!({}), &[]))
}

impl Cluster {
    fn change(mut self, name: &str, before: Option<Json>, after: Option<Json>) -> Self {
        self.resources.push((format!("kubernetes_manifest.{name}"), before, after));
        self
    }

    fn with(self, name: &str, what: Json) -> Self {
        self.change(name, Some(what.clone()), Some(what))
    }

    fn without(self, name: &str, what: Json) -> Self {
        self.change(name, Some(what), None)
    }

    fn created(self, name: &str, what: Json) -> Self {
        self.change(name, None, Some(what))
    }

    fn moved(mut self, from: &str, name: &str, what: Json) -> Self {
        self.moved.push((format!("kubernetes_manifest.{name}"), format!("kubernetes_manifest.{from}")));
        self.with(name, what)
    }

    /// A folder with the plan and, if it is listed, the dump.
    fn folder(&self, listed: bool) -> tempfile::TempDir {
        let root = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
        let write = |file: &str, value: &Json| {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, value.to_string()).unwrap();
        };
        let changes: Vec<Json> = self.resources.iter().map(|one| self.entry(one)).collect();
        let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "timestamp": TAKEN, "complete": true,
            "errored": false, "applyable": true, "resource_changes": changes});
        write("plan.json", &plan);
        let mut items: Vec<Json> =
            self.resources.iter().filter_map(|(_, before, _)| before.clone()).collect();
        items.extend(self.others.clone());
        if !listed {
            items.retain(|item| !item["kind"].as_str().unwrap().contains("Role"));
        }
        write(
            "snapshots/cluster.json",
            &json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items}),
        );
        write("snapshots/cluster.json.meta.json", &json!({"taken_at": TAKEN}));
        let rated = "[[workload]]\nname = \"web\"\ncriticality = \"critical\"\nmatch = [\"kubernetes:Deployment/shop/web\"]\n";
        let configuration = format!("snapshots = [\"snapshots/\"]\n\n{rated}");
        std::fs::write(root.path().join("mainstay.toml"), configuration).unwrap();
        root
    }

    fn entry(&self, (address, before, after): &(String, Option<Json>, Option<Json>)) -> Json {
        let role_of = |side: &Option<Json>| side.as_ref().map(|side| side["roleRef"].clone());
        let actions = match (before, after) {
            (None, _) => json!(["create"]),
            (_, None) => json!(["delete"]),
            (before, after) if before == after => json!(["no-op"]),
            // It cannot be changed in place.
            (before, after) if role_of(before) != role_of(after) => json!(["delete", "create"]),
            _ => json!(["update"]),
        };
        let side = |side: &Option<Json>| side.as_ref().map(|side| json!({"manifest": side}));
        let name = address.split_once('.').unwrap().1;
        let mut entry = json!({"address": address, "mode": "managed", "type": "kubernetes_manifest", "name": name,
            "provider_name": "registry.terraform.io/hashicorp/kubernetes",
            "change": {"actions": actions, "before": side(before), "after": side(after), "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": {}}});
        if let Some((_, from)) = self.moved.iter().find(|(to, _)| to == address) {
            entry["previous_address"] = from.as_str().into();
        }
        entry
    }

    fn check(&self) -> Judged {
        let folder = self.folder(true);
        Judged::of(&mainstay(folder.path(), &["check", "plan.json", "--now", NOW, "--format", "json"]))
    }

    /// Nothing is lost, and nothing is said.
    fn is_quiet(&self, what: &str) {
        let judged = self.check();
        assert_eq!(judged.loud(), Vec::<String>::new(), "{what}: {:#}", judged.report);
        assert_eq!(judged.code, 0, "{what}: {:#}", judged.report);
    }

    /// The deployment may fall, by the change at this address.
    fn may_fall(&self, what: &str, by: &str) -> Judged {
        let judged = self.check();
        let found = judged.by_plan("breaks-workload");
        let [finding] = found.as_slice() else { panic!("{what}: {:#}", judged.report) };
        assert_eq!(finding["certainty"], "possible", "{what}: {finding:#}");
        assert_eq!(finding["affects"][0]["node"], "kubernetes:Deployment/shop/web", "{what}: {finding:#}");
        let causes: Vec<&Json> =
            finding["causes"].as_array().unwrap().iter().map(|one| &one["address"]).collect();
        assert_eq!(causes, [&json!(format!("kubernetes_manifest.{by}"))], "{what}: {finding:#}");
        assert!(judged.code > 0, "{what}");
        judged
    }

    /// Before and after, by `mainstay can`.
    fn can(&self, who: &str, action: &str, scope: &str, listed: bool) -> (String, String) {
        let folder = self.folder(listed);
        let asked = ["can", who, action, scope, "--plan", "plan.json", "--now", NOW, "--format", "json"];
        let output = mainstay(folder.path(), &asked);
        let answer: Json =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let may = |side: &str| answer[side]["may"].as_str().unwrap().to_owned();
        (may("before"), may("after"))
    }
}

const WEB: &str = "kubernetes:ServiceAccount/shop/web";

fn pair(before: &str, after: &str) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

#[test]
fn the_last_binding_of_an_account_in_use_is_a_possible_loss() {
    let reader = role("reader", &["get,list||pods"]);
    let one = bound("readers", "reader", &[account("web")]);
    let gone = cluster().with("reader", reader.clone()).without("readers", one.clone());
    let judged = gone.may_fall("the binding", "readers");
    assert_eq!(judged.code, 3, "it is critical");
    assert_eq!(gone.can(WEB, "get pods", "shop", true), pair("yes", "no"));
    assert_eq!(gone.can(WEB, "get pods./web-0", "shop", true), pair("yes", "no"));
    assert_eq!(gone.can(WEB, "get pods/log", "shop", true), pair("no", "no"));
    assert_eq!(gone.can(WEB, "get pods", "*", true), pair("no", "no"));
    assert_eq!(gone.can("kubernetes:ServiceAccount/shop/worker", "get pods", "shop", true), pair("no", "no"));
    // Of another account nothing is missed by it; that it goes is said.
    let other = cluster()
        .with("reader", reader.clone())
        .without("readers", bound("readers", "reader", &[account("worker")]));
    let judged = other.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
    assert_eq!(judged.by_plan("removes-access").len(), 1, "{:#}", judged.report);
    // Everything that the account is by its name counts.
    let group = json!({"kind": "Group", "apiGroup": RBAC, "name": "system:serviceaccounts:shop"});
    let user = json!({"kind": "User", "apiGroup": RBAC, "name": "system:serviceaccount:shop:web"});
    for subject in [group, user] {
        let by = bound("readers", "reader", std::slice::from_ref(&subject));
        let lost = cluster().with("reader", reader.clone()).without("readers", by.clone());
        lost.may_fall(&subject.to_string(), "readers");
        let kept = cluster().with("reader", reader.clone()).with("readers", by).without("own", one.clone());
        kept.is_quiet(&format!("covered by {subject}"));
    }
}

#[test]
fn what_an_equal_or_broader_binding_gives_is_no_loss() {
    let base = || {
        cluster()
            .with("reader", role("reader", &["get,list||pods"]))
            .with("wide", cluster_role("wide", json!({}), &["*||pods,services"]))
            .with("narrow", cluster_role("narrow", json!({}), &["get||pods"]))
    };
    let one = bound("readers", "reader", &[account("web")]);
    let gone = |more: fn(Cluster) -> Cluster| more(base()).without("readers", one.clone());
    for (what, kept) in [
        (
            "the same, under another name",
            gone(|c| c.created("again", bound("again", "reader", &[account("web")]))),
        ),
        ("there already", gone(|c| c.with("again", bound("again", "reader", &[account("web")])))),
        ("a broader role", gone(|c| c.created("again", bound("again", "cluster:wide", &[account("web")])))),
        ("everywhere", gone(|c| c.created("again", bound_everywhere("again", "wide", &[account("web")])))),
        (
            "by two",
            gone(|c| {
                c.with("lister", role("lister", &["list||pods"]))
                    .with("one", bound("one", "lister", &[account("web")]))
                    .with("two", bound("two", "cluster:narrow", &[account("web")]))
            }),
        ),
    ] {
        kept.is_quiet(what);
    }
    let less = gone(|c| c.created("again", bound("again", "cluster:narrow", &[account("web")])));
    less.may_fall("a narrower role", "readers");
    assert_eq!(less.can(WEB, "get pods", "shop", true), pair("yes", "yes"));
    assert_eq!(less.can(WEB, "list pods", "shop", true), pair("yes", "no"));
}

#[test]
fn changes_in_place() {
    let one = || bound("readers", "reader", &[account("web")]);
    let role_to = |after: &[&str]| {
        let before = role("reader", &["get,list||pods", "get|apps|deployments"]);
        cluster().with("readers", one()).change("reader", Some(before), Some(role("reader", after)))
    };
    role_to(&["get,list||pods", "get|apps|deployments", "get||secrets"]).is_quiet("one rule more");
    role_to(&["get|apps|deployments", "list,get||pods"]).is_quiet("another order");
    role_to(&["get||pods", "list||pods", "get|apps|deployments"]).is_quiet("a rule split in two");
    role_to(&["get,list||pods", "*|*|*"]).is_quiet("a broader rule");
    let shrunk = role_to(&["get||pods", "get|apps|deployments"]);
    shrunk.may_fall("a verb less", "reader");
    assert_eq!(shrunk.can(WEB, "list pods", "shop", true), pair("yes", "no"));
    assert_eq!(shrunk.can(WEB, "get pods", "shop", true), pair("yes", "yes"));
    role_to(&[]).may_fall("no rules at all", "reader");
    let gone = cluster().with("readers", one()).without("reader", role("reader", &["get||pods"]));
    gone.may_fall("the role itself", "reader");

    let base = || {
        cluster()
            .with("reader", role("reader", &["get,list||pods"]))
            .with("writer", role("writer", &["get,list,update||pods"]))
    };
    let to = |role: &str, subjects: &[Json]| Some(bound("readers", role, subjects));
    let web = || [account("web")];
    base().change("readers", to("reader", &web()), to("writer", &web())).is_quiet("a broader role");
    base()
        .change("readers", to("writer", &web()), to("reader", &web()))
        .may_fall("a narrower role", "readers");
    let both = [account("web"), account("worker")];
    base()
        .change("readers", to("reader", &both), to("reader", &[account("worker")]))
        .may_fall("no subject more", "readers");
    base().change("readers", to("reader", &both), to("reader", &web())).check().the("removes-access");
    let turned = [account("worker"), account("web")];
    base().change("readers", to("reader", &both), to("reader", &turned)).is_quiet("another order");
    let doubled = [account("web"), account("web")];
    base().change("readers", to("reader", &doubled), to("reader", &web())).is_quiet("the same twice");
    base().moved("readers", "renamed", bound("readers", "reader", &web())).is_quiet("moved");
    // The workload runs as somebody else.
    let other = Cluster { others: cluster().others, ..Cluster::default() }
        .with("reader", role("reader", &["get||pods"]))
        .with("readers", one())
        .with("account", object("ServiceAccount", Some("shop"), "web", json!({})))
        .with("other_account", object("ServiceAccount", Some("shop"), "worker", json!({})))
        .with("padding_role", cluster_role("padding", json!({}), &[]))
        .change("deployment", Some(deployment("web")), Some(deployment("worker")));
    other.may_fall("another account", "deployment");
}

#[test]
fn aggregated_roles_are_those_that_they_select() {
    let view = || {
        aggregate(
            "view",
            json!([{"matchLabels": {"to": "view"}}, {"matchExpressions": [
        {"key": "also", "operator": "In", "values": ["view"]}, {"key": "not", "operator": "DoesNotExist"}]}]),
        )
    };
    let source = |labels: Json, list: &[&str]| cluster_role("pods", labels, list);
    let own = || source(json!({"to": "view"}), &["get,list||pods"]);
    let base = || {
        cluster().with("view", view()).with("viewers", bound("viewers", "cluster:view", &[account("web")]))
    };
    assert_eq!(base().with("pods", own()).can(WEB, "list pods", "shop", true), pair("yes", "yes"));
    base().with("pods", own()).is_quiet("nothing changes");
    let gone = base().without("pods", own());
    gone.may_fall("the source", "pods");
    assert_eq!(gone.can(WEB, "list pods", "shop", true), pair("yes", "no"));
    let changed = |after: Json| base().change("pods", Some(own()), Some(after));
    changed(source(json!({"to": "edit"}), &["get,list||pods"])).may_fall("its label", "pods");
    changed(source(json!({}), &["get,list||pods"])).may_fall("no label", "pods");
    changed(source(json!({"to": "view"}), &["get||pods"])).may_fall("its rules", "pods");
    changed(source(json!({"to": "view", "not": "x"}), &["get,list||pods,services"])).is_quiet("more rules");
    changed(source(json!({"also": "view"}), &["get,list||pods"])).is_quiet("another selector");
    changed(source(json!({"also": "view", "not": "x"}), &["get,list||pods"]))
        .may_fall("not that one", "pods");
    let moved = base()
        .without("pods", own())
        .created("two", cluster_role("two", json!({"to": "view"}), &["*||pods"]));
    moved.is_quiet("another source");
    // The selectors change, and the roles stay.
    let selects = |after: Json| {
        cluster()
            .with("viewers", bound("viewers", "cluster:view", &[account("web")]))
            .with("pods", own())
            .change("view", Some(view()), Some(aggregate("view", after)))
    };
    selects(json!([{"matchLabels": {"to": "edit"}}])).may_fall("the selector", "view");
    selects(json!([])).may_fall("no selector", "view");
    selects(json!([{}])).is_quiet("everything");
    // By way of another one; what a list says of the rules of either is not asked.
    let mut stale = aggregate("edit", json!([{"matchLabels": {"to": "edit"}}]));
    stale["rules"] = rules(&["*|*|*"]);
    let mut between = view();
    between["metadata"]["labels"] = json!({"to": "edit"});
    between["rules"] = rules(&["*|*|*"]);
    let nested = cluster()
        .with("edit", stale)
        .with("view", between)
        .with("editors", bound("editors", "cluster:edit", &[account("web")]))
        .without("pods", own());
    nested.may_fall("by way of another", "pods");
    assert_eq!(nested.can(WEB, "list pods", "shop", true), pair("yes", "no"));
    assert_eq!(nested.can(WEB, "delete pods", "shop", true), pair("no", "no"));
}

#[test]
fn a_role_that_no_list_could_show_is_not_known() {
    let bare = cluster().with("readers", bound("readers", "elsewhere", &[account("web")]));
    assert_eq!(bare.can(WEB, "get pods", "shop", true), pair("no", "no"), "the list is complete");
    assert_eq!(bare.can(WEB, "get pods", "shop", false), pair("unknown", "unknown"));
}

#[test]
fn users_and_groups_are_names() {
    let user = |name: &str| json!({"kind": "User", "apiGroup": RBAC, "name": name});
    let group = |name: &str| json!({"kind": "Group", "apiGroup": RBAC, "name": name});
    let reader = || cluster().with("reader", role("reader", &["get||pods"]));
    let people = reader().without("readers", bound("readers", "reader", &[user("Jane"), group("devs")]));
    assert_eq!(people.can("kubernetes-user:Jane", "get pods", "shop", true), pair("yes", "no"));
    let others = people.clone().with("others", bound("others", "reader", &[group("devs")]));
    assert_eq!(others.can("kubernetes-user:Jane", "get pods", "shop", true), pair("yes", "unknown"));
    assert_eq!(people.can("kubernetes-group:devs", "get pods", "shop", true), pair("yes", "no"));
    let judged = people.check();
    assert!(judged.by_plan("breaks-workload").is_empty(), "{:#}", judged.report);
    assert!(judged.by_plan("destroys-identity").is_empty(), "a name stays: {:#}", judged.report);
    let two = reader()
        .with("readers", bound("readers", "reader", &[user("Jane")]))
        .with("writers", bound("writers", "gone", &[user("jane")]));
    assert_eq!(two.can("kubernetes-user:Jane", "get pods", "shop", true), pair("yes", "yes"));
    assert_eq!(two.can("kubernetes-user:jane", "get pods", "shop", true), pair("no", "no"));
}

#[test]
fn the_cases_of_the_oracle_with_aggregated_roles() {
    let cases: Vec<Json> = serde_json::from_str(include_str!("../oracles/kubernetes/cases.json")).unwrap();
    let words =
        |value: &Json| value.as_str().unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut judged = 0;
    for case in cases.iter().filter(|case| case.get("aggregates").is_some()) {
        let mut items = cluster();
        let (namespace, name) = case["principal"].as_str().unwrap().split_once('/').unwrap();
        items.others.push(object("ServiceAccount", Some(namespace), name, json!({})));
        let labels = |name: &str| case["labels"].get(name).cloned().unwrap_or(json!({}));
        let mut names: Vec<&String> = Vec::new();
        for key in ["roles", "aggregates"] {
            names.extend(case[key].as_object().into_iter().flatten().map(|(name, _)| name));
        }
        names.sort();
        names.dedup();
        for full in names {
            let list: Vec<Json> = case["roles"][full]
                .as_array()
                .into_iter()
                .flatten()
                .map(|rule| match rule[1] == "url" {
                    true => json!({"verbs": words(&rule[0]), "nonResourceURLs": words(&rule[2])}),
                    false => json!({"verbs": words(&rule[0]), "apiGroups": words(&rule[1]), "resources": words(&rule[2])}),
                })
                .collect();
            let (home, own) =
                full.split_once('/').map_or((None, full.as_str()), |(home, own)| (Some(home), own));
            let kind = if home.is_some() { "Role" } else { "ClusterRole" };
            let mut made = object(kind, home, own, json!({"rules": list}));
            made["metadata"]["labels"] = labels(full);
            if let Some(selectors) = case["aggregates"].get(full) {
                made["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
            }
            items.others.push(made);
        }
        for (number, binding) in case["bindings"].as_array().unwrap().iter().enumerate() {
            let role = binding["role"].as_str().unwrap();
            let subjects: Vec<Json> = binding["to"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    let (_, full) = one.as_str().unwrap().split_once(':').unwrap();
                    let (home, own) = full.split_once('/').unwrap();
                    json!({"kind": "ServiceAccount", "namespace": home, "name": own})
                })
                .collect();
            let name = format!("b{number}");
            items.others.push(match binding["in"].as_str().unwrap() {
                "*" => bound_everywhere(&name, role, &subjects),
                home => {
                    let mut made = bound(&name, &format!("cluster:{role}"), &subjects);
                    made["metadata"]["namespace"] = home.into();
                    made
                }
            });
        }
        let group = case["group"].as_str().map(|group| format!(".{group}")).unwrap_or_default();
        let action =
            format!("{} {}{group}", case["verb"].as_str().unwrap(), case["resource"].as_str().unwrap());
        let who = format!("kubernetes:ServiceAccount/{namespace}/{name}");
        let told = items.can(&who, &action, case["scope"].as_str().unwrap(), true).0;
        assert_eq!(case["expect"], told, "{} ({})", case["case"], case["source"]);
        judged += 1;
    }
    assert!(judged > 10, "{judged}");
}
