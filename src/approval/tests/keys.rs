//! Keys for tests: of software, hardware keys included, with known secrets.

use crate::approval::key::Key;
use crate::approval::key::wire::put;
use base64ct::{Base64, Encoding};
use ed25519_dalek::Signer as _;
use sha2::{Digest, Sha256, Sha512};

/// A key, by its type and secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::approval) enum Soft {
    Ed25519(u8),
    P256(u8),
    SkEd25519(u8),
    SkP256(u8),
}

pub(in crate::approval) const ED25519: Soft = Soft::Ed25519(7);
pub(in crate::approval) const ED25519_OTHER: Soft = Soft::Ed25519(8);
pub(in crate::approval) const SK_ED25519: Soft = Soft::SkEd25519(7);
pub(in crate::approval) const SK_P256: Soft = Soft::SkP256(9);

pub(in crate::approval) const APPLICATION: &[u8] = b"ssh:";

impl Soft {
    pub(in crate::approval) fn name(self) -> &'static str {
        match self {
            Soft::Ed25519(_) => "ssh-ed25519",
            Soft::P256(_) => "ecdsa-sha2-nistp256",
            Soft::SkEd25519(_) => "sk-ssh-ed25519@openssh.com",
            Soft::SkP256(_) => "sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    fn is_token(self) -> bool {
        matches!(self, Soft::SkEd25519(_) | Soft::SkP256(_))
    }

    pub(in crate::approval) fn blob(self) -> Vec<u8> {
        let mut blob = Vec::new();
        put(&mut blob, self.name().as_bytes());
        match self {
            Soft::Ed25519(secret) | Soft::SkEd25519(secret) => {
                put(&mut blob, edwards(secret).verifying_key().as_bytes());
            }
            Soft::P256(secret) | Soft::SkP256(secret) => {
                put(&mut blob, b"nistp256");
                put(&mut blob, weierstrass(secret).verifying_key().to_encoded_point(false).as_bytes());
            }
        }
        if self.is_token() {
            put(&mut blob, APPLICATION);
        }
        blob
    }

    /// The encoded signature over what the key is given.
    pub(in crate::approval) fn raw(self, message: &[u8], flags: u8) -> Vec<u8> {
        let mut message = message.to_vec();
        let trailer = [flags, 0, 0, 0, 42];
        if self.is_token() {
            let digest = Sha256::digest(&message);
            message = Sha256::digest(APPLICATION).to_vec();
            message.extend(trailer);
            message.extend(digest);
        }
        let mut signature = Vec::new();
        put(&mut signature, self.name().as_bytes());
        match self {
            Soft::Ed25519(secret) | Soft::SkEd25519(secret) => {
                put(&mut signature, &edwards(secret).sign(&message).to_bytes());
            }
            Soft::P256(secret) | Soft::SkP256(secret) => {
                let made: p256::ecdsa::Signature = weierstrass(secret).sign(&message);
                let (r, s) = made.split_bytes();
                let mut numbers = Vec::new();
                number(&mut numbers, &r);
                number(&mut numbers, &s);
                put(&mut signature, &numbers);
            }
        }
        if self.is_token() {
            signature.extend(trailer);
        }
        signature
    }
}

fn edwards(secret: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[secret; 32])
}

fn weierstrass(secret: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[secret; 32]).unwrap()
}

/// An `mpint`.
pub(in crate::approval) fn number(out: &mut Vec<u8>, bytes: &[u8]) {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut shortest = bytes[zeros..].to_vec();
    if shortest.first().is_some_and(|byte| *byte >= 0x80) {
        shortest.insert(0, 0);
    }
    put(out, &shortest);
}

/// `type base64`, as in a `.pub` file.
pub(in crate::approval) fn public(key: Soft) -> String {
    format!("{} {}", key.name(), Base64::encode_string(&key.blob()))
}

pub(in crate::approval) fn software(key: Soft) -> Key {
    Key::from_blob(&key.blob()).unwrap()
}

/// What a key signs for a message (OpenSSH's `PROTOCOL.sshsig`).
pub(in crate::approval) fn to_sign(namespace: &str, hash: &str, message: &[u8]) -> Vec<u8> {
    let mut signed = b"SSHSIG".to_vec();
    put(&mut signed, namespace.as_bytes());
    put(&mut signed, b"");
    put(&mut signed, hash.as_bytes());
    match hash {
        "sha256" => put(&mut signed, &Sha256::digest(message)),
        _ => put(&mut signed, &Sha512::digest(message)),
    }
    signed
}

/// The bytes of an SSHSIG.
pub(in crate::approval) fn envelope(blob: &[u8], namespace: &str, hash: &str, signature: &[u8]) -> Vec<u8> {
    let mut out = b"SSHSIG\0\0\0\x01".to_vec();
    for part in [blob, namespace.as_bytes(), b"", hash.as_bytes(), signature] {
        put(&mut out, part);
    }
    out
}

/// The text form, in lines of 70.
pub(in crate::approval) fn armor(bytes: &[u8]) -> String {
    let text = Base64::encode_string(bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

/// A signature of a message, with the flags that a hardware key would say.
pub(in crate::approval) fn sign(key: Soft, namespace: &str, hash: &str, message: &[u8], flags: u8) -> String {
    let signature = key.raw(&to_sign(namespace, hash, message), flags);
    armor(&envelope(&key.blob(), namespace, hash, &signature))
}
