//! What rests on a thing, and what is left to it if the thing goes.

use super::answer::support_line;
use super::collect::Collected;
use crate::estate::{Evaluation, dependents, is_order};
use crate::model::{Class, NodeIx, Sign};
use crate::verdict::{Dependent, Instead, SupportLine};
use std::collections::BTreeSet;

/// Nodes of a chain that are told: a chain may be as long as the input, and there is one for each thing on it.
const TOLD: usize = 32;

/// What rests on the thing, things that only follow from others left out; workloads first, then the nearest.
pub fn carried(collected: &Collected, index: NodeIx) -> Vec<Dependent> {
    let estate = &collected.estate;
    let found = dependents(estate, index);
    let mut out: Vec<Dependent> = found
        .nodes()
        .filter_map(|(user, steps)| {
            let node = estate.node(user)?;
            if matches!(node.class, Class::Capability | Class::Unseen) || node.shown_as.is_some() {
                return None;
            }
            let mut through: Vec<&str> = Vec::new();
            for step in found.chain(user).filter_map(|step| estate.node(step)) {
                let id = estate.shown(step).id.as_str();
                if through.last() != Some(&id) {
                    through.push(id);
                }
                if through.len() == TOLD {
                    break;
                }
            }
            Some(Dependent {
                node: node.id.to_string(),
                kind: node.class.word().to_owned(),
                name: node.name.clone(),
                through: through.into_iter().map(str::to_owned).collect(),
                steps,
            })
        })
        .collect();
    let order = |one: &Dependent| (one.kind != "workload", one.through.len(), one.steps);
    out.sort_by(|one, other| order(one).cmp(&order(other)).then_with(|| one.node.cmp(&other.node)));
    out
}

/// For each need directly above the thing: what else may meet it where the thing is gone.
///
/// What only follows from the thing (that an identity can do something, that a grant counts through a group) is the thing
/// itself here: what rests on that is what may have another leg.
pub fn instead(collected: &Collected, gone: &Evaluation<'_>, index: NodeIx) -> Vec<Instead> {
    let estate = &collected.estate;
    let thing = estate.thing(index);
    let needs: BTreeSet<(NodeIx, usize)> = thing
        .iter()
        .flat_map(|part| estate.users(*part))
        .filter(|(user, _, _)| !thing.contains(user))
        .map(|(user, need, _)| (user, need))
        .collect();
    let mut out: Vec<Instead> = Vec::new();
    for (user, place) in needs {
        let told = estate.node(user).and_then(|node| Some((node, node.needs.get(place)?)));
        let Some((node, need)) = told.filter(|(_, need)| gone.scenario.has_need(need) && !is_order(need))
        else {
            continue;
        };
        // Nobody asks whether it can.
        let idle = node.class == Class::Capability && estate.users(user).next().is_none();
        let rests = need.supports.iter().any(|support| {
            thing.contains(&support.node)
                && support.sign == Sign::Holds
                && gone.scenario.has_support(need, support)
        });
        if idle || !rests {
            continue;
        }
        let mut others: Vec<SupportLine> = Vec::new();
        for support in need.supports.iter().filter(|support| {
            !thing.contains(&support.node)
                && support.sign == Sign::Holds
                && gone.scenario.has_support(need, support)
                && gone.of(support.node).may_hold()
        }) {
            let told = estate.node(support.node).map(|node| estate.shown(node));
            if let Some((own, line)) = told.zip(support_line(collected, gone, need, support)) {
                let (node, kind, name) = (own.id.to_string(), own.class.word().to_owned(), own.name.clone());
                others.push(SupportLine { node, kind, name, ..line });
            }
        }
        let own = estate.shown(node);
        out.push(Instead {
            node: own.id.to_string(),
            kind: own.class.word().to_owned(),
            need: need.label.clone(),
            strength: need.strength.word().to_owned(),
            phase: need.phase.word().to_owned(),
            until: gone.need(user, place).map_or(crate::model::Horizon::UNKNOWN, |met| met.counted),
            others,
        });
    }
    // Those that nothing else carries first.
    let order = |one: &Instead| (!one.others.is_empty(), one.until.possible, one.strength == "assumed");
    out.sort_by(|one, other| {
        order(one).cmp(&order(other)).then_with(|| (&one.node, &one.need).cmp(&(&other.node, &other.need)))
    });
    out.dedup();
    out
}
