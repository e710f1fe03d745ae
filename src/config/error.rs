//! What is wrong with a configuration, all of it at once.

use std::cell::RefCell;
use std::fmt;

/// One problem, at its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    path: String,
    problems: Vec<Problem>,
}

impl Error {
    /// The problems, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// One message for each problem, with file, line and column.
    pub fn messages(&self) -> impl Iterator<Item = String> {
        self.problems
            .iter()
            .map(|problem| format!("{}:{}:{}: {}", self.path, problem.line, problem.column, problem.message))
    }
}

impl fmt::Display for Error {
    /// One line per problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, message) in self.messages().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&message)?;
        }
        Ok(())
    }
}

/// Gathers problems while a file is read, so that one run shows them all.
#[derive(Debug)]
pub(super) struct Problems<'t> {
    text: &'t str,
    path: &'t str,
    found: RefCell<Vec<Problem>>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(text: &'t str, path: &'t str) -> Problems<'t> {
        Problems { text, path, found: RefCell::new(Vec::new()) }
    }

    /// Notes a problem at this byte of the file.
    pub(super) fn add(&self, offset: usize, message: impl Into<String>) {
        let (line, column) = self.place(offset);
        self.found.borrow_mut().push(Problem { line, column, message: message.into() });
    }

    /// Line and column of a byte, from 1.
    pub(super) fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }

    /// The value, if nothing was wrong.
    pub(super) fn conclude<T>(self, value: T) -> Result<T, Error> {
        let mut problems = self.found.into_inner();
        if problems.is_empty() {
            return Ok(value);
        }
        problems.sort();
        problems.dedup();
        Err(Error { path: self.path.to_owned(), problems })
    }
}
