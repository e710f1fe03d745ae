//! Snapshots: what the official tools print of what exists now, recognised by content and never by name.
//!
//! One file or folder per source (`kubernetes`, `azure`, …); each says which listings a file gives, and whether it tells
//! all. A grant that is not in a cut file looks like one that does not exist, so doubt is said rather than left out.

mod age;
mod ahead;
pub(crate) mod aws;
mod azure;
mod csv;
mod error;
mod files;
mod found;
mod google;
mod inventory;
mod json;
mod kubernetes;
mod launchdarkly;
mod recognised;
mod sidecar;
mod terraform;
#[cfg(test)]
mod tests;
mod vault;

pub use ahead::Ahead;
pub use error::Error;
pub use inventory::{Asked, inventory};
pub use terraform::FoundState;

use crate::model::{Doubt, Evidence, Instant, Object, Source, SourceIx, decode_text};
use found::Found;
use serde_json::{Map, Value};
use sidecar::Sidecar;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the reading of snapshots hangs on.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    /// The now of the run.
    pub now: Instant,
    /// Seconds after which a snapshot is too old.
    pub max_age_seconds: i64,
    /// Inventories of populations, by their real paths: they are read for those, and where one lies among snapshots it is
    /// no stray file.
    pub inventories: &'a [PathBuf],
}

impl Settings<'_> {
    fn is_inventory(&self, file: &Path) -> bool {
        !self.inventories.is_empty()
            && std::fs::canonicalize(file).is_ok_and(|real| self.inventories.contains(&real))
    }
}

/// What was read of one path.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// One for each recognised file.
    pub sources: Vec<Source>,
    /// Their objects.
    pub objects: Vec<Object>,
    /// Remarks: unrecognised files, times in the future.
    pub notes: Vec<String>,
    /// States of Terraform, each with its source; their objects are not read here.
    pub states: Vec<FoundState>,
}

/// What can be read: pairs of a listing (or the kind of source) and the command that gives a complete file of it.
pub fn recognised() -> &'static [(&'static str, &'static str)] {
    &recognised::RECOGNISED
}

/// Reads a file, or all files below a directory.
///
/// `shown` is the path as given, for messages; `taken_at` is what the configuration says, which counts before the
/// sidecar. Sources are numbered from `first_source`. What was read `ahead` is not read again.
///
/// # Errors
/// If something cannot be read or is broken, a file named directly is not recognised, or a file does not say what it
/// is of. In a directory, a file that is not recognised is a note.
pub fn load(
    path: &Path,
    shown: &str,
    taken_at: Option<Instant>,
    settings: &Settings<'_>,
    first_source: u32,
    ahead: &mut Ahead,
) -> Result<Loaded, Error> {
    let mut loaded = Loaded::default();
    let metadata = path.metadata().map_err(|source| Error::Read { path: shown.into(), source })?;
    if !metadata.is_dir() {
        match one(ahead.take(path, shown), shown, taken_at, settings, first_source, &mut loaded) {
            Ok(true) => {}
            Ok(false) | Err(Error::NotJson { .. }) if settings.is_inventory(path) => {}
            Ok(false) => return Err(Error::Unrecognised { path: shown.to_owned() }),
            Err(error) => return Err(error),
        }
        loaded.states.iter_mut().for_each(|state| state.named = true);
        return Ok(loaded);
    }
    for (file, shown) in files::of(path, shown, &mut loaded.notes)? {
        let read = ahead.take(&file, &shown);
        let recognised = match one(read, &shown, taken_at, settings, first_source, &mut loaded) {
            Err(Error::NotJson { .. }) if file.extension().is_none_or(|extension| extension != "json") => {
                false
            }
            other => other?,
        };
        if !recognised && !settings.is_inventory(&file) {
            loaded.notes.push(format!("{shown}: not recognised, not used"));
        }
    }
    if loaded.sources.is_empty() {
        loaded.notes.push(format!("{shown}: no snapshot in it"));
    }
    Ok(loaded)
}

/// A listed snapshot that is not there.
pub fn absent(shown: &str, why: &str) -> Source {
    Source {
        path: shown.to_owned(),
        kind: "missing".to_owned(),
        taken_at: None,
        doubt: Some(Doubt::Absent(why.to_owned())),
        objects: 0,
        lists: BTreeMap::new(),
    }
}

/// What one recognised file has.
#[derive(Debug)]
struct Read {
    sidecar: Sidecar,
    what: What,
}

#[derive(Debug)]
enum What {
    Listing(Found),
    /// The text of a state of Terraform, which is not read here.
    State(String),
}

/// Reads one file; `None`: it is not recognised.
fn read(file: &Path, shown: &str) -> Result<Option<Read>, Error> {
    let bytes = files::read(file)?;
    let broken = |what: String| Error::NotJson { path: shown.to_owned(), what };
    let text = decode_text(&bytes).map_err(|error| broken(error.to_string()))?;
    if text.trim().is_empty() {
        return Err(broken("the file is empty".to_owned()));
    }
    let document = json::parse(&text).map_err(broken)?;
    let sidecar = sidecar::beside(file, shown)?.unwrap_or_default();
    let what = if terraform::is_state(&document) {
        What::State(text.into_owned())
    } else {
        let Some(found) = recognise(document, &sidecar, shown)? else { return Ok(None) };
        What::Listing(found)
    };
    Ok(Some(Read { sidecar, what }))
}

/// Adds what was read of one file to `loaded`; whether it was recognised.
fn one(
    read: Result<Option<Read>, Error>,
    shown: &str,
    taken_at: Option<Instant>,
    settings: &Settings<'_>,
    first_source: u32,
    loaded: &mut Loaded,
) -> Result<bool, Error> {
    let Some(Read { sidecar, what }) = read? else { return Ok(false) };
    let number = u32::try_from(loaded.sources.len()).unwrap_or(u32::MAX);
    let source = SourceIx(first_source.saturating_add(number));
    let found = match what {
        What::Listing(found) => found,
        What::State(text) => {
            loaded.states.push(FoundState { source, shown: shown.to_owned(), named: false, text });
            Found { kind: "terraform:state".to_owned(), ..Found::default() }
        }
    };
    let taken_at = taken_at.or(sidecar.taken_at);
    let aged = age::doubt(taken_at, shown, settings, &mut loaded.notes);
    loaded.sources.push(Source {
        path: shown.to_owned(),
        kind: found.kind,
        taken_at,
        doubt: found.cut.map(Doubt::Cut).or(aged),
        objects: found.objects.len(),
        lists: found
            .lists
            .into_iter()
            .map(|(listing, parts)| (listing, parts.into_iter().collect()))
            .collect(),
    });
    loaded.notes.extend(found.notes);
    for (kind, pointer, value) in found.objects {
        loaded.objects.push(Object::standing(
            kind,
            Evidence { source, pointer: pointer.into() },
            taken_at,
            value,
        ));
    }
    Ok(true)
}

/// A reader: what it found, or the document back if it is not its own.
type Reader = fn(Value, &Sidecar, &str) -> Result<Result<Found, Value>, Error>;

/// The readers, in turn. Bare lists of az say the least of what they are.
const READERS: [Reader; 6] =
    [kubernetes::read, aws::read, google::read, vault::read, launchdarkly::read, azure::read];

fn recognise(document: Value, sidecar: &Sidecar, shown: &str) -> Result<Option<Found>, Error> {
    let mut document = document;
    for read in READERS {
        document = match read(document, sidecar, shown)? {
            Ok(found) => return Ok(Some(found)),
            Err(document) => document,
        };
    }
    Ok(None)
}

/// Writes what the sidecar says the file is of into a row, as `of`.
fn mark(row: &mut Map<String, Value>, sidecar: &Sidecar) {
    if !sidecar.of.is_empty() {
        let of = sidecar.of.iter().map(|(key, value)| (key.clone(), Value::String(value.clone())));
        row.insert("of".to_owned(), Value::Object(of.collect()));
    }
}
