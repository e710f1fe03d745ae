//! What single elements of the two long sections tell: read in batches, beside the thread that takes the plan apart.
//!
//! Of the values only those are kept that anybody will look at. They are redacted when all masks are there: that of the
//! prior state may come last.

use super::address::Instance;
use super::changes;
use super::error::Error;
use super::outputs::REMOTE_STATE;
use super::peel::peel;
use super::raw::{Entry, PriorResource};
use super::redact::union;
use super::sections::{Batch, Section};
use super::values::{Place, Raw, Told};
use crate::model::{Address, Change, Guarded, Interest, Kind, Lookup, Wanted};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An entry of `resource_changes`.
pub(super) struct ToldChange {
    /// Without its values.
    pub change: Change,
    /// Its type.
    pub kind: Kind,
    /// Its address, taken apart.
    pub instance: Option<Instance>,
    /// Its values.
    pub values: Told,
}

/// A resource of the prior state.
pub(super) struct ToldPrior {
    /// The instance.
    pub address: Address,
    /// Its deposed key.
    pub deposed: Option<String>,
    /// Its type.
    pub kind: Kind,
    /// JSON pointer of the array that it stands in, and its number there.
    pub place: (Arc<str>, usize),
    /// What it depends on.
    pub depends_on: Vec<Address>,
    /// Which of its values are sensitive.
    pub mask: Value,
    /// Its values, unless an entry of `resource_changes` has them.
    pub values: Option<Guarded>,
}

/// Things that stand by themselves: they are wide, and are handed from list to list.
pub(super) type Apart<T> = Vec<Box<T>>;

/// What a batch tells, in the order of the file.
#[derive(Default)]
pub(super) struct Piece {
    /// Entries of `resource_changes`.
    pub changes: Apart<ToldChange>,
    /// Resources of the prior state.
    pub prior: Apart<ToldPrior>,
}

/// Addresses with deposed keys of which entries of `resource_changes` tell.
pub(super) type Names = Lookup<(Address, Option<String>), ()>;

/// The names that these pieces tell of.
pub(super) fn names<'p>(pieces: impl Iterator<Item = &'p Piece>) -> Names {
    let mut names = Names::default();
    for change in pieces.flat_map(|piece| &piece.changes).map(|told| &told.change) {
        for address in [Some(&change.address), change.previous_address.as_ref()].into_iter().flatten() {
            names.insert((address.clone(), change.deposed.clone()), ());
        }
    }
    names
}

/// Reads batches.
pub(super) struct Teller<'t> {
    path: &'t str,
    plan: usize,
    interest: &'t dyn Interest,
    kinds: BTreeMap<String, Arc<OfKind>>,
    /// What is left of an element without its values.
    rind: String,
}

/// What all objects of a kind have in common.
struct OfKind {
    kind: Kind,
    wanted: Wanted,
}

impl<'t> Teller<'t> {
    /// Nothing is told yet.
    pub(super) fn new(path: &'t str, plan: usize, interest: &'t dyn Interest) -> Teller<'t> {
        Teller { path, plan, interest, kinds: BTreeMap::new(), rind: String::new() }
    }

    /// Reads one batch. Of the prior state, values are left out that something `told` has.
    ///
    /// # Errors
    /// If an element has another form than any version writes.
    pub(super) fn tell(&mut self, batch: &Batch, told: &Names) -> Result<Piece, Error> {
        let mut piece = Piece::default();
        for (number, bytes) in batch.elements() {
            match batch.section {
                Section::Changes => piece.changes.push(Box::new(self.change(&batch.array, number, bytes)?)),
                Section::Prior => {
                    piece.prior.push(Box::new(self.prior(&batch.array, number, bytes, told)?))
                }
            }
        }
        Ok(piece)
    }

    fn change(&mut self, array: &str, number: usize, bytes: &[u8]) -> Result<ToldChange, Error> {
        let pointer = || format!("{array}/{number}");
        let path = self.path;
        let mut rind = std::mem::take(&mut self.rind);
        let aside = ["before", "after", "after_unknown", "before_sensitive", "after_sensitive"];
        let peeled = text(bytes).and_then(|text| peel(text, Some("change"), aside, &mut rind).ok());
        // What cannot be peeled is read as it is, and refused if that cannot be done.
        let (rest, peeled) = peeled.map_or((bytes, None), |peeled| (rind.as_bytes(), Some(peeled)));
        let entry: Entry<'_> = Place { path, pointer: &pointer }.parse(rest, "")?;
        if entry.address.is_empty() {
            let what = "it has no address".to_owned();
            return Err(Error::Form { path: path.to_owned(), pointer: pointer(), what });
        }
        let instance = Instance::parse(&entry.address);
        let change = changes::change(&entry, instance.as_ref(), self.plan);
        let of_kind = self.of_kind(&change.kind);
        let place = Place { path, pointer: &pointer };
        let raw = match peeled {
            Some([before, after, unknown, was, will]) => {
                Raw { before, after, unknown, sensitive: [was, will] }
            }
            None => Raw::of(&entry.change),
        };
        let values = Told::read(raw, &of_kind.wanted, &change.action, place)?;
        self.rind = rind;
        Ok(ToldChange { change, kind: of_kind.kind.clone(), instance, values })
    }

    fn prior(
        &mut self,
        array: &Arc<str>,
        number: usize,
        bytes: &[u8],
        told: &Names,
    ) -> Result<ToldPrior, Error> {
        let pointer = || format!("{array}/{number}");
        let place = Place { path: self.path, pointer: &pointer };
        let mut rind = std::mem::take(&mut self.rind);
        let peeled =
            text(bytes).and_then(|text| peel(text, None, ["values", "sensitive_values"], &mut rind).ok());
        let (rest, peeled) = peeled.map_or((bytes, None), |peeled| (rind.as_bytes(), Some(peeled)));
        let resource: PriorResource<'_> = place.parse(rest, "")?;
        let [values, sensitive] =
            peeled.unwrap_or_else(|| [resource.values, resource.sensitive].map(|raw| raw.map(RawValue::get)));
        let of_kind = self.of_kind(&resource.kind());
        let name = (Address::new(resource.address), resource.deposed.filter(|key| !key.is_empty()));
        let mask = place.marks_on(&[values], sensitive, &of_kind.wanted, "/sensitive_values")?;
        let values = match values {
            Some(raw) if !told.contains(&name) => Some(place.wanted(raw, &of_kind.wanted, "/values")?),
            _ => None,
        };
        let depends_on = place.list(resource.depends_on, "/depends_on")?;
        let (address, deposed) = name;
        let (kind, place) = (of_kind.kind.clone(), (Arc::clone(array), number));
        self.rind = rind;
        Ok(ToldPrior { address, deposed, kind, place, depends_on, mask, values })
    }

    fn of_kind(&mut self, kind: &str) -> Arc<OfKind> {
        if let Some(known) = self.kinds.get(kind) {
            return Arc::clone(known);
        }
        // Where that state is, and what it gave, is for us and not for the catalog.
        let wanted = if kind == REMOTE_STATE { Wanted::All } else { self.interest.wanted(kind) };
        let new = Arc::new(OfKind { kind: Kind::new(kind), wanted });
        self.kinds.insert(kind.to_owned(), Arc::clone(&new));
        new
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What all masks of an object mark: a value that is sensitive in one place is so in all.
pub(super) fn masked(own: Value, prior: Option<&ToldPrior>) -> Value {
    match prior {
        Some(prior) if !prior.mask.is_null() => union(own, prior.mask.clone()),
        _ => own,
    }
}
