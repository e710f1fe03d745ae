//! What can go wrong with a ledger. No text names a password: a place is a path, or host, port and database.

use super::{LedgerId, NotAHead};
use crate::approval::canonical;
use crate::model::{Digest, Instant, minute};
use std::io;

/// Why a ledger could not be opened, read or added to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none that is known.
    #[error("`[ledger] url`: {0}")]
    Address(String),
    /// Nothing is there.
    #[error("{0}: there is no ledger; the first `mainstay request` with this address makes it")]
    Missing(String),
    /// Something else is there, and was left as it is.
    #[error(
        "{place}: this is no ledger ({what}); it was left as it is. Give another address in `[ledger] url`"
    )]
    Foreign {
        /// Where.
        place: String,
        /// What shows it.
        what: String,
    },
    /// It was made by a newer mainstay.
    #[error(
        "{place}: the ledger has form {found}, and this mainstay knows {known} and older: use a newer mainstay"
    )]
    Newer {
        /// Where.
        place: String,
        /// Its form.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// It is of an older form, and this role may not change it.
    #[error(
        "{place}: the ledger has form {found} and needs {known}; let its owner run any `mainstay ledger` command once, \
         which brings it up to date (it said: {said})"
    )]
    Older {
        /// Where.
        place: String,
        /// Its form.
        found: i64,
        /// The form that is needed.
        known: i64,
        /// What the server said.
        said: String,
    },
    /// Another entry took this already.
    #[error(
        "{key} was used already, by entry {seq} of the ledger on {}: every request and every approval counts once; \
         ask again with `mainstay request`",
        minute(*at)
    )]
    Used {
        /// The digest of the request or approval.
        key: Digest,
        /// The entry that took it.
        seq: u64,
        /// When (UTC).
        at: Instant,
    },
    /// One entry names the same request or approval twice.
    #[error("{0} is named twice in one entry; an approval counts once")]
    Twice(Digest),
    /// An entry is not as it was written.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// After the connection was lost, another ledger was found at the same address.
    #[error(
        "{place}: the connection was lost, and now another ledger is there ({found}, before it was {before})"
    )]
    Another {
        /// Where.
        place: String,
        /// The one that was opened.
        before: LedgerId,
        /// The one that is there now.
        found: LedgerId,
    },
    /// The connection was lost while an entry was made final.
    #[error(
        "{place}: the connection was lost while entry {seq} was written: look with `mainstay ledger list` whether it is \
         there, and take the approvals as used until then ({what})"
    )]
    Unsure {
        /// Where.
        place: String,
        /// Number of the entry.
        seq: u64,
        /// What the client said.
        what: String,
    },
    /// The store failed.
    #[error("{place}: {what}")]
    Store {
        /// Where.
        place: String,
        /// What it said.
        what: String,
    },
    /// A line of a journal is not as it was written.
    #[error("{place}:{seq}: the journal was changed: {what}; keep it as it is and look at what happened")]
    Altered {
        /// The file.
        place: String,
        /// Number of the line, from 1.
        seq: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Only a broken glass and its end are written to a journal.
    #[error("a journal holds broken glass and how its run ended, nothing else: this belongs into the ledger")]
    Journal,
    /// What was to be written has no canonical form.
    #[error(transparent)]
    Form(#[from] canonical::Error),
    /// A text is no head.
    #[error(transparent)]
    Head(#[from] NotAHead),
    /// What was read from the ledger could not be written elsewhere.
    #[error("the entries could not be written: {0}")]
    Output(#[source] io::Error),
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the ledger is broken at entry {seq}: {what}. Something other than mainstay changed it: keep the file or database \
     as it is, compare it with a backup or an export, and let nothing through that rests on it"
)]
pub struct Broken {
    /// Number of the entry.
    pub seq: u64,
    /// What is wrong with it.
    pub what: String,
}

impl Broken {
    /// At this entry.
    pub(super) fn at(seq: u64, what: impl Into<String>) -> Broken {
        Broken { seq, what: what.into() }
    }
}
