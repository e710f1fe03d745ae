//! The estate in one scenario: what each need, support and node comes to, given what it rests on.

use super::clock::{Bound, EVENTUALLY, FOREVER, Held, NEVER, Rank};
use super::evaluate::{Evaluator, Horizons, Past};
use super::part::{Part, in_force};
use super::scenario::{Scenario, Stage};
use super::settle::settle;
use super::wiring::{Counts, FlatSupport, Wiring};
use crate::model::{NodeIx, Presence};
use std::cmp::Reverse;

/// The estate in one scenario.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) evaluator: &'a Evaluator<'a>,
    pub(super) scenario: &'a Scenario,
    pub(super) past: &'a Past,
}

impl View<'_> {
    pub(super) fn wiring(&self) -> &Wiring {
        &self.evaluator.estate.wiring
    }

    /// Works out one component, and tells of the nodes that hold otherwise than they did.
    pub(super) fn component(&self, component: u32, held: &mut impl Horizons, mut otherwise: impl FnMut(u32)) {
        let wiring = self.wiring();
        let mut keep = |node: u32, new: Held, held: &mut dyn Horizons| {
            if held.of(node) != new {
                held.keep(node, new);
                otherwise(node);
            }
        };
        match wiring.members(component) {
            [only] if !wiring.is_cyclic(component) => {
                let of = |bound| self.horizon(*only, bound, &|support| held.of(support.node).at(bound));
                let new = Held { sure: of(Bound::Sure), possible: of(Bound::Possible) };
                keep(*only, new, held);
            }
            members => {
                for (node, new) in members.iter().zip(settle(self, members, held)) {
                    keep(*node, new, held);
                }
            }
        }
    }

    /// One bound of the horizon of a node, where `value` tells that of each support.
    pub(super) fn horizon(&self, node: u32, bound: Bound, value: &impl Fn(&FlatSupport) -> Rank) -> Rank {
        let mut least = self.own(node).at(bound);
        for need in self.wiring().needs_of(node) {
            if least == NEVER {
                break;
            }
            if self.has_need(need) {
                least = least.min(self.counted(need, bound, self.supported(need, bound, value)));
            }
        }
        least
    }

    pub(super) fn has_need(&self, need: u32) -> bool {
        let need = self.wiring().need(need);
        self.scenario.sees(need.side, need.change)
    }

    pub(super) fn has_support(&self, support: &FlatSupport) -> bool {
        self.scenario.sees(support.side, support.change)
    }

    /// Whether the node exists, and until when by itself.
    pub(super) fn own(&self, node: u32) -> Held {
        let present = match self.presence(node) {
            Presence::Absent => return Held::NEVER,
            Presence::Unknown => Held::UNKNOWN,
            Presence::Present => Held::FOREVER,
        };
        present.and(self.end(node))
    }

    pub(super) fn presence(&self, node: u32) -> Presence {
        match self.wiring().present(node) {
            // What no change has a say in is there unless it is what is taken away.
            Some(present) if !self.scenario.gone().contains(&NodeIx(node)) => present,
            _ => {
                let index = NodeIx(node);
                self.evaluator
                    .estate
                    .node(index)
                    .map_or(Presence::Unknown, |own| self.scenario.presence(index, own))
            }
        }
    }

    pub(super) fn end(&self, node: u32) -> Held {
        if !self.wiring().ends(node) {
            return Held::FOREVER;
        }
        let Some(end) = self.evaluator.estate.node(NodeIx(node)).and_then(|node| node.end.as_deref()) else {
            return Held::FOREVER;
        };
        let seen = if self.scenario.stage(end.change) == Stage::Before { end.before } else { end.after };
        self.evaluator.clock.held(seen)
    }

    /// One bound of the supports of a need: the greatest, or the `at_least`-th greatest.
    pub(super) fn supported(&self, need: u32, bound: Bound, value: &impl Fn(&FlatSupport) -> Rank) -> Rank {
        let wiring = self.wiring();
        let carried =
            wiring.supports_of(need).iter().filter(|support| self.has_support(support)).map(|support| {
                let carried = if support.absent { self.absent(support.node, bound) } else { value(support) };
                if support.unsure && bound == Bound::Sure && in_force(Part::Cover) { NEVER } else { carried }
            });
        let at_least = usize::from(wiring.need(need).at_least);
        if at_least <= 1 || !in_force(Part::AtLeast) {
            return carried.max().unwrap_or(NEVER);
        }
        let mut carried: Vec<Rank> = carried.collect();
        carried.sort_unstable_by_key(|rank| Reverse(*rank));
        carried.get(at_least - 1).copied().unwrap_or(NEVER)
    }

    /// That a leaf is absent: bounds swapped, and nothing but itself looked at.
    fn absent(&self, leaf: u32, bound: Bound) -> Rank {
        let other = if bound == Bound::Sure { Bound::Possible } else { Bound::Sure };
        if self.own(leaf).at(other) == NEVER { FOREVER } else { NEVER }
    }

    /// One bound of a need as it counts for its node: by phase and strength.
    pub(super) fn counted(&self, need: u32, bound: Bound, supports: Rank) -> Rank {
        let own = self.wiring().need(need);
        let counted = match own.counts {
            Counts::Plainly | Counts::Running => supports,
            // What has been read at a start is not missed before the next one.
            Counts::AtStart if bound == Bound::Possible && self.reads(own.node, supports) => {
                supports.max(EVENTUALLY)
            }
            Counts::AtStart => supports,
            Counts::Renewing(number) => {
                let renewal = self.evaluator.renewals.get(number as usize);
                renewal.map_or(supports, |renewal| renewal.bound(bound, supports))
            }
        };
        if own.assumed && bound == Bound::Possible { FOREVER } else { counted }
    }

    /// Whether the node has read what it reads at its start, or finds it there when it starts now.
    fn reads(&self, node: u32, supports: Rank) -> bool {
        self.runs_on(node) || supports > NEVER && in_force(Part::Start)
    }

    /// Whether the node goes on as it was started, whatever becomes of what it read then.
    fn runs_on(&self, node: u32) -> bool {
        let index = NodeIx(node);
        in_force(Part::Start)
            && !self.scenario.is_cold()
            && !self.must_start(node, Bound::Possible)
            && !self.starts(index)
    }

    /// Whether the scenario starts the node anew.
    pub(super) fn starts(&self, node: NodeIx) -> bool {
        self.wiring().restarts(node.0)
            && self.evaluator.estate.node(node).is_some_and(|own| self.scenario.restarts(own))
    }

    /// Whether this bound of the node was down just before: while the changes are made, what was down before; when they
    /// are made, what was down meanwhile. It has to start, and may not be taken to be up.
    pub(super) fn must_start(&self, node: u32, bound: Bound) -> bool {
        let meanwhile = || self.past.otherwise.get(&node).copied();
        in_force(Part::Between)
            && !self.scenario.is_before()
            && meanwhile().unwrap_or_else(|| self.evaluator.before_of(node)).at(bound) == NEVER
    }

    /// Whether this bound of the node is interrupted.
    pub(super) fn is_interrupted(&self, node: u32, bound: Bound) -> bool {
        let found = self.past.interrupted.get(&NodeIx(node));
        found.is_some_and(|interruption| interruption.certain || bound == Bound::Sure)
    }

    /// Whether what rests on the node by a need may take it to be up already. `started`: all that must start and can has
    /// started.
    pub(super) fn is_up(&self, support: &FlatSupport, bound: Bound, started: bool) -> bool {
        if !in_force(Part::Grounded) {
            return true;
        }
        let running = self.wiring().need(support.need).counts == Counts::Running && in_force(Part::Run);
        running
            || self.wiring().sustains(support.node)
                && !self.scenario.is_cold()
                && (started || !self.must_start(support.node, bound))
    }
}
