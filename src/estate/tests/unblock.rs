//! What to leave out so that nothing falls any more; and chains that are as long as the input.

use super::random::{Dice, any_graph, cases};
use super::{Graph, now};
use crate::estate::{Estate, Evaluator, Obstacle, Scenario, causes, dependents, leave_out};
use crate::model::{ChangeIx, NodeIx};
use std::collections::BTreeSet;

/// What fells these workloads while some changes are left out, as the rules see it.
fn obstacles(
    evaluator: &Evaluator<'_>,
    workloads: &[NodeIx],
    out: &BTreeSet<ChangeIx>,
) -> Vec<Obstacle<ChangeIx>> {
    let outcome = evaluator.outcome(Scenario::less(out.clone()));
    let fallen: Vec<NodeIx> =
        workloads.iter().copied().filter(|node| outcome.falls.of(*node).is_some()).collect();
    let found = causes(&outcome, &fallen).into_iter().map(|cause| Obstacle {
        key: format!("{:?}", cause.changes),
        alone: cause.alone,
        changes: cause.changes.into_iter().collect(),
    });
    found.collect()
}

fn left_out(graph: Graph, workloads: &[&str]) -> Vec<String> {
    let workloads: Vec<NodeIx> = workloads.iter().map(|name| graph.at(name)).collect();
    let estate = Estate::from_nodes(graph.nodes);
    let evaluator = Evaluator::new(&estate, now());
    let all: BTreeSet<ChangeIx> = (0..20).map(ChangeIx).collect();
    let out = leave_out(&all, |out| obstacles(&evaluator, &workloads, out));
    assert_eq!(obstacles(&evaluator, &workloads, &out), [], "{out:?}");
    out.iter().map(|change| estate.node(NodeIx(change.0)).unwrap().name.clone()).collect()
}

/// Changes have the number of their node.
fn change(graph: &Graph, name: &str) -> Option<ChangeIx> {
    Some(ChangeIx(graph.at(name).0))
}

#[test]
fn no_more_is_left_out_than_it_takes() {
    let app = |changes: &[(&str, &str)]| {
        let mut graph = Graph::default().workload("app").workload("mail");
        for (name, presence) in changes {
            graph = graph.grant(name, presence);
        }
        graph
    };
    let independent = app(&[("a", "PA"), ("b", "PA"), ("c", "PA")]).need("app", "access", &["a"]).need(
        "mail",
        "access",
        &["b"],
    );
    assert_eq!(left_out(independent, &["app", "mail"]), ["a", "b"]);

    let joint = app(&[("a", "PA"), ("b", "PA")]).need("app", "access", &["a", "b"]);
    assert_eq!(left_out(joint, &["app"]), ["a"], "either one left in suffices");

    let shared = app(&[("a", "PA"), ("b", "PA"), ("c", "PA")]).need("app", "access", &["a", "b"]).need(
        "mail",
        "access",
        &["b", "c"],
    );
    assert_eq!(left_out(shared, &["app", "mail"]), ["b"], "the one that has a part in both");

    let nothing = app(&[("a", "PA"), ("b", "PP")]).need("app", "access", &["a", "b"]);
    assert_eq!(left_out(nothing, &["app"]), [""; 0]);

    // The deny that is made fells one; without the grant that is made, what moves to it falls: the move is left out too,
    // and then what it moved away from must stay.
    let moved = app(&[("old", "PA"), ("new", "AP"), ("move", "PP")])
        .need("app", "access", &["old<", "new>"])
        .need("mail", "no deny", &["!new"]);
    let moves = change(&moved, "move");
    let moved = moved.but("app", "access", |need| {
        need.supports.iter_mut().for_each(|support| support.change = moves);
    });
    assert_eq!(left_out(moved, &["app", "mail"]), ["old", "new", "move"]);
}

/// What is left out is enough, and none of it can be put back.
#[test]
fn on_any_estate_it_is_enough_and_none_can_be_put_back() {
    let (mut found, mut nothing_helps) = (0, 0);
    for seed in 1..=cases() {
        let graph = any_graph(&mut Dice::new(seed));
        let app = [graph.at("w")];
        let all: BTreeSet<ChangeIx> = (0..80).map(ChangeIx).collect();
        let estate = Estate::from_nodes(graph.nodes);
        let evaluator = Evaluator::new(&estate, now());
        let falls = |out: &BTreeSet<ChangeIx>| {
            evaluator.outcome(Scenario::less(out.clone())).falls.of(app[0]).is_some()
        };
        let out = leave_out(&all, |out| obstacles(&evaluator, &app, out));
        if falls(&out) {
            // What no change brings about is the plan's as a whole.
            nothing_helps += 1;
            assert!(falls(&all), "seed {seed}: {out:?}");
            continue;
        }
        found += usize::from(!out.is_empty());
        for change in &out {
            let mut fewer = out.clone();
            fewer.remove(change);
            assert!(falls(&fewer), "seed {seed}: {change:?} of {out:?} can be put back");
        }
    }
    assert!(found > 50, "{found} found, {nothing_helps} where nothing helps");
}

/// A chain for each of the nodes, each as long as there are nodes below it, is more than there is room for.
#[test]
fn a_long_chain_of_dependents_is_told_step_by_step() {
    let many = 100_000;
    let mut graph = Graph::default().grant("end", "PP");
    let (need, first) = (graph.clone().need("end", "x", &["end"]).nodes.remove(0), graph.nodes[0].clone());
    for number in 1..=many {
        let mut node = first.clone();
        node.needs.clone_from(&need.needs);
        node.needs[0].supports[0].node = NodeIx(number - 1);
        graph.nodes.push(node);
    }
    let estate = Estate::from_nodes(graph.nodes);
    let found = dependents(&estate, NodeIx(0));
    assert_eq!(found.nodes().count(), many as usize);
    assert!(found.nodes().all(|(node, steps)| steps == node.at()));
    let top: Vec<NodeIx> = found.chain(NodeIx(many)).take(2).collect();
    assert_eq!(top, [NodeIx(many), NodeIx(many - 1)]);
    assert_eq!(found.chain(NodeIx(2)).last(), Some(NodeIx(0)));
}
