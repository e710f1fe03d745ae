//! The operations that Terraform asks a provider for, on the cloud folder.

use prost::Message;

use crate::cloud::Cloud;
use crate::faults::Faults;
use crate::proto::{self, Diagnostic, DynamicValue};
use crate::schema::{Provider as Schema, Resource};
use crate::shape::{foresee, settle};
use crate::value::Value;

pub struct Provider {
    pub schema: Schema,
    pub cloud: Cloud,
    pub faults: Faults,
}

/// Why a call has no answer. Everything that an answer can carry is a diagnostic instead.
pub enum Refusal {
    /// A service of the plugin framework, or a method newer than this file; Terraform copes without.
    Unimplemented,
    /// The question could not be read.
    Broken(String),
}

impl Provider {
    pub async fn call(&self, method: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        Ok(match method {
            "GetSchema" => self.schema.to_proto().encode_to_vec(),
            "PrepareProviderConfig" => {
                let question: proto::ProviderConfig = read(body)?;
                proto::ProviderConfig { config: question.config, diagnostics: Vec::new() }.encode_to_vec()
            }
            // Terraform itself has checked the configuration against the schema; nothing else is wrong here.
            "ValidateResourceTypeConfig" | "ValidateDataSourceConfig" | "Configure" => {
                proto::Verdict::default().encode_to_vec()
            }
            "UpgradeResourceState" => {
                let question: proto::Upgrade = read(body)?;
                state(self.upgrade(&question), Vec::new())
            }
            "ReadResource" => {
                let question: proto::Read = read(body)?;
                state(self.read(&question).await, question.private)
            }
            "ReadDataSource" => {
                let question: proto::Read = read(body)?;
                state(self.read_data(&question), Vec::new())
            }
            "PlanResourceChange" => self.plan(read(body)?).encode_to_vec(),
            "ApplyResourceChange" => self.apply(read(body)?).await.encode_to_vec(),
            "ImportResourceState" => self.import(&read(body)?).encode_to_vec(),
            "Stop" => {
                self.faults.stop();
                Vec::new()
            }
            _ => return Err(Refusal::Unimplemented),
        })
    }

    fn resource(&self, kind: &str) -> Result<&Resource, String> {
        self.schema.resources.get(kind).ok_or_else(|| format!("the schema file has no resource {kind}"))
    }

    fn upgrade(&self, question: &proto::Upgrade) -> Result<Value, String> {
        let raw = question.raw_state.as_ref().ok_or("a state to upgrade holds nothing")?;
        let json =
            serde_json::from_slice(&raw.json).map_err(|e| format!("state of {}: {e}", question.type_name))?;
        Ok(self.resource(&question.type_name)?.block.conform(&Value::from_json(json)))
    }

    async fn read(&self, question: &proto::Read) -> Result<Value, String> {
        let kind = &question.type_name;
        let resource = self.resource(kind)?;
        self.faults.before("read", kind).await?;
        let current = Value::from_wire(question.value.as_ref())?;
        Ok(resource.block.conform(&self.cloud.read(kind, id_of(kind, &current)?)?))
    }

    /// The first object of that type which has what the configuration asks for; failing that, what the
    /// templates make of the configuration alone (`azurerm_client_config` looks at no object).
    fn read_data(&self, question: &proto::Read) -> Result<Value, String> {
        let kind = &question.type_name;
        let block =
            self.schema.data.get(kind).ok_or_else(|| format!("the schema file has no data source {kind}"))?;
        let asked = Value::from_wire(question.value.as_ref())?;
        let set = |name: &&String| !matches!(asked.field(name), Value::Null | Value::List(_));
        let wanted: Vec<_> = block.attributes.keys().filter(set).collect();
        if self.schema.resources.contains_key(kind) {
            let objects = self.cloud.all(kind)?;
            let found =
                objects.iter().find(|object| wanted.iter().all(|n| object.field(n) == asked.field(n)));
            return found
                .map(|object| block.conform(object))
                .ok_or_else(|| format!("no {kind} is as asked for"));
        }
        let mut value = block.conform(&asked);
        block.complete(&mut value, &Value::Null);
        match settle(&self.schema, block, &mut value, Some(kind))? {
            open if open.is_empty() => Ok(value),
            open => Err(format!("{kind}: no value for {}", open.join(", "))),
        }
    }

    fn plan(&self, change: proto::Change) -> proto::Planned {
        let planned = || -> Result<_, String> {
            let block = &self.resource(&change.type_name)?.block;
            let prior = Value::from_wire(change.prior.as_ref())?;
            let mut next = Value::from_wire(change.next.as_ref())?;
            if next.is_null() {
                return Ok((next.to_wire()?, Vec::new()));
            }
            block.complete(&mut next, &prior);
            foresee(&self.schema, block, &mut next)?;
            let replaced = if prior.is_null() { Vec::new() } else { block.replaced_by(&prior, &next) };
            Ok((next.to_wire()?, replaced))
        };
        let (value, requires_replace, diagnostics) = match planned() {
            Ok((value, replaced)) => (Some(value), replaced, Vec::new()),
            Err(e) => (change.prior.clone(), Vec::new(), Diagnostic::error(e)),
        };
        proto::Planned {
            value,
            requires_replace,
            private: change.private,
            diagnostics,
            legacy_type_system: true,
        }
    }

    async fn apply(&self, change: proto::Change) -> proto::Applied {
        let (value, diagnostics) = match self.try_apply(&change).await {
            Ok(value) => (Some(value), Vec::new()),
            // What was there before is there still: operations here happen whole or not at all.
            Err(e) => (change.prior, Diagnostic::error(e)),
        };
        proto::Applied { value, private: change.private, diagnostics, legacy_type_system: true }
    }

    async fn try_apply(&self, change: &proto::Change) -> Result<DynamicValue, String> {
        let kind = &change.type_name;
        let resource = self.resource(kind)?;
        let prior = Value::from_wire(change.prior.as_ref())?;
        let next = Value::from_wire(change.next.as_ref())?;
        match (prior.is_null(), next.is_null()) {
            (_, true) => {
                self.faults.before("delete", kind).await?;
                let id = id_of(kind, &prior)?;
                if self.cloud.remove(kind, id)? {
                    self.cloud.log("delete", kind, id)?;
                }
                Value::Null.to_wire()
            }
            (true, false) => {
                self.faults.before("create", kind).await?;
                self.create(kind, resource, next)?.to_wire()
            }
            (false, false) => {
                self.faults.before("update", kind).await?;
                let id = id_of(kind, &prior)?;
                if self.cloud.read(kind, id)?.is_null() {
                    return Err(format!("{kind} {id} was not found"));
                }
                let mut next = next;
                let seed = format!("{kind}/{}", key_of(resource, &next));
                self.settle_all(kind, resource, &mut next, &seed)?;
                self.cloud.write(kind, id, &next)?;
                self.cloud.log("update", kind, id)?;
                next.to_wire()
            }
        }
    }

    fn create(&self, kind: &str, resource: &Resource, mut object: Value) -> Result<Value, String> {
        // First what follows from the configuration alone: the key may be among it.
        settle(&self.schema, &resource.block, &mut object, None)?;
        let key = key_of(resource, &object);
        if resource.unique {
            let same = self.cloud.all(kind)?.into_iter().find(|other| key_of(resource, other) == key);
            if let Some(other) = same {
                return Err(format!("the {kind} already exists as {}", id_of(kind, &other)?));
            }
        }
        let seed = match self.cloud.birth(kind, &key)? {
            0 => format!("{kind}/{key}"),
            again => format!("{kind}/{key}#{again}"),
        };
        self.settle_all(kind, resource, &mut object, &seed)?;
        let id = id_of(kind, &object)?;
        if !self.cloud.read(kind, id)?.is_null() {
            return Err(format!("a resource with the ID {id:?} already exists"));
        }
        self.cloud.write(kind, id, &object)?;
        self.cloud.log("create", kind, id)?;
        Ok(object)
    }

    fn settle_all(
        &self,
        kind: &str,
        resource: &Resource,
        object: &mut Value,
        seed: &str,
    ) -> Result<(), String> {
        match settle(&self.schema, &resource.block, object, Some(seed))? {
            open if open.is_empty() => Ok(()),
            open => Err(format!("{kind}: no value for {}", open.join(", "))),
        }
    }

    fn import(&self, question: &proto::Import) -> proto::Imported {
        let kind = &question.type_name;
        let found = || -> Result<_, String> {
            let object = self.cloud.read(kind, &question.id)?;
            if object.is_null() {
                return Err(format!("there is no {kind} with the id {:?}", question.id));
            }
            self.resource(kind)?.block.conform(&object).to_wire()
        };
        match found() {
            Ok(value) => {
                let object = proto::ImportedObject { type_name: kind.clone(), value: Some(value) };
                proto::Imported { objects: vec![object], diagnostics: Vec::new() }
            }
            Err(e) => proto::Imported { objects: Vec::new(), diagnostics: Diagnostic::error(e) },
        }
    }
}

fn read<M: Message + Default>(body: &[u8]) -> Result<M, Refusal> {
    M::decode(body).map_err(|e| Refusal::Broken(e.to_string()))
}

fn state(found: Result<Value, String>, private: Vec<u8>) -> Vec<u8> {
    let (value, diagnostics) = match found.and_then(|value| value.to_wire()) {
        Ok(value) => (Some(value), Vec::new()),
        Err(e) => (None, Diagnostic::error(e)),
    };
    proto::State { value, diagnostics, private }.encode_to_vec()
}

fn id_of<'a>(kind: &str, object: &'a Value) -> Result<&'a str, String> {
    object.field("id").text().ok_or_else(|| format!("a {kind} without an id"))
}

/// What the ids of an object are derived from, as text.
fn key_of(resource: &Resource, object: &Value) -> String {
    let part = |path: &String| match object.at(path) {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    resource.key.iter().map(part).collect::<Vec<_>>().join("/")
}
