//! Deny assignments: they win over every grant, for those and there where they apply.

use super::Asked;
use super::role::Plane;
use super::scope::{Reach, reach};
use crate::access::World;
use crate::access::held::doubt;
use crate::access::wildcard::{includes, intersects};
use crate::model::{Alias, Permission, Unknown};

/// A deny that speaks of what is asked.
pub(super) enum Denied {
    /// It denies all of it: the deny, by the caller's key.
    Surely(usize),
    /// It may deny it, or denies a part of it.
    Perhaps(Unknown),
}

/// All denies that may stand in the way of the principal, who is in these groups.
pub(super) fn denies(
    world: &World,
    principal: &Alias,
    groups: &[&Alias],
    asked: &Asked<'_>,
    scope: &str,
) -> Vec<Denied> {
    let mut out = Vec::new();
    for known in world.denies.iter().filter(|known| known.deny.cloud == "azure") {
        let deny = &known.deny;
        let is_one =
            |list: &[Alias]| list.contains(principal) || groups.iter().any(|group| list.contains(group));
        let named = deny.everyone || is_one(&deny.principals);
        // It may be in a group that the deny names or leaves out, and whose members nobody lists.
        let unlisted = |list: &[Alias]| {
            let open = |alias: &&Alias| known.groups.contains(alias) && world.may_contain(alias, principal);
            list.iter().find(open).cloned()
        };
        let unlisted = unlisted(if named { &deny.except } else { &deny.principals });
        if is_one(&deny.except) || !(named || unlisted.is_some()) {
            continue;
        }
        let may = "a deny assignment may take it away";
        let mut why = unlisted.map(|group| {
            let settle = format!("az ad group member list --group {group} -o json");
            doubt(format!("{may}: whether it is in group {group} is not known"), Some(&settle))
        });
        match reach(deny.scope.as_deref(), scope, &[]) {
            None => continue,
            Some(Reach::Inherited | Reach::Perhaps(_)) if deny.this_scope_only => continue,
            Some(Reach::Perhaps(place)) => why = why.or_else(|| Some(doubt(format!("{may}: {place}"), None))),
            Some(Reach::Exact | Reach::Inherited) => {}
        }
        let Some(wholly) = deny.permissions.iter().filter_map(|block| denied(block, asked)).max() else {
            continue;
        };
        if !wholly || deny.condition.is_some() {
            why = why.or_else(|| Some(doubt(may, None)));
        }
        out.push(why.map_or(Denied::Surely(known.key), Denied::Perhaps));
    }
    out
}

/// Whether the block denies all that is asked (`true`), perhaps or a part of it (`false`), or nothing of it (`None`).
fn denied(block: &Permission, asked: &Asked<'_>) -> Option<bool> {
    let control = on_plane(&block.actions, &block.not_actions, asked.pattern);
    let data = on_plane(&block.data_actions, &block.not_data_actions, asked.pattern);
    let wholly = match asked.plane {
        Plane::Control => control?,
        Plane::Data => data?,
        Plane::Either => match (control, data) {
            (None, None) => return None,
            (Some(true), Some(true)) => true,
            _ => false,
        },
    };
    Some(wholly && block.condition.is_none())
}

fn on_plane(yes: &[String], not: &[String], asked: &str) -> Option<bool> {
    let hit = yes.iter().any(|pattern| intersects(pattern, asked));
    let spared = not.iter().any(|pattern| includes(pattern, asked));
    if !hit || spared {
        return None;
    }
    let whole = yes.iter().any(|pattern| includes(pattern, asked));
    Some(whole && !not.iter().any(|pattern| intersects(pattern, asked)))
}
