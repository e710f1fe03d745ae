//! Why something is not certain.

use super::evaluate::Evaluation;
use super::loss::Outcome;
use super::proof::doubt;
use crate::model::{Class, Moment, NodeIx, Presence, Unknown};
use std::collections::BTreeSet;

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubtful {
    /// Whether a support meets its need.
    Support(Unknown),
    /// Whether a node exists.
    Presence(NodeIx),
    /// Until when a node is good.
    End(NodeIx),
}

/// Why a fall is not certain, or hangs on something that is not known: doubts of the supports of lost needs, along
/// everything that falls at or below the node, and of what those supports rest on.
pub fn doubts(outcome: &Outcome<'_>, start: NodeIx) -> Vec<Doubtful> {
    let Outcome { held, falls, .. } = outcome;
    let estate = held.evaluator.estate;
    let mut found: BTreeSet<Doubtful> = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let (Some(node), Some(loss)) = (estate.node(index), falls.of(index)) else { continue };
        if end_unknown(held, index) {
            found.insert(Doubtful::End(index));
        }
        for need in loss.needs.iter().filter_map(|number| node.needs.get(*number)) {
            for support in &need.supports {
                open.push(support.node);
                let is_support = held.scenario.has_support(need, support);
                let carries = held.of(support.node).may_hold() && is_support;
                let lost = falls.of(support.node).is_some() || !is_support;
                if let Some(unknown) = doubt(support)
                    && (carries || lost)
                {
                    found.insert(Doubtful::Support(unknown));
                }
                if carries && !held.of(support.node).surely_holds() {
                    unknown_below(held, support.node, &mut found);
                }
            }
        }
    }
    found.into_iter().collect()
}

/// Whether nobody knows when a node ends by itself, or whether it does: not merely between which days.
fn end_unknown(held: &Evaluation<'_>, index: NodeIx) -> bool {
    let end = held.evaluator.clock.horizon(held.view().end(index.0));
    let open = end.sure == Moment::Never || end.possible == Moment::Forever;
    open && end.sure < end.possible
}

/// What is not known below a support that may hold.
fn unknown_below(held: &Evaluation<'_>, start: NodeIx, found: &mut BTreeSet<Doubtful>) {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Some(node) = held.evaluator.estate.node(index) else { continue };
        if held.scenario.presence(index, node) == Presence::Unknown && node.class != Class::Unseen {
            found.insert(Doubtful::Presence(index));
        }
        if end_unknown(held, index) {
            found.insert(Doubtful::End(index));
        }
        for need in node.needs.iter().filter(|need| held.scenario.has_need(need)) {
            for support in need.supports.iter().filter(|support| held.scenario.has_support(need, support)) {
                if held.of(support.node).surely_holds() && doubt(support).is_none() {
                    continue;
                }
                if held.of(support.node).may_hold() {
                    if let Some(unknown) = doubt(support) {
                        found.insert(Doubtful::Support(unknown));
                    }
                    open.push(support.node);
                }
            }
        }
    }
}
