//! `explain WHAT --to OTHER`: the chains of needs between two things.

use super::Error;
use super::collect::Collected;
use crate::estate::{Estate, NeedPath, find, paths, stands};
use crate::model::{Instant, Node, NodeIx, Side, Sign, Source};
use crate::verdict::{Only, PathChain, PathChains, PathEnd, PathNeed, PathStep, Paths};

/// Chains that are told in full.
const TOLD: usize = 10;

/// Says how two things rest on each other.
pub fn between(collected: &Collected, what: &str, other: &str, now: Instant) -> Result<Paths, Error> {
    let estate = &collected.estate;
    let (from, to) = (find(estate, what)?, find(estate, other)?);
    let same = || Error::Same { one: what.to_owned(), other: other.to_owned() };
    let (one, two) = estate.node(from).zip(estate.node(to)).filter(|_| from != to).ok_or_else(same)?;
    let doubts = collected.sources.iter().filter_map(Source::shortfall);
    Ok(Paths {
        format: Paths::FORMAT,
        now,
        from: end(one),
        to: end(two),
        rests_on: chains(estate, from, to),
        carries: chains(estate, to, from),
        unknown_because: doubts.collect(),
    })
}

fn end(node: &Node) -> PathEnd {
    PathEnd { node: node.id.to_string(), kind: node.class.word().to_owned(), name: node.name.clone() }
}

fn chains(estate: &Estate, from: NodeIx, to: NodeIx) -> PathChains {
    let found = paths(estate, from, to);
    let mut told: Vec<PathChain> = Vec::new();
    for path in &found.paths {
        let chain = chain(estate, path);
        if !told.contains(&chain) {
            told.push(chain);
        }
    }
    // A chain that comes by one thing twice tells nothing that a shorter one does not, if there is a shorter one.
    if told.iter().any(|chain| !is_twisted(chain)) {
        told.retain(|chain| !is_twisted(chain));
    }
    told.sort_by_key(|chain| chain.steps.len());
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    PathChains { chains: told, more, all: found.all }
}

fn is_twisted(chain: &PathChain) -> bool {
    let mut nodes: Vec<&str> = chain.steps.iter().map(|step| step.node.as_str()).collect();
    nodes.sort_unstable();
    nodes.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

/// As proofs are printed: nodes that follow from others as the thing that they are about, and neighbours that show as
/// the same thing as one step.
fn chain(estate: &Estate, path: &NeedPath) -> PathChain {
    let mut steps: Vec<PathStep> = Vec::new();
    for (position, index) in path.nodes.iter().enumerate() {
        let Some(own) = estate.node(*index) else { continue };
        let shown = estate.shown(own);
        let next = path.nodes.get(position + 1);
        let needs = next.map(|next| needs(estate, own, *next, path.side)).unwrap_or_default();
        let node = shown.id.to_string();
        match steps.last_mut() {
            Some(previous) if previous.node == node => {
                // What a thing needs of itself is not told, but a doubt about it is.
                previous.needs.retain(|need| need.doubt.is_some());
                previous.needs.extend(needs);
            }
            _ => steps.push(PathStep {
                node,
                kind: shown.class.word().to_owned(),
                address: shown.address.as_ref().map(ToString::to_string),
                needs,
            }),
        }
    }
    if let Some(last) = steps.last_mut() {
        last.needs.retain(|need| need.doubt.is_some());
    }
    PathChain { only: only(path.side), steps }
}

/// The needs by which a node rests on the next, where the chain stands.
fn needs(estate: &Estate, node: &Node, next: NodeIx, side: Side) -> Vec<PathNeed> {
    let mut told: Vec<PathNeed> = Vec::new();
    for need in &node.needs {
        for support in need.supports.iter().filter(|support| support.node == next) {
            let Some(where_both) = stands(estate, need, support).and_then(|own| own.both(side)) else {
                continue;
            };
            let other = |one: &&crate::model::Support| {
                one.node != next && stands(estate, need, one).and_then(|own| own.both(side)).is_some()
            };
            let line = PathNeed {
                label: need.label.clone(),
                strength: need.strength.word().to_owned(),
                phase: need.phase.word().to_owned(),
                others: need.supports.iter().filter(other).count(),
                doubt: support.coverage.doubt().map(|unknown| unknown.reason.clone()),
                by_absence: support.sign == Sign::Absent,
                // What is so of the whole chain is said there.
                only: if where_both == side { None } else { only(where_both) },
            };
            if !told.contains(&line) {
                told.push(line);
            }
        }
    }
    told
}

fn only(side: Side) -> Option<Only> {
    match side {
        Side::Before => Some(Only::Before),
        Side::After => Some(Only::After),
        Side::Both => None,
    }
}
