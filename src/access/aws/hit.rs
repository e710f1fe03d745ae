//! Whose access a deny takes away.
//!
//! Only where it surely applies: under a condition that nobody can evaluate it is a doubt of whoever asks, and no eviction.

use super::asked::Asked;
use super::condition::{Met, account, met};
use super::statement::says;
use super::versions;
use crate::access::{Hit, KnownGrant, World};
use crate::model::{Alias, Permission, Side};

/// Grants before the plan of which a denying statement takes at least a part.
pub(in crate::access) fn hit_by(world: &World, holder: &Alias, denier: &KnownGrant) -> Vec<Hit> {
    let Some(deny) = denier.grant.allows.as_deref().filter(|own| own.denies) else { return Vec::new() };
    let plain = Permission { condition: None, ..deny.clone() };
    let meant = |who: &Alias| match (holder.value(), account(holder.value())) {
        ("*", _) => true,
        (root, Some(own)) if root.ends_with(":root") => account(who.value()) == Some(own),
        _ => who == holder,
    };
    let mut out = Vec::new();
    for (who, grants) in world.grants.iter().filter(|(who, _)| meant(who) && who.value().starts_with("arn:"))
    {
        if deny.condition.as_deref().is_some_and(|condition| met(condition, who) != Met::Yes) {
            continue;
        }
        let ours = grants.iter().filter(|known| known.grant.cloud == "aws" && !known.grant.denies());
        for known in ours.filter(|known| takes(world, &plain, who, known)) {
            out.push(Hit { grant: known.key, sure: true });
        }
    }
    out
}

/// Whether it takes away any of what a grant allows.
fn takes(world: &World, deny: &Permission, who: &Alias, known: &KnownGrant) -> bool {
    let versions = versions(world, known);
    let before = versions.iter().filter(|version| version.side != Side::After);
    let statements = before.filter_map(|version| version.statements.as_ref().ok()).flat_map(|all| all.iter());
    statements.filter(|statement| !statement.denies).any(|statement| {
        let condition = statement.condition.as_deref();
        let mut pairs = statement
            .actions
            .iter()
            .flat_map(|action| statement.resources.iter().map(move |resource| (action, resource)));
        pairs.any(|(action, resource)| {
            says(deny, &Asked { who, action, resource, except: Vec::new(), single: false, condition })
                .is_some()
        })
    })
}
