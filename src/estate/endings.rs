//! What ends by itself or has to be renewed, and how its renewals stand: for those that tell of it.

use super::carry::carries_after;
use super::evaluate::Evaluation;
use super::proof::why_ends;
use super::scenario::Stage;
use crate::model::{Horizon, Instant, Moment, Need, Node, NodeIx, Phase, Presence};
use std::collections::BTreeMap;

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
    // What is a part of a thing is renewed with it, and told as that.
    let renewed = || node.needs.iter().any(|need| matches!(need.phase, Phase::Renew { .. }));
    node.end.is_some() || (node.shown_as.is_none() && renewed())
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
    let own = node.end.as_deref().and_then(|end| {
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

/// Something that ends by itself, or by a renewal of its own that fails, and the workloads that end with it.
#[derive(Debug, Clone)]
pub struct EndingInUse {
    /// The thing.
    pub node: NodeIx,
    /// Until when it holds as it is.
    pub until: Horizon,
    /// The workloads, in order.
    pub workloads: Vec<NodeIx>,
}

/// Everything that is there, has an end of its own or a renewal that is overdue, and takes workloads along. What ends by the
/// limits of who issued it, or since its renewal has no way, is told of by others.
pub fn ending_in_use(held: &Evaluation<'_>) -> Vec<EndingInUse> {
    let evaluator = held.evaluator;
    let estate = evaluator.estate;
    let now = evaluator.outcome(held.scenario.clone());
    let is_workload = |index: &NodeIx| estate.node(*index).is_some_and(|node| node.workload.is_some());
    let mut fallen = fallen_by(held);
    let mut found = Vec::new();
    for node in estate.indices().filter(|index| ends_by_itself(held, *index)) {
        let mut workloads: Vec<NodeIx> = carries_after(&now, node, is_workload);
        workloads.extend(fallen.remove(&node).unwrap_or_default());
        workloads.sort();
        workloads.dedup();
        if !workloads.is_empty() {
            found.push(EndingInUse { node, until: held.of(node), workloads });
        }
    }
    found
}

/// Whether a node is there and ends by its own end, or was to be renewed, could be, and has not been.
fn ends_by_itself(held: &Evaluation<'_>, index: NodeIx) -> bool {
    let estate = held.evaluator.estate;
    let Some(node) = estate.node(index).filter(|node| has_end(node)) else { return false };
    if estate.leases.contains_key(&index)
        || estate.users(index).next().is_none()
        || held.scenario.presence(index, node) == Presence::Absent
    {
        return false;
    }
    let own = held.evaluator.clock.horizon(held.view().end(index.0));
    let now = held.evaluator.now();
    let overdue = |renewal: &RenewalAt<'_>| {
        renewal.due.is_some_and(|due| due <= now) && renewal.counted != Horizon::FOREVER
    };
    let renewals = renewals(held, index);
    let has_a_way = renewals.iter().all(|renewal| renewal.path == Horizon::FOREVER);
    own != Horizon::FOREVER || has_a_way && renewals.iter().any(overdue)
}

/// Workloads that hold no more, by what ended before them: without it they would not hold for less long, so that nothing
/// else tells that they rest on it.
pub fn fallen_by(held: &Evaluation<'_>) -> BTreeMap<NodeIx, Vec<NodeIx>> {
    let estate = held.evaluator.estate;
    let mut found: BTreeMap<NodeIx, Vec<NodeIx>> = BTreeMap::new();
    for index in estate.indices() {
        let Some(node) = estate.node(index).filter(|node| node.workload.is_some()) else { continue };
        if held.of(index).possible != Moment::Never || held.scenario.presence(index, node) == Presence::Absent
        {
            continue;
        }
        for step in why_ends(held, index).iter().filter(|step| step.node != index) {
            found.entry(step.node).or_default().push(index);
        }
    }
    found
}
