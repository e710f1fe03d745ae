//! Entries of `resource_changes` become changes and objects.

use super::address::Instance;
use super::raw::{Entry, Values, kind_of};
use super::values::untold;
use crate::model::{
    Action, Address, Attributes, Change, ChangeIx, Evidence, Instant, Kind, Object, Reference, SourceIx,
};
use std::collections::BTreeMap;

/// What all objects of one plan share.
pub(super) struct Frame {
    /// Which source.
    pub source: SourceIx,
    /// The number of the plan's first change.
    pub first_change: u32,
    /// When the plan was made.
    pub taken_at: Option<Instant>,
}

/// What an object is connected with.
#[derive(Default)]
pub(super) struct Links {
    /// See [`Object::depends_on`].
    pub depends_on: Vec<Address>,
    /// See [`Object::configured`].
    pub configured: Option<Vec<Address>>,
    /// See [`Attributes::references`].
    pub references: BTreeMap<String, Vec<Reference>>,
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
    let kind = kind_of(&entry.kind, instance);
    let mode = match (entry.mode.as_str(), instance) {
        ("", Some(instance)) if instance.is_data() => "data".to_owned(),
        ("", Some(_)) => "managed".to_owned(),
        (mode, _) => mode.to_owned(),
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
    change: &Change,
    kind: &Kind,
    sides: (Option<Attributes>, Option<Attributes>),
    links: Links,
    frame: &Frame,
) -> Vec<Object> {
    let (mut before, mut after) = sides;
    match change.mode.as_str() {
        // Nothing of an ephemeral resource outlives the run.
        "ephemeral" => return Vec::new(),
        "data" if before.is_none() && after.is_none() => return Vec::new(),
        "data" => {}
        _ => fill(&change.action, &mut before, &mut after),
    }
    if let Some(after) = after.as_mut().filter(|_| change.deposed.is_none()) {
        after.references = links.references;
    }
    let pointer: std::sync::Arc<str> = format!("/resource_changes/{number}").into();
    let object = |before: Option<Attributes>, after: Option<Attributes>, standing: bool| Object {
        kind: kind.clone(),
        evidence: Evidence { source: frame.source, pointer: pointer.clone() },
        taken_at: frame.taken_at,
        address: Some(change.address.clone()),
        change: Some(ChangeIx(frame.first_change.saturating_add(u32::try_from(number).unwrap_or(u32::MAX)))),
        before,
        after,
        standing,
        in_place: change.action == Action::Update,
        depends_on: links.depends_on.clone(),
        beyond: Vec::new(),
        gone: false,
        configured: links.configured.clone(),
    };
    match change.action {
        // `after` is the same or, of data read during apply, all there is; it alone carries the references.
        Action::NoOp | Action::Read => vec![object(after.or(before), None, true)],
        Action::Forget => vec![object(before.clone(), before, false)],
        Action::ForgetCreate => {
            vec![object(before.clone(), before, false), object(None, after, false)]
        }
        _ => vec![object(before, after, false)],
    }
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
