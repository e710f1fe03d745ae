//! Raw values of the file become attributes: only those that anybody looks at, and without their secrets.

use super::error::{Error, describe};
use super::raw::Values;
use super::redact::{marks, redact, union};
use crate::model::{Action, Attributes, Wanted};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;

/// Where in which file a value stands, for errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    /// The file, as given.
    pub path: &'p str,
    /// JSON pointer of the object that the values belong to.
    pub pointer: &'p dyn Fn() -> String,
}

impl Place<'_> {
    fn refused(self, key: &str, error: &serde_json::Error) -> Error {
        let pointer = format!("{}{key}", (self.pointer)());
        Error::Form { path: self.path.to_owned(), pointer, what: describe(error) }
    }

    /// Reads a part of the file.
    pub(super) fn parse<'a, T: serde::Deserialize<'a>>(self, json: &'a [u8], key: &str) -> Result<T, Error> {
        serde_json::from_slice(json).map_err(|error| self.refused(key, &error))
    }

    /// A list; empty where there is none.
    pub(super) fn list<T: serde::de::DeserializeOwned>(
        self,
        raw: Option<&RawValue>,
        key: &str,
    ) -> Result<Vec<T>, Error> {
        raw.map_or(Ok(Vec::new()), |raw| self.parse(raw.get().as_bytes(), key))
    }

    /// A tree of marks; null where it marks nothing, as nearly all do.
    pub(super) fn marks(self, raw: Option<&RawValue>, key: &str) -> Result<Value, Error> {
        let Some(raw) = raw.map(RawValue::get).filter(|raw| !matches!(*raw, "{}" | "false")) else {
            return Ok(Value::Null);
        };
        let tree = self.parse(raw.as_bytes(), key)?;
        Ok(if marks(&tree) { tree } else { Value::Null })
    }

    /// The wanted ones among the members of a value.
    pub(super) fn wanted(self, raw: &RawValue, wanted: &Wanted, key: &str) -> Result<Value, Error> {
        let json = raw.get();
        match wanted {
            Wanted::Members { .. } if json.starts_with('{') => {
                let mut reader = serde_json::Deserializer::from_str(json);
                reader.deserialize_map(Members(wanted)).map_err(|error| self.refused(key, &error))
            }
            _ => self.parse(json.as_bytes(), key),
        }
    }
}

/// Keeps the wanted members of an object.
struct Members<'w>(&'w Wanted);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((key, wanted)) = map.next_key_seed(Key(self.0))? {
            match (wanted, self.0) {
                (true, _) => drop(members.insert(key, map.next_value()?)),
                (false, Wanted::Members { or: Some(or), .. }) => {
                    let raw: &RawValue = map.next_value()?;
                    if or(raw.get()) {
                        members
                            .insert(key, serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?);
                    }
                }
                (false, _) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(members))
    }
}

/// A key, and whether it is wanted; of those that surely are not, the name is not even copied.
struct Key<'w>(&'w Wanted);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = (String, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(String, bool), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = (String, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<(String, bool), E> {
        Ok(match self.0 {
            Wanted::Members { names, or } if !names.contains(key) => {
                (or.map(|_| key.to_owned()).unwrap_or_default(), false)
            }
            _ => (key.to_owned(), true),
        })
    }
}

/// What one object's values are made of.
#[derive(Clone, Copy, Default)]
pub(super) struct Raw<'a> {
    /// `before`.
    pub before: Option<&'a RawValue>,
    /// `after`.
    pub after: Option<&'a RawValue>,
    /// `after_unknown`.
    pub unknown: Option<&'a RawValue>,
    /// `before_sensitive`, `after_sensitive`.
    pub sensitive: [Option<&'a RawValue>; 2],
}

impl<'a> Raw<'a> {
    /// Those of a change.
    pub(super) fn of(values: &Values<'a>) -> Raw<'a> {
        Raw {
            before: values.before,
            after: values.after,
            unknown: values.after_unknown,
            sensitive: [values.before_sensitive, values.after_sensitive],
        }
    }
}

/// The values of an object, not yet redacted: nothing but [`Told::sides`] gets at them.
pub(super) struct Told {
    before: Option<Value>,
    after: Option<Value>,
    unknown: Value,
    mask: Value,
}

impl Told {
    /// Reads the wanted ones. Where nothing changes, the two sides are one.
    pub(super) fn read(
        raw: Raw<'_>,
        wanted: &Wanted,
        action: &Action,
        place: Place<'_>,
    ) -> Result<Told, Error> {
        let [before, after] = raw.sensitive;
        let mask = union(
            place.marks(before, "/change/before_sensitive")?,
            place.marks(after, "/change/after_sensitive")?,
        );
        let side =
            |raw: Option<&RawValue>, key: &str| raw.map(|raw| place.wanted(raw, wanted, key)).transpose();
        let after = side(raw.after, "/change/after")?;
        let before = match action {
            Action::NoOp if after.is_some() => None,
            _ => side(raw.before, "/change/before")?,
        };
        Ok(Told { before, after, unknown: place.marks(raw.unknown, "/change/after_unknown")?, mask })
    }

    /// Both sides, redacted by all the masks: a value that is sensitive in one place is so in all.
    pub(super) fn sides(self, mask: impl FnOnce(Value) -> Value) -> (Option<Attributes>, Option<Attributes>) {
        let mask = mask(self.mask);
        let side = |value: Option<Value>, unknown: Value| {
            value.map(|value| attributes(value, unknown, mask.clone()))
        };
        let before = side(self.before, Value::Null);
        (before, side(self.after, self.unknown))
    }
}

/// Values without what the mask marks.
pub(super) fn attributes(mut value: Value, unknown: Value, mut mask: Value) -> Attributes {
    redact(&mut value, &mut mask);
    Attributes { value: value.into(), unknown, sensitive: mask, ..Attributes::default() }
}

/// The one side of an object in a state file, redacted. Of the flat form of old states only the plain values are
/// read; that there is more under a name is known, and not what.
pub(super) fn state_side(
    raw: Option<&RawValue>,
    flat: Option<&std::collections::BTreeMap<String, Value>>,
    mask: &Value,
    place: Place<'_>,
) -> Result<Attributes, Error> {
    let mut unknown = Value::Null;
    let value = match (raw, flat) {
        (Some(raw), _) => place.parse(raw.get().as_bytes(), "/attributes")?,
        (None, None) => return Ok(untold()),
        (None, Some(flat)) => {
            let (mut plain, mut deep) = (Map::new(), Map::new());
            for (key, value) in flat {
                match key.split_once('.') {
                    None => drop(plain.insert(key.clone(), value.clone())),
                    Some((name, _)) => drop(deep.insert(name.to_owned(), Value::Bool(true))),
                }
            }
            unknown = Value::Object(deep);
            Value::Object(plain)
        }
    };
    Ok(attributes(value, unknown, mask.clone()))
}

/// An object of which the file should tell and does not: it is there, and nothing of it is known.
pub(super) fn untold() -> Attributes {
    Attributes { unknown: Value::Bool(true), ..Attributes::default() }
}
