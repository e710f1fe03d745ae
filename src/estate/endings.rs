//! What ends by itself or has to be renewed, and how its renewals stand: for those that tell of it.

use super::evaluate::Evaluation;
use super::scenario::Stage;
use crate::model::{Horizon, Instant, Moment, Need, Node, NodeIx, Phase, Presence};

/// A renewal that a node needs, as it stands in a scenario.
#[derive(Debug, Clone, Copy)]
pub struct RenewalAt<'e> {
    /// What is needed.
    pub need: &'e Need,
    /// When it is due, if that is known.
    pub due: Option<Instant>,
    /// Until when the way to it holds.
    pub path: Horizon,
    /// Until when the need is met.
    pub counted: Horizon,
}

/// Whether the node ends by itself, or has to be renewed, in any version of the world.
pub fn has_end(node: &Node) -> bool {
    node.end.is_some() || node.needs.iter().any(|need| matches!(need.phase, Phase::Renew { .. }))
}

/// The renewals that a node needs in a scenario.
pub fn renewals<'e>(held: &Evaluation<'e>, index: NodeIx) -> Vec<RenewalAt<'e>> {
    let needs = held.evaluator.estate.node(index).map_or(&[][..], |node| &node.needs).iter().enumerate();
    let renewals = needs.filter_map(|(place, need)| {
        let Phase::Renew { at, .. } = need.phase else { return None };
        let met = held.need(index, place)?;
        Some(RenewalAt { need, due: at, path: met.supports, counted: met.counted })
    });
    renewals.collect()
}

/// Until when a node is good by itself in a scenario, whether that has passed or not: the instant that its sources tell.
pub fn good_until(held: &Evaluation<'_>, index: NodeIx) -> Option<Instant> {
    let node = held.evaluator.estate.node(index)?;
    let own = node.end.and_then(|end| {
        let seen = if held.scenario.stage(end.change) == Stage::Before { end.before } else { end.after };
        [seen.possible, seen.sure].into_iter().find_map(|moment| match moment {
            Moment::At(instant) => Some(instant),
            _ => None,
        })
    });
    let renewed =
        node.needs.iter().filter(|need| held.scenario.has_need(need)).filter_map(|need| match need.phase {
            Phase::Renew { end, .. } => end,
            _ => None,
        });
    renewed.chain(own).min()
}

/// Until when a node holds if it is there at all: where nobody knows that, its end is a question of its own.
pub fn if_there(held: &Evaluation<'_>, index: NodeIx) -> Horizon {
    let Some(node) = held.evaluator.estate.node(index) else { return Horizon::UNKNOWN };
    if held.scenario.presence(index, node) != Presence::Unknown {
        return held.of(index);
    }
    let needs = (0..node.needs.len()).filter_map(|place| held.need(index, place)).map(|met| met.counted);
    let end = held.evaluator.clock.horizon(held.view().end(index.0));
    needs.fold(end, Horizon::and)
}
