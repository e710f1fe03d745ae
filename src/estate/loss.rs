//! What is lost from how it is to another scenario, need by need.
//!
//! Two horizons of a node are not compared: an unknown elsewhere would hide a loss here. A node may fall if its own
//! presence or end may have shrunk or one of its needs may fall; a need may fall if a support of it may, and if what is
//! sure after is less than what was possible before. Least fixpoint from what changed.

use super::clock::{Bound, Held, NEVER};
use super::evaluate::{ByNode, Evaluation, Evaluator, Interruption, Past, Within};
use super::part::{Part, in_force};
use super::scenario::Scenario;
use super::view::View;
use super::wiring::{Counts, FlatSupport};
use crate::model::{Horizon, NodeIx, Presence};
use std::collections::BTreeMap;
use std::rc::Rc;

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
        let found = self.held.interrupted().get(&node).copied();
        found.filter(|_| there && self.falls.of(node).is_none())
    }
}

impl<'e> Evaluator<'e> {
    /// Works out one scenario, and what falls in it.
    pub fn outcome(&'e self, scenario: Scenario) -> Outcome<'e> {
        self.outcome_within(scenario, None)
    }

    /// The same for these nodes and all that they rest on; of everything else it says nothing.
    pub fn outcome_for(&'e self, scenario: Scenario, nodes: &[NodeIx]) -> Outcome<'e> {
        self.outcome_within(scenario, Some(&self.below(nodes)))
    }

    fn outcome_within(&'e self, scenario: Scenario, within: Option<&Within>) -> Outcome<'e> {
        let between = scenario.has_between().then(|| {
            let during = self.overlay(scenario.clone().during(), Rc::default(), within);
            let falls = falls(&during, within);
            (during, falls)
        });
        let past = between.as_ref().map(|(during, falls)| Past {
            interrupted: interrupted(during, falls),
            otherwise: Rc::clone(&during.otherwise),
        });
        let held = self.overlay(scenario, Rc::new(past.unwrap_or_default()), within);
        let falls = falls(&held, within);
        Outcome { held, falls, between }
    }
}

/// What is down in a scenario and up before, as its losses tell.
fn interrupted(during: &Evaluation<'_>, falls: &Falls) -> BTreeMap<NodeIx, Interruption> {
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

/// What is lost in a scenario, compared with how it is.
fn falls(after: &Evaluation<'_>, within: Option<&Within>) -> Falls {
    let compared = Compared::new(after);
    #[cfg(test)]
    if !in_force(Part::NeedByNeed) {
        return compared.by_horizons();
    }
    let mut found = Found {
        compared: &compared,
        within,
        losses: ByNode::default(),
        touched: ByNode::default(),
        fallen: Vec::new(),
    };
    let seeds = compared.evaluator.seeds(&after.scenario, &after.past, within);
    for index in &seeds {
        if let Some(own) = compared.own_shrinks(*index) {
            found.losses.insert(index.0, compared.loss(*index, Some(own), 0));
            found.fallen.push(index.0);
        }
    }
    let mut fallen = std::mem::take(&mut found.fallen);
    let wiring = compared.now.wiring();
    for index in &seeds {
        for need in wiring.needs_of(index.0).filter(|need| compared.changes_itself(*need)) {
            found.touch(need, 1);
        }
        wiring.each_use(index.0, within, |need, support| {
            if compared.support_changes(support) {
                found.touch(need, 1);
            }
        });
    }
    let mut round = 0;
    loop {
        round += 1;
        for node in &fallen {
            wiring.each_use(*node, within, |need, support| {
                if !support.absent
                    && compared.before.has_support(support)
                    && compared.now.has_support(support)
                {
                    found.touch(need, round);
                }
            });
        }
        fallen = std::mem::take(&mut found.fallen);
        if fallen.is_empty() {
            break;
        }
    }
    let sorted = |(node, mut loss): (u32, Loss)| {
        loss.needs.sort_unstable();
        (NodeIx(node), loss)
    };
    Falls { losses: found.losses.into_iter().map(sorted).collect() }
}

/// What has been found to fall.
struct Found<'c, 'a> {
    compared: &'c Compared<'a>,
    within: Option<&'c Within>,
    losses: ByNode<Loss>,
    /// Needs that have been looked at: whether one falls once it is touched does not depend on what else does.
    touched: ByNode<()>,
    /// Nodes of which those that need them have not been told yet.
    fallen: Vec<u32>,
}

impl Found<'_, '_> {
    fn touch(&mut self, need: u32, round: usize) {
        let wiring = self.compared.now.wiring();
        let node = wiring.need(need).node;
        if self.within.is_some_and(|within| !within.contains(&node))
            || self.touched.insert(need, ()).is_some()
            || !self.compared.loses(need)
        {
            return;
        }
        let place = (need - wiring.needs_of(node).start) as usize;
        if !self.losses.contains_key(&node) {
            self.losses.insert(node, self.compared.loss(NodeIx(node), None, round));
            self.fallen.push(node);
        }
        if let Some(loss) = self.losses.get_mut(&node) {
            loss.needs.push(place);
        }
    }
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
        let before = View { evaluator, scenario: &evaluator.as_it_is, past: &evaluator.no_past };
        Compared { evaluator, before, after, now: after.view() }
    }

    /// What would be lost if two horizons were compared: too little.
    #[cfg(test)]
    fn by_horizons(&self) -> Falls {
        let nodes = self.after.otherwise.keys().copied();
        let less = |node: &u32| {
            let (was, is) = (self.evaluator.before_of(*node), self.after.held(*node));
            is.sure < was.sure || is.possible < was.possible
        };
        let losses = nodes.filter(less).map(|node| {
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

    /// Whether a need is touched whatever falls below it: it is new, or a support of it is one no longer, or a start
    /// comes that would find it unmet.
    fn changes_itself(&self, need: u32) -> bool {
        let supports = || self.now.wiring().supports_of(need).iter();
        !self.before.has_need(need)
            || supports().any(|support| self.support_changes(support))
            || self.starts_without(need)
    }

    /// Whether less is met of a need, once something about it may have changed: surely after, than possibly before.
    fn loses(&self, need: u32) -> bool {
        let node = self.now.wiring().need(need).node;
        // What is not there before cannot be lost, and what is gone needs nothing. What is there and does not hold before, for
        // want of something else, is lost all the same: one thing that is missing would hide all others.
        if self.before.own(node).possible == NEVER
            || self.now.presence(node) == Presence::Absent
            || !self.now.has_need(need)
        {
            return false;
        }
        let was = match self.before.has_need(need) {
            false => Held::FOREVER.possible,
            true => {
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
        let is_one = self.before.has_support(support) && self.now.has_support(support);
        self.support_changes(support) || is_one && !support.absent && falls.of(NodeIx(support.node)).is_some()
    }

    /// The same, whatever falls: it is one no longer, or what must be absent may come, or it was interrupted.
    fn support_changes(&self, support: &FlatSupport) -> bool {
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
        // What was interrupted and falls by that is told of by its own needs. Only in a circle is there nothing else to tell
        // whether it came back; elsewhere it is the same question before and after, however unknown.
        self.after.interrupted().contains_key(&node) && self.in_a_circle(support)
            || self.only_by_itself(support)
    }

    /// Whether what supports rests on what it supports.
    fn in_a_circle(&self, support: &FlatSupport) -> bool {
        let wiring = self.now.wiring();
        wiring.component_of(support.node) == wiring.component_of(wiring.need(support.need).node)
    }

    /// From nothing, what was up only because its users are up comes up no more.
    fn only_by_itself(&self, support: &FlatSupport) -> bool {
        self.after.scenario.is_cold()
            && self.in_a_circle(support)
            && self.before.is_up(support, Bound::Possible, true)
    }
}
