//! All that a role allows, and which other grants allow the same.

use super::{Asked, Wanted, near, role, routes, words};
use crate::access::held::{coverage, doubt, gathered};
use crate::access::{KnownGrant, Route, Routes, World};
use crate::model::Alias;
use std::collections::BTreeMap;

/// See [`World::all_of`].
pub(in crate::access) fn all_of(
    world: &World,
    principal: &Alias,
    known: &KnownGrant,
) -> Option<Vec<(String, Routes)>> {
    let scope = known.grant.scope.as_deref()?;
    let wanted = Wanted::of(world, scope);
    let versions = role(world, known);
    let meant = versions.iter().find(|role| role.side.before()).or_else(|| versions.first())?;
    let near = near(world, principal, &wanted);
    let condition = known.grant.open_condition();
    // Thousands of permissions, and few ways to have them: those that the same roles have are met in the same way.
    let mut alike: BTreeMap<Vec<bool>, (String, usize)> = BTreeMap::new();
    for permission in meant.permissions.as_ref()?.iter().flat_map(|block| &block.actions) {
        let has = |role: &crate::access::KnownRole| {
            let mut blocks = role.permissions.iter().flat_map(|all| all.iter());
            blocks.any(|block| block.actions.binary_search(permission).is_ok())
        };
        let by_roles = near.iter().flat_map(|near| role(world, near.known)).map(has);
        let by_denies = world.denies.iter().map(|known| super::deny::speaks_of(&known.deny, permission));
        let signature = by_roles.chain(by_denies).collect();
        alike.entry(signature).or_insert((permission.clone(), 0)).1 += 1;
    }
    let mut groups: Vec<(String, usize)> = alike.into_values().collect();
    groups.sort();
    let needed = groups.into_iter().map(|(permission, count)| {
        let found = routes(world, principal, Asked { permission: &permission, condition }, &wanted, &near);
        let label = match count {
            1 => permission,
            count => format!("{permission} and {} more", count - 1),
        };
        (label, found)
    });
    Some(gathered(needed))
}

/// See [`World::instead_of`]: the same role surely, any other perhaps.
pub(in crate::access) fn instead_of(world: &World, principal: &Alias, grant: &KnownGrant) -> Routes {
    let wanted = Wanted::of(world, grant.grant.scope.as_deref().unwrap_or_default());
    let mut out = Routes { groups: world.groups_of(principal).len(), ..Routes::default() };
    for near in near(world, principal, &wanted) {
        let own = near.known.key == grant.key;
        let same = near.known.grant.role_id.is_some()
            && near.known.grant.role_id == grant.grant.role_id
            && (near.known.grant.open_condition().is_none()
                || near.known.grant.condition == grant.grant.condition);
        let other = (!own && !same).then(|| {
            doubt("what the role allowed is not known, so what else allows the same cannot be told", None)
        });
        let unsure = match &near.reach {
            super::Reach::Perhaps(why) if !own => Some(doubt(why.clone(), None)),
            _ => None,
        };
        out.grants += 1;
        let why = words(near.known, &near.reach, near.via.as_ref());
        let when = near.reach.when();
        out.routes.push(Route {
            grant: near.known.key,
            via: near.via,
            absent: Vec::new(),
            through: Vec::new(),
            also: Vec::new(),
            side: when.side,
            change: when.change,
            coverage: coverage(&why, near.stranger.or(unsure).or(other)),
            why,
        });
    }
    out
}
