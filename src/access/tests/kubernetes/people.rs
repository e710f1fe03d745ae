//! Users, groups, and what is not known.

use super::{Cluster, cluster, judge, who};
use crate::access::{Cloud, holders_of_account};

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
