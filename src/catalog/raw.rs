//! The form of catalog and pack files, as written.
//!
//! Both kinds of file share one grammar: `[[type]]` says what objects of a kind are, `[[need]]` what they need. The
//! grammar is documented for users in `docs/catalog.md`; `compile` turns it into entries.

use super::entry::Shape;
use crate::model::{Class, OnDelete, Strength};
use serde::Deserialize;

/// One string or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn list(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// A file of the catalog, as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawFile {
    #[serde(default)]
    pub(super) shape: Vec<Shape>,
    #[serde(default)]
    pub(super) scopes: std::collections::BTreeMap<String, String>,
    #[serde(default, rename = "type")]
    pub(super) types: Vec<RawEntry>,
    #[serde(default, rename = "need")]
    pub(super) needs: Vec<RawNeed>,
    #[serde(default)]
    pub(super) criticality: Vec<String>,
    #[serde(default)]
    pub(super) environment: Vec<String>,
    #[serde(default)]
    pub(super) container: Vec<RawContainer>,
}

/// An authoritative object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawOnly {
    pub(super) cloud: String,
    pub(super) principal: Option<String>,
    pub(super) role_id: Option<String>,
    pub(super) scope: String,
    pub(super) condition: Option<String>,
    pub(super) listed: String,
    pub(super) carriers: Option<String>,
    #[serde(default)]
    pub(super) on_delete: OnDelete,
}

/// A name that tells what the thing lies in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawContainer {
    pub(super) space: String,
    pub(super) inside: String,
    pub(super) outer: Option<String>,
    pub(super) label: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawEntry {
    pub(super) kind: Option<OneOrMany>,
    #[serde(rename = "as")]
    pub(super) alias_of: Option<String>,
    pub(super) shape: Option<String>,
    pub(super) class: Option<Class>,
    pub(super) each: Option<String>,
    #[serde(default)]
    pub(super) when: Vec<RawWhen>,
    #[serde(default)]
    pub(super) off: Vec<RawWhen>,
    pub(super) name: Option<OneOrMany>,
    #[serde(default)]
    pub(super) unique: Vec<String>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    pub(super) grant: Option<RawGrant>,
    pub(super) role: Option<RawRole>,
    pub(super) membership: Option<RawPair>,
    pub(super) trust: Option<RawTrust>,
    pub(super) acts_as: Option<RawActs>,
    pub(super) policy_of: Option<String>,
    pub(super) also_named: Option<RawPair>,
    pub(super) bound: Option<RawPair>,
    pub(super) within: Option<RawPair>,
    pub(super) only: Option<RawOnly>,
    pub(super) deny: Option<RawDeny>,
    pub(super) lease: Option<RawLease>,
    #[serde(default)]
    pub(super) ends: Vec<RawEnd>,
    pub(super) undo: Option<String>,
    pub(super) undo_note: Option<String>,
    #[serde(default)]
    pub(super) users_listed_by: Vec<String>,
    pub(super) listed_by: Option<String>,
    #[serde(default)]
    pub(super) refuses_duplicates: bool,
    #[serde(default)]
    pub(super) natural_key: bool,
    #[serde(default)]
    pub(super) restarts: Vec<String>,
    #[serde(default)]
    pub(super) alters: Vec<String>,
    #[serde(default)]
    pub(super) scan: bool,
    #[serde(default)]
    pub(super) keeps: Vec<String>,
    #[serde(default)]
    pub(super) documents: Vec<String>,
    pub(super) carrier: Option<String>,
    #[serde(default)]
    pub(super) merely_tells: bool,
    #[serde(default)]
    pub(super) wakes: bool,
    #[serde(default)]
    pub(super) outlives: RawOutlives,
    pub(super) variant_of: Option<String>,
    #[serde(default)]
    pub(super) attributes: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub(super) leaves: std::collections::BTreeMap<String, RawValue>,
    pub(super) part_of: Option<String>,
    pub(super) serves: Option<RawServes>,
    #[serde(default)]
    pub(super) carries: Vec<RawEntry>,
    #[serde(default, rename = "need")]
    pub(super) needs: Vec<RawNeed>,
}

/// An end that counts only if.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEnd {
    pub(super) at: String,
    #[serde(default)]
    pub(super) when: Vec<RawWhen>,
    pub(super) after: Option<String>,
    pub(super) because: Option<String>,
}

/// Whether it outlives the object that tells of it: always, or when that goes and not when it stays and no longer tells.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub(super) enum RawOutlives {
    Either(bool),
    Only(RawDeletion),
}

/// The word for it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawDeletion {
    Deletion,
}

impl Default for RawOutlives {
    fn default() -> Self {
        RawOutlives::Either(false)
    }
}

/// A plain value.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum RawValue {
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

/// How long what is issued can last.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[derive(Default)]
pub(super) struct RawLease {
    pub(super) ttl: Vec<String>,
    pub(super) max: Vec<String>,
    pub(super) period: Vec<String>,
    pub(super) explicit_max: Vec<String>,
    pub(super) no_effect: Vec<String>,
    pub(super) fixed: Vec<RawWhen>,
    pub(super) issues: Option<String>,
    pub(super) issued: Option<RawIssued>,
    pub(super) mount: Vec<String>,
    pub(super) role: Vec<String>,
    pub(super) held_by: Vec<String>,
    pub(super) accounts: Option<RawAccounts>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawIssued {
    pub(super) at: Vec<String>,
    pub(super) until: Vec<String>,
    pub(super) granted: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawAccounts {
    pub(super) names: String,
    pub(super) namespaces: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawWhen {
    pub(super) path: String,
    pub(super) equals: Option<String>,
    pub(super) not: Option<String>,
    pub(super) matches: Option<String>,
    #[serde(default)]
    pub(super) missing: bool,
    #[serde(default)]
    pub(super) unknown: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawGrant {
    pub(super) cloud: String,
    pub(super) principal: String,
    pub(super) principal_type: Option<String>,
    pub(super) role_id: Option<String>,
    pub(super) role_name: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) until: Option<String>,
    pub(super) allows: Option<RawRole>,
    #[serde(default)]
    pub(super) by_resource: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawRole {
    pub(super) cloud: String,
    pub(super) id: Option<OneOrMany>,
    pub(super) name: Option<String>,
    pub(super) of: Option<String>,
    pub(super) permissions: String,
    #[serde(default)]
    pub(super) actions: String,
    #[serde(default)]
    pub(super) not_actions: String,
    #[serde(default)]
    pub(super) data_actions: String,
    #[serde(default)]
    pub(super) not_data_actions: String,
    #[serde(default)]
    pub(super) resources: String,
    #[serde(default)]
    pub(super) not_resources: String,
    #[serde(default)]
    pub(super) groups: String,
    #[serde(default)]
    pub(super) urls: String,
    #[serde(default)]
    pub(super) names: String,
    #[serde(default)]
    pub(super) effect: String,
    pub(super) condition: Option<String>,
    // Kubernetes: roles that allow nothing, and roles that are made of others.
    #[serde(default)]
    pub(super) may_be_empty: bool,
    pub(super) labels: Option<String>,
    pub(super) gathers: Option<String>,
    pub(super) selectors: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPair {
    pub(super) from: String,
    pub(super) to: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrust {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) issuer: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) denies: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawActs {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) service: Option<String>,
    #[serde(default, rename = "at-start")]
    pub(super) at_start: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawDeny {
    pub(super) principals: String,
    pub(super) space: String,
    pub(super) everyone: Vec<String>,
    pub(super) except: String,
    pub(super) scope: String,
    pub(super) this_scope_only: String,
    pub(super) condition: Option<String>,
    pub(super) role: RawRole,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawServes {
    #[serde(default)]
    pub(super) exactly: Vec<String>,
    #[serde(default)]
    pub(super) below: Vec<String>,
    #[serde(default)]
    pub(super) likely_below: Vec<String>,
    pub(super) undecidable: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawNeed {
    pub(super) of: Option<OneOrMany>,
    pub(super) each: Option<OneOrMany>,
    #[serde(default)]
    pub(super) when: Vec<RawWhen>,
    pub(super) label: String,
    pub(super) strength: Option<Strength>,
    pub(super) phase: Option<String>,
    pub(super) renew: Option<RawRenew>,
    pub(super) any: Option<Vec<String>>,
    pub(super) first: Option<Vec<String>>,
    pub(super) can: Option<RawCan>,
    pub(super) part: Option<RawPart>,
    pub(super) acts_as: Option<String>,
    #[serde(default)]
    pub(super) if_known: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawRenew {
    pub(super) end: String,
    pub(super) at: Option<String>,
    pub(super) start: Option<String>,
    pub(super) lead: Option<String>,
    pub(super) lead_percent: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCan {
    pub(super) who: Vec<String>,
    pub(super) action: String,
    pub(super) scope: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPart {
    pub(super) whole: String,
    pub(super) name: String,
}

impl RawEntry {
    /// The entry itself, or one for each of these kinds of scope, where it is written for all of them.
    pub(super) fn for_each(self, scopes: &std::collections::BTreeMap<String, String>) -> Vec<RawEntry> {
        let kinds = self.kind.as_ref().map(OneOrMany::list).unwrap_or_default();
        let [pattern] = kinds else { return vec![self] };
        let Some((before, after)) = pattern.split_once('$') else { return vec![self] };
        let one = |(kind, scope): (&String, &String)| {
            let mut entry = self.clone();
            entry.kind = Some(OneOrMany::One(format!("{before}{kind}{after}")));
            entry.on(scope);
            entry
        };
        scopes.iter().map(one).collect()
    }

    fn on(&mut self, scope: &str) {
        let only = self.only.as_mut().map(|only| &mut only.scope);
        let own = self.names.iter_mut().chain(&mut self.policy_of).chain(only);
        let given = self.grant.iter_mut().flat_map(RawGrant::of_scope);
        own.chain(given).for_each(|own| *own = own.replace(SCOPE, scope));
        if let Some(name) = &mut self.name {
            let names = name.list().iter().map(|name| name.replace(SCOPE, scope)).collect();
            *name = OneOrMany::Many(names);
        }
        self.carries.iter_mut().for_each(|carried| carried.on(scope));
    }
}

impl RawGrant {
    /// What may speak of the scope.
    fn of_scope(&mut self) -> impl Iterator<Item = &mut String> {
        let of = self.allows.as_mut().and_then(|allows| allows.of.as_mut());
        [self.scope.as_mut(), self.role_name.as_mut(), of].into_iter().flatten()
    }
}

/// What stands for the scope in an entry for several kinds of it.
const SCOPE: &str = "{@scope}";
