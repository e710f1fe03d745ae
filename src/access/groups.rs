//! Which groups a principal is in, through groups in groups.

use super::{KnownMembership, World};
use crate::model::Alias;
use std::collections::{BTreeMap, BTreeSet};

/// How a principal comes to be in a group: directly, or through another group that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The membership on the last step.
    pub membership: usize,
    /// The group through which, if not directly.
    pub through: Option<Alias>,
}

/// Some of all memberships, in order.
pub(super) type Memberships<'a> = Box<dyn Iterator<Item = &'a KnownMembership> + 'a>;

impl World {
    /// All groups that the principal is in by any membership known before or after, each with the ways into it.
    pub fn groups_of(&self, principal: &Alias) -> BTreeMap<Alias, Vec<Via>> {
        let mut found: BTreeMap<Alias, Vec<Via>> = BTreeMap::new();
        let mut seen = BTreeSet::from([principal.clone()]);
        let mut open = vec![principal.clone()];
        while let Some(member) = open.pop() {
            for membership in self.memberships_of(&member) {
                let through = (member != *principal).then(|| member.clone());
                found
                    .entry(membership.group.clone())
                    .or_default()
                    .push(Via { membership: membership.key, through });
                if seen.insert(membership.group.clone()) {
                    open.push(membership.group.clone());
                }
            }
        }
        found
    }

    /// Whether a grant or a list of members names the principal.
    pub fn tells_of(&self, principal: &Alias) -> bool {
        self.grants.contains_key(principal) || self.memberships_of(principal).next().is_some()
    }

    /// Whether the group may contain the principal, as far as anybody says who is in it: its members are not listed,
    /// or a group among them may contain the principal.
    pub fn may_contain(&self, group: &Alias, principal: &Alias) -> bool {
        let mut seen = BTreeSet::from([group]);
        let mut open = vec![group];
        while let Some(group) = open.pop() {
            if !self.groups_listed.contains(group) {
                return true;
            }
            for membership in self.memberships_in(group) {
                let member = &membership.member;
                if member != principal && self.is_group(member) && seen.insert(member) {
                    open.push(member);
                }
            }
        }
        false
    }

    /// Whether anything tells that it is a group: it has members, or grants that say so.
    fn is_group(&self, principal: &Alias) -> bool {
        // A group of Google says so in its name.
        principal.value().starts_with("group:")
            || self.groups.contains(principal)
            || self.groups_listed.contains(principal)
            || self.memberships_in(principal).next().is_some()
    }
}
