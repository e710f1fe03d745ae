//! The part of Terraform's plugin protocol 5 that a test meets, as plain structs.
//!
//! Written by hand because the messages are few: no `.proto` file and no generator have to be there to build
//! the tests. Only the field numbers must agree with Terraform, and those are facts of the wire. What a newer
//! Terraform sends besides is skipped, as Protocol Buffers provide.

use std::collections::BTreeMap;

use prost::Message;

/// How bad a [`Diagnostic`] is: the two values that Terraform knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub enum Severity {
    Invalid = 0,
    Error = 1,
    Warning = 2,
}

/// How often a nested block may stand; only the two forms that provider SDKs of protocol 5 use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub enum Nesting {
    Invalid = 0,
    List = 2,
    Set = 3,
}

/// A value on the wire: MessagePack nearly always, JSON where Terraform hands on what a state file holds.
#[derive(Clone, PartialEq, Message)]
pub struct DynamicValue {
    #[prost(bytes = "vec", tag = "1")]
    pub msgpack: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub json: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Diagnostic {
    #[prost(enumeration = "Severity", tag = "1")]
    pub severity: i32,
    #[prost(string, tag = "2")]
    pub summary: String,
    #[prost(string, tag = "3")]
    pub detail: String,
}

impl Diagnostic {
    /// One error, in the list that every response carries.
    pub fn error(summary: impl Into<String>) -> Vec<Self> {
        vec![Self { severity: Severity::Error.into(), summary: summary.into(), detail: String::new() }]
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct Schema {
    #[prost(int64, tag = "1")]
    pub version: i64,
    #[prost(message, optional, tag = "2")]
    pub block: Option<SchemaBlock>,
}

#[derive(Clone, PartialEq, Message)]
pub struct SchemaBlock {
    #[prost(message, repeated, tag = "2")]
    pub attributes: Vec<SchemaAttribute>,
    #[prost(message, repeated, tag = "3")]
    pub block_types: Vec<SchemaNested>,
}

#[derive(Clone, PartialEq, Message)]
pub struct SchemaAttribute {
    #[prost(string, tag = "1")]
    pub name: String,
    /// The type as Terraform's type system writes it in JSON: `"string"`, `["map","string"]`.
    #[prost(bytes = "vec", tag = "2")]
    pub kind: Vec<u8>,
    #[prost(bool, tag = "4")]
    pub required: bool,
    #[prost(bool, tag = "5")]
    pub optional: bool,
    #[prost(bool, tag = "6")]
    pub computed: bool,
    #[prost(bool, tag = "7")]
    pub sensitive: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct SchemaNested {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub block: Option<SchemaBlock>,
    #[prost(enumeration = "Nesting", tag = "3")]
    pub nesting: i32,
    #[prost(int64, tag = "4")]
    pub min_items: i64,
    #[prost(int64, tag = "5")]
    pub max_items: i64,
}

/// Answer to `GetSchema`.
#[derive(Clone, PartialEq, Message)]
pub struct Schemas {
    #[prost(message, optional, tag = "1")]
    pub provider: Option<Schema>,
    #[prost(btree_map = "string, message", tag = "2")]
    pub resources: BTreeMap<String, Schema>,
    #[prost(btree_map = "string, message", tag = "3")]
    pub data_sources: BTreeMap<String, Schema>,
}

/// Question and answer of `PrepareProviderConfig`: the configuration goes back as it came.
#[derive(Clone, PartialEq, Message)]
pub struct ProviderConfig {
    #[prost(message, optional, tag = "1")]
    pub config: Option<DynamicValue>,
    #[prost(message, repeated, tag = "2")]
    pub diagnostics: Vec<Diagnostic>,
}

/// Answer of `Validate…Config` and `Configure`, which say only what is wrong.
#[derive(Clone, PartialEq, Message)]
pub struct Verdict {
    #[prost(message, repeated, tag = "1")]
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Clone, PartialEq, Message)]
pub struct RawState {
    #[prost(bytes = "vec", tag = "1")]
    pub json: Vec<u8>,
}

/// Question of `UpgradeResourceState`, asked of every object in a state file.
#[derive(Clone, PartialEq, Message)]
pub struct Upgrade {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "3")]
    pub raw_state: Option<RawState>,
}

/// Question of `ReadResource`, and of `ReadDataSource` and `Validate…Config` (where it is the configuration).
#[derive(Clone, PartialEq, Message)]
pub struct Read {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub value: Option<DynamicValue>,
    #[prost(bytes = "vec", tag = "3")]
    pub private: Vec<u8>,
}

/// Answer of `UpgradeResourceState`, `ReadResource` and `ReadDataSource`.
#[derive(Clone, PartialEq, Message)]
pub struct State {
    #[prost(message, optional, tag = "1")]
    pub value: Option<DynamicValue>,
    #[prost(message, repeated, tag = "2")]
    pub diagnostics: Vec<Diagnostic>,
    #[prost(bytes = "vec", tag = "3")]
    pub private: Vec<u8>,
}

/// Question of `PlanResourceChange` (proposed) and of `ApplyResourceChange` (planned): one shape on the wire.
#[derive(Clone, PartialEq, Message)]
pub struct Change {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub prior: Option<DynamicValue>,
    #[prost(message, optional, tag = "3")]
    pub next: Option<DynamicValue>,
    #[prost(bytes = "vec", tag = "5")]
    pub private: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
pub struct AttributePath {
    #[prost(message, repeated, tag = "1")]
    pub steps: Vec<Step>,
}

/// One step into a value: exactly one of the two is set.
#[derive(Clone, PartialEq, Message)]
pub struct Step {
    #[prost(string, optional, tag = "1")]
    pub attribute_name: Option<String>,
    #[prost(int64, optional, tag = "3")]
    pub element_index: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Planned {
    #[prost(message, optional, tag = "1")]
    pub value: Option<DynamicValue>,
    #[prost(message, repeated, tag = "2")]
    pub requires_replace: Vec<AttributePath>,
    #[prost(bytes = "vec", tag = "3")]
    pub private: Vec<u8>,
    #[prost(message, repeated, tag = "4")]
    pub diagnostics: Vec<Diagnostic>,
    /// The providers played here are built on the older SDK, and Terraform is lenient with those.
    #[prost(bool, tag = "5")]
    pub legacy_type_system: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Applied {
    #[prost(message, optional, tag = "1")]
    pub value: Option<DynamicValue>,
    #[prost(bytes = "vec", tag = "2")]
    pub private: Vec<u8>,
    #[prost(message, repeated, tag = "3")]
    pub diagnostics: Vec<Diagnostic>,
    #[prost(bool, tag = "4")]
    pub legacy_type_system: bool,
}

#[derive(Clone, PartialEq, Message)]
pub struct Import {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(string, tag = "2")]
    pub id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct ImportedObject {
    #[prost(string, tag = "1")]
    pub type_name: String,
    #[prost(message, optional, tag = "2")]
    pub value: Option<DynamicValue>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Imported {
    #[prost(message, repeated, tag = "1")]
    pub objects: Vec<ImportedObject>,
    #[prost(message, repeated, tag = "2")]
    pub diagnostics: Vec<Diagnostic>,
}
