//! What the stand-in serves, read from a JSON file, so that a new resource type is a few lines and no Rust.
//!
//! ```text
//! { "constants": { NAME: TEXT }, "tables": { NAME: { KEY: TEXT } }, "shared": { NAME: BLOCK },
//!   "providers": { "azurerm": { "config": BLOCK, "resources": { TYPE: BLOCK | "OTHER_TYPE" }, "data": { TYPE: BLOCK } } } }
//! BLOCK = { "attributes": { NAME: [KIND, FLAGS, TEMPLATE?] }, "blocks": { NAME: BLOCK }, "shared": NAME,
//!           "nesting": "list" | "set", "min", "max", "template",    -- where the block is nested
//!           "key": [PATH], "unique": true }                        -- where it is a resource
//! ```
//!
//! KIND is a type of Terraform in JSON. FLAGS is a set of words: `r` required, `o` optional, `c` computed,
//! `f` forces replacement, `s` sensitive, `p` computed already in the plan, as far as what it refers to is known
//! there. A TEMPLATE (see `template.rs`) is the value of a computed attribute that the configuration leaves open,
//! and the default of one that is only optional.
//! `key` lists what the made-up ids of a resource are derived from; `unique` says that the real interface
//! refuses a second object with the same key, as Azure does for role assignments.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::proto;

pub type Tables = BTreeMap<String, BTreeMap<String, String>>;

pub struct Provider {
    pub config: Block,
    pub resources: BTreeMap<String, Resource>,
    pub data: BTreeMap<String, Block>,
    pub constants: BTreeMap<String, String>,
    pub tables: Tables,
}

pub struct Resource {
    pub block: Block,
    pub key: Vec<String>,
    pub unique: bool,
}

pub struct Block {
    pub attributes: BTreeMap<String, Attribute>,
    pub blocks: BTreeMap<String, Nested>,
}

pub struct Attribute {
    pub kind: Json,
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    pub replaces: bool,
    pub sensitive: bool,
    /// Its value shows in the plan already.
    pub planned: bool,
    pub template: Option<Json>,
}

pub struct Nested {
    pub block: Block,
    pub set: bool,
    pub min: i64,
    pub max: i64,
    /// With a template the block is computed where the configuration leaves it out.
    pub template: Option<Json>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    constants: BTreeMap<String, String>,
    tables: Tables,
    shared: BTreeMap<String, RawBlock>,
    providers: BTreeMap<String, RawProvider>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProvider {
    config: RawBlock,
    resources: BTreeMap<String, RawResource>,
    #[serde(default)]
    data: BTreeMap<String, RawBlock>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawResource {
    SameAs(String),
    Own(RawBlock),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct RawBlock {
    attributes: BTreeMap<String, Vec<Json>>,
    blocks: BTreeMap<String, RawBlock>,
    shared: Option<String>,
    nesting: Option<String>,
    min: i64,
    max: i64,
    template: Option<Json>,
    key: Vec<String>,
    unique: bool,
}

impl Provider {
    /// The part of the file that is about the provider `name`.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, String> {
        let File { constants, tables, shared, mut providers } =
            serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let raw = providers.remove(name).ok_or_else(|| format!("no provider {name:?} in the schema file"))?;
        let within = |what: &str, e: String| format!("{what}: {e}");
        let mut resources = BTreeMap::new();
        for (kind, resource) in &raw.resources {
            let own = match resource {
                RawResource::Own(own) => own,
                RawResource::SameAs(other) => match raw.resources.get(other) {
                    Some(RawResource::Own(own)) => own,
                    _ => return Err(format!("{kind}: there is no resource {other:?} to be the same as")),
                },
            };
            if own.key.is_empty() {
                return Err(format!("{kind}: a resource needs a key, or its ids would depend on nothing"));
            }
            let block = Block::parse(own, &shared).map_err(|e| within(kind, e))?;
            resources.insert(kind.clone(), Resource { block, key: own.key.clone(), unique: own.unique });
        }
        let mut data = BTreeMap::new();
        for (kind, block) in &raw.data {
            data.insert(kind.clone(), Block::parse(block, &shared).map_err(|e| within(kind, e))?);
        }
        let config = Block::parse(&raw.config, &shared).map_err(|e| within(name, e))?;
        Ok(Self { config, resources, data, constants, tables })
    }

    pub fn to_proto(&self) -> proto::Schemas {
        let schema = |block: &Block| proto::Schema { version: 0, block: Some(block.to_proto()) };
        proto::Schemas {
            provider: Some(schema(&self.config)),
            resources: self.resources.iter().map(|(n, r)| (n.clone(), schema(&r.block))).collect(),
            data_sources: self.data.iter().map(|(n, b)| (n.clone(), schema(b))).collect(),
        }
    }
}

impl Block {
    fn parse(raw: &RawBlock, shared: &BTreeMap<String, RawBlock>) -> Result<Self, String> {
        let body = match &raw.shared {
            None => raw,
            Some(name) => shared.get(name).ok_or_else(|| format!("no shared block {name:?}"))?,
        };
        let mut attributes = BTreeMap::new();
        for (name, parts) in &body.attributes {
            attributes.insert(name.clone(), Attribute::parse(parts).map_err(|e| format!("{name}: {e}"))?);
        }
        let mut blocks = BTreeMap::new();
        for (name, inner) in &body.blocks {
            let set = match inner.nesting.as_deref() {
                Some("list") => false,
                Some("set") => true,
                other => return Err(format!("{name}: nesting {other:?} is neither list nor set")),
            };
            let block = Self::parse(inner, shared).map_err(|e| format!("{name}: {e}"))?;
            let (min, max, template) = (inner.min, inner.max, inner.template.clone());
            blocks.insert(name.clone(), Nested { block, set, min, max, template });
        }
        Ok(Self { attributes, blocks })
    }

    fn to_proto(&self) -> proto::SchemaBlock {
        let attribute = |(name, a): (&String, &Attribute)| proto::SchemaAttribute {
            name: name.clone(),
            kind: a.kind.to_string().into_bytes(),
            required: a.required,
            optional: a.optional,
            computed: a.computed,
            sensitive: a.sensitive,
        };
        let nested = |(name, n): (&String, &Nested)| proto::SchemaNested {
            type_name: name.clone(),
            block: Some(n.block.to_proto()),
            nesting: if n.set { proto::Nesting::Set } else { proto::Nesting::List }.into(),
            min_items: n.min,
            max_items: n.max,
        };
        proto::SchemaBlock {
            attributes: self.attributes.iter().map(attribute).collect(),
            block_types: self.blocks.iter().map(nested).collect(),
        }
    }
}

impl Attribute {
    fn parse(parts: &[Json]) -> Result<Self, String> {
        let (kind, flags, template) = match parts {
            [kind, Json::String(flags)] => (kind, flags, None),
            [kind, Json::String(flags), template] => (kind, flags, Some(template.clone())),
            _ => return Err("an attribute is [KIND, FLAGS] or [KIND, FLAGS, TEMPLATE]".to_string()),
        };
        if let Some(odd) =
            flags.split_whitespace().find(|flag| !["r", "o", "c", "f", "s", "p"].contains(flag))
        {
            return Err(format!("there is no flag {odd:?}"));
        }
        let has = |flag: &str| flags.split_whitespace().any(|f| f == flag);
        Ok(Self {
            kind: kind.clone(),
            required: has("r"),
            optional: has("o"),
            computed: has("c"),
            replaces: has("f"),
            sensitive: has("s"),
            planned: has("p"),
            template,
        })
    }
}
