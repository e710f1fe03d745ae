//! Things that need each other in a circle: νX.μY.
//!
//! What runs or renews may be taken to be up (the greatest fixpoint: it holds itself up until something else fails it);
//! grants, identities and their like may not (the least: they hold only by something outside the circle). Needs of phase
//! `run` look at what is up.
//!
//! The needs that may not take anything to be up split the circle into blocks. All nodes start as if they held for ever;
//! a block is worked out from nothing, with all else as it stands, and when a node of it turns out to hold less long,
//! the blocks of those that need it are worked out again. Horizons only ever fall, so this ends, at νX.μY.
//!
//! What is down, or is stopped by the plan, is worked out twice: first, as if it could not be taken to be up, to see what
//! starts at all; then once more without what does not start, where all that runs may again hold itself up.

use super::clock::{Bound, FOREVER, Held, NEVER, Rank};
use super::evaluate::Horizons;
use super::view::View;
use super::wiring::FlatSupport;
use petgraph::graph::{DiGraph, NodeIndex};
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Until when the members of one component hold, in their order.
pub(super) fn settle(view: &View<'_>, members: &[u32], held: &impl Horizons) -> Vec<Held> {
    let mut out = vec![Held::FOREVER; members.len()];
    for bound in [Bound::Sure, Bound::Possible] {
        let mut circle = Circle::new(view, members, held, bound, None);
        circle.settle();
        let starts = members.iter().any(|member| view.must_start(*member, bound));
        if starts && !view.scenario.is_cold() {
            circle = Circle::new(view, members, held, bound, Some(circle.ranks));
            circle.settle();
        }
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
    /// What has started, if that has been worked out: all whose rank is not Never.
    started: Option<Vec<Rank>>,
    /// What is needed before what needs it, as far as that may not be taken to be up.
    blocks: Vec<Vec<usize>>,
    block_of: Vec<usize>,
}

impl<'a, H: Horizons> Circle<'a, H> {
    fn new(
        view: &'a View<'a>,
        members: &'a [u32],
        held: &'a H,
        bound: Bound,
        started: Option<Vec<Rank>>,
    ) -> Circle<'a, H> {
        let mut circle = Circle {
            view,
            members,
            held,
            bound,
            ranks: vec![FOREVER; members.len()],
            started,
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
                    let below = circle.place(support.node).filter(|_| !circle.is_up(support));
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

    fn is_up(&self, support: &FlatSupport) -> bool {
        self.view.is_up(support, self.bound, self.started.is_some())
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
        let mut fallen: BTreeSet<(Rank, usize)> = BTreeSet::new();
        for block in 0..self.blocks.len() {
            self.again(block, &mut fallen);
        }
        // The first to end first: nothing that ends later can make it end sooner, so that it is looked at once.
        while let Some((rank, place)) = fallen.pop_first() {
            if rank != self.rank(place) {
                continue;
            }
            let users: Vec<usize> = self.users(place).collect();
            for block in
                users.into_iter().filter_map(|user| self.block_of.get(user).copied()).collect::<Vec<_>>()
            {
                self.again(block, &mut fallen);
            }
        }
    }

    /// Works a block out again, and notes what fell.
    fn again(&mut self, block: usize, fallen: &mut BTreeSet<(Rank, usize)>) {
        for (place, rank) in self.block(block) {
            if rank != self.rank(place) {
                if let Some(slot) = self.ranks.get_mut(place) {
                    *slot = rank;
                }
                fallen.insert((rank, place));
            }
        }
    }

    /// One block from nothing, with all else as it stands.
    fn block(&self, block: usize) -> Vec<(usize, Rank)> {
        let places = self.blocks.get(block).map_or(&[][..], Vec::as_slice);
        if let [only] = places {
            return vec![(*only, self.alone(*only))];
        }
        let mut within: BTreeMap<usize, Rank> = places.iter().map(|place| (*place, NEVER)).collect();
        // What holds longest first: nothing that holds less long can make it hold longer.
        let mut risen: BTreeSet<(Reverse<Rank>, usize)> = BTreeSet::new();
        let mut open: Vec<usize> = places.to_vec();
        loop {
            for place in open.drain(..) {
                let rank = self.horizon(place, &|below| within.get(&below).copied());
                if within.get(&place) != Some(&rank) {
                    within.insert(place, rank);
                    risen.insert((Reverse(rank), place));
                }
            }
            match risen.pop_first() {
                None => break,
                Some((Reverse(rank), place)) if within.get(&place) == Some(&rank) => {
                    open.extend(self.users(place).filter(|user| within.contains_key(user)));
                }
                Some(_) => {}
            }
        }
        within.into_iter().collect()
    }

    /// A node that is a block of its own, and may yet need itself.
    fn alone(&self, place: usize) -> Rank {
        let mut rank = NEVER;
        loop {
            let asked = Cell::new(false);
            let next = self.horizon(place, &|below| {
                asked.set(asked.get() || below == place);
                (below == place).then_some(rank)
            });
            if next == rank || !asked.get() {
                return next;
            }
            rank = next;
        }
    }

    /// The bound of a member, where `within` tells of those of its own block that may not be taken to be up.
    fn horizon(&self, place: usize, within: &impl Fn(usize) -> Option<Rank>) -> Rank {
        let Some(node) = self.members.get(place) else { return NEVER };
        if self.started.as_ref().is_some_and(|started| started.get(place) == Some(&NEVER)) {
            return NEVER;
        }
        let value = |support: &FlatSupport| match self.place(support.node) {
            None => self.held.of(support.node).at(self.bound),
            Some(below) if self.is_up(support) => self.rank(below),
            Some(below) => within(below).unwrap_or_else(|| self.rank(below)),
        };
        self.view.horizon(*node, self.bound, &value)
    }
}
