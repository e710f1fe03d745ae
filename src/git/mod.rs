//! What version control says: who wrote a change, which files it touches, and how they were at a commit that is trusted.
//!
//! The real `git` is asked. Whoever made the checkout is trusted with its `.git` directory, the files in it are not:
//! nothing in a commit runs a program or changes an answer.

mod command;
mod error;
mod people;

#[cfg(test)]
mod tests;

pub use command::Git;
pub use error::Error;
pub use people::{Author, People, Role};

use command::what;
use std::fmt;

/// The full id of a commit that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit(String);

impl Commit {
    /// Its 40 or 64 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// From the root of the repository, with `/`. Bytes that are no UTF-8 are replaced.
    pub path: String,
    /// Whether it is a plain file, and not a symbolic link or a submodule.
    pub plain: bool,
    /// The id of its content.
    pub id: String,
}

impl Git<'_> {
    /// The commit of a full id, and of nothing that could be moved.
    ///
    /// # Errors
    /// If it is no full id, or no commit that is there.
    pub fn commit(&self, id: &str) -> Result<Commit, Error> {
        if !is_id(id) {
            return Err(Error::NotAnId(shown(id)));
        }
        let found = self.named(id)?;
        // An id of a tag leads elsewhere.
        if found.0 == id { Ok(found) } else { Err(self.no_commit(id)) }
    }

    /// The commit that a branch, a tag or an id names at this moment.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(&self, name: &str) -> Result<Commit, Error> {
        if name.is_empty() || name.starts_with('-') || name.chars().any(char::is_control) {
            return Err(self.no_commit(name));
        }
        let peeled = format!("{name}^{{commit}}");
        let said = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &peeled])?;
        let text = String::from_utf8_lossy(&said.out);
        match text.trim_end() {
            id if said.success && is_id(id) => Ok(Commit(id.to_owned())),
            _ if said.error.is_empty() => Err(self.no_commit(name)),
            _ => Err(Error::Failed {
                what: "rev-parse".to_owned(),
                directory: self.directory.clone(),
                said: said.error,
            }),
        }
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// If there is none, or the directory is in no checkout.
    pub fn head(&self) -> Result<Commit, Error> {
        self.named("HEAD")
    }

    /// The id of a commit's tree: of all its files, whoever committed them and when.
    ///
    /// # Errors
    /// If git cannot say.
    pub fn tree(&self, commit: &Commit) -> Result<String, Error> {
        let out = self.ask(&["rev-parse", "--verify", "--end-of-options", &format!("{commit}^{{tree}}")])?;
        Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
    }

    /// Whether the files are those of the commit that is checked out ([`Git::touched`]).
    ///
    /// # Errors
    /// If git cannot say.
    pub fn is_clean(&self) -> Result<bool, Error> {
        Ok(self.touched()?.is_empty())
    }

    /// The files that are not those of the commit that is checked out: changed, new and not ignored, or such that git was
    /// told not to look at. From the root, with `/`.
    ///
    /// # Errors
    /// If git cannot say.
    pub fn touched(&self) -> Result<Vec<String>, Error> {
        let arguments = [
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--ignore-submodules=none",
            "--no-renames",
        ];
        let changed = self.ask(&arguments)?;
        // Two letters and a space stand before each path.
        let changed = records(&changed).map(|record| record.get(3..).unwrap_or(&record).to_owned());
        let mut touched: Vec<String> = changed.collect();
        // `H` is an ordinary file; all other letters are assumed unchanged, left out or in doubt.
        let top = self.ask(&["rev-parse", "--show-cdup"])?;
        let top = String::from_utf8_lossy(&top).trim_end().to_owned();
        let mut arguments = vec!["ls-files", "-v", "-z"];
        if !top.is_empty() {
            arguments.extend(["--", &top]);
        }
        arguments.insert(1, "--full-name");
        let files = self.ask(&arguments)?;
        let unseen = records(&files).filter(|file| !file.starts_with("H "));
        touched.extend(unseen.map(|file| file.get(2..).unwrap_or(&file).to_owned()));
        Ok(touched)
    }

    /// The content of a file at a commit; nothing if it is not there. The path is from the root, with `/`.
    ///
    /// # Errors
    /// If it is no plain file, or git cannot say.
    pub fn file_at(&self, commit: &Commit, path: &str) -> Result<Option<Vec<u8>>, Error> {
        self.find(commit, path)?.map(|file| self.content(&file)).transpose()
    }

    /// What is at a path of a commit; nothing if it is not there. The path is from the root, with `/`.
    ///
    /// # Errors
    /// If git cannot say.
    pub fn find(&self, commit: &Commit, path: &str) -> Result<Option<TreeFile>, Error> {
        // No tree has such names, and git would read them as other paths.
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Ok(None);
        }
        let listed = self.list(&["ls-tree", "-z", "--full-tree", commit.id(), "--", path])?;
        Ok(listed.into_iter().find(|file| file.path == path))
    }

    /// The content of a file of a commit.
    ///
    /// # Errors
    /// If it is no plain file, or git cannot say.
    pub fn content(&self, file: &TreeFile) -> Result<Vec<u8>, Error> {
        match file.plain {
            true => self.ask(&["cat-file", "blob", &file.id]),
            false => Err(Error::NotAFile { path: file.path.clone() }),
        }
    }

    /// The files under a directory at a commit, at every depth; all for an empty path. In the order of git.
    ///
    /// # Errors
    /// If git cannot say.
    pub fn files_under(&self, commit: &Commit, directory: &str) -> Result<Vec<TreeFile>, Error> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", commit.id()];
        let directory = format!("{}/", directory.trim_end_matches('/'));
        if directory != "/" {
            arguments.extend(["--", &directory]);
        }
        self.list(&arguments)
    }

    /// The paths at which two commits differ, from the root, with `/`; a file that was moved is both.
    ///
    /// # Errors
    /// If git cannot say.
    pub fn changed(&self, trusted: &Commit, head: &Commit) -> Result<Vec<String>, Error> {
        let arguments = [
            "diff-tree",
            "-r",
            "-z",
            "--name-only",
            "--no-renames",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=none",
            trusted.id(),
            head.id(),
            "--",
        ];
        Ok(records(&self.ask(&arguments)?).collect())
    }

    fn list(&self, arguments: &[&str]) -> Result<Vec<TreeFile>, Error> {
        let out = self.ask(arguments)?;
        let form = || Error::Form(what(arguments));
        let file = |record: String| {
            let (facts, path) = record.split_once('\t')?;
            let mut facts = facts.split(' ');
            let (mode, kind, id) = (facts.next()?, facts.next()?, facts.next()?);
            let plain = kind == "blob" && matches!(mode, "100644" | "100755" | "100664");
            Some(TreeFile { path: path.to_owned(), plain, id: id.to_owned() })
        };
        records(&out).map(|record| file(record).ok_or_else(form)).collect()
    }

    fn no_commit(&self, name: &str) -> Error {
        Error::NoCommit { name: shown(name), directory: self.directory.clone() }
    }
}

/// The parts of an answer, each ended by a zero byte.
fn records(out: &[u8]) -> impl Iterator<Item = String> {
    out.split(|byte| *byte == 0)
        .filter(|record| !record.is_empty())
        .map(|record| String::from_utf8_lossy(record).into_owned())
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn shown(text: &str) -> String {
    text.chars().take(120).flat_map(char::escape_default).collect()
}
