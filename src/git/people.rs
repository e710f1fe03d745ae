//! Who wrote what is between two commits.

use super::{Commit, Error, Git};
use std::collections::BTreeSet;

/// Somebody who had a hand in a change, as the commit says. Anybody can write any name there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// In what part.
    pub role: Role,
}

/// The part that somebody had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `author`.
    Author,
    /// `committer`.
    Committer,
    /// `Co-authored-by:`.
    CoAuthor,
}

/// Who wrote a change, or why that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum People {
    /// All of them.
    Known(BTreeSet<Author>),
    /// History is missing.
    Unknown(String),
}

impl Git<'_> {
    /// Authors, committers and co-authors of the commits that `head` has and `trusted` has not. No mailmap is used, and
    /// every line that begins with `Co-authored-by:` counts, wherever it stands.
    ///
    /// # Errors
    /// If git cannot be run.
    pub fn people(&self, trusted: &Commit, head: &Commit) -> Result<People, Error> {
        let shallow = self.run(&["rev-parse", "--is-shallow-repository"])?;
        match String::from_utf8_lossy(&shallow.out).trim_end() {
            "false" if shallow.success => {}
            "true" => {
                let why = "the checkout is shallow, so that commits are missing; fetch all (fetch-depth: 0)";
                return Ok(People::Unknown(why.to_owned()));
            }
            _ => {
                return Ok(People::Unknown(format!(
                    "git does not say whether history is whole: {}",
                    shallow.error
                )));
            }
        }
        let without = format!("^{trusted}");
        let said = self.run(&["rev-list", "--header", head.id(), &without, "--"])?;
        if !said.success {
            let code = said.code.map_or_else(String::new, |code| format!(" ({code})"));
            return Ok(People::Unknown(format!("history cannot be read{code}: {}", said.error)));
        }
        let mut people = BTreeSet::new();
        for commit in said.out.split(|byte| *byte == 0).filter(|commit| !commit.is_empty()) {
            if let Err(why) = read(&String::from_utf8_lossy(commit), &mut people) {
                return Ok(People::Unknown(why));
            }
        }
        Ok(People::Known(people))
    }
}

/// The people of one commit: its id, its header, a blank line, its message.
fn read(commit: &str, people: &mut BTreeSet<Author>) -> Result<(), String> {
    let (header, message) = commit.split_once("\n\n").unwrap_or((commit, ""));
    let id = header.lines().next().unwrap_or_default();
    for (start, role) in [("author ", Role::Author), ("committer ", Role::Committer)] {
        let line = header.lines().find_map(|line| line.strip_prefix(start));
        let author = line.and_then(|line| author(line, role));
        people.insert(author.ok_or_else(|| format!("commit {id} has no readable {start}line"))?);
    }
    let lines = message.split(['\n', '\r']).map(str::trim_start);
    let trailers = lines.filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.trim_end().eq_ignore_ascii_case("co-authored-by").then_some(value)
    });
    for value in trailers {
        let plain = || Author { name: value.trim().to_owned(), email: String::new(), role: Role::CoAuthor };
        people.insert(author(value, Role::CoAuthor).unwrap_or_else(plain));
    }
    Ok(())
}

/// `NAME <EMAIL>`, and whatever follows.
fn author(text: &str, role: Role) -> Option<Author> {
    let (name, rest) = text.split_once('<')?;
    let (email, _) = rest.rsplit_once('>')?;
    Some(Author { name: name.trim().to_owned(), email: email.trim().to_owned(), role })
}
