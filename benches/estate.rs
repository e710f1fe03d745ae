//! What evaluating an estate costs, in two sizes: 100,000 nodes with 500,000 edges, and ten times as much.
//!
//! `cargo bench --bench estate`, or with a number of nodes: `cargo bench --bench estate -- 20000`. Times are medians; what
//! counts is how they grow with the estate, and what they are beside a bare pass over all edges in the same run.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints, and stops where it cannot go on"
)]

use mainstay::estate::{Estate, Evaluator, Scenario, carries, dependents, find, rank, weakened};
use mainstay::model::{
    ChangeIx, Claim, Class, Coverage, Criticality, Ends, Evidence, Horizon, Instant, Kind, Moment, Need,
    Node, NodeId, NodeIx, Phase, Presence, Side, Sign, SourceIx, Strength, Support, WorkloadTag,
};
use std::collections::BTreeSet;
use std::hint::black_box;
use std::time::{Duration, Instant as Stopwatch};

/// How many nodes the one deletion reaches.
const REACHED: usize = 100;

fn main() {
    // `cargo test --benches` runs benchmarks too, as a test that they still run.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let sizes: Vec<usize> = match arguments.iter().find_map(|argument| argument.parse().ok()) {
        Some(size) => vec![size],
        None if arguments.iter().any(|argument| argument == "--bench") => vec![100_000, 1_000_000],
        None => vec![2_000],
    };
    let mut tables: Vec<(String, Vec<(&'static str, Duration)>)> = Vec::new();
    for size in sizes {
        let (title, rows) = measured(size);
        println!("{title}");
        let bare = rows[0].1;
        for (what, time) in &rows {
            println!("  {what:<46} {:>12}   {:>9.2} x bare", told(*time), ratio(*time, bare));
        }
        tables.push((title, rows));
    }
    if let [(_, small), (_, large)] = tables.as_slice() {
        println!("growth, for ten times the estate");
        for ((what, small), (_, large)) in small.iter().zip(large) {
            println!("  {what:<46} {:>9.1} x", ratio(*large, *small));
        }
    }
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64().max(1e-9)
}

fn told(time: Duration) -> String {
    match time.as_micros() {
        micros if micros < 10_000 => format!("{micros} us"),
        micros => format!("{:.1} ms", f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1000.0),
    }
}

/// The median of some runs.
fn median<T>(runs: usize, mut run: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Stopwatch::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn measured(size: usize) -> (String, Vec<(&'static str, Duration)>) {
    let nodes = estate_of(size);
    let edges: usize = nodes.iter().flat_map(|node| &node.needs).map(|need| need.supports.len()).sum();
    let title = format!("{} nodes, {edges} edges", nodes.len());
    let now: Instant = "2026-01-01T00:00:00Z".parse().unwrap();
    let start = Stopwatch::now();
    let estate = Estate::from_nodes(nodes);
    let joining = start.elapsed();
    let bare = median(5, || bare_pass(&estate));
    let before = median(5, || Evaluator::new(&estate, now));
    let evaluator = Evaluator::new(&estate, now);
    let change = BTreeSet::from([ChangeIx(0)]);
    let one = evaluator.outcome(Scenario::only(change.clone()));
    assert_eq!(one.falls.losses.len(), REACHED, "the deletion reaches what it should");
    let deletion = median(101, || evaluator.outcome(Scenario::only(change.clone())));
    let weak = median(101, || weakened(&one));
    let after = median(11, || evaluator.outcome(Scenario::after()));
    let name = format!("identity-{}", size / 50);
    let explain = median(5, || {
        let node = find(&estate, &name).unwrap();
        (dependents(&estate, node).nodes().count(), carries(&evaluator, node))
    });
    let ranked = median(1, || rank(&evaluator, 20, |_| true));
    let cold = median(3, || evaluator.evaluate(Scenario::before().cold()));
    let (ring, places) = (Estate::from_nodes(circle(size / 10)), size / 10);
    let around = median(3, || Evaluator::new(&ring, now));
    assert!(places > 1, "a circle of several");
    let rows = vec![
        ("a bare pass over all edges", bare),
        ("who needs whom, once", joining),
        ("how it is, once", before),
        ("one deletion that reaches 100 nodes", deletion),
        ("what it weakens", weak),
        ("the whole plan of 1,000 changes", after),
        ("everything cold", cold),
        ("explain: by name, what rests on it, what falls", explain),
        ("rank --top 20", ranked),
        ("how it is, in a circle of a tenth of the nodes", around),
    ];
    (title, rows)
}

/// What any program that looks at every edge once has to do.
fn bare_pass(estate: &Estate) -> u64 {
    let indices = estate.indices();
    indices.flat_map(|index| estate.users(index)).map(|(user, need, _)| u64::from(user.0) + need as u64).sum()
}

/// A generator of numbers, the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n as u64).unwrap()
    }
}

/// In layers: scopes, identities in them, grants to these on those, capabilities by one of several grants, certificates
/// that are renewed by capabilities, and workloads that need all of this and call each other while they run.
fn estate_of(size: usize) -> Vec<Node> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut nodes: Vec<Node> = Vec::with_capacity(size + REACHED);
    let parts = |percent: usize| size * percent / 100;
    let layer = |nodes: &mut Vec<Node>, name: &str, class: Class, many: usize| {
        let first = nodes.len();
        nodes.extend((0..many).map(|number| node(&format!("{name}-{number}"), class, None)));
        first..first + many
    };
    let scopes = layer(&mut nodes, "scope", Class::Other, parts(2).max(1));
    let identities = layer(&mut nodes, "identity", Class::Identity, parts(10));
    let roles = layer(&mut nodes, "role", Class::Role, parts(1).max(1));
    let grants = layer(&mut nodes, "grant", Class::Grant, parts(30));
    let capabilities = layer(&mut nodes, "capability", Class::Capability, parts(20));
    let certificates = layer(&mut nodes, "certificate", Class::Certificate, parts(8));
    let workloads = layer(&mut nodes, "workload", Class::Workload, parts(30) - REACHED);
    let mut any = |range: &std::ops::Range<usize>| range.start + dice.below(range.len());
    for (number, scope) in scopes.clone().enumerate().skip(1) {
        need(&mut nodes, scope, "lies in", &[scopes.start + number / 10], Phase::Always);
    }
    for identity in identities.clone() {
        let scope = any(&scopes);
        need(&mut nodes, identity, "lies in", &[scope], Phase::Always);
    }
    for grant in grants.clone() {
        let (identity, scope) = (any(&identities), any(&scopes));
        need(&mut nodes, grant, "its principal", &[identity], Phase::Always);
        need(&mut nodes, grant, "what it is on", &[scope], Phase::Always);
        let role = any(&roles);
        need(&mut nodes, grant, "its role", &[role], Phase::Always);
    }
    for capability in capabilities.clone() {
        let by: Vec<usize> = (0..8).map(|_| any(&grants)).collect();
        let identity = any(&identities);
        need(&mut nodes, capability, "a grant", &by, Phase::Always);
        need(&mut nodes, capability, "the identity", &[identity], Phase::Always);
    }
    for certificate in certificates.clone() {
        let by = any(&capabilities);
        let at = |text: &str| Some(text.parse().unwrap());
        let renewal = Phase::Renew {
            end: at("2026-03-01T00:00:00Z"),
            at: at("2026-02-01T00:00:00Z"),
            seen: at("2026-01-01T00:00:00Z"),
        };
        need(&mut nodes, certificate, "renewal", &[by], renewal);
    }
    for workload in workloads.clone() {
        let (identity, certificate) = (any(&identities), any(&certificates));
        let may: Vec<usize> = (0..4).map(|_| any(&capabilities)).collect();
        let calls = [any(&workloads), any(&workloads)];
        need(&mut nodes, workload, "runs as", &[identity], Phase::Always);
        need(&mut nodes, workload, "certificate", &[certificate], Phase::Always);
        for (number, capability) in may.into_iter().enumerate() {
            let phase = if number == 0 { Phase::Start } else { Phase::Always };
            need(&mut nodes, workload, "may", &[capability], phase);
        }
        // Few of the calls go both ways round: one large circle is no estate.
        let calls: Vec<usize> = calls.into_iter().filter(|called| *called < workload).collect();
        if !calls.is_empty() {
            need(&mut nodes, workload, "calls", &calls, Phase::Run);
        }
    }
    for grant in grants.skip(1).take(1_000) {
        let change = ChangeIx(u32::try_from(grant).unwrap());
        nodes[grant].claims = vec![claim(Some(change))];
    }
    let deleted = nodes.len();
    nodes.push(node("deleted", Class::Grant, Some(ChangeIx(0))));
    let capability = nodes.len();
    nodes.push(node("rests on it", Class::Capability, None));
    need(&mut nodes, capability, "a grant", &[deleted], Phase::Always);
    for number in 0..REACHED - 2 {
        let workload = nodes.len();
        nodes.push(node(&format!("reached-{number}"), Class::Workload, None));
        need(&mut nodes, workload, "may", &[capability], Phase::Always);
        need(&mut nodes, workload, "runs as", &[identities.start + number % identities.len()], Phase::Always);
    }
    nodes
}

/// Services that need each other all the way round, each with an end of its own: the worst that a circle can be.
fn circle(size: usize) -> Vec<Node> {
    let first: Instant = "2026-02-01T00:00:00Z".parse().unwrap();
    let mut nodes: Vec<Node> =
        (0..size).map(|at| node(&format!("service-{at}"), Class::Workload, None)).collect();
    for at in 0..size {
        let seconds = i64::try_from(size - at).unwrap();
        let end = Horizon::exactly(Moment::At(Instant::from_second(first.as_second() + seconds).unwrap()));
        nodes[at].end = Some(Box::new(Ends { before: end, after: end, change: None }));
        need(&mut nodes, at, "calls", &[(at + 1) % size], Phase::Always);
    }
    nodes
}

fn node(name: &str, class: Class, change: Option<ChangeIx>) -> Node {
    let mut node = Node::new(NodeId::new(name), class, Kind::new(class.word()), name.to_owned());
    node.claims = vec![claim(change)];
    node.workload = (class == Class::Workload).then(|| WorkloadTag {
        name: name.to_owned(),
        criticality: if name.ends_with('7') { Criticality::Critical } else { Criticality::Important },
        rated: true,
    });
    node
}

/// That it is there; and, where a change is given, that the change deletes it.
fn claim(change: Option<ChangeIx>) -> Claim {
    let gone = change.is_some();
    Claim {
        carrier: String::new(),
        managed: true,
        evidence: Evidence { source: SourceIx(0), pointer: "".into() },
        taken_at: None,
        change,
        before: Presence::Present,
        during: if gone { Presence::Unknown } else { Presence::Present },
        after: if gone { Presence::Absent } else { Presence::Present },
    }
}

fn need(nodes: &mut [Node], of: usize, label: &str, supports: &[usize], phase: Phase) {
    let supports = supports.iter().map(|support| Support {
        node: NodeIx::number(*support),
        side: Side::Both,
        coverage: Coverage::Sure,
        sign: Sign::Holds,
        change: None,
        why: None,
    });
    let need = Need::new(label.to_owned(), Strength::Inferred, supports.collect());
    nodes[of].needs.push(Need { phase, ..need });
}
