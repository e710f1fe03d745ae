//! What was asked, signed and used: a list of entries that is only ever added to, each naming the hash of the one before.
//!
//! A ledger does two things. It lets a request and its approvals be used *once*, whichever runner comes first, and it
//! keeps what happened so that nobody can change it unseen: whoever kept a [`Head`] can find any later change of what
//! came before it. It is a SQLite file, or a PostgreSQL database for many runners ([`open`]).
//!
//! Without a kept head a chain proves little: its end can be cut off, and who may write all of it can write it anew.
//! Heads are therefore printed in every approval and report, and a request holds one ([`Ledger::has`]).

mod address;
mod chain;
mod entry;
mod error;
mod export;
mod head;
mod journal;
mod postgres;
mod query;
mod scram;
mod sqlite;
mod wire;

pub use super::token::Decision;
pub use entry::{Body, Entry, Outcome};
pub use error::{Broken, Error};
pub use export::export;
pub use head::{Head, LedgerId, NotAHead};
pub use journal::{Journal, Merged, merge};
pub use postgres::append_role_sql;
pub use query::{Debt, Run, debts, unended, vetoes};

use crate::model::Instant;
use address::Address;
use std::path::Path;

/// What is done with each entry that is read.
pub type Each<'a> = &'a mut dyn FnMut(Entry) -> Result<(), Error>;

/// A ledger that is open.
pub trait Ledger: Send {
    /// Which ledger it is.
    fn id(&self) -> LedgerId;

    /// The newest entry.
    ///
    /// # Errors
    /// If the store fails, or the newest entry was changed.
    fn head(&mut self) -> Result<Head, Error>;

    /// Adds an entry, and takes what it takes ([`Body::takes`]) in the same transaction: of all who use one approval,
    /// on whatever runners, one succeeds. When it returns, the entry is on disk.
    ///
    /// `at` is when it happened, in UTC; entries are in the order in which they were added, whatever `at` says.
    ///
    /// # Errors
    /// [`Error::Used`] if another entry took one of these; nothing is added then. [`Error::Unsure`] if the connection
    /// was lost while the entry was made final: it may be there or not, and must count as used.
    fn append(&mut self, at: Instant, body: Body) -> Result<Head, Error>;

    /// Hands on the entries from this number, oldest first, one at a time.
    ///
    /// Each is read strictly and must have its own hash; that the chain holds is what [`Ledger::verify`] says.
    ///
    /// # Errors
    /// If the store fails, an entry was changed, or `each` fails.
    fn entries(&mut self, from: u64, each: Each<'_>) -> Result<(), Error>;

    /// Whether exactly this entry is in this ledger. A ledger that is another one, or younger than the head, or was cut
    /// off before it, does not have it.
    ///
    /// # Errors
    /// If the store fails.
    fn has(&mut self, head: &Head) -> Result<bool, Error>;

    /// Reads it all from the first entry and computes the chain anew, and what is taken from the entries that take it.
    /// With a head, that entry must be there.
    ///
    /// # Errors
    /// [`Error::Broken`] with the first entry that is not as it was written.
    fn verify(&mut self, head: Option<&Head>) -> Result<Verified, Error>;
}

/// A ledger whose chain holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// The newest, to be kept by those who want to find later changes.
    pub head: Head,
}

/// Opens the ledger at `sqlite:PATH`, or at `postgres://…` or `postgresql://…`; relative paths are taken from
/// `directory`. With `create`, a ledger that is not there is made; its first entry is dated `now`.
///
/// An older form of the store is brought up to date, if the role may do so.
///
/// # Errors
/// If the address is no such one, nothing is there and `create` is not set, or what is there is no ledger, or a newer
/// form of one; it is left as it is then. No error names a password.
pub fn open(url: &str, directory: &Path, now: Instant, create: bool) -> Result<Box<dyn Ledger>, Error> {
    Ok(match Address::read(url, directory)? {
        Address::Sqlite(path) => Box::new(sqlite::Sqlite::open(&path, now, create)?),
        Address::Postgres(server) => Box::new(postgres::Postgres::open(*server, now, create)?),
    })
}

#[cfg(test)]
mod tests;
