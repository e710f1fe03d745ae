//! Random estates against brute force: every unknown is resolved in every way, the same before and after.
//!
//! What must hold: the bounds contain what happens; no loss is missed; what is called certain happens in some way.
//! How often "possible" is said of what never happens is counted and printed.

use super::{Eventually, Forever, Graph, Judged, Never, day};
use crate::model::{
    ChangeIx, Class, Coverage, Horizon, Moment, NodeIx, Phase, Presence, Side, Sign, Strength,
};

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

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// The number of cases.
#[expect(clippy::disallowed_methods, reason = "a test is told by the environment how long it may take")]
pub fn cases() -> u64 {
    std::env::var("MAINSTAY_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

/// A workload `w` on top of a few nodes that need each other in any way, cycles included, and two denies.
pub fn any_graph(dice: &mut Dice) -> Graph {
    let names = ["n0", "n1", "n2", "n3", "n4", "n5"];
    let names = &names[..3 + dice.below(4)];
    let mut graph = Graph::default().workload("w");
    for name in names {
        let presence = dice.of(&["PP", "PP", "PA", "PA", "AP", "??", "P?", "A?", "?A", "?P"]);
        graph = graph.node(name, dice.of(&[Class::Grant, Class::Grant, Class::Workload]), presence);
        let ends = [day(5.0), day(9.0), Eventually, Forever];
        graph = match dice.below(10) {
            0 | 1 => {
                let end = dice.of(&ends);
                graph.ends(end, end)
            }
            2 => graph.ends(dice.of(&ends), dice.of(&ends)),
            _ => graph,
        };
    }
    for deny in ["d0", "d1"] {
        graph = graph.node(deny, Class::Grant, dice.of(&["AA", "AP", "PA", "??", "A?", "?P"]));
    }
    for name in ["w"].iter().chain(names) {
        let count = if *name == "w" { 1 + dice.below(2) } else { dice.of(&[0, 0, 1]) };
        for number in 0..count {
            let mut supports: Vec<String> = Vec::new();
            for _ in 0..=dice.below(3) {
                let other = dice.of(names);
                let mark = dice.of(&["", "", "", "", "?", "<", ">"]);
                if other != *name && supports.iter().all(|known| !known.starts_with(other)) {
                    supports.push(format!("{other}{mark}"));
                }
            }
            if dice.below(6) == 0 {
                supports.push(dice.of(&["!d0", "!d1"]).to_owned());
            }
            let supports: Vec<&str> = supports.iter().map(String::as_str).collect();
            let label = format!("{name}.{number}");
            graph = graph.need(name, &label, &supports).but(name, &label, |need| {
                need.strength = dice.of(&[Strength::Declared, Strength::Inferred, Strength::Assumed]);
                need.phase = dice.of(&[Phase::Always, Phase::Always, Phase::Run]);
                need.side = dice.of(&[Side::Both, Side::Both, Side::Both, Side::After, Side::Before]);
                need.at_least = dice.of(&[1, 1, 1, 2]);
                need.change = (need.side != Side::Both).then_some(ChangeIx(77));
            });
        }
    }
    graph
}

/// Something that is not known.
#[derive(Debug, Clone, Copy)]
enum Open {
    /// Whether a node is there.
    Node(usize),
    /// Whether a support covers: node, need, support.
    Cover(usize, usize, usize),
    /// Whether an assumed need is one: node, need.
    Assumed(usize, usize),
}

fn open(graph: &Graph) -> Vec<Open> {
    let mut all = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if node.claims[0].before == Presence::Unknown || node.claims[0].after == Presence::Unknown {
            all.push(Open::Node(at));
        }
        for (number, need) in node.needs.iter().enumerate() {
            if need.strength == Strength::Assumed {
                all.push(Open::Assumed(at, number));
            }
            let unsure = |support: &crate::model::Support| support.coverage != Coverage::Sure;
            let places = need.supports.iter().enumerate().filter(|(_, support)| unsure(support));
            all.extend(places.map(|(place, _)| Open::Cover(at, number, place)));
        }
    }
    // What is no need after all loses its supports, so that is decided last.
    all.sort_by_key(|unknown| matches!(unknown, Open::Assumed(..)));
    all
}

/// The graph with every unknown resolved: the bits say how.
fn resolved(graph: &Graph, unknowns: &[Open], bits: usize) -> Graph {
    let mut out = graph.clone();
    for (bit, unknown) in unknowns.iter().enumerate() {
        let yes = bits >> bit & 1 == 1;
        match *unknown {
            Open::Node(at) => {
                let presence = if yes { Presence::Present } else { Presence::Absent };
                let claim = &mut out.nodes[at].claims[0];
                for side in [&mut claim.before, &mut claim.after] {
                    if *side == Presence::Unknown {
                        *side = presence;
                    }
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
                    need.supports.clear();
                    need.at_least = 1;
                    // Not a need after all: met by something that is always there.
                    let always = u32::try_from(graph.nodes.len() + 1).unwrap();
                    need.supports.push(Graph::default().grant("x", "PP").support("x"));
                    need.supports[0].node = NodeIx(always);
                }
            }
        }
    }
    out.grant("never", "AA").grant("always", "PP")
}

#[derive(Debug, Default)]
struct Tally {
    graphs: usize,
    exact: usize,
    losses: usize,
    missed: Vec<String>,
    false_possible: usize,
    wrong_certain: Vec<String>,
    unsound: Vec<String>,
}

fn compare(tally: &mut Tally, seed: u64, graph: &Graph, judged: &Judged) {
    let unknowns = open(graph);
    if unknowns.len() > 8 {
        return;
    }
    tally.graphs += 1;
    let w = judged.at("w");
    let outcomes: Vec<(Moment, Moment)> = (0..1usize << unknowns.len())
        .map(|bits| {
            let one = resolved(graph, &unknowns, bits).judged();
            let exact = |horizon: Horizon| {
                // An end on a day not known is still one end.
                assert!(horizon.sure == horizon.possible, "seed {seed}: resolved and still in doubt");
                horizon.sure
            };
            (exact(one.before.of(w)), exact(one.after.of(w)))
        })
        .collect();
    let lowest = outcomes.iter().map(|(_, after)| *after).min().unwrap_or(Never);
    let highest = outcomes.iter().map(|(_, after)| *after).max().unwrap_or(Never);
    let told = judged.after.of(w);
    if told.sure > lowest || told.possible < highest {
        tally.unsound.push(format!("seed {seed}: {told}, really {lowest}..{highest}"));
    }
    tally.exact += usize::from(told == Horizon { sure: lowest, possible: highest });
    let real = outcomes.iter().any(|(before, after)| after < before);
    let loss = judged.falls.of(w);
    tally.losses += usize::from(real);
    if real && loss.is_none() {
        tally.missed.push(format!("seed {seed}"));
    }
    if !real && loss.is_some_and(|loss| loss.certain) {
        tally.wrong_certain.push(format!("seed {seed}"));
    }
    tally.false_possible += usize::from(!real && loss.is_some_and(|loss| !loss.certain));
}

#[test]
fn no_loss_is_missed_and_none_is_certain_without_cause() {
    let mut tally = Tally::default();
    for seed in 1..=cases() {
        let graph = any_graph(&mut Dice::new(seed));
        compare(&mut tally, seed, &graph, &graph.clone().judged());
    }
    println!(
        "{} graphs, {} exact; {} losses, {} missed; {} times possible without a loss",
        tally.graphs,
        tally.exact,
        tally.losses,
        tally.missed.len(),
        tally.false_possible
    );
    assert!(tally.graphs > 0 && tally.losses > 0);
    assert!(tally.unsound.is_empty(), "{:#?}", tally.unsound);
    assert!(tally.missed.is_empty(), "missed: {:?}", tally.missed);
    assert!(tally.wrong_certain.is_empty(), "certain without a loss: {:?}", tally.wrong_certain);
}
