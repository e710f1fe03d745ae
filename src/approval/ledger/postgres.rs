//! A ledger in a PostgreSQL database, for many runners. The everyday role may insert and select, nothing else
//! ([`append_role_sql`]); the owner is needed once, to make it, and again for a new form.

use super::address::Server;
use super::chain::{self, Check, Row};
use super::{Body, Each, Error, Head, Ledger, LedgerId, Verified};
use crate::model::{Digest, Instant};
use ::postgres::error::{Severity, SqlState};
use ::postgres::{Client, GenericClient, IsolationLevel, NoTls, Transaction};
use std::time::Duration;

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
const PAGE: i64 = 500;

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
    client: Client,
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
        let mut client = connect(&server)?;
        let place = &server.place;
        let known = newest(forms);
        match form(&mut client, place)? {
            None if !create => return Err(Error::Missing(place.clone())),
            Some(found) if found == known => {}
            _ => bring_up(&mut client, place, now, forms)?,
        }
        let id = born(&mut client, place)?;
        Ok(Postgres { client, server, id })
    }

    /// An apply may take hours between two entries, and connections do not live that long.
    fn connected(&mut self) -> Result<&mut Client, Error> {
        if self.client.is_valid(Duration::from_secs(10)).is_err() {
            let mut client = connect(&self.server)?;
            let found = born(&mut client, &self.server.place)?;
            if found != self.id {
                return Err(Error::Another { place: self.server.place.clone(), before: self.id, found });
            }
            self.client = client;
        }
        Ok(&mut self.client)
    }
}

impl Ledger for Postgres {
    fn id(&self) -> LedgerId {
        self.id
    }

    fn head(&mut self) -> Result<Head, Error> {
        let place = self.server.place.clone();
        chain::head(one(self.connected()?, LAST, &[], &place)?)
    }

    fn append(&mut self, at: Instant, body: Body) -> Result<Head, Error> {
        let place = self.server.place.clone();
        let told = |error| store(&place, &error);
        let client = self.connected()?;
        let mut transaction = begin(client).map_err(told)?;
        let last = one(&mut transaction, LAST, &[], &place)?;
        let next = chain::next(Some(&chain::there(last)?), at, body)?;
        for key in &next.takes {
            if let Some(taker) = one(&mut transaction, TAKER, &[&key.to_string()], &place)? {
                return Err(chain::used(*key, &taker));
            }
        }
        write(&mut transaction, &next.row, &next.takes).map_err(told)?;
        // That an error is the answer says that it was not done. No answer says nothing, and neither does a connection
        // that the server ends, which may be waiting for its standby after the deed.
        transaction.commit().map_err(|error| match error.as_db_error() {
            Some(answer) if answer.parsed_severity() == Some(Severity::Error) => told(error),
            _ => Error::Unsure { place: place.clone(), seq: next.head.seq, what: said(&error) },
        })?;
        Ok(next.head)
    }

    fn entries(&mut self, from: u64, each: Each<'_>) -> Result<(), Error> {
        let place = self.server.place.clone();
        let client = self.connected()?;
        // In pages and without a transaction, since `each` may take long. Nothing that was read can change.
        pages(client, i64::try_from(from).unwrap_or(i64::MAX), &place, &mut |row| each(chain::read(row)?.0))
    }

    fn has(&mut self, head: &Head) -> Result<bool, Error> {
        let Ok(seq) = i64::try_from(head.seq) else { return Ok(false) };
        let place = self.server.place.clone();
        let found = one(self.connected()?, "WHERE seq = $1", &[&seq], &place)?;
        Ok(found.is_some_and(|row| chain::is(&row, head)))
    }

    fn verify(&mut self, head: Option<&Head>) -> Result<Verified, Error> {
        let place = self.server.place.clone();
        let told = |error| store(&place, &error);
        let mut check = Check::new(head);
        // Entries and what they took, as they are at one moment.
        let mut transaction = self
            .connected()?
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .map_err(told)?;
        pages(&mut transaction, i64::MIN, &place, &mut |row| check.row(row).map(drop))?;
        let (mut seq, mut key) = (i64::MIN, String::new());
        loop {
            let query = "SELECT seq, key FROM mainstay.used WHERE (seq, key COLLATE \"C\") > ($1, $2) \
                         ORDER BY seq, key COLLATE \"C\" LIMIT $3";
            let rows = transaction.query(query, &[&seq, &key, &PAGE]).map_err(told)?;
            if rows.is_empty() {
                return Ok(check.finish()?);
            }
            for row in rows {
                (seq, key) = row.try_get(0).and_then(|seq| Ok((seq, row.try_get(1)?))).map_err(told)?;
                check.taken(&key, seq)?;
            }
        }
    }
}

const LAST: &str = "ORDER BY seq DESC LIMIT 1";
const TAKER: &str = "WHERE seq = (SELECT seq FROM mainstay.used WHERE key = $1)";

type Values<'a> = &'a [&'a (dyn ::postgres::types::ToSql + Sync)];

fn connect(server: &Server) -> Result<Client, Error> {
    let mut client = server.config.connect(NoTls).map_err(|error| store(&server.place, &error))?;
    client.batch_execute(SESSION).map_err(|error| store(&server.place, &error))?;
    Ok(client)
}

/// The entry that this clause finds, if there is one.
fn one(
    client: &mut impl GenericClient,
    rest: &str,
    values: Values<'_>,
    place: &str,
) -> Result<Option<Row>, Error> {
    let query = format!("SELECT seq, hash, entry FROM mainstay.entries {rest}");
    let found = client.query_opt(&query, values).map_err(|error| store(place, &error))?;
    found.map(|found| row(&found)).transpose().map_err(|error| store(place, &error))
}

/// Hands on all entries from this number, in order.
fn pages(
    client: &mut impl GenericClient,
    from: i64,
    place: &str,
    each: &mut dyn FnMut(&Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let told = |error| store(place, &error);
    let query = "SELECT seq, hash, entry FROM mainstay.entries WHERE seq >= $1 ORDER BY seq LIMIT $2";
    let mut from = from;
    loop {
        let rows = client.query(query, &[&from, &PAGE]).map_err(told)?;
        if rows.is_empty() {
            return Ok(());
        }
        for found in &rows {
            let row = row(found).map_err(told)?;
            each(&row)?;
            let Some(next) = row.seq.checked_add(1) else { return Ok(()) };
            from = next;
        }
    }
}

fn row(found: &::postgres::Row) -> Result<Row, ::postgres::Error> {
    Ok(Row { seq: found.try_get(0)?, hash: found.try_get(1)?, entry: found.try_get(2)? })
}

fn born(client: &mut Client, place: &str) -> Result<LedgerId, Error> {
    chain::born(one(client, "WHERE seq = 1", &[], place)?)
}

/// A transaction that may append.
fn begin(client: &mut Client) -> Result<Transaction<'_>, ::postgres::Error> {
    // Each statement must see what was committed before it. A snapshot of the whole transaction, which a server may have
    // as its default, would be taken before the wait for the lock, and miss what others wrote meanwhile.
    let mut transaction =
        client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start()?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    Ok(transaction)
}

fn write(transaction: &mut Transaction<'_>, row: &Row, takes: &[Digest]) -> Result<(), ::postgres::Error> {
    let insert = "INSERT INTO mainstay.entries (seq, hash, entry) VALUES ($1, $2, $3)";
    transaction.execute(insert, &[&row.seq, &row.hash, &row.entry])?;
    for key in takes {
        let insert = "INSERT INTO mainstay.used (key, seq) VALUES ($1, $2)";
        transaction.execute(insert, &[&key.to_string(), &row.seq])?;
    }
    Ok(())
}

fn newest(forms: &[&str]) -> i64 {
    i64::try_from(forms.len()).unwrap_or(i64::MAX)
}

/// The form that is there, if there is a ledger. Nothing is touched.
fn form(client: &mut impl GenericClient, place: &str) -> Result<Option<i64>, Error> {
    let told = |error| store(place, &error);
    let foreign = |what: &str| Error::Foreign { place: place.to_owned(), what: what.to_owned() };
    let tables = "SELECT n.oid IS NOT NULL, count(c.oid)
        FROM (SELECT 1) AS always
        LEFT JOIN pg_namespace n ON n.nspname = 'mainstay'
        LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r'
            AND c.relname IN ('version', 'entries', 'used')
        GROUP BY n.oid";
    let found = client.query_one(tables, &[]).map_err(told)?;
    let (schema, tables): (bool, i64) =
        found.try_get(0).and_then(|schema| Ok((schema, found.try_get(1)?))).map_err(told)?;
    match (schema, tables) {
        (false, _) => return Ok(None),
        (true, 3) => {}
        _ => return Err(foreign("the database has a schema mainstay with other tables")),
    }
    let found = client.query_one("SELECT max(version) FROM mainstay.version", &[]).map_err(told)?;
    let found: Option<i32> = found.try_get(0).map_err(told)?;
    found.map(|found| Some(found.into())).ok_or_else(|| foreign("it notes no version"))
}

/// Makes the ledger, or takes it to the newest form; whichever runner comes first.
fn bring_up(client: &mut Client, place: &str, now: Instant, forms: &[&str]) -> Result<(), Error> {
    let known = newest(forms);
    let mut transaction = begin(client).map_err(|error| store(place, &error))?;
    let before = form(&mut transaction, place)?;
    let found = before.unwrap_or_default();
    if found > known {
        return Err(Error::Newer { place: place.to_owned(), found, known });
    }
    let told = |error: ::postgres::Error| match error.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) if before.is_some() => {
            Error::Older { place: place.to_owned(), found, known, said: said(&error) }
        }
        _ => store(place, &error),
    };
    if before.is_none() {
        let sql = "CREATE SCHEMA mainstay; CREATE TABLE mainstay.version (version integer PRIMARY KEY);";
        transaction.batch_execute(sql).map_err(told)?;
    }
    for (number, sql) in (1_i32..).zip(forms).skip(usize::try_from(found).unwrap_or_default()) {
        transaction.batch_execute(sql).map_err(told)?;
        transaction
            .execute("INSERT INTO mainstay.version (version) VALUES ($1)", &[&number])
            .map_err(told)?;
    }
    if before.is_none() {
        // Twice 122 random bits.
        let nonce = "SELECT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')";
        let nonce = transaction.query_one(nonce, &[]).and_then(|row| row.try_get(0)).map_err(told)?;
        let born = chain::first(now, nonce)?;
        write(&mut transaction, &born.row, &born.takes).map_err(told)?;
    }
    transaction.commit().map_err(told)
}

fn store(place: &str, error: &::postgres::Error) -> Error {
    Error::Store { place: place.to_owned(), what: said(error) }
}

/// What the server or the client said, with the cause that the error itself does not print. The detail and the
/// statement, which may hold values, are left out.
fn said(error: &::postgres::Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(answer), _) => {
            let hint = match *answer.code() {
                SqlState::INSUFFICIENT_PRIVILEGE => {
                    "; to append, a role needs USAGE on the schema mainstay, SELECT on its tables and INSERT on \
                     entries and used; to make the ledger, CREATE on the database"
                }
                SqlState::LOCK_NOT_AVAILABLE => "; another runner holds the ledger: try again",
                _ => "",
            };
            format!("{} ({}){hint}", answer.message(), answer.code().code())
        }
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
