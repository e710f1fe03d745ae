//! The days played through one by one: what runs goes on running while it has what it needs, certificates are renewed
//! when they are due, and what has stopped must start. No horizon is known here; the days on which things stop are
//! compared with those that the estate foretold.
//!
//! Estates are random and hold no unknowns but luck: for how long a renewal is good, when a process starts anew, and
//! whether a renewal that was overdue has given up. What did not run before, and what is interrupted, has to start.

use super::random::{Dice, cases};
use super::{Eventually, Forever, Graph, Judged, NOW, Never, day, instant};
use crate::estate::Stage;
use crate::model::{Class, Horizon, Moment, Node, NodeIx, Phase, Presence, Side, Sign};
use std::collections::BTreeSet;

/// So many days are played: longer than any chain of ends and lifetimes.
const DAYS: i64 = 160;

const NAMES: [&str; 7] = ["n0", "n1", "n2", "n3", "n4", "n5", "n6"];
const DENIES: [&str; 2] = ["d0", "d1"];

fn any_estate(dice: &mut Dice) -> Graph {
    let names = &NAMES[..3 + dice.below(5)];
    // Where nothing is read at a start, what is lost and what is not can be told apart exactly.
    let starts = dice.one_in(2);
    let mut graph = Graph::default().workload("w");
    for name in names {
        let classes =
            [Class::Grant, Class::Grant, Class::Workload, Class::Workload, Class::Certificate, Class::Token];
        let presence = dice.of(&["PP", "PP", "PP", "PP", "PA", "AP", "AA"]);
        graph = graph.node(name, dice.of(&classes), presence);
        graph = meanwhile(dice, graph, name, presence);
    }
    for name in DENIES {
        let presence = dice.of(&["AA", "AA", "AP", "PA"]);
        graph = meanwhile(dice, graph.node(name, Class::Grant, presence), name, presence);
    }
    for name in ["w"].iter().chain(names) {
        let many = if *name == "w" { 1 + dice.below(2) } else { dice.of(&[0, 1, 1, 2]) };
        for number in 0..many {
            graph = any_need(dice, graph, name, number, names, starts);
        }
        let at = graph.at(name);
        let node = &mut graph.nodes[at.at()];
        let renews = node.needs.iter().any(|need| matches!(need.phase, Phase::Renew { .. }));
        if !renews && dice.one_in(4) {
            let days = [day(3.0), day(5.0), day(9.0), day(14.0), day(-2.0), Forever];
            let before = dice.of(&days);
            let after = if dice.one_in(3) { dice.of(&days) } else { before };
            let of = Horizon::exactly;
            node.end = Some(crate::model::Ends { before: of(before), after: of(after), change: None });
        }
        if node.class == Class::Workload && dice.one_in(8) {
            graph = graph.restarts(name, dice.of(names));
        }
    }
    graph
}

/// While its change is made, each node is there or not.
fn meanwhile(dice: &mut Dice, graph: Graph, name: &str, presence: &str) -> Graph {
    let there = match presence {
        "PP" => !dice.one_in(5),
        "AA" => false,
        _ => dice.one_in(2),
    };
    graph.during(name, if there { Presence::Present } else { Presence::Absent })
}

fn any_need(dice: &mut Dice, graph: Graph, name: &str, number: usize, names: &[&str], starts: bool) -> Graph {
    let mut supports: Vec<String> = Vec::new();
    for _ in 0..=dice.below(3) {
        let other = if dice.one_in(8) { "w" } else { dice.of(names) };
        let mark = dice.of(&["", "", "", "", "<", ">"]);
        let known = supports.iter().any(|known| known.trim_end_matches(['<', '>']) == other);
        if other != name && !known {
            supports.push(format!("{other}{mark}"));
        }
    }
    if dice.one_in(8) {
        supports.push(format!("!{}", dice.of(&DENIES)));
    }
    let supports: Vec<&str> = supports.iter().map(String::as_str).collect();
    let label = format!("{name}.{number}");
    let phase = match graph.nodes[graph.at(name).at()].class {
        Class::Workload => match dice.below(4) {
            0 => Phase::Run,
            1 if starts => Phase::Start,
            _ => Phase::Always,
        },
        Class::Certificate | Class::Token if number == 0 && !dice.one_in(3) => renewal(dice),
        _ => Phase::Always,
    };
    graph.need(name, &label, &supports).but(name, &label, |need| {
        need.phase = phase;
        need.at_least = dice.of(&[1, 1, 1, 1, 2]);
        if !matches!(phase, Phase::Renew { .. }) {
            need.side = dice.of(&[Side::Both, Side::Both, Side::Both, Side::Both, Side::After, Side::Before]);
        }
    })
}

/// Valid for some days more, and due before that; rarely, one of the two is not known, or the due day has passed.
fn renewal(dice: &mut Dice) -> Phase {
    let end = dice.of(&[6.0, 10.0, 15.0]);
    let (at, seen) = match dice.below(12) {
        0 => (Some(-1.0), 0.0),
        1 => (Some(-1.0), -2.0),
        2 => (None, 0.0),
        _ => (Some(dice.of(&[1.0, 2.0, 4.0, 5.0])), 0.0),
    };
    let end = (!dice.one_in(12)).then_some(end);
    Phase::Renew { end: end.map(instant), at: at.map(instant), seen: Some(instant(seen)) }
}

/// In how many days; what has no end has none for longer than is played.
fn in_days(moment: Moment) -> i64 {
    match moment {
        Never => 0,
        Moment::At(at) => (at.as_second() - NOW).div_euclid(86_400),
        Eventually | Forever => i64::MAX,
    }
}

/// What nobody knows of one node, and is the same whatever is planned.
#[derive(Debug, Clone)]
struct Luck {
    /// A renewal is good for so many days, and due again after so many.
    good_for: i64,
    due_after: i64,
    /// Valid until, and due on, where that is not said.
    valid: i64,
    due: i64,
    /// A renewal that was overdue when seen never comes.
    gave_up: bool,
    /// It starts anew on the first of these days and then as often.
    starts: (i64, i64),
}

impl Luck {
    fn of(dice: &mut Dice) -> Luck {
        let mut days = |least: i64, many: usize| least + i64::try_from(dice.below(many)).unwrap();
        let (good_for, valid, often) = (days(3, 8), days(2, 11), days(2, 8));
        let mut part = |of: i64| days(0, usize::try_from(of).unwrap());
        let (due_after, due, first) = (1 + part(good_for - 1), part(valid), 1 + part(often));
        Luck { good_for, due_after, valid, due, gave_up: dice.one_in(2), starts: (first, often) }
    }
}

/// A world in which days pass.
#[derive(Clone)]
struct World<'a> {
    nodes: &'a [Node],
    luck: &'a [Luck],
    stage: Stage,
    today: i64,
    up: BTreeSet<usize>,
    /// For what is renewed: valid until, and due on.
    valid: Vec<i64>,
    due: Vec<i64>,
}

impl<'a> World<'a> {
    /// Today, before anything is planned: all that may run runs, as far as it has what it needs.
    fn new(nodes: &'a [Node], luck: &'a [Luck]) -> World<'a> {
        let (mut valid, mut due) = (vec![i64::MAX; nodes.len()], vec![i64::MAX; nodes.len()]);
        for (at, node) in nodes.iter().enumerate() {
            for need in &node.needs {
                let Phase::Renew { end, at: first, seen } = need.phase else { continue };
                let known = end.map(|end| in_days(Moment::At(end)));
                due[at] = first.map_or(luck[at].due, |first| in_days(Moment::At(first)));
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
        let mut world = World { nodes, luck, stage: Stage::Before, today: 0, up: runs, valid, due };
        world.settle(&BTreeSet::new());
        world
    }

    fn is_there(&self, node: usize) -> bool {
        let claim = &self.nodes[node].claims[0];
        let there = match self.stage {
            Stage::Before => claim.before,
            Stage::During => claim.during,
            Stage::After => claim.after,
        };
        let end = self.nodes[node].end.map_or(Forever, |end| {
            if self.stage == Stage::Before { end.before.sure } else { end.after.sure }
        });
        there == Presence::Present && in_days(end) > self.today
    }

    fn sees(&self, side: Side) -> bool {
        side == Side::Both || (side == Side::Before) == (self.stage == Stage::Before)
    }

    /// Whether enough of the supports of a need are up.
    fn is_met(&self, node: usize, need: usize, up: &BTreeSet<usize>) -> bool {
        let need = &self.nodes[node].needs[need];
        let seen = need.supports.iter().filter(|support| self.sees(support.side));
        let carrying = seen.filter(|support| match support.sign {
            Sign::Holds => up.contains(&support.node.at()),
            Sign::Absent => !self.is_there(support.node.at()),
        });
        carrying.count() >= need.at_least as usize
    }

    /// Whether the node has what it needs: to start, or to go on.
    fn has_needs(&self, node: usize, up: &BTreeSet<usize>, wanted: &dyn Fn(Phase) -> bool) -> bool {
        let needs = self.nodes[node].needs.iter().enumerate();
        self.is_there(node)
            && needs.filter(|(_, need)| self.sees(need.side) && wanted(need.phase)).all(|(place, need)| {
                match need.phase {
                    Phase::Renew { .. } => self.valid[node] > self.today,
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
        let runs = |node: &usize| self.nodes[*node].class.sustains() && self.is_there(*node);
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
    fn make(&mut self, stage: Stage) {
        self.stage = stage;
        let anew = (0..self.nodes.len()).filter(|node| !self.nodes[*node].restarted_by.is_empty()).collect();
        self.settle(&anew);
    }

    /// The evening: what is due is renewed, if its path works today.
    fn renew(&mut self) {
        for node in 0..self.nodes.len() {
            let needs = self.nodes[node].needs.iter();
            let Some(place) = needs.clone().position(|need| matches!(need.phase, Phase::Renew { .. })) else {
                continue;
            };
            let works = self.is_there(node) && self.is_met(node, place, &self.up);
            if self.due[node] <= self.today && self.valid[node] > self.today && works {
                let luck = &self.luck[node];
                self.valid[node] = self.valid[node].max(self.today + luck.good_for);
                self.due[node] = self.today + luck.due_after;
            }
        }
    }

    /// The days from today on which each node is found down first.
    fn days(mut self) -> Vec<Option<i64>> {
        let mut down = vec![None; self.nodes.len()];
        loop {
            for (node, first) in down.iter_mut().enumerate() {
                if first.is_none() && !self.up.contains(&node) {
                    *first = Some(self.today);
                }
            }
            self.renew();
            self.today += 1;
            if self.today == DAYS {
                return down;
            }
            let anew = |node: &usize| {
                let (first, often) = self.luck[*node].starts;
                self.today >= first && (self.today - first) % often == 0
            };
            let anew = (0..self.nodes.len()).filter(anew).collect();
            self.settle(&anew);
        }
    }
}

/// What was compared.
#[derive(Debug, Default)]
struct Tally {
    /// Instants that were met to the day, other exact answers, and days within bounds.
    dates: usize,
    exact: usize,
    within: usize,
    losses: usize,
    interruptions: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// A day on which something stopped, or that it did not, with what was foretold.
    fn compare(&mut self, what: &dyn Fn() -> String, told: Horizon, found: Option<i64>) {
        let right = if told.sure == told.possible {
            let wanted = (told.sure != Forever).then(|| in_days(told.sure));
            match told.sure {
                Moment::At(_) => self.dates += 1,
                _ => self.exact += 1,
            }
            found == wanted
        } else {
            self.within += 1;
            let found = found.unwrap_or(i64::MAX);
            in_days(told.sure) <= found
                && match told.possible {
                    Forever => true,
                    Eventually => found < i64::MAX,
                    instant => found <= in_days(instant),
                }
        };
        if !right {
            self.wrong.push(format!("{}: foretold {told}, down on {found:?}", what()));
        }
    }

    fn play(&mut self, seed: u64, graph: &Graph, luck: &[Luck], judged: &Judged) {
        let before = World::new(&graph.nodes, luck);
        let mut world = before.clone();
        world.make(Stage::During);
        let during = world.clone();
        world.make(Stage::After);
        let (days_before, days_after) = (before.clone().days(), world.days());
        let starts = graph.nodes.iter().flat_map(|node| &node.needs).any(|need| need.phase == Phase::Start);
        for (at, node) in graph.nodes.iter().enumerate() {
            let index = NodeIx(u32::try_from(at).unwrap());
            let said = |when: &'static str| move || format!("seed {seed}: {} {when}", node.name);
            self.compare(&said("before"), judged.before.of(index), days_before[at]);
            self.compare(&said("after"), judged.after.of(index), days_after[at]);
            let (is_up, told) = (during.up.contains(&at), judged.during.of(index));
            if told.possible == Never && is_up || told.sure != Never && !is_up {
                self.wrong.push(format!("{}: foretold {told}, up: {is_up}", said("during")()));
            }
            let interrupted = before.up.contains(&at) && !is_up;
            let back = days_after[at] != Some(0);
            let (loss, interrupts) = (judged.falls.of(index), judged.interrupts.get(&index));
            let lost = days_after[at].unwrap_or(DAYS) < days_before[at].unwrap_or(DAYS);
            self.losses += usize::from(lost);
            self.interruptions += usize::from(interrupted && back);
            if interrupted && loss.is_none() && interrupts.is_none() {
                self.wrong.push(said("is interrupted, and nobody said so")());
            }
            if interrupts.is_some_and(|told| told.certain) && !(interrupted && back) {
                self.wrong.push(said("was to be interrupted and to come back")());
            }
            // What starts sooner by the plan is no loss; where nothing is read at a start, every fall is one.
            if lost && !starts && loss.is_none() {
                self.wrong.push(said("is lost, and nobody said so")());
            }
        }
    }
}

#[test]
fn things_stop_on_the_days_foretold() {
    let mut tally = Tally::default();
    for seed in 1..=cases() {
        let dice = &mut Dice::new(seed);
        let graph = any_estate(dice);
        let luck: Vec<Luck> = graph.nodes.iter().map(|_| Luck::of(dice)).collect();
        let judged = graph.clone().judged();
        tally.play(seed, &graph, &luck, &judged);
    }
    println!(
        "{} estates day by day: {} dates met, {} times up or down for good, {} days within bounds; {} losses, {} \
         interruptions; {} wrong",
        cases(),
        tally.dates,
        tally.exact,
        tally.within,
        tally.losses,
        tally.interruptions,
        tally.wrong.len(),
    );
    assert!(tally.dates > 0 && tally.losses > 0 && tally.interruptions > 0, "a test of nothing");
    let first = &tally.wrong[..tally.wrong.len().min(20)];
    assert!(first.is_empty(), "{} wrong, the first:\n{}", tally.wrong.len(), first.join("\n"));
}
