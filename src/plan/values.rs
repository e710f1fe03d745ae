//! Raw values of the file become attributes, without their secrets.

use super::error::{Error, describe};
use super::redact::{redact, union};
use crate::model::Attributes;
use serde_json::Value;
use serde_json::value::RawValue;

/// Where in which file a value stands, for errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    /// The file, as given.
    pub path: &'p str,
    /// JSON pointer of the object that the values belong to.
    pub pointer: &'p str,
}

impl Place<'_> {
    /// Reads a part of the file.
    pub(super) fn parse<'a, T: serde::Deserialize<'a>>(
        self,
        raw: &'a RawValue,
        key: &str,
    ) -> Result<T, Error> {
        serde_json::from_str(raw.get()).map_err(|error| Error::Form {
            path: self.path.to_owned(),
            pointer: format!("{}{key}", self.pointer),
            what: describe(&error),
        })
    }

    fn value(self, raw: Option<&RawValue>, key: &str) -> Result<Value, Error> {
        raw.map_or(Ok(Value::Null), |raw| self.parse(raw, key))
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
    /// `before_sensitive`, `after_sensitive`, and the state's `sensitive_values`.
    pub sensitive: [Option<&'a RawValue>; 3],
}

/// Both sides, redacted by all the masks: a value that is sensitive in one place is so in all.
pub(super) fn sides(
    raw: Raw<'_>,
    place: Place<'_>,
) -> Result<(Option<Attributes>, Option<Attributes>), Error> {
    let [before, after, state] = raw.sensitive;
    let mask = union(
        place.value(before, "/change/before_sensitive")?,
        place.value(after, "/change/after_sensitive")?,
    );
    let mask = union(mask, place.value(state, "/sensitive_values")?);
    let side = |raw: Option<&RawValue>, unknown: Value, key: &str| -> Result<Option<Attributes>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        let (mut value, mut mask) = (place.parse(raw, key)?, mask.clone());
        redact(&mut value, &mut mask);
        Ok(Some(Attributes { value: value.into(), unknown, sensitive: mask, ..Attributes::default() }))
    };
    let unknown = place.value(raw.unknown, "/change/after_unknown")?;
    let before = side(raw.before, Value::Null, "/change/before")?;
    let after = side(raw.after, unknown, "/change/after")?;
    Ok((before, after))
}

/// An object of which the file should tell and does not: it is there, and nothing of it is known.
pub(super) fn untold() -> Attributes {
    Attributes { unknown: Value::Bool(true), ..Attributes::default() }
}
