//! Which grants make which capability possible.
//!
//! Runs once over everything that stands before or after a plan and returns *routes*: a grant with the memberships it
//! comes through and the denies that must be absent. Whether a route holds in a scenario is not decided here: scenarios
//! only flip the leaves.

mod azure;
mod groups;
mod wildcard;

#[cfg(test)]
mod tests;

use crate::model::{Alias, ChangeIx, Coverage, Deny, Grant, Permission, Side};
use std::collections::{BTreeMap, BTreeSet};

pub use azure::{role_id, role_key, subscription_of};
pub use groups::Via;

/// A grant, by the caller's key.
#[derive(Debug, Clone)]
pub struct KnownGrant {
    /// The caller's key.
    pub key: usize,
    /// What it says.
    pub grant: Grant,
    /// Parts of the cloud (`/subscriptions/ID`) whose listings show it: it applies there, however its scope is spelt.
    pub listed_for: Vec<String>,
}

/// One version of a role's definition.
#[derive(Debug, Clone)]
pub struct KnownRole {
    /// The caller's key.
    pub key: usize,
    /// In which versions of the world it says this.
    pub side: Side,
    /// The change that makes it say so, if one does.
    pub change: Option<ChangeIx>,
    /// What it allows; `None`: the source does not say.
    pub permissions: Option<Vec<Permission>>,
}

/// That somebody is in a group.
#[derive(Debug, Clone)]
pub struct KnownMembership {
    /// The caller's key.
    pub key: usize,
    /// The group.
    pub group: Alias,
    /// Who is in it.
    pub member: Alias,
}

/// A deny, by the caller's key.
#[derive(Debug, Clone)]
pub struct KnownDeny {
    /// The caller's key.
    pub key: usize,
    /// What it says.
    pub deny: Deny,
    /// Those whom it names, or leaves out, that may be groups.
    pub groups: Vec<Alias>,
}

/// Everything about access that any source tells, before or after.
#[derive(Debug, Default)]
pub struct World {
    /// Grants, by principal.
    pub grants: BTreeMap<Alias, Vec<KnownGrant>>,
    /// Roles by id (see [`role_key`]).
    pub roles_by_id: BTreeMap<String, Vec<KnownRole>>,
    /// Ids of roles by name, lower case.
    pub role_names: BTreeMap<String, String>,
    /// Principals that have grants and are groups, or may be: a plan does not know yet of what sort they are.
    pub groups: BTreeSet<Alias>,
    /// Principals of grants that are known only after apply: anybody may be meant.
    pub unknown_principals: BTreeSet<Alias>,
    /// Who is in which group.
    pub memberships: Vec<KnownMembership>,
    /// Groups whose members a complete source lists.
    pub groups_listed: Vec<Alias>,
    /// Denies.
    pub denies: Vec<KnownDeny>,
    /// See [`World::sort_strangers`].
    strangers: Option<Strangers>,
}

/// Groups and unknown principals by the subscriptions that their grants lie in; `None`: elsewhere, or nobody knows where.
type Strangers = BTreeMap<Option<azure::Subscription>, BTreeSet<Alias>>;

/// One way in which somebody can do something.
#[derive(Debug, Clone)]
pub struct Route {
    /// The grant.
    pub grant: usize,
    /// The group it comes through, if the grant is not the principal's own.
    pub via: Option<Alias>,
    /// Denies that must be absent.
    pub absent: Vec<usize>,
    /// In which versions of the world the grant means this.
    pub side: Side,
    /// The change that makes it mean this, or something else.
    pub change: Option<ChangeIx>,
    /// Whether it really covers.
    pub coverage: Coverage,
    /// Why, in words.
    pub why: String,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Ways that cover, surely or perhaps.
    pub routes: Vec<Route>,
    /// Grants of the principal and its groups.
    pub grants: usize,
    /// Of those, on an enclosing scope.
    pub inherited: usize,
    /// Groups it is in.
    pub groups: usize,
}

impl World {
    /// Notes where the grants lie of which it is not known whose they are, so that not all of them are looked at for each
    /// question. To be called when all grants are there.
    pub fn sort_strangers(&mut self) {
        let mut strangers = Strangers::new();
        for holder in self.groups.iter().chain(&self.unknown_principals) {
            for known in self.grants.get(holder).into_iter().flatten() {
                let place = known.grant.scope.as_deref().and_then(azure::subscription);
                strangers.entry(place).or_default().insert(holder.clone());
            }
        }
        self.strangers = Some(strangers);
    }

    /// Those of these strangers whose grants may count on a scope, in order.
    fn near<'a>(
        &'a self,
        all: &'a BTreeSet<Alias>,
        scope: Option<&str>,
    ) -> Box<dyn Iterator<Item = &'a Alias> + 'a> {
        match (&self.strangers, scope.and_then(azure::subscription)) {
            (Some(strangers), Some(place)) => {
                let at = |place| strangers.get(&place).into_iter().flatten();
                let near: BTreeSet<&Alias> = at(Some(place)).chain(at(None)).collect();
                Box::new(near.into_iter().filter(|holder| all.contains(*holder)))
            }
            _ => Box::new(all.iter()),
        }
    }

    /// How `principal` can do `action` on `scope`.
    pub fn can(&self, principal: &Alias, action: &str, scope: &str) -> Routes {
        azure::can(self, principal, action, scope)
    }

    /// How `principal` can do what `grant` allows, permission by permission; `None`: nobody knows what it allows.
    ///
    /// The permissions are those of the role before the plan: what is needed is what was there.
    pub fn all_of(&self, principal: &Alias, grant: &Grant) -> Option<Vec<(String, Routes)>> {
        azure::all_of(self, principal, grant)
    }

    /// What can stand in for a grant of which nobody knows what it allows, the grant itself among it.
    pub fn instead_of(&self, principal: &Alias, grant: &Grant) -> Routes {
        azure::instead_of(self, principal, grant)
    }
}
