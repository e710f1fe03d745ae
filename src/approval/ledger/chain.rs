//! The chain itself, whatever stores it: what an entry must look like, what comes next, and whether all of it holds.

use super::entry::before_the_first;
use super::{Body, Broken, Entry, Error, Head, LedgerId, Verified};
use crate::approval::canonical;
use crate::model::{Digest, Instant};
use std::collections::BTreeMap;

/// An entry as it is stored. The text says all; number and hash beside it let the store find it and keep it unique.
#[derive(Debug)]
pub(super) struct Row {
    pub seq: i64,
    pub hash: String,
    pub entry: String,
}

/// An entry that can be added, and what it takes.
pub(super) struct Next {
    pub row: Row,
    pub head: Head,
    pub takes: Vec<Digest>,
}

impl Next {
    fn new(entry: &Entry) -> Result<Next, Error> {
        let bytes = canonical::to_bytes(entry)?;
        let hash = Digest::of(&bytes);
        let text = String::from_utf8(bytes).map_err(|error| canonical::Error::Form(error.to_string()))?;
        let seq = i64::try_from(entry.seq).map_err(|_| canonical::Error::Number(entry.seq.to_string()))?;
        Ok(Next {
            row: Row { seq, hash: hash.to_string(), entry: text },
            head: Head { seq: entry.seq, hash },
            takes: entry.body.takes()?,
        })
    }
}

/// The first entry of a new ledger.
pub(super) fn first(at: Instant, nonce: String) -> Result<Next, Error> {
    Next::new(&Entry { seq: 1, previous: before_the_first(), at, body: Body::Born { nonce } })
}

/// The entry after `last`; the first of a journal follows none. Nothing is built upon an entry that was changed.
pub(super) fn next(last: Option<&Row>, at: Instant, body: Body) -> Result<Next, Error> {
    let (seq, previous) = match last {
        Some(row) => {
            let (entry, hash) = read(row)?;
            (entry.seq.saturating_add(1), hash)
        }
        None => (1, before_the_first()),
    };
    Next::new(&Entry { seq, previous, at, body })
}

/// The entry of a row, and its hash, if the row agrees with itself.
pub(super) fn read(row: &Row) -> Result<(Entry, Digest), Broken> {
    let seq = u64::try_from(row.seq).unwrap_or_default();
    let entry: Entry = canonical::from_slice(row.entry.as_bytes())
        .map_err(|error| Broken::at(seq, format!("it cannot be read: {error}")))?;
    // An instant has several spellings, and other readers must come to the same hash.
    if canonical::to_bytes(&entry).is_ok_and(|bytes| bytes != row.entry.as_bytes()) {
        return Err(Broken::at(seq, "it is not spelled as it would be written"));
    }
    if entry.seq != seq {
        return Err(Broken::at(seq, format!("it says that it is entry {}", entry.seq)));
    }
    let hash = Digest::of(row.entry.as_bytes());
    if row.hash != hash.to_string() {
        return Err(Broken::at(seq, "its hash is not that of its content"));
    }
    Ok((entry, hash))
}

/// The newest entry, which every ledger has.
pub(super) fn there(last: Option<Row>) -> Result<Row, Broken> {
    last.ok_or_else(nothing)
}

fn nothing() -> Broken {
    Broken::at(1, "it is missing: a ledger begins with it")
}

/// The head of the newest entry.
pub(super) fn head(last: Option<Row>) -> Result<Head, Error> {
    let (entry, hash) = read(&there(last)?)?;
    Ok(Head { seq: entry.seq, hash })
}

/// Which ledger begins with this entry.
pub(super) fn born(first: Option<Row>) -> Result<LedgerId, Error> {
    match read(&there(first)?)? {
        (Entry { seq: 1, body: Body::Born { .. }, .. }, hash) => Ok(LedgerId(hash)),
        _ => Err(Broken::at(1, "it does not say that a ledger was born").into()),
    }
}

/// Whether the row is this very entry. Its content decides, not the hash that is noted beside it.
pub(super) fn is(row: &Row, head: &Head) -> bool {
    read(row).is_ok_and(|(entry, hash)| entry.seq == head.seq && hash == head.hash)
}

/// That a key was taken by the entry of this row.
pub(super) fn used(key: Digest, taker: &Row) -> Error {
    match read(taker) {
        Ok((entry, _)) => Error::Used { key, seq: entry.seq, at: entry.at },
        Err(broken) => broken.into(),
    }
}

/// Goes through all entries, and then through all that is taken.
pub(super) struct Check {
    seq: u64,
    hash: Digest,
    /// What the entries took, and where.
    taken: BTreeMap<Digest, u64>,
    wanted: Option<Head>,
    /// The first entry of which something else is noted as used than it says.
    broken: Option<Broken>,
}

impl Check {
    /// Of a chain that must contain this head.
    pub fn new(wanted: Option<&Head>) -> Check {
        Check {
            seq: 0,
            hash: before_the_first(),
            taken: BTreeMap::new(),
            wanted: wanted.copied(),
            broken: None,
        }
    }

    /// The next entry.
    pub fn row(&mut self, row: &Row) -> Result<Entry, Error> {
        let seq = self.seq.saturating_add(1);
        if row.seq != i64::try_from(seq).unwrap_or(i64::MAX) {
            return Err(Broken::at(seq, format!("it is missing: entry {} comes next", row.seq)).into());
        }
        let (entry, hash) = read(row)?;
        if entry.previous != self.hash {
            return Err(Broken::at(seq, "it does not follow the entry before it").into());
        }
        if matches!(entry.body, Body::Born { .. }) != (seq == 1) {
            return Err(Broken::at(seq, "a ledger is born once, with its first entry").into());
        }
        if self.wanted.is_some_and(|head| head.seq == seq && head.hash != hash) {
            return Err(
                Broken::at(seq, format!("it is another entry than the one given: it is {hash}")).into()
            );
        }
        for key in entry.body.takes()? {
            if let Some(first) = self.taken.insert(key, seq) {
                return Err(Broken::at(seq, format!("it uses {key}, which entry {first} used before")).into());
            }
        }
        (self.seq, self.hash) = (seq, hash);
        Ok(entry)
    }

    /// One thing that the store says is taken, in any order.
    pub fn taken(&mut self, key: &str, seq: i64) {
        let number = u64::try_from(seq).unwrap_or_default();
        match key.parse().ok().and_then(|key: Digest| self.taken.remove(&key)) {
            Some(at) if at == number => {}
            Some(at) => self.found(Broken::at(at, format!("what it used is noted for entry {seq}"))),
            None => self.found(Broken::at(number, "more is noted as used by it than it says")),
        }
    }

    /// Keeps the first by number.
    fn found(&mut self, broken: Broken) {
        if self.broken.as_ref().is_none_or(|before| broken.seq < before.seq) {
            self.broken = Some(broken);
        }
    }

    /// After the last of either.
    pub fn finish(mut self) -> Result<Verified, Broken> {
        if self.seq == 0 {
            return Err(nothing());
        }
        if let Some((key, seq)) = self.taken.iter().min_by_key(|(_, seq)| **seq) {
            let broken = Broken::at(*seq, format!("it used {key}, which is not noted as used"));
            self.found(broken);
        }
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        if let Some(head) = self.wanted.filter(|head| head.seq > self.seq) {
            let what = format!(
                "it is missing: the ledger ends with entry {}, so its end was cut off, or it is another ledger",
                self.seq
            );
            return Err(Broken::at(head.seq, what));
        }
        Ok(Verified { entries: self.seq, head: Head { seq: self.seq, hash: self.hash } })
    }
}
