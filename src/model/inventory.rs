//! What an inventory lists of a population: by which keys its things are known.

use super::{Plain, SourceIx};
use std::collections::BTreeSet;

/// The keys that one inventory lists. They may be secrets that nobody marked: `Debug` shows nothing of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Its source: how old it is, and whether it is there at all.
    pub source: SourceIx,
    /// As written.
    keys: BTreeSet<Plain>,
    /// The same in lower case.
    folded: BTreeSet<Plain>,
}

/// Whether an inventory has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listed {
    /// Letter by letter.
    Exactly,
    /// In other letter case only.
    ButForCase,
    /// No.
    Not,
}

impl Inventory {
    /// One that lists nothing yet.
    pub fn of(source: SourceIx) -> Inventory {
        Inventory { source, keys: BTreeSet::new(), folded: BTreeSet::new() }
    }

    /// Adds a key; whether it is new.
    pub fn add(&mut self, key: Plain) -> bool {
        self.folded.insert(folded(&key));
        self.keys.insert(key)
    }

    /// Whether it has a key.
    pub fn lists(&self, key: &Plain) -> Listed {
        if self.keys.contains(key) {
            Listed::Exactly
        } else if self.folded.contains(&folded(key)) {
            Listed::ButForCase
        } else {
            Listed::Not
        }
    }
}

fn folded(key: &Plain) -> Plain {
    Plain::text(key.as_str().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_letter_by_letter_and_case_is_told() {
        let mut inventory = Inventory::of(SourceIx(0));
        assert!(inventory.add(Plain::text("00008103-000A")));
        assert!(!inventory.add(Plain::text("00008103-000A")), "it is there already");
        assert!(inventory.add(Plain::text("00008103-000a")), "another letter is another key");
        assert!(inventory.add(Plain::number("7")));
        assert!(inventory.add(Plain::text("ÄB")));
        for (key, listed) in [
            ("00008103-000A", Listed::Exactly),
            ("00008103-000a", Listed::Exactly),
            ("7", Listed::Exactly),
            ("äb", Listed::ButForCase),
            ("00008103-000B", Listed::Not),
            (" ÄB", Listed::Not),
            ("07", Listed::Not),
        ] {
            assert_eq!(inventory.lists(&Plain::text(key)), listed, "{key}");
        }
        assert!(!format!("{inventory:?}").contains("00008103"));
    }
}
