//! Things that rest on each other: what holds itself up, what comes up again, and ways out that rest on what they mend.

use super::super::Falling::{Interrupted, Possible, Stays};
use super::super::{Eventually, Forever, Graph, Never, day};
use super::{AT_ONCE, Worked, case};
use crate::model::{Class, Horizon, Phase, Presence};

/// Two services that call each other, and a grant that one of them needs.
fn pair(grant: &str) -> Graph {
    Graph::default()
        .workload("a")
        .workload("b")
        .grant("g", grant)
        .need("a", "calls", &["b"])
        .need("b", "calls", &["a"])
        .need("a", "access", &["g"])
}

/// One of the two is replaced, the old one first.
fn replaced() -> Graph {
    pair("PP").during("a", Presence::Absent)
}

/// The grant goes and its like comes.
fn made_anew() -> Graph {
    let mut graph = pair("PA").grant("again", "AP");
    let support = graph.support("again");
    graph.nodes[0].needs[1].supports.push(support);
    graph
}

/// Two groups in each other, each with a grant from outside that goes.
fn groups() -> Graph {
    Graph::default()
        .workload("app")
        .grant("x", "PA")
        .grant("y", "PA")
        .node("one", Class::Membership, "PP")
        .node("two", Class::Membership, "PP")
        .need("one", "grants", &["x", "two"])
        .need("two", "grants", &["y", "one"])
        .need("app", "access", &["one"])
}

/// A service that renews its own certificate, with that certificate.
fn renews_itself() -> Graph {
    Graph::default()
        .workload("app")
        .node("certificate", Class::Certificate, "PP")
        .need("app", "certificate", &["certificate"])
        .need("certificate", "renewal", &["app"])
        .renews("certificate", "renewal", Some(30.0), Some(10.0), 0.0)
}

/// A login with its own key beside one that goes through a device that must first log in.
fn ways_out() -> Graph {
    Graph::default()
        .workload("sign-in")
        .workload("device check")
        .node("token", Class::Token, "PP")
        .node("through the door", Class::Identity, "PP")
        .node("own key", Class::Identity, "PP")
        .need("sign-in", "database", &["token"])
        .need("token", "issued by", &["sign-in"])
        .need("device check", "login", &["sign-in"])
        .need("through the door", "login", &["device check"])
}

/// The same, where what is to be repaired rests on nothing above it.
fn way_out_without_a_circle() -> Graph {
    Graph::default()
        .workload("sign-in")
        .node("key", Class::Credential, "PP")
        .node("through the door", Class::Identity, "PP")
        .node("own key", Class::Identity, "PP")
        .need("sign-in", "database", &["key"])
        .need("through the door", "login", &["sign-in"])
}

pub(super) fn cases() -> Vec<Worked> {
    let perhaps = Possible(Never, Forever);
    vec![
        case("two that call each other, untouched", pair("PP"))
            .all_fall(&["a", "b"], Stays)
            .cold("a", Horizon::NEVER),
        case("two that call each other, one is starved", pair("PA")).all_fall(&["a", "b"], AT_ONCE).causes(
            "b",
            &["g"],
            &["g"],
        ),
        case("two that call each other, one is replaced: neither comes back", replaced())
            .all_fall(&["a", "b"], AT_ONCE)
            .causes("b", &["a"], &["a"]),
        case("two that call each other only while they run, one is replaced: both come back", {
            replaced().phase("a", "calls", Phase::Run).phase("b", "calls", Phase::Run)
        })
        .all_fall(&["a", "b"], Interrupted)
        .cold("a", Horizon::FOREVER),
        case("two that call each other, the grant of one is made anew, in which order nobody knows", {
            made_anew()
        })
        .all_fall(&["a", "b"], perhaps),
        case("groups in each other hold nothing up", groups()).falls("app", AT_ONCE).causes(
            "app",
            &[],
            &["x", "y"],
        ),
        case("a service that renews its certificate with it goes on, and cannot start", renews_itself())
            .stays("app")
            .before("app", Horizon::FOREVER)
            .cold("app", Horizon { sure: day(30.0), possible: Eventually }),
        case("a way out through a door that opens from inside", ways_out())
            .cold("through the door", Horizon::NEVER)
            .cold("own key", Horizon::FOREVER),
        case("a way out that can start, and not without what it is to repair", way_out_without_a_circle())
            .cold("through the door", Horizon::FOREVER)
            .without("through the door", "sign-in", Horizon::NEVER)
            .without("own key", "sign-in", Horizon::FOREVER),
    ]
}
