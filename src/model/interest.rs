//! Which values anybody will look at, so that the others need not be kept.

use std::collections::BTreeSet;

/// The members of an object's values that matter.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// All of them.
    All,
    /// Those of these names, and any others whose JSON text passes the test.
    Members {
        /// Names of members.
        names: BTreeSet<String>,
        /// Whether something in the text may be wanted whatever it stands under.
        or: Option<fn(&str) -> bool>,
    },
}

/// Who says so.
pub trait Interest: Sync {
    /// What matters of objects of a kind. What is not wanted is as if it were not there.
    fn wanted(&self, kind: &str) -> Wanted;
}

/// Everything is wanted of every kind.
#[derive(Debug, Clone, Copy)]
pub struct Everything;

impl Interest for Everything {
    fn wanted(&self, _: &str) -> Wanted {
        Wanted::All
    }
}
