//! An SSHSIG and its text form: OpenSSH's `PROTOCOL.sshsig`.

use super::Why;
use crate::approval::key::wire::{Malformed, Wire, put};
use crate::approval::key::{Key, shown};
use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256, Sha512};

/// Bytes that the text form has at most; one by an RSA key of 8192 bits has 3 kB.
const MOST: usize = 16 * 1024;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----";
const MAGIC: &[u8] = b"SSHSIG";

/// Letters of a line, as ssh-keygen breaks them.
const WIDTH: usize = 70;

/// What a signature says of itself.
pub(super) struct Sshsig {
    pub(super) key: Key,
    pub(super) namespace: String,
    pub(super) signature: Vec<u8>,
    hash: Hash,
}

#[derive(Clone, Copy)]
enum Hash {
    Sha256,
    Sha512,
}

impl Sshsig {
    /// Reads the text form as ssh-keygen writes it, and no other: one signature has one text.
    pub(super) fn parse(armored: &str) -> Result<Sshsig, Why> {
        if armored.len() > MOST {
            return Err(Why::Large(armored.len()));
        }
        let body = armored
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix('\n').unwrap_or(rest).strip_suffix(END))
            .ok_or(Why::Armor)?;
        let lines: Vec<&str> = body.split_terminator('\n').collect();
        let whole = lines.split_last().is_some_and(|(last, full)| {
            !last.is_empty() && last.len() <= WIDTH && full.iter().all(|line| line.len() == WIDTH)
        });
        if !whole || !body.ends_with('\n') {
            return Err(Why::Armor);
        }
        let bytes = Base64::decode_vec(&lines.concat()).map_err(|_| Why::Armor)?;
        Sshsig::decode(&bytes)
    }

    fn decode(bytes: &[u8]) -> Result<Sshsig, Why> {
        let mut wire = Wire(bytes);
        if wire.take(MAGIC.len())? != MAGIC || wire.number()? != 1 {
            return Err(Why::Armor);
        }
        let key = wire.string()?;
        let namespace = wire.text()?.to_owned();
        // What is there is not signed, so it could say anything.
        if !wire.string()?.is_empty() {
            return Err(Why::Reserved);
        }
        let hash = match wire.text()? {
            "sha256" => Hash::Sha256,
            "sha512" => Hash::Sha512,
            other => return Err(Why::Hash(shown(other))),
        };
        let signature = wire.string()?.to_vec();
        wire.end()?;
        Ok(Sshsig { key: Key::from_blob(key)?, namespace, signature, hash })
    }

    /// What the key signed, for this message.
    pub(super) fn signed(&self, message: &[u8]) -> Vec<u8> {
        let mut signed = MAGIC.to_vec();
        put(&mut signed, self.namespace.as_bytes());
        put(&mut signed, b"");
        match self.hash {
            Hash::Sha256 => {
                put(&mut signed, b"sha256");
                put(&mut signed, &Sha256::digest(message));
            }
            Hash::Sha512 => {
                put(&mut signed, b"sha512");
                put(&mut signed, &Sha512::digest(message));
            }
        }
        signed
    }
}

impl From<Malformed> for Why {
    fn from(_: Malformed) -> Why {
        Why::Armor
    }
}
