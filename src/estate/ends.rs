//! When things end by themselves, by what sources tell of them.

use super::build::Builder;
use crate::model::{Ends, Fact, Horizon, NodeIx, Side};
use std::collections::BTreeMap;

impl Builder<'_> {
    /// Gives nodes the ends that their facts tell.
    ///
    /// Where a plan or a state tells of the thing and of an end, it knows what becomes of it and listings are not
    /// asked. What tells of no end then has none; where several carry the thing, it ends with the last of them.
    pub fn ends(&mut self, facts: &[Fact]) {
        if facts.iter().all(|fact| fact.end.is_none()) {
            return;
        }
        let mut told: BTreeMap<NodeIx, Vec<&Fact>> = BTreeMap::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            if let Some(node) = node {
                told.entry(*node).or_default().push(fact);
            }
        }
        for (index, facts) in told {
            let Some(ends) = ends(&facts) else { continue };
            if let Some(why) = facts.iter().find_map(|fact| fact.end.as_ref()?.because.clone()) {
                self.unrenewed.insert(index, why);
            }
            if let Some(node) = self.nodes.get_mut(index.at()) {
                node.end = Some(Box::new(ends));
            }
        }
    }
}

fn ends(facts: &[&Fact]) -> Option<Ends> {
    let mut deciding: Vec<&Fact> = facts.iter().copied().filter(|fact| fact.managed).collect();
    if deciding.iter().all(|fact| fact.end.is_none()) {
        deciding = facts.iter().copied().filter(|fact| fact.end.is_some()).collect();
    }
    let on = |side: Side| {
        let there = deciding.iter().filter(|fact| fact.side.both(side).is_some());
        there.map(|fact| fact.end.as_ref().map_or(Horizon::FOREVER, |end| end.horizon)).reduce(Horizon::or)
    };
    // Where it is not there at all, its end makes no difference.
    let (before, after) = match (on(Side::Before), on(Side::After)) {
        (Some(before), Some(after)) => (before, after),
        (Some(only), None) | (None, Some(only)) => (only, only),
        (None, None) => return None,
    };
    let change = deciding.iter().filter(|_| before != after).find_map(|fact| fact.change);
    Some(Ends { before, after, change })
}
