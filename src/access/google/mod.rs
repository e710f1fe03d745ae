//! IAM of Google Cloud.
//!
//! Allowed is what any binding allows on the resource or on anything above it, unless a deny policy there takes it away.
//! Permissions have no wildcards. Principal access boundaries stand in no listing that is read here. Sources: "IAM
//! overview", "Policy types", "Deny policies", `gcloud` reference (`Binding`, `Policy`).

mod deny;
mod member;
mod place;
mod whole;

use super::held::{Doubts, coverage, doubt, is_symbol};
use super::{KnownGrant, KnownRole, Route, Routes, When, World};
use crate::model::{Alias, ChangeIx, Side, Unknown};
use deny::denied;
use member::holders;
use place::{Reach, Wanted};

pub(super) use deny::hit_by;
pub(super) use member::is_set;
pub use place::{full_name, is_unread, may_be_one};
pub(super) use place::{is_resource, place_of_grant, shown_by};
pub(super) use whole::{all_of, instead_of};

const ROLES: &str = "gcloud iam roles describe ROLE --format=json";

/// What is asked: a permission, and the condition under which it is missed.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    permission: &'a str,
    condition: Option<&'a str>,
}

/// See [`World::can`].
pub(super) fn can(world: &World, principal: &Alias, permission: &str, resource: &str) -> Routes {
    can_under(world, principal, permission, None, resource)
}

/// The same, where it is missed only under a condition.
pub(super) fn can_under(
    world: &World,
    principal: &Alias,
    permission: &str,
    condition: Option<&str>,
    resource: &str,
) -> Routes {
    let wanted = Wanted::of(world, resource);
    let near = near(world, principal, &wanted);
    routes(world, principal, Asked { permission, condition }, &wanted, &near)
}

/// A grant that is the principal's, or may be, and counts on the resource, or may.
struct Near<'w> {
    known: &'w KnownGrant,
    via: Option<Alias>,
    reach: Reach,
    stranger: Option<Unknown>,
}

fn near<'w>(world: &'w World, principal: &Alias, wanted: &Wanted) -> Vec<Near<'w>> {
    let of = |(known, via, stranger): (&'w KnownGrant, Option<Alias>, Option<Unknown>)| {
        let reach = wanted.reach(known.grant.scope.as_deref())?;
        Some(Near { known, via, reach, stranger })
    };
    holders(world, principal, wanted).into_iter().filter_map(of).collect()
}

/// How the principal can do what is asked, by these grants.
fn routes(world: &World, principal: &Alias, asked: Asked<'_>, wanted: &Wanted, near: &[Near<'_>]) -> Routes {
    let mut out = Routes { groups: world.groups_of(principal).len(), ..Routes::default() };
    let ways = denied(world, principal, asked.permission, wanted).ways();
    for Near { known, via, reach, stranger } in near {
        if stranger.is_none() {
            out.grants += 1;
            out.inherited += usize::from(matches!(reach, Reach::Inherited(_)));
        }
        for (side, change, meaning) in meanings(world, known, asked) {
            let Some(mut doubts) = meaning else { continue };
            let Some(when) = reach.when().and(When { side, change }) else { continue };
            if let Reach::Perhaps(why) = reach {
                doubts.push(doubt(why.clone(), None));
            }
            doubts.extend(stranger.clone());
            let own = doubts.into_iter().next();
            let why = words(known, reach, via.as_ref());
            out.routes.extend(ways.iter().map(|(absent, may)| Route {
                grant: known.key,
                via: via.clone(),
                absent: absent.clone(),
                through: Vec::new(),
                also: Vec::new(),
                side: when.side,
                change: when.change,
                coverage: coverage(&why, own.clone().or_else(|| may.clone())),
                why: why.clone(),
            }));
        }
    }
    out
}

/// What the grant means, in each version of its role: `None` it does not cover, else it does, with doubts.
fn meanings(
    world: &World,
    known: &KnownGrant,
    asked: Asked<'_>,
) -> Vec<(Side, Option<ChangeIx>, Option<Doubts>)> {
    let mut doubts = Doubts::new();
    let condition = known.grant.open_condition();
    if condition.is_some() && condition != asked.condition {
        doubts.push(doubt("it counts only under a condition, which is not evaluated", None));
    }
    let versions = role(world, known);
    if versions.is_empty() {
        doubts.push(undefined(known));
        return vec![(Side::Both, None, Some(doubts))];
    }
    let meaning = |role: &KnownRole| match &role.permissions {
        None => {
            let later = doubt("what its role allows is known only after apply", None);
            Some(doubts.iter().cloned().chain([later]).collect())
        }
        Some(blocks) => {
            let allows = blocks.iter().any(|block| {
                block.actions.binary_search_by(|own| own.as_str().cmp(asked.permission)).is_ok()
            });
            allows.then(|| doubts.clone())
        }
    };
    versions.iter().map(|role| (role.side, role.change, meaning(role))).collect()
}

fn role<'w>(world: &'w World, known: &KnownGrant) -> &'w [KnownRole] {
    let key = known.grant.role_id.as_deref().map(|role| super::role_id("google", role));
    key.and_then(|key| world.roles_by_id.get(&key)).map(Vec::as_slice).unwrap_or_default()
}

fn undefined(known: &KnownGrant) -> Unknown {
    match known.grant.role_id.as_deref().filter(|role| !is_symbol(role)) {
        Some(role) => Unknown {
            reason: format!("no source defines role {role}"),
            settle: Some(ROLES.replace("ROLE", role)),
            missing_input: true,
        },
        None => doubt("which role it gives is known only after apply", None),
    }
}

fn words(known: &KnownGrant, reach: &Reach, via: Option<&Alias>) -> String {
    let how = match reach {
        Reach::Exact => "on the same resource",
        Reach::Inherited(_) => "on a resource above it",
        Reach::Perhaps(_) => "on a resource that may be above it",
    };
    let role = known.grant.role_id.as_deref().unwrap_or("a role");
    let scope = known.grant.scope.as_deref().unwrap_or("a resource that is not known");
    match via {
        Some(group) => format!("{role} {how}, {scope}, through {group}"),
        None => format!("{role} {how}, {scope}"),
    }
}
