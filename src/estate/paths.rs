//! Chains of needs between two things, the shortest first.
//!
//! A thing is its node and the nodes that are shown as it. Partial chains are continued in the order of the length that
//! they will have at least, so that whole ones come out by length; all that could be tried is bounded, as there can be
//! more chains than can be listed.

use super::Estate;
use super::scenario::{Stage, presence};
use crate::model::{Need, Node, NodeIx, Presence, Side, Sign, Support};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

/// Chains that are listed at most.
const LISTED: usize = 1000;

/// Partial chains that are tried at most.
const TRIED: usize = 100_000;

/// A chain: each node rests on the next, all of them together in some version of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedPath {
    /// The nodes.
    pub nodes: Vec<NodeIx>,
    /// Where it stands.
    pub side: Side,
}

/// The chains from one thing to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedPaths {
    /// By length, then by the ids on the way.
    pub paths: Vec<NeedPath>,
    /// These are all.
    pub all: bool,
}

/// The chains by which one thing rests on another.
pub fn paths(estate: &Estate, from: NodeIx, to: NodeIx) -> NeedPaths {
    Search::new(estate, from, to).run()
}

/// In which versions of the world the support is there and meets the need; `None`: in neither.
pub fn stands(estate: &Estate, need: &Need, support: &Support) -> Option<Side> {
    let side = need.side.both(support.side)?;
    match support.sign {
        Sign::Absent => Some(side),
        Sign::Holds => side.both(there(estate.node(support.node)?)?),
    }
}

/// In which versions of the world the node is or may be there.
fn there(node: &Node) -> Option<Side> {
    let is = |stage: Stage| presence(node, |_| stage) != Presence::Absent;
    match (is(Stage::Before), is(Stage::After)) {
        (true, true) => Some(Side::Both),
        (true, false) => Some(Side::Before),
        (false, true) => Some(Side::After),
        (false, false) => None,
    }
}

/// The beginning of a chain.
#[derive(Debug, Clone, Copy)]
struct Partial {
    node: NodeIx,
    side: Side,
    /// Steps so far.
    depth: usize,
    /// The beginning without this node.
    rest: Option<usize>,
}

/// Partial chains in order: by the length to come, then the longer, then by id, then by age.
type Queue = BinaryHeap<Reverse<(usize, Reverse<usize>, usize, usize)>>;

struct Search<'a> {
    estate: &'a Estate,
    starts: BTreeSet<NodeIx>,
    goals: BTreeSet<NodeIx>,
    /// Steps to the goal, before and after.
    left: [Vec<Option<usize>>; 2],
    /// The place of each node in the order of ids: numbers of nodes hang on the order of the input.
    rank: Vec<usize>,
    partials: Vec<Partial>,
    queue: Queue,
}

impl<'a> Search<'a> {
    fn new(estate: &'a Estate, from: NodeIx, to: NodeIx) -> Search<'a> {
        let (starts, goals) = (estate.thing(from), estate.thing(to));
        let left = [Side::Before, Side::After].map(|side| distances(estate, &goals, side));
        let mut ordered: Vec<(&str, NodeIx)> = estate
            .indices()
            .filter_map(|index| estate.node(index).map(|node| (node.id.as_str(), index)))
            .collect();
        ordered.sort();
        let mut rank = vec![0; ordered.len()];
        for (place, (_, index)) in ordered.into_iter().enumerate() {
            if let Some(slot) = rank.get_mut(index.at()) {
                *slot = place;
            }
        }
        Search { estate, starts, goals, left, rank, partials: Vec::new(), queue: Queue::new() }
    }

    fn run(mut self) -> NeedPaths {
        for start in self.starts.clone() {
            if let Some(side) = self.estate.node(start).and_then(there) {
                self.push(start, side, None);
            }
        }
        let mut paths = Vec::new();
        while let Some(Reverse((_, _, _, number))) = self.queue.pop() {
            let Some(partial) = self.partials.get(number).copied() else { continue };
            if self.goals.contains(&partial.node) {
                paths.push(NeedPath { nodes: self.nodes(number), side: partial.side });
            } else {
                self.extend(number, partial);
            }
            if paths.len() >= LISTED || self.partials.len() >= TRIED {
                break;
            }
        }
        NeedPaths { paths, all: self.queue.is_empty() }
    }

    /// Goes on from a partial chain by every need of its end.
    fn extend(&mut self, number: usize, partial: Partial) {
        let seen = self.nodes(number);
        let mut next: BTreeMap<(usize, NodeIx), Side> = BTreeMap::new();
        for need in self.estate.node(partial.node).into_iter().flat_map(|node| &node.needs) {
            for support in &need.supports {
                // A chain through the beginning again holds a shorter one.
                if seen.contains(&support.node) || self.starts.contains(&support.node) {
                    continue;
                }
                if let Some(side) = stands(self.estate, need, support) {
                    let key = (self.rank_of(support.node), support.node);
                    next.entry(key).and_modify(|known| *known = known.union(side)).or_insert(side);
                }
            }
        }
        for ((_, node), side) in next {
            if let Some(side) = side.both(partial.side) {
                self.push(node, side, Some(number));
            }
        }
    }

    /// Takes a partial chain into the queue, if the goal can be reached from its end.
    fn push(&mut self, node: NodeIx, side: Side, rest: Option<usize>) {
        let [before, after] = &self.left;
        let steps =
            |seen: bool, left: &[Option<usize>]| left.get(node.at()).copied().flatten().filter(|_| seen);
        let least = [steps(side.before(), before), steps(side.after(), after)].into_iter().flatten().min();
        let depth = rest.and_then(|rest| self.partials.get(rest)).map_or(0, |rest| rest.depth + 1);
        if let Some(least) = least {
            let key = (depth + least, Reverse(depth), self.rank_of(node), self.partials.len());
            self.queue.push(Reverse(key));
            self.partials.push(Partial { node, side, depth, rest });
        }
    }

    fn rank_of(&self, node: NodeIx) -> usize {
        self.rank.get(node.at()).copied().unwrap_or(usize::MAX)
    }

    /// The nodes of a partial chain, from its beginning.
    fn nodes(&self, number: usize) -> Vec<NodeIx> {
        let mut nodes = Vec::new();
        let mut at = Some(number);
        while let Some(partial) = at.and_then(|number| self.partials.get(number)) {
            nodes.push(partial.node);
            at = partial.rest;
        }
        nodes.reverse();
        nodes
    }
}

/// How many steps each node is away from the nearest goal in one version of the world, where it leads there at all.
fn distances(estate: &Estate, goals: &BTreeSet<NodeIx>, version: Side) -> Vec<Option<usize>> {
    let mut left = vec![None; estate.nodes.len()];
    let mut queue: VecDeque<(NodeIx, usize)> = goals.iter().map(|goal| (*goal, 0)).collect();
    while let Some((index, steps)) = queue.pop_front() {
        match left.get_mut(index.at()) {
            Some(slot) if slot.is_none() => *slot = Some(steps),
            _ => continue,
        }
        for (user, need, place) in estate.users(index) {
            let edge = estate
                .node(user)
                .and_then(|node| node.needs.get(need))
                .and_then(|need| stands(estate, need, need.supports.get(place)?)?.both(version));
            if edge.is_some() && left.get(user.at()).is_some_and(Option::is_none) {
                queue.push_back((user, steps + 1));
            }
        }
    }
    left
}
