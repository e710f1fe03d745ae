//! Role-based access control of Kubernetes, case by case, and what must hold of any cluster.
//!
//! The cases of `tests/oracles/kubernetes/cases.json` are judged here too, each with its source; aggregated roles are
//! put together in the estate, and judged in `tests/integration/kubernetes.rs`.

use crate::access::{
    Cloud, Gathered, KnownGrant, KnownRole, Routes, Through, World, holders_of_account, role_id,
};
use crate::model::{Alias, Coverage, Grant, Permission, Side};
use proptest::prelude::*;
use serde_json::Value;

/// A small cluster, said in a few words.
#[derive(Debug, Clone, Default)]
struct Cluster {
    roles: Vec<(String, Option<Vec<Permission>>)>,
    bindings: Vec<(String, String, Vec<String>)>,
    gathered: Vec<(String, String)>,
    open: Vec<String>,
}

fn cluster() -> Cluster {
    Cluster::default()
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

/// `verbs | groups | resources | names`, or `verbs | url | URLs`; commas between several.
fn rule(text: &str) -> Permission {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let resources = match parts[1] {
        "url" => words(parts[2]).iter().map(|url| format!("url:{url}")).collect(),
        groups => {
            let groups = words(groups);
            let all = words(parts[2]);
            let in_groups = |one: &String| groups.iter().map(|group| format!("{one}.{group}")).collect();
            all.iter().flat_map(|one| -> Vec<String> { in_groups(one) }).collect()
        }
    };
    let names = parts.get(3).map(|names| words(names)).unwrap_or_default();
    Permission { actions: words(parts[0]), resources, names, ..Permission::default() }
}

/// `sa:NS/NAME`, `user:NAME`, `group:NAME`, `?` for one that is known only after apply.
fn who(text: &str) -> Alias {
    match text.split_once(':') {
        Some(("sa", name)) => Alias::new("kubernetes", &format!("ServiceAccount/{name}")),
        Some(("user", name)) => Alias::new("kubernetes-user", name),
        Some(("group", name)) => Alias::new("kubernetes-group", name),
        _ => Alias::new("kubernetes-user", "known after apply: x.y"),
    }
}

/// The id of a role: `NS/NAME` is a Role, `NAME` a ClusterRole.
fn id(role: &str) -> String {
    match role.contains('/') {
        true => format!("Role/{role}"),
        false => format!("ClusterRole/{role}"),
    }
}

impl Cluster {
    fn role(mut self, name: &str, rules: &[&str]) -> Cluster {
        self.roles.push((name.to_owned(), Some(rules.iter().map(|text| rule(text)).collect())));
        self
    }

    /// What it allows is known only after apply.
    fn role_after_apply(mut self, name: &str) -> Cluster {
        self.roles.push((name.to_owned(), None));
        self
    }

    /// In a namespace, or `*`; `Role/NAME` is one of that namespace.
    fn bind(mut self, place: &str, role: &str, subjects: &[&str]) -> Cluster {
        let role = match role.strip_prefix("Role/") {
            Some(name) => format!("{place}/{name}"),
            None => role.to_owned(),
        };
        let subjects = subjects.iter().map(|one| (*one).to_owned()).collect();
        self.bindings.push((place.to_owned(), role, subjects));
        self
    }

    fn gathers(mut self, role: &str, other: &str) -> Cluster {
        self.gathered.push((role.to_owned(), other.to_owned()));
        self
    }

    /// No source lists all roles of this kind.
    fn not_listed(mut self, kind: &str) -> Cluster {
        self.open.push(kind.to_owned());
        self
    }

    fn world(&self) -> World {
        let mut world = World::default();
        for kind in ["Role", "ClusterRole"].iter().filter(|kind| !self.open.iter().any(|open| open == *kind))
        {
            world.roles_listed.insert((*kind).to_owned());
        }
        let cloud = Some(Cloud::Kubernetes);
        for (number, (name, permissions)) in self.roles.iter().enumerate() {
            let known = KnownRole {
                key: 900 + number,
                cloud,
                side: Side::Both,
                change: None,
                permissions: permissions.clone(),
            };
            world.roles_by_id.entry(role_id("kubernetes", &id(name))).or_default().push(known);
        }
        for (role, other) in &self.gathered {
            let at = self.roles.iter().position(|(name, _)| name == other).unwrap();
            let through = vec![Through { role: 900 + at, id: id(other), side: Side::Both, change: None }];
            world.gathered.entry(role_id("kubernetes", &id(role))).or_default().push(Gathered {
                side: Side::Both,
                change: None,
                through,
                permissions: self.roles[at].1.clone(),
                doubt: None,
            });
        }
        let mut key = 0;
        for (place, role, subjects) in &self.bindings {
            for subject in subjects {
                let holder = who(subject);
                let grant = Grant {
                    cloud: "kubernetes".to_owned(),
                    principal: Some(holder.clone()),
                    principal_type: None,
                    role_id: Some(if role == "?" { "known after apply: r".to_owned() } else { id(role) }),
                    role_name: None,
                    scope: Some(place.replace('?', "known after apply: ns")),
                    condition: None,
                    allows: None,
                };
                if subject == "?" {
                    world.unknown_principals.insert(holder.clone());
                }
                let known = KnownGrant { key, grant, listed_for: Vec::new() };
                world.grants.entry(holder).or_default().push(known);
                key += 1;
            }
        }
        world
    }

    fn granted(&self, number: usize) -> KnownGrant {
        let world = self.world();
        world.grants.values().flatten().find(|known| known.key == number).unwrap().clone()
    }

    fn may(&self, asking: &str, action: &str, scope: &str) -> &'static str {
        may(&self.world().can(Cloud::Kubernetes, &who(asking), action, scope))
    }
}

fn may(routes: &Routes) -> &'static str {
    match routes.routes.iter().any(|route| route.coverage == Coverage::Sure) {
        true => "yes",
        false if routes.routes.is_empty() => "no",
        false => "unknown",
    }
}

/// Name, source, what is there, who asks, action, scope, answer.
type Row = (&'static str, &'static str, Cluster, &'static str, &'static str, &'static str, &'static str);

fn judge(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for (name, source, cluster, asking, action, scope, expected) in rows {
        let routes = cluster.world().can(Cloud::Kubernetes, &who(asking), action, scope);
        if may(&routes) != expected {
            wrong.push(format!("{name} ({source}): wanted {expected}, got {routes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One of the hand-made cases, spelled as `mainstay can` takes it.
fn from_case(case: &Value) -> (Cluster, String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut built = cluster();
    for (name, rules) in case["roles"].as_object().into_iter().flatten() {
        let rules: Vec<String> = rules
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join("|"))
            .collect();
        built = built.role(name, &rules.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for binding in case["bindings"].as_array().unwrap() {
        let (place, role) = (text(&binding["in"]), text(&binding["role"]));
        if place == "*" && role.starts_with("Role/") {
            // No grant is read off such a binding: see the catalog.
            continue;
        }
        let subjects: Vec<String> = binding["to"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .map(|one| match one.strip_prefix("sa:").filter(|name| !name.contains('/')) {
                Some(name) => format!("sa:{place}/{name}"),
                None => one,
            })
            .filter(|one| !one.starts_with("sa:*/"))
            .collect();
        built = built.bind(&place, &role, &subjects.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let action = match case.get("url") {
        Some(url) => format!("{} {}", text(&case["verb"]), text(url)),
        None => {
            let (sub, group, name) = (text(&case["subresource"]), text(&case["group"]), text(&case["name"]));
            let mut what = text(&case["resource"]);
            if !sub.is_empty() {
                what = format!("{what}/{sub}");
            }
            if !group.is_empty() || !name.is_empty() {
                what = format!("{what}.{group}");
            }
            if !name.is_empty() {
                what = format!("{what}/{name}");
            }
            format!("{} {what}", text(&case["verb"]))
        }
    };
    (built, format!("sa:{}", text(&case["principal"])), action, text(&case["scope"]))
}

#[test]
fn the_hand_made_cases_of_the_oracle() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../tests/oracles/kubernetes/cases.json")).unwrap();
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for case in cases.iter().filter(|case| case.get("aggregates").is_none()) {
        let (built, asking, action, scope) = from_case(case);
        let told = built.may(&asking, &action, &scope);
        judged += 1;
        if case["expect"] != told {
            wrong.push(format!("{} ({}): {action} on {scope}: {told}", case["case"], case["source"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 100, "{judged}");
}

const RBAC: &str = "Using RBAC Authorization";
const AUTHENTICATING: &str = "Authenticating";

#[test]
fn users_and_groups() {
    let reader = || cluster().role("shop/reader", &["get,list||pods"]);
    let to = |subject: &str| reader().bind("shop", "Role/reader", &[subject]);
    let all = || cluster().role("admin", &["*|*|*", "*|url|*"]);
    judge(vec![
        ("a user", RBAC, to("user:jane"), "user:jane", "get pods", "shop", "yes"),
        (
            "another user, and no group has anything",
            RBAC,
            to("user:jane"),
            "user:joe",
            "get pods",
            "shop",
            "no",
        ),
        ("letter case of users counts", RBAC, to("user:Jane"), "user:jane", "get pods", "shop", "no"),
        ("letter case of groups counts", RBAC, to("group:Devs"), "group:devs", "get pods", "shop", "no"),
        ("a slash at the end of a name", RBAC, to("user:jane/"), "user:jane", "get pods", "shop", "no"),
        ("a group", RBAC, to("group:devs"), "group:devs", "get pods", "shop", "yes"),
        (
            "a user may be in any group",
            AUTHENTICATING,
            to("group:devs"),
            "user:jane",
            "get pods",
            "shop",
            "unknown",
        ),
        ("no service account is", AUTHENTICATING, to("group:devs"), "sa:shop/web", "get pods", "shop", "no"),
        ("no group is in another one", RBAC, to("group:devs"), "group:ops", "get pods", "shop", "no"),
        ("a group of the user name", RBAC, to("group:jane"), "user:jane", "get secrets", "shop", "no"),
        (
            "no user gets among service accounts",
            AUTHENTICATING,
            to("group:system:serviceaccounts"),
            "user:jane",
            "get pods",
            "shop",
            "no",
        ),
        (
            "all are authenticated",
            AUTHENTICATING,
            to("group:system:authenticated"),
            "user:jane",
            "get pods",
            "shop",
            "yes",
        ),
        (
            "who is in a group is, too",
            AUTHENTICATING,
            to("group:system:authenticated"),
            "group:devs",
            "get pods",
            "shop",
            "yes",
        ),
        (
            "nobody is not",
            AUTHENTICATING,
            to("group:system:authenticated"),
            "user:system:anonymous",
            "get pods",
            "shop",
            "no",
        ),
        (
            "nobody has a group of his own",
            AUTHENTICATING,
            to("group:system:unauthenticated"),
            "user:system:anonymous",
            "get pods",
            "shop",
            "yes",
        ),
        (
            "a service account by its user name",
            AUTHENTICATING,
            to("sa:shop/web"),
            "user:system:serviceaccount:shop:web",
            "get pods",
            "shop",
            "yes",
        ),
        (
            "the accounts of a namespace are service accounts",
            AUTHENTICATING,
            to("group:system:serviceaccounts"),
            "group:system:serviceaccounts:shop",
            "get pods",
            "shop",
            "yes",
        ),
        (
            "not the other way round",
            AUTHENTICATING,
            to("group:system:serviceaccounts:shop"),
            "group:system:serviceaccounts",
            "get pods",
            "shop",
            "no",
        ),
        (
            "a user with all",
            RBAC,
            all().bind("*", "admin", &["user:root"]),
            "user:root",
            "delete nodes",
            "*",
            "yes",
        ),
        ("and URLs", RBAC, all().bind("*", "admin", &["user:root"]), "user:root", "get /metrics", "*", "yes"),
        (
            "no URLs by a namespace",
            RBAC,
            all().bind("shop", "admin", &["user:root"]),
            "user:root",
            "get /metrics",
            "*",
            "no",
        ),
        (
            "no URLs in a namespace",
            RBAC,
            all().bind("shop", "admin", &["user:root"]),
            "user:root",
            "get /metrics",
            "shop",
            "no",
        ),
    ]);
}

#[test]
fn what_is_not_known_is_not_told() {
    let gone = |role: &str| cluster().bind("shop", role, &["sa:shop/web"]);
    let after = || cluster().role_after_apply("shop/r").bind("shop", "Role/r", &["sa:shop/web"]);
    let some = || cluster().role("r", &["get||pods"]);
    let asks = |cluster: Cluster, expected| (cluster, "sa:shop/web", "get pods", "shop", expected);
    let rows = [
        ("a role that a complete list does not have", asks(gone("Role/gone"), "no")),
        ("a cluster role that it does not have", asks(gone("gone"), "no")),
        ("a role that no list could show", asks(gone("Role/gone").not_listed("Role"), "unknown")),
        ("a cluster role that no list could show", asks(gone("gone").not_listed("ClusterRole"), "unknown")),
        ("the other kind is listed", asks(gone("Role/gone").not_listed("ClusterRole"), "no")),
        ("rules that are known after apply", asks(after(), "unknown")),
        ("a role that is known after apply", asks(gone("?"), "unknown")),
        ("a namespace that is known after apply", asks(some().bind("?", "r", &["sa:shop/web"]), "unknown")),
        ("a subject that is known after apply", asks(some().bind("shop", "r", &["?"]), "unknown")),
        (
            "something else surely does",
            asks(some().bind("?", "r", &["sa:shop/web"]).bind("*", "r", &["sa:shop/web"]), "yes"),
        ),
        ("a role without rules", asks(cluster().role("r", &[]).bind("*", "r", &["sa:shop/web"]), "no")),
        (
            "what a role gathers",
            asks(some().role("all", &[]).gathers("all", "r").bind("*", "all", &["sa:shop/web"]), "yes"),
        ),
        (
            "what else it may gather",
            asks(
                some()
                    .role("other", &["get||secrets"])
                    .role("all", &[])
                    .gathers("all", "other")
                    .bind("*", "all", &["sa:shop/web"])
                    .not_listed("ClusterRole"),
                "unknown",
            ),
        ),
    ];
    judge(rows.into_iter().map(|(name, (c, w, a, s, e))| (name, RBAC, c, w, a, s, e)).collect());
    // In a namespace that is known after apply, but surely not in all of them.
    assert_eq!(some().bind("?", "r", &["sa:shop/web"]).may("sa:shop/web", "get pods", "*"), "no");
    let missing = gone("Role/gone").not_listed("Role").world();
    let routes = missing.can(Cloud::Kubernetes, &who("sa:shop/web"), "get pods", "shop").routes;
    assert!(routes[0].coverage.doubt().is_some_and(|unknown| unknown.missing_input));
}

#[test]
fn an_action_without_verb_is_about_nothing() {
    let all = cluster().role("admin", &["*|*|*"]).bind("*", "admin", &["sa:shop/web"]);
    assert_eq!(all.may("sa:shop/web", "pods", "shop"), "no");
}

/// What of a grant is surely covered by others, and what is not.
fn without(cluster: &Cluster, number: usize, asking: &str) -> Option<(Vec<String>, Vec<String>)> {
    let all = cluster.world().all_of(&who(asking), &cluster.granted(number))?;
    let covered = |routes: &Routes| {
        routes.routes.iter().any(|route| route.grant != number && route.coverage == Coverage::Sure)
    };
    let (yes, no): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, routes)| covered(routes));
    let labels = |list: Vec<(String, Routes)>| list.into_iter().map(|(label, _)| label).collect();
    Some((labels(yes), labels(no)))
}

/// Source: Kubernetes, `policy_comparator_test.go`: a rule is covered if each verb, resource and name of it is.
#[test]
fn a_whole_grant_is_covered_piece_by_piece() {
    let base = |rules: &[&str]| cluster().role("old", rules).bind("shop", "old", &["sa:shop/web"]);
    let with =
        |rules: &[&str], other: &[&str]| base(rules).role("new", other).bind("shop", "new", &["sa:shop/web"]);
    for (name, built, lost) in [
        ("nothing else", base(&["get||pods"]), vec!["get pods"]),
        ("the same", with(&["get||pods"], &["get||pods"]), vec![]),
        (
            "split in two",
            with(&["get,list||pods,secrets"], &["get||pods,secrets", "list||secrets,pods"]),
            vec![],
        ),
        ("one piece less", with(&["get,list||pods"], &["get||pods"]), vec!["list pods"]),
        ("a star of verbs", with(&["get||pods"], &["*||pods"]), vec![]),
        ("a star is more than many", with(&["*||pods"], &["get,list,watch||pods"]), vec!["* pods"]),
        ("a star of groups", with(&["get|apps|deployments"], &["get|*|deployments"]), vec![]),
        ("all groups", with(&["get|*|deployments"], &["get|apps|deployments"]), vec!["get deployments.*"]),
        ("a subresource", with(&["get||pods/log"], &["get||pods"]), vec!["get pods/log"]),
        ("every scale", with(&["update|apps|deployments/scale"], &["update|*|*/scale"]), vec![]),
        ("names", with(&["get||pods|a,b"], &["get||pods|a"]), vec!["get pods./b"]),
        ("all names", with(&["get||pods"], &["get||pods|a,b"]), vec!["get pods"]),
        ("no names", with(&["get||pods|a,b"], &["get||pods"]), vec![]),
        ("URLs are not given in a namespace", base(&["get|url|/healthz"]), vec![]),
    ] {
        let (_, missing) = without(&built, 0, "sa:shop/web").unwrap();
        assert_eq!(missing, lost, "{name}");
    }
    let everywhere = base(&["get||pods"]).bind("*", "old", &["group:system:serviceaccounts:shop"]);
    assert_eq!(without(&everywhere, 0, "sa:shop/web").unwrap().1, [""; 0]);
    assert_eq!(without(&everywhere, 1, "group:system:serviceaccounts:shop").unwrap().1, ["get pods"]);
    let urls = cluster()
        .role("u", &["get|url|/a/*"])
        .role("v", &["get|url|/a*"])
        .bind("*", "u", &["sa:shop/web"])
        .bind("*", "v", &["sa:shop/web"]);
    assert_eq!(without(&urls, 0, "sa:shop/web").unwrap().1, [""; 0]);
    assert_eq!(without(&urls, 1, "sa:shop/web").unwrap().1, ["get /a*"]);
    // Of a role that is not there nothing is lost; of one that nobody knows nobody knows what.
    let gone = cluster().bind("shop", "Role/gone", &["sa:shop/web"]);
    assert_eq!(without(&gone, 0, "sa:shop/web"), Some((vec![], vec![])));
    assert_eq!(without(&gone.not_listed("Role"), 0, "sa:shop/web"), None);
    let gathered = cluster().role("r", &["get||pods"]).role("all", &[]).gathers("all", "r").bind(
        "shop",
        "all",
        &["sa:shop/web"],
    );
    assert_eq!(without(&gathered, 0, "sa:shop/web").unwrap().1, ["get pods"]);
}

#[test]
fn what_stands_in_for_a_role_that_nobody_knows() {
    let built = cluster()
        .not_listed("ClusterRole")
        .role("known", &["get||pods"])
        .bind("shop", "odd", &["sa:shop/web"])
        .bind("*", "odd", &["sa:shop/web"])
        .bind("shop", "known", &["sa:shop/web"])
        .bind("other", "odd", &["sa:shop/web"]);
    let routes = built.world().instead_of(&who("sa:shop/web"), &built.granted(0)).routes;
    let told: Vec<(usize, bool)> =
        routes.iter().map(|route| (route.grant, route.coverage == Coverage::Sure)).collect();
    assert_eq!(told, [(0, true), (1, true), (2, false)]);
}

#[test]
fn whose_grants_are_a_service_accounts_by_name() {
    let all = holders_of_account(&who("sa:shop/web"));
    let expected = [
        "sa:shop/web",
        "user:system:serviceaccount:shop:web",
        "group:system:serviceaccounts",
        "group:system:serviceaccounts:shop",
    ];
    assert_eq!(all, expected.map(who));
    assert_eq!(holders_of_account(&who("user:jane")), [who("user:jane")]);
}

const PLACES: [&str; 3] = ["shop", "ops", "*"];
const SUBJECTS: [&str; 5] = [
    "sa:shop/web",
    "sa:ops/web",
    "group:system:serviceaccounts:shop",
    "group:system:authenticated",
    "user:system:serviceaccount:shop:web",
];
const RULES: [&str; 9] = [
    "get||pods",
    "get,list||pods,pods/log",
    "*||pods",
    "get|*|*",
    "*|*|*",
    "get||pods|a",
    "update|apps|deployments/scale",
    "update|*|*/scale",
    "get|url|/healthz*",
];
const ACTIONS: [&str; 9] = [
    "get pods",
    "list pods",
    "get pods./a",
    "get pods/log",
    "update deployments/scale.apps",
    "get deployments.apps",
    "* pods",
    "get /healthz/x",
    "get /metrics",
];

/// Rules of each cluster role, and for each binding its place, role and subject, by number.
type Small = (Vec<Vec<usize>>, Vec<(usize, usize, usize)>);

fn small() -> impl Strategy<Value = Small> {
    let rules = prop::collection::vec(0..RULES.len(), 0..3);
    let binding = (0..PLACES.len(), 0..4usize, 0..SUBJECTS.len());
    (prop::collection::vec(rules, 4), prop::collection::vec(binding, 1..6))
}

fn built((roles, bindings): &Small) -> Cluster {
    let mut out = cluster();
    for (number, rules) in roles.iter().enumerate() {
        let rules: Vec<&str> = rules.iter().map(|rule| RULES[*rule]).collect();
        out = out.role(&format!("r{number}"), &rules);
    }
    for (place, role, subject) in bindings {
        out = out.bind(PLACES[*place], &format!("r{role}"), &[SUBJECTS[*subject]]);
    }
    out
}

/// Each action in each place, by the first subject.
fn all(small: &Small) -> Vec<bool> {
    let world = built(small).world();
    let asked = ACTIONS.iter().flat_map(|action| PLACES.iter().map(move |place| (action, place)));
    asked
        .map(|(action, place)| {
            let routes = world.can(Cloud::Kubernetes, &who(SUBJECTS[0]), action, place);
            assert_ne!(may(&routes), "unknown", "nothing here is in doubt: {action} on {place}");
            may(&routes) == "yes"
        })
        .collect()
}

fn no_more(less: &Small, more: &Small) -> bool {
    all(less).into_iter().zip(all(more)).all(|(less, more)| less <= more)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn fewer_grants_never_allow_more(small in small(), which in any::<prop::sample::Index>()) {
        let mut fewer = small.clone();
        fewer.1.remove(which.index(small.1.len()));
        prop_assert!(no_more(&fewer, &small));
    }

    #[test]
    fn fewer_rules_never_allow_more(small in small(), role in 0..4usize) {
        let mut fewer = small.clone();
        fewer.0[role].pop();
        prop_assert!(no_more(&fewer, &small));
    }

    #[test]
    fn a_broader_grant_loses_nothing(small in small(), which in any::<prop::sample::Index>()) {
        let mut broader = small.clone();
        let at = which.index(small.1.len());
        // In all namespaces instead of one.
        broader.1[at].0 = 2;
        prop_assert!(no_more(&small, &broader));
        let role = small.1[at].1;
        broader.0[role].push(4);
        prop_assert!(no_more(&small, &broader));
    }

    #[test]
    fn order_and_repetition_do_not_matter(small in small()) {
        let mut other = small.clone();
        other.1.reverse();
        other.1.extend(small.1.clone());
        other.0.iter_mut().for_each(|rules| {
            rules.reverse();
            rules.extend(rules.clone());
        });
        prop_assert_eq!(all(&small), all(&other));
    }

    /// If all that a grant allowed is told to be covered by the others, then no single action is lost with it; and what
    /// covers it does so still if another grant is broadened.
    #[test]
    fn a_grant_that_is_covered_is_not_missed(mut small in small(), which in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let at = which.index(small.1.len());
        small.1[at].2 = 0;
        let (_, lost) = without(&built(&small), at, SUBJECTS[0]).unwrap();
        let mut fewer = small.clone();
        fewer.1.remove(at);
        if lost.is_empty() {
            prop_assert_eq!(all(&small), all(&fewer));
        }
        let mut broader = small.clone();
        let other = other.index(small.1.len());
        if other != at {
            broader.1[other].0 = 2;
            let (_, still) = without(&built(&broader), at, SUBJECTS[0]).unwrap();
            prop_assert!(still.len() <= lost.len() || lost.is_empty() == still.is_empty(), "{still:?} of {lost:?}");
            prop_assert!(!lost.is_empty() || still.is_empty());
        }
    }
}
