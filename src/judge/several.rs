//! Several plans and states in one run: names of their own, one object that several tell of, and what one uses of
//! another by its outputs.

use super::remote;
use crate::model::{Address, Attributes, Change, Object, Output, Reference};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// One plan or state, and which of all objects are its.
pub struct Workspace {
    /// As given.
    pub path: String,
    /// What stands before its addresses; nothing before those of the first plan.
    pub prefix: Option<String>,
    /// Its root outputs.
    pub outputs: Vec<Output>,
    /// Its objects.
    pub objects: Range<usize>,
}

/// Addresses are names within one plan only: those of further plans and of states are told apart by their path.
pub fn own(prefix: Option<&str>, address: &Address) -> Address {
    match prefix {
        None => address.clone(),
        Some(path) => Address::new(format!("{path}#{address}")),
    }
}

/// Gives an object names of its own; a deposed object is not the one that has the address now.
pub fn own_addresses(mut object: Object, prefix: Option<&str>, changes: &[Change]) -> Object {
    let deposed = object.change.and_then(|change| changes.get(change.0 as usize)?.deposed.clone());
    if object.standing {
        // A change that changes nothing is the cause of nothing.
        object.change = None;
    }
    if let (Some(key), Some(address)) = (deposed, &object.address) {
        object.address = Some(Address::new(format!("{address} (deposed {key})")));
    }
    if prefix.is_none() {
        return object;
    }
    let own = |address: &Address| own(prefix, address);
    object.address = object.address.as_ref().map(own);
    object.depends_on = object.depends_on.iter().map(own).collect();
    object.configured = object.configured.map(|list| list.iter().map(own).collect());
    let references = |attributes: &mut Attributes| {
        for list in attributes.references.values_mut() {
            for Reference { address, .. } in list {
                *address = own(address);
            }
        }
    };
    object.before.iter_mut().for_each(references);
    object.after.iter_mut().for_each(references);
    object
}

/// Joins what several workspaces say, or one says twice; remarks on what is one and has two addresses.
pub fn join(objects: &mut [Object], workspaces: &[Workspace], changes: &[Change]) -> Vec<String> {
    let notes = take_over(objects, changes);
    if workspaces.len() > 1 {
        remote::link(objects, workspaces);
    }
    notes
}

/// Where a plan changes an object that stands under another address as well (imported in the same plan, managed by two
/// workspaces, or told by an older state of this one), it is changed there too: one object of the cloud cannot go and
/// stay.
fn take_over(objects: &mut [Object], changes: &[Change]) -> Vec<String> {
    let mut changed: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (index, object) in objects.iter().enumerate() {
        if object.change.is_none() || object.standing {
            continue;
        }
        let Some(key) = object.before.as_ref().and_then(|before| identity(object, before)) else { continue };
        let known = changed.get(&key).and_then(|known| objects.get(*known));
        if known.is_none_or(|known| !goes(known) && goes(object)) {
            changed.insert(key, index);
        }
    }
    let mut notes = Vec::new();
    if changed.is_empty() {
        return notes;
    }
    for index in 0..objects.len() {
        let Some((twin, gone)) = objects.get(index).and_then(|one| twin(one, index, objects, &changed))
        else {
            continue;
        };
        let Some(object) = objects.get_mut(index) else { continue };
        let imported =
            |address: &Address| changes.iter().any(|change| change.importing && change.address == *address);
        if gone
            && let (Some(address), Some(other)) = (&object.address, &twin.address)
            && imported(address)
        {
            let note =
                format!("{address}, which is imported, is the same object as {other}: it goes with it");
            notes.push(note);
        }
        object.standing = false;
        object.in_place = !gone;
        object.change = twin.change;
        object.after = if gone { None } else { twin.after };
        if !gone {
            object.before = twin.before;
        }
    }
    notes
}

/// The changed object that this one is, under another address, and whether it goes by that change.
fn twin(
    object: &Object,
    index: usize,
    objects: &[Object],
    changed: &BTreeMap<(String, String), usize>,
) -> Option<(Object, bool)> {
    if object.gone || !(object.standing || object.in_place) {
        return None;
    }
    let key = identity(object, object.before.as_ref()?)?;
    let at = changed.get(&key).filter(|at| **at != index)?;
    let other = objects.get(*at)?;
    let gone = goes(other);
    (gone || object.standing).then(|| (other.clone(), gone))
}

/// Whether the object that is there before is not there after.
fn goes(object: &Object) -> bool {
    let Some(before) = object.before.as_ref() else { return false };
    match &object.after {
        None => true,
        Some(after) => !object.in_place && before.value.reveal().get("id") != after.value.reveal().get("id"),
    }
}

/// Type and id, of what a plan or state manages. A data source only tells of it.
fn identity(object: &Object, attributes: &Attributes) -> Option<(String, String)> {
    let address = object.address.as_ref()?.as_str();
    let resource = address.rsplit('#').next().unwrap_or(address);
    if resource.starts_with("data.") || resource.contains(".data.") {
        return None;
    }
    let id = attributes.value.reveal_text("id")?;
    let hidden = attributes.sensitive == Value::Bool(true)
        || attributes.sensitive.get("id") == Some(&Value::Bool(true));
    (!id.is_empty() && !hidden).then(|| (object.kind.to_string(), id.into_owned()))
}
