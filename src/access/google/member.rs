//! Who is meant by the members of a binding.
//!
//! Source: `gcloud` reference, `Binding.members`. A `deleted:` member is nobody until it is undeleted.

use super::place::Wanted;
use crate::access::held::doubt;
use crate::access::{Cloud, KnownGrant, KnownMembership, World};
use crate::model::{Alias, Unknown};

/// All grants that are the principal's, by itself, through groups whose members are listed, or as one of all; and those
/// that may be, with the doubt.
pub(super) fn holders<'w>(
    world: &'w World,
    principal: &Alias,
    wanted: &Wanted,
) -> Vec<(&'w KnownGrant, Option<Alias>, Option<Unknown>)> {
    let groups = world.groups_of(principal);
    let mut out = crate::access::held::held(world, Cloud::Google, principal, &groups);
    let sets = world.sets_on(wanted.all_places());
    for holder in sets.into_iter().filter(|holder| *holder != principal && !groups.contains_key(*holder)) {
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
        // The others are not even asked: see `World::sets_on`.
        _ if !is_set(member) => None,
        "allusers" => Some(None),
        // Who comes with the token of another provider is not one of Google's.
        "allauthenticatedusers" => matches!(own_kind, "user" | "serviceaccount").then_some(None),
        "group" if world.may_contain(member, principal) => {
            let settle = format!(
                "gcloud identity groups memberships list --group-email={name} --view=full --format=json"
            );
            Some(Some(doubt(format!("whether it is in group {name} is not known"), Some(&settle))))
        }
        // Service accounts are in no customer's domain.
        "domain" if own_kind == "user" => Some(Some(unsure(name))),
        "principalset" => set(name, own_kind, own_name),
        // The rest of those with a basic role are known through it: see `basic`.
        "projectowner" | "projecteditor" | "projectviewer" if world.may_contain(member, principal) => {
            Some(Some(unsure(member.value())))
        }
        _ => None,
    }
}

/// Whether a member may stand for others than itself, whoever asks.
pub(in crate::access) fn is_set(member: &Alias) -> bool {
    let kind = member.value().split(':').next().unwrap_or_default();
    matches!(
        kind,
        "allusers"
            | "allauthenticatedusers"
            | "group"
            | "domain"
            | "principalset"
            | "projectowner"
            | "projecteditor"
            | "projectviewer"
    )
}

fn unsure(set: &str) -> Unknown {
    doubt(format!("whether it is in {set} is not known"), None)
}

/// A set of identities of a pool, or of a project's service accounts.
fn set(name: &str, own_kind: &str, own_name: &str) -> Option<Option<Unknown>> {
    if name.contains("/type/serviceaccount") {
        return (own_kind == "serviceaccount").then(|| Some(unsure(name)));
    }
    if own_kind != "principal" {
        return None;
    }
    // `…/workloadIdentityPools/POOL/…`: those of another pool are others.
    let pool = |name: &str| {
        let (before, after) =
            ["workloadidentitypools/", "workforcepools/"].iter().find_map(|kind| name.split_once(kind))?;
        Some((before.to_owned(), after.split('/').next()?.to_owned()))
    };
    match (pool(name), pool(own_name)) {
        (Some(of), Some(own)) if of != own => None,
        (Some(_), Some(_)) if name.ends_with("/*") => Some(None),
        _ => Some(Some(unsure(name))),
    }
}

impl World {
    /// `projectOwner:ID` and its like are groups, of those who have the basic role on the project itself. To be called
    /// when all grants are there.
    pub fn basic_roles(&mut self) {
        let mut members = Vec::new();
        for (holder, known) in
            self.grants.iter().flat_map(|(holder, all)| all.iter().map(move |one| (holder, one)))
        {
            let kind = match known.grant.role_id.as_deref() {
                Some("roles/owner") => "projectOwner",
                Some("roles/editor") => "projectEditor",
                Some("roles/viewer") => "projectViewer",
                _ => continue,
            };
            let scope = known.grant.scope.as_deref().map(super::full_name).unwrap_or_default();
            if let Some(id) = scope.strip_prefix("//cloudresourcemanager.googleapis.com/projects/") {
                let group = Alias::new("principal", &format!("{kind}:{id}"));
                members.push(KnownMembership { key: known.key, group, member: holder.clone() });
            }
        }
        let is_one = |holder: &&Alias| {
            ["projectowner:", "projecteditor:", "projectviewer:"]
                .iter()
                .any(|kind| holder.value().starts_with(kind))
        };
        self.groups_listed.extend(self.grants.keys().filter(is_one).cloned());
        self.memberships.extend(members);
    }
}
