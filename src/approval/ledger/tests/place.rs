//! Where the ledgers of the tests are.

use super::super::address::{Address, Server};
use super::super::wire::{Failure, Wire};
use super::super::{Error, Ledger, open};
use super::at;
use super::server::server;
use std::path::{Path, PathBuf};

/// A place for one ledger.
pub(super) trait Place: Sync {
    /// Its address, and what a path in that is relative to.
    fn address(&self) -> (String, PathBuf);

    /// The ledger there.
    fn open(&self, create: bool) -> Result<Box<dyn Ledger>, Error> {
        let (url, directory) = self.address();
        open(&url, &directory, at(0), create)
    }

    /// Runs SQL as the owner, past mainstay.
    fn sql(&self, sql: &str) -> Result<(), String>;

    /// As [`Place::sql`], with the triggers switched off, as somebody would who wants to change the past.
    fn tamper(&self, sql: &str);
}

/// A file in a directory of its own.
pub(super) struct InFile {
    directory: tempfile::TempDir,
}

impl InFile {
    pub fn new() -> InFile {
        InFile { directory: tempfile::tempdir().unwrap() }
    }

    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub fn path(&self) -> PathBuf {
        self.directory().join("state/ledger.db")
    }
}

impl Place for InFile {
    fn address(&self) -> (String, PathBuf) {
        ("sqlite:state/ledger.db".to_owned(), self.directory().to_owned())
    }

    fn sql(&self, sql: &str) -> Result<(), String> {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        // Not waiting for the disk, since no test takes the power away.
        connection
            .execute_batch(&format!("PRAGMA synchronous = OFF; {sql}"))
            .map_err(|error| error.to_string())
    }

    fn tamper(&self, sql: &str) {
        let names = "entries_follow entries_stay entries_remain used_once used_stay used_remain";
        let drops: String = names.split(' ').map(|name| format!("DROP TRIGGER IF EXISTS {name};")).collect();
        self.sql(&format!("PRAGMA foreign_keys = OFF; {drops} {sql}")).unwrap();
    }
}

/// A database of its own.
pub(super) struct OnServer {
    host: &'static str,
    database: String,
}

impl OnServer {
    /// Nothing, where no PostgreSQL is installed.
    pub fn new(name: &str) -> Option<OnServer> {
        let host = server()?;
        let place = OnServer { host, database: name.chars().take(60).collect() };
        place.connect("postgres").batch(&format!("CREATE DATABASE {}", place.database)).unwrap();
        Some(place)
    }

    /// Directory of the server's socket.
    pub fn host(&self) -> &'static str {
        self.host
    }

    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@/{}?host={}", self.database, self.host.replace('/', "%2F"))
    }

    pub fn server(&self, user: &str) -> Server {
        match Address::read(&self.url(user), Path::new("/")).unwrap() {
            Address::Postgres(server) => *server,
            Address::Sqlite(path) => panic!("{}", path.display()),
        }
    }

    /// As the owner, past mainstay.
    fn connect(&self, database: &str) -> Wire {
        let mut server = self.server("owner");
        server.database = database.to_owned();
        Wire::connect(&server).unwrap()
    }
}

impl Place for OnServer {
    fn address(&self) -> (String, PathBuf) {
        (self.url("owner"), PathBuf::from("/"))
    }

    fn sql(&self, sql: &str) -> Result<(), String> {
        let mut wire = self.connect(&self.database);
        wire.batch(&format!("SET search_path = mainstay; {sql}")).map_err(|failure| match failure {
            Failure::Refused { message, .. } => message,
            Failure::Lost(what) => panic!("{what}"),
        })
    }

    fn tamper(&self, sql: &str) {
        self.sql(&format!("SET session_replication_role = replica; {sql}")).unwrap();
    }
}
