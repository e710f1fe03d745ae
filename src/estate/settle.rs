//! Things that need each other in a circle: νX.μY.
//!
//! What runs or renews may be taken to be up (the greatest fixpoint: it holds itself up until something else fails it);
//! grants, identities and their like may not (the least: they hold only by something outside the circle). Needs of phase
//! `run` look at what is up.
//!
//! The needs that may not take anything to be up split the circle into blocks. All nodes start as if they held for ever;
//! a block is worked out from nothing, with all else as it stands, and when a node of it turns out to hold less long,
//! the blocks of those that need it are worked out again. Horizons only ever fall, so this ends, at νX.μY.

use super::clock::{Bound, FOREVER, Held, NEVER, Rank};
use super::evaluate::{Horizons, View};
use super::wiring::FlatSupport;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeSet, VecDeque};

/// Until when the members of one component hold, in their order.
pub(super) fn settle(view: &View<'_>, members: &[u32], held: &impl Horizons) -> Vec<Held> {
    let mut out = vec![Held::FOREVER; members.len()];
    for bound in [Bound::Sure, Bound::Possible] {
        let mut circle = Circle::new(view, members, held, bound);
        circle.settle();
        for (slot, rank) in out.iter_mut().zip(circle.ranks) {
            slot.set(bound, rank);
        }
    }
    out
}

/// One bound of a component. Members are numbered by their place.
struct Circle<'a, H> {
    view: &'a View<'a>,
    /// In ascending order.
    members: &'a [u32],
    held: &'a H,
    bound: Bound,
    ranks: Vec<Rank>,
    /// What is needed before what needs it, as far as that may not be taken to be up.
    blocks: Vec<Vec<usize>>,
    block_of: Vec<usize>,
}

impl<'a, H: Horizons> Circle<'a, H> {
    fn new(view: &'a View<'a>, members: &'a [u32], held: &'a H, bound: Bound) -> Circle<'a, H> {
        let mut circle = Circle {
            view,
            members,
            held,
            bound,
            ranks: vec![FOREVER; members.len()],
            blocks: Vec::new(),
            block_of: vec![0; members.len()],
        };
        let mut grounded: DiGraph<(), (), usize> = DiGraph::default();
        for _ in members {
            grounded.add_node(());
        }
        for (place, node) in members.iter().enumerate() {
            for need in view.wiring().needs_of(*node) {
                for support in view.wiring().supports_of(need) {
                    let below = circle.place(support.node).filter(|_| !view.is_up(support, bound));
                    if let Some(below) = below {
                        grounded.add_edge(NodeIndex::new(place), NodeIndex::new(below), ());
                    }
                }
            }
        }
        for (number, block) in petgraph::algo::kosaraju_scc(&grounded).into_iter().enumerate() {
            let places: Vec<usize> = block.into_iter().map(NodeIndex::index).collect();
            for place in &places {
                if let Some(slot) = circle.block_of.get_mut(*place) {
                    *slot = number;
                }
            }
            circle.blocks.push(places);
        }
        circle
    }

    fn place(&self, node: u32) -> Option<usize> {
        self.members.binary_search(&node).ok()
    }

    fn rank(&self, place: usize) -> Rank {
        self.ranks.get(place).copied().unwrap_or(NEVER)
    }

    /// Places of members that need this one.
    fn users(&self, place: usize) -> impl Iterator<Item = usize> {
        let node = self.members.get(place).copied().unwrap_or(u32::MAX);
        self.view.wiring().users_of(node).filter_map(|user| self.place(user))
    }

    fn settle(&mut self) {
        let mut open: BTreeSet<usize> = (0..self.blocks.len()).collect();
        while let Some(block) = open.pop_first() {
            for (place, rank) in self.block(block) {
                if rank == self.rank(place) {
                    continue;
                }
                if let Some(slot) = self.ranks.get_mut(place) {
                    *slot = rank;
                }
                let users: Vec<usize> = self.users(place).collect();
                open.extend(users.into_iter().filter_map(|user| self.block_of.get(user)));
            }
        }
    }

    /// One block from nothing, with all else as it stands.
    fn block(&self, block: usize) -> Vec<(usize, Rank)> {
        let Some(places) = self.blocks.get(block) else { return Vec::new() };
        let mut within: std::collections::HashMap<usize, Rank> =
            places.iter().map(|place| (*place, NEVER)).collect();
        let mut open: VecDeque<usize> = places.iter().copied().collect();
        let mut queued: BTreeSet<usize> = places.iter().copied().collect();
        while let Some(place) = open.pop_front() {
            queued.remove(&place);
            let Some(node) = self.members.get(place) else { continue };
            let value = |support: &FlatSupport| match self.place(support.node) {
                None => self.held.of(support.node).at(self.bound),
                Some(below) if self.view.is_up(support, self.bound) => self.rank(below),
                Some(below) => within.get(&below).copied().unwrap_or_else(|| self.rank(below)),
            };
            let rank = self.view.horizon(*node, self.bound, &value);
            if within.insert(place, rank) != Some(rank) {
                for user in self.users(place).filter(|user| within.contains_key(user)) {
                    if queued.insert(user) {
                        open.push_back(user);
                    }
                }
            }
        }
        within.into_iter().collect()
    }
}
