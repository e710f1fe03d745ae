//! Which groups a principal is in, through groups in groups.

use super::{KnownMembership, World};
use crate::model::{Alias, Lookup};
use std::collections::{BTreeMap, BTreeSet};

/// How a principal comes to be in a group: directly, or through another group that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The membership on the last step.
    pub membership: usize,
    /// The group through which, if not directly.
    pub through: Option<Alias>,
}

/// Who is in which group.
#[derive(Debug, Default)]
pub struct Memberships {
    all: Vec<KnownMembership>,
    /// Places in the list.
    of_member: Lookup<Alias, Vec<usize>>,
    of_group: Lookup<Alias, Vec<usize>>,
}

impl Memberships {
    /// Adds one.
    pub fn push(&mut self, known: KnownMembership) {
        let place = self.all.len();
        self.of_member.or_insert_with(known.member.clone(), Vec::new).push(place);
        self.of_group.or_insert_with(known.group.clone(), Vec::new).push(place);
        self.all.push(known);
    }

    /// Those of somebody, in the order in which they were added.
    fn of_member(&self, member: &Alias) -> impl Iterator<Item = &KnownMembership> {
        self.at(self.of_member.get(member))
    }

    /// Those in a group, in the order in which they were added.
    pub fn of_group(&self, group: &Alias) -> impl Iterator<Item = &KnownMembership> {
        self.at(self.of_group.get(group))
    }

    fn at<'a>(&'a self, places: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a KnownMembership> {
        places.into_iter().flatten().filter_map(|place| self.all.get(*place))
    }
}

impl World {
    /// All groups that the principal is in by any membership known before or after, each with the ways into it.
    pub fn groups_of(&self, principal: &Alias) -> BTreeMap<Alias, Vec<Via>> {
        let mut found: BTreeMap<Alias, Vec<Via>> = BTreeMap::new();
        let mut seen = BTreeSet::from([principal.clone()]);
        let mut open = vec![principal.clone()];
        while let Some(member) = open.pop() {
            for membership in self.memberships.of_member(&member) {
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

    /// Whether the group may contain the principal, as far as anybody says who is in it: its members are not listed,
    /// or a group among them may contain the principal.
    pub fn may_contain(&self, group: &Alias, principal: &Alias) -> bool {
        let mut seen = BTreeSet::from([group]);
        let mut open = vec![group];
        while let Some(group) = open.pop() {
            if !self.groups_listed.contains(group) {
                return true;
            }
            for membership in self.memberships.of_group(group) {
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
        self.groups.contains(principal)
            || self.groups_listed.contains(principal)
            || self.memberships.of_group(principal).next().is_some()
    }
}
