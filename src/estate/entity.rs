//! Which facts speak of the same thing.
//!
//! Facts with an equal unique alias are one thing. Facts with an equal other name are one thing too, unless a unique
//! alias tells them apart: an identity made anew under the old name is somebody else.

use crate::model::{Alias, Fact, Lookup};
use std::collections::BTreeMap;

/// The number of the group of each fact, numbers counted up in the order in which groups first appear.
pub fn group(facts: &[&Fact]) -> Vec<usize> {
    let mut groups = Groups::new(facts);
    let mut by_alias: Lookup<&Alias, usize> = Lookup::with_capacity(facts.len());
    for (index, fact) in facts.iter().enumerate() {
        for alias in &fact.unique {
            let first = *by_alias.or_insert_with(alias, || index);
            groups.join(first, index);
        }
    }
    // Most names are borne by one alone, and then join nothing: of the others the order must not hang on that of the facts.
    let mut first: Lookup<&Alias, usize> = Lookup::with_capacity(facts.len() * 2);
    let mut by_name: BTreeMap<&Alias, Vec<usize>> = BTreeMap::new();
    for (index, fact) in facts.iter().enumerate() {
        for alias in fact.names.iter().filter(|alias| !alias.is_shared()) {
            match first.insert(alias, index) {
                None => {}
                Some(before) => by_name.entry(alias).or_insert_with(|| vec![before]).push(index),
            }
        }
    }
    for mut namesakes in by_name.into_values() {
        // Who has joined the first is done with: what tells another apart from the one does from the other.
        while let Some((one, others)) = namesakes.split_first() {
            let mut apart = Vec::new();
            for other in others {
                if groups.told_apart(*one, *other) {
                    apart.push(*other);
                } else {
                    groups.join(*one, *other);
                }
            }
            namesakes = apart;
        }
    }
    groups.numbers()
}

struct Groups<'f> {
    parent: Vec<usize>,
    /// Unique aliases of each group, at its root.
    unique: Vec<BTreeMap<&'f str, &'f str>>,
}

impl<'f> Groups<'f> {
    fn new(facts: &[&'f Fact]) -> Groups<'f> {
        let unique = facts
            .iter()
            .map(|fact| fact.unique.iter().map(|alias| (alias.space(), alias.value())).collect())
            .collect();
        Groups { parent: (0..facts.len()).collect(), unique }
    }

    fn root(&self, mut index: usize) -> usize {
        while let Some(parent) = self.parent.get(index).copied() {
            if parent == index {
                break;
            }
            index = parent;
        }
        index
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return;
        }
        let (first, second) = (one.min(other), one.max(other));
        if let Some(parent) = self.parent.get_mut(second) {
            *parent = first;
        }
        let moved = self.unique.get_mut(second).map(std::mem::take).unwrap_or_default();
        if let Some(kept) = self.unique.get_mut(first) {
            kept.extend(moved);
        }
    }

    /// Whether the two groups have different unique aliases in some space.
    fn told_apart(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        match (self.unique.get(one), self.unique.get(other)) {
            (Some(one), Some(other)) => {
                one.iter().any(|(space, value)| other.get(space).is_some_and(|theirs| theirs != value))
            }
            _ => false,
        }
    }

    fn numbers(&self) -> Vec<usize> {
        let mut known: Vec<Option<usize>> = vec![None; self.parent.len()];
        let mut next = 0;
        (0..self.parent.len())
            .map(|index| {
                let number = known.get_mut(self.root(index)).and_then(|known| {
                    if known.is_none() {
                        *known = Some(next);
                        next += 1;
                    }
                    *known
                });
                number.unwrap_or(index)
            })
            .collect()
    }
}
