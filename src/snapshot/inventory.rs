//! Inventories of populations: CSV or JSON with one row for each thing, of which one column is the key. They are named
//! by `[[population]]`, so nothing has to be recognised.

use super::{Error, Settings, age, csv, files, json, sidecar};
use crate::model::{Doubt, Instant, Inventory, Plain, Source, SourceIx, decode_text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// How many names of columns a message shows.
const COLUMNS: usize = 8;

/// Which inventory is read.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// As the configuration writes it, for messages.
    pub shown: &'a str,
    /// The attribute that identifies a thing: one column is named like it, in any letter case.
    pub key: &'a str,
    /// When it was taken, if the configuration says so; that counts before the sidecar.
    pub taken_at: Option<Instant>,
    /// The number of its source.
    pub source: SourceIx,
}

/// Reads an inventory; one that is not there lists nothing, and its source says why. Notes tell of rows that are of no
/// use.
///
/// # Errors
/// If it is there and cannot be read, is no table, or has no column for the key.
pub fn inventory(
    asked: Asked<'_>,
    settings: &Settings<'_>,
    notes: &mut Vec<String>,
) -> Result<(Source, Inventory), Error> {
    let mut inventory = Inventory::of(asked.source);
    let mut source = Source {
        path: asked.shown.to_owned(),
        kind: Source::INVENTORY.to_owned(),
        taken_at: None,
        doubt: None,
        objects: 0,
        lists: BTreeMap::new(),
    };
    if !asked.path.exists() {
        let why = "the configuration names it as an inventory and it is not there";
        source.doubt = Some(Doubt::Absent(why.to_owned()));
        return Ok((source, inventory));
    }
    let bytes = files::read(asked.path)?;
    let text = decode_text(&bytes).map_err(|error| asked.wrong(None, error.to_string()))?;
    let keys = asked.keys(&text)?;
    let sidecar = sidecar::beside(asked.path, asked.shown)?.unwrap_or_default();
    source.taken_at = asked.taken_at.or(sidecar.taken_at);
    source.doubt = age::doubt(source.taken_at, asked.shown, settings, notes);
    source.objects = keys.len();
    let (mut again, mut without) = (0, 0);
    for key in keys {
        match key.filter(|key| !key.as_str().trim().is_empty()) {
            Some(key) => again += usize::from(!inventory.add(key)),
            None => without += 1,
        }
    }
    let Asked { shown, key, .. } = asked;
    if again > 0 {
        let has = if again == 1 { "1 row has" } else { &format!("{again} rows have") };
        notes.push(format!("{shown}: {has} a `{key}` that a row before has too; they count once"));
    }
    if without > 0 {
        let has = if without == 1 { "1 row has" } else { &format!("{without} rows have") };
        notes.push(format!("{shown}: {has} no `{key}`: nothing can match there"));
    }
    Ok((source, inventory))
}

impl Asked<'_> {
    fn wrong(&self, row: Option<usize>, what: impl Into<String>) -> Error {
        let place = row.map(|row| format!("row {row}: ")).unwrap_or_default();
        Error::Inventory { path: self.shown.to_owned(), place, what: what.into(), key: self.key.to_owned() }
    }

    /// The key of each row.
    fn keys(&self, text: &str) -> Result<Vec<Option<Plain>>, Error> {
        match text.trim_start_matches('\u{feff}').trim_start().chars().next() {
            None => Err(self.wrong(None, "the file is empty")),
            Some('{' | '[') => self.of_json(text),
            Some(_) => self.of_csv(text),
        }
    }

    fn of_csv(&self, text: &str) -> Result<Vec<Option<Plain>>, Error> {
        let rows = csv::rows(text).map_err(|(row, what)| self.wrong(Some(row), what))?;
        let mut rows = rows.into_iter();
        let header = rows.next().unwrap_or_default();
        let names: Vec<&str> = header.iter().map(|name| name.trim()).collect();
        let Some(name) = self.column(names.iter().copied())? else {
            return Err(self.wrong(None, format!("no column is named so, but {}", listed(&names))));
        };
        let at = names.iter().position(|own| *own == name).unwrap_or_default();
        let mut keys = Vec::new();
        for (number, row) in rows.enumerate() {
            if row.len() != names.len() {
                let what = format!("{} fields, and the header has {}", row.len(), names.len());
                // The header is the first row.
                return Err(self.wrong(Some(number.saturating_add(2)), what));
            }
            keys.push(row.into_iter().nth(at).map(Plain::text));
        }
        Ok(keys)
    }

    fn of_json(&self, text: &str) -> Result<Vec<Option<Plain>>, Error> {
        let text = text.trim_start_matches('\u{feff}');
        let document = json::parse(text).map_err(|what| self.wrong(None, format!("not JSON: {what}")))?;
        let rows = match document {
            Value::Array(rows) => rows,
            Value::Object(fields) => {
                let mut lists = fields.into_iter().filter_map(|(_, value)| match value {
                    Value::Array(rows) => Some(rows),
                    _ => None,
                });
                match (lists.next(), lists.next()) {
                    (Some(rows), None) => rows,
                    (None, _) => return Err(self.wrong(None, "the object has no list in it")),
                    (Some(_), Some(_)) => {
                        return Err(self.wrong(None, "the object has several lists in it"));
                    }
                }
            }
            _ => return Err(self.wrong(None, "neither a list nor an object with a list in it")),
        };
        let (mut keys, mut seen, many) = (Vec::with_capacity(rows.len()), false, !rows.is_empty());
        for (number, row) in rows.into_iter().enumerate() {
            let place = Some(number.saturating_add(1));
            let Value::Object(row) = row else { return Err(self.wrong(place, "it is no object")) };
            let (named, key) = self.of_row(&row, place)?;
            seen |= named;
            keys.push(key);
        }
        match seen || !many {
            true => Ok(keys),
            // Written otherwise in all of them: nothing would ever match.
            false => Err(self.wrong(None, "no row has such a key")),
        }
    }

    /// Whether a row has the name of the key, and the key.
    fn of_row(&self, row: &Map<String, Value>, place: Option<usize>) -> Result<(bool, Option<Plain>), Error> {
        let Some(name) = self.column(row.keys().map(String::as_str))? else { return Ok((false, None)) };
        let key = match row.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(Plain::text(text.clone())),
            Some(Value::Number(number)) => Some(Plain::number(&number.to_string())),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                return Err(self.wrong(place, "its key is neither a text nor a number"));
            }
        };
        Ok((true, key))
    }

    /// The one name that is the key's: as written, else in other letter case.
    fn column<'n>(&self, names: impl Iterator<Item = &'n str>) -> Result<Option<&'n str>, Error> {
        let mut found: Vec<&str> = names.filter(|name| name.eq_ignore_ascii_case(self.key)).collect();
        let exact: Vec<&str> = found.iter().copied().filter(|name| *name == self.key).collect();
        if !exact.is_empty() {
            found = exact;
        }
        match found.as_slice() {
            [_, _, ..] => Err(self.wrong(None, format!("several could be the key: {}", listed(&found)))),
            one => Ok(one.first().copied()),
        }
    }
}

/// Names of columns in a message.
fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(COLUMNS);
    let shown: Vec<String> = names.iter().take(COLUMNS).map(|name| format!("`{name}`")).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
#[path = "inventory/tests.rs"]
mod tests;
