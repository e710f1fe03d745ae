//! A certificate that is renewed by a right: the right goes, and weeks later the certificate ends.

use super::super::Falling::{Certain, Possible};
use super::super::renewal::issued;
use super::super::{Eventually, Forever, Graph, Never, day};
use super::{Worked, case, on, until};
use crate::model::{Class, Horizon};

/// Renewal is due tomorrow, and the certificate ends in 16 days.
fn usual(grants: &[(&str, &str)], supports: &[&str]) -> Graph {
    issued(grants, supports, Some(16.0), Some(0.7), 0.0)
}

/// The statement is one of a policy that stays as a resource.
fn statement() -> Graph {
    usual(&[("statement", "PA")], &["statement"]).node("policy", Class::Other, "PP").need(
        "statement",
        "stands in a policy",
        &["policy"],
    )
}

/// A binding that lists everybody it allows comes, and does not list the solver.
fn authoritative() -> Graph {
    usual(&[("member", "PP")], &["member"]).node("binding", Class::Other, "AP").need(
        "member",
        "not evicted",
        &["!binding"],
    )
}

/// The old grant goes, and what comes in its place is for 50 days.
fn limited() -> Graph {
    let mut graph = usual(&[("g", "PA")], &["g"]).grant("limited", "AP").ends(day(50.0), day(50.0));
    let support = graph.support("limited");
    let issuer = graph.at("issuer").at();
    graph.nodes[issuer].needs[1].supports.push(support);
    graph
}

/// A workload with the certificate and a token that ends sooner.
fn sooner_elsewhere() -> Graph {
    usual(&[("g", "PA")], &["g"]).node("token", Class::Token, "PP").ends(day(5.0), day(5.0)).need(
        "ingress",
        "a token",
        &["token"],
    )
}

pub(super) fn cases() -> Vec<Worked> {
    const WRITE: (&str, &str) = ("issuer", "may write records");
    vec![
        case("the only grant behind a renewal goes", usual(&[("g", "PA")], &["g"]))
            .falls("ingress", on(16.0))
            .causes("ingress", &["g"], &["g"])
            .first_failure("ingress", 0.7),
        case("the grant behind a renewal stays", usual(&[("g", "PP")], &["g"])).stays("ingress"),
        case("a wider grant covers", usual(&[("g", "PA"), ("wide", "PP")], &["g", "wide"]))
            .stays("ingress")
            .weakens(&[WRITE]),
        case("made anew under another name, the certificate bridges the gap", {
            usual(&[("g", "PA"), ("again", "AP")], &["g", "again"])
        })
        .stays("ingress")
        .weakens(&[]),
        case("a statement leaves a policy that stays", statement())
            .falls("ingress", on(16.0))
            .stays("policy")
            .causes("ingress", &["statement"], &["statement"]),
        case("a binding that comes evicts a member nobody mentions", authoritative())
            .falls("ingress", on(16.0))
            .causes("ingress", &["binding"], &["binding"])
            .first_failure("ingress", 0.7),
        case("the grant that stays has a condition", usual(&[("g", "PA"), ("if", "PP")], &["g", "if?"]))
            .falls("ingress", Possible(day(16.0), Forever))
            .first_failure("ingress", 0.7),
        case("whom the new grant is for is known after apply", {
            usual(&[("g", "PA"), ("new", "A?")], &["g", "new"])
        })
        .falls("ingress", Possible(day(16.0), Forever))
        .first_failure("ingress", 0.7),
        case("a source is missing that could show another grant", {
            usual(&[("g", "PA"), ("unseen", "??")], &["g", "unseen"])
        })
        .falls("ingress", Possible(day(16.0), Forever))
        .first_failure("ingress", 0.7),
        case("two grants, and both go", usual(&[("g", "PA"), ("h", "PA")], &["g", "h"]))
            .falls("ingress", on(16.0))
            .causes("ingress", &[], &["g", "h"])
            .first_failure("ingress", 0.7),
        case("the certificate ended since it was seen: renewed since, or down", {
            issued(&[("g", "PA")], &["g"], Some(-3.0), Some(-18.0), -20.0)
        })
        .falls("ingress", Certain(Never, Eventually))
        .first_failure("ingress", 0.0),
        case("the renewal was overdue when seen", {
            issued(&[("g", "PA")], &["g"], Some(16.0), Some(-1.0), 0.0)
        })
        .before("ingress", Horizon { sure: day(16.0), possible: Forever })
        .falls("ingress", on(16.0))
        .first_failure("ingress", 0.0),
        case("a grant with an end takes the place of one without", limited())
            .falls("ingress", Certain(day(50.0), Eventually)),
        case("an earlier end elsewhere hides no lost renewal", sooner_elsewhere())
            .falls("ingress", Possible(day(5.0), day(5.0)))
            .after("ingress", until(5.0))
            .first_failure("ingress", 0.7),
    ]
}
