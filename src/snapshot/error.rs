//! Why a snapshot cannot be read, and what to do about it.

use crate::model::told;
use std::path::PathBuf;

/// A snapshot that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refuses.
    #[error("snapshot `{}` cannot be read: {}", path.display(), told(source))]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is larger than anything that is read here.
    #[error("{}: larger than {limit} bytes; split the export, for example by subscription or kind", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        limit: u64,
    },
    /// Directories stand too deep in each other.
    #[error("{}: directories are nested too deeply; name the directory with the snapshots", path.display())]
    TooDeep {
        /// The directory.
        path: PathBuf,
    },
    /// It is not one JSON document.
    #[error(
        "{path}: not a JSON document: {what}; write the tool's JSON output (-o json) to the file and nothing else"
    )]
    NotJson {
        /// As given.
        path: String,
        /// What and where.
        what: String,
    },
    /// It is JSON of nothing that is known here.
    #[error(
        "{path}: not recognised; what can be read is the output of the commands that `mainstay snapshot commands` prints ({}), of Azure Resource Graph, and of `terraform state pull`",
        super::recognised::programs()
    )]
    Unrecognised {
        /// As given.
        path: String,
    },
    /// A row has another form than the rest promises.
    #[error("{path}: {pointer}: {what}; export it again")]
    Row {
        /// As given.
        path: String,
        /// JSON pointer.
        pointer: String,
        /// What is wrong.
        what: &'static str,
    },
    /// An inventory is no table, or has no column for the key.
    #[error(
        "{path}: {place}{what}; an inventory is CSV with a header, or JSON with a list of objects, and one column or key is named `{key}`"
    )]
    Inventory {
        /// As given.
        path: String,
        /// `row 3: `, counted as a spreadsheet does, with the header as the first; empty: the whole.
        place: String,
        /// What is wrong.
        what: String,
        /// The key of the population.
        key: String,
    },
    /// The output does not say what it is of, and no sidecar does.
    #[error(
        "{path}: nothing says which {key} this is of; add {path}.meta.json with {{\"of\": {{\"{key}\": \"{example}\"}}}}"
    )]
    NeedsOf {
        /// As given.
        path: String,
        /// The key.
        key: &'static str,
        /// What its value looks like.
        example: &'static str,
    },
    /// The sidecar is not of the form that it must have.
    #[error(
        "{path}: {what}; a sidecar is {{\"taken_at\": \"2023-09-22T10:00:00Z\", \"command\": \"…\", \"of\": {{…}}}}"
    )]
    Sidecar {
        /// The sidecar, as given.
        path: String,
        /// What and where.
        what: String,
    },
}

impl Error {
    /// A row of another form.
    pub(super) fn row(path: &str, pointer: impl Into<String>, what: &'static str) -> Error {
        Error::Row { path: path.to_owned(), pointer: pointer.into(), what }
    }

    /// A key of `of` that nobody gave.
    pub(super) fn needs(path: &str, key: &'static str, example: &'static str) -> Error {
        Error::NeedsOf { path: path.to_owned(), key, example }
    }
}
