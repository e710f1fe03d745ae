//! A Terraform value: what JSON can say, and "not known until apply".

use std::collections::BTreeMap;

use serde_json::{Number, Value as Json};

use crate::proto::DynamicValue;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Unknown,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

impl Value {
    /// Reads what came over the wire. An absent value is null to Terraform; a broken one is an error, since a
    /// value made up here would turn up in a plan as if somebody had written it.
    pub fn from_wire(wire: Option<&DynamicValue>) -> Result<Self, String> {
        let Some(wire) = wire else { return Ok(Self::Null) };
        if !wire.msgpack.is_empty() {
            let mut rest = wire.msgpack.as_slice();
            let value = rmpv::decode::read_value(&mut rest).map_err(|e| format!("not MessagePack: {e}"))?;
            if !rest.is_empty() {
                return Err(format!("{} bytes follow a MessagePack value", rest.len()));
            }
            return Self::from_msgpack(value);
        }
        if wire.json.is_empty() {
            return Ok(Self::Null);
        }
        serde_json::from_slice(&wire.json).map(Self::from_json).map_err(|e| format!("not JSON: {e}"))
    }

    pub fn to_wire(&self) -> Result<DynamicValue, String> {
        let mut msgpack = Vec::new();
        rmpv::encode::write_value(&mut msgpack, &self.to_msgpack()?).map_err(|e| e.to_string())?;
        Ok(DynamicValue { msgpack, json: Vec::new() })
    }

    fn from_msgpack(value: rmpv::Value) -> Result<Self, String> {
        use rmpv::Value as M;
        let text = |s: rmpv::Utf8String| s.into_str().ok_or_else(|| "a string is not UTF-8".to_string());
        Ok(match value {
            M::Nil => Self::Null,
            M::Boolean(b) => Self::Bool(b),
            M::Integer(i) => match (i.as_i64(), i.as_u64()) {
                (Some(n), _) => Self::Number(n.into()),
                (None, Some(n)) => Self::Number(n.into()),
                (None, None) => return Err(format!("the integer {i} fits no number")),
            },
            M::F32(f) => Self::float(f64::from(f))?,
            M::F64(f) => Self::float(f)?,
            M::String(s) => Self::Text(text(s)?),
            M::Binary(_) => return Err("Terraform sends no binary values".to_string()),
            M::Array(items) => {
                Self::List(items.into_iter().map(Self::from_msgpack).collect::<Result<_, _>>()?)
            }
            M::Map(pairs) => {
                let mut object = BTreeMap::new();
                for (key, value) in pairs {
                    let M::String(key) = key else { return Err(format!("the key {key} is not a string")) };
                    object.insert(text(key)?, Self::from_msgpack(value)?);
                }
                Self::Object(object)
            }
            // Plain unknowns are extension 0, refined ones (say "known not to be null") extension 12.
            M::Ext(..) => Self::Unknown,
        })
    }

    fn float(f: f64) -> Result<Self, String> {
        Number::from_f64(f).map(Self::Number).ok_or_else(|| format!("{f} is no number"))
    }

    fn to_msgpack(&self) -> Result<rmpv::Value, String> {
        use rmpv::Value as M;
        Ok(match self {
            Self::Null => M::Nil,
            Self::Unknown => M::Ext(0, vec![0]),
            Self::Bool(b) => M::Boolean(*b),
            Self::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(i), _) => M::Integer(i.into()),
                (None, Some(f)) => M::F64(f),
                (None, None) => return Err(format!("{n} fits no number")),
            },
            Self::Text(s) => M::String(s.as_str().into()),
            Self::List(items) => M::Array(items.iter().map(Self::to_msgpack).collect::<Result<_, _>>()?),
            Self::Object(fields) => M::Map(
                fields
                    .iter()
                    .map(|(k, v)| Ok((M::String(k.as_str().into()), v.to_msgpack()?)))
                    .collect::<Result<_, String>>()?,
            ),
        })
    }

    pub fn from_json(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(b),
            Json::Number(n) => Self::Number(n),
            Json::String(s) => Self::Text(s),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from_json).collect()),
            Json::Object(fields) => {
                Self::Object(fields.into_iter().map(|(k, v)| (k, Self::from_json(v))).collect())
            }
        }
    }

    /// As JSON, which the cloud is kept in. An object that exists has nothing unknown in it.
    pub fn to_json(&self) -> Result<Json, String> {
        Ok(match self {
            Self::Null => Json::Null,
            Self::Unknown => return Err("a value is still unknown after apply".to_string()),
            Self::Bool(b) => Json::Bool(*b),
            Self::Number(n) => Json::Number(n.clone()),
            Self::Text(s) => Json::String(s.clone()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect::<Result<_, _>>()?),
            Self::Object(fields) => Json::Object(
                fields.iter().map(|(k, v)| Ok((k.clone(), v.to_json()?))).collect::<Result<_, String>>()?,
            ),
        })
    }

    /// The field of an object; null where there is none, as Terraform has it for attributes not set.
    pub fn field(&self, name: &str) -> &Self {
        match self {
            Self::Object(fields) => fields.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// Walks `metadata.0.name`: names into objects, numbers into lists.
    pub fn at(&self, path: &str) -> &Self {
        path.split('.').fold(self, |value, step| match (value, step.parse::<usize>()) {
            (Self::List(items), Ok(index)) => items.get(index).unwrap_or(&Self::Null),
            _ => value.field(step),
        })
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(s) => Some(s),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }
}
