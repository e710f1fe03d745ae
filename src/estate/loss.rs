//! What is lost from one scenario to another, need by need.
//!
//! Two horizons of a node are not compared: an unknown elsewhere would hide a loss here. A node may fall if its own
//! presence may have shrunk or one of its needs may fall; a need may fall if a support of it may, and if what is sure
//! after is less than what was possible before. Least fixpoint from what changed.

use super::Estate;
use super::evaluate::{Evaluation, Scenario};
use crate::model::{Horizon, Instant, Moment, Need, NodeIx, Phase, Presence, Sign, Support};
use std::collections::BTreeMap;

/// How one node falls.
#[derive(Debug, Clone)]
pub struct Loss {
    /// Which node.
    pub node: NodeIx,
    /// Its own presence or end shrank: what it needs is then not looked at.
    pub removed: bool,
    /// Numbers of its needs that may fall.
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

/// Both sides of the comparison.
pub struct Compared<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// The scenario before.
    pub from: Scenario<'a>,
    /// Its evaluation.
    pub before: &'a Evaluation,
    /// The scenario after.
    pub to: Scenario<'a>,
    /// Its evaluation.
    pub after: &'a Evaluation,
}

/// Finds what is lost between two scenarios.
pub fn find_losses<'a>(
    estate: &'a Estate,
    (from, before): (Scenario<'a>, &'a Evaluation),
    (to, after): (Scenario<'a>, &'a Evaluation),
) -> Falls {
    let compared = Compared { estate, from, before, to, after };
    let mut falls = Falls::default();
    let mut open: Vec<NodeIx> = Vec::new();
    for index in estate.indices() {
        if compared.own_shrinks(index) {
            falls.losses.insert(index, compared.loss(index, true, 0));
            open.push(index);
        } else if compared.has_new_trouble(index) {
            open.push(index);
        }
    }
    let mut round = 0;
    while !open.is_empty() {
        round += 1;
        let mut reached: Vec<NodeIx> = Vec::new();
        for index in open {
            // Its own needs may have changed, and those who rest on it may fall with it.
            reached.push(index);
            reached.extend(estate.users.get(index.at()).into_iter().flatten().map(|(user, _, _)| *user));
        }
        reached.sort();
        reached.dedup();
        open = Vec::new();
        let found: Vec<(NodeIx, Vec<usize>)> = reached
            .into_iter()
            .filter(|index| !falls.of(*index).is_some_and(|loss| loss.removed))
            .map(|index| (index, compared.falling_needs(index, &falls)))
            .filter(|(_, needs)| !needs.is_empty())
            .collect();
        for (index, needs) in found {
            match falls.losses.get_mut(&index) {
                Some(known) => {
                    known.needs = needs;
                }
                None => {
                    let mut loss = compared.loss(index, false, round);
                    loss.needs = needs;
                    falls.losses.insert(index, loss);
                    open.push(index);
                }
            }
        }
    }
    falls
}

impl Compared<'_> {
    fn loss(&self, node: NodeIx, removed: bool, round: usize) -> Loss {
        let (was, until) = (self.before.of(node), self.after.of(node));
        Loss { node, removed, needs: Vec::new(), until, was, certain: until.possible < was.possible, round }
    }

    /// Whether the node's own presence or end may have shrunk.
    fn own_shrinks(&self, index: NodeIx) -> bool {
        let Some(node) = self.estate.node(index) else { return false };
        let was = self.from.own(index, node, self.before.now());
        let is = self.to.own(index, node, self.after.now());
        // What the plan does not change is one variable before and after, however unknown: a later end is no loss
        // where whether the thing is there is as open as before.
        let fewer = self.from.presence(index, node) > self.to.presence(index, node);
        let sooner =
            self.to.end(node, self.after.now()).sure < self.from.end(node, self.before.now()).possible;
        was != is && was.may_hold() && is.sure < was.possible && (fewer || sooner)
    }

    /// Whether a need came, or lost a support as such: then the node is looked at though nothing below it falls.
    fn has_new_trouble(&self, index: NodeIx) -> bool {
        self.estate.node(index).is_some_and(|node| {
            node.needs.iter().any(|need| {
                (self.to.has_need(need) && !self.from.has_need(need))
                    || need.supports.iter().any(|support| {
                        self.from.has_support(need, support) != self.to.has_support(need, support)
                            || support.sign == Sign::Absent
                    })
            })
        })
    }

    fn falling_needs(&self, index: NodeIx, falls: &Falls) -> Vec<usize> {
        let Some(node) = self.estate.node(index) else { return Vec::new() };
        // What does not hold at all before cannot be lost.
        if !self.before.of(index).may_hold() {
            return Vec::new();
        }
        node.needs
            .iter()
            .enumerate()
            .filter(|(_, need)| self.need_falls(need, falls))
            .map(|(number, _)| number)
            .collect()
    }

    fn need_falls(&self, need: &Need, falls: &Falls) -> bool {
        let Some(after) = self.after.need(self.to, need) else { return false };
        let before = self.before.need(self.from, need).map_or(Horizon::FOREVER, |met| met.counted);
        let new = !self.from.has_need(need);
        let touched = new || need.supports.iter().any(|support| self.support_falls(need, support, falls));
        // An assumed need counts as met forever at best, before and after: its supports tell what was lost.
        touched && after.counted.sure < before.possible
    }

    /// Whether a support may carry less than before.
    pub fn support_falls(&self, need: &Need, support: &Support, falls: &Falls) -> bool {
        if !self.from.has_support(need, support) {
            return false;
        }
        if !self.to.has_support(need, support) {
            return true;
        }
        match support.sign {
            Sign::Holds => falls.of(support.node).is_some(),
            Sign::Absent => {
                let Some(node) = self.estate.node(support.node) else { return false };
                let was = self.from.own(support.node, node, self.before.now());
                let is = self.to.own(support.node, node, self.after.now());
                was != is && was.sure < is.possible
            }
        }
    }
}

/// When lost renewals are first exercised, along everything that falls below the node: the least of max(now, due).
pub fn first_failure(estate: &Estate, falls: &Falls, from: NodeIx, now: Instant) -> Option<Instant> {
    let due = |need: &Need| match need.phase {
        Phase::Renew { at, .. } => at.map(|due| due.max(now)),
        _ => None,
    };
    below(estate, falls, from).into_iter().filter_map(due).min()
}

/// Whether a node is there at all in a scenario, by its own claims.
pub fn exists(estate: &Estate, scenario: Scenario<'_>, index: NodeIx) -> Presence {
    estate
        .node(index)
        .map_or(Presence::Absent, |node| super::evaluate::presence(node, |change| scenario.version(change)))
}

/// What ends it, in the report's words.
pub fn trigger(estate: &Estate, falls: &Falls, loss: &Loss) -> Option<&'static str> {
    match loss.until.possible {
        Moment::Never => Some("apply"),
        Moment::At(_) => Some("deadline"),
        Moment::Eventually => {
            let renews = below(estate, falls, loss.node)
                .into_iter()
                .any(|need| matches!(need.phase, Phase::Renew { .. }));
            Some(if renews { "next-renewal" } else { "next-start" })
        }
        Moment::Forever => match loss.until.sure {
            Moment::Never => Some("apply"),
            Moment::At(_) => Some("deadline"),
            Moment::Eventually => Some("next-renewal"),
            Moment::Forever => None,
        },
    }
}

/// All needs that may fall at or below a node.
fn below<'a>(estate: &'a Estate, falls: &Falls, from: NodeIx) -> Vec<&'a Need> {
    let mut seen = std::collections::BTreeSet::new();
    let mut open = vec![from];
    let mut found = Vec::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let (Some(node), Some(loss)) = (estate.node(index), falls.of(index)) else { continue };
        for need in loss.needs.iter().filter_map(|number| node.needs.get(*number)) {
            found.push(need);
            open.extend(need.supports.iter().map(|support| support.node));
        }
    }
    found
}
