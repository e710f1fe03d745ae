//! Tables over all that a world tells, made once: so that a question looks at what may be meant, and not at everything.

use super::{World, azure, google, groups};
use crate::model::{Alias, Lookup};
use std::collections::{BTreeMap, BTreeSet};

/// The tables.
#[derive(Debug)]
pub(super) struct Sorted {
    /// Groups and unknown principals by the scopes in Azure that their grants are on.
    strangers: Places,
    /// The same by the subscriptions that those lie in.
    within: BTreeMap<azure::Subscription, BTreeSet<Alias>>,
    /// Holders of grants that stand for more than themselves by the rules of Google Cloud, by the resources that those are
    /// on.
    sets: Places,
    /// Whose each grant is.
    holder: Lookup<usize, Alias>,
    /// Memberships by the member, and by the group, as numbers; and how many there were.
    of_member: Lookup<Alias, Vec<usize>>,
    of_group: Lookup<Alias, Vec<usize>>,
    memberships: usize,
}

/// Holders by the places that their grants are on.
#[derive(Debug, Default)]
struct Places {
    /// By the place, in the spelling of its cloud in which equal ones compare equal.
    at: BTreeMap<String, BTreeSet<Alias>>,
    /// On what may be above anything, or is not known.
    anywhere: BTreeSet<Alias>,
}

impl Places {
    fn put(&mut self, place: Option<String>, holder: &Alias) {
        match place {
            Some(place) => self.at.entry(place).or_default().insert(holder.clone()),
            None => self.anywhere.insert(holder.clone()),
        };
    }

    fn at(&self, place: &str) -> impl Iterator<Item = &Alias> {
        self.at.get(place).into_iter().flatten()
    }
}

impl World {
    /// Notes where the grants lie of which it is not known whose they are, and who may be meant by which, so that not all of
    /// them are looked at for each question. To be called when all grants and memberships are there.
    pub fn sort_strangers(&mut self) {
        self.sorted = None;
        let (mut strangers, mut sets) = (Places::default(), Places::default());
        let mut within: BTreeMap<_, BTreeSet<Alias>> = BTreeMap::new();
        for holder in self.groups.iter().chain(&self.unknown_principals) {
            for known in self.grants.get(holder).into_iter().flatten().filter(azure::is_ours) {
                let scope = known.grant.scope.as_deref();
                let subscription = scope.and_then(azure::subscription);
                strangers.put(subscription.and(scope).map(azure::place), holder);
                if let Some(subscription) = subscription {
                    within.entry(subscription).or_default().insert(holder.clone());
                }
            }
        }
        for (holder, grants) in self.grants.iter().filter(|(holder, _)| google::is_set(holder)) {
            for known in grants.iter().filter(|known| known.grant.cloud == "google") {
                sets.put(known.grant.scope.as_deref().and_then(google::place_of_grant), holder);
            }
        }
        let mut whose = Lookup::default();
        for (holder, all) in &self.grants {
            for known in all {
                whose.or_insert_with(known.key, || holder.clone());
            }
        }
        let (mut of_member, mut of_group) = (Lookup::default(), Lookup::default());
        for (number, known) in self.memberships.iter().enumerate() {
            of_member.or_insert_with(known.member.clone(), Vec::new).push(number);
            of_group.or_insert_with(known.group.clone(), Vec::new).push(number);
        }
        self.sorted = Some(Sorted {
            strangers,
            within,
            sets,
            holder: whose,
            of_member,
            of_group,
            memberships: self.memberships.len(),
        });
    }

    /// Those of these strangers whose grants may count on a scope of Azure, in order.
    pub(super) fn near<'a>(
        &'a self,
        all: &'a BTreeSet<Alias>,
        scope: Option<&str>,
    ) -> Box<dyn Iterator<Item = &'a Alias> + 'a> {
        let lies = scope.and_then(|scope| Some((scope, azure::subscription(scope)?)));
        let (Some(Sorted { strangers, within, .. }), Some((scope, subscription))) = (&self.sorted, lies)
        else {
            return Box::new(all.iter());
        };
        let mut near: BTreeSet<&Alias> = strangers.anywhere.iter().collect();
        match azure::enclosing(scope) {
            Some(places) => near.extend(places.iter().flat_map(|place| strangers.at(place))),
            None => near.extend(within.get(&subscription).into_iter().flatten()),
        }
        Box::new(near.into_iter().filter(|holder| all.contains(*holder)))
    }

    /// Holders of grants by which others than themselves may be meant (see [`google::is_set`]), on one of these resources or
    /// on a folder or an organization, in order. `None`: they may count wherever they are.
    pub(super) fn sets_on(&self, places: Option<Vec<&String>>) -> BTreeSet<&Alias> {
        match (&self.sorted, places) {
            (Some(Sorted { sets, .. }), Some(places)) => {
                places.into_iter().flat_map(|place| sets.at(place)).chain(&sets.anywhere).collect()
            }
            (Some(Sorted { sets, .. }), None) => sets.at.values().flatten().chain(&sets.anywhere).collect(),
            (None, _) => self.grants.keys().filter(|holder| google::is_set(holder)).collect(),
        }
    }

    /// The grant of this key.
    pub fn grant(&self, key: usize) -> Option<&super::KnownGrant> {
        let holder = self.sorted.as_ref().and_then(|sorted| sorted.holder.get(&key));
        let own = holder.and_then(|holder| self.grants.get(holder)).into_iter().flatten();
        let all = self.grants.values().flatten().filter(|_| holder.is_none());
        own.chain(all).find(|known| known.key == key)
    }

    /// Memberships of somebody, in order.
    pub(super) fn memberships_of<'a>(&'a self, member: &'a Alias) -> groups::Memberships<'a> {
        self.memberships_by(member, |sorted| &sorted.of_member, |known| &known.member)
    }

    /// Memberships in a group, in order.
    pub(super) fn memberships_in<'a>(&'a self, group: &'a Alias) -> groups::Memberships<'a> {
        self.memberships_by(group, |sorted| &sorted.of_group, |known| &known.group)
    }

    fn memberships_by<'a>(
        &'a self,
        name: &'a Alias,
        table: fn(&Sorted) -> &Lookup<Alias, Vec<usize>>,
        of: fn(&super::KnownMembership) -> &Alias,
    ) -> groups::Memberships<'a> {
        let sorted = self.sorted.as_ref();
        let numbers =
            sorted.and_then(|sorted| table(sorted).get(name)).map(Vec::as_slice).unwrap_or_default();
        let known = numbers.iter().filter_map(|number| self.memberships.get(*number));
        // Those that came later stand behind them.
        let later = self.memberships.get(sorted.map_or(0, |sorted| sorted.memberships)..).unwrap_or_default();
        Box::new(known.chain(later.iter().filter(move |known| of(known) == name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{KnownGrant, KnownMembership};
    use crate::model::Grant;
    use proptest::prelude::*;

    const NAMES: [&str; 7] =
        ["group:a", "group:b", "user:c", "serviceaccount:d", "domain:e", "allusers", "projectowner:f"];

    fn name(number: usize) -> Alias {
        Alias::new("principal", NAMES[number % NAMES.len()])
    }

    fn grant(holder: &Alias) -> Grant {
        Grant {
            cloud: "google".to_owned(),
            principal: Some(holder.clone()),
            principal_type: None,
            role_id: Some("roles/viewer".to_owned()),
            role_name: None,
            scope: Some("projects/p".to_owned()),
            condition: None,
            allows: None,
            by_resource: false,
            ends: false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Also of memberships that came after it was sorted.
        #[test]
        fn the_answers_are_those_of_a_search_through_everything(
            holders in proptest::collection::vec(0usize..7, 0..8),
            memberships in proptest::collection::vec((0usize..7, 0usize..7), 0..12),
            late in proptest::collection::vec((0usize..7, 0usize..7), 0..3),
            listed in proptest::collection::vec(0usize..7, 0..4),
        ) {
            let mut plain = World { groups_listed: listed.into_iter().map(name).collect(), ..World::default() };
            let mut sorted = World { groups_listed: plain.groups_listed.clone(), ..World::default() };
            for world in [&mut plain, &mut sorted] {
                for (key, holder) in holders.iter().map(|number| name(*number)).enumerate() {
                    let known = KnownGrant { key, grant: grant(&holder).into(), listed_for: Vec::new() };
                    world.grants.entry(holder).or_default().push(known);
                }
            }
            let known = |(number, (group, member)): (usize, &(usize, usize))| {
                KnownMembership { key: number, group: name(*group), member: name(*member) }
            };
            plain.memberships = memberships.iter().chain(&late).enumerate().map(known).collect();
            sorted.memberships = memberships.iter().enumerate().map(known).collect();
            sorted.sort_strangers();
            sorted.memberships = plain.memberships.clone();
            for one in (0..NAMES.len()).map(name) {
                prop_assert_eq!(sorted.groups_of(&one), plain.groups_of(&one));
                for other in (0..NAMES.len()).map(name) {
                    prop_assert_eq!(sorted.may_contain(&one, &other), plain.may_contain(&one, &other));
                }
                let can = |world: &World| google::can(world, &one, "x.y.z", "projects/p");
                prop_assert_eq!(can(&sorted), can(&plain));
            }
            for key in 0..=holders.len() {
                let of = |world: &World| world.grant(key).map(|known| (known.key, known.grant.clone()));
                prop_assert_eq!(of(&sorted), of(&plain));
            }
        }
    }
}
