//! What carries after a plan: asked of what rests on a node alone, and not at all where the plan has no say.

use super::now;
use super::random::{Dice, any_graph, cases};
use crate::estate::stirred::Stirred;
use crate::estate::{Estate, Evaluator, Scenario, carries_after, taken_along};
use crate::model::NodeIx;
use std::collections::BTreeSet;

#[test]
fn what_rests_on_a_node_is_as_if_everything_were_looked_at() {
    let (mut untouched, mut carrying) = (0, 0);
    for seed in 1..=cases() {
        let graph = any_graph(&mut Dice::new(seed));
        let estate = Estate::from_nodes(graph.nodes);
        let evaluator = Evaluator::new(&estate, now());
        let after = evaluator.outcome(Scenario::after());
        let stirred = Stirred::new(&after);
        for node in estate.indices() {
            let asked: BTreeSet<NodeIx> = carries_after(&after, node, |_| true).into_iter().collect();
            let mut whole = taken_along(&after, &evaluator.outcome(Scenario::after().without([node])));
            whole.remove(&node);
            assert_eq!(asked, whole, "seed {seed}, without {node:?}");
            if !stirred.reaches(node) {
                let fallen = evaluator.outcome(Scenario::before().without([node])).falls;
                let before: BTreeSet<NodeIx> =
                    fallen.losses.into_keys().filter(|fallen| *fallen != node).collect();
                assert_eq!(asked, before, "seed {seed}, the plan has no say in {node:?}");
                untouched += 1;
                carrying += usize::from(!before.is_empty());
            }
        }
    }
    assert!(untouched > 0 && carrying > 0, "the plans had a say in everything");
}
