//! When a loss is felt, and what brings that day about.

use super::Estate;
use super::loss::{Falls, Loss};
use crate::model::{Instant, Moment, Need, NodeIx, Phase};
use std::collections::BTreeSet;

/// When lost renewals are first exercised, along everything that falls below the node: the least of max(now, due).
pub fn first_failure(estate: &Estate, falls: &Falls, from: NodeIx, now: Instant) -> Option<Instant> {
    let due = |need: &Need| match need.phase {
        Phase::Renew { at, .. } => at.map(|due| due.max(now)),
        _ => None,
    };
    below(estate, falls, from).into_iter().filter_map(due).min()
}

/// What ends it, in the report's words.
pub fn trigger(estate: &Estate, falls: &Falls, loss: &Loss) -> Option<&'static str> {
    match loss.until.possible {
        Moment::Never => Some("apply"),
        Moment::At(_) => Some("deadline"),
        Moment::Eventually => {
            let below = below(estate, falls, loss.node);
            let renews = below.iter().any(|need| matches!(need.phase, Phase::Renew { .. }));
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
    let mut seen = BTreeSet::new();
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
