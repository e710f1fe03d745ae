//! Which changes bring losses about.

use super::Estate;
use super::evaluate::Evaluator;
use super::loss::{Falls, Outcome};
use super::part::{Part, in_force};
use super::scenario::Scenario;
use crate::model::{ChangeIx, NodeIx, Presence};
use std::collections::{BTreeMap, BTreeSet};

/// A set of changes that suffices, and what falls by it.
#[derive(Debug, Clone)]
pub struct CauseOf {
    /// The changes: one that suffices alone, or a minimal set of which none does.
    pub changes: Vec<ChangeIx>,
    /// Whether each is necessary for all that is listed here.
    pub necessary: Vec<bool>,
    /// Whether one suffices alone.
    pub alone: bool,
    /// What falls by them.
    pub falls: Vec<NodeIx>,
}

/// What becomes of nodes when some changes are made.
#[derive(Debug, Default)]
struct Fallen {
    down: BTreeSet<NodeIx>,
    interrupted: BTreeSet<NodeIx>,
}

impl Fallen {
    fn of(outcome: &Outcome<'_>) -> Fallen {
        Fallen {
            down: outcome.falls.losses.keys().copied().collect(),
            interrupted: outcome.held.interrupted().keys().copied().collect(),
        }
    }

    /// Whether it falls; of what is only interrupted by all changes, whether it is down for a while at least.
    fn hits(&self, node: NodeIx, interrupted: bool) -> bool {
        self.down.contains(&node) || interrupted && self.interrupted.contains(&node)
    }
}

/// Tries changes one by one, by the loss rule itself; answers are kept.
struct Trial<'e> {
    evaluator: &'e Evaluator<'e>,
    only: BTreeMap<BTreeSet<ChangeIx>, Fallen>,
}

impl Trial<'_> {
    /// What falls when only these changes are made.
    fn only(&mut self, changes: &BTreeSet<ChangeIx>) -> &Fallen {
        if !self.only.contains_key(changes) {
            let fallen = Fallen::of(&self.evaluator.outcome(Scenario::only(changes.clone())));
            self.only.insert(changes.clone(), fallen);
        }
        self.only.entry(changes.clone()).or_default()
    }

    /// Whether a node falls by these changes, made with what they need; not, if it falls by that alone.
    fn hits(&mut self, changes: &BTreeSet<ChangeIx>, node: NodeIx, interrupted: bool) -> bool {
        let made = with_what_they_need(self.evaluator.estate, changes);
        let needed: BTreeSet<ChangeIx> = made.difference(changes).copied().collect();
        self.only(&made).hits(node, interrupted)
            && (needed.is_empty() || !self.only(&needed).hits(node, interrupted))
    }
}

/// These changes, and those by which a plan makes what is new and they refer to: without it they are never made. That it
/// would be missing is no loss that they bring about.
fn with_what_they_need(estate: &Estate, changes: &BTreeSet<ChangeIx>) -> BTreeSet<ChangeIx> {
    let mut made = changes.clone();
    let mut open: Vec<ChangeIx> = changes.iter().copied().collect();
    while let Some(change) = open.pop() {
        let users = estate.wiring.touched_by(change).iter().filter_map(|index| estate.node(*index));
        let needs = users.flat_map(|user| &user.needs).filter(|need| need.change == Some(change));
        let new = needs.flat_map(|need| &need.supports).filter(|support| support.side.after());
        let claims = new.filter_map(|support| estate.node(support.node)).flat_map(|node| &node.claims);
        for claim in claims.filter(|claim| claim.before == Presence::Absent) {
            open.extend(claim.change.filter(|making| made.insert(*making)));
        }
    }
    made
}

/// The causes of these falls, among the changes that the scenario makes. One entry for each change that suffices alone; for what no change brings about alone, one
/// entry for one minimal set, got by dropping changes in order.
pub fn causes(outcome: &Outcome<'_>, wanted: &[NodeIx]) -> Vec<CauseOf> {
    found(outcome, wanted, false)
}

/// The causes of these interruptions, in the same way.
pub fn causes_of_interruption(outcome: &Outcome<'_>, wanted: &[NodeIx]) -> Vec<CauseOf> {
    found(outcome, wanted, true)
}

fn found(outcome: &Outcome<'_>, wanted: &[NodeIx], interrupted: bool) -> Vec<CauseOf> {
    let evaluator = outcome.held.evaluator;
    let scenario = &outcome.held.scenario;
    let mut trial = Trial { evaluator, only: BTreeMap::new() };
    let mut alone: BTreeMap<ChangeIx, Vec<NodeIx>> = BTreeMap::new();
    let mut joint: BTreeMap<Vec<ChangeIx>, Vec<NodeIx>> = BTreeMap::new();
    let wanted: BTreeSet<NodeIx> = wanted.iter().copied().collect();
    for node in wanted {
        let candidates = candidates(outcome, node, interrupted);
        let mut found = false;
        for change in &candidates {
            if trial.hits(&BTreeSet::from([*change]), node, interrupted) {
                alone.entry(*change).or_default().push(node);
                found = true;
            }
        }
        if !found && in_force(Part::Together) {
            let mut set = candidates.clone();
            for change in &candidates {
                let mut fewer = set.clone();
                fewer.remove(change);
                if trial.hits(&fewer, node, interrupted) {
                    set = fewer;
                }
            }
            joint.entry(set.into_iter().collect()).or_default().push(node);
        }
    }
    let alone = alone.into_iter().map(|(change, nodes)| (vec![change], nodes, true));
    let joint = joint.into_iter().map(|(changes, nodes)| (changes, nodes, false));
    let mut out = Vec::new();
    for (changes, falls, alone) in alone.chain(joint) {
        let is_necessary = |change: &ChangeIx| {
            let less = scenario.clone().leaving_out(*change);
            let less = Fallen::of(&evaluator.outcome_for(less, &falls));
            !falls.iter().any(|node| less.hits(*node, interrupted))
        };
        let necessary = changes.iter().map(is_necessary).collect();
        out.push(CauseOf { changes, necessary, alone, falls });
    }
    out
}

/// All changes at or below what falls with this node; where something on the way is interrupted, those too that
/// interrupt it.
fn candidates(outcome: &Outcome<'_>, start: NodeIx, interrupted: bool) -> BTreeSet<ChangeIx> {
    let mut found = BTreeSet::new();
    let seen = if interrupted {
        BTreeSet::from([start])
    } else {
        below(outcome, &outcome.falls, &[start], &mut found)
    };
    if let Some((_, falls)) = &outcome.between {
        let stopped: Vec<NodeIx> =
            seen.into_iter().filter(|node| outcome.held.interrupted().contains_key(node)).collect();
        below(outcome, falls, &stopped, &mut found);
    }
    found.retain(|change| outcome.held.scenario.makes(*change));
    found
}

fn below(
    outcome: &Outcome<'_>,
    falls: &Falls,
    start: &[NodeIx],
    found: &mut BTreeSet<ChangeIx>,
) -> BTreeSet<NodeIx> {
    let mut seen = BTreeSet::new();
    let mut open = start.to_vec();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Some(node) = outcome.held.evaluator.estate.node(index) else { continue };
        let loss = falls.of(index);
        found.extend(&node.restarted_by);
        // What goes itself; or a support that ceased to be one, or a deny that came, which fall by no need of theirs.
        if loss.is_none_or(|loss| loss.goes || loss.sooner) {
            let changed =
                |claim: &&crate::model::Claim| claim.before != claim.after || claim.before != claim.during;
            found.extend(node.claims.iter().filter(changed).filter_map(|claim| claim.change));
            found.extend(node.end.as_ref().and_then(|end| end.change));
        }
        let Some(loss) = loss else { continue };
        for need in loss.needs.iter().filter_map(|place| node.needs.get(*place)) {
            found.extend(need.change);
            for support in &need.supports {
                found.extend(support.change);
                open.push(support.node);
            }
        }
    }
    seen
}
