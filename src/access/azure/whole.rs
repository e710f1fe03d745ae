//! All that a grant allows, and which other grants allow the same.

use super::meaning::undefined;
use super::role::{Plane, role_key};
use super::scope::reach;
use super::{Asked, holders, routes, words};
use crate::access::held::{coverage, doubt};
use crate::access::wildcard::includes;
use crate::access::{Route, Routes, World};
use crate::model::{Alias, Grant, Permission, Side, Unknown};

/// See [`World::all_of`].
pub(in crate::access) fn all_of(
    world: &World,
    principal: &Alias,
    grant: &Grant,
) -> Option<Vec<(String, Routes)>> {
    let scope = grant.scope.as_deref()?;
    if grant.cloud != "azure" {
        return None;
    }
    let versions = world.roles_by_id.get(&role_key(world, grant)?)?;
    let role = versions.iter().find(|role| role.side.before()).or_else(|| versions.first())?;
    let others = beside(world, principal, scope);
    let mut wanted: Vec<Asked<'_>> = Vec::new();
    for block in role.permissions.as_deref()? {
        let conditions = [grant.open_condition(), block.condition.as_deref()];
        for plane in [Plane::Control, Plane::Data] {
            let (patterns, except) = lists(block, plane);
            for pattern in patterns {
                pieces(pattern, plane, except, &others, |pattern, except| {
                    let asked = Asked { pattern, plane, except, conditions };
                    if !wanted.contains(&asked) {
                        wanted.push(asked);
                    }
                });
            }
        }
    }
    let mut needed: Vec<(String, Routes)> = Vec::new();
    for asked in &wanted {
        let plain = if asked.plane == Plane::Data {
            format!("{} (data)", asked.pattern)
        } else {
            asked.pattern.to_owned()
        };
        // Several blocks may say the same, under other conditions or with other holes: each is missed by itself.
        let mut label = plain.clone();
        let mut number = 1;
        while needed.iter().any(|(known, _)| *known == label) {
            number += 1;
            label = format!("{plain} ({number})");
        }
        needed.push((label, routes(world, principal, asked, scope)));
    }
    Some(needed)
}

fn lists(block: &Permission, plane: Plane) -> (&[String], &[String]) {
    match plane {
        Plane::Data => (&block.data_actions, &block.not_data_actions),
        Plane::Control | Plane::Either => (&block.actions, &block.not_actions),
    }
}

/// Blocks of all roles that the principal has on the scope.
fn beside<'a>(world: &'a World, principal: &Alias, scope: &str) -> Vec<&'a Permission> {
    let mut blocks = Vec::new();
    for (known, _, _) in holders(world, principal, &world.groups_of(principal), Some(scope)) {
        if known.grant.cloud != "azure"
            || reach(known.grant.scope.as_deref(), scope, &known.listed_for).is_none()
        {
            continue;
        }
        let versions = role_key(world, &known.grant).and_then(|key| world.roles_by_id.get(&key));
        blocks.extend(
            versions
                .into_iter()
                .flatten()
                .flat_map(|role| role.permissions.iter().flat_map(|all| all.iter())),
        );
    }
    blocks
}

/// A pattern, cut along what other roles leave out of it: so one role may cover what another leaves out, and what
/// neither covers is named.
fn pieces<'a>(
    pattern: &'a str,
    plane: Plane,
    except: &'a [String],
    others: &[&'a Permission],
    mut piece: impl FnMut(&'a str, Vec<&'a str>),
) {
    let except: Vec<&str> = except.iter().map(String::as_str).collect();
    let mut holes: Vec<&str> = Vec::new();
    for block in others {
        for hole in lists(block, plane).1 {
            let inside = includes(pattern, hole) && !includes(hole, pattern);
            let left_out = except.iter().chain(&holes).any(|known| includes(known, hole));
            if inside && !left_out {
                holes.push(hole);
            }
        }
    }
    piece(pattern, except.iter().chain(&holes).copied().collect());
    for hole in holes {
        piece(hole, except.clone());
    }
}

/// What may stand in for a grant of which nobody knows what it allows: the same role where it counts as well surely
/// does, any other grant that counts there may.
pub(in crate::access) fn instead_of(world: &World, principal: &Alias, grant: &Grant) -> Routes {
    let groups = world.groups_of(principal);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    let scope = grant.scope.as_deref();
    let role = role_key(world, grant);
    for (known, via, doubtful) in holders(world, principal, &groups, scope) {
        let own = *known.grant == *grant && via.is_none() && doubtful.is_none();
        if known.grant.cloud != grant.cloud {
            continue;
        }
        let reached = match scope {
            Some(scope) => reach(known.grant.scope.as_deref(), scope, &known.listed_for),
            None => Some(super::Reach::Perhaps("on what it is granted is known only after apply".to_owned())),
        };
        let Some(reached) = reached else { continue };
        let unconditional =
            known.grant.open_condition().is_none() || known.grant.condition == grant.condition;
        // All access policies go by one name; what they allow differs.
        let same = grant.cloud == "azure"
            && role.is_some()
            && role_key(world, &known.grant) == role
            && unconditional;
        let why = if own || same { None } else { Some(stranger(grant)) };
        let unsure = match &reached {
            super::Reach::Perhaps(why) if !own => Some(doubt(why.clone(), None)),
            _ => None,
        };
        out.grants += 1;
        let said = words(known, &reached, via.as_ref());
        out.routes.push(Route {
            grant: known.key,
            via: via.clone(),
            absent: Vec::new(),
            through: Vec::new(),
            also: Vec::new(),
            side: Side::Both,
            change: None,
            coverage: coverage(&said, doubtful.map(super::Stranger::why).or(unsure).or(why)),
            why: said,
        });
    }
    out
}

fn stranger(grant: &Grant) -> Unknown {
    if grant.cloud != "azure" {
        return doubt("what access policies allow is not looked at", None);
    }
    let unknown = undefined(grant);
    Unknown { reason: format!("{}, so what else allows the same cannot be told", unknown.reason), ..unknown }
}
