//! Which grants make which capability possible.
//!
//! Runs once over everything that stands before or after a plan and returns *routes*: a grant with the memberships it
//! comes through and the denies that must be absent. Whether a route holds in a scenario is not decided here: scenarios
//! only flip the leaves.

mod aws;
mod azure;
mod cloud;
mod entitled;
mod google;
mod groups;
mod held;
mod kubernetes;
mod sorted;
mod wildcard;

#[cfg(test)]
mod tests;

use crate::model::{Alias, ChangeIx, Coverage, Deny, Grant, Permission, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use azure::subscription_of;
pub use cloud::{Cloud, Shown};
pub use google::{full_name, is_unread, may_be_one};
pub use groups::Via;
pub use kubernetes::holders_of_account;

/// A grant, by the caller's key.
#[derive(Debug, Clone)]
pub struct KnownGrant {
    /// The caller's key.
    pub key: usize,
    /// What it says.
    pub grant: Arc<Grant>,
    /// Parts of the cloud (`/subscriptions/ID`) whose listings show it: it applies there, however its scope is spelt.
    pub listed_for: Vec<Arc<[String]>>,
}

/// One version of a role's definition.
#[derive(Debug, Clone)]
pub struct KnownRole {
    /// The caller's key.
    pub key: usize,
    /// Whose rules say what it means.
    pub cloud: Option<Cloud>,
    /// In which versions of the world it says this.
    pub side: Side,
    /// The change that makes it say so, if one does.
    pub change: Option<ChangeIx>,
    /// What it allows; `None`: the source does not say.
    pub permissions: Option<Arc<[Permission]>>,
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

/// That somebody can do no more than a policy allows, whatever is granted: a permissions boundary.
#[derive(Debug, Clone)]
pub struct KnownBound {
    /// Whose.
    pub principal: Alias,
    /// The policy's id.
    pub policy: String,
    /// In which versions of the world.
    pub side: Side,
    /// The change that sets it or takes it off, if one does.
    pub change: Option<ChangeIx>,
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
    pub groups_listed: BTreeSet<Alias>,
    /// Denies.
    pub denies: Vec<KnownDeny>,
    /// Bounds on what somebody can do.
    pub bounds: Vec<KnownBound>,
    /// ARNs of resources, or patterns of them, of which it is known what their own policies say, lower case: AWS.
    pub policies_known: BTreeSet<String>,
    /// What lies directly in what: by full name, lower case.
    pub above: BTreeMap<String, Vec<String>>,
    /// What roles allow that are made of others, by id (see [`role_key`]): Kubernetes.
    pub gathered: BTreeMap<String, Vec<Gathered>>,
    /// Kinds of roles of which complete sources list all: `ClusterRole`.
    pub roles_listed: BTreeSet<String>,
    /// See [`World::sort_strangers`].
    sorted: Option<sorted::Sorted>,
}

impl World {
    /// Whether it is known what the grant or role of this key says, and that it denies something.
    pub fn surely_denies(&self, key: usize) -> bool {
        let said = |role: &KnownRole| role.permissions.iter().any(|all| all.iter().any(|one| one.denies));
        let attached = self.grants.values().flatten().filter(|known| known.key == key).any(|known| {
            let id = known.grant.role_id.as_deref().map(|id| role_id(&known.grant.cloud, id));
            let roles = id.and_then(|id| self.roles_by_id.get(&id));
            known.grant.denies() || roles.is_some_and(|roles| roles.iter().any(said))
        });
        attached
            || self.denies.iter().any(|known| known.key == key)
            || self.roles_by_id.values().flatten().any(|role| role.key == key && said(role))
    }
}

/// What a role allows by gathering another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// In which versions of the world the role gathers, directly or by way of others.
    pub side: Side,
    /// The change that makes it do so, or end it.
    pub change: Option<ChangeIx>,
    /// The roles on the way, the one whose rules these are last.
    pub through: Vec<Through>,
    /// What that one allows; `None`: the source does not say.
    pub permissions: Option<Arc<[Permission]>>,
    /// Why it cannot be told whether it does.
    pub doubt: Option<String>,
}

/// A role that must be there, as it is in these versions of the world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// The caller's key.
    pub role: usize,
    /// Its id, as grants name it.
    pub id: String,
    /// In which versions of the world.
    pub side: Side,
    /// The change that makes it so, or something else.
    pub change: Option<ChangeIx>,
}

/// A grant of which a deny takes something away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The caller's key.
    pub grant: usize,
    /// Whether it surely does.
    pub sure: bool,
}

/// Something that denies.
#[derive(Debug, Clone, Copy)]
pub enum Denier<'a> {
    /// A statement in the policy of a resource, about this holder.
    Statement(&'a Alias, &'a KnownGrant),
    /// A deny policy, beside those that deny already: what these take is not counted.
    Policy(&'a KnownDeny, &'a [&'a KnownDeny]),
}

/// A grant that another one needs beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Also {
    /// The caller's key.
    pub grant: usize,
    /// What it says, in words.
    pub why: String,
}

/// Something that takes access away where it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// A deny, or a grant that denies, by the caller's key.
    pub key: usize,
    /// In which versions of the world it means this.
    pub side: Side,
    /// The change that makes it mean this, or something else.
    pub change: Option<ChangeIx>,
}

/// One way in which somebody can do something.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The grant.
    pub grant: usize,
    /// The group it comes through, if the grant is not the principal's own.
    pub via: Option<Alias>,
    /// Denies that must be absent.
    pub absent: Vec<Absent>,
    /// Further roles that must be there: those of which the grant's role is made.
    pub through: Vec<Through>,
    /// Further grants that must be there: the other side's, where both must allow.
    pub also: Vec<Also>,
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
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// How `principal` can do `action` on `scope`, by the rules of a cloud.
    pub fn can(&self, cloud: Cloud, principal: &Alias, action: &str, scope: &str) -> Routes {
        match cloud {
            Cloud::Azure => azure::can(self, principal, action, scope),
            Cloud::Aws => aws::can(self, principal, action, scope),
            Cloud::Google => google::can(self, principal, action, scope),
            Cloud::Kubernetes => kubernetes::can(self, principal, action, scope),
        }
    }

    /// How `principal` can do what a grant allows, permission by permission; `None`: nobody knows what it allows.
    ///
    /// The permissions are those of the role before the plan: what is needed is what was there.
    pub fn all_of(&self, principal: &Alias, known: &KnownGrant) -> Option<Vec<(String, Routes)>> {
        match Cloud::named(&known.grant.cloud)? {
            Cloud::Azure => azure::all_of(self, principal, &known.grant),
            Cloud::Aws => aws::all_of(self, principal, known),
            Cloud::Google => google::all_of(self, principal, known),
            Cloud::Kubernetes => kubernetes::all_of(self, principal, known),
        }
    }

    /// Grants before the plan of which something that denies takes a part, or all.
    pub fn hit_by(&self, denier: Denier<'_>) -> Vec<Hit> {
        match denier {
            Denier::Statement(holder, known) => match Cloud::named(&known.grant.cloud) {
                Some(Cloud::Aws) => aws::hit_by(self, holder, known),
                _ => Vec::new(),
            },
            Denier::Policy(deny, before) => match Cloud::named(&deny.deny.cloud) {
                Some(Cloud::Google) => google::hit_by(self, deny, before),
                _ => Vec::new(),
            },
        }
    }

    /// What can stand in for a grant of which nobody knows what it allows, the grant itself among it.
    pub fn instead_of(&self, principal: &Alias, known: &KnownGrant) -> Routes {
        match Cloud::named(&known.grant.cloud) {
            Some(Cloud::Aws) => aws::instead_of(self, principal, known),
            Some(Cloud::Google) => google::instead_of(self, principal, known),
            Some(Cloud::Kubernetes) => kubernetes::instead_of(self, principal, known),
            Some(Cloud::Azure) => azure::instead_of(self, principal, &known.grant),
            None if azure::is_azure(&known.grant) => azure::instead_of(self, principal, &known.grant),
            None => entitled::instead_of(self, principal, known),
        }
    }
}

/// The id under which the role or policy of a grant is known; none: it names none.
pub fn role_key(world: &World, grant: &Grant) -> Option<String> {
    if azure::is_azure(grant) {
        return azure::role_key(world, grant);
    }
    grant.role_id.as_deref().map(|id| role_id(&grant.cloud, id))
}

/// The id under which a role or policy of a cloud is known.
pub fn role_id(cloud: &str, id: &str) -> String {
    match cloud {
        "azure" => azure::role_id(id),
        _ if held::is_symbol(id) => azure::role_id(id),
        // Names of roles of Kubernetes differ by case.
        "kubernetes" => format!("kubernetes {id}"),
        other => format!("{other} {}", id.to_lowercase()),
    }
}
