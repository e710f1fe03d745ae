//! Entries of `resource_changes` become changes and objects.

use super::address::Instance;
use super::error::Error;
use super::prior::PriorIndex;
use super::raw::{Entry, Values};
use super::values::{Place, Raw, sides, untold};
use super::wiring::Wiring;
use crate::model::{
    Action, Address, Attributes, Change, ChangeIx, Evidence, Instant, Kind, Object, SourceIx,
};

/// What all objects of one plan share.
pub(super) struct Frame<'f> {
    /// The file, as given.
    pub path: &'f str,
    /// Which source.
    pub source: SourceIx,
    /// The number of the plan's first change.
    pub first_change: u32,
    /// When the plan was made.
    pub taken_at: Option<Instant>,
}

/// The action of an entry. An entry that says none is not known to do nothing.
pub(super) fn action(values: &Values<'_>) -> Action {
    match values.actions.as_deref() {
        None | Some([]) => Action::Other(Vec::new()),
        Some(words) => Action::from_words(words),
    }
}

/// The entry without its values.
pub(super) fn change(entry: &Entry<'_>, instance: Option<&Instance>, plan: usize) -> Change {
    let by_address = |of: &dyn Fn(&Instance) -> String| instance.map(of).unwrap_or_default();
    let kind = match entry.kind.as_str() {
        "" => by_address(&|instance| instance.kind().to_owned()),
        kind => kind.to_owned(),
    };
    let mode = match entry.mode.as_str() {
        "" => by_address(&|instance| if instance.is_data() { "data" } else { "managed" }.to_owned()),
        mode => mode.to_owned(),
    };
    Change {
        plan,
        address: Address::new(&entry.address),
        deposed: entry.deposed.clone().filter(|key| !key.is_empty()),
        previous_address: entry.previous_address.as_ref().map(Address::new),
        kind,
        mode,
        action: action(&entry.change),
        reason: entry.reason.clone(),
        // `false` is written by converters of other programs.
        importing: entry.change.importing.is_some_and(|raw| raw.get() != "false"),
        place: None,
    }
}

/// The objects of one entry: one, or two where an old one is dropped and a new one made, or none.
pub(super) fn objects(
    number: usize,
    entry: &Entry<'_>,
    change: &Change,
    frame: &Frame<'_>,
    prior: &PriorIndex<'_, '_>,
    wiring: &mut Option<Wiring<'_>>,
) -> Result<Vec<Object>, Error> {
    let pointer = format!("/resource_changes/{number}");
    let place = Place { path: frame.path, pointer: &pointer };
    let deposed = change.deposed.as_deref();
    let state = prior.get(&entry.address, deposed).or_else(|| {
        let previous = entry.previous_address.as_deref()?;
        prior.get(previous, deposed)
    });
    let values = &entry.change;
    let sensitive =
        [values.before_sensitive, values.after_sensitive, state.and_then(|state| state.resource.sensitive)];
    let raw = Raw { before: values.before, after: values.after, unknown: values.after_unknown, sensitive };
    let (mut before, mut after) = sides(raw, place)?;
    match change.mode.as_str() {
        // Nothing of an ephemeral resource outlives the run.
        "ephemeral" => return Ok(Vec::new()),
        "data" if before.is_none() && after.is_none() => return Ok(Vec::new()),
        "data" => {}
        _ => fill(&change.action, &mut before, &mut after),
    }
    let instance = Instance::parse(&entry.address);
    let mut configured = None;
    if let (Some(wiring), Some(instance)) = (wiring, &instance) {
        configured = wiring.configured(instance);
        if let Some(after) = after.as_mut().filter(|_| deposed.is_none()) {
            after.references = wiring.references(instance);
        }
    }
    let depends_on = match state.and_then(|state| state.resource.depends_on) {
        Some(raw) => place.parse(raw, ": depends_on of its prior state")?,
        None => Vec::new(),
    };
    let object = |before: Option<Attributes>, after: Option<Attributes>, standing: bool| Object {
        kind: Kind::new(&change.kind),
        evidence: Evidence { source: frame.source, pointer: pointer.clone() },
        taken_at: frame.taken_at,
        address: Some(change.address.clone()),
        change: Some(ChangeIx(frame.first_change.saturating_add(u32::try_from(number).unwrap_or(u32::MAX)))),
        before,
        after,
        standing,
        in_place: change.action == Action::Update,
        depends_on: depends_on.clone(),
        configured: configured.clone(),
    };
    Ok(match change.action {
        // `after` is the same or, of data read during apply, all there is; it alone carries the references.
        Action::NoOp | Action::Read => vec![object(after.or(before), None, true)],
        Action::Forget => vec![object(before.clone(), before, false)],
        Action::ForgetCreate => {
            vec![object(before.clone(), before, false), object(None, after, false)]
        }
        _ => vec![object(before, after, false)],
    })
}

/// A side that must exist by the action's meaning and is not in the file is unknown, not absent.
fn fill(action: &Action, before: &mut Option<Attributes>, after: &mut Option<Attributes>) {
    let (was, will_be) = match action {
        Action::Create => (false, true),
        Action::Delete | Action::Forget => (true, false),
        Action::Update | Action::DeleteCreate | Action::CreateDelete | Action::ForgetCreate => (true, true),
        Action::NoOp | Action::Read | Action::Other(_) => (before.is_none() && after.is_none(), false),
    };
    if was && before.is_none() {
        *before = Some(untold());
    }
    if will_be && after.is_none() {
        *after = Some(untold());
    }
    if *action == Action::Delete {
        *after = None;
    }
}
