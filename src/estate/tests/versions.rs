//! Needs and supports that stand only before or only after: things are moved, made anew, needed anew.

use super::Falling::{Certain, PerhapsInterrupted, Removed, Stays};
use super::{Eventually, Graph, Never, day, judge};
use crate::model::{Class, Side};

/// Three front ends move from one certificate to another, or do not.
fn moved(supports: &[&str], presence: &str) -> Graph {
    let mut graph = Graph::default().node("old", Class::Certificate, presence).ends(day(9.0), day(9.0)).node(
        "new",
        Class::Certificate,
        "PP",
    );
    for name in ["one", "two", "three"] {
        graph = graph.workload(name).need(name, "certificate", supports);
    }
    graph
}

/// Services move from passwords of their own to children of one token.
fn tokens(token: Graph) -> Graph {
    let mut graph = token;
    for (service, password, child) in [("a", "pa", "ca"), ("b", "pb", "cb")] {
        graph = graph
            .workload(service)
            .node(password, Class::Credential, "PA")
            .node(child, Class::Credential, "AP")
            .need(child, "parent", &["token"])
            .need(service, "login", &[&format!("{password}<"), &format!("{child}>")]);
    }
    graph
}

#[test]
fn what_is_used_changes() {
    let sooner = Graph::default()
        .workload("app")
        .node("old", Class::Certificate, "PP")
        .ends(day(90.0), day(90.0))
        .node("new", Class::Certificate, "PP")
        .ends(day(2.0), day(2.0))
        .need("app", "certificate", &["old<", "new>"]);
    let lost = Certain(Never, Never);
    judge(vec![
        ("nothing is planned, it ends by itself", moved(&["old"], "PP"), vec![("one", Stays)]),
        ("deleted in use", moved(&["old"], "PA"), vec![("one", lost), ("two", lost), ("three", lost)]),
        (
            "moved, then deleted",
            moved(&["old<", "new>"], "PA"),
            vec![("one", Stays), ("three", Stays), ("old", Removed)],
        ),
        ("moved to one that ends sooner", sooner, vec![("app", Certain(day(2.0), day(2.0))), ("old", Stays)]),
    ]);
    assert_eq!(moved(&["old"], "PP").judged().before.of(super::NodeIx(2)).possible, day(9.0));
}

#[test]
fn what_is_moved_to_has_an_end() {
    let fixed = Graph::default().node("token", Class::Token, "AP").ends(day(32.0), day(32.0));
    let open = Graph::default().node("token", Class::Token, "AP").ends_some_day();
    let periodic = Graph::default()
        .node("token", Class::Token, "AP")
        .node("renewer", Class::Other, "PP")
        .need("token", "renewal", &["renewer"])
        .renews("token", "renewal", Some(30.0), Some(10.0), 0.0);
    judge(vec![
        (
            "issued by the plan for 32 days",
            tokens(fixed),
            vec![("a", Certain(day(32.0), day(32.0))), ("b", Certain(day(32.0), day(32.0)))],
        ),
        ("issued some day before", tokens(open), vec![("a", Certain(Never, Eventually))]),
        ("renewed for ever", tokens(periodic), vec![("a", PerhapsInterrupted), ("b", PerhapsInterrupted)]),
    ]);
}

#[test]
fn somebody_else_under_the_same_name() {
    let graph = Graph::default()
        .workload("api")
        .node("id", Class::Identity, "PA")
        .node("id made anew", Class::Identity, "AP")
        .grant("g", "PP")
        .need("g", "its principal", &["id"])
        .need("api", "runs as", &["id<", "id made anew>"])
        .need("api", "may read", &["g"]);
    judge(vec![(
        "the grant stays with the one who is gone",
        graph,
        vec![("api", Certain(Never, Never)), ("g", Certain(Never, Never))],
    )]);
}

#[test]
fn shared_and_separate_identities() {
    let services = |production: &'static str| {
        let mut graph = Graph::default().node("test", Class::Identity, "PA").node(
            "production",
            Class::Identity,
            production,
        );
        for name in ["api", "pay", "jobs"] {
            graph = graph.workload(name).need(name, "runs as", &["production"]);
        }
        graph
    };
    let lost = Certain(Never, Never);
    judge(vec![
        (
            "test goes alone",
            services("PP"),
            vec![("api", Stays), ("pay", Stays), ("jobs", Stays), ("test", Removed)],
        ),
        ("production goes as well", services("PA"), vec![("api", lost), ("pay", lost), ("jobs", lost)]),
    ]);
}

#[test]
fn needs_that_come_and_go() {
    let flagged = |flag: &'static str, side: Side| {
        Graph::default()
            .workload("devices")
            .node("flag is off", Class::Flag, flag)
            .need("devices", "the flag is off", &["flag is off"])
            .but("devices", "the flag is off", |need| need.side = side)
    };
    let keys = Graph::default()
        .workload("app")
        .node("k1", Class::Secret, "PP")
        .node("k2", Class::Secret, "PP")
        .grant("a", "PP")
        .grant("b", "PP")
        .need("a", "key", &["k1"])
        .need("b", "key", &["k2<", "k1>"])
        .need("app", "either", &["a", "b"]);
    judge(vec![
        (
            "a need that is new and not met",
            flagged("AA", Side::After),
            vec![("devices", Certain(Never, Never))],
        ),
        ("a need that is new and met", flagged("PP", Side::After), vec![("devices", Stays)]),
        (
            "a need that is new, and what meets it goes",
            flagged("PA", Side::After),
            vec![("devices", Certain(Never, Never))],
        ),
        ("a need that is no more", flagged("PA", Side::Before), vec![("devices", Stays)]),
        ("two keys become one", keys, vec![("app", Stays)]),
    ]);
}

/// What a snapshot shows and what was already applied since.
#[test]
fn the_last_of_two_grants() {
    let two = |first: &'static str| {
        Graph::default().workload("app").grant("a", first).grant("b", "PA").need("app", "access", &["a", "b"])
    };
    judge(vec![
        ("the other one stands", two("PP"), vec![("app", Stays)]),
        ("the other one went yesterday", two("AA"), vec![("app", Certain(Never, Never))]),
        ("another plan takes the other one", two("PA"), vec![("app", Certain(Never, Never))]),
    ]);
}
