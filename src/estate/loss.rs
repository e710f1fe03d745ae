//! What is lost from how it is to another scenario, need by need.
//!
//! Two horizons of a node are not compared: an unknown elsewhere would hide a loss here. A node may fall if its own
//! presence or end may have shrunk or one of its needs may fall; a need may fall if a support of it may, and if what is
//! sure after is less than what was possible before. Least fixpoint from what changed.

use super::clock::{Bound, Held, NEVER};
use super::evaluate::{Evaluation, Evaluator, Interrupted, Interruption, View};
use super::part::{Part, in_force};
use super::scenario::Scenario;
use super::wiring::{Counts, FlatSupport};
use crate::model::{Horizon, NodeIx, Presence};
use std::collections::BTreeMap;

/// How one node falls.
#[derive(Debug, Clone)]
pub struct Loss {
    /// Which node.
    pub node: NodeIx,
    /// It goes itself, or may.
    pub goes: bool,
    /// It ends sooner by itself.
    pub sooner: bool,
    /// The places of its needs that may fall.
    pub needs: Vec<usize>,
    /// Until when it holds after.
    pub until: Horizon,
    /// Until when it held before.
    pub was: Horizon,
    /// Whatever the unknowns turn out to be.
    pub certain: bool,
    /// In which round it was found: what it falls by was found in an earlier one.
    pub round: usize,
}

impl Loss {
    /// Whether it falls by going itself: what it needs has then nothing to do with it.
    pub fn removed(&self) -> bool {
        self.goes && self.needs.is_empty() && in_force(Part::Removed)
    }
}

/// All that falls.
#[derive(Debug, Clone, Default)]
pub struct Falls {
    /// By node.
    pub losses: BTreeMap<NodeIx, Loss>,
}

impl Falls {
    /// How this node falls, if it may.
    pub fn of(&self, node: NodeIx) -> Option<&Loss> {
        self.losses.get(&node)
    }
}

/// One scenario with all that falls in it.
#[derive(Debug)]
pub struct Outcome<'e> {
    /// Until when everything holds.
    pub held: Evaluation<'e>,
    /// What falls, compared with how it is.
    pub falls: Falls,
    /// While the changes are made: until when everything holds, and what falls. `None`: no changes are made.
    pub between: Option<(Evaluation<'e>, Falls)>,
}

impl Outcome<'_> {
    /// Whether the node is down while changes are made, and up again after.
    pub fn interrupts(&self, node: NodeIx) -> Option<Interruption> {
        let there = self.held.view().presence(node.0) != Presence::Absent;
        let found = self.held.interrupted.get(&node).copied();
        found.filter(|_| there && self.falls.of(node).is_none())
    }
}

impl<'e> Evaluator<'e> {
    /// Works out one scenario, and what falls in it.
    pub fn outcome(&'e self, scenario: Scenario) -> Outcome<'e> {
        let between = scenario.has_between().then(|| {
            let during = self.overlay(scenario.clone().during(), Interrupted::new(), None);
            let falls = falls(&during);
            (during, falls)
        });
        let interrupted = between.as_ref().map(|(during, falls)| interrupted(during, falls));
        let held = self.overlay(scenario, interrupted.unwrap_or_default(), None);
        let falls = falls(&held);
        Outcome { held, falls, between }
    }
}

/// What is down in a scenario and up before, as its losses tell.
fn interrupted(during: &Evaluation<'_>, falls: &Falls) -> Interrupted {
    let view = during.view();
    let down = |node: NodeIx, loss: &Loss| {
        let own = (loss.goes || loss.sooner) && view.own(node.0).sure == NEVER;
        let wiring = view.wiring();
        let mut needs = loss.needs.iter().filter_map(|place| wiring.need_at(node, *place));
        own || needs.any(|need| {
            let met = view.supported(need, Bound::Sure, &|support| during.held(support.node).sure);
            view.counted(need, Bound::Sure, met) == NEVER
        })
    };
    // What was down before is not interrupted.
    let held = |node: NodeIx| during.evaluator.before_of(node.0).possible > NEVER;
    falls
        .losses
        .iter()
        .filter(|(node, _)| held(**node))
        .filter_map(|(node, loss)| {
            let certain = during.held(node.0).possible == NEVER;
            (certain || down(*node, loss)).then_some((*node, Interruption { certain }))
        })
        .collect()
}

/// Both sides of the comparison.
pub(super) struct Compared<'a> {
    evaluator: &'a Evaluator<'a>,
    before: View<'a>,
    after: &'a Evaluation<'a>,
    now: View<'a>,
}

/// How it is, as a scenario.
static BEFORE: Scenario = Scenario::before();
/// Nobody is interrupted before.
static NOBODY: Interrupted = Interrupted::new();

/// What is lost in a scenario, compared with how it is.
pub(super) fn falls(after: &Evaluation<'_>) -> Falls {
    let compared = Compared::new(after);
    if !in_force(Part::NeedByNeed) {
        return compared.by_horizons();
    }
    let wiring = &compared.evaluator.estate.wiring;
    let mut falls = Falls::default();
    let mut open: Vec<NodeIx> = Vec::new();
    for index in compared.evaluator.seeds(&after.scenario, &after.interrupted) {
        if let Some(own) = compared.own_shrinks(index) {
            falls.losses.insert(index, compared.loss(index, Some(own), 0));
        }
        open.push(index);
    }
    let mut round = 0;
    while !open.is_empty() {
        round += 1;
        let mut reached: Vec<NodeIx> = Vec::new();
        for index in open {
            // Its own needs may have changed, and those who rest on it may fall with it.
            reached.push(index);
            reached.extend(wiring.users_of(index.0).map(NodeIx));
        }
        reached.sort_unstable();
        reached.dedup();
        open = Vec::new();
        let found: Vec<(NodeIx, Vec<usize>)> = reached
            .into_iter()
            .filter(|index| !compared.is_gone(*index))
            .map(|index| (index, compared.falling_needs(index, &falls)))
            .filter(|(_, needs)| !needs.is_empty())
            .collect();
        for (index, needs) in found {
            match falls.losses.get_mut(&index) {
                Some(known) => known.needs = needs,
                None => {
                    let mut loss = compared.loss(index, None, round);
                    loss.needs = needs;
                    falls.losses.insert(index, loss);
                    open.push(index);
                }
            }
        }
    }
    falls
}

/// How a node shrinks by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Goes,
    EndsSooner,
}

impl<'a> Compared<'a> {
    pub(super) fn new(after: &'a Evaluation<'a>) -> Compared<'a> {
        let evaluator = after.evaluator;
        let before = View { evaluator, scenario: &BEFORE, interrupted: &NOBODY };
        Compared { evaluator, before, after, now: after.view() }
    }

    fn by_horizons(&self) -> Falls {
        let mut nodes: Vec<u32> = self.after.otherwise.keys().copied().collect();
        nodes.sort_unstable();
        let less = |node: &u32| {
            let (was, is) = (self.evaluator.before_of(*node), self.after.held(*node));
            is.sure < was.sure || is.possible < was.possible
        };
        let losses = nodes.into_iter().filter(less).map(|node| {
            let own = self.own_shrinks(NodeIx(node));
            (NodeIx(node), self.loss(NodeIx(node), own, 0))
        });
        Falls { losses: losses.collect() }
    }

    fn loss(&self, node: NodeIx, own: Option<Own>, round: usize) -> Loss {
        let (was, is) = (self.evaluator.before_of(node.0), self.after.held(node.0));
        let clock = &self.evaluator.clock;
        Loss {
            node,
            goes: own == Some(Own::Goes),
            sooner: own == Some(Own::EndsSooner),
            needs: Vec::new(),
            until: clock.horizon(is),
            was: clock.horizon(was),
            certain: is.possible < was.possible,
            round,
        }
    }

    fn is_gone(&self, node: NodeIx) -> bool {
        self.now.presence(node.0) == Presence::Absent
    }

    /// Whether the node's own presence or end may have shrunk.
    fn own_shrinks(&self, index: NodeIx) -> Option<Own> {
        let (was, is) = (self.before.own(index.0), self.now.own(index.0));
        if was.possible == NEVER || is.sure >= was.possible {
            return None;
        }
        // What the plan does not change is one variable before and after, however unknown: a later end is no loss where
        // whether the thing is there is as open as before.
        let (there_before, there_now) = (self.before.presence(index.0), self.now.presence(index.0));
        if there_before > there_now || self.moves(index, Presence::Absent) {
            return Some(Own::Goes);
        }
        let (end_before, end_now) = (self.before.end(index.0), self.now.end(index.0));
        (end_now.sure < end_before.possible && end_now != end_before).then_some(Own::EndsSooner)
    }

    /// What may be there, and is just being made or taken away: whether it is there is another question than whether it
    /// was, though neither is known.
    fn moves(&self, index: NodeIx, to: Presence) -> bool {
        let there = (self.before.presence(index.0), self.now.presence(index.0));
        there == (Presence::Unknown, Presence::Unknown)
            && self.now.wiring().present(index.0).is_none()
            && self.evaluator.estate.node(index).is_some_and(|node| {
                node.claims.iter().any(|claim| {
                    self.after.scenario.is_being_made(claim.change) && claim.after == to && claim.before != to
                })
            })
    }

    fn falling_needs(&self, index: NodeIx, falls: &Falls) -> Vec<usize> {
        // What does not hold at all before cannot be lost.
        if self.evaluator.before_of(index.0).possible == NEVER {
            return Vec::new();
        }
        let needs = self.now.wiring().needs_of(index.0);
        needs.enumerate().filter(|(_, need)| self.need_falls(*need, falls)).map(|(place, _)| place).collect()
    }

    fn need_falls(&self, need: u32, falls: &Falls) -> bool {
        if !self.now.has_need(need) {
            return false;
        }
        let is_new = !self.before.has_need(need);
        let supports = self.now.wiring().supports_of(need);
        let touched = is_new
            || supports.iter().any(|support| self.support_falls(support, falls))
            || self.starts_without(need);
        if !touched {
            return false;
        }
        let was = match is_new {
            true => Held::FOREVER.possible,
            false => {
                let value = |support: &FlatSupport| self.evaluator.before_of(support.node).possible;
                let met = self.before.supported(need, Bound::Possible, &value);
                self.before.counted(need, Bound::Possible, met)
            }
        };
        // An assumed need counts as met forever at best, before and after: its supports tell what was lost.
        let met = self.now.supported(need, Bound::Sure, &|support| self.after.held(support.node).sure);
        self.now.counted(need, Bound::Sure, met) < was
    }

    /// What was read at the start is gone already, and the scenario starts the node anew.
    fn starts_without(&self, need: u32) -> bool {
        let own = self.now.wiring().need(need);
        if own.counts != Counts::AtStart {
            return false;
        }
        let starts = self.now.starts(NodeIx(own.node))
            || self.now.is_interrupted(own.node, Bound::Possible)
            || self.after.scenario.is_cold();
        let value = |support: &FlatSupport| self.evaluator.before_of(support.node).possible;
        starts && self.before.supported(need, Bound::Possible, &value) == NEVER
    }

    /// Whether a support may carry less than before.
    pub(super) fn support_falls(&self, support: &FlatSupport, falls: &Falls) -> bool {
        if !self.before.has_support(support) {
            return false;
        }
        if !self.now.has_support(support) {
            return true;
        }
        let node = NodeIx(support.node);
        if support.absent {
            let (was, is) = (self.before.own(support.node), self.now.own(support.node));
            return (was != is || self.moves(node, Presence::Present)) && was.sure < is.possible;
        }
        falls.of(node).is_some() || self.after.interrupted.contains_key(&node) || self.only_by_itself(support)
    }

    /// From nothing, what was up only because its users are up comes up no more.
    fn only_by_itself(&self, support: &FlatSupport) -> bool {
        let wiring = self.now.wiring();
        let component = wiring.component_of(support.node);
        self.after.scenario.is_cold()
            && component == wiring.component_of(wiring.need(support.need).node)
            && self.before.is_up(support, Bound::Possible)
    }
}
