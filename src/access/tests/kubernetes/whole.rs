//! A whole binding goes: is everything that it gives still given?

use super::{Cluster, cluster, who};
use crate::access::Routes;
use crate::model::Coverage;

/// What of a grant is surely covered by others, and what is not.
pub(super) fn without(cluster: &Cluster, number: usize, asking: &str) -> Option<(Vec<String>, Vec<String>)> {
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
fn of_many_pieces_that_nobody_tells_apart_one_stands_for_all() {
    let kinds = |count: usize| (0..count).map(|one| format!("k{one}")).collect::<Vec<_>>().join(",");
    let wide = format!("get,list,watch|apps|{}", kinds(40));
    let some = format!("*|apps|{}", kinds(39));
    let base = |other: &str| {
        cluster()
            .role("old", &[&wide, "get||pods"])
            .role("new", &[other])
            .bind("shop", "old", &["sa:shop/web"])
            .bind("shop", "new", &["sa:shop/web"])
    };
    let told = |other: &str| without(&base(other), 0, "sa:shop/web").unwrap();
    let all = "get k0.apps and 119 more".to_owned();
    assert_eq!(told("list||pods"), (vec![], vec!["get k0.apps and 120 more".to_owned()]));
    assert_eq!(told(&wide), (vec![all.clone()], vec!["get pods".to_owned()]));
    assert_eq!(told("*|*|*"), (vec!["get k0.apps and 120 more".to_owned()], vec![]));
    let (yes, no) = told(&some);
    assert_eq!(yes, ["get k0.apps and 116 more"]);
    assert_eq!(no, ["get k39.apps and 3 more"], "and get pods");
    let (yes, no) = told(&wide.replace("get,list,watch", "watch,get"));
    assert_eq!((yes.len(), no.len()), (1, 1), "{yes:?} {no:?}");
    assert_eq!(no, ["get pods and 40 more"]);
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
