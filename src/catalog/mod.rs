//! What kinds of objects are, and what they need: `policies/catalog/*.toml` and `policies/packs/*.toml`, compiled in,
//! with a user's own files of the same form added.

mod alter;
mod apply;
mod compile;
mod content;
mod documents;
mod duration;
mod end;
mod entry;
mod expression;
mod interest;
mod lease;
mod path;
mod raw;
mod restart;
mod scan;
mod shape;
mod wants;
mod watch;
mod whom;

use crate::model::Digest;
use entry::{Container, Entry, NeedEntry, Shape};
use raw::RawFile;
pub use scan::is_guid;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// A file of the catalog that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}{place}: {problem}")]
pub struct Error {
    /// Which file.
    pub file: String,
    /// `:LINE:COLUMN`, where TOML knows it.
    pub place: String,
    /// What is wrong.
    pub problem: String,
}

/// Everything that is known about kinds of objects.
#[derive(Debug, Default)]
pub struct Catalog {
    types: Vec<Entry>,
    needs: Vec<NeedEntry>,
    criticality: Vec<path::Path>,
    environment: Vec<path::Path>,
    /// Attributes that statements ask for.
    watched: Vec<watch::Watched>,
    shapes: Vec<Shape>,
    containers: Vec<Container>,
    places: RwLock<BTreeMap<String, Arc<Place>>>,
    /// Digests of the texts that were added, in order.
    texts: Vec<Digest>,
}

/// Where the catalog speaks of a kind.
#[derive(Debug)]
struct Place {
    entry: Option<usize>,
    needs: Vec<usize>,
}

const BUILTIN: &[(&str, &str)] = &[
    ("policies/catalog/general.toml", include_str!("../../policies/catalog/general.toml")),
    ("policies/catalog/classes.toml", include_str!("../../policies/catalog/classes.toml")),
    ("policies/catalog/aws.toml", include_str!("../../policies/catalog/aws.toml")),
    ("policies/catalog/aws-tls.toml", include_str!("../../policies/catalog/aws-tls.toml")),
    ("policies/catalog/aws-classes.toml", include_str!("../../policies/catalog/aws-classes.toml")),
    ("policies/catalog/aws-policies.toml", include_str!("../../policies/catalog/aws-policies.toml")),
    ("policies/catalog/aws-resources.toml", include_str!("../../policies/catalog/aws-resources.toml")),
    ("policies/catalog/google.toml", include_str!("../../policies/catalog/google.toml")),
    ("policies/catalog/azurerm.toml", include_str!("../../policies/catalog/azurerm.toml")),
    ("policies/catalog/azuread.toml", include_str!("../../policies/catalog/azuread.toml")),
    ("policies/catalog/azure.toml", include_str!("../../policies/catalog/azure.toml")),
    ("policies/catalog/okta.toml", include_str!("../../policies/catalog/okta.toml")),
    ("policies/catalog/github.toml", include_str!("../../policies/catalog/github.toml")),
    ("policies/catalog/jumpcloud.toml", include_str!("../../policies/catalog/jumpcloud.toml")),
    ("policies/catalog/vault.toml", include_str!("../../policies/catalog/vault.toml")),
    ("policies/catalog/launchdarkly.toml", include_str!("../../policies/catalog/launchdarkly.toml")),
    ("policies/catalog/kubernetes.toml", include_str!("../../policies/catalog/kubernetes.toml")),
    ("policies/packs/kubernetes.toml", include_str!("../../policies/packs/kubernetes.toml")),
    ("policies/packs/cert-manager.toml", include_str!("../../policies/packs/cert-manager.toml")),
];

impl Catalog {
    /// The catalog that is compiled in.
    ///
    /// # Errors
    /// If a file of the program itself is broken: a test sees to it that none is.
    pub fn builtin() -> Result<Catalog, Error> {
        let mut catalog = Catalog::default();
        for (file, text) in BUILTIN {
            catalog.add(file, text)?;
        }
        Ok(catalog)
    }

    /// Adds a file. Its types come before those that are there already, so that a user's entry for a kind wins.
    ///
    /// # Errors
    /// If the file is not of the form.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), Error> {
        let error = |place: String, problem: &str| {
            let problem = problem.lines().map(str::trim).collect::<Vec<_>>().join(", ");
            Error { file: file.to_owned(), place, problem }
        };
        let raw: RawFile = toml::from_str(text).map_err(|problem| {
            let place = problem.span().map_or_else(String::new, |span| place(text, span.start));
            error(place, problem.message())
        })?;
        let mut compiled =
            raw.compile(file, &mut self.shapes).map_err(|problem| error(String::new(), &problem))?;
        self.texts.push(Digest::of(text.as_bytes()));
        self.places = RwLock::default();
        compiled.types.append(&mut self.types);
        self.types = compiled.types;
        self.needs.append(&mut compiled.needs);
        self.criticality.append(&mut compiled.criticality);
        self.environment.append(&mut compiled.environment);
        self.containers.append(&mut compiled.containers);
        Ok(())
    }

    /// Digest of all that it says: of every text, in the order in which they were added.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.texts.iter().flat_map(|text| *text.bytes()).collect::<Vec<u8>>())
    }

    /// The entry for a kind: an exact one before a pattern, a longer pattern before a shorter one, a later file first.
    fn entry(&self, kind: &str) -> Option<&Entry> {
        self.types.get(self.place(kind).entry?)
    }

    fn needs_of(&self, kind: &str) -> impl Iterator<Item = &NeedEntry> + use<'_> {
        self.place(kind).needs.clone().into_iter().filter_map(|number| self.needs.get(number))
    }

    /// Where a kind stands, looked up once for each kind.
    fn place(&self, kind: &str) -> Arc<Place> {
        // What another thread left behind when it failed is still right: a place is put in whole.
        if let Some(known) = self.places.read().unwrap_or_else(PoisonError::into_inner).get(kind) {
            return Arc::clone(known);
        }
        let mut best: Option<(usize, (bool, usize))> = None;
        for (number, entry) in self.types.iter().enumerate() {
            for glob in entry.kinds.iter().filter(|glob| glob.matches(kind)) {
                let rank = (glob.is_plain(), glob.as_str().len());
                if best.is_none_or(|(_, so_far)| rank > so_far) {
                    best = Some((number, rank));
                }
            }
        }
        let needs = self.needs.iter().enumerate();
        let needs = needs.filter(|(_, need)| need.kinds.iter().any(|glob| glob.matches(kind)));
        let place = Arc::new(Place {
            entry: best.map(|(number, _)| number),
            needs: needs.map(|(number, _)| number).collect(),
        });
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        places.insert(kind.to_owned(), Arc::clone(&place));
        place
    }
}

/// `:LINE:COLUMN` of a byte, both from 1.
fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    format!(":{line}:{column}")
}

#[cfg(test)]
mod tests;
