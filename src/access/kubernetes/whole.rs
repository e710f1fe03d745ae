//! All that a grant allows, and what can stand in for it.

use super::asked::Asked;
use super::{Routes, World, groups_of, holders, key, reaches, role, routes_by, undefined, words};
use crate::access::held::{coverage, doubt, gathered};
use crate::access::{KnownGrant, Route};
use crate::model::{Alias, Permission, Side};
use std::collections::BTreeSet;

/// See [`World::all_of`]. Each verb, resource and name is asked for by itself, as upstream does to see whether one set of
/// rules covers another (Kubernetes, `Covers` in `component-helpers/auth/rbac/validation`).
pub fn all_of(world: &World, principal: &Alias, known: &KnownGrant) -> Option<Vec<(String, Routes)>> {
    let scope = known.grant.scope.as_deref()?;
    let asked = meant(world, known)?;
    let holders = holders(world, principal);
    // In a namespace, URLs and the whole cluster are not given: nothing is lost of what was not there.
    let given = asked.into_iter().filter(|asked| scope == "*" || !asked.is_url());
    let each = given.map(|asked| (asked.written(), routes_by(world, principal, &holders, &asked, scope)));
    Some(gathered(each))
}

/// What the role of a grant allows before the plan, else after it; `None`: nobody knows.
fn meant(world: &World, known: &KnownGrant) -> Option<BTreeSet<Asked>> {
    let key = key(known);
    let (own, parts) = role(world, key.as_deref());
    if own.is_empty() && undefined(world, known).is_none() {
        return Some(BTreeSet::new());
    }
    let before = own.iter().any(|version| version.side.before());
    let is_meant = |side: Side| side.before() == before;
    let mut all = BTreeSet::new();
    let version = own.iter().find(|version| is_meant(version.side))?;
    pieces(version.permissions.as_ref()?, &mut all);
    for part in parts.unwrap_or_default().iter().filter(|part| is_meant(part.side)) {
        if part.doubt.is_none() && part.through.iter().all(|step| is_meant(step.side)) {
            pieces(part.permissions.as_ref()?, &mut all);
        }
    }
    Some(all)
}

/// Verb by verb, resource by resource, name by name.
fn pieces(rules: &[Permission], all: &mut BTreeSet<Asked>) {
    for rule in rules {
        let names: Vec<Option<String>> = match rule.names.as_slice() {
            [] => vec![None],
            names => names.iter().cloned().map(Some).collect(),
        };
        for (verb, resource) in
            rule.actions.iter().flat_map(|verb| rule.resources.iter().map(move |one| (verb, one)))
        {
            for name in &names {
                all.insert(Asked { verb: verb.clone(), resource: resource.clone(), name: name.clone() });
            }
        }
    }
}

/// See [`World::instead_of`]: the same role surely, any other perhaps.
pub fn instead_of(world: &World, principal: &Alias, grant: &KnownGrant) -> Routes {
    let scope = grant.grant.scope.as_deref().unwrap_or("*");
    let mut out = Routes { groups: groups_of(principal), ..Routes::default() };
    for (known, via, stranger) in holders(world, principal) {
        let itself = known.key == grant.key;
        let reached = reaches(known.grant.scope.as_deref(), scope);
        let Some((wide, elsewhere)) = reached.or(itself.then_some((false, None))) else { continue };
        let same = itself || known.grant.role_id == grant.grant.role_id;
        let other = (!same).then(|| {
            doubt("what the role allowed is not known, so what else allows the same cannot be told", None)
        });
        let elsewhere = elsewhere.filter(|_| !itself);
        out.grants += 1;
        let why = words(known, wide, via.as_ref(), &[]);
        out.routes.push(Route {
            grant: known.key,
            via,
            absent: Vec::new(),
            through: Vec::new(),
            side: Side::Both,
            change: None,
            coverage: coverage(&why, stranger.or(other).or(elsewhere)),
            why,
        });
    }
    out
}
