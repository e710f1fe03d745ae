//! What single elements of the two long sections tell: read in batches, beside the thread that takes the plan apart.
//!
//! Of the values only those are kept that anybody will look at. They are redacted when all masks are there: that of the
//! prior state may come last.

use super::address::Instance;
use super::changes;
use super::error::Error;
use super::outputs::REMOTE_STATE;
use super::raw::{Entry, PriorResource};
use super::redact::union;
use super::sections::{Batch, Section};
use super::values::{Place, Raw, Told};
use crate::model::{Address, Change, Interest, Kind, Wanted};
use serde_json::Value;
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
    pub values: Option<Value>,
}

/// Reads batches, one after the other.
pub(super) struct Teller<'t> {
    path: &'t str,
    plan: usize,
    interest: &'t dyn Interest,
    kinds: BTreeMap<String, Arc<OfKind>>,
    /// In the order of the file.
    pub changes: Vec<ToldChange>,
    /// In the order of the file.
    pub prior: Vec<ToldPrior>,
    told: Names,
}

/// What all objects of a kind have in common.
struct OfKind {
    kind: Kind,
    wanted: Wanted,
}

/// Addresses with deposed keys, to be looked up.
#[expect(clippy::disallowed_types, reason = "it is looked up and never walked")]
type Names = std::collections::HashSet<(Address, Option<String>)>;

impl<'t> Teller<'t> {
    /// Nothing is told yet.
    pub(super) fn new(path: &'t str, plan: usize, interest: &'t dyn Interest) -> Teller<'t> {
        let (kinds, told) = (BTreeMap::new(), Names::default());
        Teller { path, plan, interest, kinds, changes: Vec::new(), prior: Vec::new(), told }
    }

    /// Reads one batch.
    ///
    /// # Errors
    /// If an element has another form than any version writes.
    pub(super) fn take(&mut self, batch: &Batch) -> Result<(), Error> {
        for (number, bytes) in batch.elements() {
            match batch.section {
                Section::Changes => self.change(&batch.array, number, bytes)?,
                Section::Prior => self.prior(&batch.array, number, bytes)?,
            }
        }
        Ok(())
    }

    fn change(&mut self, array: &str, number: usize, bytes: &[u8]) -> Result<(), Error> {
        let pointer = || format!("{array}/{number}");
        let path = self.path;
        let entry: Entry<'_> = Place { path, pointer: &pointer }.parse(bytes, "")?;
        if entry.address.is_empty() {
            let what = "it has no address".to_owned();
            return Err(Error::Form { path: path.to_owned(), pointer: pointer(), what });
        }
        let instance = Instance::parse(&entry.address);
        let change = changes::change(&entry, instance.as_ref(), self.plan);
        let of_kind = self.of_kind(&change.kind);
        let place = Place { path, pointer: &pointer };
        let values = Told::read(Raw::of(&entry.change), &of_kind.wanted, &change.action, place)?;
        self.told.insert((change.address.clone(), change.deposed.clone()));
        if let Some(previous) = &change.previous_address {
            self.told.insert((previous.clone(), change.deposed.clone()));
        }
        self.changes.push(ToldChange { change, kind: of_kind.kind.clone(), instance, values });
        Ok(())
    }

    fn prior(&mut self, array: &Arc<str>, number: usize, bytes: &[u8]) -> Result<(), Error> {
        let pointer = || format!("{array}/{number}");
        let place = Place { path: self.path, pointer: &pointer };
        let resource: PriorResource<'_> = place.parse(bytes, "")?;
        let of_kind = self.of_kind(&resource.kind());
        let name = (Address::new(resource.address), resource.deposed.filter(|key| !key.is_empty()));
        let mask = place.marks(resource.sensitive, "/sensitive_values")?;
        let values = match resource.values {
            Some(raw) if !self.told.contains(&name) => Some(place.wanted(raw, &of_kind.wanted, "/values")?),
            _ => None,
        };
        let depends_on = place.list(resource.depends_on, "/depends_on")?;
        let (address, deposed) = name;
        let (kind, place) = (of_kind.kind.clone(), (Arc::clone(array), number));
        self.prior.push(ToldPrior { address, deposed, kind, place, depends_on, mask, values });
        Ok(())
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

/// What all masks of an object mark: a value that is sensitive in one place is so in all.
pub(super) fn masked(own: Value, prior: Option<&ToldPrior>) -> Value {
    match prior {
        Some(prior) if !prior.mask.is_null() => union(own, prior.mask.clone()),
        _ => own,
    }
}
