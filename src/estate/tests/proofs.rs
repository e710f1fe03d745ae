//! Proofs lead from what falls down to what changed, step by step, and never in a circle.

use super::random::{Dice, any_graph, cases};
use super::{Graph, Judged};
use crate::estate::loss::Compared;
use crate::estate::{Outcome, ProofStep, Scenario, causes, prove};
use crate::model::{Class, NodeIx, Sign};
use std::collections::BTreeSet;

fn proof(judged: &Judged, start: NodeIx) -> Vec<ProofStep> {
    judged.ask(|outcome| prove(outcome, start))
}

/// Whether something changed at the step itself: the node, a need of it, or what its need rests on.
fn changed(outcome: &Outcome<'_>, step: &ProofStep) -> bool {
    let node = outcome.held.evaluator.estate.node(step.node).unwrap();
    let (from, to) = (Scenario::before(), &outcome.held.scenario);
    let during = to.clone().during();
    let there = [&from, &during, to].map(|scenario| scenario.presence(step.node, node));
    let own = there[0] != there[1]
        || there[0] != there[2]
        || node.end.as_deref().is_some_and(|end| end.before != end.after);
    let restarted = !node.restarted_by.is_empty();
    own || restarted
        || step.need.is_some_and(|number| {
            let need = &node.needs[number];
            let ended = |support| from.has_support(need, support) && !to.has_support(need, support);
            !from.has_need(need) || need.supports.iter().any(ended)
        })
}

#[test]
fn every_step_falls_and_the_last_one_changed() {
    for seed in 1..=cases() {
        let judged = any_graph(&mut Dice::new(seed)).judged();
        judged.ask(|outcome| {
            let compared = Compared::new(&outcome.held);
            let during = outcome.between.as_ref().map(|(held, falls)| (Compared::new(held), falls));
            let wiring = &judged.estate.wiring;
            for start in judged.falls.losses.keys() {
                let steps = prove(outcome, *start);
                let nodes: Vec<NodeIx> = steps.iter().map(|step| step.node).collect();
                assert_eq!(nodes.first(), Some(start), "seed {seed}");
                let distinct: BTreeSet<&NodeIx> = nodes.iter().collect();
                assert_eq!(distinct.len(), nodes.len(), "seed {seed}: a node twice");
                let (last, above) = steps.split_last().unwrap();
                for pair in steps.windows(2) {
                    let place = pair[0].need.expect("a step that is not the last one has a need");
                    let need = wiring.need_at(pair[0].node, place).unwrap();
                    let supports = wiring.supports_of(need);
                    let support = supports.iter().find(|support| support.node == pair[1].node.0);
                    let support = support.expect("the next step is a support of the need");
                    let falls = compared.support_falls(support, &judged.falls)
                        || during
                            .as_ref()
                            .is_some_and(|(during, falls)| during.support_falls(support, falls));
                    assert!(falls, "seed {seed}: the proof goes on where nothing falls");
                }
                // What ended as a support need not fall itself: then the step above it is the change.
                let ended = above.last().is_some_and(|step| changed(outcome, step));
                assert!(changed(outcome, last) || ended, "seed {seed}: the last step did not change");
            }
        });
    }
}

#[test]
fn every_certain_fall_has_a_cause_that_suffices() {
    for seed in 1..=cases() / 4 {
        let judged = any_graph(&mut Dice::new(seed)).judged();
        let fallen: Vec<NodeIx> = judged.falls.losses.keys().copied().collect();
        let found = judged.ask(|outcome| causes(outcome, &fallen));
        for node in fallen {
            assert!(found.iter().any(|cause| cause.falls.contains(&node)), "seed {seed}");
        }
        for cause in &found {
            assert!(cause.alone == (cause.changes.len() == 1) || cause.changes.is_empty() || !cause.alone);
            assert_eq!(cause.necessary.len(), cause.changes.len());
        }
    }
}

fn names(judged: &Judged, start: &str) -> Vec<String> {
    let steps = proof(judged, judged.at(start));
    steps.iter().map(|step| judged.estate.node(step.node).unwrap().name.clone()).collect()
}

#[test]
fn a_chain_is_read_top_down() {
    let judged = Graph::default()
        .workload("app")
        .node("issuer", Class::Other, "PP")
        .grant("g", "PA")
        .grant("other", "AA")
        .need("issuer", "access", &["other", "g"])
        .need("app", "renewal", &["issuer"])
        .judged();
    assert_eq!(names(&judged, "app"), ["app", "issuer", "g"]);
    let steps = proof(&judged, judged.at("app"));
    assert_eq!(steps[1].others.len(), 1, "why the other grant does not carry");
}

/// The later way round a circle looks as good as the way down; only one of them ends at a change.
#[test]
fn a_circle_is_left_where_it_was_entered() {
    let judged = Graph::default()
        .workload("a")
        .workload("b")
        .grant("g", "PA")
        .need("a", "calls b", &["b"])
        .need("a", "access", &["g"])
        .need("b", "calls a", &["a"])
        .judged();
    assert_eq!(names(&judged, "a"), ["a", "g"]);
    assert_eq!(names(&judged, "b"), ["b", "a", "g"]);
}

/// What ended as a support may itself rest on the one that lost it.
#[test]
fn a_support_that_ended_and_stands_above_is_not_said_twice() {
    let judged = Graph::default()
        .workload("a")
        .workload("b")
        .need("a", "calls b", &["b"])
        .need("b", "calls a", &["a<"])
        .judged();
    assert_eq!(names(&judged, "a"), ["a", "b"]);
    let steps = proof(&judged, judged.at("a"));
    assert_eq!(steps[1].need, Some(0), "the need that lost its support is named");
}

#[test]
fn a_deny_that_comes_is_the_end_of_the_proof() {
    let judged =
        Graph::default().workload("app").grant("deny", "AP").need("app", "no deny", &["!deny"]).judged();
    assert_eq!(names(&judged, "app"), ["app", "deny"]);
    let support = &judged.estate.node(judged.at("app")).unwrap().needs[0].supports[0];
    assert_eq!(support.sign, Sign::Absent);
}

#[test]
fn two_grants_that_go_are_one_cause_together() {
    let judged = Graph::default()
        .workload("app")
        .grant("a", "PA")
        .grant("b", "PA")
        .need("app", "access", &["a", "b"])
        .judged();
    let app = judged.at("app");
    let found = judged.ask(|outcome| causes(outcome, &[app]));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].changes.len(), found[0].alone), (2, false));
    assert_eq!(found[0].necessary, [true, true]);
}
