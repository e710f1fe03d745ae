//! A ledger in a SQLite file: for one machine, or for runners that share one disk whose locks work (not NFS).

use super::chain::{self, Check, Row};
use super::{Body, Each, Error, Head, Ledger, LedgerId, Verified};
use crate::model::{Digest, Instant};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// `mnst`, in the header of each such file: it is a ledger and no other program's database.
const APPLICATION: i32 = 0x6d6e_7374;

/// One step for each form of the store. Those that are out in the world are never changed.
pub(super) const FORMS: &[&str] = &["
    CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        entry TEXT NOT NULL
    ) STRICT;
    CREATE TABLE used (
        key TEXT PRIMARY KEY,
        seq INTEGER NOT NULL REFERENCES entries (seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
        BEGIN SELECT RAISE(ABORT, 'an entry must follow the last one'); END;
    CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'a ledger is only added to'); END;
    CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'a ledger is only added to'); END;
    CREATE TRIGGER used_once BEFORE INSERT ON used
        WHEN EXISTS (SELECT 1 FROM used WHERE key = NEW.key)
        BEGIN SELECT RAISE(ABORT, 'it was used already'); END;
    CREATE TRIGGER used_stay BEFORE UPDATE ON used
        BEGIN SELECT RAISE(ABORT, 'a ledger is only added to'); END;
    CREATE TRIGGER used_remain BEFORE DELETE ON used
        BEGIN SELECT RAISE(ABORT, 'a ledger is only added to'); END;
"];

/// How long one runner waits for another.
const PATIENCE: Duration = Duration::from_secs(30);

/// The file, open.
pub(super) struct Sqlite {
    connection: Connection,
    id: LedgerId,
    place: String,
}

impl Sqlite {
    /// Opens the file, or with `create` makes it where there is none.
    pub fn open(path: &Path, now: Instant, create: bool) -> Result<Sqlite, Error> {
        Sqlite::open_in_form(path, now, create, FORMS)
    }

    /// As [`Sqlite::open`], for a mainstay that knows these forms.
    pub(super) fn open_in_form(
        path: &Path,
        now: Instant,
        create: bool,
        forms: &[&str],
    ) -> Result<Sqlite, Error> {
        let place = format!("sqlite:{}", path.display());
        let there = path.try_exists().map_err(|error| store(&place, &error))?;
        if !there && !create {
            return Err(Error::Missing(place));
        }
        if !there {
            make(path, now, &place, forms)?;
        }
        known(path, &place, forms)?;
        let mut connection = connect(path, &place)?;
        bring_up(&mut connection, &place, forms)?;
        let told = |error: rusqlite::Error| store(&place, &error);
        let born: Option<Row> =
            connection.query_row(&select("WHERE seq = 1"), [], row).optional().map_err(told)?;
        let id = chain::born(born)?;
        Ok(Sqlite { connection, id, place })
    }
}

impl Ledger for Sqlite {
    fn id(&self) -> LedgerId {
        self.id
    }

    fn head(&mut self) -> Result<Head, Error> {
        let told = |error: rusqlite::Error| store(&self.place, &error);
        let last = self.connection.query_row(&select(LAST), [], row).optional().map_err(told)?;
        chain::head(last)
    }

    fn append(&mut self, at: Instant, body: Body) -> Result<Head, Error> {
        let told = |error: rusqlite::Error| store(&self.place, &error);
        // Immediate: who reads the last entry to follow it already holds the right to write.
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior).map_err(told)?;
        let last = transaction.query_row(&select(LAST), [], row).optional().map_err(told)?;
        let next = chain::next(Some(&chain::there(last)?), at, body)?;
        for key in &next.takes {
            let taker =
                transaction.query_row(&select(TAKER), [key.to_string()], row).optional().map_err(told)?;
            if let Some(taker) = taker {
                return Err(chain::used(*key, &taker));
            }
        }
        write(&transaction, &next.row, &next.takes).map_err(told)?;
        transaction.commit().map_err(told)?;
        Ok(next.head)
    }

    fn entries(&mut self, from: u64, each: Each<'_>) -> Result<(), Error> {
        let told = |error: rusqlite::Error| store(&self.place, &error);
        let mut statement = self.connection.prepare(&select("WHERE seq >= ?1 ORDER BY seq")).map_err(told)?;
        let mut rows = statement.query([i64::try_from(from).unwrap_or(i64::MAX)]).map_err(told)?;
        while let Some(found) = rows.next().map_err(told)? {
            each(chain::read(&row(found).map_err(told)?)?.0)?;
        }
        Ok(())
    }

    fn has(&mut self, head: &Head) -> Result<bool, Error> {
        let Ok(seq) = i64::try_from(head.seq) else { return Ok(false) };
        let told = |error: rusqlite::Error| store(&self.place, &error);
        let found =
            self.connection.query_row(&select("WHERE seq = ?1"), [seq], row).optional().map_err(told)?;
        Ok(found.is_some_and(|row| chain::is(&row, head)))
    }

    fn verify(&mut self, head: Option<&Head>) -> Result<Verified, Error> {
        let told = |error: rusqlite::Error| store(&self.place, &error);
        let mut check = Check::new(head);
        // One transaction, so that entries and what they took are of one moment.
        let transaction = self.connection.transaction().map_err(told)?;
        let mut statement = transaction.prepare(&select("ORDER BY seq")).map_err(told)?;
        let mut rows = statement.query([]).map_err(told)?;
        while let Some(found) = rows.next().map_err(told)? {
            check.row(&row(found).map_err(told)?)?;
        }
        let mut statement = transaction.prepare("SELECT key, seq FROM used").map_err(told)?;
        let mut rows = statement.query([]).map_err(told)?;
        while let Some(found) = rows.next().map_err(told)? {
            let seq = found.get(1).map_err(told)?;
            check.taken(&text(found, 0).map_err(told)?, seq);
        }
        Ok(check.finish()?)
    }
}

const LAST: &str = "ORDER BY seq DESC LIMIT 1";
const TAKER: &str = "WHERE seq = (SELECT seq FROM used WHERE key = ?1)";

fn select(rest: &str) -> String {
    format!("SELECT seq, hash, entry FROM entries {rest}")
}

fn row(found: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row { seq: found.get(0)?, hash: text(found, 1)?, entry: text(found, 2)? })
}

/// Text that is no UTF-8 was not written here: with a mark in its place it has another hash, and is found broken.
fn text(found: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(String::from_utf8_lossy(found.get_ref(column)?.as_bytes()?).into_owned())
}

fn write(connection: &Connection, row: &Row, takes: &[Digest]) -> rusqlite::Result<()> {
    let insert = "INSERT INTO entries (seq, hash, entry) VALUES (?1, ?2, ?3)";
    connection.execute(insert, (row.seq, &row.hash, &row.entry))?;
    for key in takes {
        connection.execute("INSERT INTO used (key, seq) VALUES (?1, ?2)", (key.to_string(), row.seq))?;
    }
    Ok(())
}

fn store(place: &str, error: &dyn std::error::Error) -> Error {
    Error::Store { place: place.to_owned(), what: error.to_string() }
}

fn connect(path: &Path, place: &str) -> Result<Connection, Error> {
    // Without the flag that reads a path as a URI: `file:x?mode=ro` is a file of that name.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let prepare = |connection: &Connection| {
        connection.busy_timeout(PATIENCE)?;
        // EXTRA is FULL, and the end of a transaction outlives a loss of power too: a used approval must stay used.
        connection.execute_batch(
            "PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
             PRAGMA cell_size_check = ON;",
        )
    };
    let connection = Connection::open_with_flags(path, flags).map_err(|error| store(place, &error))?;
    prepare(&connection).map_err(|error| store(place, &error))?;
    Ok(connection)
}

/// Refuses what is no ledger by the header alone, so that it is not touched, not even its locks.
fn known(path: &Path, place: &str, forms: &[&str]) -> Result<(), Error> {
    let foreign = |what: &str| Error::Foreign { place: place.to_owned(), what: what.to_owned() };
    let mut header = Vec::with_capacity(100);
    let file = std::fs::File::open(path).map_err(|error| store(place, &error))?;
    file.take(100).read_to_end(&mut header).map_err(|error| store(place, &error))?;
    let number = |at: usize| {
        let bytes = header.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map(|bytes| i32::from_be_bytes(*bytes))
    };
    // The form is at 60, the application at 68: https://sqlite.org/fileformat2.html
    match (number(60), number(68)) {
        _ if header.is_empty() => Err(foreign("the file is empty")),
        _ if !header.starts_with(b"SQLite format 3\0") => Err(foreign("it is no SQLite file")),
        (Some(form), Some(APPLICATION)) => {
            let (found, known) = (i64::from(form), newest(forms));
            if found > known {
                return Err(Error::Newer { place: place.to_owned(), found, known });
            }
            Ok(())
        }
        _ => Err(foreign("it is the SQLite file of another program")),
    }
}

fn newest(forms: &[&str]) -> i64 {
    i64::try_from(forms.len()).unwrap_or(i64::MAX)
}

/// Makes the whole ledger beside its place and then puts it there, so that nobody ever sees half of one.
fn make(path: &Path, now: Instant, place: &str, forms: &[&str]) -> Result<(), Error> {
    let told = |error: std::io::Error| store(place, &error);
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_directory(directory).map_err(told)?;
    // Only its owner may read and write it.
    let file = tempfile::Builder::new().prefix(".ledger-").tempfile_in(directory).map_err(told)?;
    {
        let mut connection = connect(file.path(), place)?;
        let told = |error: rusqlite::Error| store(place, &error);
        let transaction = connection.transaction().map_err(told)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(told)?;
        step(&transaction, 0, forms).map_err(told)?;
        let nonce = transaction.query_row("SELECT lower(hex(randomblob(32)))", [], |row| row.get(0));
        let born = chain::first(now, nonce.map_err(told)?)?;
        write(&transaction, &born.row, &born.takes).map_err(told)?;
        transaction.commit().map_err(told)?;
    }
    match file.persist_noclobber(path) {
        Ok(file) => {
            file.sync_all().map_err(told)?;
            sync_directory(directory).map_err(told)
        }
        // Another runner was faster: its ledger it is.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(told(error.error)),
    }
}

#[cfg(unix)]
pub(super) fn make_directory(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
pub(super) fn make_directory(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)
}

/// A new name is on disk when its directory is.
#[cfg(unix)]
pub(super) fn sync_directory(directory: &Path) -> std::io::Result<()> {
    std::fs::File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn form(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The steps after form `from`.
fn step(connection: &Connection, from: i64, forms: &[&str]) -> rusqlite::Result<()> {
    for sql in forms.iter().skip(usize::try_from(from).unwrap_or_default()) {
        connection.execute_batch(sql)?;
    }
    connection.pragma_update(None, "user_version", newest(forms))
}

fn bring_up(connection: &mut Connection, place: &str, forms: &[&str]) -> Result<(), Error> {
    let told = |error: rusqlite::Error| store(place, &error);
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('entries', 'used')";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(told)?;
    if tables != 2 {
        let what = "it calls itself one, and has not its tables".to_owned();
        return Err(Error::Foreign { place: place.to_owned(), what });
    }
    if form(connection).map_err(told)? == newest(forms) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
    // Another runner may have been faster, or newer.
    let found = form(&transaction).map_err(told)?;
    let known = newest(forms);
    if found > known {
        return Err(Error::Newer { place: place.to_owned(), found, known });
    }
    step(&transaction, found, forms).map_err(told)?;
    transaction.commit().map_err(told)
}
