//! JSON: every string exactly as it is, keys in the order of the contract.

use super::clean::is_unsafe;
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// The answer as pretty-printed JSON with a newline at its end. The same answer gives the same bytes.
///
/// # Errors
/// If a value cannot be written as JSON, which no type of `verdict` brings about.
pub fn json<T: Serialize>(answer: &T) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    answer.serialize(&mut Serializer::with_formatter(&mut bytes, Harmless(PrettyFormatter::new())))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

/// Writes as `\uXXXX` whatever [`super::clean()`] would take out of a text: a program reads the same string, and a
/// terminal that shows the file is steered by nothing in it.
struct Harmless(PrettyFormatter<'static>);

/// Hands a call on.
macro_rules! pretty {
    ($($name:ident($($argument:ident: $type:ty)?);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $argument: $type)?) -> io::Result<()> {
            self.0.$name(writer $(, $argument)?)
        })*
    };
}

impl Formatter for Harmless {
    pretty! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| is_unsafe(*letter)) {
            let (plain, after) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = after.strip_prefix(letter).unwrap_or_default();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json as value};
    use std::collections::BTreeMap;

    #[test]
    fn strings_stay_what_they_are_and_steer_nothing() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}gpj\u{2066}\u{feff}\u{e0041}\n\"\\ zażółć 日本 😀";
        let mut answer: BTreeMap<&str, Vec<&str>> = BTreeMap::from([(hostile, vec![hostile])]);
        answer.insert("empty", Vec::new());
        let text = json(&answer).unwrap();
        assert!(text.chars().all(|letter| letter == '\n' || !is_unsafe(letter)), "{text:?}");
        assert!(
            text.contains("zażółć 日本 😀") && text.contains("\\u202egpj") && text.contains("\\udb40\\udc41")
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value!(answer));
    }

    #[test]
    fn the_layout_is_that_of_serde_json() {
        let answer = value!({"a": [], "b": {}, "c": [1, {"d": null}], "e": "x"});
        assert_eq!(json(&answer).unwrap(), serde_json::to_string_pretty(&answer).unwrap() + "\n");
    }
}
