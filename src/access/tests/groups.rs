//! Grants through groups.

use super::Answer::{Covered, Lost, Unknown};
use super::{Builder, judge, who, world};
use crate::access::Cloud;
use std::sync::Arc;

const ASSIGN: &str = "Azure RBAC overview: the token holds transitive groups";
const MEMBERS: &str = "a member list alone says who is not in a group";
const HERE: &str = "/subscriptions/s1";
const WRITE: &str = "Microsoft.Network/dnsZones/TXT/write";

fn granted(group: &str) -> Builder {
    world().plain("r", &["Microsoft.Network/*"]).grant(group, "r", HERE).of_group()
}

#[test]
fn groups() {
    judge(vec![
        ("direct", ASSIGN, granted("g").member("g", "sp"), WRITE, HERE, Covered("through group g")),
        (
            "nested",
            ASSIGN,
            granted("outer").member("outer", "inner").member("inner", "sp"),
            WRITE,
            HERE,
            Covered("through group outer"),
        ),
        (
            "nested thrice",
            ASSIGN,
            granted("a").member("a", "b").member("b", "c").member("c", "sp"),
            WRITE,
            HERE,
            Covered("through group a"),
        ),
        (
            "in a circle, with the principal in it",
            ASSIGN,
            granted("a").member("a", "b").member("b", "a").member("a", "sp"),
            WRITE,
            HERE,
            Covered("through group a"),
        ),
        (
            "in a circle, all listed, the principal outside",
            MEMBERS,
            granted("a").member("a", "b").member("b", "a").listed("a").listed("b"),
            WRITE,
            HERE,
            Lost(0),
        ),
        (
            "nesting does not go downwards",
            ASSIGN,
            granted("inner").member("outer", "inner").member("outer", "sp").listed("inner"),
            WRITE,
            HERE,
            Lost(0),
        ),
        (
            "membership not known",
            MEMBERS,
            granted("g"),
            WRITE,
            HERE,
            Unknown("whether it is in group g is not known"),
        ),
        (
            "somebody else is a member",
            MEMBERS,
            granted("g").member("g", "other"),
            WRITE,
            HERE,
            Unknown("whether it is in group g"),
        ),
        (
            "listed, and not in it",
            MEMBERS,
            granted("g").member("g", "other").listed("g"),
            WRITE,
            HERE,
            Lost(0),
        ),
        (
            "listed, but a group in it is not",
            MEMBERS,
            granted("g").member("g", "inner").member("inner", "other").listed("g"),
            WRITE,
            HERE,
            Unknown("whether it is in group g"),
        ),
        (
            "listed, and so is the group in it",
            MEMBERS,
            granted("g").member("g", "inner").member("inner", "other").listed("g").listed("inner"),
            WRITE,
            HERE,
            Lost(0),
        ),
        (
            "another service principal's",
            ASSIGN,
            world().plain("r", &["Microsoft.Network/*"]).grant("other", "r", HERE),
            WRITE,
            HERE,
            Lost(0),
        ),
        (
            "of what sort the holder is is not known yet",
            "principal_type is computed",
            granted("x").with(|known| Arc::make_mut(&mut known.grant).principal_type = None),
            WRITE,
            HERE,
            Unknown("whether it is in group x"),
        ),
        (
            "whom it is granted to is not known yet",
            "unknown until apply is doubt",
            granted("x").with(|known| Arc::make_mut(&mut known.grant).principal_type = Some("?".to_owned())),
            WRITE,
            HERE,
            Unknown("whom it is for"),
        ),
        (
            "a group on a scope that does not count",
            ASSIGN,
            granted("g").member("g", "sp"),
            WRITE,
            "/subscriptions/s2",
            Lost(1),
        ),
    ]);
}

#[test]
fn an_unknown_membership_names_the_command_that_would_settle_it() {
    let routes = granted("g").world().can(Cloud::Azure, &who("sp"), WRITE, HERE);
    let crate::model::Coverage::Unknown(unknown) = &routes.routes[0].coverage else { panic!("sure") };
    assert_eq!(unknown.settle.as_deref(), Some("az ad group member list --group g -o json"));
    assert!(!unknown.missing_input);
}

#[test]
fn ways_into_a_group_are_all_kept() {
    let built = granted("g").member("g", "sp").member("g", "h").member("h", "sp");
    let groups = built.world().groups_of(&who("sp"));
    assert_eq!(groups[&who("g")].len(), 2);
    assert_eq!(groups[&who("h")].len(), 1);
}
