//! The files from which a plan was made, and what they add to its JSON: references that the JSON loses, and the place
//! of every block. They come from the plan file, which holds a copy of them, or from a directory.

mod directory;
mod lower;
mod module;
mod nested;
mod place;
#[cfg(test)]
mod tests;
mod trust;
mod unite;

use super::configuration::Configuration;
use super::hints::{self, Hints};
use super::package::Package;
use crate::model::{Address, Partial, Place, PlanMode};
use module::{Blocks, is_configuration};
use place::Places;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub(in crate::plan) use directory::manifest as module_directories;
pub use directory::{Folder, sources_of_directory};

/// The files of a plan's configuration, read.
#[derive(Clone)]
pub struct Sources {
    read: Arc<Read>,
    /// The plan's JSON was not made by terraform: so many of its changes have values that it does not tell.
    untold: Option<usize>,
    notes: Vec<String>,
}

/// What was read.
#[derive(Default)]
struct Read {
    configuration: Configuration<'static>,
    places: Places,
    hints: Option<Hints>,
    origin: Origin,
    /// Modules that are called and whose files are not there, and files that could not be understood.
    gaps: Vec<String>,
    notes: Vec<String>,
}

/// Where the files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Origin {
    /// The plan file itself: they are what was planned.
    #[default]
    Package,
    /// A directory: it may hold anything.
    Directory,
}

impl fmt::Debug for Sources {
    /// How much, not what: constants of a configuration may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sources of {} blocks", self.read.places.addresses().len())
    }
}

/// A file of the configuration: no one writes more by hand.
const MOST_OF_FILE: usize = 8 << 20;

/// The entry with the changes; beyond it only the JSON tells of them.
const MOST_OF_PLAN: usize = 64 << 20;

/// Reads what a plan file holds beside the plan. What is odd about it is a note, as `terraform show` may take it all
/// the same.
pub fn sources_of_zip(bytes: &[u8], path: &str) -> Sources {
    let mut read = Read::default();
    if let Err(why) = package(bytes, path, &mut read) {
        read.notes.push(format!(
            "{path}: its configuration was not read, so that edges through locals, dynamic blocks and lifecycle may be \
             missing: {why}"
        ));
    }
    read.tell_gaps(path);
    Sources::from(read)
}

impl From<Read> for Sources {
    fn from(mut read: Read) -> Sources {
        let notes = std::mem::take(&mut read.notes);
        Sources { read: Arc::new(read), untold: None, notes }
    }
}

fn package(bytes: &[u8], path: &str, read: &mut Read) -> Result<(), String> {
    let package = Package::open(bytes)?;
    if let Some(entry) = package.read("tfplan", MOST_OF_PLAN)? {
        read.hints = hints::read(&entry);
        if read.hints.is_none() {
            read.notes
                .push(format!("{path}: how it was asked for (targets, mode) is not known: its form is new"));
        }
    }
    let mut files: BTreeMap<String, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for (name, key, file) in package.module_files() {
        if is_configuration(file)
            && let Some(content) = package.read(name, MOST_OF_FILE)?
        {
            files.entry(key.to_owned()).or_default().push((file.to_owned(), content));
        }
    }
    let manifest = package.read("tfconfig/modules.json", MOST_OF_FILE)?.unwrap_or_default();
    let directories = directory::manifest(&manifest);
    let modules = files.iter().map(|(key, files)| {
        let directory = directories.get(key).map_or(key.as_str(), String::as_str);
        (key.clone(), module::blocks(directory, files))
    });
    read.take(modules.collect());
    Ok(())
}

impl Read {
    fn take(&mut self, modules: BTreeMap<String, Blocks>) {
        self.places = Places::of(&modules);
        let mut missing = Vec::new();
        self.configuration = lower::configuration(&modules, &mut missing);
        let missing = missing
            .into_iter()
            .map(|key| if key.is_empty() { "the root module".to_owned() } else { format!("module {key}") });
        self.gaps = missing.chain(modules.into_values().flat_map(|blocks| blocks.broken)).collect();
    }

    fn tell_gaps(&mut self, path: &str) {
        if let [first, rest @ ..] = self.gaps.as_slice() {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            self.notes.push(format!("{path}: of its configuration this was not read in full: {first}{more}"));
        }
    }
}

impl Sources {
    /// No files, and what is to be said about that.
    pub fn none(note: String) -> Sources {
        Sources::from(Read { notes: vec![note], ..Read::default() })
    }

    /// What is to be said about how they were read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Where an instance is configured, or said to be gone.
    pub(super) fn place(&self, instance: &super::address::Instance) -> Option<Place> {
        self.read.places.find(instance).cloned()
    }

    /// What the `tfplan` entry says.
    pub(super) fn hints(&self) -> Option<&Hints> {
        self.read.hints.as_ref()
    }

    /// The same, knowing that the plan's JSON was made without terraform, and what is to be said about that.
    pub(super) fn without_values(mut self, changes: usize, note: String) -> Sources {
        self.untold = Some(changes);
        self.notes.push(note);
        self
    }

    /// How the plan was asked for.
    pub(super) fn mode(&self) -> PlanMode {
        self.read.hints.as_ref().map(|hints| hints.mode).unwrap_or_default()
    }

    /// What they know to be partial about the plan.
    pub(super) fn partial(&self) -> Vec<Partial> {
        let mut partial: Vec<Partial> = self.untold.map(Partial::ValuesUnknown).into_iter().collect();
        let Some(hints) = &self.read.hints else { return partial };
        if hints.errored {
            partial.push(Partial::Errored);
        }
        if !hints.targets.is_empty() {
            partial.push(Partial::Targeted(hints.targets.iter().map(Address::new).collect()));
        }
        partial
    }

    /// Instances whose replacement was asked for.
    pub(super) fn replaced(&self) -> &[String] {
        self.read.hints.as_ref().map(|hints| hints.replaced.as_slice()).unwrap_or_default()
    }
}
