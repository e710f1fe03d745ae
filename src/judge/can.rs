//! `can`: whether somebody may do something somewhere, by which grants, and after the plan.
//!
//! It is asked as a workload would ask that declares just this need, so that no other way of deciding it exists.

use super::answer::{ending, evidence, steps};
use super::collect::{Collected, collect};
use super::{Error, Inputs};
use crate::estate::{Evaluation, Evaluator, LookupError, Scenario, find, unsure};
use crate::model::{
    Alias, CapabilityNeed, Class, Criticality, Instant, Node, NodeIx, Sign, Support, WorkloadDeclaration,
};
use crate::rules::in_words;
use crate::verdict::{Allowed, ByGrant, May, Permission};
use std::collections::BTreeSet;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Any name of who.
    pub principal: &'a str,
    /// As the cloud spells it.
    pub action: &'a str,
    /// As the cloud spells it.
    pub scope: &'a str,
}

/// The workload that asks; nobody names one of their own so.
const ASKING: &str = "what is asked by `mainstay can`";

/// Answers.
pub fn can(mut inputs: Inputs, asked: Question<'_>, now: Instant) -> Result<Permission, Error> {
    inputs.declarations.workloads.push(WorkloadDeclaration {
        name: ASKING.to_owned(),
        criticality: Criticality::Normal,
        matches: Vec::new(),
        uses: Vec::new(),
        owner: None,
        needs: vec![CapabilityNeed {
            identity: asked.principal.to_owned(),
            action: asked.action.to_owned(),
            scope: asked.scope.to_owned(),
            at_least: 1,
        }],
        line: 0,
    });
    let own = |place: &str| place.ends_with(ASKING);
    let collected = match collect(&inputs, now) {
        Err(Error::Ambiguous { place, written, candidates, .. }) if own(&place) => {
            return Err(Error::Name(LookupError::Ambiguous { what: written, candidates }));
        }
        other => other?,
    };
    let estate = &collected.estate;
    if let Some(unmatched) = estate.unmatched.iter().find(|unmatched| own(&unmatched.place)) {
        let (what, near) = (unmatched.written.clone(), unmatched.candidates.clone());
        return Err(Error::Name(LookupError::Unknown { what, near }));
    }
    // Whoever only grants tell of is called as they were asked for.
    let stranger = Alias::new("principal", asked.principal);
    let is_stranger = estate.world.tells_of(&stranger)
        && !estate.nodes.iter().any(|node| !node.claims.is_empty() && node.aliases.contains(&stranger));
    let principal = match find(estate, asked.principal) {
        _ if is_stranger => asked.principal.to_owned(),
        Ok(index) => estate.node(index).map(|node| node.id.to_string()).unwrap_or_default(),
        Err(error) if error.is_ambiguous() => return Err(error.into()),
        Err(_) => asked.principal.to_owned(),
    };
    let asks = |index: &NodeIx| {
        let tag = estate.node(*index).and_then(|node| node.workload.as_ref());
        tag.is_some_and(|tag| tag.name == ASKING)
    };
    let asking = estate.indices().find(asks).ok_or(Error::Nothing)?;
    let evaluator = Evaluator::new(estate, now);
    let before = allowed(&collected, &evaluator.before(), asking);
    let after = (!collected.plans.is_empty())
        .then(|| allowed(&collected, &evaluator.evaluate(Scenario::after()), asking));
    let looked =
        capabilities(&collected, asking).into_iter().filter_map(|index| estate.looked_at.get(&index));
    let (grants, groups) = looked
        .fold((0, 0), |(grants, groups), looked| (grants.max(looked.grants), groups.max(looked.groups)));
    let exit_code = match after.as_ref().unwrap_or(&before).may {
        May::Yes => 0,
        May::No => 1,
        May::Unknown => 4,
    };
    Ok(Permission {
        format: Permission::FORMAT,
        now,
        principal,
        action: asked.action.to_owned(),
        scope: asked.scope.to_owned(),
        before,
        after,
        grants,
        groups,
        exit_code,
    })
}

fn allowed(collected: &Collected, held: &Evaluation<'_>, asking: NodeIx) -> Allowed {
    let until = held.of(asking);
    let may = May::of(until);
    let doubts = if may == May::Unknown { unsure(held, asking).doubts } else { Vec::new() };
    // The one who asks is no part of the answer.
    let why = match may {
        May::No => steps(collected, &ending(held, asking)).into_iter().skip(1).collect(),
        _ => Vec::new(),
    };
    let mut by = grants(collected, held, asking);
    by.sort();
    by.dedup();
    let unknown_because = in_words(&collected.estate, &collected.sources, &collected.changes, doubts).0;
    Allowed { may, until, by, why, unknown_because }
}

/// The node that asks, and all that follows from others below it.
fn capabilities(collected: &Collected, asking: NodeIx) -> BTreeSet<NodeIx> {
    let mut found = BTreeSet::new();
    let mut open = vec![asking];
    while let Some(index) = open.pop() {
        let Some(node) = collected.estate.node(index) else { continue };
        if (index == asking || node.class == Class::Capability) && found.insert(index) {
            open.extend(node.needs.iter().flat_map(|need| &need.supports).map(|support| support.node));
        }
    }
    found
}

/// The grants that stand behind what is asked, as far as they may hold.
fn grants(collected: &Collected, held: &Evaluation<'_>, asking: NodeIx) -> Vec<ByGrant> {
    let estate = &collected.estate;
    let nodes = capabilities(collected, asking).into_iter().filter_map(|index| estate.node(index));
    let needs = nodes.flat_map(|node| &node.needs).filter(|need| held.scenario.has_need(need));
    let supports = needs
        .flat_map(|need| need.supports.iter().filter(|support| held.scenario.has_support(need, support)));
    let counts = |support: &&Support| support.sign == Sign::Holds && held.of(support.node).may_hold();
    supports.filter(counts).filter_map(|support| by_grant(collected, held, support)).collect()
}

/// Only a way by a grant says how it covers.
fn by_grant(collected: &Collected, held: &Evaluation<'_>, support: &Support) -> Option<ByGrant> {
    let why = support.why.clone()?;
    let shown: &Node = collected.estate.shown(collected.estate.node(support.node)?);
    Some(ByGrant {
        grant: shown.id.to_string(),
        why,
        until: held.of(support.node),
        doubt: support.coverage.doubt().map(|unknown| unknown.reason.clone()),
        evidence: evidence(collected, shown).into_iter().next(),
    })
}
