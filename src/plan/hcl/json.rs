//! The JSON syntax of the same language: objects for blocks, strings for templates. Which member is an argument and which
//! a nested block only the provider knows; both become trees of references.
//! Source: "JSON Configuration Syntax" of Terraform's documentation.

use super::lexer::template;
use super::references::references;
use super::{Attribute, Block, Body, File, Value};
use crate::plan::configuration::Expression;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Block types and how many labels they have.
const BLOCKS: [(&str, usize); 13] = [
    ("terraform", 0),
    ("provider", 1),
    ("resource", 2),
    ("data", 2),
    ("ephemeral", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("locals", 0),
    ("moved", 0),
    ("removed", 0),
    ("import", 0),
    ("check", 1),
];

/// Nested blocks that every resource may have, and how many labels they have.
const NESTED: [(&str, usize); 8] = [
    ("lifecycle", 0),
    ("connection", 0),
    ("provisioner", 1),
    ("dynamic", 1),
    ("content", 0),
    ("precondition", 0),
    ("postcondition", 0),
    ("data", 2),
];

/// Attributes that hold references as plain strings.
const TRAVERSALS: [&str; 7] =
    ["depends_on", "provider", "providers", "replace_triggered_by", "from", "to", "iterator"];

/// Reads a file.
pub(super) fn read(text: &str) -> File {
    let mut file = File { body: Body::default(), whole: true };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Ok(root) = serde_json::from_str::<Members<'_>>(text) else { return File { whole: false, ..file } };
    let lines = Lines::of(text);
    for (kind, labels) in BLOCKS {
        if let Some(raw) = root.get(kind) {
            blocks(&lines, raw, kind, labels, Vec::new(), &mut file);
        }
    }
    file
}

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The blocks of a type: an object for each label, at the end an object or a list of them.
fn blocks<'a>(
    lines: &Lines,
    raw: &'a RawValue,
    kind: &str,
    labels: usize,
    named: Vec<String>,
    file: &mut File,
) {
    if let Ok(list) = serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) {
        for element in list {
            // Lists stand where objects may, not within each other.
            if !element.get().trim_start().starts_with('[') {
                blocks(lines, element, kind, labels, named.clone(), file);
            }
        }
        return;
    }
    if labels == 0 {
        let Ok(Json::Object(members)) = serde_json::from_str(raw.get()) else {
            file.whole &= raw.get() == "null";
            return;
        };
        let body = content(members, &mut file.whole);
        let block = Block { kind: kind.to_owned(), labels: named, line: lines.of_part(raw.get()), body };
        file.body.blocks.push(block);
        return;
    }
    let Ok(members) = serde_json::from_str::<Members<'a>>(raw.get()) else {
        file.whole = false;
        return;
    };
    for (label, inner) in members.into_iter().filter(|(label, _)| label != "//") {
        let named = named.iter().cloned().chain([label]).collect();
        blocks(lines, inner, kind, labels - 1, named, file);
    }
}

/// Where the lines of a text end.
struct Lines {
    start: usize,
    ends: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at);
        Lines { start: text.as_ptr() as usize, ends: ends.collect() }
    }

    /// The line in which a part of the text begins, from 1.
    fn of_part(&self, part: &str) -> usize {
        let offset = (part.as_ptr() as usize).saturating_sub(self.start);
        1 + self.ends.partition_point(|end| *end < offset)
    }
}

fn content(members: serde_json::Map<String, Json>, whole: &mut bool) -> Body {
    let mut body = Body::default();
    for (name, value) in members {
        match NESTED.iter().find(|(kind, _)| *kind == name) {
            _ if name == "//" => {}
            Some((kind, labels)) if value.is_object() || value.is_array() => {
                nested(kind, *labels, Vec::new(), value, &mut body, whole);
            }
            _ => {
                let value = value_of(&name, value, whole);
                body.attributes.push(Attribute { name, value });
            }
        }
    }
    body
}

fn nested(kind: &str, labels: usize, named: Vec<String>, value: Json, into: &mut Body, whole: &mut bool) {
    match value {
        Json::Array(list) => {
            for element in list {
                nested(kind, labels, named.clone(), element, into, whole);
            }
        }
        Json::Object(members) if labels == 0 => {
            let body = content(members, whole);
            into.blocks.push(Block { kind: kind.to_owned(), labels: named, line: 0, body });
        }
        Json::Object(members) => {
            for (label, inner) in members {
                let named = named.iter().cloned().chain([label]).collect();
                nested(kind, labels - 1, named, inner, into, whole);
            }
        }
        _ => *whole = false,
    }
}

fn value_of(name: &str, value: Json, whole: &mut bool) -> Value {
    let plain = match &value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let pairs = match &value {
        Json::Object(members) => {
            let entry = |(key, value): (&String, &Json)| Some((key.clone(), value.as_str()?.to_owned()));
            members.iter().filter_map(entry).collect()
        }
        _ => Vec::new(),
    };
    let tree = match TRAVERSALS.contains(&name) {
        true => Expression::References(texts(value)),
        false => tree(value, whole),
    };
    Value { tree, plain, pairs }
}

/// The strings of a list, or the one, freed of a hole around all of it.
fn texts(value: Json) -> Vec<String> {
    let bare = |text: String| match text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) {
        Some(inner) => inner.trim().to_owned(),
        None => text,
    };
    match value {
        Json::String(text) => vec![bare(text)],
        Json::Array(list) => list.into_iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// serde_json reads no deeper than its own limit, so neither does this.
fn tree(value: Json, whole: &mut bool) -> Expression {
    match value {
        Json::String(text) => {
            let tokens = template(&text);
            let found = references(&tokens.list);
            *whole &= tokens.whole && found.whole;
            match found.references {
                none if none.is_empty() => Expression::Nothing,
                some => Expression::References(some),
            }
        }
        Json::Array(list) => Expression::List(list.into_iter().map(|element| tree(element, whole)).collect()),
        Json::Object(members) => Expression::Block(
            members
                .into_iter()
                .map(|(name, member)| {
                    let member = tree(member, whole);
                    // A key is a template too.
                    let own = if name.contains("${") {
                        tree(Json::String(name.clone()), whole)
                    } else {
                        Expression::Nothing
                    };
                    let both =
                        if own == Expression::Nothing { member } else { Expression::List(vec![own, member]) };
                    (name, both)
                })
                .collect(),
        ),
        _ => Expression::Nothing,
    }
}
