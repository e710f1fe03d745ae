//! What somebody can do at most, whatever is granted: permissions boundaries, and policies of the organization.
//!
//! Source: IAM User Guide, "Permissions boundaries for IAM entities", "Policy evaluation logic".

use super::asked::Asked;
use super::of_policy;
use super::organization::layers;
use super::statement::{Said, says};
use crate::access::World;
use crate::access::held::doubt;
use crate::model::{ChangeIx, Permission, Side, Unknown};

/// Where the limits let something through; without any everywhere.
pub(super) struct Limit {
    pub(super) side: Side,
    pub(super) change: Option<ChangeIx>,
    pub(super) doubt: Option<Unknown>,
}

/// What one limit says of what is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Through,
    /// That cannot be told.
    Doubt(Unknown),
    Blocked,
}

/// One limit, before and after.
pub(super) struct Layer {
    pub(super) before: Verdict,
    pub(super) after: Verdict,
    /// What makes the difference.
    pub(super) change: Option<ChangeIx>,
}

/// What counts of a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// What it does not allow is not allowed.
    All,
    /// Only what it denies: a user whom the policy of a resource names needs no more.
    Denies,
}

/// All limits together, on each side.
pub(super) fn limits(world: &World, asked: &Asked<'_>, counts: Counts) -> Vec<Limit> {
    let mut layers = layers(world, asked);
    layers.push(boundary(world, asked, counts));
    let changed = layers.iter().find(|layer| layer.before != layer.after).and_then(|layer| layer.change);
    let on = |side: Side, of: fn(&Layer) -> &Verdict| {
        let verdicts = || layers.iter().map(of);
        if verdicts().any(|verdict| *verdict == Verdict::Blocked) {
            return None;
        }
        let doubt = verdicts().find_map(|verdict| match verdict {
            Verdict::Doubt(doubt) => Some(doubt.clone()),
            Verdict::Through | Verdict::Blocked => None,
        });
        Some(Limit { side, change: changed, doubt })
    };
    let (before, after) = (on(Side::Before, |layer| &layer.before), on(Side::After, |layer| &layer.after));
    match (before, after) {
        (Some(one), Some(other)) if one.doubt == other.doubt => vec![Limit { side: Side::Both, ..one }],
        (before, after) => before.into_iter().chain(after).collect(),
    }
}

/// The permissions boundary of whoever asks.
fn boundary(world: &World, asked: &Asked<'_>, counts: Counts) -> Layer {
    let bounds: Vec<_> = world.bounds.iter().filter(|bound| bound.principal == *asked.who).collect();
    let mut change = None;
    let mut on = |side: Side| {
        let here: Vec<_> = bounds.iter().filter(|bound| bound.side.both(side).is_some()).collect();
        let mut best = if here.is_empty() { Verdict::Through } else { Verdict::Blocked };
        for bound in here {
            for version in of_policy(world, Some(&bound.policy)) {
                if version.side.both(side).is_none() {
                    continue;
                }
                change = change.or(version.change);
                let verdict = match version.statements {
                    Err(unknown) => Verdict::Doubt(unknown),
                    Ok(statements) => match bounded(statements, asked, counts) {
                        None => continue,
                        Some(Said::Surely) => Verdict::Through,
                        Some(Said::Perhaps(why)) => {
                            Verdict::Doubt(doubt(format!("the permissions boundary: {why}"), None))
                        }
                    },
                };
                if best != Verdict::Through {
                    best = verdict;
                }
            }
        }
        best
    };
    let (before, after) = (on(Side::Before), on(Side::After));
    // The change that sets or takes off a boundary makes the difference.
    let change = change.or_else(|| bounds.iter().find_map(|bound| bound.change));
    Layer { before, after, change }
}

/// Whether a boundary lets through what is asked.
fn bounded(statements: &[Permission], asked: &Asked<'_>, counts: Counts) -> Option<Said> {
    let max = |denies: bool| {
        let of = statements.iter().filter(|one| one.denies == denies);
        of.filter_map(|one| says(one, asked)).max()
    };
    let allowed = match counts {
        Counts::All => max(false)?,
        Counts::Denies => Said::Surely,
    };
    match (allowed, max(true)) {
        (_, Some(Said::Surely)) => None,
        (allowed, None) => Some(allowed),
        (_, Some(perhaps)) => Some(perhaps),
    }
}
