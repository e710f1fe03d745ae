//! Where a ledger is: `sqlite:PATH`, or a PostgreSQL address. Nothing here prints the address itself, which may hold a
//! password; what is printed is built from host, port and database.

use super::Error;
use ::postgres::config::{Config, Host, SslMode};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A place that can hold a ledger.
pub(super) enum Address {
    Sqlite(PathBuf),
    Postgres(Box<Server>),
}

/// A PostgreSQL server and how to reach it.
pub(super) struct Server {
    pub config: Config,
    /// For messages.
    pub place: String,
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
            Some(rest) => server(url, rest).map(|server| Address::Postgres(Box::new(server))),
            None => Err(Error::Address("it must begin with `sqlite:` or `postgres://`".to_owned())),
        }
    }
}

fn server(url: &str, rest: &str) -> Result<Server, Error> {
    // The parser's own messages quote the address.
    let wrong = || {
        let what = "this is no PostgreSQL address: postgres://USER@HOST/DATABASE is expected, with any of `@ / ? # %` in \
                    name or password percent-encoded";
        Error::Address(what.to_owned())
    };
    // A second @ is a password that was not encoded, and the rest of it would be taken for the host.
    if rest.matches('@').count() > 1 || rest.contains('#') {
        return Err(wrong());
    }
    let stricter = ["sslmode=verify-ca", "sslmode=verify-full", "sslrootcert=", "sslcert=", "sslkey="];
    if stricter.iter().any(|option| url.contains(option)) {
        return Err(no_tls());
    }
    let mut config: Config = url.parse().map_err(|_| wrong())?;
    let hosts = config.get_hosts();
    if hosts.is_empty() || config.get_user().is_none() || config.get_dbname().is_none() {
        return Err(wrong());
    }
    match config.get_ssl_mode() {
        SslMode::Disable => {}
        // "If available" is what an attacker makes unavailable, so it is no better than none, and must be said.
        SslMode::Prefer
            if hosts.iter().all(is_local) && config.get_hostaddrs().iter().all(IpAddr::is_loopback) => {}
        _ => return Err(no_tls()),
    }
    let place = place(&config);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    config.ssl_mode(SslMode::Disable);
    config.application_name("mainstay");
    // A server that is gone is noticed, and not waited for through two hours of silence.
    config.keepalives_idle(Duration::from_secs(30));
    config.tcp_user_timeout(Duration::from_secs(60));
    Ok(Server { config, place })
}

fn no_tls() -> Error {
    let what = "this mainstay speaks no TLS. Reach the server by a unix socket \
                (postgres://USER@/DATABASE?host=/var/run/postgresql) or through a TLS proxy on this machine \
                (stunnel, the cloud's own SQL proxy, ssh -L); or, in a network that you trust, add ?sslmode=disable";
    Error::Address(what.to_owned())
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn place(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .zip(config.get_ports().iter().copied().chain(std::iter::repeat(5432)))
        .map(|(host, port)| match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    format!("postgres://{}/{}", hosts.join(","), config.get_dbname().unwrap_or_default())
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
            assert!(!format!("{:?}", server.config).contains("hunter2"));
        }
        for wrong in ["prefer", "require", "verify-full", "verify-ca"] {
            let told = read(&format!("postgres://u@db.example.com/l?sslmode={wrong}")).err().unwrap();
            assert!(told.to_string().contains("TLS proxy"), "{told}");
        }
    }
}
