//! Bringing an object into the spelling of the system that it describes.

use super::entry::Shape;
use crate::model::Attributes;
use serde_json::{Map, Value};

/// The attributes in the other spelling. Marks (unknown, sensitive) keep their places, as they have the same form.
pub fn reshape(attributes: &Attributes, shape: &Shape) -> Attributes {
    let turn = |value: &Value| match &shape.inner {
        Some(key) => value.get(key).cloned().unwrap_or(Value::Null),
        None => convert(value, shape, false),
    };
    Attributes {
        value: attributes.value.turn(turn),
        unknown: turn(&attributes.unknown),
        sensitive: turn(&attributes.sensitive),
        references: attributes
            .references
            .iter()
            .map(|(path, references)| (convert_path(path, shape), references.clone()))
            .collect(),
    }
}

fn convert(value: &Value, shape: &Shape, verbatim: bool) -> Value {
    match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, inner) in map {
                if verbatim {
                    out.insert(key.clone(), inner.clone());
                    continue;
                }
                let inside_verbatim = shape.verbatim.iter().any(|name| name == key);
                let inner = match inner {
                    Value::Array(items) if shape.unwrap.iter().any(|name| name == key) => {
                        match items.as_slice() {
                            [] => continue,
                            [only, ..] => convert(only, shape, inside_verbatim),
                        }
                    }
                    other => convert(other, shape, inside_verbatim),
                };
                out.insert(spell(key, shape), inner);
            }
            Value::Object(out)
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| convert(item, shape, verbatim)).collect())
        }
        scalar => scalar.clone(),
    }
}

fn spell(key: &str, shape: &Shape) -> String {
    shape.rename.get(key).cloned().unwrap_or_else(|| camel(key))
}

/// `a.0.snake_case` in the other spelling: numbers of unwrapped lists go.
fn convert_path(path: &str, shape: &Shape) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut unwrapped = false;
    for step in path.split('.') {
        if unwrapped && step.parse::<usize>().is_ok() {
            unwrapped = false;
            continue;
        }
        unwrapped = shape.unwrap.iter().any(|name| name == step);
        out.push(spell(step, shape));
    }
    out.join(".")
}

fn camel(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut upper = false;
    for letter in key.chars() {
        match letter {
            '_' => upper = true,
            other if upper => {
                out.extend(other.to_uppercase());
                upper = false;
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_lose_their_lists_and_people_keep_their_keys() {
        let shape = Shape {
            name: "kubernetes".into(),
            unwrap: vec!["metadata".into(), "spec".into()],
            rename: [("container".to_owned(), "containers".to_owned())].into(),
            verbatim: vec!["annotations".into()],
            inner: None,
        };
        let attributes = Attributes {
            value: json!({"metadata": [{"name": "a", "annotations": {"my_key": "1"}}], "spec": [{"container": [{"image_pull_policy": "x"}]}]}).into(),
            ..Attributes::default()
        };
        assert_eq!(
            *reshape(&attributes, &shape).value.reveal(),
            json!({"metadata": {"name": "a", "annotations": {"my_key": "1"}}, "spec": {"containers": [{"imagePullPolicy": "x"}]}})
        );
    }
}
