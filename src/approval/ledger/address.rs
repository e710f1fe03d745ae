//! Where a ledger is: `sqlite:PATH`, or a PostgreSQL address. Nothing here prints the address itself, which may hold a
//! password; what is printed is built from host, port and database.

use super::Error;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A place that can hold a ledger.
pub(super) enum Address {
    Sqlite(PathBuf),
    Postgres(Box<Server>),
}

/// A PostgreSQL server and how to reach it. No `Debug`, since it holds the password.
pub(super) struct Server {
    pub endpoint: Endpoint,
    pub user: String,
    pub password: Option<String>,
    pub database: String,
    /// Command line options for the session, as in `-c name=value`.
    pub options: Option<String>,
    /// For each address of the host.
    pub connect_timeout: Duration,
    /// For messages.
    pub place: String,
}

/// Where the server listens.
pub(super) enum Endpoint {
    /// Host and port.
    Tcp(String, u16),
    /// A unix socket.
    #[cfg(unix)]
    Socket(PathBuf),
}

impl Address {
    /// Reads an address; relative paths are taken from `directory`.
    pub fn read(url: &str, directory: &Path) -> Result<Address, Error> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            if path.is_empty() || path.starts_with("//") || path.contains(['?', '\0']) {
                let what = "`sqlite:` is followed by a plain path, as in sqlite:.mainstay/ledger.db";
                return Err(Error::Address(what.to_owned()));
            }
            return Ok(Address::Sqlite(directory.join(path)));
        }
        match ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme)) {
            Some(rest) => server(rest).map(|server| Address::Postgres(Box::new(server))),
            None => Err(Error::Address("it must begin with `sqlite:` or `postgres://`".to_owned())),
        }
    }
}

fn server(rest: &str) -> Result<Server, Error> {
    // Nothing of the address is quoted: where a part of it was not encoded, the password may be in any other part.
    let wrong = || {
        let what = "this is no PostgreSQL address: postgres://USER@HOST:PORT/DATABASE is expected, with any of \
                    `@ : / ? # %` in name or password percent-encoded, and after a `?` at most host, port, user, \
                    password, dbname, options, connect_timeout (seconds) and sslmode";
        Error::Address(what.to_owned())
    };
    // A second @ is a password that was not encoded, and the rest of it would be taken for the host.
    if rest.matches('@').count() > 1 || rest.contains('#') {
        return Err(wrong());
    }
    let mut named = parts(rest).ok_or_else(wrong)?;
    let mode = named.remove("sslmode");
    if named.contains_key("sslrootcert")
        || !matches!(mode.as_deref(), None | Some("disable" | "allow" | "prefer"))
    {
        return Err(if mode.is_none_or(|mode| STRICT.contains(&mode.as_str())) { no_tls() } else { wrong() });
    }
    let mut take = |name: &str| named.remove(name).filter(|value| !value.is_empty());
    let (user, database) = (take("user").ok_or_else(wrong)?, take("dbname").ok_or_else(wrong)?);
    let (password, options) = (take("password"), take("options"));
    let number =
        |text: Option<String>, default| text.map_or(Ok(default), |text| text.parse().map_err(|_| wrong()));
    let (port, seconds) = (number(take("port"), 5432)?, number(take("connect_timeout"), 10)?);
    let host = take("host").ok_or_else(wrong)?;
    if !named.is_empty() || seconds == 0 {
        return Err(wrong());
    }
    let endpoint = endpoint(&host, port).ok_or_else(wrong)?;
    // "If available" is what an attacker makes unavailable, so it is no better than none, and none must be said.
    if mode.as_deref() != Some("disable") && !is_local(&endpoint) {
        return Err(no_tls());
    }
    let place = match &endpoint {
        Endpoint::Tcp(host, port) => format!("postgres://{host}:{port}/{database}"),
        #[cfg(unix)]
        Endpoint::Socket(_) => format!("postgres://{host}/{database}"),
    };
    let connect_timeout = Duration::from_secs(seconds.into());
    Ok(Server { endpoint, user, password, database, options, connect_timeout, place })
}

/// What asks for TLS.
const STRICT: [&str; 3] = ["require", "verify-ca", "verify-full"];

/// All that an address says, by its name as a parameter; a parameter counts before the place in the address.
fn parts(rest: &str) -> Option<BTreeMap<&str, String>> {
    let mut named = BTreeMap::new();
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (login, host) = authority.split_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    // The colons of an IPv6 address are within brackets.
    let after = host.rfind(']').unwrap_or_default();
    let (host, port) = match host.rfind(':').filter(|colon| *colon >= after) {
        Some(colon) => (host.get(..colon)?, host.get(colon + 1..)?),
        None => (host, ""),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let places =
        [("user", user), ("password", password), ("host", host), ("port", port), ("dbname", database)];
    for (name, value) in places {
        named.insert(name, decoded(value)?);
    }
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=')?;
        named.insert(name, decoded(value)?);
    }
    named.retain(|_, value| !value.is_empty());
    Some(named)
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, after) = part.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(after.as_bytes());
    }
    // A zero would end the text early on its way.
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

fn endpoint(host: &str, port: u16) -> Option<Endpoint> {
    #[cfg(unix)]
    if host.starts_with('/') {
        return Some(Endpoint::Socket(Path::new(host).join(format!(".s.PGSQL.{port}"))));
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
    host.chars().all(plain).then(|| Endpoint::Tcp(host.to_owned(), port))
}

fn is_local(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Tcp(host, _) => {
            host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Endpoint::Socket(_) => true,
    }
}

fn no_tls() -> Error {
    let what = "this mainstay speaks no TLS. Reach the server by a unix socket \
                (postgres://USER@/DATABASE?host=/var/run/postgresql) or through a TLS proxy on this machine \
                (stunnel, the cloud's own SQL proxy, ssh -L); or, in a network that you trust, add ?sslmode=disable";
    Error::Address(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Address, Error> {
        Address::read(url, Path::new("/base"))
    }

    #[test]
    fn paths_are_taken_from_the_directory() {
        for (url, expected) in [("sqlite:a/b.db", "/base/a/b.db"), ("sqlite:/x.db", "/x.db")] {
            assert!(matches!(read(url), Ok(Address::Sqlite(path)) if path == Path::new(expected)), "{url}");
        }
        for wrong in ["sqlite:", "sqlite://x", "sqlite:a?mode=ro", "mysql://x", "", "ledger.db"] {
            assert!(matches!(read(wrong), Err(Error::Address(_))), "{wrong}");
        }
    }

    #[test]
    fn no_message_holds_the_password() {
        for url in [
            "postgres://u:hun@ter2@h/db",
            "postgres://u:hunter2@h/db?hunter2=1",
            "postgres://u:hunter2@h:hunter2/db",
            "postgres://u:hunter2@h/db?sslmode=hunter2",
            "postgres://u:hunter2@h/db?sslmode=require",
            "postgres://u:hunter2@h/db",
            "postgres://u:hunter2/db",
        ] {
            let told = read(url).err().unwrap_or_else(|| panic!("{url}"));
            assert!(!format!("{told} {told:?}").contains("ter2"), "{told}");
        }
    }

    #[test]
    fn the_parts_of_an_address_are_decoded() {
        let Ok(Address::Postgres(server)) =
            read("postgres://u%40x:a%2Fb%25@[::1]:77/l%20r?connect_timeout=3")
        else {
            panic!()
        };
        assert!(matches!(&server.endpoint, Endpoint::Tcp(host, 77) if host == "::1"));
        assert_eq!((server.user.as_str(), server.password.as_deref()), ("u@x", Some("a/b%")));
        assert_eq!((server.database.as_str(), server.connect_timeout.as_secs()), ("l r", 3));
        for wrong in ["%", "%2", "%zz", "%+1", "%00", "%ff"] {
            assert!(read(&format!("postgres://u:{wrong}@localhost/l")).is_err(), "{wrong}");
        }
        for wrong in
            ["postgres://@localhost/l", "postgres://u@localhost/", "postgres://u@/l", "postgres://u@a,b/l"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn plain_text_over_a_network_must_be_said() {
        for good in [
            "postgres://u:hunter2@db.example.com/ledger?sslmode=disable",
            "postgres://u:hunter2@localhost:5433/ledger",
            "postgresql://u@127.0.0.1/ledger?password=hunter2",
            "postgres://u@/ledger?host=/run/postgresql",
        ] {
            let Ok(Address::Postgres(server)) = read(good) else { panic!("{good}") };
            assert!(
                !server.place.contains("hunter2") && server.place.ends_with("/ledger"),
                "{}",
                server.place
            );
            let password = server.password.as_deref();
            assert_eq!(password, good.contains("hunter2").then_some("hunter2"), "{good}");
        }
        for wrong in ["prefer", "require", "verify-full", "verify-ca"] {
            let told = read(&format!("postgres://u@db.example.com/l?sslmode={wrong}")).err().unwrap();
            assert!(told.to_string().contains("TLS proxy"), "{told}");
        }
    }
}
