//! The workloads that fall beside the one that a finding's proof is about.

use super::page::{Piece, dim, plain};
use super::tree::{rating, spoken};
use super::when;
use crate::model::{Criticality, Instant, minute};
use crate::verdict::Affected;
use std::collections::BTreeMap;

/// Things named, beside the one that the proof is about.
const LISTED: usize = 5;

/// What belongs to one name and ends at one time is said once.
type Key<'a> = (&'a str, Criticality, Option<Instant>);

/// `3 more workloads: API ★ critical (reports, webhooks), shop important, outage 2024-01-16 15:54 UTC`.
///
/// A workload of several things is followed by those that are hit; an outage is said where it is another than that of the
/// first. Nothing, if there are no others.
pub(super) fn others(affects: &[Affected]) -> Vec<Piece> {
    let Some((first, others)) = affects.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let shared = shared(affects);
    let mut pieces = vec![plain(format!("{}: ", when::plural(others.len(), "more workload")))];
    for (index, ((name, criticality, breaks_at), nodes)) in groups(others).into_iter().enumerate() {
        if index > 0 {
            pieces.push(plain(", "));
        }
        pieces.extend([plain(format!("{} ", spoken(name))), rating(criticality)]);
        if shared.get(name).is_some_and(|number| *number > 1) {
            pieces.push(dim(format!(" ({})", nodes.join(", "))));
        }
        if let Some(at) = breaks_at.filter(|_| breaks_at != first.breaks_at) {
            pieces.push(plain(format!(", outage {}", minute(at))));
        }
    }
    if let Some(more) = others.len().checked_sub(LISTED).filter(|more| *more > 0) {
        pieces.push(plain(format!(", and {more} more")));
    }
    pieces
}

/// How many things bear each name.
fn shared(affects: &[Affected]) -> BTreeMap<&str, usize> {
    let mut shared = BTreeMap::new();
    for affected in affects {
        *shared.entry(affected.workload.as_str()).or_default() += 1;
    }
    shared
}

/// The first of them, in their order, those of one name and one end together.
fn groups(others: &[Affected]) -> Vec<(Key<'_>, Vec<String>)> {
    let mut groups: Vec<(Key<'_>, Vec<String>)> = Vec::new();
    for affected in others.iter().take(LISTED) {
        let key = (affected.workload.as_str(), affected.criticality, affected.breaks_at);
        let node = spoken(&affected.node);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((key, vec![node])),
        }
    }
    groups
}
