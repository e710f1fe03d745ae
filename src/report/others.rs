//! The workloads that fall beside the one that a finding's proof is about.

use super::page::{Piece, dim, plain};
use super::tree::{rating, spoken};
use super::when;
use crate::model::{Criticality, Instant, minute};
use crate::verdict::Affected;
use std::collections::BTreeMap;

/// Names told, beside the one that the proof is about.
const LISTED: usize = 5;

/// Things told of one name.
const TOLD: usize = 3;

/// What belongs to one name and ends at one time is said once.
type Key<'a> = (&'a str, Criticality, Option<Instant>);

/// `3 more workloads: API ★ critical (reports, webhooks), shop important (outage 2024-01-16 15:54 UTC)`.
///
/// A workload of several things is followed by those that are hit; an outage is said where it is another than that of the
/// first. Nothing, if there are no others.
pub(super) fn others(affects: &[Affected]) -> Vec<Piece> {
    let Some((first, others)) = affects.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let shared = shared(affects);
    let mut pieces = vec![plain(format!("{}: ", when::plural(others.len(), "more workload")))];
    let groups = groups(others);
    for (index, ((name, criticality, breaks_at), nodes)) in groups.iter().take(LISTED).enumerate() {
        if index > 0 {
            pieces.push(plain(", "));
        }
        pieces.extend([plain(format!("{} ", spoken(name))), rating(*criticality)]);
        let outage = breaks_at.filter(|_| *breaks_at != first.breaks_at);
        let outage = outage.map(|at| format!("outage {}", minute(at)));
        let things = (shared.get(name).is_some_and(|number| *number > 1)).then(|| listed(nodes));
        match (outage, things) {
            (Some(outage), Some(things)) => pieces.push(plain(format!(" ({outage}: {things})"))),
            (Some(one), None) | (None, Some(one)) => pieces.push(plain(format!(" ({one})"))),
            (None, None) => {}
        }
    }
    let more: usize = groups.iter().skip(LISTED).map(|(_, nodes)| nodes.len()).sum();
    if more > 0 {
        pieces.push(dim(format!(", and {more} more")));
    }
    pieces
}

/// `a, b, c, and 2 more`.
fn listed(nodes: &[String]) -> String {
    let told = nodes.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    match nodes.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told}, and {more} more"),
    }
}

/// How many things bear each name.
fn shared(affects: &[Affected]) -> BTreeMap<&str, usize> {
    let mut shared = BTreeMap::new();
    for affected in affects {
        *shared.entry(affected.workload.as_str()).or_default() += 1;
    }
    shared
}

/// Those of one name and one end together, in the order of the first of each.
fn groups(others: &[Affected]) -> Vec<(Key<'_>, Vec<String>)> {
    let mut places: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut groups: Vec<(Key<'_>, Vec<String>)> = Vec::new();
    for affected in others {
        let key = (affected.workload.as_str(), affected.criticality, affected.breaks_at);
        let place = *places.entry(key).or_insert(groups.len());
        let node = spoken(&affected.node);
        match groups.get_mut(place) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((key, vec![node])),
        }
    }
    groups
}
