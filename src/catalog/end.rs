//! When a thing ends by itself, read off an object.

use super::apply::met;
use super::entry::{ContentEntry, When};
use super::path::{Filled, Scope, Template};
use crate::model::{End, Horizon, Instant, Moment};
use jiff::SignedDuration;
use std::sync::Arc;

/// An end of a kind of things.
#[derive(Debug)]
pub struct EndEntry {
    /// The date: RFC 3339, or seconds since 1970.
    pub at: Template,
    /// So many seconds after that date: where an age and not a day is what ends it.
    pub after: Option<i64>,
    /// It counts only if.
    pub when: Vec<When>,
    /// Why nothing renews it, for people.
    pub because: Option<Arc<str>>,
}

/// The end of a grant for a time, where its condition says nothing else.
pub(super) fn until(content: &ContentEntry, scope: Scope<'_>) -> Option<Box<End>> {
    let ContentEntry::Grant { until: Some(template), .. } = content else { return None };
    let Filled::Text(text) = template.fill(scope) else { return None };
    // What is no date is a condition as any other.
    let moment = Moment::At(text.trim().parse::<Instant>().ok()?);
    let horizon = Horizon { sure: moment, possible: moment };
    Some(Box::new(End { horizon, because: Some("nobody renews what is granted for a time".into()) }))
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
        let seconds = || Instant::from_second(text.trim().parse().ok()?).ok();
        let date = text.trim().parse::<Instant>().ok().or_else(seconds);
        let end = date.and_then(|date| match entry.after {
            Some(seconds) => date.checked_add(SignedDuration::from_secs(seconds)).ok(),
            None => Some(date),
        });
        let (sure, mut possible) = match end {
            Some(instant) => (Moment::At(instant), Moment::At(instant)),
            None => (Moment::Never, Moment::Eventually),
        };
        if !met(&entry.when, scope, false) {
            possible = Moment::Forever;
        }
        Some(Box::new(End { horizon: Horizon { sure, possible }, because: entry.because.clone() }))
    })
}
