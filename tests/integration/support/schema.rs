//! JSON Schema, as much of it as our schemas use: a keyword that is not known here is a failure, never passed over.
//! The crates that know all of it take minutes to build.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use mainstay::judge;
use mainstay::verdict::SCHEMAS;
use regex::Regex;
use serde_json::Value as Json;

/// The schema of this format, as the program makes it.
pub fn of(format: &str) -> Json {
    static ALL: OnceLock<BTreeMap<&str, Json>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let rules = judge::rule_texts();
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
        SCHEMAS.iter().map(|schema| (schema.format, schema.schema(&ids))).collect()
    });
    all.get(format).unwrap_or_else(|| panic!("{format} has no schema")).clone()
}

/// What of a document its schema does not allow, each with its place.
pub fn problems(schema: &Json, document: &Json) -> Vec<String> {
    let mut found = Vec::new();
    Validator { root: schema }.check(schema, document, "", &mut found);
    found
}

struct Validator<'a> {
    root: &'a Json,
}

impl Validator<'_> {
    fn check(&self, schema: &Json, value: &Json, place: &str, found: &mut Vec<String>) {
        let Some(keywords) = schema.as_object() else {
            assert!(schema == &Json::Bool(true), "neither true nor an object: {schema}");
            return;
        };
        for (keyword, argument) in keywords {
            self.keyword(keyword, argument, schema, value, place, found);
        }
    }

    fn keyword(
        &self,
        keyword: &str,
        argument: &Json,
        schema: &Json,
        value: &Json,
        place: &str,
        found: &mut Vec<String>,
    ) {
        let mut must = |holds: bool| {
            if !holds {
                found.push(format!("{place}: {value} is not as {keyword} {argument} has it"));
            }
        };
        match keyword {
            // They say nothing about the value; formats are said by patterns as well.
            "$schema" | "$id" | "$defs" | "title" | "description" | "format" => {}
            "$ref" => {
                let pointer = argument.as_str().unwrap().strip_prefix('#').unwrap();
                let target = self.root.pointer(pointer).unwrap_or_else(|| panic!("no {argument}"));
                self.check(target, value, place, found);
            }
            "type" => must(match argument {
                Json::Array(types) => types.iter().any(|one| is(one, value)),
                one => is(one, value),
            }),
            "const" => must(value == argument),
            "enum" => must(argument.as_array().unwrap().contains(value)),
            "oneOf" => must(self.fitting(argument, value) == 1),
            "anyOf" => must(self.fitting(argument, value) > 0),
            "minimum" => must(value.as_f64().is_none_or(|number| number >= argument.as_f64().unwrap())),
            "maximum" => must(value.as_f64().is_none_or(|number| number <= argument.as_f64().unwrap())),
            "pattern" => {
                let pattern = Regex::new(argument.as_str().unwrap()).unwrap();
                must(value.as_str().is_none_or(|text| pattern.is_match(text)));
            }
            "required" => {
                let keys = argument.as_array().unwrap().iter().map(|key| key.as_str().unwrap());
                must(
                    value
                        .as_object()
                        .is_none_or(|object| keys.into_iter().all(|key| object.contains_key(key))),
                );
            }
            "items" => {
                for (number, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.check(argument, item, &format!("{place}/{number}"), found);
                }
            }
            "properties" => {
                for (key, own) in argument.as_object().unwrap() {
                    if let Some(value) = value.as_object().and_then(|object| object.get(key)) {
                        self.check(own, value, &format!("{place}/{key}"), found);
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                let others = value.as_object().into_iter().flatten();
                for (key, value) in
                    others.filter(|(key, _)| known.is_none_or(|known| known.get(key).is_none()))
                {
                    match argument {
                        Json::Bool(false) => found.push(format!("{place}/{key}: no such key")),
                        own => self.check(own, value, &format!("{place}/{key}"), found),
                    }
                }
            }
            other => panic!("the keyword {other} is not known here"),
        }
    }

    fn fitting(&self, schemas: &Json, value: &Json) -> usize {
        let fits = |schema: &&Json| {
            let mut found = Vec::new();
            self.check(schema, value, "", &mut found);
            found.is_empty()
        };
        schemas.as_array().unwrap().iter().filter(fits).count()
    }
}

fn is(kind: &Json, value: &Json) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type {other} is not known here"),
    }
}
