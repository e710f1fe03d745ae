//! Which definition a role assignment means, and on which plane an action is.

use crate::access::held::is_symbol;
use crate::access::wildcard::{includes, literal_prefix};
use crate::access::{Cloud, World};
use crate::model::Grant;

/// The id under which a role is known: the GUID at the end of its id, lower case, or its name where there is no id.
pub fn role_key(world: &World, grant: &Grant) -> Option<String> {
    let id = grant.role_id.as_deref().map(role_id);
    let by_name = grant.role_name.as_deref().and_then(|name| world.role_names.get(&name.to_lowercase()));
    match (id, by_name) {
        (Some(id), _) if world.roles_by_id.contains_key(&id) => Some(id),
        // Names of roles are unique within a tenant, so a name does where the id leads nowhere.
        (_, Some(named)) => Some(named.clone()),
        (Some(id), None) => Some(id),
        (None, None) => grant.role_name.as_deref().map(|name| format!("named {}", name.to_lowercase())),
    }
}

/// `/subscriptions/…/roleDefinitions/GUID` → `guid`. Subscriptions spell the same built-in role with different prefixes.
///
/// A role that the plan makes has no GUID yet: it goes by its address, whichever of its attributes is used.
pub fn role_id(id: &str) -> String {
    if is_symbol(id) {
        return id.rsplit_once('.').map_or(id, |(address, _)| address).to_lowercase();
    }
    id.split('|').next().unwrap_or(id).trim_end_matches('/').rsplit('/').next().unwrap_or(id).to_lowercase()
}

/// Control plane or data plane: a `*` of one gives nothing of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plane {
    Control,
    Data,
    /// The definitions at hand speak of it on both, or no more closely than by a star.
    Either,
}

impl World {
    /// Which plane an action is on, told by the definitions at hand: the pattern that speaks of it most closely wins.
    pub(super) fn plane(&self, action: &str) -> Plane {
        let closest = |data: bool| {
            self.roles_by_id
                .values()
                .flatten()
                .filter(|role| matches!(role.cloud, Some(Cloud::Azure) | None))
                .flat_map(|role| role.permissions.iter().flat_map(|all| all.iter()))
                .flat_map(|block| if data { &block.data_actions } else { &block.actions })
                .filter(|pattern| includes(pattern, action))
                .map(|pattern| literal_prefix(pattern))
                .max()
                .unwrap_or(0)
        };
        match (closest(false), closest(true)) {
            (control, data) if control > data => Plane::Control,
            (control, data) if data > control => Plane::Data,
            _ => Plane::Either,
        }
    }
}
