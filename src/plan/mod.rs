//! Plan JSON, of Terraform and OpenTofu, of every version: bytes become changes and objects.
//!
//! `resource_changes` decides what changes, `prior_state` tells what exists and what depended on what at the last
//! apply, `configuration` tells what refers to what now. Everything else is skipped, and values that are marked
//! sensitive are replaced while reading. Sources: Terraform's "JSON Output Format", and its `jsonplan` and `jsonstate`.

mod address;
mod changes;
mod changeset;
mod configuration;
mod digest;
mod error;
mod feed;
mod gone;
mod hcl;
mod hints;
mod junk;
mod lenient;
mod origin;
mod outputs;
mod package;
mod peel;
mod raw;
mod recognise;
mod redact;
mod relevant;
mod resolve;
mod sections;
mod skip;
mod sources;
mod state;
mod stored;
mod tellers;
#[cfg(test)]
mod tests;
mod told;
mod values;
mod whole;
mod wiring;

pub use changeset::{Deed, deeds};
pub use error::Error;
pub use origin::{Origin, origin};
pub use outputs::{REMOTE_STATE, digest};
pub use redact::PLACEHOLDER;
pub use sources::{Folder, Sources, sources_of_directory, sources_of_zip};
pub use state::{State, read_state};
pub use stored::{state_of_zip, stored};

use crate::model::{
    Action, Address, Attributes, Change, Everything, Evidence, Guarded, Interest, Kind, Lookup, Object,
    Output, Partial, PlanMode, PlanSummary, SourceIx, decode_text, in_shares, joined, share_of,
};
use address::Instance;
use changes::{Frame, Links};
use raw::{Document, Entry};
use std::collections::BTreeMap;
use std::io::{self, Read};
use told::{Apart, ToldChange, ToldPrior, masked};
use values::{Place, Raw, Told, attributes};
use whole::Whole;
use wiring::{Blocks, Wiring};

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
    /// The root outputs.
    pub outputs: Vec<Output>,
    /// Remarks on it, and on how it was read.
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

/// Opens a plan from its beginning: once to read it, and once more to say what is wrong with it.
pub type Open<'o> = dyn Fn() -> io::Result<Box<dyn Read + Send + 'o>> + Sync + 'o;

/// What a plan is read for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Its name in messages and in the summary.
    pub path: &'a str,
    /// Its number within the run.
    pub plan: usize,
    /// The number of its source.
    pub source: SourceIx,
    /// The number of its first change.
    pub first_change: u32,
    /// The files it was made from, if they are there.
    pub sources: Option<&'a Sources>,
    /// Which values anybody will look at; the others are as if they were not there.
    pub interest: &'a dyn Interest,
    /// Whether the summary is to have the digest of its bytes, which takes longer than all the rest.
    pub digest: bool,
}

impl<'a> Asked<'a> {
    /// All values of the only plan of a run.
    pub fn all(path: &'a str) -> Asked<'a> {
        let (source, sources, interest) = (SourceIx(0), None, &Everything);
        Asked { path, plan: 0, source, first_change: 0, sources, interest, digest: false }
    }
}

/// [`read`], of bytes that are there.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(bytes: &[u8], asked: Asked<'_>) -> Result<Plan, Error> {
    read(&|| Ok(Box::new(bytes)), asked)
}

/// Reads the output of `terraform show -json PLANFILE`, in pieces: what is not asked for passes by.
///
/// # Errors
/// If it cannot be opened or is no such output; [`Error::IsPlanFile`] if it is the plan file itself.
pub fn read(open: &Open<'_>, asked: Asked<'_>) -> Result<Plan, Error> {
    let Asked { path, source, first_change, sources, .. } = asked;
    let Whole { rest, sha256, changes: told, prior, note } = whole::read(open, asked)?;
    let (document, existing) = match share_of(told.len()) < told.len() {
        true => std::thread::scope(|scope| {
            let existing = scope.spawn(|| existing(&told, &prior));
            let document = whole::document(&rest, path);
            (document, existing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        }),
        // So few are not worth a thread.
        false => (whole::document(&rest, path), existing(&told, &prior)),
    };
    let mut document: Document<'_> = document?;
    let format_version = match document.format_version {
        Some(raw) => recognise::version(raw.get(), path)?,
        None => return Err(Error::NoVersion { path: path.to_owned() }),
    };
    let mut notes = Vec::new();
    if let Some(sources) = sources {
        let (configuration, note) = sources.added_to(document.configuration.take(), path);
        document.configuration = configuration;
        notes.extend(sources.notes().iter().cloned().chain(note));
        notes.extend(how_asked(sources, path));
    }
    let mut blocks = document.configuration.as_ref().map(|section| Blocks::new(section, existing));
    if let Some(blocks) = &mut blocks {
        let mut entries = told.iter().filter_map(|told| Some((&told.change, told.instance.as_ref()?)));
        blocks.further = relevant::further(&document, &mut entries, blocks);
    }
    let wiring = || blocks.as_ref().map(Wiring::new);

    let timestamp = text_of(document.timestamp).and_then(|text| text.parse().ok());
    let frame = Frame { source, first_change, taken_at: timestamp };
    let mut prior = Prior::new(prior);
    let share = share_of(told.len());
    let entered = told.into_iter().enumerate().map(|(number, told)| {
        let state = prior.take(&told.change);
        Entered { number, told, state }
    });
    let done = in_shares(shared_out(entered, share), |entered| -> (Vec<Change>, Vec<Object>) {
        let mut wiring = wiring();
        // Room for those that come to two objects, and what stands beside them.
        let mut objects = Vec::with_capacity(entered.len() * 3);
        let come_to = |entered: Entered| {
            let (change, of_change) = entered.come_to(sources, &mut wiring, &frame);
            objects.extend(of_change);
            change
        };
        (entered.into_iter().map(come_to).collect(), objects)
    });
    let (changes, objects): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    let (changes, mut objects): (Vec<Change>, Vec<Object>) = (joined(changes), joined(objects));
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for change in &changes {
        *counts.entry(change.action.tally()).or_default() += 1;
    }
    let mut wiring = wiring();
    objects.extend(prior.left().filter_map(|state| standing(*state, &frame, &mut wiring)));
    let drift = drift(&document, asked)?;
    let (gone, gone_objects) = gone::gone(&drift, &changes, &frame);
    objects.extend(gone_objects);
    notes.extend(note.map(|note| format!("{path}: {note}")));
    if changes.is_empty() && !drift.is_empty() {
        let count = drift.len();
        let objects = if count == 1 { "object" } else { "objects" };
        notes.push(format!(
            "{path}: it only takes into the state what happened to {count} {objects} outside terraform"
        ));
    }
    let outputs = outputs::of_plan(&document.prior_state.values.outputs, wiring.as_ref());
    let summary = PlanSummary {
        path: path.to_owned(),
        sha256,
        terraform_version: text_of(document.terraform_version),
        format_version,
        timestamp,
        partial: partial(&document, sources),
        changes: counts,
        gone,
    };
    Ok(Plan { summary, changes, objects, drift, outputs, notes })
}

/// An entry of `resource_changes`, with what the prior state has of it.
struct Entered {
    number: usize,
    told: Box<ToldChange>,
    state: Option<Box<ToldPrior>>,
}

impl Entered {
    fn come_to(
        self,
        sources: Option<&Sources>,
        wiring: &mut Option<Wiring<'_>>,
        frame: &Frame,
    ) -> (Change, Vec<Object>) {
        let Entered { number, told, state } = self;
        let ToldChange { mut change, instance, values, kind } = *told;
        change.place = sources.zip(instance.as_ref()).and_then(|(sources, instance)| sources.place(instance));
        let (before, after) = values.sides(|own| masked(own, state.as_deref()));
        let mut links = Links::default();
        if let (Some(wiring), Some(instance)) = (wiring, &instance) {
            links.configured = wiring.configured(instance);
            // They stand for values that are not known yet, and tell which outputs of another state are used.
            let unknown = after.as_ref().is_some_and(|after| !after.unknown.is_null());
            if unknown || links.configured.iter().flatten().any(outputs::is_remote_state) {
                links.references = wiring.references(instance);
            }
        }
        links.depends_on = state.map(|state| state.depends_on).unwrap_or_default();
        let objects = changes::objects(number, &change, &kind, (before, after), links, frame);
        (change, objects)
    }
}

/// Parts of so many, in order.
fn shared_out<T>(mut all: impl Iterator<Item = T>, share: usize) -> Vec<Vec<T>> {
    let next = || Some(all.by_ref().take(share).collect()).filter(|share: &Vec<T>| !share.is_empty());
    std::iter::from_fn(next).collect()
}

/// The instances that exist after the plan, with the addresses of their blocks: those that the configuration can refer to.
fn existing(told: &[Box<ToldChange>], prior: &[Box<ToldPrior>]) -> Vec<(String, Address)> {
    let mut known: Lookup<&Address, Option<&Instance>> = Lookup::with_capacity(told.len());
    let current = || told.iter().filter(|told| told.change.deposed.is_none());
    // Names that were given up first: another object may have taken one of them.
    for previous in current().filter_map(|told| told.change.previous_address.as_ref()) {
        known.insert(previous, None);
    }
    let goes = |change: &Change| matches!(change.action, Action::Delete | Action::Forget);
    for told in current() {
        known.insert(&told.change.address, told.instance.as_ref());
    }
    for told in current().filter(|told| goes(&told.change)) {
        known.insert(&told.change.address, None);
    }
    let of_told = current().filter_map(|told| Some((&told.change.address, told.instance.as_ref()?)));
    let block = |instance: &Instance, address: &Address| (instance.resource_address(), address.clone());
    let mut found: Vec<(String, Address)> = Vec::with_capacity(told.len());
    found.extend(
        of_told
            .filter(|(address, _)| known.get(address).is_some_and(Option::is_some))
            .map(|(address, instance)| block(instance, address)),
    );
    let others = prior.iter().filter(|state| state.deposed.is_none() && !known.contains(&state.address));
    found.extend(
        others.filter_map(|state| Some(block(&Instance::parse(state.address.as_str())?, &state.address))),
    );
    found
}

/// The prior state: what exists, after refresh and before the plan.
struct Prior {
    all: Vec<Option<Box<ToldPrior>>>,
    by_name: Lookup<(Address, Option<String>), usize>,
}

impl Prior {
    fn new(all: Apart<ToldPrior>) -> Prior {
        let name = |state: &ToldPrior| (state.address.clone(), state.deposed.clone());
        let by_name = all.iter().enumerate().map(|(number, state)| (name(state), number)).collect();
        Prior { all: all.into_iter().map(Some).collect(), by_name }
    }

    /// The state of what a change speaks of, under its name or the one that it had.
    fn take(&mut self, change: &Change) -> Option<Box<ToldPrior>> {
        let names = [Some(&change.address), change.previous_address.as_ref()];
        names.into_iter().flatten().find_map(|address| {
            let number = self.by_name.get(&(address.clone(), change.deposed.clone()))?;
            self.all.get_mut(*number)?.take()
        })
    }

    /// What no change speaks of: data sources, and what targets left out.
    fn left(self) -> impl Iterator<Item = Box<ToldPrior>> {
        self.all.into_iter().flatten()
    }
}

fn standing(state: ToldPrior, frame: &Frame, wiring: &mut Option<Wiring<'_>>) -> Option<Object> {
    let (array, number) = &state.place;
    let evidence = Evidence { source: frame.source, pointer: format!("{array}/{number}").into() };
    let mut object = Object::standing(state.kind, evidence, frame.taken_at, Guarded::default());
    object.before = Some(attributes(state.values?, serde_json::Value::Null, state.mask));
    if let (Some(wiring), Some(instance)) = (wiring, Instance::parse(state.address.as_str())) {
        object.configured = wiring.configured(&instance);
    }
    object.address = Some(state.address);
    object.depends_on = state.depends_on;
    Some(object)
}

fn drift(document: &Document<'_>, asked: Asked<'_>) -> Result<Vec<Drift>, Error> {
    let mut all = Vec::with_capacity(document.resource_drift.len());
    for (number, raw) in document.resource_drift.iter().enumerate() {
        let pointer = || format!("/resource_drift/{number}");
        let place = Place { path: asked.path, pointer: &pointer };
        // Converters of other programs leave the address out here, where it only informs.
        let entry: Entry<'_> = place.parse(raw.get().as_bytes(), "")?;
        let change = changes::change(&entry, Instance::parse(&entry.address).as_ref(), 0);
        let wanted = asked.interest.wanted(&change.kind);
        let values = Told::read(Raw::of(&entry.change), &wanted, &change.action, place)?;
        let (before, after) = values.sides(|own| own);
        let kind = Kind::new(change.kind);
        all.push(Drift { address: change.address, action: change.action, kind, before, after });
    }
    Ok(all)
}

/// How a plan was asked for, where that is out of the ordinary.
fn how_asked(sources: &Sources, path: &str) -> Vec<String> {
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
    let deferred = document.deferred_changes.len() + document.deferred_action_invocations.len();
    if deferred > 0 {
        partial.push(Partial::Deferred(deferred));
    }
    if !document.action_invocations.is_empty() {
        let invoked = document.action_invocations.iter().map(|invocation| invocation.address.clone());
        partial.push(Partial::Invokes(invoked.collect()));
    }
    partial.sort();
    partial
}

/// Whether a file is a plan, and if it is one that cannot be read, why: `None` for files that have nothing to do with
/// plans, as other files of a directory. A plan file (the zip) is told by the error.
///
/// # Errors
/// As [`read`], if what it is was meant to be a plan.
pub fn recognised(bytes: &[u8], path: &str) -> Option<Result<(), Error>> {
    if bytes.starts_with(b"PK") {
        return Some(Err(Error::IsPlanFile { path: path.to_owned() }));
    }
    let text = decode_text(bytes).ok()?;
    recognise::sort(junk::bare(&text).text, path)
}

fn text_of(raw: Option<&serde_json::value::RawValue>) -> Option<String> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
}
