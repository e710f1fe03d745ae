//! The value of a computed attribute: text with places to fill, or JSON with such text in it.
//!
//! | place | becomes |
//! |---|---|
//! | `{name}`, `{metadata.0.name}` | that attribute of the object |
//! | `{.type}` | that attribute of the block the template stands in |
//! | `{$subscription}` | a constant of the schema file |
//! | `{uuid}`, `{uuid:label}`, `{hex:label}` | made up, and always the same for one key and label (the label is the attribute's name if none is given) |
//! | `{x\|last}` | what follows the last `/` |
//! | `{x\|after:https://}` | what follows the first `https://`; all of it where there is none |
//! | `{x\|digits:21}`, `{x\|capitals:17}` | made up of it: so many digits, or capital letters and digits |
//! | `{x\|table:t}`, `{x\|name:t}` | looked up in table `t` by key, or the key by value; not found is an error, with `name?:t` null |
//!
//! `{"switch": "{.type}", "cases": {"SystemAssigned": …}, "else": …}` chooses by a text; null counts as "".
//! Nothing here depends on time or process, so a fixture made again is the fixture that was there.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::schema::Tables;
use crate::value::Value;

/// What a template may refer to.
pub struct Scope<'a> {
    pub constants: &'a BTreeMap<String, String>,
    pub tables: &'a Tables,
    /// What made-up values are derived from; before it is settled, templates that make something up wait.
    pub seed: Option<&'a str>,
    pub object: &'a Value,
    pub block: &'a Value,
    /// The attribute's own path, the label of a `{uuid}` without one.
    pub label: &'a str,
}

/// What became of one place or template.
pub enum Filled<T> {
    Done(T),
    /// It refers to something that is not known yet.
    Waits,
}

use Filled::{Done, Waits};

impl Scope<'_> {
    pub fn fill(&self, template: &Json) -> Result<Filled<Value>, String> {
        Ok(Done(match template {
            Json::String(text) => match self.text(text)? {
                Done(Some(text)) => Value::Text(text),
                Done(None) => Value::Null,
                Waits => return Ok(Waits),
            },
            Json::Array(items) => {
                let mut list = Vec::new();
                for item in items {
                    let Done(value) = self.fill(item)? else { return Ok(Waits) };
                    list.push(value);
                }
                Value::List(list)
            }
            Json::Object(fields) if fields.contains_key("switch") => return self.switch(fields),
            Json::Object(fields) => {
                let mut object = BTreeMap::new();
                for (name, field) in fields {
                    let Done(value) = self.fill(field)? else { return Ok(Waits) };
                    object.insert(name.clone(), value);
                }
                Value::Object(object)
            }
            other => Value::from_json(other.clone()),
        }))
    }

    fn switch(&self, fields: &Map<String, Json>) -> Result<Filled<Value>, String> {
        let Some(Json::String(on)) = fields.get("switch") else {
            return Err("a switch is on a text".to_string());
        };
        let Done(on) = self.text(on)? else { return Ok(Waits) };
        let case = fields.get("cases").and_then(|cases| cases.get(on.unwrap_or_default()));
        self.fill(case.or_else(|| fields.get("else")).unwrap_or(&Json::Null))
    }

    /// `None` is a template that comes out as null as a whole.
    fn text(&self, template: &str) -> Result<Filled<Option<String>>, String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (place, after) =
                after.split_once('}').ok_or_else(|| format!("a place in {template:?} has no end"))?;
            out.push_str(before);
            match self.place(place).map_err(|e| format!("{template:?}: {e}"))? {
                Done(Some(text)) => out.push_str(&text),
                Done(None) => return Ok(Done(None)),
                Waits => return Ok(Waits),
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(Done(Some(out)))
    }

    fn place(&self, place: &str) -> Result<Filled<Option<String>>, String> {
        let mut parts = place.split('|');
        let name = parts.next().unwrap_or_default();
        let Done(value) = self.name(name)? else { return Ok(Waits) };
        let mut value = match value {
            Some(value) => value,
            // Only a lone place may be null (then so is the attribute): half an id would pass for a whole one.
            None => return Ok(Done(None)),
        };
        for filter in parts {
            value = match filter.split_once(':') {
                None if filter == "last" => value.rsplit('/').next().unwrap_or_default().to_string(),
                Some(("after", mark)) => {
                    value.split_once(mark).map_or(value.clone(), |(_, rest)| rest.to_string())
                }
                Some((how @ ("digits" | "capitals"), count)) => {
                    let count = count.parse().map_err(|e| format!("{filter:?}: {e}"))?;
                    signs(&value, if how == "digits" { DIGITS } else { CAPITALS }, count)
                }
                Some((how @ ("table" | "name" | "name?"), table)) => {
                    match (self.look_up(table, how == "table", &value)?, how) {
                        (Some(found), _) => found,
                        (None, "name?") => return Ok(Done(None)),
                        (None, _) => {
                            return Err(format!("table {table:?} of the schema file has no {value:?}"));
                        }
                    }
                }
                _ => return Err(format!("there is no filter {filter:?}")),
            };
        }
        Ok(Done(Some(value)))
    }

    fn name(&self, name: &str) -> Result<Filled<Option<String>>, String> {
        if let Some(constant) = name.strip_prefix('$') {
            let known = self.constants.get(constant).ok_or_else(|| format!("no constant {constant:?}"))?;
            return Ok(Done(Some(known.clone())));
        }
        let (kind, label) = name.split_once(':').unwrap_or((name, self.label));
        if matches!(kind, "uuid" | "hex") {
            let Some(seed) = self.seed else { return Ok(Waits) };
            let uuid = uuid(&format!("{seed}/{label}"));
            return Ok(Done(Some(if kind == "hex" { uuid.replace('-', "") } else { uuid })));
        }
        let value = match name.strip_prefix('.') {
            Some(path) => self.block.at(path),
            None => self.object.at(name),
        };
        match value {
            Value::Unknown => Ok(Waits),
            Value::Null => Ok(Done(None)),
            Value::Text(text) => Ok(Done(Some(text.clone()))),
            Value::Number(number) => Ok(Done(Some(number.to_string()))),
            Value::Bool(_) | Value::List(_) | Value::Object(_) => Err(format!("{name} is no text")),
        }
    }

    fn look_up(&self, table: &str, by_key: bool, what: &str) -> Result<Option<String>, String> {
        let table = self.tables.get(table).ok_or_else(|| format!("no table {table:?}"))?;
        Ok(if by_key {
            table.get(what).cloned()
        } else {
            table.iter().find(|(_, value)| value.eq_ignore_ascii_case(what)).map(|(key, _)| key.clone())
        })
    }
}

/// The first half of a SHA-256 in the dress of a random UUID.
fn uuid(seed: &str) -> String {
    let mut bytes = [0u8; 16];
    for (to, from) in bytes.iter_mut().zip(Sha256::digest(seed)) {
        *to = from;
    }
    let bits = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let part = |shift: u32, digits: u32| (bits >> shift) & ((1 << (4 * digits)) - 1);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    )
}

const DIGITS: &str = "123456789";
/// Those that ids of AWS are written with.
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `count` signs of the alphabet, at most as many as a SHA-256 has bytes.
fn signs(seed: &str, alphabet: &str, count: usize) -> String {
    let sign = |byte: u8| alphabet.chars().nth(usize::from(byte) % alphabet.len());
    Sha256::digest(seed).iter().take(count).filter_map(|byte| sign(*byte)).collect()
}

/// A name for a file or a counter that belongs to `text`.
pub fn short_hash(text: &str) -> String {
    Sha256::digest(text).iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}
