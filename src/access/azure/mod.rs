//! Azure role-based access control.
//!
//! Role assignments add up over the enclosing scopes and the groups of a principal; within one role, not-actions take
//! away from its actions and from nothing else; denies win. Sources: Azure RBAC overview, "Understand role definitions",
//! "Understand deny assignments".

mod deny;
mod meaning;
mod role;
mod scope;
mod whole;

use super::groups::Via;
use super::held::{coverage, doubt};
use super::{Absent, Cloud, KnownGrant, Route, Routes, World};
use crate::model::{Alias, Grant, Side, Unknown};
use deny::{Denied, denies};
use meaning::meanings;
use role::Plane;
use scope::{Reach, reach};
use std::collections::BTreeMap;

pub(super) use role::role_id;
pub use role::role_key;
pub use scope::subscription_of;
pub(super) use scope::{Subscription, enclosing, place, subscription};
pub(super) use whole::{all_of, instead_of};

/// What is asked of a role: one action, or all that a pattern of another role matches.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked<'a> {
    pattern: &'a str,
    plane: Plane,
    /// What nobody misses: the other role leaves it out itself, or it is asked for apart.
    except: Vec<&'a str>,
    /// The conditions under which it is missed, of the grant and of the block that gave it: equal ones are no doubt.
    conditions: [Option<&'a str>; 2],
}

impl Asked<'_> {
    /// Whether it is asked for only where this condition holds.
    fn only_under(&self, condition: &str) -> bool {
        self.conditions.contains(&Some(condition))
    }
}

/// See [`World::can`].
pub(super) fn can(world: &World, principal: &Alias, action: &str, scope: &str) -> Routes {
    let plane = world.plane(action);
    let asked = Asked { pattern: action, plane, except: Vec::new(), conditions: [None, None] };
    routes(world, principal, &asked, scope)
}

/// A grant, the group it comes through, and why it may not be the principal's at all.
type Held<'a> = (&'a KnownGrant, Option<Alias>, Option<Stranger<'a>>);

/// Somebody of whom it is not known whether the principal is meant.
#[derive(Debug, Clone, Copy)]
enum Stranger<'a> {
    /// A group that it may be in.
    Group(&'a Alias),
    /// Nobody knows yet who.
    Anybody,
}

impl Stranger<'_> {
    fn why(self) -> Unknown {
        match self {
            Stranger::Group(group) => {
                let settle = format!("az ad group member list --group {group} -o json");
                doubt(format!("whether it is in group {group} is not known"), Some(&settle))
            }
            Stranger::Anybody => doubt("whom it is for is known only after apply", None),
        }
    }
}

/// Rules of other clouds have nothing to do with these; those of a key vault's own are on scopes of Azure.
pub(super) fn is_ours(known: &&KnownGrant) -> bool {
    is_azure(&known.grant)
}

/// Whether a grant is one of Azure: of its roles, or of a resource's own policies.
pub(super) fn is_azure(grant: &Grant) -> bool {
    Cloud::named(&grant.cloud) == Some(Cloud::Azure) || grant.cloud.starts_with("azure-")
}

/// All grants that are the principal's, by itself or through its groups, or may be and may count on the scope.
fn holders<'a>(
    world: &'a World,
    principal: &Alias,
    groups: &BTreeMap<Alias, Vec<Via>>,
    scope: Option<&str>,
) -> Vec<Held<'a>> {
    let mut out: Vec<Held<'a>> = Vec::new();
    let held_by = |holder: &Alias| world.grants.get(holder).into_iter().flatten().filter(is_ours);
    out.extend(held_by(principal).map(|grant| (grant, None, None)));
    for group in groups.keys() {
        out.extend(held_by(group).map(|grant| (grant, Some(group.clone()), None)));
    }
    for group in world.near(&world.groups, scope) {
        if group != principal && !groups.contains_key(group) && world.may_contain(group, principal) {
            out.extend(held_by(group).map(|grant| (grant, None, Some(Stranger::Group(group)))));
        }
    }
    for holder in world.near(&world.unknown_principals, scope).filter(|holder| *holder != principal) {
        out.extend(held_by(holder).map(|grant| (grant, None, Some(Stranger::Anybody))));
    }
    out
}

fn routes(world: &World, principal: &Alias, asked: &Asked<'_>, scope: &str) -> Routes {
    let groups = world.groups_of(principal);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    let mut absent = Vec::new();
    let mut denied = Vec::new();
    for deny in denies(world, principal, &groups.keys().collect::<Vec<_>>(), asked, scope) {
        match deny {
            Denied::Surely(key) => absent.push(Absent { key, side: Side::Both, change: None }),
            Denied::Perhaps(why) => denied.push(why),
        }
    }
    for (known, via, stranger) in holders(world, principal, &groups, Some(scope)) {
        if stranger.is_none() {
            out.grants += 1;
        }
        let Some(reach) = reach(known.grant.scope.as_deref(), scope, &known.listed_for) else { continue };
        if reach == Reach::Inherited && stranger.is_none() {
            out.inherited += 1;
        }
        for (side, change, meaning) in meanings(world, known, asked) {
            let Some(mut doubts) = meaning else { continue };
            if let Reach::Perhaps(why) = &reach {
                doubts.push(doubt(why.clone(), None));
            }
            doubts.extend(stranger.map(Stranger::why));
            doubts.extend(denied.iter().cloned());
            let why = words(known, &reach, via.as_ref());
            out.routes.push(Route {
                grant: known.key,
                via: via.clone(),
                absent: absent.clone(),
                through: Vec::new(),
                also: Vec::new(),
                side,
                change,
                coverage: coverage(&why, doubts.into_iter().next()),
                why,
            });
        }
    }
    out
}

fn words(known: &KnownGrant, reach: &Reach, via: Option<&Alias>) -> String {
    let how = match reach {
        Reach::Exact => "on the same scope",
        Reach::Inherited => "on an enclosing scope",
        Reach::Perhaps(_) => "on a scope that may enclose it",
    };
    let role = known.grant.role_name.as_deref().or(known.grant.role_id.as_deref()).unwrap_or("a role");
    let scope = known.grant.scope.as_deref().unwrap_or("a scope known after apply");
    match via {
        Some(group) => format!("{role} {how}, {scope}, through group {group}"),
        None => format!("{role} {how}, {scope}"),
    }
}
