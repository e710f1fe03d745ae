//! Things that rest on each other: what runs may hold itself up, rights may not.

use super::Falling::{Certain, Stays};
use super::{Graph, Never, day, judge};
use crate::model::{Class, Horizon, Phase};

/// Two services that call each other; one needs a grant besides.
fn pair(grant: &str, phase: Phase) -> Graph {
    Graph::default()
        .workload("a")
        .workload("b")
        .grant("g", grant)
        .need("a", "calls b", &["b"])
        .need("b", "calls a", &["a"])
        .need("a", "access", &["g"])
        .but("a", "calls b", |need| need.phase = phase)
        .but("b", "calls a", |need| need.phase = phase)
}

/// Two groups in each other, each with a grant from outside.
fn groups(first: &str, second: &str) -> Graph {
    Graph::default()
        .workload("app")
        .grant("x", first)
        .grant("y", second)
        .node("one", Class::Membership, "PP")
        .node("two", Class::Membership, "PP")
        .need("one", "grants", &["x", "two"])
        .need("two", "grants", &["y", "one"])
        .need("app", "access", &["one"])
}

#[test]
fn cycles() {
    let lost = Certain(Never, Never);
    let three = Graph::default()
        .node("a", Class::Identity, "PP")
        .node("b", Class::Trust, "PP")
        .node("c", Class::Grant, "PP")
        .need("a", "x", &["b"])
        .need("b", "x", &["c"])
        .need("c", "x", &["a"]);
    let through = Graph::default()
        .workload("app")
        .node("secret", Class::Secret, "PP")
        .grant("g", "PA")
        .need("secret", "written by", &["app"])
        .need("app", "reads", &["secret"])
        .need("app", "access", &["g"]);
    judge(vec![
        (
            "one of them is starved, calls only while running",
            pair("PA", Phase::Run),
            vec![("a", lost), ("b", lost)],
        ),
        ("groups in each other, one grant stays", groups("PA", "PP"), vec![("app", Stays)]),
        ("rights that rest on nothing but each other never held", three, vec![("a", Stays), ("c", Stays)]),
        ("a circle through something that runs, starved", through, vec![("app", lost), ("secret", lost)]),
    ]);
}

#[test]
fn what_holds_itself_up() {
    let rights = Graph::default()
        .node("a", Class::Grant, "PP")
        .node("b", Class::Grant, "PP")
        .need("a", "x", &["b"])
        .need("b", "x", &["a"])
        .judged();
    assert_eq!(rights.before.of(rights.at("a")), Horizon::NEVER);
    let alone = Graph::default().workload("w").need("w", "itself", &["w"]).judged();
    assert_eq!(alone.before.of(alone.at("w")), Horizon::FOREVER);
    let ended = Graph::default()
        .workload("a")
        .workload("b")
        .ends(day(4.0), day(4.0))
        .need("a", "b", &["b"])
        .need("b", "a", &["a"])
        .judged();
    assert_eq!(ended.before.of(ended.at("a")), Horizon::exactly(day(4.0)));
}
