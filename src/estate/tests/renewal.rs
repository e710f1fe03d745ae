//! Certificates: valid for a while, renewed by a path that may be lost.

use super::Falling::{Certain, Possible, Stays};
use super::{Eventually, Falling, Forever, Graph, Moment, Never, day, instant};
use crate::model::{Class, Horizon};

/// An ingress with a certificate that an issuer renews by these grants.
fn issued(grants: &[(&str, &str)], supports: &[&str], end: Option<f64>, at: Option<f64>, seen: f64) -> Graph {
    let mut graph = Graph::default()
        .workload("ingress")
        .node("certificate", Class::Certificate, "PP")
        .node("issuer", Class::Other, "PP")
        .node("solver", Class::Identity, "PP")
        .need("ingress", "certificate", &["certificate"])
        .need("certificate", "renewal", &["issuer"])
        .need("issuer", "identity", &["solver"])
        .renews("certificate", "renewal", end, at, seen);
    for (name, presence) in grants {
        graph = graph.grant(name, presence).need(name, "its principal", &["solver"]);
    }
    graph.need("issuer", "may write records", supports)
}

/// Name, graph, what becomes of the ingress, when a renewal fails first (days).
type Row = (&'static str, Graph, Falling, Option<f64>);

#[test]
fn renewals() {
    let (end, at) = (Some(16.0), Some(0.7));
    let usual = |grants: &[(&str, &str)], supports: &[&str]| issued(grants, supports, end, at, 0.0);
    let lost = [("g", "PA")];
    let limited = |at: Option<f64>| {
        let mut graph =
            issued(&[("g", "PA")], &["g"], end, at, 0.0).grant("limited", "AP").ends(day(50.0), day(50.0));
        let support = graph.support("limited");
        graph.nodes[2].needs[1].supports.push(support);
        graph
    };
    let hidden = {
        let mut graph = usual(&lost, &["g"]).node("token", Class::Token, "PP").ends(day(5.0), day(5.0));
        graph = graph.need("ingress", "a token", &["token"]);
        graph
    };
    let rows: Vec<Row> = vec![
        ("the only grant goes", usual(&lost, &["g"]), Certain(day(16.0), day(16.0)), Some(0.7)),
        ("nothing goes", usual(&[("g", "PP")], &["g"]), Stays, None),
        ("a wider grant covers", usual(&[("g", "PA"), ("wide", "PP")], &["g", "wide"]), Stays, None),
        (
            "made anew under another name",
            usual(&[("g", "PA"), ("again", "AP")], &["g", "again"]),
            Stays,
            None,
        ),
        (
            "what stays is conditional",
            usual(&[("g", "PA"), ("if", "PP")], &["g", "if?"]),
            Possible(day(16.0), Forever),
            Some(0.7),
        ),
        (
            "for whom the new one is, is known after apply",
            usual(&[("g", "PA"), ("new", "A?")], &["g", "new"]),
            Possible(day(16.0), Forever),
            Some(0.7),
        ),
        (
            "a source is missing",
            usual(&[("g", "PA"), ("unseen", "??")], &["g", "unseen"]),
            Possible(day(16.0), Forever),
            Some(0.7),
        ),
        (
            "two grants, and both go",
            usual(&[("g", "PA"), ("h", "PA")], &["g", "h"]),
            Certain(day(16.0), day(16.0)),
            Some(0.7),
        ),
        (
            "ended since the snapshot: renewed since, or down",
            issued(&lost, &["g"], Some(-3.0), Some(-18.0), -20.0),
            Certain(Never, Eventually),
            Some(0.0),
        ),
        (
            "ended before the snapshot",
            issued(&lost, &["g"], Some(-30.0), Some(-40.0), -20.0),
            Certain(Never, Never),
            Some(0.0),
        ),
        (
            "overdue when seen",
            issued(&lost, &["g"], end, Some(-1.0), 0.0),
            Certain(day(16.0), day(16.0)),
            Some(0.0),
        ),
        ("replaced by a grant for 50 days", limited(at), Certain(day(50.0), Eventually), Some(0.7)),
        (
            "replaced by a grant for 50 days, first try not known",
            limited(None),
            Certain(day(50.0), Eventually),
            None,
        ),
        ("first try not known", issued(&lost, &["g"], end, None, 0.0), Certain(day(16.0), day(16.0)), None),
        ("end not known", issued(&lost, &["g"], None, None, 0.0), Certain(Never, Eventually), None),
        ("an earlier end elsewhere hides nothing", hidden, Possible(day(5.0), day(5.0)), Some(0.7)),
    ];
    for (name, graph, falling, first) in rows {
        let judged = graph.judged();
        assert_eq!(judged.falling("ingress"), falling, "{name}");
        assert_eq!(judged.first_failure("ingress"), first.map(instant), "{name}: first failure");
    }
}

fn before(graph: Graph, name: &str) -> Horizon {
    let judged = graph.judged();
    judged.before.of(judged.at(name))
}

#[test]
fn a_renewal_that_was_overdue_when_seen_is_in_doubt_already() {
    let overdue = issued(&[("g", "PP")], &["g"], Some(16.0), Some(-1.0), 0.0);
    assert_eq!(before(overdue, "ingress"), Horizon { sure: day(16.0), possible: Forever });
    let gone = issued(&[("g", "AA")], &["g"], Some(16.0), Some(0.7), 0.0);
    assert_eq!(before(gone, "ingress"), Horizon::exactly(day(16.0)));
}

#[test]
fn an_issuing_certificate_ends_all_that_it_issued() {
    let graph = Graph::default()
        .workload("app")
        .node("ca", Class::Certificate, "PP")
        .ends(day(20.0), day(20.0))
        .node("leaf", Class::Certificate, "PP")
        .need("leaf", "chain", &["ca"])
        .need("leaf", "renewal", &["ca"])
        .renews("leaf", "renewal", Some(60.0), Some(30.0), 0.0)
        .need("app", "certificate", &["leaf"]);
    assert_eq!(before(graph.clone(), "app"), Horizon::exactly(day(20.0)));
    assert_eq!(graph.judged().falling("app"), Stays);
}

/// The child renews itself; its parent does not any more.
#[test]
fn the_end_of_a_parent_is_the_end_of_its_children() {
    let graph = Graph::default()
        .workload("service")
        .node("renewer", Class::Workload, "PA")
        .node("parent", Class::Token, "PP")
        .node("child", Class::Token, "PP")
        .need("parent", "renewal", &["renewer"])
        .renews("parent", "renewal", Some(3.0), Some(1.0), 0.0)
        .need("child", "renewal", &["service"])
        .renews("child", "renewal", Some(1.0), Some(0.5), 0.0)
        .need("child", "parent", &["parent"])
        .need("service", "token", &["child"]);
    let three: Moment = day(3.0);
    assert_eq!(graph.judged().falling("service"), Certain(three, three));
}
