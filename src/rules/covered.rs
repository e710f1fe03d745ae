//! Removed grants that something else still covers: no findings, but said all the same.

use super::Judged;
use crate::model::{Class, NodeIx, Presence};
use crate::verdict::{Cover, Covered};

/// Every grant that a plan takes away and that something covers surely, with what does.
pub fn covered(judged: &Judged<'_>) -> Vec<Covered> {
    let mut out: Vec<Covered> = Vec::new();
    for (grant, allowance) in &judged.estate.allowances {
        if judged.falls().of(*allowance).is_some() {
            continue;
        }
        // What merely carries grants is covered by what covers those.
        let node = judged.estate.node(*grant).filter(|node| node.access.is_some());
        let Some(node) = node else { continue };
        let shrunk = judged.estate.shrunk.get(grant).copied().filter(|change| judged.makes(*change));
        let change = judged.taken(node).or(shrunk).and_then(|change| judged.change(change));
        let Some(change) = change else { continue };
        out.push(Covered {
            address: change.address.to_string(),
            grant: in_words(judged, *grant),
            by: covers(judged, *grant, *allowance),
        });
    }
    for (index, node) in judged.estate.nodes.iter().enumerate().filter(|(_, node)| node.class == Class::Grant)
    {
        // Deleted at one address and made at another: the same grant, before and after.
        let claims = node.claims.iter().filter(|claim| claim.change.is_some_and(|it| judged.makes(it)));
        let gone = claims.clone().filter(|claim| claim.before > claim.after);
        let gone = gone.filter_map(|claim| claim.change);
        let made = claims.filter(|claim| claim.before < claim.after);
        // An attachment made before the old one is deleted may go with it.
        let made = made.filter(|claim| claim.after == Presence::Present).filter_map(|claim| claim.change);
        let made: Vec<Cover> = made
            .filter_map(|change| judged.change(change))
            .map(|change| Cover {
                grant: change.address.to_string(),
                why: "the same grant, made again by this plan".to_owned(),
            })
            .collect();
        if made.is_empty() {
            continue;
        }
        for change in gone.filter_map(|change| judged.change(change)) {
            let own = NodeIx::number(index);
            out.push(Covered {
                address: change.address.to_string(),
                grant: in_words(judged, own),
                by: made.clone(),
            });
        }
    }
    out.sort();
    out
}

fn covers(judged: &Judged<'_>, grant: NodeIx, allowance: NodeIx) -> Vec<Cover> {
    let mut by: Vec<Cover> = Vec::new();
    let Some(node) = judged.estate.node(allowance) else { return by };
    for need in node.needs.iter().filter(|need| judged.after().scenario.has_need(need)) {
        let holding = need.supports.iter().find(|support| {
            (support.node != grant || judged.estate.shrunk.contains_key(&grant))
                && support.coverage == crate::model::Coverage::Sure
                && judged.after().scenario.has_support(need, support)
                && judged.after().of(support.node).surely_holds()
        });
        if let Some(support) = holding {
            let cover = Cover {
                grant: name(judged, support.node),
                why: support.why.clone().unwrap_or_else(|| need.label.clone()),
            };
            if !by.contains(&cover) {
                by.push(cover);
            }
        }
    }
    by
}

/// What people call the grant: its address, or its id where no plan has it.
fn name(judged: &Judged<'_>, index: NodeIx) -> String {
    let Some(node) = judged.estate.node(index) else { return String::new() };
    let node = judged.estate.shown(node);
    node.address.as_ref().map_or_else(|| node.id.to_string(), ToString::to_string)
}

/// What it grants: role and scope.
fn in_words(judged: &Judged<'_>, index: NodeIx) -> String {
    let access = judged.estate.node(index).and_then(|node| node.access.as_ref());
    access.map_or_else(
        || name(judged, index),
        |access| format!("{} on {}", access.role.as_deref().unwrap_or("a role"), access.scope),
    )
}
