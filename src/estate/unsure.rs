//! Why it is not known until when something holds, with no plan to compare with.

use super::{Doubtful, Evaluation, ProofStep};
use crate::model::{Class, Coverage, NodeIx, Presence, Strength};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What is not known at a node or below it.
#[derive(Debug, Clone, Default)]
pub struct Unsure {
    /// All of it.
    pub doubts: Vec<Doubtful>,
    /// The chain from the node to the nearest of it.
    pub chain: Vec<ProofStep>,
}

/// Follows every need whose two bounds differ. Assumed needs are left out: that nobody can see what is only likely to
/// be needed is no reason to doubt the rest.
pub fn unsure(held: &Evaluation<'_>, start: NodeIx) -> Unsure {
    let (estate, scenario) = (held.evaluator.estate, &held.scenario);
    let mut doubts: BTreeSet<Doubtful> = BTreeSet::new();
    let mut chain = Vec::new();
    // For each node reached: from where, by which of its needs.
    let mut reached: BTreeMap<NodeIx, Option<(NodeIx, usize)>> = BTreeMap::from([(start, None)]);
    let mut open = VecDeque::from([start]);
    while let Some(index) = open.pop_front() {
        let Some(node) = estate.node(index) else { continue };
        if scenario.presence(index, node) == Presence::Unknown && node.class != Class::Unseen {
            doubts.insert(Doubtful::Presence(index));
            if chain.is_empty() {
                chain = way(&reached, index, ProofStep { node: index, need: None, others: Vec::new() });
            }
        }
        for (number, need) in node.needs.iter().enumerate() {
            let counts = need.strength != Strength::Assumed && scenario.has_need(need);
            let met =
                held.need(index, number).filter(|met| counts && met.counted.sure < met.counted.possible);
            if met.is_none() {
                continue;
            }
            for support in need.supports.iter().filter(|support| scenario.has_support(need, support)) {
                if !held.of(support.node).may_hold() {
                    continue;
                }
                if let Coverage::Unknown(unknown) = &support.coverage {
                    doubts.insert(Doubtful::Support(unknown.clone()));
                    if chain.is_empty() {
                        let others = vec![(support.node, Some(unknown.clone()))];
                        chain = way(&reached, index, ProofStep { node: index, need: Some(number), others });
                    }
                }
                reached.entry(support.node).or_insert_with(|| {
                    open.push_back(support.node);
                    Some((index, number))
                });
            }
        }
    }
    Unsure { doubts: doubts.into_iter().collect(), chain }
}

/// The steps down to a node, and the last one there.
fn way(reached: &BTreeMap<NodeIx, Option<(NodeIx, usize)>>, to: NodeIx, last: ProofStep) -> Vec<ProofStep> {
    let mut steps = vec![last];
    let mut at = to;
    while let Some(Some((from, number))) = reached.get(&at) {
        steps.push(ProofStep { node: *from, need: Some(*number), others: Vec::new() });
        at = *from;
    }
    steps.reverse();
    steps
}
