//! Which changes bring losses about.

use super::Estate;
use super::evaluate::{Evaluation, Scenario, evaluate};
use super::loss::{Falls, find_losses};
use crate::model::{ChangeIx, Instant, NodeIx};
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

/// Tries changes one by one, by the loss rule itself; answers are kept.
struct Trial<'a> {
    estate: &'a Estate,
    before: &'a Evaluation,
    now: Instant,
    only: BTreeMap<BTreeSet<ChangeIx>, BTreeSet<NodeIx>>,
    less: BTreeMap<ChangeIx, BTreeSet<NodeIx>>,
}

impl Trial<'_> {
    /// What falls when only these changes are made.
    fn only(&mut self, changes: &BTreeSet<ChangeIx>) -> &BTreeSet<NodeIx> {
        if !self.only.contains_key(changes) {
            let fallen = self.fallen(Scenario::Only(changes));
            self.only.insert(changes.clone(), fallen);
        }
        self.only.entry(changes.clone()).or_default()
    }

    /// What falls when all but this change are made.
    fn less(&mut self, change: ChangeIx) -> &BTreeSet<NodeIx> {
        if !self.less.contains_key(&change) {
            let fallen = self.fallen(Scenario::Less(&BTreeSet::from([change])));
            self.less.insert(change, fallen);
        }
        self.less.entry(change).or_default()
    }

    fn fallen(&self, scenario: Scenario<'_>) -> BTreeSet<NodeIx> {
        let after = evaluate(self.estate, scenario, self.now);
        let falls = find_losses(self.estate, (Scenario::Before, self.before), (scenario, &after));
        falls.losses.into_keys().collect()
    }
}

/// The causes of these falls. One entry for each change that suffices alone; for what no change brings about alone, one
/// entry for one minimal set, got by dropping changes in order.
pub fn causes(
    estate: &Estate,
    before: &Evaluation,
    falls: &Falls,
    wanted: &[NodeIx],
    now: Instant,
) -> Vec<CauseOf> {
    let mut trial = Trial { estate, before, now, only: BTreeMap::new(), less: BTreeMap::new() };
    let mut alone: BTreeMap<ChangeIx, Vec<NodeIx>> = BTreeMap::new();
    let mut joint: BTreeMap<Vec<ChangeIx>, Vec<NodeIx>> = BTreeMap::new();
    let mut candidates_of: BTreeMap<NodeIx, BTreeSet<ChangeIx>> = BTreeMap::new();
    for node in wanted {
        candidates_of.insert(*node, candidates(estate, falls, *node));
    }
    for (node, candidates) in &candidates_of {
        let mut found = false;
        for change in candidates {
            if trial.only(&BTreeSet::from([*change])).contains(node) {
                alone.entry(*change).or_default().push(*node);
                found = true;
            }
        }
        if !found {
            let mut set = candidates.clone();
            for change in candidates {
                let mut fewer = set.clone();
                fewer.remove(change);
                if trial.only(&fewer).contains(node) {
                    set = fewer;
                }
            }
            joint.entry(set.into_iter().collect()).or_default().push(*node);
        }
    }
    let mut out = Vec::new();
    let sets = alone.into_iter().map(|(change, nodes)| (vec![change], nodes, true));
    for (changes, nodes, alone) in
        sets.chain(joint.into_iter().map(|(changes, nodes)| (changes, nodes, false)))
    {
        let necessary = changes
            .iter()
            .map(|change| nodes.iter().all(|node| !trial.less(*change).contains(node)))
            .collect();
        out.push(CauseOf { changes, necessary, alone, falls: nodes });
    }
    out
}

/// All changes at or below what falls with this node.
fn candidates(estate: &Estate, falls: &Falls, start: NodeIx) -> BTreeSet<ChangeIx> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Some(node) = estate.node(index) else { continue };
        let loss = falls.of(index);
        // What goes itself; or a support that ceased to be one, or a deny that came, which fall by no need of theirs.
        if loss.is_none_or(|loss| loss.removed) {
            let changed = node.claims.iter().filter(|claim| claim.before != claim.after);
            found.extend(changed.filter_map(|claim| claim.change));
        }
        let Some(loss) = loss else { continue };
        for need in loss.needs.iter().filter_map(|number| node.needs.get(*number)) {
            found.extend(need.change);
            for support in &need.supports {
                found.extend(support.change);
                open.push(support.node);
            }
        }
    }
    found
}
