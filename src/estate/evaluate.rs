//! Until when everything holds, in one scenario.
//!
//! How it is now is worked out once, in one pass over the components of the estate. Every other scenario is a few changed
//! leaves, and only what they reach is worked out again; all else is as it is now.

use super::Estate;
use super::clock::{Bound, Clock, Held, Renewal};
use super::scenario::Scenario;
use super::view::View;
use crate::model::{Horizon, Instant, Moment, NodeIx};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// An estate as seen at one now: what every scenario is worked out from.
#[derive(Debug)]
pub struct Evaluator<'e> {
    /// The estate.
    pub estate: &'e Estate,
    pub(super) clock: Clock,
    pub(super) renewals: Vec<Renewal>,
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
    pub(super) otherwise: Rc<ByNode<Held>>,
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
    pub(super) otherwise: Rc<ByNode<Held>>,
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
        let ends = estate.nodes.iter().filter_map(|node| node.end.as_deref()).flat_map(|end| {
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

    /// These nodes and all that they rest on, in any version.
    pub(super) fn below(&self, nodes: &[NodeIx]) -> Within {
        let wiring = &self.estate.wiring;
        let mut found: Within = nodes.iter().map(|node| node.0).collect();
        let mut open: Vec<u32> = found.iter().copied().collect();
        while let Some(node) = open.pop() {
            let supports = wiring.needs_of(node).flat_map(|need| wiring.supports_of(need));
            open.extend(supports.map(|support| support.node).filter(|node| found.insert(*node)));
        }
        found
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
            for node in self.seeds(&scenario, &past, within) {
                ask(node.0, None, &mut queue);
                // A leaf that must be absent carries by what it is itself.
                wiring.each_use(node.0, within, |need, _| ask(wiring.need(need).node, None, &mut queue));
            }
            // What is needed comes before what needs it, so each component is worked out once.
            while let Some(component) = queue.pop_first() {
                view.component(component, &mut held, |node| {
                    wiring.each_use(node, within, |need, _| {
                        ask(wiring.need(need).node, Some(component), &mut queue);
                    });
                });
            }
        }
        let otherwise = Rc::new(held.otherwise);
        Evaluation { evaluator: self, scenario, past, otherwise }
    }

    /// Nodes that may hold otherwise though nothing below them does.
    pub(super) fn seeds(&self, scenario: &Scenario, past: &Past, within: Option<&Within>) -> Vec<NodeIx> {
        let wiring = &self.estate.wiring;
        let mut seeds: Vec<NodeIx> = match (scenario.listed(), within) {
            (Some(changes), _) => {
                changes.iter().flat_map(|change| wiring.touched_by(*change)).copied().collect()
            }
            (None, Some(within)) => {
                within.iter().copied().map(NodeIx).filter(|node| wiring.is_touched(*node)).collect()
            }
            (None, None) => wiring.touched().collect(),
        };
        seeds.extend(scenario.gone());
        // What has come up meanwhile runs, and need not start.
        let came_up = |(node, held): (&u32, &Held)| {
            let before = self.before_of(*node);
            let came = held.possible > before.possible || held.sure > before.sure;
            came.then_some(NodeIx(*node))
        };
        match within {
            Some(within) => {
                seeds.extend(
                    within.iter().copied().map(NodeIx).filter(|node| past.interrupted.contains_key(node)),
                );
                let held = within.iter().filter_map(|node| Some((node, past.otherwise.get(node)?)));
                seeds.extend(held.filter_map(came_up));
            }
            None => {
                seeds.extend(past.interrupted.keys());
                seeds.extend(past.otherwise.iter().filter_map(came_up));
            }
        }
        if scenario.is_cold() {
            seeds.extend(wiring.cold());
        }
        if let Some(within) = within {
            seeds.retain(|node| within.contains(&node.0));
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
