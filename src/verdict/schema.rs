//! JSON Schema of the answers, made of the types that are written, so that it says what they say.

use super::{Doctor, Explanation, Forecast, Paths, Permission, Ranking, Report, Verification};
use crate::model::RuleId;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// An answer that has a schema.
#[derive(Debug, Clone, Copy)]
pub struct AnswerSchema {
    /// What people call it.
    pub name: &'static str,
    /// What its JSON says that it is.
    pub format: &'static str,
    of: fn() -> Schema,
}

/// All answers that have one.
pub const SCHEMAS: &[AnswerSchema] = &[
    AnswerSchema { name: "report", format: Report::FORMAT, of: of::<Report> },
    AnswerSchema { name: "explain", format: Explanation::FORMAT, of: of::<Explanation> },
    AnswerSchema { name: "paths", format: Paths::FORMAT, of: of::<Paths> },
    AnswerSchema { name: "rank", format: Ranking::FORMAT, of: of::<Ranking> },
    AnswerSchema { name: "forecast", format: Forecast::FORMAT, of: of::<Forecast> },
    AnswerSchema { name: "can", format: Permission::FORMAT, of: of::<Permission> },
    AnswerSchema { name: "verify", format: Verification::FORMAT, of: of::<Verification> },
    AnswerSchema { name: "doctor", format: Doctor::FORMAT, of: of::<Doctor> },
];

/// RFC 3339, in UTC.
const UTC: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$";

impl AnswerSchema {
    /// The name of its file: `report-v1.json` of `mainstay.dev/report/v1`.
    pub fn file(&self) -> String {
        let name = self.format.split_once('/').map_or(self.format, |(_, name)| name);
        format!("{}.json", name.replace('/', "-"))
    }

    /// The schema, with the ids of all rules.
    pub fn schema(&self, rules: &[&str]) -> Value {
        let mut schema = (self.of)();
        // A name, not a place: nothing is read from there.
        schema.insert("$id".to_owned(), json!(format!("https://mainstay.dev/schema/{}", self.file())));
        if let Some(rule) = schema.pointer_mut("/$defs/RuleId").and_then(Value::as_object_mut) {
            rule.insert("enum".to_owned(), json!(rules));
        }
        schema.to_value()
    }
}

fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.with_transform(RecursiveTransform(exact)).into_generator().into_root_schema_for::<T>()
}

/// What is written is known more exactly than types tell: no other keys, no null where a key may be missing, times in
/// UTC. Widths of integers are no formats that readers of schemas know.
fn exact(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    match object.get("format").and_then(Value::as_str) {
        Some("date-time") => drop(object.insert("pattern".to_owned(), json!(UTC))),
        Some(_) => drop(object.remove("format")),
        None => {}
    }
    let required: Vec<Value> = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let optional = properties.iter_mut().filter(|(key, _)| !required.contains(&json!(key)));
    optional.for_each(|(_, value)| not_null(value));
    object.insert("additionalProperties".to_owned(), json!(false));
}

/// Takes null out of what a value may be.
fn not_null(value: &mut Value) {
    let Some(object) = value.as_object_mut() else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            object.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(either)) = object.get_mut("anyOf") {
        either.retain(|one| one.get("type") != Some(&json!("null")));
        if let [Value::Object(one)] = &either[..] {
            let one = one.clone();
            object.remove("anyOf");
            object.extend(one);
        }
    }
}

impl JsonSchema for RuleId {
    fn schema_name() -> Cow<'static, str> {
        "RuleId".into()
    }

    /// Which rules there are is known further up; see [`AnswerSchema::schema`].
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "The id of a rule, as `mainstay rules` lists them." })
    }
}
