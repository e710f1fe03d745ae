//! Connections with something in between: one that is lost in the very moment in which an entry is made final.

use super::super::{Error, open};
use super::place::{OnServer, Place};
use super::{at, used};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What happens to the next commit.
const NOTHING: u8 = 0;
const BEFORE_THE_SERVER: u8 = 1;
const BEFORE_THE_CLIENT: u8 = 2;

/// Stands between client and server.
fn between(listener: &UnixListener, server: &str, cut: &Arc<AtomicU8>) {
    for client in listener.incoming() {
        let (mut client, mut server) =
            (client.unwrap(), UnixStream::connect(format!("{server}/.s.PGSQL.5432")).unwrap());
        let (mut answers, mut answered) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut answers, &mut answered);
            let _ = answered.shutdown(Shutdown::Both);
        });
        let cut = Arc::clone(cut);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = client.read(&mut bytes) {
                let commits = bytes[..read].windows(7).any(|word| word == b"COMMIT\0");
                match if commits { cut.swap(NOTHING, Ordering::SeqCst) } else { NOTHING } {
                    BEFORE_THE_SERVER => break,
                    BEFORE_THE_CLIENT => {
                        // No answer comes through any more; the server does what it was told.
                        client.shutdown(Shutdown::Both).unwrap();
                        server.write_all(&bytes[..read]).unwrap();
                        break;
                    }
                    _ => server.write_all(&bytes[..read]).unwrap(),
                }
            }
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Write);
        });
    }
}

#[test]
fn tcp_does_as_well_as_a_socket() {
    let Some(place) = OnServer::new("over_tcp") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let socket = format!("{}/.s.PGSQL.5432", place.host());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) = (client.unwrap(), UnixStream::connect(&socket).unwrap());
            let (mut asks, mut asked) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut asks, &mut asked);
                let _ = asked.shutdown(Shutdown::Both);
            });
            std::thread::spawn(move || std::io::copy(&mut server, &mut client));
        }
    });
    let url = format!("postgres://owner@localhost:{port}/over_tcp");
    let mut ledger = open(&url, Path::new("/"), at(0), true).unwrap();
    super::a_whole_story(&mut *ledger);
    assert_eq!(place.open(false).unwrap().verify(None).unwrap().entries, 6);
    // Who stands in between may let everybody in, and so shows that it does not know the password.
    let told = open(&url.replace("owner", "owner:hunter2"), Path::new("/"), at(0), true).err().unwrap();
    assert!(told.to_string().contains("asked for no password"), "{told}");
}

#[test]
fn a_commit_without_an_answer_is_never_told_as_done_or_not_done() {
    let Some(place) = OnServer::new("unsure") else { return };
    place.open(true).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).unwrap();
    let cut = Arc::new(AtomicU8::new(NOTHING));
    let (armed, host) = (Arc::clone(&cut), place.host());
    std::thread::spawn(move || between(&listener, host, &armed));
    let url = place
        .url("owner")
        .replace(&place.host().replace('/', "%2F"), &directory.path().to_str().unwrap().replace('/', "%2F"));
    let mut ledger = open(&url, Path::new("/"), at(0), false).unwrap();
    ledger.append(at(1), used("r1", &["a"], "run-1")).unwrap();
    for (where_to, request, seq) in [(BEFORE_THE_SERVER, "r2", 3), (BEFORE_THE_CLIENT, "r3", 4)] {
        cut.store(where_to, Ordering::SeqCst);
        let error = ledger.append(at(2), used(request, &[&format!("{request} a")], "run-2")).unwrap_err();
        assert!(matches!(&error, Error::Unsure { seq: told, .. } if *told == seq), "{error}");
        // On a new connection it can be seen which of the two it was.
        let again = ledger.append(at(3), used(request, &[&format!("{request} a")], "run-2"));
        match where_to {
            BEFORE_THE_SERVER => assert_eq!(again.unwrap().seq, seq),
            _ => assert!(matches!(again, Err(Error::Used { seq: taken, .. }) if taken == seq)),
        }
    }
    assert_eq!(ledger.verify(None).unwrap().entries, 4);
}
