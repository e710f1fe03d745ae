//! Who signs with which key: OpenSSH `allowed_signers` (`ssh-keygen(1)` ALLOWED SIGNERS), read so that a key is one
//! person.
//!
//! What OpenSSH allows there and could make one key several people is refused: patterns, certificate authorities, a key
//! of two people. So are times without a zone, which are another instant on each machine.

mod error;
mod line;
mod options;
mod pattern;

#[cfg(test)]
mod tests;

pub use error::{Fault, RosterError};
pub(super) use line::key as key_of_line;

use crate::approval::key::{Key, shown};
use crate::model::{Instant, Person};
use options::Options;
use std::collections::BTreeMap;

/// Bytes that are read at most of a file of keys.
pub const MOST: usize = 4 * 1024 * 1024;

/// The keys of the people who may sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    entries: Vec<Entry>,
}

/// A line of the roster: a key, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of the person.
    pub person: String,
    /// The principals of the line, all of that person.
    pub principals: Vec<String>,
    /// The key.
    pub key: Key,
    /// The line in the file, from one.
    pub line: usize,
    options: Options,
}

impl Entry {
    /// `SHA256:…` of the key.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint()
    }

    /// From when on the key counts, UTC, this instant included.
    pub fn valid_after(&self) -> Option<Instant> {
        self.options.after
    }

    /// Until when the key counts, UTC, this instant included.
    pub fn valid_before(&self) -> Option<Instant> {
        self.options.before
    }

    /// Whether the key may sign in this namespace.
    pub fn allows(&self, namespace: &str) -> bool {
        self.options.namespaces.as_ref().is_none_or(|patterns| patterns.allow(namespace))
    }
}

impl Roster {
    /// Reads a roster; `path` is how the file is called in errors.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the lines.
    pub fn parse(text: &str, path: &str, people: &[Person]) -> Result<Roster, Vec<RosterError>> {
        if text.len() > MOST {
            return Err(vec![RosterError {
                path: path.to_owned(),
                line: 0,
                fault: Fault::Large(text.len()),
            }]);
        }
        let (owners, mut faults) = owners(people);
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeMap<Vec<u8>, (String, usize)> = BTreeMap::new();
        // Some editors put it before the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, text) in (1..).zip(text.split('\n')) {
            let read = match line::read(text) {
                Ok(None) => continue,
                Ok(Some(read)) => read,
                Err(wrong) => {
                    faults.extend(wrong.into_iter().map(|fault| (number, fault)));
                    continue;
                }
            };
            let person = match owner(&read.principals, &owners) {
                Ok(person) => person.to_owned(),
                Err(wrong) => {
                    faults.extend(wrong.into_iter().map(|fault| (number, fault)));
                    continue;
                }
            };
            let (other, line) = seen.entry(read.key.material()).or_insert_with(|| (person.clone(), number));
            if *other != person {
                faults.push((number, Fault::SharedKey { person, other: other.clone(), line: *line }));
                continue;
            }
            let line::Line { principals, options, key } = read;
            entries.push(Entry { person, principals, key, line: number, options });
        }
        if faults.is_empty() {
            return Ok(Roster { entries });
        }
        Err(faults
            .into_iter()
            .map(|(line, fault)| RosterError { path: path.to_owned(), line, fault })
            .collect())
    }

    /// The lines, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lines with this key. There are several where it has other validity in other namespaces.
    pub fn of_key<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.key == *key)
    }
}

/// Which person has each principal, to the letter: no case is folded and nothing is trimmed, as in OpenSSH.
fn owners(people: &[Person]) -> (BTreeMap<&str, &Person>, Vec<(usize, Fault)>) {
    let mut owners: BTreeMap<&str, &Person> = BTreeMap::new();
    let mut faults = Vec::new();
    for person in people {
        for principal in &person.principals {
            let first = *owners.entry(principal).or_insert(person);
            if first.name != person.name || first.line != person.line {
                let fault = Fault::Claimed {
                    principal: shown(principal),
                    one: first.name.clone(),
                    first: first.line,
                    other: person.name.clone(),
                    second: person.line,
                };
                faults.push((0, fault));
            }
        }
    }
    (owners, faults)
}

/// The one person whom all principals of a line name.
fn owner<'a>(principals: &[String], owners: &BTreeMap<&str, &'a Person>) -> Result<&'a str, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut found: Option<&str> = None;
    for principal in principals {
        match (owners.get(principal.as_str()), found) {
            (None, _) => faults.push(Fault::Nobody(shown(principal))),
            (Some(person), None) => found = Some(&person.name),
            (Some(person), Some(other)) if person.name != other => {
                faults.push(Fault::TwoPeople(other.to_owned(), person.name.clone()));
            }
            (Some(_), Some(_)) => {}
        }
    }
    match found {
        Some(person) if faults.is_empty() => Ok(person),
        _ => Err(faults),
    }
}
