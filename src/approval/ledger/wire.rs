//! The wire protocol of PostgreSQL (version 3.0), as much of it as a ledger needs: log in, run a statement with values as
//! text, read rows of text. Blocking, over a unix socket or TCP; no TLS.

use super::address::{Endpoint, Server};
use super::scram::Scram;
use std::io::{BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A row, each column as text.
pub(super) type Columns = Vec<Option<String>>;

/// How long an answer may take. The server gives up on a statement before that.
const PATIENCE: Duration = Duration::from_secs(90);

/// Bytes of one message at most; an entry is far smaller.
const MOST: usize = 64 * 1024 * 1024;

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server refused; it was not done, and the connection can go on.
    Refused {
        /// Its SQLSTATE.
        code: String,
        /// What it said.
        message: String,
    },
    /// The connection is lost, or what came is not the protocol. Whether the last statement was done is not known.
    Lost(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Lost(crate::model::told(&error))
    }
}

/// A connection.
pub(super) struct Wire {
    stream: BufReader<Stream>,
    lost: bool,
}

enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buffer),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Stream {
    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.write_all(bytes),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.write_all(bytes),
        }
    }

    fn open(server: &Server) -> Result<Stream, Failure> {
        match &server.endpoint {
            #[cfg(unix)]
            Endpoint::Socket(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                Ok(Stream::Unix(stream))
            }
            Endpoint::Tcp(host, port) => {
                let mut last = Failure::Lost("the name has no address".to_owned());
                for address in (host.as_str(), *port).to_socket_addrs()? {
                    match TcpStream::connect_timeout(&address, server.connect_timeout) {
                        Ok(stream) => {
                            stream.set_nodelay(true)?;
                            stream.set_read_timeout(Some(PATIENCE))?;
                            stream.set_write_timeout(Some(PATIENCE))?;
                            return Ok(Stream::Tcp(stream));
                        }
                        Err(error) => last = error.into(),
                    }
                }
                Err(last)
            }
        }
    }
}

impl Wire {
    /// Connects and logs in.
    pub fn connect(server: &Server) -> Result<Wire, Failure> {
        let mut wire = Wire { stream: BufReader::new(Stream::open(server)?), lost: false };
        let mut startup = 196_608_i32.to_be_bytes().to_vec();
        let options = server.options.as_deref().map(|options| ("options", options));
        let parameters = [
            ("user", server.user.as_str()),
            ("database", server.database.as_str()),
            ("application_name", "mainstay"),
            ("client_encoding", "UTF8"),
        ];
        for (name, value) in parameters.into_iter().chain(options) {
            text(&mut startup, name);
            text(&mut startup, value);
        }
        startup.push(0);
        wire.stream.get_mut().send(&framed(None, &startup))?;
        wire.log_in(server)?;
        wire.until_ready().map(|_| wire)
    }

    fn log_in(&mut self, server: &Server) -> Result<(), Failure> {
        let mut scram = None;
        loop {
            let (kind, body) = self.message()?;
            if kind == b'E' {
                return Err(refused(&body));
            }
            let (Some(step), rest) =
                (body.first_chunk().map(|step| i32::from_be_bytes(*step)), body.get(4..))
            else {
                return Err(unexpected(kind));
            };
            let said = String::from_utf8_lossy(rest.unwrap_or_default()).into_owned();
            let password = server.password.as_deref();
            match (kind, step, &mut scram) {
                (b'N' | b'v', ..) => {}
                // A login that was begun must be proved by the server too.
                (b'R', 0, None) if password.is_none() || !matches!(server.endpoint, Endpoint::Tcp(..)) => {
                    return Ok(());
                }
                (b'R', 0, None) => {
                    let what = "the server asked for no password, so it may be another one than the address means; if \
                                it is the right one, leave the password out";
                    return Err(Failure::Lost(what.to_owned()));
                }
                (b'R', 10, None) if said.split('\0').any(|name| name == "SCRAM-SHA-256") => {
                    let password = password.ok_or_else(no_password)?;
                    if !password.is_ascii() {
                        // Others must be normalised first (SASLprep).
                        return Err(Failure::Lost(
                            "only passwords of ASCII characters are supported".to_owned(),
                        ));
                    }
                    let mut nonce = [0; 18];
                    getrandom::fill(&mut nonce).map_err(|error| Failure::Lost(error.to_string()))?;
                    let begun = scram.insert(Scram::new(password, nonce));
                    let (mut body, first) = (Vec::new(), begun.first());
                    text(&mut body, "SCRAM-SHA-256");
                    bytes(&mut body, first.as_bytes());
                    self.stream.get_mut().send(&framed(Some(b'p'), &body))?;
                }
                (b'R', 11, Some(begun)) => {
                    let proof = begun.prove(&said).ok_or_else(|| unexpected(kind))?;
                    self.stream.get_mut().send(&framed(Some(b'p'), proof.as_bytes()))?;
                }
                (b'R', 12, Some(begun)) if begun.is_proved(&said) => {
                    let (kind, body) = self.message()?;
                    return if (kind, body.as_slice()) == (b'R', &[0; 4]) {
                        Ok(())
                    } else {
                        Err(unexpected(kind))
                    };
                }
                (b'R', 12, Some(_)) => {
                    return Err(Failure::Lost(
                        "the server could not prove that it knows the password".to_owned(),
                    ));
                }
                (b'R', 3 | 5, None) => {
                    let what = "the server asks for the password itself or its MD5, which would give it away: set \
                                password_encryption = scram-sha-256 there, and the password anew";
                    return Err(Failure::Lost(what.to_owned()));
                }
                (b'R', ..) => {
                    return Err(Failure::Lost(
                        "the server asks for a way to log in that is not known here".to_owned(),
                    ));
                }
                _ => return Err(unexpected(kind)),
            }
        }
    }

    /// Whether the connection is still there.
    pub fn is_alive(&mut self) -> bool {
        !self.lost && self.batch("").is_ok()
    }

    /// Runs statements without values and leaves their rows.
    pub fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        let mut body = Vec::new();
        text(&mut body, sql);
        self.run(&framed(Some(b'Q'), &body)).map(drop)
    }

    /// Runs one statement with values, each as text; the server knows their types from the statement.
    pub fn query(&mut self, sql: &str, values: &[&str]) -> Result<Vec<Columns>, Failure> {
        let mut parse = Vec::new();
        text(&mut parse, "");
        text(&mut parse, sql);
        parse.extend(0_i16.to_be_bytes());
        let mut bind = vec![0; 4];
        bind.extend(i16::try_from(values.len()).unwrap_or(i16::MAX).to_be_bytes());
        values.iter().for_each(|value| bytes(&mut bind, value.as_bytes()));
        bind.extend(0_i16.to_be_bytes());
        let all = [
            framed(Some(b'P'), &parse),
            framed(Some(b'B'), &bind),
            framed(Some(b'E'), &[0; 5]),
            framed(Some(b'S'), &[]),
        ];
        self.run(&all.concat())
    }

    fn run(&mut self, messages: &[u8]) -> Result<Vec<Columns>, Failure> {
        // What comes late must not be taken for the answer to something else.
        if self.lost {
            return Err(closed());
        }
        let done =
            self.stream.get_mut().send(messages).map_err(Failure::from).and_then(|()| self.until_ready());
        self.lost |= matches!(done, Err(Failure::Lost(_)));
        done
    }

    /// Reads until the server is ready for more. An error counts as refused only then: one after which the server ends
    /// the connection may come from a statement that was done.
    fn until_ready(&mut self) -> Result<Vec<Columns>, Failure> {
        let (mut rows, mut failure) = (Vec::new(), None);
        loop {
            let (kind, body) = match (self.message(), failure.take()) {
                (Ok(message), before) => {
                    failure = before;
                    message
                }
                (Err(_), Some(Failure::Refused { message, .. })) => return Err(Failure::Lost(message)),
                (Err(lost), _) => return Err(lost),
            };
            match kind {
                b'Z' => return failure.map_or(Ok(rows), Err),
                b'E' => failure = Some(refused(&body)),
                b'D' => rows.push(columns(&body).ok_or_else(|| unexpected(kind))?),
                // Complete, empty, parsed, bound, described, notices and parameters.
                b'C' | b'I' | b'1' | b'2' | b'n' | b'T' | b's' | b'N' | b'S' | b'K' | b'A' => {}
                _ => return Err(unexpected(kind)),
            }
        }
    }

    fn message(&mut self) -> Result<(u8, Vec<u8>), Failure> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).map_err(ended)?;
        let [kind, length @ ..] = head;
        let length =
            usize::try_from(i32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
        let length = length.filter(|length| *length <= MOST).ok_or_else(|| unexpected(kind))?;
        // No more is taken for it than comes.
        let mut body = Vec::new();
        (&mut self.stream).take(length as u64).read_to_end(&mut body).map_err(ended)?;
        if body.len() == length { Ok((kind, body)) } else { Err(closed()) }
    }
}

fn ended(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::UnexpectedEof => closed(),
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
            Failure::Lost(format!("the server did not answer for {} s", PATIENCE.as_secs()))
        }
        _ => error.into(),
    }
}

fn closed() -> Failure {
    Failure::Lost("the server closed the connection".to_owned())
}

fn no_password() -> Failure {
    Failure::Lost("the server asks for a password, and the address has none".to_owned())
}

fn unexpected(kind: u8) -> Failure {
    Failure::Lost(format!(
        "what came from there is not what a PostgreSQL server says (message {})",
        kind.escape_ascii()
    ))
}

/// A message with its kind (all but the first have one) and length.
fn framed(kind: Option<u8>, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 4).unwrap_or(i32::MAX);
    kind.into_iter().chain(length.to_be_bytes()).chain(body.iter().copied()).collect()
}

/// Text with the zero that ends it. One inside would end it early, so it is left out.
fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.push(0);
}

/// Bytes with their length before them.
fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
    out.extend(bytes);
}

fn columns(body: &[u8]) -> Option<Columns> {
    let (count, mut rest) = body.split_first_chunk()?;
    let mut columns = Columns::new();
    for _ in 0..i16::from_be_bytes(*count) {
        let (length, after) = rest.split_first_chunk()?;
        let length = i32::from_be_bytes(*length);
        if length == -1 {
            (rest, _) = (after, columns.push(None));
            continue;
        }
        let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
        columns.push(Some(std::str::from_utf8(value).ok()?.to_owned()));
        rest = after;
    }
    rest.is_empty().then_some(columns)
}

/// The code and the message. Detail and statement, which may hold values, are left out.
fn refused(body: &[u8]) -> Failure {
    let field = |wanted: u8| {
        let mut fields = body.split(|byte| *byte == 0).filter_map(|field| field.split_first());
        fields
            .find(|(kind, _)| **kind == wanted)
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    Failure::Refused { code: field(b'C').unwrap_or_default(), message: field(b'M').unwrap_or_default() }
}
