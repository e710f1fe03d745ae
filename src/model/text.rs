//! Text of files that other programs wrote: UTF-8 with or without a mark, or UTF-16 as PowerShell's `>` leaves it; and
//! what to say where a file cannot be read.

use std::borrow::Cow;
use std::io;

/// The bytes are in no encoding that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither UTF-8 nor UTF-16 text (byte {at})")]
pub struct NotText {
    /// Offset of the first byte that does not fit.
    pub at: usize,
}

/// The text of a file, without its byte order mark. UTF-8 is borrowed, UTF-16 is transcoded.
///
/// UTF-16 without a mark is taken for what it is when its first letter is ASCII, as it always is in JSON.
///
/// # Errors
/// If the bytes are neither.
pub fn decode_text(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, 2, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, 2, u16::from_be_bytes),
        [1..=0x7F, 0, ..] => utf16(bytes, 0, u16::from_le_bytes),
        [0, 1..=0x7F, ..] => utf16(bytes, 0, u16::from_be_bytes),
        _ => utf8(bytes, 0),
    }
}

/// Bytes in lower-case hexadecimal, as digests are written.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Infallible: the target is a String.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn utf8(bytes: &[u8], skipped: usize) -> Result<Cow<'_, str>, NotText> {
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|error| NotText { at: skipped + error.valid_up_to() })
}

fn utf16(bytes: &[u8], skipped: usize, unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, NotText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(NotText { at: skipped + bytes.len() });
    }
    let mut text = String::with_capacity(pairs.len());
    for (index, letter) in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).enumerate() {
        text.push(letter.map_err(|_| NotText { at: skipped + 2 * index })?);
    }
    Ok(Cow::Owned(text))
}

/// The system's word in the house's spelling, without the number.
pub fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_dropped_and_utf16_is_transcoded() {
        assert_eq!(decode_text(b"\xEF\xBB\xBF{}").unwrap(), "{}");
        assert_eq!(decode_text(b"\xFF\xFE{\0}\0").unwrap(), "{}");
        assert_eq!(decode_text(b"\xFE\xFF\0{\0}").unwrap(), "{}");
        assert_eq!(decode_text(b"{\0}\0").unwrap(), "{}");
        assert_eq!(decode_text(b"").unwrap(), "");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(decode_text(b"{\"\xFF\"}"), Err(NotText { at: 2 }));
        assert_eq!(decode_text(b"\xFF\xFE{\0}"), Err(NotText { at: 5 }));
        assert_eq!(decode_text(b"\xFF\xFE\0\xD8\0\0"), Err(NotText { at: 2 }));
    }
}
