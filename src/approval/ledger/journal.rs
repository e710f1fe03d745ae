//! A local file for a broken glass when no ledger can be reached. The next run that reaches it merges the file.

use super::chain::{self, Row};
use super::sqlite::{make_directory, sync_directory};
use super::{Body, Entry, Error, Head, Ledger};
use crate::model::{Digest, Instant};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

/// Bytes that are read of a journal at most: some hundred thousand entries.
const MOST: u64 = 64 * 1024 * 1024;

/// The file: canonical entries, one on each line, with a chain of their own from entry 1. It is not a ledger: nothing is
/// used up in it, and only a broken glass and the ends of its runs may stand in it.
///
/// While it is open, no other process can open it: it is dropped before terraform runs, and opened again after.
#[derive(Debug)]
pub struct Journal {
    file: File,
    place: String,
    rows: Vec<Row>,
    entries: Vec<Entry>,
}

impl Journal {
    /// Opens the file. With `create`, one that is not there is made, for its owner only.
    ///
    /// What stands there is checked; a last line that was not finished (the machine went down) is dropped by the next
    /// entry that is written.
    ///
    /// # Errors
    /// If it is not there, cannot be read, or is not as it was written.
    pub fn open(path: &Path, create: bool) -> Result<Journal, Error> {
        let place = path.display().to_string();
        let told = |error: std::io::Error| store(&place, &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(create);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let directory =
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if create {
            make_directory(directory).map_err(told)?;
        }
        let mut file = options.open(path).map_err(told)?;
        if create {
            sync_directory(directory).map_err(told)?;
        }
        let refused = |what: &str| Error::Store { place: place.clone(), what: what.to_owned() };
        // Not waited for: who breaks the glass has no time.
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                refused("another run is writing to it; try again, or name another file")
            }
            TryLockError::Error(error) => told(error),
        })?;
        let mut bytes = Vec::new();
        (&mut file).take(MOST + 1).read_to_end(&mut bytes).map_err(told)?;
        if bytes.len() as u64 > MOST {
            return Err(refused("it is larger than any journal is"));
        }
        let mut journal = Journal { file, place, rows: Vec::new(), entries: Vec::new() };
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(line) = line.strip_suffix(b"\n") {
                journal.read(line)?;
            }
        }
        Ok(journal)
    }

    /// The last entry, to be printed: who kept it sees whether the end of the file was cut off since.
    pub fn head(&self) -> Option<Head> {
        let entry = self.entries.last()?;
        Head::of(entry).ok()
    }

    /// The entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds an entry; when it returns, it is on disk.
    ///
    /// # Errors
    /// If it is neither a broken glass nor the end of a run, or the file cannot be written.
    pub fn append(&mut self, at: Instant, body: Body) -> Result<Head, Error> {
        if !belongs(&body) {
            return Err(Error::Journal);
        }
        let next = chain::next(self.rows.last(), at, body)?;
        let line = format!("{}\n", next.row.entry);
        let told = |error: std::io::Error| store(&self.place, &error);
        // What was not finished is cut off, so that the line begins where one begins.
        let length = self.rows.iter().map(|row| row.entry.len() as u64 + 1).sum();
        self.file.set_len(length).map_err(told)?;
        std::io::Seek::seek(&mut self.file, std::io::SeekFrom::Start(length)).map_err(told)?;
        self.file.write_all(line.as_bytes()).map_err(told)?;
        self.file.sync_all().map_err(told)?;
        self.entries.push(chain::read(&next.row)?.0);
        self.rows.push(next.row);
        Ok(next.head)
    }

    fn read(&mut self, line: &[u8]) -> Result<(), Error> {
        let seq = self.rows.len() as u64 + 1;
        let place = self.place.clone();
        let broken = |what: String| Error::Altered { place: place.clone(), seq, what };
        let text = std::str::from_utf8(line).map_err(|error| broken(error.to_string()))?;
        let number = i64::try_from(seq).unwrap_or(i64::MAX);
        let row = Row { seq: number, hash: Digest::of(line).to_string(), entry: text.to_owned() };
        let (entry, _) = chain::read(&row).map_err(|found| broken(found.what))?;
        let follows = chain::next(self.rows.last(), entry.at, entry.body.clone())?;
        if follows.row.entry != row.entry {
            return Err(broken("it does not follow the entry before it".to_owned()));
        }
        if !belongs(&entry.body) {
            return Err(broken("it is neither a broken glass nor the end of a run".to_owned()));
        }
        self.rows.push(row);
        self.entries.push(entry);
        Ok(())
    }
}

impl Drop for Journal {
    /// A child that is just being started has the file open a moment longer than we do, and would keep it locked.
    fn drop(&mut self) {
        // Where that fails, closing the file does it.
        let _ = self.file.unlock();
    }
}

fn belongs(body: &Body) -> bool {
    matches!(body, Body::BrokeGlass { .. } | Body::Ended { .. })
}

fn store(place: &str, error: &std::io::Error) -> Error {
    Error::Store { place: place.to_owned(), what: crate::model::told(error) }
}

/// What a merge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merged {
    /// Entries that were added to the ledger.
    pub added: usize,
    /// Entries that were there before.
    pub known: usize,
}

/// Adds what stands in the journal to the ledger, each entry once, at its own time. A second merge, by whichever runner,
/// adds nothing; one that was interrupted is finished by the next. The file is left as it is.
///
/// # Errors
/// If the ledger cannot be added to.
pub fn merge(journal: &Journal, ledger: &mut dyn Ledger) -> Result<Merged, Error> {
    let mut merged = Merged::default();
    for entry in &journal.entries {
        match ledger.append(entry.at, entry.body.clone()) {
            Ok(_) => merged.added += 1,
            Err(Error::Used { .. }) => merged.known += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(merged)
}
