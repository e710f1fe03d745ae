//! Whose a signature is: good, by an unknown key, or bad.

mod armor;

use super::key::{KeyError, NotSigned, Touch};
use super::revoked::Revoked;
use super::roster::{Entry, Roster};
use crate::model::{Instant, minute};
use armor::Sshsig;

/// What is to be said of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is a signature of the message, by a key of this person that counts.
    Good {
        /// The person.
        person: String,
        /// `SHA256:…` of the key.
        fingerprint: String,
        /// The line of the roster.
        line: usize,
    },
    /// It is a signature of the message, by a key that the roster does not have.
    Unknown {
        /// `SHA256:…` of the key.
        fingerprint: String,
    },
    /// It does not count.
    Bad {
        /// Why.
        why: Why,
    },
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// More bytes than any signature.
    #[error("it has {0} bytes, which is more than any SSH signature has")]
    Large(usize),
    /// Not the text of a signature.
    #[error(
        "it is no SSH signature as `ssh-keygen -Y sign` writes it: cut off, changed, or with something after it"
    )]
    Armor,
    /// The field that is kept for later is used.
    #[error("it uses the reserved field of the format, which nobody signs")]
    Reserved,
    /// Another digest of the message.
    #[error("it uses the digest `{0}`; known are sha256 and sha512")]
    Hash(String),
    /// The key within.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// Made for something else.
    #[error("it was made for the namespace `{found}`, not for `{wanted}`")]
    Namespace {
        /// What it says.
        found: String,
        /// What it should.
        wanted: String,
    },
    /// An algorithm that the key has not, or that is too weak.
    #[error(
        "it is made by the algorithm `{0}`, which does not count for this type of key (RSA signs with rsa-sha2-256 or rsa-sha2-512)"
    )]
    Algorithm(String),
    /// Another message, or another key.
    #[error("it is no signature of this by {0}: the one or the other was changed since")]
    Tampered(String),
    /// A key on the list of revoked ones.
    #[error("the key {0} is revoked")]
    Revoked(String),
    /// Before `valid-after`.
    #[error("the key {fingerprint} of {person} counts from {} on (line {line} of the roster)", minute(*from))]
    NotYet {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
        /// From when on it counts.
        from: Instant,
        /// The line of the roster.
        line: usize,
    },
    /// After `valid-before`.
    #[error("the key {fingerprint} of {person} counted until {} (line {line} of the roster)", minute(*until))]
    Expired {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
        /// Until when it counted.
        until: Instant,
        /// The line of the roster.
        line: usize,
    },
    /// `namespaces` of the line.
    #[error(
        "the key {fingerprint} of {person} may not sign in the namespace `{namespace}` (line {line} of the roster)"
    )]
    NotFor {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
        /// The namespace.
        namespace: String,
        /// The line of the roster.
        line: usize,
    },
    /// `require_touch`, and no hardware key that was touched.
    #[error("{}: `require_touch` asks for a hardware key that is touched at each signature", if *.token { "the key says that nobody touched it" } else { "it is by a key on disk" })]
    NoTouch {
        /// Whether it is a hardware key at all.
        token: bool,
    },
}

/// By what a signature is judged.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The keys of the people.
    pub roster: &'a Roster,
    /// The revoked keys.
    pub revoked: &'a Revoked,
    /// Now, UTC.
    pub at: Instant,
    /// Whether a touched hardware key is asked for.
    pub touch: bool,
}

/// Judges an armored SSHSIG (OpenSSH's `PROTOCOL.sshsig`) over a message.
///
/// The key is judged as of [`Rules::at`], the time of verifying: what the signature says of its own time proves nothing.
/// With [`Rules::touch`] it must be by a hardware key that says it was touched, which OpenSSH does not ask for.
pub fn verify(message: &[u8], namespace: &str, armored: &str, rules: &Rules<'_>) -> Answer {
    judge(message, namespace, armored, rules).unwrap_or_else(|why| Answer::Bad { why })
}

fn judge(message: &[u8], namespace: &str, armored: &str, rules: &Rules<'_>) -> Result<Answer, Why> {
    let signature = Sshsig::parse(armored)?;
    if signature.namespace != namespace || namespace.is_empty() {
        let found = super::key::shown(&signature.namespace);
        return Err(Why::Namespace { found, wanted: namespace.to_owned() });
    }
    let fingerprint = signature.key.fingerprint();
    let touched =
        signature.key.check(&signature.signed(message), &signature.signature).map_err(|why| match why {
            NotSigned::Malformed => Why::Armor,
            NotSigned::Algorithm(name) => Why::Algorithm(name),
            NotSigned::Wrong => Why::Tampered(fingerprint.clone()),
        })?;
    if rules.revoked.has(&signature.key) {
        return Err(Why::Revoked(fingerprint));
    }
    if rules.touch && touched != Touch::Present {
        return Err(Why::NoTouch { token: touched == Touch::Absent });
    }
    let mut first = None;
    for entry in rules.roster.of_key(&signature.key) {
        match bounds(entry, namespace, rules.at) {
            Ok(()) => {
                return Ok(Answer::Good { person: entry.person.clone(), fingerprint, line: entry.line });
            }
            Err(why) => first = first.or(Some(why)),
        }
    }
    first.map_or(Ok(Answer::Unknown { fingerprint }), Err)
}

/// What the line of the roster allows.
pub(super) fn bounds(entry: &Entry, namespace: &str, at: Instant) -> Result<(), Why> {
    let (fingerprint, person, line) = (entry.fingerprint(), entry.person.clone(), entry.line);
    if !entry.allows(namespace) {
        return Err(Why::NotFor { fingerprint, person, namespace: namespace.to_owned(), line });
    }
    if let Some(from) = entry.valid_after().filter(|from| at < *from) {
        return Err(Why::NotYet { fingerprint, person, from, line });
    }
    if let Some(until) = entry.valid_before().filter(|until| at > *until) {
        return Err(Why::Expired { fingerprint, person, until, line });
    }
    Ok(())
}
