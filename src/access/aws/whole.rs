//! All that a policy allows, and which others allow the same.

use super::asked::Asked;
use super::{routes, versions, words};
use crate::access::held::{coverage, doubt, gathered, held};
use crate::access::{Cloud, KnownGrant, Route, Routes, World};
use crate::model::{Alias, Permission, Side};

/// See [`World::all_of`].
pub(in crate::access) fn all_of(
    world: &World,
    principal: &Alias,
    known: &KnownGrant,
) -> Option<Vec<(String, Routes)>> {
    let versions = versions(world, known);
    let version = versions.iter().find(|version| version.side.before()).or_else(|| versions.first())?;
    let statements = version.statements.as_ref().ok()?;
    let mut asked: Vec<Asked<'_>> = Vec::new();
    for statement in statements.iter().filter(|statement| !statement.denies) {
        pairs(principal, statement, &mut asked);
    }
    let needed = asked.iter().map(|asked| {
        let label = format!("{} on {}", asked.action, asked.resource);
        (label, routes(world, asked))
    });
    Some(gathered(needed))
}

fn pairs<'s>(who: &'s Alias, statement: &'s Permission, asked: &mut Vec<Asked<'s>>) {
    let except =
        || statement.not_actions.iter().chain(&statement.not_resources).map(String::as_str).collect();
    for action in &statement.actions {
        for resource in &statement.resources {
            let condition = statement.condition.as_deref();
            let one = Asked { who, action, resource, except: except(), single: false, condition };
            if !asked.contains(&one) {
                asked.push(one);
            }
        }
    }
}

/// See [`World::instead_of`]: the same policy surely, any other perhaps.
pub(in crate::access) fn instead_of(world: &World, principal: &Alias, grant: &KnownGrant) -> Routes {
    let groups = world.groups_of(principal);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    for (known, via, stranger) in held(world, Cloud::Aws, principal, &groups) {
        out.grants += 1;
        let same = known.grant.allows == grant.grant.allows && known.grant.role_id == grant.grant.role_id;
        let why = words(known, via.as_ref());
        let other = (!same).then(|| {
            doubt("what the policy allowed is not known, so what else allows the same cannot be told", None)
        });
        out.routes.push(Route {
            grant: known.key,
            via,
            absent: Vec::new(),
            through: Vec::new(),
            also: Vec::new(),
            side: Side::Both,
            change: None,
            coverage: coverage(&why, stranger.or(other)),
            why,
        });
    }
    out
}
