//! What to leave out of a plan so that nothing is in the way of the rest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is in the way, while some changes are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle<T> {
    /// Equal for the same obstacle, whatever is left out.
    pub key: String,
    /// Each of its changes brings it about alone; else they do so together.
    pub alone: bool,
    /// What brings it about.
    pub changes: BTreeSet<T>,
}

/// A set of `all` changes without which `obstacles` finds nothing, or as little as can be; none of them can be put back.
///
/// Greedy: what brings an obstacle about alone has to be left out; of the rest, the change that has a part in most of
/// them, as long as there are any. Leaving out may put something else in the way (what newly rests on something that is
/// not made), so that each step is judged anew; where it leads nowhere, all of it is left out. Then each is tried to be
/// put back, in order, until none can be.
pub fn leave_out<T: Ord + Clone>(
    all: &BTreeSet<T>,
    mut obstacles: impl FnMut(&BTreeSet<T>) -> Vec<Obstacle<T>>,
) -> BTreeSet<T> {
    let mut out: BTreeSet<T> = BTreeSet::new();
    let mut found = obstacles(&out);
    loop {
        let more = next(&found, &out);
        if more.is_empty() {
            break;
        }
        out.extend(more);
        found = obstacles(&out);
    }
    if !found.is_empty() {
        let least = obstacles(all);
        if least.len() < found.len() {
            (out, found) = (all.clone(), least);
        }
    }
    let remaining: BTreeSet<String> = found.into_iter().map(|obstacle| obstacle.key).collect();
    let mut tried_all = false;
    while !tried_all {
        tried_all = true;
        for change in out.clone() {
            out.remove(&change);
            if obstacles(&out).iter().any(|obstacle| !remaining.contains(&obstacle.key)) {
                out.insert(change);
            } else {
                // What was needed beside it may be so no longer.
                tried_all = false;
            }
        }
    }
    out
}

/// What is to be left out as well; nothing, if nothing is left that could help.
fn next<T: Ord + Clone>(found: &[Obstacle<T>], out: &BTreeSet<T>) -> BTreeSet<T> {
    let alone = found.iter().filter(|obstacle| obstacle.alone).flat_map(|obstacle| &obstacle.changes);
    let alone: BTreeSet<T> = alone.filter(|change| !out.contains(change)).cloned().collect();
    if !alone.is_empty() {
        return alone;
    }
    let mut often: BTreeMap<&T, usize> = BTreeMap::new();
    for change in found.iter().flat_map(|obstacle| &obstacle.changes).filter(|change| !out.contains(change)) {
        *often.entry(change).or_default() += 1;
    }
    let most = often.into_iter().max_by_key(|(change, times)| (*times, Reverse(*change)));
    most.map(|(change, _)| change.clone()).into_iter().collect()
}
