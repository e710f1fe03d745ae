//! A whole grant goes: is everything that it allows still allowed?

use super::Answer::{self, Covered, Lost, Unknown};
use super::{Builder, fits, who, world};

const HERE: &str = "/subscriptions/s1/resourceGroups/rg1";

/// Grant 0 goes; every need is answered by the others. The answer for each label, in order.
fn without_the_first(built: &Builder, expected: &[(&str, Answer)]) {
    let all = built.world().all_of(&who("sp"), &built.granted(0)).unwrap();
    let labels: Vec<&str> = all.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, expected.iter().map(|(label, _)| *label).collect::<Vec<_>>());
    for ((label, routes), (_, answer)) in all.into_iter().zip(expected) {
        assert!(routes.routes.iter().any(|route| route.grant == 0), "{label}: the grant itself covers");
        let mut rest = routes;
        rest.routes.retain(|route| route.grant != 0);
        fits(&rest, *answer).unwrap_or_else(|got| panic!("{label}: {got}"));
    }
}

#[test]
fn two_roles_together_cover_what_one_allowed() {
    let built = world()
        .plain("both", &["A/x/write", "B/y/read"])
        .plain("a", &["A/*"])
        .plain("b", &["*/read"])
        .grant("sp", "both", HERE)
        .grant("sp", "a", HERE)
        .grant("sp", "b", "/");
    without_the_first(
        &built,
        &[("A/x/write", Covered("a on the same")), ("B/y/read", Covered("b on an enclosing"))],
    );
}

#[test]
fn one_pattern_that_nobody_else_has_is_named() {
    let built = world()
        .plain("both", &["A/x/write", "B/y/delete"])
        .plain("a", &["A/*", "B/*/read"])
        .grant("sp", "both", HERE)
        .grant("sp", "a", HERE);
    without_the_first(&built, &[("A/x/write", Covered("a")), ("B/y/delete", Lost(2))]);
}

#[test]
fn what_the_role_left_out_itself_is_not_missed() {
    let built = world()
        .role("old", &["A/*"], &["A/secret/*"], &[], &[])
        .role("new", &["A/*"], &["A/secret/*"], &[], &[])
        .role("narrower", &["A/*"], &["A/secret/read"], &[], &[])
        .grant("sp", "old", HERE)
        .grant("sp", "new", HERE)
        .grant("sp", "narrower", HERE);
    without_the_first(&built, &[("A/*", Covered("new"))]);
}

#[test]
fn star_against_star() {
    let owner = || world().plain("owner", &["*"]).grant("sp", "owner", HERE);
    without_the_first(&owner().plain("other", &["*"]).grant("sp", "other", HERE), &[("*", Covered("other"))]);
    without_the_first(&owner().plain("reader", &["*/read"]).grant("sp", "reader", HERE), &[("*", Lost(2))]);
    // Today's providers are no proof: tomorrow has one more.
    let some = owner().plain("some", &["A/*", "B/*"]).grant("sp", "some", HERE);
    without_the_first(&some, &[("*", Lost(2))]);
    without_the_first(&owner().plain("all", &["**"]).grant("sp", "all", HERE), &[("*", Covered("all"))]);
}

#[test]
fn what_one_role_leaves_out_another_may_give() {
    let most = world()
        .plain("owner", &["*"])
        .role("contributor", &["*"], &["Auth/*/write", "Auth/*/delete"], &[], &[])
        .plain("access", &["Auth/roleAssignments/*"])
        .plain("writer", &["Auth/*/write"])
        .grant("sp", "owner", HERE)
        .grant("sp", "contributor", HERE);
    without_the_first(
        &most.clone().grant("sp", "access", HERE).grant("sp", "writer", HERE),
        &[("*", Covered("contributor")), ("Auth/*/write", Covered("writer")), ("Auth/*/delete", Lost(4))],
    );
    without_the_first(
        &most,
        &[("*", Covered("contributor")), ("Auth/*/write", Lost(2)), ("Auth/*/delete", Lost(2))],
    );
}

#[test]
fn data_is_missed_apart_from_control() {
    let built = world()
        .role("both", &["A/*"], &[], &["A/*"], &["A/keys/*"])
        .plain("control", &["*"])
        .role("data", &[], &[], &["*"], &["A/keys/get"])
        .grant("sp", "both", HERE)
        .grant("sp", "control", HERE);
    without_the_first(&built, &[("A/*", Covered("control")), ("A/* (data)", Lost(2))]);
    let built = built.grant("sp", "data", HERE);
    without_the_first(&built, &[("A/*", Covered("control")), ("A/* (data)", Covered("data"))]);
}

#[test]
fn nothing_is_said_of_a_role_that_nobody_defines() {
    let built = world()
        .grant("sp", "dark", HERE)
        .grant("sp", "dark", "/subscriptions/s1")
        .grant("sp", "bright", HERE);
    assert!(built.world().all_of(&who("sp"), &built.granted(0)).is_none());
    // The same role above surely stands in for it; what is elsewhere never does.
    let without = |built: &Builder| {
        let mut routes = built.world().instead_of(&who("sp"), &built.granted(0));
        routes.routes.retain(|route| route.grant != 0);
        routes
    };
    fits(&without(&built), Covered("/subscriptions/s1")).unwrap();
    let other = world().grant("sp", "dark", HERE).grant("sp", "bright", "/");
    fits(&without(&other), Unknown("no source defines role")).unwrap();
    let elsewhere = world().grant("sp", "dark", HERE).grant("sp", "bright", "/subscriptions/s2");
    fits(&without(&elsewhere), Lost(1)).unwrap();
    let group = world().grant("sp", "dark", HERE).grant("g", "dark", "/").of_group().member("g", "sp");
    fits(&without(&group), Covered("through group g")).unwrap();
}
