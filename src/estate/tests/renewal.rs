//! Certificates: valid for a while, renewed by a path that may be lost.

use super::Falling::Certain;
use super::{Eventually, Falling, Graph, Never, day, instant};
use crate::model::{Class, Horizon, Phase};

/// An ingress with a certificate that an issuer renews by these grants.
pub(super) fn issued(
    grants: &[(&str, &str)],
    supports: &[&str],
    end: Option<f64>,
    at: Option<f64>,
    seen: f64,
) -> Graph {
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
    let end = Some(16.0);
    let lost = [("g", "PA")];
    let limited = |at: Option<f64>| {
        let mut graph =
            issued(&[("g", "PA")], &["g"], end, at, 0.0).grant("limited", "AP").ends(day(50.0), day(50.0));
        let support = graph.support("limited");
        graph.nodes[2].needs[1].supports.push(support);
        graph
    };
    let rows: Vec<Row> = vec![
        (
            "ended before the snapshot",
            issued(&lost, &["g"], Some(-30.0), Some(-40.0), -20.0),
            Certain(Never, Never),
            Some(0.0),
        ),
        (
            "replaced by a grant for 50 days, first try not known",
            limited(None),
            Certain(day(50.0), Eventually),
            None,
        ),
        (
            "replaced by a grant that serves the first try and then ends",
            limited(Some(10.0)),
            Certain(day(50.0), Eventually),
            None,
        ),
        (
            "replaced by a grant that ends before the first try",
            limited(Some(60.0)).but("certificate", "renewal", |need| {
                need.phase = Phase::Renew {
                    end: Some(instant(70.0)),
                    at: Some(instant(60.0)),
                    seen: Some(instant(0.0)),
                };
            }),
            Certain(day(70.0), day(70.0)),
            Some(60.0),
        ),
        ("first try not known", issued(&lost, &["g"], end, None, 0.0), Certain(day(16.0), day(16.0)), None),
        ("end not known", issued(&lost, &["g"], None, None, 0.0), Certain(Never, Eventually), None),
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
fn without_a_path_its_own_end_is_the_end() {
    let gone = issued(&[("g", "AA")], &["g"], Some(16.0), Some(0.7), 0.0);
    assert_eq!(before(gone, "ingress"), Horizon::exactly(day(16.0)));
}
