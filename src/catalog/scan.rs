//! Edges for types that nobody described: values that are identities of other things.

use crate::model::{Alias, Fact, Phase, Strength, Want, Wish};
use serde_json::Value;
use std::collections::BTreeSet;

/// Assumed needs on whatever the values name: resource ids and object or client ids, if somebody has them.
pub fn named_things(value: &Value, of: &Fact) -> Vec<Want> {
    let mut texts = BTreeSet::new();
    collect(value, &mut texts);
    let own: BTreeSet<&str> = of.names.iter().chain(&of.unique).map(Alias::value).collect();
    texts
        .into_iter()
        .filter(|text| !own.contains(text.to_lowercase().as_str()))
        .filter_map(|text| {
            let aliases = spaces(text)?.iter().map(|space| Alias::new(space, text)).collect();
            Some(Want {
                label: format!("names {text}"),
                strength: Strength::Assumed,
                phase: Phase::Always,
                wish: Wish::First(aliases),
                if_known: true,
                entry: "equal identities".into(),
            })
        })
        .collect()
}

/// Whether a JSON text may hold such a text: never no where there is one.
pub fn may_name(json: &str) -> bool {
    let bytes = json.as_bytes();
    // An escape may stand for any letter.
    bytes.contains(&b'\\')
        || bytes.split(|byte| *byte == b'"').any(|text| {
            let starts = text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case(b"/subscriptions/"));
            starts || (text.len() == 36 && text.get(8) == Some(&b'-'))
        })
}

/// In which spaces of names such a text can be an identity.
fn spaces(text: &str) -> Option<&'static [&'static str]> {
    if text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("/subscriptions/")) {
        return Some(&["azure"]);
    }
    if is_guid(text) {
        return Some(&["principal", "client"]);
    }
    None
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn collect<'a>(value: &'a Value, texts: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) if text.len() < 1024 => {
            texts.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(map) => map.values().for_each(|item| collect(item, texts)),
        _ => {}
    }
}
