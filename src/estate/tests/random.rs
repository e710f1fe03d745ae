//! Random estates against two oracles that share nothing with what is tested: the same model said as plainly as can be
//! (every scenario, every node), and brute force, where every unknown is resolved in every way.
//!
//! What must hold: the bounds contain what happens; no loss is missed; what is called certain happens in some way.
//! How often "possible" is said of what never happens is counted and printed.

use super::naive::{Naive, SURE, World};
use super::{Eventually, Forever, Graph, Judged, Never, day, instant, now};
use crate::estate::{Evaluator, Scenario};
use crate::model::{
    ChangeIx, Class, Coverage, Horizon, Moment, NodeIx, Phase, Presence, Side, Sign, Strength, Support,
};
use std::collections::BTreeSet;

/// A small generator of numbers, the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % u64::try_from(n).unwrap()).unwrap()
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// The number of cases.
#[expect(clippy::disallowed_methods, reason = "a test is told by the environment how long it may take")]
pub fn cases() -> u64 {
    std::env::var("MAINSTAY_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

/// A workload `w` on top of a few nodes that need each other in any way, cycles included, and two denies.
pub(super) fn any_graph(dice: &mut Dice) -> Graph {
    let count = 3 + dice.below(4);
    graph_of(dice, count)
}

const NAMES: [&str; 14] =
    ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10", "n11", "n12", "n13"];

fn graph_of(dice: &mut Dice, count: usize) -> Graph {
    let names = &NAMES[..count];
    let mut graph = Graph::default().workload("w");
    for name in names {
        let presence = dice.of(&["PP", "PP", "PP", "PA", "PA", "AP", "??", "P?", "A?", "?A", "?P"]);
        let classes = [Class::Grant, Class::Grant, Class::Workload, Class::Certificate];
        graph = graph.node(name, dice.of(&classes), presence);
        graph = meanwhile(dice, graph, name, presence);
        let ends = [day(5.0), day(9.0), day(-2.0), Eventually, Forever];
        graph = match dice.below(12) {
            0 | 1 => {
                let end = dice.of(&ends);
                graph.ends(end, end)
            }
            2 => graph.ends(dice.of(&ends), dice.of(&ends)),
            3 => graph.ends_some_day(),
            _ => graph,
        };
    }
    for deny in ["d0", "d1"] {
        graph = graph.node(deny, Class::Grant, dice.of(&["AA", "AP", "PA", "??", "A?", "?P"]));
    }
    for name in ["w"].iter().chain(names) {
        let many = if *name == "w" { 1 + dice.below(2) } else { dice.of(&[0, 0, 1]) };
        for number in 0..many {
            graph = any_need(dice, graph, name, number, names);
        }
        if dice.one_in(8) {
            graph = graph.restarts(name, dice.of(names));
        }
    }
    graph
}

/// While its change is made, what stays may be replaced, and what comes or goes is seldom seen to be one or the other.
fn meanwhile(dice: &mut Dice, graph: Graph, name: &str, presence: &str) -> Graph {
    match presence {
        "PP" => match dice.below(6) {
            0 => graph.during(name, Presence::Absent),
            1 => graph.during(name, Presence::Unknown),
            _ => graph,
        },
        "PA" | "AP" => match dice.below(6) {
            0 => graph.during(name, Presence::Absent),
            1 => graph.during(name, Presence::Present),
            _ => graph,
        },
        _ => graph,
    }
}

fn any_need(dice: &mut Dice, graph: Graph, name: &str, number: usize, names: &[&str]) -> Graph {
    let mut supports: Vec<String> = Vec::new();
    for _ in 0..=dice.below(3) {
        let other = dice.of(names);
        let mark = dice.of(&["", "", "", "", "?", "<", ">"]);
        let known = supports.iter().any(|known| known.trim_end_matches(['?', '<', '>']) == other);
        if other != name && !known {
            supports.push(format!("{other}{mark}"));
        }
    }
    if dice.one_in(6) {
        supports.push(dice.of(&["!d0", "!d1"]).to_owned());
    }
    let supports: Vec<&str> = supports.iter().map(String::as_str).collect();
    let label = format!("{name}.{number}");
    let plain = [Phase::Always, Phase::Always, Phase::Always, Phase::Run, Phase::Start];
    let end = dice.of(&[Some(16.0), Some(16.0), Some(-3.0), Some(7.0), None]);
    let due = dice.of(&[Some(0.5), Some(6.0), Some(-1.0), None]);
    let seen = dice.of(&[0.0, 0.0, -2.0, -20.0]);
    let renew = Phase::Renew { end: end.map(instant), at: due.map(instant), seen: Some(instant(seen)) };
    let phase = if dice.one_in(5) { renew } else { dice.of(&plain) };
    graph.need(name, &label, &supports).but(name, &label, |need| {
        need.strength = dice.of(&[Strength::Declared, Strength::Inferred, Strength::Assumed]);
        need.phase = phase;
        need.side = dice.of(&[Side::Both, Side::Both, Side::Both, Side::Both, Side::After, Side::Before]);
        need.at_least = dice.of(&[1, 1, 1, 2]);
        need.change = (need.side != Side::Both).then_some(ChangeIx(77));
    })
}

/// Something that is not known.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// Whether a node is there, where that is one question before and after.
    Node(usize),
    /// Whether a node is there before (0), meanwhile (1) or after (2).
    Version(usize, usize),
    /// Whether a support covers: node, need, support.
    Cover(usize, usize, usize),
    /// Whether an assumed need is one: node, need.
    Assumed(usize, usize),
    /// On which day a node ends, or whether a renewal or a start turns out well: node, need.
    Luck(usize, Option<usize>),
}

fn open(graph: &Graph) -> Vec<Open> {
    let mut all = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let claim = &node.claims[0];
        if claim.change.is_none() && claim.before == Presence::Unknown {
            all.push(Open::Node(at));
        } else {
            let versions = [claim.before, claim.during, claim.after].into_iter().enumerate();
            all.extend(
                versions.filter(|(_, seen)| *seen == Presence::Unknown).map(|(n, _)| Open::Version(at, n)),
            );
        }
        if node.end.as_deref().is_some_and(|end| end.before.sure != end.before.possible) {
            all.push(Open::Luck(at, None));
        }
        for (number, need) in node.needs.iter().enumerate() {
            if need.strength == Strength::Assumed {
                all.push(Open::Assumed(at, number));
            }
            if matches!(need.phase, Phase::Start | Phase::Renew { .. }) {
                all.push(Open::Luck(at, Some(number)));
            }
            let unsure = |support: &Support| support.coverage != Coverage::Sure;
            let places = need.supports.iter().enumerate().filter(|(_, support)| unsure(support));
            all.extend(places.map(|(place, _)| Open::Cover(at, number, place)));
        }
    }
    // What is no need after all loses its supports, so that is decided last.
    all.sort_by_key(|unknown| matches!(unknown, Open::Assumed(..)));
    all
}

/// The graph with every unknown resolved, the bits say how; and what turns out well.
fn resolved(graph: &Graph, unknowns: &[Open], bits: usize) -> (Graph, BTreeSet<(usize, Option<usize>)>) {
    let mut out = graph.clone();
    let mut well = BTreeSet::new();
    for (bit, unknown) in unknowns.iter().enumerate() {
        let yes = bits >> bit & 1 == 1;
        let presence = if yes { Presence::Present } else { Presence::Absent };
        match *unknown {
            Open::Node(at) => {
                let claim = &mut out.nodes[at].claims[0];
                (claim.before, claim.during, claim.after) = (presence, presence, presence);
            }
            Open::Version(at, version) => {
                let claim = &mut out.nodes[at].claims[0];
                *[&mut claim.before, &mut claim.during, &mut claim.after][version] = presence;
                // What is there already is not taken away in order to be there.
                if version == 1
                    && graph.nodes[at].claims[0].before == Presence::Unknown
                    && claim.after == Presence::Present
                {
                    claim.during = claim.during.max(claim.before);
                }
            }
            Open::Luck(at, need) => {
                if yes {
                    well.insert((at, need));
                }
            }
            Open::Cover(at, number, place) => {
                let support = &mut out.nodes[at].needs[number].supports[place];
                support.coverage = Coverage::Sure;
                if !yes {
                    // One that does not cover carries nothing: a thing that is never there.
                    support.node = NodeIx(u32::try_from(graph.nodes.len()).unwrap());
                    support.sign = Sign::Holds;
                }
            }
            Open::Assumed(at, number) => {
                let need = &mut out.nodes[at].needs[number];
                need.strength = Strength::Declared;
                if !yes {
                    // Not a need after all: met by something that is always there.
                    let always = Graph::default().grant("x", "PP").support("x");
                    need.supports = vec![Support {
                        node: NodeIx(u32::try_from(graph.nodes.len() + 1).unwrap()),
                        ..always
                    }];
                    need.at_least = 1;
                    need.phase = Phase::Always;
                }
            }
        }
    }
    (out.grant("never", "AA").grant("always", "PP"), well)
}

/// What really happens to `w` when everything is known: before, while the changes are made, after, and before if what
/// the plan stops or starts anew had been started anew.
struct Happens {
    before: Moment,
    during: Moment,
    after: Moment,
    restarted_before: Moment,
}

fn happens(graph: &Graph, well: &BTreeSet<(usize, Option<usize>)>, w: usize) -> Happens {
    let lucky = |node: usize, need: Option<usize>| well.contains(&(node, need));
    let naive = Naive { nodes: &graph.nodes, now: now(), lucky: Some(&lucky) };
    let world = whole(graph);
    let before = naive.bound(&World::default(), SURE);
    let during = naive.bound(&World { during: true, ..world.clone() }, SURE);
    let down = |node: &usize| before[*node] > Never && during[*node] == Never;
    let stopped: BTreeSet<usize> = (0..graph.nodes.len()).filter(down).collect();
    let after = World { stopped: [stopped.clone(), stopped.clone()], ..world };
    let after = naive.bound(&after, SURE);
    let mut unlucky = well.clone();
    for (node, known) in graph.nodes.iter().enumerate() {
        if stopped.contains(&node) || !known.restarted_by.is_empty() {
            let starts = known.needs.iter().enumerate().filter(|(_, need)| need.phase == Phase::Start);
            starts.for_each(|(place, _)| {
                unlucky.remove(&(node, Some(place)));
            });
        }
    }
    let lucky = |node: usize, need: Option<usize>| unlucky.contains(&(node, need));
    let restarted = Naive { nodes: &graph.nodes, now: now(), lucky: Some(&lucky) };
    let restarted_before = restarted.bound(&World::default(), SURE)[w];
    Happens { before: before[w], during: during[w], after: after[w], restarted_before }
}

/// The world with the whole plan made.
fn whole(graph: &Graph) -> World {
    let own = graph.nodes.iter().flat_map(|node| node.claims.iter().filter_map(|claim| claim.change));
    let restarts = graph.nodes.iter().flat_map(|node| node.restarted_by.iter().copied());
    let made = own.chain(restarts).chain([ChangeIx(77)]).collect();
    World { made, whole: true, ..World::default() }
}

#[derive(Debug, Default)]
struct Tally {
    graphs: usize,
    exact: usize,
    losses: usize,
    interruptions: usize,
    missed: Vec<String>,
    false_possible: usize,
    wrong_certain: Vec<String>,
    unsound: Vec<String>,
}

fn compare(tally: &mut Tally, seed: u64, graph: &Graph, judged: &Judged) {
    let unknowns = open(graph);
    if unknowns.len() > 10 {
        return;
    }
    tally.graphs += 1;
    let w = judged.at("w");
    let all: Vec<Happens> = (0..1usize << unknowns.len())
        .map(|bits| {
            let (one, well) = resolved(graph, &unknowns, bits);
            happens(&one, &well, w.at())
        })
        .collect();
    let within = |told: Horizon, of: fn(&Happens) -> Moment| {
        let (least, greatest) = (all.iter().map(of).min().unwrap(), all.iter().map(of).max().unwrap());
        (told.sure <= least && greatest <= told.possible, (told.sure, told.possible) == (least, greatest))
    };
    let bounds = [
        within(judged.before.of(w), |one| one.before),
        within(judged.during.of(w), |one| one.during),
        within(judged.after.of(w), |one| one.after),
    ];
    if bounds.iter().any(|(sound, _)| !sound) {
        tally.unsound.push(format!("seed {seed}: {bounds:?}"));
    }
    tally.exact += usize::from(bounds.iter().all(|(_, exact)| *exact));
    // That a start comes sooner is no loss by the plan; that it finds something gone which was there is.
    let lost = all.iter().any(|one| one.after < one.before.min(one.restarted_before));
    let shrinks = all.iter().any(|one| one.after < one.before);
    let down = all.iter().any(|one| one.before.min(one.restarted_before) > Never && one.during == Never);
    // Of what was going to miss something at its next start, to be stopped by the plan is an interruption all the same.
    let stops = all.iter().any(|one| one.before > Never && one.during == Never);
    tally.losses += usize::from(lost);
    tally.interruptions += usize::from(down && !lost);
    let (told, interrupts) = (judged.falls.of(w), judged.interrupts.get(&w));
    if (lost && told.is_none()) || (down && told.is_none() && interrupts.is_none()) {
        tally.missed.push(format!("seed {seed}"));
    }
    let certain = told.is_some_and(|loss| loss.certain) && !shrinks
        || interrupts.is_some_and(|interruption| interruption.certain) && !stops;
    if certain {
        tally.wrong_certain.push(format!("seed {seed}"));
    }
    let false_loss = told.is_some() && !shrinks && !stops;
    tally.false_possible += usize::from(false_loss || interrupts.is_some() && !stops);
}

#[test]
fn no_loss_is_missed_and_none_is_certain_without_cause() {
    let mut tally = Tally::default();
    for seed in 1..=cases() {
        let graph = any_graph(&mut Dice::new(seed));
        let judged = graph.clone().judged();
        compare(&mut tally, seed, &graph, &judged);
    }
    let silent = tally.graphs - tally.losses - tally.interruptions;
    println!(
        "{} graphs, {} with bounds that are exact; {} losses and {} interruptions, {} missed; {} certain without one; \
         {} times possible without one, of {silent} graphs in which nothing happens",
        tally.graphs,
        tally.exact,
        tally.losses,
        tally.interruptions,
        tally.missed.len(),
        tally.wrong_certain.len(),
        tally.false_possible,
    );
    assert!(tally.graphs > 0 && tally.losses > 0 && tally.interruptions > 0, "a test of nothing");
    assert!(tally.unsound.is_empty(), "bounds do not contain what happens: {:?}", tally.unsound);
    assert!(tally.missed.is_empty(), "losses missed: {:?}", tally.missed);
    assert!(tally.wrong_certain.is_empty(), "certain and never so: {:?}", tally.wrong_certain);
}

/// Found among a hundred thousand: a start that would miss something anyway, and the plan stops it before.
#[test]
fn what_the_plan_stops_is_interrupted_whatever_awaited_it() {
    let mut tally = Tally::default();
    for seed in [20_901, 41_023, 82_662, 93_558] {
        let graph = any_graph(&mut Dice::new(seed));
        let judged = graph.clone().judged();
        assert!(judged.interrupts.get(&judged.at("w")).is_some_and(|told| told.certain), "seed {seed}");
        compare(&mut tally, seed, &graph, &judged);
    }
    assert_eq!(tally.graphs, 4);
    assert!(
        tally.wrong_certain.is_empty() && tally.missed.is_empty() && tally.unsound.is_empty(),
        "{tally:?}"
    );
}

/// One scenario as the program knows it and as the oracle does.
fn scenarios(dice: &mut Dice, graph: &Graph) -> Vec<(Scenario, World)> {
    let world = whole(graph);
    let changes: Vec<ChangeIx> = world.made.iter().copied().collect();
    let some: BTreeSet<ChangeIx> = changes.iter().copied().filter(|_| dice.one_in(3)).collect();
    let gone = NodeIx(u32::try_from(dice.below(graph.nodes.len())).unwrap());
    let only = World { made: some.clone(), ..World::default() };
    let less = World { made: world.made.difference(&some).copied().collect(), ..world.clone() };
    let without = |world: &World| World { gone: BTreeSet::from([gone.at()]), ..world.clone() };
    vec![
        (Scenario::before(), World::default()),
        (Scenario::before().cold(), World { cold: true, ..World::default() }),
        (Scenario::before().without([gone]), without(&World::default())),
        (Scenario::after(), world.clone()),
        (Scenario::after().during(), World { during: true, ..world.clone() }),
        (Scenario::after().without([gone]), without(&world)),
        (Scenario::after().cold(), World { cold: true, ..world }),
        (Scenario::only(some.clone()), only),
        (Scenario::less(some), less),
    ]
}

#[test]
fn every_scenario_is_as_the_plain_model_says() {
    for seed in 1..=cases() {
        let dice = &mut Dice::new(seed);
        let size = 3 + dice.below(12);
        let graph = graph_of(dice, size);
        let estate = crate::estate::Estate::from_nodes(graph.nodes.clone());
        let evaluator = Evaluator::new(&estate, now());
        let naive = Naive { nodes: &graph.nodes, now: now(), lucky: None };
        for (number, (scenario, mut world)) in scenarios(dice, &graph).into_iter().enumerate() {
            if !world.during && (world.whole || !world.made.is_empty()) {
                world.stopped = naive.stopped(&world);
            }
            let outcome = evaluator.outcome(scenario);
            let told: Vec<Horizon> = estate.indices().map(|index| outcome.held.of(index)).collect();
            assert_eq!(told, naive.horizons(&world), "seed {seed}, scenario {number}");
            if world.cold {
                continue;
            }
            let losses = outcome.falls.losses.values();
            let falls: Vec<(usize, bool, Vec<usize>)> =
                losses.map(|loss| (loss.node.at(), loss.goes || loss.sooner, loss.needs.clone())).collect();
            assert_eq!(falls, naive.falling(&world), "seed {seed}, scenario {number}");
            let stopped = outcome.held.interrupted().iter();
            let certain = |only: bool| -> BTreeSet<usize> {
                stopped.clone().filter(|(_, own)| !only || own.certain).map(|(node, _)| node.at()).collect()
            };
            assert_eq!([certain(false), certain(true)], world.stopped, "seed {seed}, scenario {number}");
        }
    }
}

#[test]
fn what_is_asked_about_some_is_as_if_all_were_asked_about() {
    let mut left_out = 0;
    for seed in 1..=cases() {
        let dice = &mut Dice::new(seed);
        let size = 6 + dice.below(8);
        let graph = graph_of(dice, size);
        let estate = crate::estate::Estate::from_nodes(graph.nodes.clone());
        let evaluator = Evaluator::new(&estate, now());
        let made = whole(&graph).made;
        let asked = NodeIx(u32::try_from(dice.below(graph.nodes.len())).unwrap());
        let gone = NodeIx(u32::try_from(dice.below(graph.nodes.len())).unwrap());
        left_out += graph.nodes.len() - evaluator.below(&[asked]).len();
        let scenarios = made.first().copied().into_iter().flat_map(|change| {
            [Scenario::after().leaving_out(change), Scenario::only(BTreeSet::from([change]))]
        });
        let scenarios = scenarios.chain([Scenario::after(), Scenario::after().without([gone])]);
        for scenario in scenarios.chain([Scenario::after().cold()]) {
            let (all, part) =
                (evaluator.outcome(scenario.clone()), evaluator.outcome_for(scenario.clone(), &[asked]));
            let told = |outcome: &crate::estate::Outcome<'_>| {
                let loss = outcome.falls.of(asked);
                let needs = loss.map(|loss| (loss.goes, loss.sooner, loss.needs.clone(), loss.certain));
                let stopped = outcome.held.interrupted().get(&asked).map(|stopped| stopped.certain);
                (outcome.held.of(asked), needs, stopped)
            };
            assert_eq!(told(&all), told(&part), "seed {seed}, {scenario:?}");
        }
    }
    assert!(left_out > 0, "all was always below what was asked about");
}
