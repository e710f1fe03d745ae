//! Canonical JSON (RFC 8785): one text for one value, so that what is signed, hashed and shown are the same bytes.
//!
//! Numbers are integers that every reader keeps exactly; a value with any other number is refused on both ways. What is
//! read must be canonical as it stands: a text that says the same in other bytes (another order, white space, a key
//! twice, an escape that is not needed) is refused, since two programs may read it differently.

use crate::model::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

/// Why something is not canonical JSON.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no JSON, or not what is expected there.
    #[error("{0}")]
    Form(String),
    /// It is JSON, in other bytes than the canonical ones.
    #[error(
        "it is not in canonical form (RFC 8785): byte {0} differs; it was not written by mainstay, or was changed since"
    )]
    Other(usize),
    /// A number that is no integer, or beyond what every reader keeps.
    #[error("the number {0} is no integer that every reader keeps exactly")]
    Number(String),
    /// It is larger than any such text is.
    #[error("it has {0} bytes, which is more than is ever read ({MOST})")]
    Large(usize),
}

/// Bytes that are read at most: a request with some ten thousand findings.
pub const MOST: usize = 64 * 1024 * 1024;

/// The largest integer that a double holds exactly, and all before it: 2^53 - 1.
const LARGEST: u64 = (1 << 53) - 1;

/// The canonical bytes of a value.
///
/// # Errors
/// If it holds a number that is not allowed, or cannot be JSON.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let value = serde_json::to_value(value).map_err(|error| Error::Form(error.to_string()))?;
    let mut bytes = Vec::new();
    write(&value, &mut bytes)?;
    Ok(bytes)
}

/// Reads a value from its canonical bytes.
///
/// # Errors
/// If they are not canonical, or not such a value.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    if bytes.len() > MOST {
        return Err(Error::Large(bytes.len()));
    }
    let form = |error: serde_json::Error| Error::Form(error.to_string());
    let value: Value = serde_json::from_slice(bytes).map_err(form)?;
    let mut again = Vec::with_capacity(bytes.len());
    write(&value, &mut again)?;
    if again != bytes {
        let same = again.iter().zip(bytes).take_while(|(one, other)| one == other).count();
        return Err(Error::Other(same));
    }
    serde_json::from_value(value).map_err(form)
}

/// A value of a canonical text, if it is written as it was read: a time, say, has several spellings, and only one of them
/// is what was signed.
///
/// # Errors
/// If it is no such value, or another one would be written.
pub fn exact<T: DeserializeOwned + Serialize>(value: Value) -> Result<T, Error> {
    let form = |error: serde_json::Error| Error::Form(error.to_string());
    let read: T = T::deserialize(&value).map_err(form)?;
    match serde_json::to_value(&read).map_err(form)? == value {
        true => Ok(read),
        false => Err(Error::Form("a value in it is not spelled as mainstay writes it".to_owned())),
    }
}

/// The digest of the canonical bytes of a value.
///
/// # Errors
/// As [`to_bytes`].
pub fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, Error> {
    Ok(Digest::of(&to_bytes(value)?))
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => out.extend_from_slice(integer(number)?.as_bytes()),
        Value::String(text) => string(text, out)?,
        Value::Array(elements) => {
            out.push(b'[');
            for (number, element) in elements.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                write(element, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            // By UTF-16, as section 3.2.3 asks, which is another order than that of the bytes beyond U+FFFF.
            sorted.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push(b'{');
            for (number, (key, member)) in sorted.into_iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                string(key, out)?;
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn integer(number: &Number) -> Result<String, Error> {
    let text = number.to_string();
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let value: Option<u64> =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    let canonical =
        value.is_some_and(|value| value <= LARGEST && value.to_string() == digits && text != "-0");
    if canonical { Ok(text) } else { Err(Error::Number(text)) }
}

/// As ECMAScript writes it, which is how serde_json does: short escapes, `\u00xx` in lower case for the other controls.
fn string(text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
    serde_json::to_writer(out, text).map_err(|error| Error::Form(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(to_bytes(value).unwrap()).unwrap()
    }

    #[test]
    fn keys_are_in_the_order_of_the_standard() {
        // The example of section 3.2.3.
        let value =
            json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7});
        let written = text(&value);
        let order: String = written.chars().filter(char::is_ascii_digit).collect();
        // The `1` after the first 2 is a key.
        assert_eq!(order, "21467153");
    }

    #[test]
    fn strings_have_one_spelling() {
        let value = json!("\u{20ac}$\u{f}\nA'B\"\\\"/\u{7f}\u{2028}");
        assert_eq!(text(&value), "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\u{7f}\u{2028}\"");
    }

    #[test]
    fn only_integers_that_all_readers_keep() {
        assert_eq!(text(&json!([0, -1, 9_007_199_254_740_991_i64])), "[0,-1,9007199254740991]");
        for wrong in
            ["1.0", "1e3", "0.5", "-0", "9007199254740992", "1E400", "123456789012345678901234567890"]
        {
            let value: Value = serde_json::from_str(wrong).unwrap();
            assert!(matches!(to_bytes(&value), Err(Error::Number(_))), "{wrong}");
            assert!(from_slice::<Value>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        let good = br#"{"a":[1,"x"],"b":null}"#;
        assert!(from_slice::<Value>(good).is_ok());
        for wrong in [
            r#"{"b":null,"a":[1,"x"]}"#,
            r#"{"a":[1,"x"],"b":null} "#,
            r#"{"a":[1, "x"],"b":null}"#,
            r#"{"a":[1,"\u0078"],"b":null}"#,
            r#"{"a":0,"a":[1,"x"],"b":null}"#,
            r#"{"a":{"k":1,"k":2}}"#,
            r#"{"a":"\/"}"#,
            "\u{feff}{}",
            "{}{}",
            "",
        ] {
            assert!(from_slice::<Value>(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
