//! Plan JSON, of Terraform and OpenTofu, of every version: bytes become changes and objects.
//!
//! `resource_changes` decides what changes, `prior_state` tells what exists and what depended on what at the last
//! apply, `configuration` tells what refers to what now. Everything else is skipped, and values that are marked
//! sensitive are replaced while reading. Sources: Terraform's "JSON Output Format", and its `jsonplan` and `jsonstate`.

mod address;
mod changes;
mod configuration;
mod error;
mod hcl;
mod hints;
mod lenient;
mod package;
mod prior;
mod raw;
mod recognise;
mod redact;
mod resolve;
mod sources;
mod stored;
#[cfg(test)]
mod tests;
mod values;
mod wiring;

pub use error::Error;
pub use redact::PLACEHOLDER;
pub use sources::{Folder, Sources, sources_of_directory, sources_of_zip};
pub use stored::stored;

use crate::model::{
    Action, Address, Attributes, Change, Evidence, Kind, Object, Partial, PlanMode, PlanSummary, SourceIx,
    decode_text, hex,
};
use address::Instance;
use changes::Frame;
use error::describe;
use prior::PriorIndex;
use raw::{Document, Entry, PriorState};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use values::{Place, Raw, sides};
use wiring::Wiring;

/// A plan that was read.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it says of itself.
    pub summary: PlanSummary,
    /// One for each entry of `resource_changes`, in its order.
    pub changes: Vec<Change>,
    /// The objects of those entries, then what stands in the prior state only.
    pub objects: Vec<Object>,
    /// What was changed behind terraform's back.
    pub drift: Vec<Drift>,
    /// Remarks on how it was read.
    pub notes: Vec<String>,
}

/// An entry of `resource_drift`: how an object differs from what the last apply left.
#[derive(Debug, Clone)]
pub struct Drift {
    /// The instance.
    pub address: Address,
    /// What happened to it: `update`, `delete`.
    pub action: Action,
    /// Terraform type.
    pub kind: Kind,
    /// As the last apply left it.
    pub before: Option<Attributes>,
    /// As it was found.
    pub after: Option<Attributes>,
}

/// Reads the output of `terraform show -json PLANFILE`.
///
/// `sources` are the files it was made from, if they are there. `path` is used in messages and in the summary; `plan`, `source` and `first_change` number what is read within a run.
///
/// # Errors
/// If the bytes are no such output; [`Error::IsPlanFile`] if they are the plan file itself.
pub fn read(
    bytes: &[u8],
    path: &str,
    plan: usize,
    source: SourceIx,
    first_change: u32,
    sources: Option<&Sources>,
) -> Result<Plan, Error> {
    if bytes.starts_with(b"PK") {
        return Err(Error::IsPlanFile { path: path.to_owned() });
    }
    let text = decode_text(bytes).map_err(|what| Error::NotText { path: path.to_owned(), what })?;
    recognise::recognise(&text, path)?;
    let mut document: Document<'_> = serde_json::from_str(&text).map_err(|error| Error::Form {
        path: path.to_owned(),
        pointer: "/".to_owned(),
        what: describe(&error),
    })?;
    let format_version = match document.format_version {
        Some(raw) => recognise::version(raw.get(), path)?,
        None => return Err(Error::NoVersion { path: path.to_owned() }),
    };
    let entries = entries(&document.resource_changes, "/resource_changes", path)?;
    let state: PriorState<'_> = match document.prior_state {
        Some(raw) => Place { path, pointer: "/prior_state" }.parse(raw, "")?,
        None => PriorState::default(),
    };
    let prior = PriorIndex::new(&state.values.root_module);
    let mut notes = Vec::new();
    if let Some(sources) = sources {
        let (configuration, note) = sources.added_to(document.configuration.take(), path);
        document.configuration = configuration;
        notes.extend(sources.notes().iter().cloned().chain(note));
        notes.extend(asked(sources, path));
    }
    let mut wiring =
        document.configuration.as_ref().map(|section| Wiring::new(section, existing(&entries, &prior)));

    let timestamp = text_of(document.timestamp).and_then(|text| text.parse().ok());
    let frame = Frame { path, source, first_change, taken_at: timestamp };
    let mut changes = Vec::with_capacity(entries.len());
    let mut objects = Vec::with_capacity(entries.len().max(prior.all.len()));
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let instance = Instance::parse(&entry.address);
        let mut change = changes::change(entry, instance.as_ref(), plan);
        change.place = sources.zip(instance.as_ref()).and_then(|(sources, instance)| sources.place(instance));
        objects.extend(changes::objects(number, entry, &change, &frame, &prior, &mut wiring)?);
        *counts.entry(change.action.tally()).or_default() += 1;
        changes.push(change);
    }
    standing(&entries, &prior, &frame, &mut wiring, &mut objects)?;
    let summary = PlanSummary {
        path: path.to_owned(),
        sha256: hex(&Sha256::digest(bytes)),
        terraform_version: text_of(document.terraform_version),
        format_version,
        timestamp,
        partial: partial(&document, sources),
        changes: counts,
    };
    Ok(Plan { summary, changes, objects, drift: drift(&document, path)?, notes })
}

/// The entries of `resource_changes` or `resource_drift`. One without an address cannot be judged.
fn entries<'a>(
    raws: &[&'a serde_json::value::RawValue],
    key: &str,
    path: &str,
) -> Result<Vec<Entry<'a>>, Error> {
    let mut entries = Vec::with_capacity(raws.len());
    for (number, raw) in raws.iter().enumerate() {
        let pointer = format!("{key}/{number}");
        let entry: Entry<'_> = Place { path, pointer: &pointer }.parse(raw, "")?;
        // Converters of other programs leave it out in drift, which only informs.
        if entry.address.is_empty() && key == "/resource_changes" {
            return Err(Error::Form { path: path.to_owned(), pointer, what: "it has no address".to_owned() });
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Addresses of the instances that exist after the plan: those that the configuration can refer to.
fn existing(entries: &[Entry<'_>], prior: &PriorIndex<'_, '_>) -> impl Iterator<Item = String> + use<> {
    let mut addresses: BTreeSet<String> = BTreeSet::new();
    for state in prior.all.iter().filter(|state| state.resource.deposed.is_none()) {
        addresses.insert(state.resource.address.clone());
    }
    let current = || entries.iter().filter(|entry| entry.deposed.is_none());
    // Names that were given up first: another object may have taken one of them.
    for previous in current().filter_map(|entry| entry.previous_address.as_deref()) {
        addresses.remove(previous);
    }
    addresses.extend(current().map(|entry| entry.address.clone()));
    for entry in
        current().filter(|entry| matches!(changes::action(&entry.change), Action::Delete | Action::Forget))
    {
        addresses.remove(&entry.address);
    }
    addresses.into_iter()
}

/// What the prior state holds and no entry speaks of: data sources, and what targets left out.
fn standing(
    entries: &[Entry<'_>],
    prior: &PriorIndex<'_, '_>,
    frame: &Frame<'_>,
    wiring: &mut Option<Wiring<'_>>,
    objects: &mut Vec<Object>,
) -> Result<(), Error> {
    let mut told: BTreeSet<(&str, Option<&str>)> = BTreeSet::new();
    for entry in entries {
        told.insert((&entry.address, entry.deposed.as_deref()));
        if let Some(previous) = &entry.previous_address {
            told.insert((previous, entry.deposed.as_deref()));
        }
    }
    for state in &prior.all {
        let resource = state.resource;
        let place = Place { path: frame.path, pointer: &state.pointer };
        if told.contains(&(resource.address.as_str(), resource.deposed.as_deref())) {
            continue;
        }
        let raw =
            Raw { before: resource.values, sensitive: [resource.sensitive, None, None], ..Raw::default() };
        let (Some(mut attributes), _) = sides(raw, place)? else { continue };
        let evidence = Evidence { source: frame.source, pointer: state.pointer.clone() };
        let mut object =
            Object::standing(Kind::new(state.kind()), evidence, frame.taken_at, serde_json::Value::Null);
        if let (Some(wiring), Some(instance)) = (wiring.as_mut(), Instance::parse(&resource.address)) {
            object.configured = wiring.configured(&instance);
            attributes.references = wiring.references(&instance);
        }
        object.before = Some(attributes);
        object.address = Some(Address::new(&resource.address));
        if let Some(raw) = resource.depends_on {
            object.depends_on = place.parse(raw, "/depends_on")?;
        }
        objects.push(object);
    }
    Ok(())
}

fn drift(document: &Document<'_>, path: &str) -> Result<Vec<Drift>, Error> {
    let mut all = Vec::with_capacity(document.resource_drift.len());
    for (number, entry) in entries(&document.resource_drift, "/resource_drift", path)?.iter().enumerate() {
        let pointer = format!("/resource_drift/{number}");
        let change = changes::change(entry, Instance::parse(&entry.address).as_ref(), 0);
        let values = &entry.change;
        let raw = Raw {
            before: values.before,
            after: values.after,
            unknown: values.after_unknown,
            sensitive: [values.before_sensitive, values.after_sensitive, None],
        };
        let (before, after) = sides(raw, Place { path, pointer: &pointer })?;
        all.push(Drift {
            address: change.address,
            action: change.action,
            kind: Kind::new(change.kind),
            before,
            after,
        });
    }
    Ok(all)
}

/// How a plan was asked for, where that is out of the ordinary.
fn asked(sources: &Sources, path: &str) -> Vec<String> {
    let mut notes = Vec::new();
    match sources.mode() {
        PlanMode::Usual => {}
        PlanMode::Destroy => notes.push(format!("{path}: it was made with -destroy")),
        PlanMode::RefreshOnly => {
            notes
                .push(format!("{path}: it was made with -refresh-only: applying it changes the state alone"));
        }
    }
    if !sources.replaced().is_empty() {
        notes.push(format!("{path}: it was made with -replace={}", sources.replaced().join(" -replace=")));
    }
    notes
}

fn partial(document: &Document<'_>, sources: Option<&Sources>) -> Vec<Partial> {
    let mut partial = sources.map(Sources::partial).unwrap_or_default();
    if document.errored == Some(true) && !partial.contains(&Partial::Errored) {
        partial.push(Partial::Errored);
    }
    match document.complete {
        Some(true) => {}
        Some(false) => partial.push(Partial::Incomplete),
        None => partial.push(Partial::CompletenessUnknown),
    }
    if !document.deferred_changes.is_empty() {
        partial.push(Partial::Deferred(document.deferred_changes.len()));
    }
    partial.sort();
    partial
}

fn text_of(raw: Option<&serde_json::value::RawValue>) -> Option<String> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}
