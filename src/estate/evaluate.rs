//! Until when everything holds, in one scenario.
//!
//! How it is now is worked out once, in one pass over the components of the estate. Every other scenario is a few changed
//! leaves, and only what they reach is worked out again; all else is as it is now.

use super::Estate;
use super::clock::{Bound, Clock, EVENTUALLY, FOREVER, Held, NEVER, Rank, Renewal};
use super::part::{Part, in_force};
use super::scenario::{Scenario, Stage};
use super::settle::settle;
use super::wiring::{Counts, FlatSupport, Wiring};
use crate::model::{Horizon, Instant, Moment, NodeIx, Presence};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// An estate as seen at one now: what every scenario is worked out from.
#[derive(Debug)]
pub struct Evaluator<'e> {
    /// The estate.
    pub estate: &'e Estate,
    pub(super) clock: Clock,
    renewals: Vec<Renewal>,
    before: Vec<Held>,
    pub(super) as_it_is: Scenario,
    pub(super) no_past: Past,
}

/// That a node is down while changes are made, and up before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// Whatever the unknowns turn out to be.
    pub certain: bool,
}

/// Nodes outside of which nothing is looked at: all that some nodes rest on, so that nothing is missed.
pub(super) type Within = BTreeSet<u32>;

/// Something by the number of a node or need; looked up, and never gone through in its own order.
#[expect(clippy::disallowed_types, reason = "looked up by number; what goes through it sorts")]
pub(super) type ByNode<T> = std::collections::HashMap<u32, T, std::hash::BuildHasherDefault<Mixed>>;

/// A hash of one number: multiplied by a large odd one (Fibonacci hashing), so that neighbours lie far apart.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Mixed(u64);

impl std::hash::Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32);
    }
}

/// What was before a scenario: how it was while the changes were made, if any were.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// Nodes that were, or may have been, interrupted.
    pub(super) interrupted: BTreeMap<NodeIx, Interruption>,
    /// What held meanwhile otherwise than before.
    pub(super) otherwise: ByNode<Held>,
}

/// The horizons of all nodes in one scenario.
#[derive(Debug)]
pub struct Evaluation<'e> {
    /// What it is worked out from.
    pub evaluator: &'e Evaluator<'e>,
    /// The scenario.
    pub scenario: Scenario,
    pub(super) past: Rc<Past>,
    /// What holds otherwise than before.
    pub(super) otherwise: ByNode<Held>,
}

/// Until when a need is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedAt {
    /// As it counts for the node.
    pub counted: Horizon,
    /// Of the supports alone, before phase and strength are looked at.
    pub supports: Horizon,
}

impl<'e> Evaluator<'e> {
    /// Works out how it is.
    pub fn new(estate: &'e Estate, now: Instant) -> Evaluator<'e> {
        let of = |moment: Moment| match moment {
            Moment::At(instant) => Some(instant),
            _ => None,
        };
        let ends = estate.nodes.iter().filter_map(|node| node.end).flat_map(|end| {
            [end.before.sure, end.before.possible, end.after.sure, end.after.possible]
                .into_iter()
                .filter_map(of)
        });
        let phases = || estate.nodes.iter().flat_map(|node| &node.needs).map(|need| need.phase);
        let renewed = phases().filter_map(|phase| match phase {
            crate::model::Phase::Renew { end, .. } => end,
            _ => None,
        });
        let clock = Clock::new(now, ends.chain(renewed));
        let renewals = phases().filter_map(|phase| clock.renewal(phase)).collect();
        let nodes = estate.nodes.len();
        let (as_it_is, no_past) = (Scenario::before(), Past::default());
        let mut evaluator = Evaluator { estate, clock, renewals, before: Vec::new(), as_it_is, no_past };
        let mut held = vec![Held::NEVER; nodes];
        let view = View { evaluator: &evaluator, scenario: &evaluator.as_it_is, past: &evaluator.no_past };
        for component in 0..estate.wiring.components() {
            view.component(component, &mut held, |_| {});
        }
        evaluator.before = held;
        evaluator
    }

    /// The now of all evaluations.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// How it is.
    pub fn before(&'e self) -> Evaluation<'e> {
        self.evaluate(Scenario::before())
    }

    /// Works out one scenario.
    pub fn evaluate(&'e self, scenario: Scenario) -> Evaluation<'e> {
        self.outcome(scenario).held
    }

    /// How it is in a scenario, where these nodes have to come up from nothing.
    pub(super) fn overlay(
        &'e self,
        scenario: Scenario,
        past: Rc<Past>,
        within: Option<&Within>,
    ) -> Evaluation<'e> {
        let mut held = Overlay { before: &self.before, otherwise: ByNode::default() };
        if !scenario.is_before() {
            let view = View { evaluator: self, scenario: &scenario, past: &past };
            let wiring = &self.estate.wiring;
            let mut queue: BTreeSet<u32> = BTreeSet::new();
            let ask = |node: u32, after: Option<u32>, queue: &mut BTreeSet<u32>| {
                let component = wiring.component_of(node);
                if within.is_none_or(|within| within.contains(&node))
                    && after.is_none_or(|after| component > after)
                {
                    queue.insert(component);
                }
            };
            for node in self.seeds(&scenario, &past) {
                ask(node.0, None, &mut queue);
                // A leaf that must be absent carries by what it is itself.
                wiring.users_of(node.0).for_each(|user| ask(user, None, &mut queue));
            }
            // What is needed comes before what needs it, so each component is worked out once.
            while let Some(component) = queue.pop_first() {
                view.component(component, &mut held, |node| {
                    wiring.users_of(node).for_each(|user| ask(user, Some(component), &mut queue));
                });
            }
        }
        let otherwise = held.otherwise;
        Evaluation { evaluator: self, scenario, past, otherwise }
    }

    /// Nodes that may hold otherwise though nothing below them does.
    pub(super) fn seeds(&self, scenario: &Scenario, past: &Past) -> Vec<NodeIx> {
        let wiring = &self.estate.wiring;
        let mut seeds: Vec<NodeIx> = match scenario.listed() {
            Some(changes) => {
                changes.iter().flat_map(|change| wiring.touched_by(Some(*change))).copied().collect()
            }
            None => wiring.touched().collect(),
        };
        seeds.extend(scenario.gone());
        seeds.extend(past.interrupted.keys());
        // What has come up meanwhile runs, and need not start.
        let came_up = |(node, held): (&u32, &Held)| {
            let before = self.before_of(*node);
            let came = held.possible > before.possible || held.sure > before.sure;
            came.then_some(NodeIx(*node))
        };
        seeds.extend(past.otherwise.iter().filter_map(came_up));
        if scenario.is_cold() {
            seeds.extend(wiring.cold());
        }
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }

    /// Until when a need, by its place on its node, is met before; for ever, if it is no need then.
    pub fn was_met(&'e self, node: NodeIx, place: usize) -> Horizon {
        self.overlay(Scenario::before(), Rc::default(), None)
            .need(node, place)
            .map_or(Horizon::FOREVER, |met| met.counted)
    }

    pub(super) fn before_of(&self, node: u32) -> Held {
        self.before.get(node as usize).copied().unwrap_or(Held::UNKNOWN)
    }
}

impl Evaluation<'_> {
    /// Nodes that may hold otherwise than in another scenario, in order.
    pub(super) fn otherwise_than(&self, other: &Evaluation<'_>) -> BTreeSet<NodeIx> {
        self.otherwise.keys().chain(other.otherwise.keys()).map(|node| NodeIx(*node)).collect()
    }

    /// Nodes that are down while the changes are made, or may be, and were not before.
    pub fn interrupted(&self) -> &BTreeMap<NodeIx, Interruption> {
        &self.past.interrupted
    }

    /// Until when the node holds.
    pub fn of(&self, node: NodeIx) -> Horizon {
        self.evaluator.clock.horizon(self.held(node.0))
    }

    pub(super) fn held(&self, node: u32) -> Held {
        self.otherwise.get(&node).copied().unwrap_or_else(|| self.evaluator.before_of(node))
    }

    pub(super) fn view(&self) -> View<'_> {
        View { evaluator: self.evaluator, scenario: &self.scenario, past: &self.past }
    }

    /// Until when a need, by its place on its node, is met in this scenario; `None` if it is no need there.
    pub fn need(&self, node: NodeIx, place: usize) -> Option<NeedAt> {
        let number = self.evaluator.estate.wiring.need_at(node, place)?;
        let view = self.view();
        view.has_need(number).then(|| {
            let both = |counted: bool| {
                let of = |bound| {
                    let met = view.supported(number, bound, &|support| self.held(support.node).at(bound));
                    if counted { view.counted(number, bound, met) } else { met }
                };
                self.evaluator.clock.horizon(Held { sure: of(Bound::Sure), possible: of(Bound::Possible) })
            };
            NeedAt { counted: both(true), supports: both(false) }
        })
    }
}

/// Where horizons are kept while they are worked out.
pub(super) trait Horizons {
    fn of(&self, node: u32) -> Held;
    fn keep(&mut self, node: u32, held: Held);
}

impl Horizons for Vec<Held> {
    fn of(&self, node: u32) -> Held {
        self.get(node as usize).copied().unwrap_or(Held::UNKNOWN)
    }

    fn keep(&mut self, node: u32, held: Held) {
        if let Some(slot) = self.get_mut(node as usize) {
            *slot = held;
        }
    }
}

/// What holds otherwise than before.
struct Overlay<'e> {
    before: &'e [Held],
    otherwise: ByNode<Held>,
}

impl Horizons for Overlay<'_> {
    fn of(&self, node: u32) -> Held {
        let before = || self.before.get(node as usize).copied().unwrap_or(Held::UNKNOWN);
        self.otherwise.get(&node).copied().unwrap_or_else(before)
    }

    fn keep(&mut self, node: u32, held: Held) {
        self.otherwise.insert(node, held);
    }
}

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
    fn component(&self, component: u32, held: &mut impl Horizons, mut otherwise: impl FnMut(u32)) {
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
            Some(present) if self.scenario.gone().is_empty() => present,
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
        let Some(end) = self.evaluator.estate.node(NodeIx(node)).and_then(|node| node.end) else {
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
