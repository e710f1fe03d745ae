//! What lies in what, and in which versions of the world: a project that is moved leaves what it had from above.

use super::World;
use crate::model::{ChangeIx, Side};

/// In which versions of the world something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// Before, after or both.
    pub side: Side,
    /// The change that makes it so, or ends it.
    pub change: Option<ChangeIx>,
}

impl When {
    /// In every version.
    pub const ALWAYS: When = When { side: Side::Both, change: None };

    /// When both are so; `None`: never.
    pub fn and(self, other: When) -> Option<When> {
        Some(When { side: self.side.both(other.side)?, change: self.change.or(other.change) })
    }

    /// When either is so.
    #[must_use]
    pub fn or(self, other: When) -> When {
        match self.side.union(other.side) {
            Side::Both => When::ALWAYS,
            side => When { side, change: self.change.or(other.change) },
        }
    }
}

impl World {
    /// Notes that one thing lies directly in another, by their full names.
    pub fn lies_in(&mut self, inner: String, outer: String, when: When) {
        let above = self.above.entry(inner).or_default();
        match above.iter_mut().find(|(known, _)| *known == outer) {
            Some((_, known)) => *known = known.or(when),
            None => above.push((outer, when)),
        }
    }

    /// What a thing lies in directly.
    pub(super) fn outers(&self, inner: &str) -> impl Iterator<Item = (&str, When)> {
        self.above.get(inner).into_iter().flatten().map(|(outer, when)| (outer.as_str(), *when))
    }
}
