//! The public half of a key file, without its passphrase.

use crate::approval::key::Key;
use crate::approval::roster::key_of_line;
use base64ct::{Base64, Encoding};

/// What an OpenSSH private key begins with: `PROTOCOL.key` of OpenSSH.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Of a public key file, or of a private key in OpenSSH's own form, which holds it in the clear.
pub(super) fn of_file(bytes: &[u8]) -> Option<Key> {
    let text = std::str::from_utf8(bytes).ok()?;
    let inside = text.trim().strip_prefix("-----BEGIN OPENSSH PRIVATE KEY-----");
    let Some(inside) = inside.and_then(|rest| rest.strip_suffix("-----END OPENSSH PRIVATE KEY-----")) else {
        return text.lines().map(str::trim).find_map(|line| key_of_line(line).ok());
    };
    let packed: String = inside.split_whitespace().collect();
    let bytes = Base64::decode_vec(&packed).ok()?;
    let mut rest = bytes.strip_prefix(MAGIC)?;
    // Cipher, key derivation, and its options; then how many keys, and the first public one.
    for _ in 0..3 {
        string(&mut rest)?;
    }
    let (count, after) = rest.split_first_chunk::<4>()?;
    rest = after;
    (u32::from_be_bytes(*count) == 1).then_some(())?;
    Key::from_blob(string(&mut rest)?).ok()
}

fn string<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (string, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(string)
}
