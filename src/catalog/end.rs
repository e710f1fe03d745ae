//! When a thing ends by itself, read off an object.

use super::apply::met;
use super::entry::When;
use super::path::{Filled, Scope, Template};
use crate::model::{End, Horizon, Instant, Moment};
use std::sync::Arc;

/// An end of a kind of things.
#[derive(Debug)]
pub struct EndEntry {
    /// The date: RFC 3339.
    pub at: Template,
    /// It counts only if.
    pub when: Vec<When>,
    /// Why nothing renews it, for people.
    pub because: Option<Arc<str>>,
}

/// The end of an object: the first whose conditions hold and that says a date.
///
/// A date that is known only after apply is no end yet: what is made then is good then. One that is no date is an end on a
/// day that nobody knows. Where a condition may hold, it surely holds until then, and perhaps for ever.
pub(super) fn end(entries: &[EndEntry], scope: Scope<'_>) -> Option<Box<End>> {
    entries.iter().find_map(|entry| {
        if !met(&entry.when, scope, true) {
            return None;
        }
        let Filled::Text(text) = entry.at.fill(scope) else { return None };
        let (sure, mut possible) = match text.trim().parse::<Instant>() {
            Ok(instant) => (Moment::At(instant), Moment::At(instant)),
            Err(_) => (Moment::Never, Moment::Eventually),
        };
        if !met(&entry.when, scope, false) {
            possible = Moment::Forever;
        }
        Some(Box::new(End { horizon: Horizon { sure, possible }, because: entry.because.clone() }))
    })
}
