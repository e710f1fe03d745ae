//! Where the grants lie of which it is not known whose they are, so that not all of them are looked at for each question.

use super::{World, azure, google};
use crate::model::Alias;
use std::collections::{BTreeMap, BTreeSet};

/// Holders by the places that their grants are on.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// By the scope itself, in the spelling of its cloud in which equal ones compare equal.
    at: BTreeMap<String, BTreeSet<Alias>>,
    /// By the subscription that the scope lies in.
    within: BTreeMap<azure::Subscription, BTreeSet<Alias>>,
    /// On what may be above anything, or is not known.
    anywhere: BTreeSet<Alias>,
}

impl Strangers {
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
    /// Notes where strangers' grants lie. To be called when all grants are there.
    pub fn sort_strangers(&mut self) {
        let (mut azure, mut google) = (Strangers::default(), Strangers::default());
        for holder in self.groups.iter().chain(&self.unknown_principals) {
            for known in self.grants.get(holder).into_iter().flatten() {
                let scope = known.grant.scope.as_deref();
                let subscription = scope.and_then(azure::subscription);
                azure.put(subscription.and(scope).map(azure::place), holder);
                if let Some(subscription) = subscription {
                    azure.within.entry(subscription).or_default().insert(holder.clone());
                }
            }
        }
        for (holder, grants) in self.grants.iter().filter(|(holder, _)| google::may_mean_others(holder)) {
            for known in grants.iter().filter(|known| known.grant.cloud == "google") {
                google.put(known.grant.scope.as_deref().and_then(google::place_of_grant), holder);
            }
        }
        self.azure_strangers = Some(azure);
        self.google_strangers = Some(google);
    }

    /// Those of these strangers whose grants may count on a scope of Azure, in order.
    pub(super) fn near<'a>(
        &'a self,
        all: &'a BTreeSet<Alias>,
        scope: Option<&str>,
    ) -> Box<dyn Iterator<Item = &'a Alias> + 'a> {
        let lies = scope.and_then(|scope| Some((scope, azure::subscription(scope)?)));
        let (Some(strangers), Some((scope, subscription))) = (&self.azure_strangers, lies) else {
            return Box::new(all.iter());
        };
        let near: BTreeSet<&Alias> = match azure::enclosing(scope) {
            Some(places) => places.iter().flat_map(|place| strangers.at(place)).collect(),
            None => strangers.within.get(&subscription).into_iter().flatten().collect(),
        };
        let near: BTreeSet<&Alias> = near.into_iter().chain(&strangers.anywhere).collect();
        Box::new(near.into_iter().filter(|holder| all.contains(*holder)))
    }

    /// Holders on Google Cloud that may mean more than one, whose grants are on one of these resources or on a folder or an
    /// organization, in order. `None`: they may count wherever they are.
    pub(super) fn sets_on(&self, places: Option<Vec<&String>>) -> BTreeSet<&Alias> {
        match (&self.google_strangers, places) {
            (Some(sets), Some(places)) => {
                places.into_iter().flat_map(|place| sets.at(place)).chain(&sets.anywhere).collect()
            }
            (Some(sets), None) => sets.at.values().flatten().chain(&sets.anywhere).collect(),
            (None, _) => self.grants.keys().filter(|holder| google::may_mean_others(holder)).collect(),
        }
    }
}
