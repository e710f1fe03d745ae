//! What was deleted outside terraform. No change tells of it: `resource_drift` says delete, and `resource_changes` says
//! create, or nothing at all in a plan that only refreshes.

use super::Drift;
use super::changes::Frame;
use crate::model::{Action, Change, Evidence, Gone, Guarded, Object};

/// What is gone, and an object for each that says so: whatever still names it rests on nothing.
pub(super) fn gone(drift: &[Drift], changes: &[Change], frame: &Frame) -> (Vec<Gone>, Vec<Object>) {
    let mut gone = Vec::new();
    let mut objects = Vec::new();
    for (number, drift) in drift.iter().enumerate() {
        if drift.action != Action::Delete || drift.after.is_some() || drift.address.as_str().is_empty() {
            continue;
        }
        let made = |change: &Change| {
            change.deposed.is_none()
                && change.address == drift.address
                && (change.action == Action::Create || change.action.is_replacement())
        };
        gone.push(Gone {
            address: drift.address.clone(),
            kind: drift.kind.to_string(),
            made_anew: changes.iter().any(made),
        });
        let pointer = format!("/resource_drift/{number}");
        let evidence = Evidence { source: frame.source, pointer: pointer.into() };
        objects.push(Object {
            address: Some(drift.address.clone()),
            before: drift.before.clone(),
            gone: true,
            ..Object::standing(drift.kind.clone(), evidence, frame.taken_at, Guarded::default())
        });
    }
    (gone, objects)
}
