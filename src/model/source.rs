//! Where facts come from, how old that is, and whether it is all there is.

use super::{Instant, Listing};
use std::collections::BTreeMap;

/// A source by its number over all sources of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceIx(pub u32);

/// Why a source does not tell all: from the best to the worst to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The file itself shows that it was cut: paging marks, limits, filters.
    Cut(String),
    /// It is older than `max_snapshot_age`, or nothing says how old it is.
    Old(String),
    /// The configuration names it and it is not there.
    Absent(String),
}

impl Doubt {
    /// In words.
    pub fn reason(&self) -> &str {
        match self {
            Doubt::Cut(why) | Doubt::Old(why) | Doubt::Absent(why) => why,
        }
    }
}

/// One file that was read (a plan or a snapshot), or one that should be there and is not.
#[derive(Debug, Clone)]
pub struct Source {
    /// As given on the command line or in the configuration.
    pub path: String,
    /// What it is: `plan`, `kubernetes`, `azure:role-assignments`, …
    pub kind: String,
    /// When the cloud was asked.
    pub taken_at: Option<Instant>,
    /// Why it does not tell all, if so.
    pub doubt: Option<Doubt>,
    /// How many objects it holds.
    pub objects: usize,
    /// Which listings it gives, and for which part of the cloud (a subscription, a cluster): an empty prefix is all.
    pub lists: BTreeMap<Listing, Vec<String>>,
}

impl Source {
    /// The kind of those that list a population.
    pub const INVENTORY: &str = "inventory";

    /// Whether what it lists is all there is.
    pub fn complete(&self) -> bool {
        self.doubt.is_none()
    }

    /// Why nothing of it is here, where it could have told of anything. An inventory tells of its population only.
    pub fn missed(&self) -> Option<&str> {
        match &self.doubt {
            Some(Doubt::Absent(why)) if self.kind != Source::INVENTORY => Some(why),
            _ => None,
        }
    }

    /// Why it does not tell all of the estate, with its path. What an inventory lacks is told with its population.
    pub fn shortfall(&self) -> Option<String> {
        let doubt = self.doubt.as_ref().filter(|_| self.kind != Source::INVENTORY)?;
        Some(format!("{}: {}", self.path, doubt.reason()))
    }
}

/// A place within a source: what a claim can be checked against.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The source.
    pub source: SourceIx,
    /// JSON pointer in it.
    pub pointer: std::sync::Arc<str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_is_missed_by_its_population_alone() {
        let source = |kind: &str| Source {
            path: "a".to_owned(),
            kind: kind.to_owned(),
            taken_at: None,
            doubt: Some(Doubt::Absent("not there".to_owned())),
            objects: 0,
            lists: BTreeMap::new(),
        };
        let (snapshot, inventory) = (source("missing"), source(Source::INVENTORY));
        assert_eq!(
            (snapshot.missed(), snapshot.shortfall()),
            (Some("not there"), Some("a: not there".into()))
        );
        assert_eq!((inventory.missed(), inventory.shortfall()), (None, None));
        assert!(!inventory.complete());
    }
}
