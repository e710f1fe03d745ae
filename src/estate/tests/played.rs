//! A world in which hours pass: what runs goes on running while it has what it needs, certificates and tokens are
//! renewed when they are due, what has ended takes along what was under it, and what has stopped must start.
//!
//! No horizon is known here. What nobody knows turns out one way or the other, by luck that is the same whatever is
//! planned.

use super::random::Dice;
use super::{Eventually, Forever, Never};
use crate::estate::{Stage, presence};
use crate::model::{
    Coverage, Horizon, Instant, Moment, Node, Phase, Presence, Side, Sign, Strength, Support,
};
use std::collections::BTreeSet;

/// The hours that are played of an estate.
#[derive(Debug, Clone, Copy)]
pub struct Hours {
    begin: Instant,
    /// What ends on a day that nobody knows does so after all dates that the estate names, as the order of moments has it.
    late: i64,
    /// So many are played: longer than any chain of ends and lifetimes.
    pub all: i64,
}

impl Hours {
    /// What generated estates name lies within this.
    const LATE: i64 = 110;

    pub fn of(nodes: &[Node], begin: Instant) -> Hours {
        let mut hours = Hours { begin, late: Self::LATE, all: 0 };
        let ends =
            nodes.iter().filter_map(|node| node.end.as_deref()).flat_map(|end| [end.before, end.after]);
        let ends = ends.flat_map(|end| [end.sure, end.possible]);
        let renewed = nodes.iter().flat_map(|node| &node.needs).filter_map(|need| match need.phase {
            Phase::Renew { end, .. } => end.map(Moment::At),
            _ => None,
        });
        let dates = ends.chain(renewed).filter(|moment| matches!(moment, Moment::At(_)));
        hours.late = dates.map(|date| hours.until(date) + 1).max().unwrap_or(0).max(Self::LATE);
        hours.all = hours.late + 310;
        hours
    }

    /// In how many whole hours, begun ones too; what has no end has none for longer than is played.
    pub fn until(&self, moment: Moment) -> i64 {
        match moment {
            Never => 0,
            Moment::At(at) => (at.as_second() - self.begin.as_second() + 3_599).div_euclid(3_600),
            Eventually => self.late,
            Forever => i64::MAX,
        }
    }
}

/// What nobody knows of one node, and is the same whatever is planned.
#[derive(Debug, Clone)]
pub struct Luck {
    /// A renewal is good for so many hours, and due again after so many.
    good_for: i64,
    due_after: i64,
    /// Valid until, and due on, where that is not said.
    valid: i64,
    due: i64,
    /// A renewal that was overdue when seen never comes; what may end or not does.
    gave_up: bool,
    /// It starts anew on the first of these hours and then as often.
    starts: (i64, i64),
    /// Where its end lies between the earliest and the latest.
    ends: i64,
}

impl Luck {
    pub fn of(dice: &mut Dice) -> Luck {
        let mut hours = |least: i64, many: usize| least + i64::try_from(dice.below(many)).unwrap();
        let (good_for, valid, often, ends) = (hours(3, 28), hours(2, 70), hours(2, 30), hours(0, 101));
        let mut part = |of: i64| hours(0, usize::try_from(of).unwrap());
        let (due_after, due, first) = (1 + part(good_for - 1), part(valid), 1 + part(often));
        Luck { good_for, due_after, valid, due, gave_up: dice.one_in(2), starts: (first, often), ends }
    }

    pub fn gave_up(&self) -> bool {
        self.gave_up
    }

    /// When something ends that ends within these bounds.
    fn end(&self, told: Horizon, hours: Hours) -> i64 {
        let earliest = hours.until(told.sure);
        match told.possible {
            _ if told.sure == Forever => i64::MAX,
            Never => 0,
            Moment::At(_) => {
                let latest = hours.until(told.possible);
                earliest + self.ends % (latest - earliest).max(0).saturating_add(1)
            }
            Eventually => earliest + self.ends,
            Forever if self.gave_up => earliest + self.ends,
            Forever => i64::MAX,
        }
    }
}

/// A world in which hours pass.
#[derive(Clone)]
pub struct World<'a> {
    nodes: &'a [Node],
    luck: &'a [Luck],
    hours: Hours,
    /// Whatever else is not known turns out well: what may be there is, what may cover does.
    well: bool,
    stage: Stage,
    /// Hours since it began.
    now: i64,
    pub up: BTreeSet<usize>,
    /// For what is renewed: valid until, and due on.
    valid: Vec<i64>,
    due: Vec<i64>,
    /// For what is renewed: when that was tried first, and whether it came to something.
    pub tried: Vec<Option<(i64, bool)>>,
}

impl<'a> World<'a> {
    /// Now, before anything is planned: all that may run runs, as far as it has what it needs.
    pub fn new(nodes: &'a [Node], luck: &'a [Luck], begin: Instant, well: bool) -> World<'a> {
        let hours = Hours::of(nodes, begin);
        let (mut valid, mut due) = (vec![i64::MAX; nodes.len()], vec![i64::MAX; nodes.len()]);
        for (at, node) in nodes.iter().enumerate() {
            for need in &node.needs {
                let Phase::Renew { end, at: first, seen } = need.phase else { continue };
                let known = end.map(|end| hours.until(Moment::At(end)));
                due[at] = first.map_or(luck[at].due, |first| hours.until(Moment::At(first)));
                // It is due before it ends, whenever that is.
                if first.is_none() {
                    due[at] = due[at].min(known.unwrap_or(i64::MAX) - 1);
                }
                valid[at] = known.unwrap_or(luck[at].valid.max(due[at] + 1));
                let overdue = first.is_some_and(|first| seen.is_some_and(|seen| first <= seen));
                if overdue && luck[at].gave_up {
                    due[at] = i64::MAX;
                }
            }
        }
        let runs: BTreeSet<usize> = (0..nodes.len()).filter(|at| nodes[*at].class.sustains()).collect();
        let tried = vec![None; nodes.len()];
        let mut world =
            World { nodes, luck, hours, well, stage: Stage::Before, now: 0, up: runs, valid, due, tried };
        world.settle(&BTreeSet::new());
        world
    }

    /// When a node ends by itself.
    fn end(&self, node: usize) -> i64 {
        self.nodes[node].end.as_deref().map_or(i64::MAX, |end| {
            let told = if self.stage == Stage::Before { end.before } else { end.after };
            self.luck[node].end(told, self.hours)
        })
    }

    fn is_there(&self, node: usize, if_unknown: bool) -> bool {
        let there = match presence(&self.nodes[node], |_| self.stage) {
            Presence::Present => true,
            Presence::Unknown => if_unknown,
            Presence::Absent => false,
        };
        there && self.end(node) > self.now
    }

    fn sees(&self, side: Side) -> bool {
        side == Side::Both || (side == Side::Before) == (self.stage == Stage::Before)
    }

    /// Whether enough of the supports of a need are up.
    fn is_met(&self, node: usize, need: usize, up: &BTreeSet<usize>) -> bool {
        let need = &self.nodes[node].needs[need];
        if need.strength == Strength::Assumed && self.well {
            return true;
        }
        let covers = |support: &&Support| self.well || support.coverage == Coverage::Sure;
        let seen = need.supports.iter().filter(|support| self.sees(support.side)).filter(covers);
        let carrying = seen.filter(|support| match support.sign {
            Sign::Holds => up.contains(&support.node.at()),
            Sign::Absent => !self.is_there(support.node.at(), !self.well),
        });
        carrying.count() >= need.at_least as usize
    }

    /// Whether the node has what it needs: to start, or to go on.
    fn has_needs(&self, node: usize, up: &BTreeSet<usize>, wanted: &dyn Fn(Phase) -> bool) -> bool {
        let needs = self.nodes[node].needs.iter().enumerate();
        self.is_there(node, self.well)
            && needs.filter(|(_, need)| self.sees(need.side) && wanted(need.phase)).all(|(place, need)| {
                match need.phase {
                    Phase::Renew { .. } => self.valid[node] > self.now,
                    _ => self.is_met(node, place, up),
                }
            })
    }

    /// What comes up beside what runs. Each starts with what is up already; what then misses something that it uses
    /// while running goes down again and is not tried once more.
    fn comes_up(&self, runs: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut tried: BTreeSet<usize> = (0..self.nodes.len()).filter(|node| !runs.contains(node)).collect();
        loop {
            let mut up = runs.clone();
            loop {
                let starts = |node: &&usize| {
                    !up.contains(*node) && self.has_needs(**node, &up, &|phase| phase != Phase::Run)
                };
                let more: Vec<usize> = tried.iter().filter(starts).copied().collect();
                if more.is_empty() {
                    break;
                }
                up.extend(more);
            }
            let fails = |node: &usize| !self.has_needs(*node, &up, &|phase| phase == Phase::Run);
            let failed: Vec<usize> = up.difference(runs).copied().filter(fails).collect();
            if failed.is_empty() {
                return up;
            }
            failed.iter().for_each(|node| {
                tried.remove(node);
            });
        }
    }

    /// What runs stops where it lacks something, and what can start does; these start anew meanwhile.
    fn settle(&mut self, anew: &BTreeSet<usize>) {
        let runs = |node: &usize| self.nodes[*node].class.sustains() && self.is_there(*node, self.well);
        let mut runs: BTreeSet<usize> = self.up.iter().copied().filter(runs).collect();
        loop {
            let up = self.comes_up(&runs);
            let stops = |node: &usize| {
                let starts = anew.contains(node);
                !self.has_needs(*node, &up, &|phase| phase != Phase::Start || starts)
            };
            let stopped: Vec<usize> = runs.iter().copied().filter(stops).collect();
            if stopped.is_empty() {
                self.up = up;
                return;
            }
            stopped.iter().for_each(|node| {
                runs.remove(node);
            });
        }
    }

    /// The plan is being made, and then made.
    pub fn make(&mut self, stage: Stage) {
        self.stage = stage;
        let anew = (0..self.nodes.len()).filter(|node| !self.nodes[*node].restarted_by.is_empty()).collect();
        self.settle(&anew);
    }

    /// What is due is renewed, if its path works now; else it is tried again.
    fn renew(&mut self) {
        for node in 0..self.nodes.len() {
            if self.due[node] > self.now || self.valid[node] <= self.now || !self.is_there(node, self.well) {
                continue;
            }
            let needs = self.nodes[node].needs.iter().enumerate();
            let mut renewals =
                needs.filter(|(_, need)| matches!(need.phase, Phase::Renew { .. }) && self.sees(need.side));
            let works = renewals.all(|(place, _)| self.is_met(node, place, &self.up));
            self.tried[node].get_or_insert((self.now, works));
            if works {
                let luck = &self.luck[node];
                self.valid[node] = self.valid[node].max(self.now + luck.good_for);
                self.due[node] = self.now + luck.due_after;
            }
        }
    }

    /// Those that start anew in this hour.
    fn anew(&self) -> BTreeSet<usize> {
        let starts = |node: &usize| {
            let (first, often) = self.luck[*node].starts;
            self.now >= first && (self.now - first) % often == 0
        };
        (0..self.nodes.len()).filter(starts).collect()
    }

    /// The hours from now in which each node is found down first, and the world at the end of them.
    pub fn hours(mut self) -> (Vec<Option<i64>>, World<'a>) {
        let mut down = vec![None; self.nodes.len()];
        loop {
            for (node, first) in down.iter_mut().enumerate() {
                if first.is_none() && !self.up.contains(&node) {
                    *first = Some(self.now);
                }
            }
            self.renew();
            self.now += 1;
            if self.now == self.hours.all {
                return (down, self);
            }
            let (anew, now) = (self.anew(), self.now);
            let ends = |node: usize| self.end(node) == now || self.valid[node] == now;
            // An hour in which nothing ends and nothing starts is like the one before.
            if !anew.is_empty() || (0..self.nodes.len()).any(ends) {
                self.settle(&anew);
            }
        }
    }
}
