//! Tokens, certificates and other things with an end, and what a service is moved to.

use super::super::Falling::{Certain, PerhapsInterrupted, Removed, Stays};
use super::super::{Eventually, Graph, Never, day};
use super::{AT_ONCE, Worked, case, on, until};
use crate::model::{Class, Horizon};

const SERVICES: [&str; 3] = ["api", "payments", "jobs"];
const FRONT_ENDS: [&str; 3] = ["shop", "mail", "wiki"];

/// Services move from passwords of their own to children of one token that the plan makes.
fn children_of(token: Graph) -> Graph {
    let names = [("api", "p1", "c1"), ("payments", "p2", "c2"), ("jobs", "p3", "c3")];
    let graph = names.into_iter().fold(token, |graph, (service, password, child)| {
        graph
            .workload(service)
            .node(password, Class::Credential, "PA")
            .node(child, Class::Credential, "AP")
            .need(child, "parent", &["token"])
            .need(service, "login", &[&format!("{password}<"), &format!("{child}>")])
    });
    let all = names.iter().flat_map(|(service, password, child)| [*service, *password, *child]);
    graph.one_change(&["token"].into_iter().chain(all).collect::<Vec<_>>())
}

fn new_token() -> Graph {
    Graph::default().node("token", Class::Token, "AP")
}

fn periodic_token() -> Graph {
    new_token().node("renewer", Class::Other, "PP").need("token", "renewal", &["renewer"]).renews(
        "token",
        "renewal",
        Some(30.0),
        Some(10.0),
        0.0,
    )
}

/// A service with something that ends, and no plan.
fn standing(days: f64) -> Graph {
    Graph::default().workload("service").node("token", Class::Token, "PP").ends(day(days), day(days)).need(
        "service",
        "login",
        &["token"],
    )
}

/// Three front ends with an uploaded certificate that ends in 9 days, or with one that is issued and renewed.
fn front_ends(supports: &[&str], uploaded: &str) -> Graph {
    let graph = Graph::default()
        .node("uploaded", Class::Certificate, uploaded)
        .ends(day(9.0), day(9.0))
        .node("issued", Class::Certificate, "PP");
    FRONT_ENDS
        .into_iter()
        .fold(graph, |graph, name| graph.workload(name).need(name, "certificate", supports))
        .one_change(&FRONT_ENDS)
}

/// Devices that a service knows by an identifier; a flag guards the code that needs the new one.
fn devices(identifier: &str) -> Graph {
    Graph::default()
        .node("the flag is off", Class::Flag, "AA")
        .node("old identifier", Class::Identity, identifier)
        .workload("devices")
        .need("devices", "enrolled by", &["old identifier"])
}

fn token_tree() -> Graph {
    Graph::default()
        .node("root", Class::Token, "PA")
        .node("middle", Class::Token, "PP")
        .node("leaf", Class::Credential, "PP")
        .node("orphan", Class::Token, "PP")
        .need("middle", "parent", &["root"])
        .need("leaf", "parent", &["middle"])
        .workload("by leaf")
        .workload("by middle")
        .workload("by orphan")
        .need("by leaf", "token", &["leaf"])
        .need("by middle", "token", &["middle"])
        .need("by orphan", "token", &["orphan"])
}

/// The child renews itself; nobody renews its parent any more.
fn periodic_parent() -> Graph {
    Graph::default()
        .workload("service")
        .node("renewer", Class::Workload, "PA")
        .node("parent", Class::Token, "PP")
        .node("child", Class::Token, "PP")
        .need("parent", "renewal", &["renewer"])
        .renews("parent", "renewal", Some(3.0), Some(1.0), 0.0)
        .need("child", "renewal", &["service"])
        .renews("child", "renewal", Some(1.0), Some(0.5), 0.0)
        .need("child", "parent", &["parent"])
        .need("service", "token", &["child"])
}

/// A leaf that is renewed by a certificate with an end.
fn chain() -> Graph {
    Graph::default()
        .workload("app")
        .node("authority", Class::Certificate, "PP")
        .ends(day(20.0), day(20.0))
        .node("leaf", Class::Certificate, "PP")
        .need("leaf", "chain", &["authority"])
        .need("leaf", "renewal", &["authority"])
        .renews("leaf", "renewal", Some(60.0), Some(30.0), 0.0)
        .need("app", "certificate", &["leaf"])
}

fn already_ended() -> Graph {
    Graph::default().workload("app").node("old", Class::Certificate, "PA").ends(day(-3.0), day(-3.0)).need(
        "app",
        "certificate",
        &["old"],
    )
}

fn to_a_shorter_one() -> Graph {
    Graph::default()
        .node("long", Class::Certificate, "PP")
        .ends(day(90.0), day(90.0))
        .node("short", Class::Certificate, "PP")
        .ends(day(2.0), day(2.0))
        .workload("app")
        .need("app", "certificate", &["long<", "short>"])
        .one_change(&["app"])
}

/// A change of the application leads to a secret that the plan makes, and to an identity that it deletes.
fn to_new_and_gone() -> Graph {
    Graph::default()
        .node("old secret", Class::Secret, "PP")
        .node("new secret", Class::Secret, "AP")
        .node("old identity", Class::Identity, "PP")
        .node("other identity", Class::Identity, "PA")
        .workload("app")
        .need("app", "secret", &["old secret<", "new secret>"])
        .need("app", "identity", &["old identity<", "other identity>"])
        .one_change(&["app"])
}

pub(super) fn cases() -> Vec<Worked> {
    vec![
        case("moved to children of a token for 32 days", {
            children_of(new_token().ends(day(32.0), day(32.0)))
        })
        .all_fall(&SERVICES, on(32.0))
        .causes("api", &["token"], &["token"]),
        case("moved to children of a token, nobody knows when it was issued", {
            children_of(new_token().ends_some_day())
        })
        .all_fall(&SERVICES, Certain(Never, Eventually)),
        case("moved to children of a token that is renewed for ever", children_of(periodic_token()))
            .all_fall(&SERVICES, PerhapsInterrupted)
            .after("api", Horizon::FOREVER),
        case("a token that ends by itself, whatever is planned", standing(14.0))
            .stays("service")
            .before("service", until(14.0)),
        case("a token takes its children with it, and no orphan", token_tree())
            .falls("by leaf", AT_ONCE)
            .falls("by middle", AT_ONCE)
            .stays("by orphan")
            .causes("by leaf", &["root"], &["root"]),
        case("a child that renews itself ends with its parent", periodic_parent()).falls("service", on(3.0)),
        case("the identifier of all devices changes", devices("PA")).falls("devices", AT_ONCE),
        case("the flag is on already, and nothing else changes", devices("PP")).stays("devices"),
        case("a release needs the flag to be off", {
            devices("PP").new_need("devices", "only while off", &["the flag is off"])
        })
        .falls("devices", AT_ONCE),
        case("a certificate ends that nobody touches", front_ends(&["uploaded"], "PP"))
            .all_fall(&FRONT_ENDS, Stays)
            .before("shop", until(9.0)),
        case("a certificate is deleted in use", front_ends(&["uploaded"], "PA"))
            .all_fall(&FRONT_ENDS, AT_ONCE)
            .causes("shop", &["uploaded"], &["uploaded"]),
        // That the secret would not be there if the plan made nothing else is no loss by the application's change.
        case("moved to what is new, and to what goes", to_new_and_gone()).falls("app", AT_ONCE).causes(
            "app",
            &[],
            &["app", "other identity"],
        ),
        case("moved to another certificate, then the old one is deleted", {
            front_ends(&["uploaded<", "issued>"], "PA")
        })
        .all_fall(&FRONT_ENDS, Stays)
        .falls("uploaded", Removed)
        .before("shop", until(9.0))
        .after("shop", Horizon::FOREVER),
        case("moved to a certificate that ends sooner", to_a_shorter_one()).falls("app", on(2.0)).causes(
            "app",
            &["app"],
            &["app"],
        ),
        case("the issuing certificate ends before the one it renews", chain())
            .stays("app")
            .before("app", until(20.0)),
        case("a certificate that ended three days ago is deleted", already_ended())
            .stays("app")
            .before("app", Horizon::NEVER),
    ]
}
