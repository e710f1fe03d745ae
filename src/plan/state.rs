//! States: the file of version 4 that terraform keeps, and `terraform show -json` of it. They tell of other workspaces.

use super::address::Instance;
use super::error::{Error, describe};
use super::lenient::lenient;
use super::outputs::of_raw;
use super::raw::{PriorModule, PriorOutput, PriorState};
use super::values::{Place, attributes, state_side, untold};
use crate::model::{Address, Evidence, Guarded, Instant, Kind, Object, Output, SourceIx, Wanted};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A state that was read.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Its objects, data sources too.
    pub objects: Vec<Object>,
    /// Its root outputs.
    pub outputs: Vec<Output>,
}

lenient! {
    /// The file.
    struct File<'a> {
        version: Option<u64> = "version",
        resources: Vec<Resource<'a>> = "resources",
        outputs: BTreeMap<String, PriorOutput<'a>> = "outputs",
    }
}

lenient! {
    /// A resource with all its instances.
    struct Resource<'a> {
        module: String = "module",
        mode: String = "mode",
        kind: String = "type",
        name: String = "name",
        instances: Vec<Stored<'a>> = "instances",
    }
}

lenient! {
    /// An instance.
    struct Stored<'a> {
        key: Option<Value> = "index_key",
        deposed: Option<String> = "deposed",
        attributes: Option<&'a RawValue> = "attributes",
        /// Of states that terraform 0.11 wrote: every value by its whole path.
        flat: Option<BTreeMap<String, Value>> = "attributes_flat",
        sensitive: Vec<Value> = "sensitive_attributes",
        dependencies: Vec<String> = "dependencies",
        depends_on: Vec<String> = "depends_on",
    }
}

/// Reads a state, of the file or of `terraform show -json`.
///
/// # Errors
/// If it is neither, or of another version than 4.
pub fn read_state(
    text: &str,
    path: &str,
    source: SourceIx,
    taken_at: Option<Instant>,
) -> Result<State, Error> {
    let place = Place { path, pointer: &String::new };
    let keys: BTreeMap<String, &RawValue> = from_text(text, path)?;
    if keys.contains_key("encrypted_data") {
        return Err(Error::IsEncrypted { path: path.to_owned() });
    }
    let of = Of { place, source, taken_at };
    if keys.contains_key("values") || keys.contains_key("format_version") {
        if let Some(raw) = keys.get("format_version") {
            super::recognise::version(raw.get(), path)?;
        }
        return of.shown(&from_text(text, path)?);
    }
    match keys.get("version").map(|raw| raw.get()) {
        Some("4") => of.file(&from_text(text, path)?),
        other => Err(Error::StateVersion {
            path: path.to_owned(),
            version: other.unwrap_or("?").chars().take(40).collect(),
        }),
    }
}

fn from_text<'a, T: serde::Deserialize<'a>>(text: &'a str, path: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Form {
        path: path.to_owned(),
        pointer: "/".to_owned(),
        what: describe(&error),
    })
}

/// What all objects of a state share.
struct Of<'p> {
    place: Place<'p>,
    source: SourceIx,
    taken_at: Option<Instant>,
}

impl Of<'_> {
    fn shown(&self, state: &PriorState<'_>) -> Result<State, Error> {
        let mut all = State::default();
        self.module(&state.values.root_module, "/values/root_module", &mut all)?;
        let outputs = state.values.outputs.iter();
        all.outputs = outputs.map(|(name, one)| output(name, one.value, one.sensitive)).collect();
        Ok(all)
    }

    /// The resources of a module and of those below it; the reader of JSON refuses what is too deep for this.
    fn module(&self, module: &PriorModule<'_>, pointer: &str, all: &mut State) -> Result<(), Error> {
        for (number, resource) in module.resources.iter().enumerate() {
            let pointer = || format!("{pointer}/resources/{number}");
            let place = Place { pointer: &pointer, ..self.place };
            let mask = place.marks(resource.sensitive.map(RawValue::get), "/sensitive_values")?;
            let before = match resource.values {
                Some(raw) => attributes(place.wanted(raw.get(), &Wanted::All, "/values")?, Value::Null, mask),
                None => untold(),
            };
            let depends_on = place.list(resource.depends_on, "/depends_on")?;
            all.objects.push(Object {
                address: Some(named(&resource.address, resource.deposed.as_deref())),
                before: Some(before),
                depends_on,
                ..self.object(&resource.kind(), pointer())
            });
        }
        for (number, child) in module.child_modules.iter().enumerate() {
            self.module(child, &format!("{pointer}/child_modules/{number}"), all)?;
        }
        Ok(())
    }

    fn file(&self, file: &File<'_>) -> Result<State, Error> {
        let mut all = State::default();
        for (number, resource) in file.resources.iter().enumerate() {
            for (at, instance) in resource.instances.iter().enumerate() {
                let pointer = || format!("/resources/{number}/instances/{at}");
                let place = Place { pointer: &pointer, ..self.place };
                let address = resource.address(instance);
                let recorded = instance.dependencies.iter().chain(&instance.depends_on);
                // States of terraform 0.11 list names of the module, other things than resources among them.
                let inside = |name: &String| match instance.depends_on.contains(name) {
                    true if !resource.module.is_empty() => format!("{}.{name}", resource.module),
                    _ => name.clone(),
                };
                all.objects.push(Object {
                    address: Some(named(&address, instance.deposed.as_deref())),
                    before: Some(state_side(
                        instance.attributes,
                        instance.flat.as_ref(),
                        &mask(&instance.sensitive),
                        place,
                    )?),
                    depends_on: recorded
                        .map(inside)
                        .filter(|name| {
                            Instance::parse(name).is_some_and(|one| !matches!(one.kind(), "var" | "local"))
                        })
                        .map(Address::new)
                        .collect(),
                    ..self.object(&resource.kind, pointer())
                });
            }
        }
        let outputs = file.outputs.iter();
        all.outputs = outputs.map(|(name, one)| output(name, one.value, one.sensitive)).collect();
        Ok(all)
    }

    fn object(&self, kind: &str, pointer: String) -> Object {
        let evidence = Evidence { source: self.source, pointer: pointer.into() };
        Object::standing(Kind::new(kind), evidence, self.taken_at, Guarded::default())
    }
}

fn output(name: &str, value: Option<&RawValue>, sensitive: bool) -> Output {
    Output { name: name.to_owned(), digest: of_raw(value, sensitive), resources: None }
}

/// A deposed object is not the one that has the address now.
fn named(address: &str, deposed: Option<&str>) -> Address {
    match deposed.filter(|key| !key.is_empty()) {
        Some(key) => Address::new(format!("{address} (deposed {key})")),
        None => Address::new(address),
    }
}

impl Resource<'_> {
    /// The address of one of its instances, as plans write it.
    pub(super) fn address(&self, instance: &Stored<'_>) -> String {
        let module = if self.module.is_empty() { String::new() } else { format!("{}.", self.module) };
        let data = if self.mode == "data" { "data." } else { "" };
        let key = match &instance.key {
            Some(Value::Number(number)) => format!("[{number}]"),
            Some(Value::String(text)) => format!("[{}]", quoted(text)),
            _ => String::new(),
        };
        format!("{module}{data}{}.{}{key}", self.kind, self.name)
    }
}

/// As HCL writes it, and with it all addresses.
fn quoted(text: &str) -> String {
    let escaped = Value::String(text.to_owned()).to_string();
    escaped.replace("${", "$${").replace("%{", "%%{")
}

/// `sensitive_attributes`, a list of paths, as a mask. A path that cannot be followed covers all from there on.
fn mask(paths: &[Value]) -> Value {
    let mut mask = Value::Null;
    for path in paths {
        match path {
            Value::Array(steps) => cover(&mut mask, steps),
            _ => return Value::Bool(true),
        }
    }
    mask
}

/// The longest list that a mask is made for.
const LONGEST: usize = 100_000;

fn cover(mask: &mut Value, steps: &[Value]) {
    let mut at = mask;
    for step in steps {
        if *at == Value::Bool(true) {
            return;
        }
        // `{"type": "get_attr", "value": "x"}`, or `{"type": "index", "value": {"value": 0, "type": "number"}}`.
        let value = step.get("value");
        let value = value.and_then(|inner| inner.get("value")).or(value);
        let index = value.and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        at = match (value, index) {
            (Some(Value::String(key)), _) => {
                if !at.is_object() {
                    *at = Value::Object(serde_json::Map::new());
                }
                match at {
                    Value::Object(map) => map.entry(key.clone()).or_insert(Value::Null),
                    _ => return,
                }
            }
            (_, Some(index)) if index < LONGEST && (at.is_null() || at.is_array()) => {
                if at.is_null() {
                    *at = Value::Array(Vec::new());
                }
                let Value::Array(items) = at else { return };
                if items.len() <= index {
                    items.resize(index + 1, Value::Null);
                }
                match items.get_mut(index) {
                    Some(item) => item,
                    None => return,
                }
            }
            _ => break,
        };
    }
    *at = Value::Bool(true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PLACEHOLDER;
    use serde_json::json;

    fn read(value: &Value) -> State {
        read_state(&value.to_string(), "s.tfstate", SourceIx(2), None).unwrap()
    }

    fn addresses(state: &State) -> Vec<String> {
        state.objects.iter().map(|object| object.address.as_ref().unwrap().to_string()).collect()
    }

    #[test]
    fn instances_have_the_addresses_that_plans_give_them() {
        let instance = |more: Value| {
            let mut one = json!({"schema_version": 0, "attributes": {"id": "1"}});
            one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            one
        };
        let state = read(&json!({"version": 4, "serial": 1, "lineage": "l", "resources": [
            {"module": "module.a[\"x.y\"]", "mode": "managed", "type": "t", "name": "n", "instances": [
                instance(json!({"index_key": 0, "dependencies": ["t.other", "data.t.d"]})),
                instance(json!({"index_key": "a\"b${c}"})),
                instance(json!({"index_key": 0, "deposed": "0a1b2c3d"}))]},
            {"mode": "data", "type": "t", "name": "d", "instances": [instance(json!({}))]},
            {"mode": "managed", "type": "t", "name": "none", "instances": []}]}));
        assert_eq!(
            addresses(&state),
            [
                r#"module.a["x.y"].t.n[0]"#,
                r#"module.a["x.y"].t.n["a\"b$${c}"]"#,
                r#"module.a["x.y"].t.n[0] (deposed 0a1b2c3d)"#,
                "data.t.d"
            ]
        );
        assert_eq!(state.objects[0].depends_on, [Address::new("t.other"), Address::new("data.t.d")]);
        assert_eq!(state.objects[1].evidence.pointer.as_ref(), "/resources/0/instances/1");
        assert!(state.objects.iter().all(|object| object.standing));
    }

    #[test]
    fn sensitive_attributes_are_taken_away() {
        let get = |name: &str| json!({"type": "get_attr", "value": name});
        let at = |key: Value, kind: &str| json!({"type": "index", "value": {"value": key, "type": kind}});
        let state = read(&json!({"version": 4, "serial": 1, "outputs": {
                "open": {"value": "a", "type": "string"}, "hidden": {"value": "b", "type": "string", "sensitive": true}},
            "resources": [{"mode": "managed", "type": "t", "name": "n", "instances": [{
                "attributes": {"id": "1", "password": "p", "l": [{"a": "x", "b": "y"}, "z"], "m": {"k": "v", "o": "w"}, "q": "r"},
                "sensitive_attributes": [[get("password")], [get("l"), at(json!(0), "number"), get("a")],
                    [get("m"), at(json!("k"), "string")], [get("q"), json!({"type": "new"})]]}]}]}));
        let expect = json!({"id": "1", "password": PLACEHOLDER, "l": [{"a": PLACEHOLDER, "b": "y"}, "z"],
            "m": {"k": PLACEHOLDER, "o": "w"}, "q": PLACEHOLDER});
        assert_eq!(state.objects[0].before.as_ref().unwrap().value.reveal(), &expect);
        let told: Vec<_> =
            state.outputs.iter().map(|one| (one.name.as_str(), one.digest.is_some())).collect();
        assert_eq!(told, [("hidden", false), ("open", true)]);
    }

    #[test]
    fn the_shown_form_tells_the_same() {
        let state = read(&json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {
            "outputs": {"o": {"value": [1.50], "sensitive": false}},
            "root_module": {"child_modules": [{"address": "module.m", "resources": [
                {"address": "module.m.t.n", "mode": "managed", "type": "t", "values": {"id": "1", "secret": "s"},
                 "sensitive_values": {"secret": true}, "depends_on": ["t.other"]}]}]}}}));
        assert_eq!(addresses(&state), ["module.m.t.n"]);
        let object = &state.objects[0];
        assert_eq!(
            object.before.as_ref().unwrap().value.reveal(),
            &json!({"id": "1", "secret": PLACEHOLDER})
        );
        assert_eq!(object.depends_on, [Address::new("t.other")]);
        assert_eq!(object.evidence.pointer.as_ref(), "/values/root_module/child_modules/0/resources/0");
        assert_eq!(state.outputs[0].digest.as_deref(), Some(super::super::digest(&json!([1.50])).as_str()));
    }

    #[test]
    fn flat_attributes_of_old_states_are_read_as_far_as_they_are_plain() {
        let state = read(
            &json!({"version": 4, "serial": 0, "resources": [{"module": "module.m", "mode": "managed",
            "type": "t", "name": "n", "instances": [{"attributes_flat": {"id": "1", "tags.%": "1", "tags.a": "b"},
            "depends_on": ["t.other", "var.input"]}]}]}),
        );
        let before = state.objects[0].before.as_ref().unwrap();
        assert_eq!((before.value.reveal(), &before.unknown), (&json!({"id": "1"}), &json!({"tags": true})));
        assert_eq!(state.objects[0].depends_on, [Address::new("module.m.t.other")]);
    }

    #[test]
    fn other_versions_and_encrypted_states_are_refused() {
        let refusal = |value: Value| read_state(&value.to_string(), "s", SourceIx(0), None).unwrap_err();
        let version = refusal(json!({"version": 3, "serial": 1, "modules": []}));
        assert!(matches!(&version, Error::StateVersion { version, .. } if version == "3"), "{version}");
        let shown = refusal(json!({"format_version": "2.0", "values": {}}));
        assert!(matches!(shown, Error::Version { .. }), "{shown}");
        let encrypted = refusal(json!({"serial": 1, "lineage": "l", "encrypted_data": "x"}));
        assert!(matches!(encrypted, Error::IsEncrypted { .. }), "{encrypted}");
    }
}
