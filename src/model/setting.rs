//! Values that a statement asks for: the state of a flag, the identifier of a device.

use super::{Alias, ChangeIx, Evidence, Instant, Scalar, Side};
use std::fmt;
use std::sync::Arc;

/// One value as an object has it. It may be a secret that nobody marked: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// Text, a number, true or false, in the one spelling in which equal ones are equal.
    Plain(Plain),
    /// A list or a block, as JSON.
    Deep(String),
    /// Known only after apply.
    Unknown,
    /// Sensitive: a digest of the value by which equal ones are equal in one run, where one could be taken.
    Hidden(Option<[u8; 32]>),
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Told::Plain(_) => "Plain(..)",
            Told::Deep(_) => "Deep(..)",
            Told::Unknown => "Unknown",
            Told::Hidden(_) => "Hidden(..)",
        })
    }
}

/// A plain value. As Terraform converts them, `true` and `"true"` are equal, and so are 1, 1.0 and `"1"`; texts are equal
/// byte by byte.
#[derive(Clone)]
pub struct Plain {
    text: String,
    /// It was written as true, false or a number: nothing that anybody could have a secret in.
    bare: bool,
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(..)")
    }
}

// How it was written makes no difference.
impl PartialEq for Plain {
    fn eq(&self, other: &Plain) -> bool {
        self.text == other.text
    }
}

impl Eq for Plain {}

impl PartialOrd for Plain {
    fn partial_cmp(&self, other: &Plain) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Plain {
    fn cmp(&self, other: &Plain) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl Plain {
    /// A text.
    pub fn text(text: impl Into<String>) -> Plain {
        Plain { text: text.into(), bare: false }
    }

    /// True or false.
    pub fn truth(truth: bool) -> Plain {
        Plain { text: truth.to_string(), bare: true }
    }

    /// A number, as JSON writes it.
    pub fn number(written: &str) -> Plain {
        Plain { text: whole(written).unwrap_or_else(|| written.to_owned()), bare: true }
    }

    /// Byte by byte what it is.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value for people, where it is true, false or a number.
    pub fn shown(&self) -> Option<&str> {
        (self.bare || matches!(self.text.as_str(), "true" | "false")).then_some(&self.text)
    }
}

impl From<&Scalar> for Plain {
    fn from(scalar: &Scalar) -> Plain {
        match scalar {
            Scalar::Bool(truth) => Plain::truth(*truth),
            Scalar::Integer(number) => Plain { text: number.to_string(), bare: true },
            Scalar::Text(text) => Plain::text(text.clone()),
        }
    }
}

/// A number without a sign of plus, zeros that say nothing, a fraction of nothing and an exponent, if it is whole then.
fn whole(written: &str) -> Option<String> {
    let (negative, rest) = match written.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, written),
    };
    let (digits, exponent) = match rest.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = format!("{before}{after}");
    // Where the point stands in `all`.
    let point = i64::try_from(before.len()).ok()?.checked_add(i64::from(exponent))?;
    // Nobody sets anything to a googol.
    let point = usize::try_from(point).ok().filter(|point| *point <= 400)?;
    while all.len() < point {
        all.push('0');
    }
    let fraction = all.split_off(point);
    let (number, fraction) = (all.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let number = if number.is_empty() { "0" } else { number };
    let sign = if negative && (number != "0" || !fraction.is_empty()) { "-" } else { "" };
    Some(match fraction {
        "" => format!("{sign}{number}"),
        _ => format!("{sign}{number}.{fraction}"),
    })
}

/// What an object says of one attribute that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The attribute, as the statement writes it.
    pub name: Arc<str>,
    /// Its values: several where the path leads to several.
    pub values: Vec<Told>,
}

/// All that one side of an object says of what is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The attributes that it has.
    pub all: Vec<Setting>,
    /// What remains of them when the object is deleted: some are not deleted, but reset.
    pub left: Vec<Setting>,
    /// Objects of an equal one are one thing in several places: a flag in its environments.
    pub variant_of: Option<Alias>,
}

/// One source's word on what a node is like, as [`super::Claim`] is on whether it exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// In which versions of the world.
    pub side: Side,
    /// Where it says so.
    pub evidence: Evidence,
    /// When the source was taken.
    pub taken_at: Option<Instant>,
    /// The change of the object, if a plan speaks of it.
    pub change: Option<ChangeIx>,
    /// It is what a deletion leaves.
    pub left: bool,
    /// What it is like.
    pub settings: Vec<Setting>,
}

impl State {
    /// The values of an attribute; empty: it says nothing of it.
    pub fn values(&self, name: &str) -> &[Told] {
        let setting = self.settings.iter().find(|setting| &*setting.name == name);
        setting.map(|setting| setting.values.as_slice()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_equal_however_they_are_written() {
        for (one, other) in [
            (Plain::truth(true), Plain::text("true")),
            (Plain::number("1"), Plain::number("1.0")),
            (Plain::number("1e3"), Plain::text("1000")),
            (Plain::number("-0.0"), Plain::number("0")),
            (Plain::number("0.50"), Plain::number("5e-1")),
            (Plain::from(&Scalar::Integer(-7)), Plain::number("-7.000")),
            (Plain::from(&Scalar::Text("9007199254740993".into())), Plain::number("9007199254740993")),
        ] {
            assert_eq!(one.as_str(), other.as_str());
        }
        for (one, other) in [
            (Plain::truth(true), Plain::text("True")),
            (Plain::truth(false), Plain::number("0")),
            (Plain::text("1.0"), Plain::number("1")),
            (Plain::number("9007199254740993"), Plain::number("9007199254740992")),
            (Plain::text("AB-1"), Plain::text("ab-1")),
            (Plain::text("AB-1"), Plain::text("AB1")),
            (Plain::number("1e999999999"), Plain::number("1")),
        ] {
            assert_ne!(one.as_str(), other.as_str());
        }
    }

    #[test]
    fn only_what_can_be_no_secret_is_shown() {
        assert_eq!(Plain::truth(false).shown(), Some("false"));
        assert_eq!(Plain::number("2.0").shown(), Some("2"));
        assert_eq!(Plain::text("false").shown(), Some("false"));
        assert_eq!(Plain::text("hunter2").shown(), None);
        let told = [Told::Plain(Plain::text("hunter2")), Told::Deep("hunter2".into()), Told::Unknown];
        assert!(!format!("{told:?}").contains("hunter2"));
    }
}
