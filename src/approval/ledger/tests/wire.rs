//! A server that does not speak the protocol, or stops in the middle of it.

use super::super::address::{Address, Server};
use super::super::wire::{Failure, Wire};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixListener;
use std::path::Path;

/// Connects to a server that says this whatever it is told, and then asks something.
fn told(says: &[u8]) -> Failure {
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).unwrap();
    let host = directory.path().to_str().unwrap().replace('/', "%2F");
    let url = format!("postgres://u:hunter2@/l?host={host}");
    let Address::Postgres(server) = Address::read(&url, Path::new("/")).unwrap() else { panic!() };
    let server: Server = *server;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(says);
            let _ = stream.shutdown(Shutdown::Write);
            // Until the client has gone, so that it reads all that was said.
            let _ = stream.read_to_end(&mut Vec::new());
        });
        match Wire::connect(&server) {
            Ok(mut wire) => wire.query("SELECT 1", &[]).unwrap_err(),
            Err(failure) => failure,
        }
    })
}

#[test]
fn whatever_a_server_says_is_an_error_and_no_more() {
    let welcome = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
    let after = |said: &[u8]| [&welcome[..], said].concat();
    let hostile: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        b"R\xff\xff\xff\xff\0\0\0\0".to_vec(),
        b"R\x7f\xff\xff\xff\0\0\0\0".to_vec(),
        b"R\0\0\0\x03".to_vec(),
        b"R\0\0\0\x04".to_vec(),
        b"R\0\0\0\x08\0\0\0\x05".to_vec(),
        b"R\0\0\0\x08\0\0\0\x0c".to_vec(),
        b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0R\0\0\0\x08\0\0\0\0".to_vec(),
        b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0R\0\0\0\x0c\0\0\0\x0cv=AA".to_vec(),
        b"E\0\0\0\x05\0".to_vec(),
        after(b"D\0\0\0\x06\xff\xff"),
        after(b"D\0\0\0\x06\0\x01"),
        after(b"D\0\0\0\x0a\0\x01\xff\xff\xff\xfe"),
        after(b"D\0\0\0\x0a\0\x01\x7f\xff\xff\xff"),
        after(b"D\0\0\0\x0b\0\x01\0\0\0\x01\xff"),
        after(b"E\0\0\0\x0dC40001\0\0"),
        after(b"G\0\0\0\x07\0\0\0"),
        after(b"D\0\0\0\x06\0\0"),
    ];
    for says in hostile {
        let failure = told(&says);
        // Refused is only said when the server went on; a login that it refuses is the other case.
        let refused = matches!(&failure, Failure::Refused { .. });
        assert!(!refused || says.starts_with(b"E"), "{failure:?} {says:?}");
    }
}
