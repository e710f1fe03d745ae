//! Raw values of the file become attributes: only those that anybody looks at, and without their secrets.

use super::error::{Error, describe};
use super::peel::only;
use super::raw::Values;
use super::redact::{redact, union};
use crate::model::{Action, Attributes, Guarded, Wanted};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
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
    pub(super) fn marks(self, raw: Option<&str>, key: &str) -> Result<Value, Error> {
        let Some(raw) = raw.filter(|raw| !matches!(*raw, "{}" | "false")) else {
            return Ok(Value::Null);
        };
        // Most mark nothing at length.
        match serde_json::from_str(raw) {
            Ok(Marks(false)) => Ok(Value::Null),
            _ => self.parse(raw.as_bytes(), key),
        }
    }

    /// [`Place::marks`] on what is kept of these values: marks on members that are left out hide nothing. Values of an
    /// unexpected form are kept whole, and so are the marks on them.
    pub(super) fn marks_on(
        self,
        values: &[Option<&str>],
        raw: Option<&str>,
        wanted: &Wanted,
        key: &str,
    ) -> Result<Value, Error> {
        let is_cut = |value: &&str| value.starts_with('{') || *value == "null";
        let kept = match (raw, wanted) {
            (Some(raw), Wanted::Members { names, or: None })
                if raw.len() > 2 && raw.starts_with('{') && values.iter().flatten().all(is_cut) =>
            {
                only(raw, |name, _| names.contains(name)).ok()
            }
            _ => None,
        };
        self.marks(kept.as_deref().or(raw), key)
    }

    /// The wanted ones among the members of a value.
    pub(super) fn wanted(self, raw: &str, wanted: &Wanted, key: &str) -> Result<Guarded, Error> {
        let kept = match wanted {
            Wanted::Members { names, or } if raw.starts_with('{') => {
                only(raw, |name, value| names.contains(name) || or.is_some_and(|or| or(value))).ok()
            }
            _ => Some(raw.to_owned()),
        };
        // What is wrong with it shows where it stands.
        let whole = || serde_json::from_str::<Value>(raw).map(Guarded::from);
        kept.and_then(|kept| Guarded::json(kept).ok())
            .map_or_else(whole, Ok)
            .map_err(|error| self.refused(key, &error))
    }
}

/// What one object's values are made of.
#[derive(Clone, Copy, Default)]
pub(super) struct Raw<'a> {
    /// `before`.
    pub before: Option<&'a str>,
    /// `after`.
    pub after: Option<&'a str>,
    /// `after_unknown`.
    pub unknown: Option<&'a str>,
    /// `before_sensitive`, `after_sensitive`.
    pub sensitive: [Option<&'a str>; 2],
}

impl<'a> Raw<'a> {
    /// Those of a change.
    pub(super) fn of(values: &Values<'a>) -> Raw<'a> {
        let [before, after, unknown, was, will] = [
            values.before,
            values.after,
            values.after_unknown,
            values.before_sensitive,
            values.after_sensitive,
        ]
        .map(|raw| raw.map(RawValue::get));
        Raw { before, after, unknown, sensitive: [was, will] }
    }
}

/// The values of an object, not yet redacted: nothing but [`Told::sides`] gets at them.
pub(super) struct Told {
    before: Option<Guarded>,
    after: Option<Guarded>,
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
        let values = [raw.before, raw.after];
        let mut mask = place.marks_on(&values, before, wanted, "/change/before_sensitive")?;
        if before != after {
            mask = union(mask, place.marks_on(&values, after, wanted, "/change/after_sensitive")?);
        }
        let side = |raw: Option<&str>, key: &str| raw.map(|raw| place.wanted(raw, wanted, key)).transpose();
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
        let side = |value: Option<Guarded>, unknown: Value| {
            value.map(|value| attributes(value, unknown, mask.clone()))
        };
        let before = side(self.before, Value::Null);
        (before, side(self.after, self.unknown))
    }
}

/// Values without what the mask marks.
pub(super) fn attributes(mut value: Guarded, unknown: Value, mut mask: Value) -> Attributes {
    if !mask.is_null() {
        redact(value.reveal_mut(), &mut mask);
    }
    Attributes { value, unknown, sensitive: mask, ..Attributes::default() }
}

/// Whether a tree of marks marks anything: what [`marks`] says of it, without the tree.
struct Marks(bool);

impl<'de> serde::Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Marks, D::Error> {
        deserializer.deserialize_any(Marks(false))
    }
}

impl<'de> Visitor<'de> for Marks {
    type Value = Marks;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("marks")
    }

    fn visit_unit<E>(self) -> Result<Marks, E> {
        Ok(Marks(false))
    }

    fn visit_bool<E>(self, marked: bool) -> Result<Marks, E> {
        Ok(Marks(marked))
    }

    fn visit_str<E>(self, _: &str) -> Result<Marks, E> {
        Ok(Marks(true))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Marks, A::Error> {
        let mut any = false;
        while let Some(Marks(marks)) = list.next_element()? {
            any |= marks;
        }
        Ok(Marks(any))
    }

    // Numbers too, which serde_json gives as maps here, so that none loses its digits.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Marks, A::Error> {
        let mut any = false;
        while let Some((IgnoredAny, Marks(marks))) = map.next_entry()? {
            any |= marks;
        }
        Ok(Marks(any))
    }
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
    Ok(attributes(Guarded::from(value), unknown, mask.clone()))
}

/// An object of which the file should tell and does not: it is there, and nothing of it is known.
pub(super) fn untold() -> Attributes {
    Attributes { unknown: Value::Bool(true), ..Attributes::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Everything, Interest};
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn marks_on_what_is_left_out_hide_nothing_and_all_others_do() {
        let place = Place { path: "p.json", pointer: &|| "/resource_changes/0/change".to_owned() };
        let told = |values: &[Option<&str>], raw: &str, wanted: &Wanted| {
            place.marks_on(values, Some(raw), wanted, "/after_sensitive").unwrap()
        };
        let names = BTreeSet::from(["id".to_owned(), "list".to_owned()]);
        let id = Wanted::Members { names: names.clone(), or: None };
        let (object, raw) = (Some(r#"{"id":"i","key":"k"}"#), r#"{"key":true,"list":[{"id":true}]}"#);
        assert_eq!(told(&[object, None], raw, &id), json!({"list": [{"id": true}]}));
        assert_eq!(told(&[object, Some("null")], r#"{"key":true}"#, &id), Value::Null);
        // Whole, whatever is wanted: so is a mark on all, marks on what is no object, and where others may be kept.
        let all: Value = serde_json::from_str(raw).unwrap();
        assert_eq!(told(&[object], "true", &id), json!(true));
        assert_eq!(told(&[object, Some(r#""text""#)], raw, &id), all);
        assert_eq!(told(&[object], raw, &Everything.wanted("x")), all);
        assert_eq!(told(&[object], raw, &Wanted::Members { names, or: Some(|_| false) }), all);
    }
}
