//! Keys that count no more: `ssh-keygen -Y verify -r`, the list as text.

use super::key::{Key, KeyError, fingerprint};
use super::roster::{Fault, MOST, RosterError, key_of_line};
use base64ct::{Base64, Base64Unpadded, Encoding};
use std::collections::BTreeSet;

/// The revoked keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revoked {
    fingerprints: BTreeSet<String>,
    /// So that a revoked key is not back as a key of another type.
    materials: BTreeSet<Vec<u8>>,
}

/// How a binary list begins (OpenSSH's `PROTOCOL.krl`).
const MAGIC: &[u8] = b"SSHKRL\n\0";

impl Revoked {
    /// Reads a list: on each line a public key as a `.pub` file has it, or its `SHA256:` fingerprint; comments after
    /// `#` and after the key. `path` is how the file is called in errors.
    ///
    /// # Errors
    /// All lines that are neither, since a key that is missed would count; and a binary list.
    pub fn parse(bytes: &[u8], path: &str) -> Result<Revoked, Vec<RosterError>> {
        let whole = |fault| vec![RosterError { path: path.to_owned(), line: 0, fault }];
        if bytes.starts_with(MAGIC) {
            return Err(whole(Fault::Binary));
        }
        if bytes.len() > MOST {
            return Err(whole(Fault::Large(bytes.len())));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| whole(Fault::NotText))?;
        let mut revoked = Revoked::default();
        let mut errors = Vec::new();
        for (line, text) in (1..).zip(text.strip_prefix('\u{feff}').unwrap_or(text).split('\n')) {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            if let Err(fault) = revoked.add(text) {
                errors.push(RosterError { path: path.to_owned(), line, fault });
            }
        }
        if errors.is_empty() { Ok(revoked) } else { Err(errors) }
    }

    fn add(&mut self, text: &str) -> Result<(), Fault> {
        let first = text.split_whitespace().next().unwrap_or_default();
        if let Some(digest) = first.strip_prefix("SHA256:") {
            let digest = digest.trim_end_matches('=');
            return match Base64Unpadded::decode_vec(digest) {
                Ok(bytes) if bytes.len() == 32 => {
                    self.fingerprints.insert(format!("SHA256:{digest}"));
                    Ok(())
                }
                _ => Err(Fault::NotRevocation),
            };
        }
        if !Key::is_type(first) {
            return Err(Fault::NotRevocation);
        }
        match key_of_line(text) {
            Ok(key) => {
                self.fingerprints.insert(key.fingerprint());
                self.materials.insert(key.material());
                Ok(())
            }
            // It could not sign here anyway; a list that is used elsewhere too may name it.
            Err(Fault::Key(
                KeyError::Dsa | KeyError::Short { .. } | KeyError::Long { .. } | KeyError::Unknown { .. },
            )) => {
                let blob = text.split_whitespace().nth(1).and_then(|text| Base64::decode_vec(text).ok());
                self.fingerprints.insert(fingerprint(&blob.ok_or(Fault::NotRevocation)?));
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    /// Whether this key is revoked.
    pub fn has(&self, key: &Key) -> bool {
        self.fingerprints.contains(&key.fingerprint()) || self.materials.contains(&key.material())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::tests::keys::{ED25519, ED25519_OTHER, SK_ED25519, public, software};

    #[test]
    fn keys_and_fingerprints() {
        let (key, other) = (software(ED25519), software(ED25519_OTHER));
        for list in [
            format!("# gone\r\n\r\n  {} alice's\r\n", public(ED25519)),
            format!("{}\n", key.fingerprint()),
            format!("{}= lost\n", key.fingerprint()),
        ] {
            let revoked = Revoked::parse(list.as_bytes(), "revoked").unwrap();
            assert!(revoked.has(&key) && !revoked.has(&other), "{list}");
        }
        assert!(!Revoked::default().has(&key));
    }

    #[test]
    fn a_revoked_key_is_not_back_as_a_hardware_key() {
        let revoked = Revoked::parse(public(ED25519).as_bytes(), "revoked").unwrap();
        assert!(revoked.has(&software(SK_ED25519)));
    }

    #[test]
    fn what_is_neither_is_an_error_on_its_line() {
        let list = format!("SHA256:short\nMD5:00:11\n{}\nserial: 4\nssh-ed25519 AAAA\n", public(ED25519));
        let errors = Revoked::parse(list.as_bytes(), "keys/revoked").unwrap_err();
        assert_eq!(errors.iter().map(|error| error.line).collect::<Vec<_>>(), [1, 2, 4, 5]);
        assert!(errors[0].to_string().starts_with("keys/revoked:1: a public key"), "{}", errors[0]);
        let binary = Revoked::parse(b"SSHKRL\n\0\0\0\0\x01", "revoked").unwrap_err();
        assert_eq!(binary[0].fault, Fault::Binary);
        assert_eq!(Revoked::parse(b"\xFF", "revoked").unwrap_err()[0].fault, Fault::NotText);
    }
}
