//! All that a grant allows, and what can stand in for it.

use super::asked::{Asked, allows_name, allows_resource, allows_verb};
use super::{Routes, World, groups_of, holders, key, reaches, role, routes_by, undefined, words};
use crate::access::held::{coverage, doubt, gathered_by_count};
use crate::access::{KnownGrant, Route};
use crate::model::{Alias, Permission, Side};
use std::collections::{BTreeMap, BTreeSet};

/// See [`World::all_of`]. Each verb, resource and name is asked for by itself, as upstream does to see whether one set of
/// rules covers another (Kubernetes, `Covers` in `component-helpers/auth/rbac/validation`); but of many only one where no
/// rule of anybody tells them apart.
pub fn all_of(world: &World, principal: &Alias, known: &KnownGrant) -> Option<Vec<(String, Routes)>> {
    let scope = known.grant.scope.as_deref()?;
    let rules = meant(world, known)?;
    let holders = holders(world, principal);
    let many = rules.iter().map(|rule| size(rule)).sum::<usize>() > FEW;
    let others: BTreeSet<&Permission> = match many {
        true => holders.iter().flat_map(|(known, ..)| said(world, known)).collect(),
        false => BTreeSet::new(),
    };
    let mut asked: BTreeMap<Asked, usize> = BTreeMap::new();
    for rule in rules {
        let one = many && !others.iter().any(|other| tells_apart(other, rule));
        let count = if one { size(rule) } else { 1 };
        for piece in pieces(rule).take(if one { 1 } else { usize::MAX }) {
            let known = asked.entry(piece).or_default();
            *known = count.max(*known);
        }
    }
    // In a namespace, URLs are not given: nothing is lost of what was not there.
    asked.retain(|asked, _| scope == "*" || !asked.is_url());
    let each = asked
        .into_iter()
        .map(|(asked, count)| (asked.written(), count, routes_by(world, principal, &holders, &asked, scope)));
    Some(gathered_by_count(each))
}

/// So many are asked for one by one, whatever they have in common.
const FEW: usize = 64;

/// The rules of the role of a grant before the plan, else after it; `None`: nobody knows them.
fn meant<'w>(world: &'w World, known: &KnownGrant) -> Option<BTreeSet<&'w Permission>> {
    let key = key(known);
    let (own, parts) = role(world, key.as_deref());
    if own.is_empty() && undefined(world, known).is_none() {
        return Some(BTreeSet::new());
    }
    let before = own.iter().any(|version| version.side.before());
    let is_meant = |side: Side| side.before() == before;
    let version = own.iter().find(|version| is_meant(version.side))?;
    let mut all: BTreeSet<&Permission> = version.permissions.as_ref()?.iter().collect();
    for part in parts.unwrap_or_default().iter().filter(|part| is_meant(part.side)) {
        if part.doubt.is_none() && part.through.iter().all(|step| is_meant(step.side)) {
            all.extend(part.permissions.as_deref()?);
        }
    }
    Some(all)
}

/// All rules that a grant may give, in any version of the world.
fn said<'w>(world: &'w World, known: &KnownGrant) -> impl Iterator<Item = &'w Permission> + use<'w> {
    let key = key(known);
    let (own, parts) = role(world, key.as_deref());
    let own = own.iter().filter_map(|version| version.permissions.as_ref());
    let parts = parts.unwrap_or_default().iter().filter_map(|part| part.permissions.as_ref());
    own.chain(parts).flat_map(|all| all.iter())
}

/// Verb by verb, resource by resource, name by name.
fn pieces(rule: &Permission) -> impl Iterator<Item = Asked> + '_ {
    let names = match rule.names.as_slice() {
        [] => vec![None],
        names => names.iter().map(Some).collect(),
    };
    let each = rule.actions.iter().flat_map(|verb| rule.resources.iter().map(move |one| (verb, one)));
    each.flat_map(move |(verb, resource)| {
        let asked = |name: &Option<&String>| Asked {
            verb: verb.clone(),
            resource: resource.clone(),
            name: name.cloned(),
        };
        names.iter().map(asked).collect::<Vec<_>>()
    })
}

/// How many those are.
fn size(rule: &Permission) -> usize {
    rule.actions.len() * rule.resources.len() * rule.names.len().max(1)
}

/// Whether a rule allows some pieces of another one and not all: of each of verbs, resources and names it allows all or
/// some, and of none of them nothing.
fn tells_apart(other: &Permission, rule: &Permission) -> bool {
    let share = |all: usize, allowed: usize| (allowed > 0, allowed == all);
    let verbs = rule.actions.iter().filter(|verb| allows_verb(other, verb)).count();
    let resources = rule.resources.iter().filter(|one| allows_resource(other, one)).count();
    let urls = rule.resources.iter().all(|one| one.starts_with("url:"));
    let names = match rule.names.len() {
        // Names are not asked of URLs.
        _ if urls => share(1, 1),
        0 => share(1, usize::from(allows_name(other, None))),
        all => share(all, rule.names.iter().filter(|name| allows_name(other, Some(name))).count()),
    };
    let shares = [share(rule.actions.len(), verbs), share(rule.resources.len(), resources), names];
    shares.iter().all(|(some, _)| *some) && !shares.iter().all(|(_, all)| *all)
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
            also: Vec::new(),
            side: Side::Both,
            change: None,
            coverage: coverage(&why, stranger.or(other).or(elsewhere)),
            why,
        });
    }
    out
}
