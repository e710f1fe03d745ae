//! Public keys: read, told apart, and asked whether a signature is theirs.
//!
//! The wire format is small and read here, strictly; the curves are those of `ed25519-dalek`, `p256`, `p384`, `p521`.

mod error;
mod rsa;
pub(in crate::approval) mod wire;

pub use error::KeyError;

use base64ct::{Base64, Encoding};
use p256::ecdsa::signature::Verifier;
use rsa::{Hash, Rsa};
use sha2::{Digest, Sha256};
use std::fmt;
use wire::{Malformed, Wire};

/// A public key of a type that is verified here.
#[derive(Clone)]
pub struct Key {
    blob: Vec<u8>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    Rsa(Rsa),
    SkEd25519(Box<ed25519_dalek::VerifyingKey>, Vec<u8>),
    SkP256(Box<p256::ecdsa::VerifyingKey>, Vec<u8>),
}

/// What a signature that verifies says beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::approval) enum Touch {
    /// The key is none that could be touched.
    NoToken,
    /// A hardware key that says nobody touched it.
    Absent,
    /// A hardware key that was touched.
    Present,
}

/// Why a signature is not the key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::approval) enum NotSigned {
    /// Its bytes are no such signature.
    Malformed,
    /// Its algorithm is not one of the key.
    Algorithm(String),
    /// It is no signature of the message.
    Wrong,
}

impl From<Malformed> for NotSigned {
    fn from(_: Malformed) -> NotSigned {
        NotSigned::Malformed
    }
}

impl Key {
    /// From the type and the base64 text that a `.pub` file has.
    ///
    /// # Errors
    /// If it is not such a key, or one that does not count.
    pub fn from_text(name: &str, text: &str) -> Result<Key, KeyError> {
        Key::check_type(name)?;
        let blob = Base64::decode_vec(text).map_err(|_| KeyError::Malformed { name: name.to_owned() })?;
        let inside = Wire(&blob).text().map_err(|Malformed| KeyError::Malformed { name: name.to_owned() })?;
        if inside != name {
            return Err(KeyError::Type { outside: shown(name), inside: shown(inside) });
        }
        Key::from_blob(&blob)
    }

    /// From its encoding (RFC 4253 section 6.6).
    ///
    /// # Errors
    /// As [`Key::from_text`].
    pub fn from_blob(blob: &[u8]) -> Result<Key, KeyError> {
        let mut wire = Wire(blob);
        let name =
            wire.text().map_err(|Malformed| KeyError::Malformed { name: "a public key".to_owned() })?;
        Key::check_type(name)?;
        let malformed = |Malformed| KeyError::Malformed { name: name.to_owned() };
        let kind = match name {
            "ssh-ed25519" => Kind::Ed25519(edwards(wire.array().map_err(malformed)?)?),
            "sk-ssh-ed25519@openssh.com" => {
                let key = edwards(wire.array().map_err(malformed)?)?;
                Kind::SkEd25519(key, wire.string().map_err(malformed)?.to_vec())
            }
            "ssh-rsa" => {
                let exponent = wire.positive().map_err(malformed)?;
                Kind::Rsa(Rsa::new(exponent, wire.positive().map_err(malformed)?)?)
            }
            _ => {
                let curve = wire.string().map_err(malformed)?;
                if !name
                    .as_bytes()
                    .split(|byte| *byte == b'@')
                    .next()
                    .is_some_and(|name| name.ends_with(curve))
                {
                    return Err(malformed(Malformed));
                }
                let point = wire.string().map_err(malformed)?;
                // The other forms of a point are not read by OpenSSH either.
                if point.first() != Some(&4) {
                    return Err(KeyError::Point);
                }
                match (name, curve) {
                    ("sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256") => {
                        let application = wire.string().map_err(malformed)?.to_vec();
                        Kind::SkP256(
                            Box::new(on_curve(p256::ecdsa::VerifyingKey::from_sec1_bytes(point))?),
                            application,
                        )
                    }
                    ("ecdsa-sha2-nistp256", b"nistp256") => {
                        Kind::P256(Box::new(on_curve(p256::ecdsa::VerifyingKey::from_sec1_bytes(point))?))
                    }
                    ("ecdsa-sha2-nistp384", b"nistp384") => {
                        Kind::P384(Box::new(on_curve(p384::ecdsa::VerifyingKey::from_sec1_bytes(point))?))
                    }
                    ("ecdsa-sha2-nistp521", b"nistp521") => {
                        Kind::P521(Box::new(on_curve(p521::ecdsa::VerifyingKey::from_sec1_bytes(point))?))
                    }
                    _ => return Err(malformed(Malformed)),
                }
            }
        };
        wire.end().map_err(malformed)?;
        Ok(Key { blob: blob.to_vec(), kind })
    }

    /// Whether a word names a type of key, of whatever kind: as the first word of a key's text.
    pub(in crate::approval) fn is_type(word: &str) -> bool {
        ["ssh-", "ecdsa-", "sk-", "rsa-sha2-", "webauthn-sk-"].iter().any(|start| word.starts_with(start))
    }

    /// That keys of this type are verified here.
    fn check_type(name: &str) -> Result<(), KeyError> {
        match name {
            "ssh-ed25519"
            | "ssh-rsa"
            | "ecdsa-sha2-nistp256"
            | "ecdsa-sha2-nistp384"
            | "ecdsa-sha2-nistp521"
            | "sk-ssh-ed25519@openssh.com"
            | "sk-ecdsa-sha2-nistp256@openssh.com" => Ok(()),
            "ssh-dss" => Err(KeyError::Dsa),
            _ if name.contains("-cert-") => Err(KeyError::Certificate { name: shown(name) }),
            _ => Err(KeyError::Unknown { name: shown(name) }),
        }
    }

    /// Whether it is a hardware key, which can be touched.
    pub fn is_token(&self) -> bool {
        matches!(self.kind, Kind::SkEd25519(..) | Kind::SkP256(..))
    }

    /// The type and the base64 text, as a `.pub` file has them.
    pub fn to_text(&self) -> String {
        let name = Wire(&self.blob).text().unwrap_or_default();
        format!("{name} {}", Base64::encode_string(&self.blob))
    }

    /// `SHA256:` and 43 letters, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.blob)
    }

    /// What all keys with the same private half share: the number of the curve or the modulus, not the type, the
    /// application of a hardware key or the exponent. Two people must not share it.
    pub(in crate::approval) fn material(&self) -> Vec<u8> {
        match &self.kind {
            Kind::Ed25519(key) | Kind::SkEd25519(key, _) => key.as_bytes().to_vec(),
            Kind::P256(key) | Kind::SkP256(key, _) => key.to_encoded_point(false).as_bytes().to_vec(),
            Kind::P384(key) => key.to_encoded_point(false).as_bytes().to_vec(),
            Kind::P521(key) => key.to_encoded_point(false).as_bytes().to_vec(),
            Kind::Rsa(key) => key.modulus().to_vec(),
        }
    }

    /// Whether the encoded signature is this key's over the message.
    pub(in crate::approval) fn check(&self, message: &[u8], signature: &[u8]) -> Result<Touch, NotSigned> {
        let mut wire = Wire(signature);
        let algorithm = wire.text()?;
        let bytes = wire.string()?;
        let fits = match &self.kind {
            Kind::Rsa(_) => matches!(algorithm, "rsa-sha2-256" | "rsa-sha2-512"),
            _ => Wire(&self.blob).text() == Ok(algorithm),
        };
        if !fits {
            return Err(NotSigned::Algorithm(shown(algorithm)));
        }
        let (mut touch, mut trailer) = (Touch::NoToken, [0; 5]);
        if self.is_token() {
            trailer = wire.take(5)?.try_into().map_err(|_| Malformed)?;
            let [flags, ..] = trailer;
            touch = if flags & 1 == 1 { Touch::Present } else { Touch::Absent };
        }
        wire.end()?;
        let right = match &self.kind {
            Kind::Ed25519(key) => key.verify_strict(message, &edwards_signature(bytes)?).is_ok(),
            Kind::SkEd25519(key, application) => {
                let message = by_token(application, trailer, message);
                key.verify_strict(&message, &edwards_signature(bytes)?).is_ok()
            }
            Kind::P256(key) => key.verify(message, &p256_signature(bytes)?).is_ok(),
            Kind::SkP256(key, application) => {
                key.verify(&by_token(application, trailer, message), &p256_signature(bytes)?).is_ok()
            }
            Kind::P384(key) => {
                let both = scalars(bytes, 48)?;
                let signature = p384::ecdsa::Signature::from_slice(&both).map_err(|_| NotSigned::Wrong)?;
                key.verify(message, &signature).is_ok()
            }
            Kind::P521(key) => {
                let both = scalars(bytes, 66)?;
                let signature = p521::ecdsa::Signature::from_slice(&both).map_err(|_| NotSigned::Wrong)?;
                key.verify(message, &signature).is_ok()
            }
            Kind::Rsa(key) => {
                let hash = if algorithm == "rsa-sha2-256" { Hash::Sha256 } else { Hash::Sha512 };
                key.verifies(hash, message, bytes)
            }
        };
        if right { Ok(touch) } else { Err(NotSigned::Wrong) }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.blob == other.blob
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fingerprint())
    }
}

/// The fingerprint of an encoded key, whatever its type.
pub(in crate::approval) fn fingerprint(blob: &[u8]) -> String {
    let text = base64ct::Base64Unpadded::encode_string(&Sha256::digest(blob));
    format!("SHA256:{text}")
}

/// A text of a stranger as messages show it: what is not plain ASCII is escaped, so that look-alikes differ.
pub(in crate::approval) fn shown(text: &str) -> String {
    let short: String = text.chars().take(120).flat_map(char::escape_default).collect();
    if text.chars().nth(120).is_some() { format!("{short}…") } else { short }
}

fn edwards(bytes: [u8; 32]) -> Result<Box<ed25519_dalek::VerifyingKey>, KeyError> {
    ed25519_dalek::VerifyingKey::from_bytes(&bytes)
        .ok()
        .filter(|key| !key.is_weak())
        .map(Box::new)
        .ok_or(KeyError::Point)
}

fn on_curve<T, E>(key: Result<T, E>) -> Result<T, KeyError> {
    key.map_err(|_| KeyError::Point)
}

fn edwards_signature(bytes: &[u8]) -> Result<ed25519_dalek::Signature, NotSigned> {
    ed25519_dalek::Signature::from_slice(bytes).map_err(|_| NotSigned::Malformed)
}

fn p256_signature(bytes: &[u8]) -> Result<p256::ecdsa::Signature, NotSigned> {
    p256::ecdsa::Signature::from_slice(&scalars(bytes, 32)?).map_err(|_| NotSigned::Wrong)
}

/// The two numbers of an ECDSA signature (RFC 5656 section 3.1.2), each in the bytes of a field's element.
fn scalars(bytes: &[u8], size: usize) -> Result<Vec<u8>, Malformed> {
    let mut wire = Wire(bytes);
    let mut both = Vec::with_capacity(2 * size);
    for _ in 0..2 {
        let number = wire.positive()?;
        let zeros = size.checked_sub(number.len()).ok_or(Malformed)?;
        both.resize(both.len() + zeros, 0);
        both.extend_from_slice(number);
    }
    wire.end()?;
    Ok(both)
}

/// What a hardware key signs (OpenSSH's `PROTOCOL.u2f`): the digests of application and message, and between them its
/// flags and counter.
fn by_token(application: &[u8], trailer: [u8; 5], message: &[u8]) -> Vec<u8> {
    let mut signed = Sha256::digest(application).to_vec();
    signed.extend(trailer);
    signed.extend(Sha256::digest(message));
    signed
}
