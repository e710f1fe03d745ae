//! A ledger in a PostgreSQL database, for many runners. The everyday role may insert and select, nothing else
//! ([`append_role_sql`]); the owner is needed once, to make it, and again for a new form.

use super::address::Server;
use super::chain::{self, Check, Row};
use super::wire::{Columns, Failure, Wire};
use super::{Body, Each, Error, Head, Ledger, LedgerId, Verified};
use crate::model::{Digest, Instant};

/// One step for each form of the store. Those that are out in the world are never changed.
pub(super) const FORMS: &[&str] = &["
    CREATE TABLE mainstay.entries (
        seq bigint PRIMARY KEY,
        hash text NOT NULL UNIQUE,
        entry text NOT NULL
    );
    CREATE TABLE mainstay.used (
        key text PRIMARY KEY,
        seq bigint NOT NULL REFERENCES mainstay.entries (seq)
    );
    CREATE FUNCTION mainstay.stay() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN RAISE EXCEPTION 'a ledger is only added to'; END $$;
    CREATE FUNCTION mainstay.follow() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
        BEGIN
            IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM mainstay.entries) THEN
                RAISE EXCEPTION 'an entry must follow the last one';
            END IF;
            RETURN NEW;
        END $$;
    CREATE TRIGGER follow BEFORE INSERT ON mainstay.entries
        FOR EACH ROW EXECUTE FUNCTION mainstay.follow();
    CREATE TRIGGER stay BEFORE UPDATE OR DELETE OR TRUNCATE ON mainstay.entries
        FOR EACH STATEMENT EXECUTE FUNCTION mainstay.stay();
    CREATE TRIGGER stay BEFORE UPDATE OR DELETE OR TRUNCATE ON mainstay.used
        FOR EACH STATEMENT EXECUTE FUNCTION mainstay.stay();
"];

/// What each session sets, whatever the server's or the role's defaults are. A commit waits for the disk, a lock at most
/// 30 seconds; names are looked up in no schema that others may write.
const SESSION: &str = "
    SET synchronous_commit = on;
    SET lock_timeout = '30s';
    SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '60s';
    SET search_path = pg_catalog;
    SET client_min_messages = warning;
";

/// The lock that all who append take, held until the end of the transaction. A lock on a table needs more rights than an
/// append-only role has. The number is `mainstay` in ASCII.
const LOCK: i64 = 0x6d61_696e_7374_6179;

/// Entries fetched at once.
const PAGE: &str = "500";

/// The SQL that an administrator runs, once the ledger is there, to make the everyday role of the runners:
/// `mainstay_append` may insert and select, and can change or delete nothing. A password or other way to log in is for
/// the administrator to add; further roles are made members of it.
pub fn append_role_sql() -> &'static str {
    "CREATE ROLE mainstay_append LOGIN;\n\
     GRANT USAGE ON SCHEMA mainstay TO mainstay_append;\n\
     GRANT SELECT ON mainstay.version TO mainstay_append;\n\
     GRANT SELECT, INSERT ON mainstay.entries, mainstay.used TO mainstay_append;\n"
}

/// The database, connected.
pub(super) struct Postgres {
    wire: Wire,
    server: Server,
    id: LedgerId,
}

impl Postgres {
    /// Connects, and with `create` makes the ledger where there is none.
    pub fn open(server: Server, now: Instant, create: bool) -> Result<Postgres, Error> {
        Postgres::open_in_form(server, now, create, FORMS)
    }

    /// As [`Postgres::open`], for a mainstay that knows these forms.
    pub(super) fn open_in_form(
        server: Server,
        now: Instant,
        create: bool,
        forms: &[&str],
    ) -> Result<Postgres, Error> {
        let mut wire = connect(&server)?;
        let place = &server.place;
        let known = newest(forms);
        match form(&mut wire, place)? {
            None if !create => return Err(Error::Missing(place.clone())),
            Some(found) if found == known => {}
            _ => bring_up(&mut wire, place, now, forms)?,
        }
        let id = born(&mut wire, place)?;
        Ok(Postgres { wire, server, id })
    }

    /// The connection and the name of its place. An apply may take hours between two entries, and connections do not live
    /// that long.
    fn connected(&mut self) -> Result<(&mut Wire, &str), Error> {
        let place = &self.server.place;
        if !self.wire.is_alive() {
            let mut wire = connect(&self.server)?;
            let found = born(&mut wire, place)?;
            if found != self.id {
                return Err(Error::Another { place: place.clone(), before: self.id, found });
            }
            self.wire = wire;
        }
        Ok((&mut self.wire, place))
    }
}

impl Ledger for Postgres {
    fn id(&self) -> LedgerId {
        self.id
    }

    fn head(&mut self) -> Result<Head, Error> {
        let (wire, place) = self.connected()?;
        chain::head(one(wire, LAST, &[], place)?)
    }

    fn append(&mut self, at: Instant, body: Body) -> Result<Head, Error> {
        let (wire, place) = self.connected()?;
        let next = within(wire, APPENDING, place, |wire| {
            lock(wire, place)?;
            let last = one(wire, LAST, &[], place)?;
            let next = chain::next(Some(&chain::there(last)?), at, body)?;
            for key in &next.takes {
                if let Some(taker) = one(wire, TAKER, &[&key.to_string()], place)? {
                    return Err(chain::used(*key, &taker));
                }
            }
            write(wire, &next.row, &next.takes).map_err(|failure| store(place, failure))?;
            Ok(next)
        })?;
        commit(wire, place, next.head.seq)?;
        Ok(next.head)
    }

    fn entries(&mut self, from: u64, each: Each<'_>) -> Result<(), Error> {
        let (wire, place) = self.connected()?;
        // In pages and without a transaction, since `each` may take long. Nothing that was read can change.
        pages(wire, i64::try_from(from).unwrap_or(i64::MAX), place, &mut |row| each(chain::read(row)?.0))
    }

    fn has(&mut self, head: &Head) -> Result<bool, Error> {
        let (wire, place) = self.connected()?;
        // A number that no row can have is found nowhere.
        let seq = i64::try_from(head.seq).unwrap_or_default().to_string();
        let found = one(wire, "WHERE seq = $1", &[&seq], place)?;
        Ok(found.is_some_and(|row| chain::is(&row, head)))
    }

    fn verify(&mut self, head: Option<&Head>) -> Result<Verified, Error> {
        let (wire, place) = self.connected()?;
        let mut check = Check::new(head);
        within(wire, READING, place, |wire| {
            pages(wire, i64::MIN, place, &mut |row| check.row(row).map(drop))?;
            // In the order of the index, whatever that is.
            let mut found = wire.query("SELECT key, seq FROM mainstay.used ORDER BY key LIMIT $1", &[PAGE]);
            loop {
                let page = found.map_err(|failure| store(place, failure))?;
                let mut last = None;
                for columns in page {
                    let mut columns = columns.into_iter();
                    let key = columns.next().flatten().ok_or_else(|| odd(place))?;
                    check.taken(&key, number(columns.next()).ok_or_else(|| odd(place))?);
                    last = Some(key);
                }
                let Some(last) = last else { return Ok(()) };
                let query = "SELECT key, seq FROM mainstay.used WHERE key > $1 ORDER BY key LIMIT $2";
                found = wire.query(query, &[&last, PAGE]);
            }
        })?;
        wire.batch("COMMIT").map_err(|failure| store(place, failure))?;
        Ok(check.finish()?)
    }
}

const LAST: &str = "ORDER BY seq DESC LIMIT 1";
const TAKER: &str = "WHERE seq = (SELECT seq FROM mainstay.used WHERE key = $1)";

/// Each statement must see what was committed before it. A snapshot of the whole transaction, which a server may have as
/// its default, would be taken before the wait for the lock, and miss what others wrote meanwhile.
const APPENDING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE";

/// Entries and what they took, as they are at one moment.
const READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

fn connect(server: &Server) -> Result<Wire, Error> {
    let told = |failure| store(&server.place, failure);
    let mut wire = Wire::connect(server).map_err(told)?;
    wire.batch(SESSION).map_err(told)?;
    Ok(wire)
}

/// Does this in a transaction that is still open when it returns; when it fails, nothing of it was done.
fn within<T>(
    wire: &mut Wire,
    begin: &str,
    place: &str,
    act: impl FnOnce(&mut Wire) -> Result<T, Error>,
) -> Result<T, Error> {
    wire.batch(begin).map_err(|failure| store(place, failure))?;
    let done = act(wire);
    if done.is_err() {
        // If this fails, the connection is lost, and the transaction with it.
        let _ = wire.batch("ROLLBACK");
    }
    done
}

/// Makes entry `seq` final.
fn commit(wire: &mut Wire, place: &str, seq: u64) -> Result<(), Error> {
    wire.batch("COMMIT").map_err(|failure| match failure {
        Failure::Lost(what) => Error::Unsure { place: place.to_owned(), seq, what },
        refused @ Failure::Refused { .. } => store(place, refused),
    })
}

/// The entry that this clause finds, if there is one.
fn one(wire: &mut Wire, rest: &str, values: &[&str], place: &str) -> Result<Option<Row>, Error> {
    let query = format!("SELECT seq, hash, entry FROM mainstay.entries {rest}");
    let found = wire.query(&query, values).map_err(|failure| store(place, failure))?;
    found.into_iter().next().map(|columns| row(columns).ok_or_else(|| odd(place))).transpose()
}

/// Hands on all entries from this number, in order.
fn pages(
    wire: &mut Wire,
    from: i64,
    place: &str,
    each: &mut dyn FnMut(&Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let query = "SELECT seq, hash, entry FROM mainstay.entries WHERE seq >= $1 ORDER BY seq LIMIT $2";
    let mut from = from;
    loop {
        let found = wire.query(query, &[&from.to_string(), PAGE]).map_err(|failure| store(place, failure))?;
        if found.is_empty() {
            return Ok(());
        }
        for columns in found {
            let row = row(columns).ok_or_else(|| odd(place))?;
            each(&row)?;
            let Some(next) = row.seq.checked_add(1) else { return Ok(()) };
            from = next;
        }
    }
}

fn row(columns: Columns) -> Option<Row> {
    let mut columns = columns.into_iter();
    Some(Row { seq: number(columns.next())?, hash: columns.next()??, entry: columns.next()?? })
}

fn number(column: Option<Option<String>>) -> Option<i64> {
    column??.parse().ok()
}

fn odd(place: &str) -> Error {
    Error::Store {
        place: place.to_owned(),
        what: "the server's answer has other columns than asked for".to_owned(),
    }
}

fn born(wire: &mut Wire, place: &str) -> Result<LedgerId, Error> {
    chain::born(one(wire, "WHERE seq = 1", &[], place)?)
}

fn lock(wire: &mut Wire, place: &str) -> Result<(), Error> {
    let locked = wire.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK.to_string()]);
    locked.map(drop).map_err(|failure| store(place, failure))
}

fn write(wire: &mut Wire, row: &Row, takes: &[Digest]) -> Result<(), Failure> {
    let seq = row.seq.to_string();
    let insert = "INSERT INTO mainstay.entries (seq, hash, entry) VALUES ($1, $2, $3)";
    wire.query(insert, &[&seq, &row.hash, &row.entry])?;
    for key in takes {
        wire.query("INSERT INTO mainstay.used (key, seq) VALUES ($1, $2)", &[&key.to_string(), &seq])?;
    }
    Ok(())
}

fn newest(forms: &[&str]) -> i64 {
    i64::try_from(forms.len()).unwrap_or(i64::MAX)
}

/// The form that is there, if there is a ledger. Nothing is touched.
fn form(wire: &mut Wire, place: &str) -> Result<Option<i64>, Error> {
    let foreign = |what: &str| Error::Foreign { place: place.to_owned(), what: what.to_owned() };
    let tables = "SELECT count(DISTINCT n.oid), count(c.oid)
        FROM pg_namespace n
        LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r'
            AND c.relname IN ('version', 'entries', 'used')
        WHERE n.nspname = 'mainstay'";
    match numbers(wire, tables, place)?.as_slice() {
        [Some(0), _] => return Ok(None),
        [Some(1), Some(3)] => {}
        _ => return Err(foreign("the database has a schema mainstay with other tables")),
    }
    match numbers(wire, "SELECT max(version) FROM mainstay.version", place)?.as_slice() {
        [Some(found)] => Ok(Some(*found)),
        _ => Err(foreign("it notes no version")),
    }
}

/// The one row of this query.
fn numbers(wire: &mut Wire, query: &str, place: &str) -> Result<Vec<Option<i64>>, Error> {
    let found = wire.query(query, &[]).map_err(|failure| store(place, failure))?;
    Ok(found.into_iter().flatten().map(|column| number(Some(column))).collect())
}

/// Makes the ledger, or takes it to the newest form; whichever runner comes first.
fn bring_up(wire: &mut Wire, place: &str, now: Instant, forms: &[&str]) -> Result<(), Error> {
    let known = newest(forms);
    within(wire, APPENDING, place, |wire| {
        lock(wire, place)?;
        let before = form(wire, place)?;
        let found = before.unwrap_or_default();
        if found > known {
            return Err(Error::Newer { place: place.to_owned(), found, known });
        }
        let told = |failure| match failure {
            Failure::Refused { code, message } if code == NO_RIGHT && before.is_some() => {
                Error::Older { place: place.to_owned(), found, known, said: message }
            }
            other => store(place, other),
        };
        if before.is_none() {
            let sql = "CREATE SCHEMA mainstay; CREATE TABLE mainstay.version (version integer PRIMARY KEY);";
            wire.batch(sql).map_err(told)?;
        }
        for (number, sql) in (1..).zip(forms).skip(usize::try_from(found).unwrap_or_default()) {
            wire.batch(sql).map_err(told)?;
            let version = format!("INSERT INTO mainstay.version (version) VALUES ({number})");
            wire.batch(&version).map_err(told)?;
        }
        if before.is_none() {
            // Twice 122 random bits.
            let nonce = "SELECT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')";
            let nonce = wire.query(nonce, &[]).map_err(told)?.into_iter().flatten().flatten().next();
            let born = chain::first(now, nonce.ok_or_else(|| odd(place))?)?;
            write(wire, &born.row, &born.takes).map_err(told)?;
        }
        Ok(())
    })?;
    commit(wire, place, 1)
}

/// SQLSTATE `insufficient_privilege`.
const NO_RIGHT: &str = "42501";

fn store(place: &str, failure: Failure) -> Error {
    let what = match failure {
        Failure::Lost(what) => what,
        Failure::Refused { code, message } => {
            let hint = match code.as_str() {
                NO_RIGHT => {
                    "; to append, a role needs USAGE on the schema mainstay, SELECT on its tables and INSERT on \
                     entries and used; to make the ledger, CREATE on the database"
                }
                "55P03" => "; another runner holds the ledger: try again",
                _ => "",
            };
            format!("{message} ({code}){hint}")
        }
    };
    Error::Store { place: place.to_owned(), what }
}
