//! Who is meant by the members of a binding.
//!
//! Source: `gcloud` reference, `Binding.members`. A `deleted:` member is nobody until it is undeleted.

use crate::access::held::doubt;
use crate::access::{Cloud, KnownGrant, World};
use crate::model::{Alias, Unknown};

/// All grants that are the principal's, by itself, through groups whose members are listed, or as one of all; and those
/// that may be, with the doubt.
pub(super) fn holders<'w>(
    world: &'w World,
    principal: &Alias,
) -> Vec<(&'w KnownGrant, Option<Alias>, Option<Unknown>)> {
    let groups = world.groups_of(principal);
    let mut out = crate::access::held::held(world, Cloud::Google, principal, &groups);
    for holder in world.grants.keys().filter(|holder| *holder != principal && !groups.contains_key(*holder)) {
        let Some(meant) = meant(world, holder, principal) else { continue };
        let grants = world.grants.get(holder).into_iter().flatten();
        let own = grants.filter(|known| Cloud::named(&known.grant.cloud) == Some(Cloud::Google));
        out.extend(own.map(|known| (known, None, meant.clone())));
    }
    out
}

/// Whether the principal is meant by this member: `None` surely not, else with the doubt, if there is one.
pub(super) fn meant(world: &World, member: &Alias, principal: &Alias) -> Option<Option<Unknown>> {
    let (kind, name) = member.value().split_once(':').unwrap_or((member.value(), ""));
    let (own_kind, own_name) = principal.value().split_once(':').unwrap_or((principal.value(), ""));
    match kind {
        _ if member == principal => Some(None),
        "allusers" => Some(None),
        // Who comes with the token of another provider is not one of Google's.
        "allauthenticatedusers" => matches!(own_kind, "user" | "serviceaccount").then_some(None),
        "group" if world.may_contain(member, principal) => {
            let settle =
                format!("gcloud identity groups memberships list --group-email={name} --format=json");
            Some(Some(doubt(format!("whether it is in group {name} is not known"), Some(&settle))))
        }
        // Service accounts are in no customer's domain.
        "domain" => {
            let inside =
                own_kind == "user" && own_name.strip_suffix(name).is_some_and(|rest| rest.ends_with('@'));
            inside.then_some(None)
        }
        "principalset" if own_kind.starts_with("principal") => {
            Some(Some(doubt(format!("whether it is in {} is not known", member.value()), None)))
        }
        "projectowner" | "projecteditor" | "projectviewer" => {
            Some(Some(doubt(format!("whether it is one of {} is not known", member.value()), None)))
        }
        _ => None,
    }
}
