//! What is asked of an estate beyond what falls: what is weakened, what carries most, and which ways out are none.

use super::{Graph, now};
use crate::estate::{
    Estate, Evaluator, RestsOn, Scenario, carries, causes_of_weakness, hidden, mainstays, prove, rank,
    ways_out, weakened,
};
use crate::model::{Class, Criticality, Horizon, NodeIx, Phase, WorkloadTag};

fn tagged(graph: Graph, criticality: &[(&str, Criticality)]) -> Graph {
    let mut graph = graph;
    for (name, criticality) in criticality {
        let at = graph.at(name).at();
        let tag = WorkloadTag { name: (*name).to_owned(), criticality: *criticality, rated: true };
        graph.nodes[at].workload = Some(tag);
    }
    graph
}

fn names(estate: &Estate, nodes: impl IntoIterator<Item = NodeIx>) -> Vec<String> {
    nodes.into_iter().map(|node| estate.node(node).unwrap().name.clone()).collect()
}

fn weak(graph: Graph) -> Vec<(String, String, Vec<String>)> {
    let estate = Estate::from_nodes(graph.nodes);
    let evaluator = Evaluator::new(&estate, now());
    let found = weakened(&evaluator.outcome(Scenario::after()));
    let told = found.into_iter().map(|weak| {
        let node = estate.node(weak.node).unwrap();
        (node.name.clone(), node.needs[weak.need].label.clone(), names(&estate, weak.by))
    });
    told.collect()
}

fn one_of(supports: &[&str], changes: &[(&str, &str)]) -> Graph {
    let mut graph = Graph::default().workload("app");
    for (name, presence) in changes {
        graph = graph.grant(name, presence);
    }
    graph.need("app", "access", supports)
}

#[test]
fn weakened_is_who_hangs_on_one_thing_and_did_not() {
    let said = |by: &[&str]| {
        let by = by.iter().map(|name| (*name).to_owned()).collect();
        vec![("app".to_owned(), "access".to_owned(), by)]
    };
    assert_eq!(weak(one_of(&["a", "b"], &[("a", "PA"), ("b", "PP")])), said(&["b"]));
    assert_eq!(weak(one_of(&["a", "b", "c"], &[("a", "PA"), ("b", "PP"), ("c", "PP")])), []);
    assert_eq!(weak(one_of(&["a", "b"], &[("a", "PA"), ("b", "AP")])), [], "it never had two");
    assert_eq!(weak(one_of(&["a", "b"], &[("a", "PA"), ("b", "PA")])), [], "that is a loss");
    let through_one = one_of(&["a", "b"], &[("group", "PP"), ("a", "PA"), ("b", "PP")])
        .need("a", "by", &["group"])
        .need("b", "by", &["group"]);
    assert_eq!(weak(through_one), said(&["b"]), "the group carried both before, the grant did not");
    let keys = one_of(&["a", "b"], &[("k1", "PP"), ("k2", "PP"), ("a", "PP"), ("b", "PP")])
        .need("a", "key", &["k1"])
        .need("b", "key", &["k2<", "k1>"]);
    assert_eq!(weak(keys), said(&["k1"]), "there are two still, and both hang on one key");
    let quorum =
        one_of(&["a", "b", "c"], &[("a", "PA"), ("b", "PP"), ("c", "PP")])
            .but("app", "access", |need| need.at_least = 2);
    assert_eq!(weak(quorum), said(&["b", "c"]));
}

#[test]
fn who_is_above_what_is_weakened_is_weakened_only_if_that_was_its_other_leg() {
    let graph = one_of(&["x", "y"], &[("a", "PA"), ("b", "PP"), ("x", "PP"), ("y", "PP")])
        .need("x", "by", &["a", "b"])
        .need("y", "by", &["b"]);
    let found = weak(graph);
    let told: Vec<(&str, Vec<String>)> =
        found.iter().map(|(node, _, by)| (node.as_str(), by.clone())).collect();
    assert_eq!(told, [("app", vec!["b".to_owned()]), ("x", vec!["b".to_owned()])]);
}

#[test]
fn what_carries_most_comes_first() {
    use Criticality::{Critical, Important, Normal};
    let graph = Graph::default()
        .workload("shop")
        .workload("mail")
        .workload("wiki")
        .grant("all", "PP")
        .grant("two ways a", "PP")
        .grant("two ways b", "PP")
        .grant("only shop", "PP")
        .grant("nobody", "PP")
        .need("shop", "x", &["all"])
        .need("mail", "x", &["all"])
        .need("wiki", "x", &["all"])
        .need("shop", "y", &["two ways a", "two ways b"])
        .need("shop", "z", &["only shop"])
        .need("mail", "z", &["two ways a"]);
    let graph = tagged(graph, &[("shop", Critical), ("mail", Important), ("wiki", Normal)]);
    let estate = Estate::from_nodes(graph.nodes);
    let evaluator = Evaluator::new(&estate, now());
    let told = |top: usize| -> Vec<(String, [usize; 3])> {
        let first = rank(&evaluator, top, |node| node.class != Class::Workload);
        let weight = |weight: crate::estate::Weight| [weight.critical, weight.important, weight.normal];
        first.iter().map(|one| (estate.node(one.node).unwrap().name.clone(), weight(one.weight))).collect()
    };
    let all = [("all", [1, 1, 1]), ("only shop", [1, 0, 0]), ("two ways a", [0, 1, 0])];
    let all = all.map(|(name, weight)| (name.to_owned(), weight));
    assert_eq!(told(10), all);
    assert_eq!(told(2), all[..2]);
    assert_eq!(told(0), []);
}

/// Nodes are tried in the order of what they could carry at most; the order must not decide who is among the first.
#[test]
fn the_first_are_the_first_of_all() {
    use super::random::{Dice, any_graph, cases};
    for seed in 1..=cases() / 4 {
        let mut dice = Dice::new(seed);
        let graph = any_graph(&mut dice);
        let of = [Criticality::Critical, Criticality::Important, Criticality::Normal];
        let names: Vec<String> = graph.nodes.iter().map(|node| node.name.clone()).collect();
        let mut rated: Vec<(&str, Criticality)> = Vec::new();
        for name in &names {
            if dice.one_in(2) {
                rated.push((name, dice.of(&of)));
            }
        }
        let estate = Estate::from_nodes(tagged(graph, &rated).nodes);
        let evaluator = Evaluator::new(&estate, now());
        let mut all: Vec<_> = estate.indices().map(|node| carries(&evaluator, node)).collect();
        all.retain(|one| !one.workloads.is_empty());
        all.sort_by_key(|one| (std::cmp::Reverse(one.weight), one.node));
        all.truncate(3);
        assert_eq!(rank(&evaluator, 3, |_| true), all, "seed {seed}");
    }
}

#[test]
fn ways_out_and_what_they_must_not_rest_on() {
    let estate = Graph::default()
        .workload("login")
        .node("token", Class::Credential, "PA")
        .node("through login", Class::Identity, "PP")
        .node("own password", Class::Identity, "PP")
        .node("own key", Class::Identity, "PP")
        .workload("runner")
        .workload("registry")
        .workload("calls")
        .workload("is called")
        .need("login", "token", &["token"])
        .need("through login", "signs in", &["login"])
        .need("own key", "key", &["token"])
        .need("runner", "image", &["registry"])
        .need("registry", "deployed by", &["runner"])
        .need("calls", "calls", &["is called"])
        .but("calls", "calls", |need| need.phase = Phase::Run)
        .need("is called", "calls", &["calls"])
        .but("is called", "calls", |need| need.phase = Phase::Run);
    let names: Vec<String> = estate.nodes.iter().map(|node| node.name.clone()).collect();
    let at =
        |name: &str| NodeIx(u32::try_from(names.iter().position(|known| known == name).unwrap()).unwrap());
    let login = at("login");
    let estate = Estate::from_nodes(estate.nodes);
    let evaluator = Evaluator::new(&estate, now());
    let told = |name: &str, has_plan: bool| -> Vec<(RestsOn, bool, bool)> {
        let found = ways_out(&evaluator, at(name), &[login], has_plan.then(Scenario::after).as_ref());
        found.iter().map(|way| (way.rests_on, way.certain, way.by_plan)).collect()
    };
    assert_eq!(told("through login", false), [(RestsOn::Repaired(login), true, false)]);
    assert_eq!(told("own password", true), []);
    assert_eq!(told("own key", false), []);
    assert_eq!(told("own key", true), [(RestsOn::Removed, true, true)]);
    assert_eq!(told("runner", false), [(RestsOn::Itself, true, false)], "each takes the other to be up");
    assert_eq!(told("calls", false), [], "calling each other is nothing that hinders a start");
    let found = ways_out(&evaluator, at("runner"), &[], None);
    let chain: Vec<NodeIx> = found[0].proof.iter().map(|step| step.node).collect();
    assert_eq!(super::questions::names(&estate, chain), ["runner", "registry"]);
}

#[test]
fn a_change_that_is_gone_besides_is_gone_in_every_version() {
    let graph =
        Graph::default().workload("app").grant("a", "PP").grant("b", "AP").need("app", "access", &["a", "b"]);
    let (a, app) = (graph.at("a"), graph.at("app"));
    let estate = Estate::from_nodes(graph.nodes);
    let evaluator = Evaluator::new(&estate, now());
    let of = |scenario: Scenario| evaluator.evaluate(scenario).of(app);
    assert_eq!(of(Scenario::before().without([a])), Horizon::NEVER);
    assert_eq!(of(Scenario::after().without([a])), Horizon::FOREVER);
    assert_eq!(of(Scenario::after().during()), Horizon::FOREVER);
}

/// What the fall of `app` is hidden behind.
fn behind(graph: Graph) -> Option<(String, crate::model::Moment)> {
    let judged = graph.judged();
    let app = judged.at("app");
    judged.ask(|outcome| {
        assert!(outcome.falls.of(app).is_some_and(|loss| !loss.certain), "it falls, and is not certain");
        let found = hidden(outcome, &prove(outcome, app))?;
        Some((judged.estate.node(found.behind).unwrap().name.clone(), found.until))
    })
}

#[test]
fn what_hides_a_loss_is_named_and_a_doubt_is_none() {
    let graph = || {
        Graph::default()
            .workload("app")
            .node("token", Class::Token, "PP")
            .ends(super::day(5.0), super::day(5.0))
            .node("certificate", Class::Certificate, "PP")
            .grant("a", "PA")
    };
    let renewed = graph()
        .need("app", "database", &["token"])
        .need("app", "tls", &["certificate"])
        .need("certificate", "renewal", &["a"])
        .renews("certificate", "renewal", Some(16.0), Some(1.0), 0.0);
    assert_eq!(behind(renewed), Some(("token".to_owned(), super::day(5.0))));
    let itself = Graph::default()
        .workload("app")
        .ends(super::day(2.0), super::day(2.0))
        .node("certificate", Class::Certificate, "PP")
        .grant("a", "PA")
        .need("app", "tls", &["certificate"])
        .need("certificate", "renewal", &["a"])
        .renews("certificate", "renewal", Some(16.0), Some(1.0), 0.0);
    assert_eq!(behind(itself), Some(("app".to_owned(), super::day(2.0))));
    let unknown = graph().grant("b", "PP").need("app", "access", &["a", "b?"]);
    assert_eq!(behind(unknown), None, "a condition hides nothing");
}

#[test]
fn one_that_carries_more_than_allowed_is_told_with_who_made_it_so() {
    let names = ["one", "two", "three", "four"];
    let graph = |fourth: &str| {
        let mut graph =
            Graph::default().node("identity", Class::Identity, "PP").node("other", Class::Identity, "PP");
        for name in names {
            graph = graph.node(name, Class::Workload, if name == "four" { fourth } else { "PP" });
            graph = graph.need(name, "runs as", &["identity"]);
        }
        tagged(graph.need("one", "also", &["other"]), &names.map(|name| (name, Criticality::Critical)))
    };
    let told = |fourth: &str, more_than: usize| -> Vec<(String, usize, bool)> {
        let estate = Estate::from_nodes(graph(fourth).nodes);
        let evaluator = Evaluator::new(&estate, now());
        let outcome = evaluator.outcome(Scenario::after());
        let counts = |node: &crate::model::Node| node.class == Class::Identity;
        let found = mainstays(&evaluator, Some(&outcome), more_than, counts);
        let one = |one: &crate::estate::Mainstay| {
            (estate.node(one.node).unwrap().name.clone(), one.workloads.len(), one.by_plan)
        };
        found.iter().map(one).collect()
    };
    assert_eq!(told("PP", 3), [("identity".to_owned(), 4, false)]);
    assert_eq!(told("AP", 3), [("identity".to_owned(), 4, true)], "the fourth comes with the plan");
    assert_eq!(told("AA", 3), []);
    assert_eq!(told("PP", 4), []);
}

#[test]
fn what_weakens_is_named_and_what_has_no_part_in_it_is_not() {
    let graph = one_of(&["a", "b", "c"], &[("a", "PA"), ("b", "PA"), ("c", "PP")]).grant("elsewhere", "PA");
    let at = |name: &str| crate::model::ChangeIx(graph.at(name).0);
    let (a, b) = (at("a"), at("b"));
    let estate = Estate::from_nodes(graph.nodes);
    let evaluator = Evaluator::new(&estate, now());
    let outcome = evaluator.outcome(Scenario::after());
    let found = weakened(&outcome);
    assert_eq!(causes_of_weakness(&outcome, &found[0]), [(a, false, true), (b, false, true)]);
}
