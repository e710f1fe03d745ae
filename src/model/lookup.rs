//! A table that is looked up and never walked.

use std::borrow::Borrow;
use std::hash::Hash;

/// Values by key. What is in it cannot be gone through, so that the order in which it lies reaches no output; where that is
/// all one needs, it takes a fraction of the time of an ordered map.
#[derive(Debug, Clone)]
pub struct Lookup<K, V>(Table<K, V>);

#[expect(clippy::disallowed_types, reason = "nothing walks it")]
type Table<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Lookup<K, V> {
        Lookup(Table::default())
    }
}

impl<K: Eq + Hash, V> Lookup<K, V> {
    /// An empty one with room for so many.
    pub fn with_capacity(many: usize) -> Lookup<K, V> {
        Lookup(Table::with_capacity_and_hasher(many, Default::default()))
    }

    /// What stands under the key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The same, to be changed.
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    /// Whether something stands under the key.
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// Puts a value under the key, and gives back the one that stood there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// What stands under the key; if nothing does, this.
    pub fn or_insert_with(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(value)
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for Lookup<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Lookup<K, V> {
        Lookup(pairs.into_iter().collect())
    }
}
