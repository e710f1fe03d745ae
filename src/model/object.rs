//! Objects: single things as one source tells of them, before anyone says what they are.

use super::{Address, Evidence, Guarded, Instant, Kind};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The attributes of an object on one side (before or after) of a plan.
#[derive(Clone, Default)]
pub struct Attributes {
    /// The values; unknown ones are missing.
    pub value: Guarded,
    /// `true` where a value is known only after apply, as Terraform's `after_unknown`.
    pub unknown: Value,
    /// `true` where a value is sensitive, as Terraform's `*_sensitive`.
    pub sensitive: Value,
    /// Attribute path of the configuration → references in it (resolved to instance addresses with an attribute,
    /// `azurerm_x.y` + `principal_id`), for values that are not known yet.
    pub references: BTreeMap<String, Vec<Reference>>,
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attributes").field("references", &self.references).finish_non_exhaustive()
    }
}

/// A reference of the configuration to an attribute of another resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The instance or, where the instance cannot be told, the resource.
    pub address: Address,
    /// The attribute's path within it, if one is named.
    pub attribute: Option<String>,
}

/// One object of a plan or a snapshot.
#[derive(Debug, Clone)]
pub struct Object {
    /// What kind, the key of the catalog.
    pub kind: Kind,
    /// Where it stands.
    pub evidence: Evidence,
    /// When the source was taken.
    pub taken_at: Option<Instant>,
    /// Its Terraform address, if a plan or a state tells of it.
    pub address: Option<Address>,
    /// The change that carries it (index into the judged changes), if a plan does.
    pub change: Option<ChangeIx>,
    /// How it is before; `None`: it does not exist.
    pub before: Option<Attributes>,
    /// How it will be; `None`: it will not exist. For what no plan changes, see [`Object::standing`].
    pub after: Option<Attributes>,
    /// No plan changes it: `before` holds on both sides and `after` is not filled.
    pub standing: bool,
    /// The plan updates it in place: it stays who it is.
    pub in_place: bool,
    /// Addresses of resources that it depends on, as the state recorded at the last apply of this object.
    pub depends_on: Vec<Address>,
    /// Addresses of resources of other plans and states that it uses by their outputs.
    pub beyond: Vec<Address>,
    /// It was there and is not any more: `before` is how it was.
    pub gone: bool,
    /// References anywhere in its configuration now (resource level), if a configuration is there.
    pub configured: Option<Vec<Address>>,
}

/// A change by its number over all plans of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeIx(pub u32);

impl Object {
    /// An object that no plan changes.
    pub fn standing(kind: Kind, evidence: Evidence, taken_at: Option<Instant>, value: Guarded) -> Object {
        Object {
            kind,
            evidence,
            taken_at,
            address: None,
            change: None,
            before: Some(Attributes { value, ..Attributes::default() }),
            after: None,
            standing: true,
            in_place: false,
            depends_on: Vec::new(),
            beyond: Vec::new(),
            gone: false,
            configured: None,
        }
    }
}
