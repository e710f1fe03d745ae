//! Systems of which only is known who has what on what: Okta, GitHub, JumpCloud.
//!
//! What a role allows there is not looked at, and nothing encloses anything. The same role on the same thing allows the same;
//! another one on it may. Where a system orders its roles, a higher one allows all that a lower one does.

use super::held::{coverage, doubt, is_symbol};
use super::{KnownGrant, Route, Routes, World, role_key};
use crate::model::{Alias, Side, Unknown};

/// Roles of a system, each of which allows all that those before it do, in the spellings in use.
struct Order {
    cloud: &'static str,
    /// What scopes begin with on which they are given.
    on: &'static str,
    roles: &'static [&'static [&'static str]],
    /// Names of one rank are spellings of one role.
    spellings: bool,
}

/// Sources: GitHub Docs, "Repository roles for an organization", "Roles in an organization", and those of the provider for
/// the older spellings; Okta, "Standard administrator roles and permissions", of which only the highest has all that the
/// others have. JumpCloud orders none of what is read of it.
const ORDERS: [Order; 3] = [
    Order {
        cloud: "github",
        on: "github-repository:",
        roles: &[&["pull", "read"], &["triage"], &["push", "write"], &["maintain"], &["admin"]],
        spellings: true,
    },
    Order { cloud: "github", on: "github:organization", roles: &[&["member"], &["admin"]], spellings: true },
    Order {
        cloud: "okta",
        on: "okta:organization",
        roles: &[
            &[
                "APP_ADMIN",
                "USER_ADMIN",
                "ORG_ADMIN",
                "HELP_DESK_ADMIN",
                "READ_ONLY_ADMIN",
                "REPORT_ADMIN",
                "API_ACCESS_MANAGEMENT_ADMIN",
                "GROUP_MEMBERSHIP_ADMIN",
                "MOBILE_ADMIN",
            ],
            &["SUPER_ADMIN"],
        ],
        spellings: false,
    },
];

/// Whether one role allows all that another does, both on the same thing; none: that is not known.
fn includes(one: &KnownGrant, other: &KnownGrant) -> Option<bool> {
    let scope = one.grant.scope.as_deref().unwrap_or_default().to_lowercase();
    let order = ORDERS.iter().find(|order| order.cloud == one.grant.cloud && scope.starts_with(order.on))?;
    let rank = |known: &KnownGrant| {
        let role = known.grant.role_id.as_deref()?;
        order.roles.iter().position(|names| names.iter().any(|name| name.eq_ignore_ascii_case(role)))
    };
    match (rank(one)?, rank(other)?) {
        (one, other) if one == other => order.spellings.then_some(true),
        (one, other) => Some(one > other),
    }
}

/// See [`World::instead_of`].
pub(super) fn instead_of(world: &World, principal: &Alias, grant: &KnownGrant) -> Routes {
    let groups = world.groups_of(principal);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    let mut holders: Vec<(&Alias, Option<Alias>, Option<Unknown>)> = vec![(principal, None, None)];
    holders.extend(groups.keys().map(|group| (group, Some(group.clone()), None)));
    for group in world.groups.iter().filter(|group| *group != principal && !groups.contains_key(*group)) {
        if world.may_contain(group, principal) {
            let why = doubt(format!("whether it is in {group} is not known"), None);
            holders.push((group, None, Some(why)));
        }
    }
    for holder in world.unknown_principals.iter().filter(|holder| *holder != principal) {
        holders.push((holder, None, Some(doubt("whom it is for is known only after apply", None))));
    }
    let role = role_key(world, &grant.grant);
    for (holder, via, stranger) in holders {
        for known in world.grants.get(holder).into_iter().flatten() {
            let own = known.key == grant.key;
            if known.grant.cloud != grant.grant.cloud || !(own || may_be_on(known, grant)) {
                continue;
            }
            let exact = known.grant.scope.is_some() && known.grant.scope == grant.grant.scope;
            let plain = known.grant.condition.is_none() || known.grant.condition == grant.grant.condition;
            let alike = role.is_some() && role_key(world, &known.grant) == role;
            let ranked = if exact && !own && !alike { includes(known, grant) } else { None };
            if ranked == Some(false) {
                continue;
            }
            let same = exact && plain && (alike || ranked == Some(true));
            let unlike = (!own && !same)
                .then(|| doubt(format!("what roles of {} allow is not looked at", known.grant.cloud), None));
            let why = words(known, via.as_ref());
            out.grants += usize::from(stranger.is_none());
            out.routes.push(Route {
                grant: known.key,
                via: via.clone(),
                absent: Vec::new(),
                through: Vec::new(),
                also: Vec::new(),
                side: Side::Both,
                change: None,
                coverage: coverage(&why, stranger.clone().or(unlike)),
                why,
            });
        }
    }
    out
}

/// Whether two grants are on the same thing, as far as is known.
fn may_be_on(one: &KnownGrant, other: &KnownGrant) -> bool {
    match (one.grant.scope.as_deref(), other.grant.scope.as_deref()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other) || open(one) || open(other),
        _ => true,
    }
}

/// Whether it is known only after apply what a scope names.
fn open(scope: &str) -> bool {
    is_symbol(scope) || scope.contains("known after apply")
}

fn words(known: &KnownGrant, via: Option<&Alias>) -> String {
    let role = known.grant.role_name.as_deref().or(known.grant.role_id.as_deref()).unwrap_or("a role");
    let scope = known.grant.scope.as_deref().unwrap_or("something known after apply");
    match via {
        Some(group) => format!("{role} on {scope}, through {group}"),
        None => format!("{role} on {scope}"),
    }
}
