//! What the rules of all clouds have in common: who holds a grant, and doubts about it.

use super::groups::Via;
use super::{Cloud, KnownGrant, World};
use crate::model::{Alias, Coverage, Unknown};
use std::collections::BTreeMap;

/// Why it cannot be told whether a grant covers; none: it does.
pub(super) type Doubts = Vec<Unknown>;

/// A doubt that more input would not settle by itself, unless a command is named.
pub(super) fn doubt(reason: impl Into<String>, settle: Option<&str>) -> Unknown {
    Unknown { reason: reason.into(), settle: settle.map(str::to_owned), missing_input: false }
}

/// Doubts are said with the grant that they are about.
pub(super) fn coverage(why: &str, doubt: Option<Unknown>) -> Coverage {
    let said = |doubt: Unknown| Unknown { reason: format!("{why}: {}", doubt.reason), ..doubt };
    doubt.map_or(Coverage::Sure, |doubt| Coverage::Unknown(said(doubt)))
}

/// Whether the text stands for something that is known only after apply.
pub(super) fn is_symbol(text: &str) -> bool {
    text.starts_with("known after apply")
}

/// The principal's own grants of a cloud and those of its groups, with the group; grants of nobody knows whom come last,
/// with the doubt.
pub(super) fn held<'w>(
    world: &'w World,
    cloud: Cloud,
    principal: &Alias,
    groups: &BTreeMap<Alias, Vec<Via>>,
) -> Vec<(&'w KnownGrant, Option<Alias>, Option<Unknown>)> {
    let of = |holder: &Alias| {
        let grants = world.grants.get(holder).into_iter().flatten();
        grants.filter(move |known| Cloud::named(&known.grant.cloud) == Some(cloud))
    };
    let mut out: Vec<_> = of(principal).map(|known| (known, None, None)).collect();
    for group in groups.keys() {
        out.extend(of(group).map(|known| (known, Some(group.clone()), None)));
    }
    for holder in world.unknown_principals.iter().filter(|holder| *holder != principal) {
        let why = || Some(doubt("whom it is for is known only after apply", None));
        out.extend(of(holder).map(|known| (known, None, why())));
    }
    out
}

/// What is needed of several things, where equal ways meet many of them: one need for all that the same ways meet.
pub(super) fn gathered<R: PartialEq>(asked: impl IntoIterator<Item = (String, R)>) -> Vec<(String, R)> {
    gathered_by_count(asked.into_iter().map(|(label, routes)| (label, 1, routes)))
}

/// The same, where each stands for so many.
pub(super) fn gathered_by_count<R: PartialEq>(
    asked: impl IntoIterator<Item = (String, usize, R)>,
) -> Vec<(String, R)> {
    let mut gathered: Vec<(String, usize, R)> = Vec::new();
    for (label, count, routes) in asked {
        match gathered.iter_mut().find(|(_, _, known)| *known == routes) {
            Some((_, more, _)) => *more += count,
            None => gathered.push((label, count.saturating_sub(1), routes)),
        }
    }
    let named = |(label, more, routes)| match more {
        0 => (label, routes),
        1 => (format!("{label} and one more"), routes),
        more => (format!("{label} and {more} more"), routes),
    };
    gathered.into_iter().map(named).collect()
}
