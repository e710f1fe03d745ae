//! Who may do what, and as whom: identities, grants, denies, quorums.

use super::super::Falling::{Possible, Removed, Stays};
use super::super::{Forever, Graph, Never};
use super::{AT_ONCE, Worked, case};
use crate::model::{Class, Horizon, Presence};

/// Three services that run as one account, and an account of the test environment that goes.
fn accounts(production: &str) -> Graph {
    let graph = Graph::default().node("test account", Class::Identity, "PA").node(
        "production account",
        Class::Identity,
        production,
    );
    ["api", "payments", "jobs"]
        .into_iter()
        .fold(graph, |graph, name| graph.workload(name).need(name, "runs as", &["production account"]))
}

/// An account made anew under its old name; the grant is the old one's.
fn namesake() -> Graph {
    Graph::default()
        .node("account", Class::Identity, "PA")
        .node("namesake", Class::Identity, "AP")
        .workload("api")
        .grant("g", "PP")
        .need("g", "its principal", &["account"])
        .need("api", "runs as", &["account<", "namesake>"])
        .need("api", "may read", &["g"])
        .one_change(&["account", "namesake", "api"])
}

/// A workload that needs one of two grants.
fn either(first: &str, second: &str) -> Graph {
    Graph::default().workload("app").grant("a", first).grant("b", second).need("app", "access", &["a", "b"])
}

/// A deny on the way from a workload to its grant.
fn denied_on_the_way() -> Graph {
    Graph::default()
        .workload("app")
        .grant("g", "PP")
        .grant("deny", "AP")
        .node("route", Class::Other, "PP")
        .need("route", "a grant", &["g"])
        .need("route", "no deny", &["!deny"])
        .need("app", "access", &["route"])
}

fn perhaps_denied() -> Graph {
    Graph::default().workload("app").grant("g", "PP").grant("deny", "A?").need("app", "access", &["g"]).need(
        "app",
        "no deny",
        &["!deny"],
    )
}

/// Two members that both rest on one group, before and after.
fn through_one_group() -> Graph {
    either("PP", "PP").node("group", Class::Membership, "PP").need("a", "by", &["group"]).need(
        "b",
        "by",
        &["group"],
    )
}

/// Two stores of which each has its own key; then both have the first one's.
fn keys_become_one() -> Graph {
    either("PP", "PP")
        .node("first key", Class::Secret, "PP")
        .node("second key", Class::Secret, "PP")
        .need("a", "key", &["first key"])
        .need("b", "key", &["second key<", "first key>"])
        .one_change(&["b"])
}

/// Two groups of three, of which two are needed; one group loses one member, the other loses two.
fn quorums() -> Graph {
    let members = [("m1", "PA"), ("m2", "PP"), ("m3", "PP"), ("n1", "PA"), ("n2", "PA"), ("n3", "PP")];
    members
        .into_iter()
        .fold(Graph::default().workload("loses one").workload("loses two"), |graph, (name, presence)| {
            graph.node(name, Class::Other, presence)
        })
        .need("loses one", "members", &["m1", "m2", "m3"])
        .at_least("loses one", "members", 2)
        .need("loses two", "members", &["n1", "n2", "n3"])
        .at_least("loses two", "members", 2)
}

/// A right that an identity merely has, and another one.
fn merely_had() -> Graph {
    Graph::default()
        .workload("app")
        .node("account", Class::Identity, "PP")
        .grant("a", "PA")
        .grant("b", "PP")
        .need("app", "runs as", &["account"])
        .need("account", "has a", &["a"])
        .need("account", "has b", &["b"])
        .assumed("account", "has a")
        .assumed("account", "has b")
}

/// A need of which nothing is known beside one that is assumed, and lost.
fn doubt_elsewhere() -> Graph {
    Graph::default()
        .workload("app")
        .node("unknown", Class::Other, "??")
        .grant("a", "PA")
        .need("app", "something else", &["unknown"])
        .need("app", "has a", &["a"])
        .assumed("app", "has a")
}

fn one(presence: &str) -> Graph {
    Graph::default().workload("app").grant("g", presence).need("app", "access", &["g"])
}

pub(super) fn cases() -> Vec<Worked> {
    let services = ["api", "payments", "jobs"];
    let perhaps = Possible(Never, Forever);
    vec![
        case("a cleanup takes the production account with the test one", accounts("PA"))
            .all_fall(&services, AT_ONCE)
            .causes("api", &["production account"], &["production account"]),
        case("a cleanup takes the test account alone", accounts("PP"))
            .all_fall(&services, Stays)
            .falls("test account", Removed),
        case("an account made anew under its name is somebody else", namesake())
            .falls("api", AT_ONCE)
            .falls("g", AT_ONCE)
            .causes("api", &["account"], &["account"]),
        case("one of two grants goes", either("PA", "PP")).stays("app").weakens(&[("app", "access")]),
        case("a deny comes", denied_on_the_way()).falls("app", AT_ONCE).stays("g").causes(
            "app",
            &["deny"],
            &["deny"],
        ),
        case("a deny comes whose condition nobody can decide", perhaps_denied()).falls("app", perhaps),
        case("two grants through one group were never two", through_one_group()).stays("app").weakens(&[]),
        case("two keys become one, and there are still two", keys_become_one())
            .stays("app")
            .weakens(&[("app", "access")]),
        case("two of three: one goes, and elsewhere two", quorums())
            .stays("loses one")
            .falls("loses two", AT_ONCE)
            .causes("loses two", &[], &["n1", "n2"])
            .weakens(&[("loses one", "members")]),
        case("a right goes that is merely assumed to be used", merely_had()).falls("app", perhaps),
        case("a doubt elsewhere hides no assumed loss", doubt_elsewhere()).falls("app", perhaps),
        case("an old snapshot still shows the other grant", either("PP", "PA")).stays("app"),
        case("the other grant went with the plan before", either("AA", "PA")).falls("app", AT_ONCE).causes(
            "app",
            &["b"],
            &["b"],
        ),
        case("two plans take one grant each", either("PA", "PA")).falls("app", AT_ONCE).causes(
            "app",
            &[],
            &["a", "b"],
        ),
        case("a plan that repairs", one("AP"))
            .stays("app")
            .before("app", Horizon::NEVER)
            .after("app", Horizon::FOREVER),
        case("the state forgets a grant that stays", one("PP")).stays("app"),
        case("deleted after it was made anew under its own key", {
            one("PA").during("g", Presence::Present)
        })
        .falls("app", AT_ONCE),
    ]
}
