//! Deny policies: they win over every binding, for those and there where they apply.
//!
//! They spell principals and permissions in a way of their own. Source: "Deny policies", "Principal identifiers",
//! "Permissions in deny policies".

use super::place::{Reach, Wanted};
use crate::access::held::doubt;
use crate::access::wildcard::{Glob, within};
use crate::access::{Absent, Hit, KnownDeny, KnownGrant, When, World};
use crate::model::{Alias, Deny, Unknown};

const MAY: &str = "a deny policy may take it away";

/// What stands in the way.
#[derive(Default)]
pub(super) struct Denied {
    /// What surely denies, while it is there.
    pub(super) surely: Vec<Absent>,
    /// What may, while it is there.
    pub(super) perhaps: Vec<Absent>,
}

impl Denied {
    /// The ways that are left: with what must be absent, and why it is not known whether it leads there. What only may
    /// deny makes two of one: sure while that is absent, and in doubt.
    pub(super) fn ways(&self) -> Vec<(Vec<Absent>, Option<Unknown>)> {
        let surely = || self.surely.iter();
        match self.perhaps.as_slice() {
            [] => vec![(self.surely.clone(), None)],
            perhaps => vec![
                (surely().chain(perhaps).cloned().collect(), None),
                (self.surely.clone(), Some(doubt(MAY, None))),
            ],
        }
    }
}

/// Denies that must be absent, and those that only may stand in the way.
pub(super) fn denied(world: &World, principal: &Alias, permission: &str, wanted: &Wanted) -> Denied {
    let mut out = Denied::default();
    let names = spellings(principal);
    let groups = world.groups_of(principal);
    let named = |list: &[Alias]| {
        let is_group =
            |one: &Alias| groups.keys().any(|group| spellings(group).iter().any(|name| name == one.value()));
        list.iter().any(|one| names.iter().any(|name| name == one.value()) || is_group(one))
    };
    // A group or a set of principals, of which it may be one.
    let open = |list: &[Alias]| {
        list.iter().any(|one| match one.value().strip_prefix("principalset://goog/group/") {
            Some(group) => world.may_contain(&Alias::new("principal", &format!("group:{group}")), principal),
            None => one.value().starts_with("principalset:"),
        })
    };
    for known in world.denies.iter().filter(|known| known.deny.cloud == "google") {
        let deny = &known.deny;
        if !speaks_of(deny, permission) || named(&deny.except) {
            continue;
        }
        let sure = deny.everyone || named(&deny.principals);
        if !sure && !open(&deny.principals) {
            continue;
        }
        let Some(place) = wanted.reach(deny.scope.as_deref()) else { continue };
        let sure = sure && !open(&deny.except) && deny.condition.is_none();
        let surely = sure && !matches!(place, Reach::Perhaps(_));
        let list = if surely { &mut out.surely } else { &mut out.perhaps };
        let When { side, change } = place.when();
        list.push(Absent { key: known.key, side, change });
    }
    out
}

/// See [`World::hit_by`].
pub(in crate::access) fn hit_by(world: &World, deny: &KnownDeny, before: &[&KnownDeny]) -> Vec<Hit> {
    let mut found = Vec::new();
    for (holder, all) in &world.grants {
        for known in all.iter().filter(|known| known.grant.cloud == deny.deny.cloud) {
            let hit = hits(world, deny, before, holder, known);
            found.extend(hit.map(|sure| Hit { grant: known.key, sure }));
        }
    }
    found
}

/// Whether a deny takes away something that a grant allows its holder: `None` no, else whether surely.
fn hits(
    world: &World,
    deny: &KnownDeny,
    before: &[&KnownDeny],
    holder: &Alias,
    known: &KnownGrant,
) -> Option<bool> {
    let scope = known.grant.scope.as_deref();
    let sure = concerns(world, &deny.deny, holder, scope)?;
    let versions = super::role(world, known);
    let meant = versions.iter().find(|role| role.side.before()).or_else(|| versions.first());
    let taken = |own: &&&KnownDeny| concerns(world, &own.deny, holder, scope) == Some(true);
    let already: Vec<&&KnownDeny> = before.iter().filter(taken).collect();
    match meant.and_then(|role| role.permissions.as_ref()) {
        Some(blocks) => {
            let mut actions = blocks.iter().flat_map(|block| &block.actions);
            let new = actions.any(|action| {
                speaks_of(&deny.deny, action) && !already.iter().any(|own| speaks_of(&own.deny, action))
            });
            new.then_some(sure)
        }
        // Nobody knows what the role allows: it may be among it.
        None => already.iter().all(|own| own.deny != deny.deny).then_some(false),
    }
}

/// Whether a deny is about somebody who has something on this scope, or below it where the deny is: surely, or perhaps.
fn concerns(world: &World, deny: &Deny, holder: &Alias, scope: Option<&str>) -> Option<bool> {
    let names = spellings(holder);
    let groups = world.groups_of(holder);
    let named = |list: &[Alias]| {
        let of_group =
            |one: &Alias| groups.keys().any(|group| spellings(group).iter().any(|name| name == one.value()));
        list.iter().any(|one| names.iter().any(|name| name == one.value()) || of_group(one))
    };
    let open = |list: &[Alias]| list.iter().any(|one| one.value().starts_with("principalset:"));
    let sure = deny.everyone || named(&deny.principals);
    if named(&deny.except) || !(sure || open(&deny.principals)) {
        return None;
    }
    let (own, on) = (scope.unwrap_or_default(), deny.scope.as_deref().unwrap_or_default());
    let place = Wanted::of(world, own).reach(Some(on)).or_else(|| Wanted::of(world, on).reach(scope))?;
    Some(sure && deny.condition.is_none() && !open(&deny.except) && !matches!(place, Reach::Perhaps(_)))
}

/// Whether a deny is about this permission.
pub(super) fn speaks_of(deny: &Deny, permission: &str) -> bool {
    let blocks = &deny.permissions;
    blocks.iter().any(|block| speaks(&block.actions, permission) && !speaks(&block.not_actions, permission))
}

/// How deny policies call somebody.
fn spellings(principal: &Alias) -> Vec<String> {
    match principal.value().split_once(':') {
        Some(("serviceaccount", email)) => {
            vec![format!("principal://iam.googleapis.com/projects/-/serviceaccounts/{email}")]
        }
        Some(("user", email)) => vec![format!("principal://goog/subject/{email}")],
        Some(("group", email)) => vec![format!("principalset://goog/group/{email}")],
        _ => vec![principal.value().to_owned()],
    }
}

/// Whether a list of denied permissions (`service.googleapis.com/things.verb`, `…/things.*`) names this one.
fn speaks(list: &[String], permission: &str) -> bool {
    let Some((service, rest)) = permission.split_once('.') else { return false };
    // The one service that goes by two names.
    let service = if service == "resourcemanager" { "cloudresourcemanager" } else { service };
    let asked = Glob::of_resources(rest);
    list.iter().filter_map(|denied| denied.split_once('/')).any(|(domain, pattern)| {
        let own = domain.split('.').next().is_some_and(|name| name == service);
        own && within(&Glob::of_resources(pattern), &asked)
    })
}
