//! Chains of needs between two things.

use super::{Estate, Graph};
use crate::estate::{NeedPaths, paths};
use crate::model::{Class, NodeIx, Side};
use proptest::prelude::*;

/// Workloads of these names, each needing of others what stands behind it: `a > b, c<`.
fn graph(lines: &[&str]) -> Graph {
    let parts = |line: &&str| -> (String, Vec<String>) {
        let (name, supports) = line.split_once(" > ").unwrap_or((line, ""));
        (name.to_owned(), supports.split(", ").filter(|one| !one.is_empty()).map(str::to_owned).collect())
    };
    let mut graph = Graph::default();
    for line in lines {
        graph = graph.workload(&parts(line).0);
    }
    for line in lines {
        let (name, supports) = parts(line);
        for support in &supports {
            graph = graph.need(&name, &format!("needs {support}"), &[support]);
        }
    }
    graph
}

/// The chains as `a b c`, with the side where it is only one.
fn told(estate: &Estate, found: &NeedPaths) -> Vec<String> {
    let name = |index: &NodeIx| estate.node(*index).unwrap().name.clone();
    let side = |side: Side| match side {
        Side::Both => "",
        Side::Before => " before",
        Side::After => " after",
    };
    let chain = |nodes: &[NodeIx]| nodes.iter().map(name).collect::<Vec<_>>().join(" ");
    found.paths.iter().map(|path| chain(&path.nodes) + side(path.side)).collect()
}

fn found(graph: Graph, from: &str, to: &str) -> Vec<String> {
    let (from, to) = (graph.at(from), graph.at(to));
    let estate = Estate::from_nodes(graph.nodes);
    let found = paths(&estate, from, to);
    assert!(found.all);
    told(&estate, &found)
}

#[test]
fn chains_go_down_the_needs_the_shortest_first() {
    let diamond = || graph(&["a > b, c", "b > d", "c > b, d", "d"]);
    assert_eq!(found(diamond(), "a", "d"), ["a b d", "a c d", "a c b d"]);
    assert_eq!(found(diamond(), "d", "a"), [""; 0]);
    let circle = || graph(&["a > b", "b > c", "c > a"]);
    assert_eq!(found(circle(), "a", "c"), ["a b c"]);
    assert_eq!(found(circle(), "c", "a"), ["c a"]);
}

#[test]
fn what_never_stands_together_is_no_chain() {
    // A support only before, and one only after.
    assert_eq!(found(graph(&["a > b<", "b > c>", "c"]), "a", "c"), [""; 0]);
    assert_eq!(found(graph(&["a > b<, d", "b > c>", "c", "d > c<"]), "a", "c"), ["a d c before"]);
    // Two needs of the same, one on each side.
    assert_eq!(found(graph(&["a > b<, b>", "b > c", "c"]), "a", "c"), ["a b c"]);
    // What the plan takes away, makes, and what was never there.
    for (presence, chains) in
        [("PA", vec!["a g before"]), ("AP", vec!["a g after"]), ("AA", vec![]), ("?P", vec!["a g"])]
    {
        let graph = Graph::default().workload("a").grant("g", presence).need("a", "g", &["g"]);
        assert_eq!(found(graph, "a", "g"), chains, "{presence}");
    }
    // A deny is needed not to be there.
    let graph = Graph::default().workload("a").grant("deny", "AA").need("a", "no deny", &["!deny"]);
    assert_eq!(found(graph, "a", "deny"), ["a deny"]);
}

#[test]
fn a_part_is_the_thing_that_it_is_shown_as() {
    let mut graph = graph(&["issuer", "solver > grant", "certificate > solver", "grant"]);
    graph = graph.node("other", Class::Grant, "PP");
    let (issuer, solver) = (graph.at("issuer"), graph.at("solver"));
    graph.nodes[solver.at()].shown_as = Some(issuer);
    assert_eq!(found(graph.clone(), "certificate", "issuer"), ["certificate solver"]);
    assert_eq!(found(graph.clone(), "issuer", "grant"), ["solver grant"]);
    assert_eq!(found(graph, "issuer", "other"), [""; 0]);
}

#[test]
fn a_dense_graph_is_answered_too() {
    let names: Vec<String> = (0..300).map(|number| format!("n{number:03}")).collect();
    let lines: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let others =
                names.iter().enumerate().filter(|(other, _)| *other != at && (at < 298 || *other == 299));
            format!("{name} > {}", others.map(|(_, other)| other.as_str()).collect::<Vec<_>>().join(", "))
        })
        .collect();
    let graph = graph(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let (from, to) = (graph.at("n000"), graph.at("n299"));
    let estate = Estate::from_nodes(graph.nodes);
    let found = paths(&estate, from, to);
    assert!(!found.all);
    assert_eq!(told(&estate, &found)[..2], ["n000 n299", "n000 n001 n299"]);
    assert!(found.paths.windows(2).all(|pair| pair[0].nodes.len() <= pair[1].nodes.len()));
}

/// All chains, found the slow way.
fn all_chains(
    edges: &[[u8; 6]; 6],
    at: usize,
    side: [bool; 2],
    seen: &mut Vec<usize>,
    out: &mut Vec<String>,
) {
    seen.push(at);
    if at == 5 {
        let nodes: Vec<String> = seen.iter().map(ToString::to_string).collect();
        let only = match side {
            [true, true] => "",
            [true, false] => " before",
            _ => " after",
        };
        out.push(nodes.join(" ") + only);
    } else {
        for (next, edge) in edges[at].iter().enumerate() {
            let side = [side[0] && edge & 1 != 0, side[1] && edge & 2 != 0];
            if !seen.contains(&next) && side != [false, false] {
                all_chains(edges, next, side, seen, out);
            }
        }
    }
    seen.pop();
}

proptest! {
    #[test]
    fn all_chains_are_found(edges in prop::array::uniform6(prop::array::uniform6(0u8..4))) {
        let mark = |edge: u8| ["", "<", ">", ""][usize::from(edge)];
        let line = |(at, row): (usize, &[u8; 6])| {
            let supports: Vec<String> =
                row.iter().enumerate().filter(|(_, edge)| **edge > 0).map(|(to, edge)| format!("{to}{}", mark(*edge))).collect();
            format!("{at} > {}", supports.join(", "))
        };
        let lines: Vec<String> = edges.iter().enumerate().map(line).collect();
        let mut found = found(graph(&lines.iter().map(String::as_str).collect::<Vec<_>>()), "0", "5");
        prop_assert!(found.windows(2).all(|pair| pair[0].split(' ').filter(|one| one.len() == 1).count() <= pair[1].split(' ').filter(|one| one.len() == 1).count()));
        let mut expected = Vec::new();
        all_chains(&edges, 0, [true, true], &mut Vec::new(), &mut expected);
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }
}
