//! What somebody can do at most, whatever is granted: permissions boundaries.
//!
//! Source: IAM User Guide, "Permissions boundaries for IAM entities".

use super::asked::Asked;
use super::of_policy;
use super::statement::{Said, says};
use crate::access::World;
use crate::access::held::doubt;
use crate::model::{Alias, ChangeIx, Permission, Side, Unknown};

/// Where the permissions boundary lets something through; without a boundary everywhere.
pub(super) struct Limit {
    pub(super) side: Side,
    pub(super) change: Option<ChangeIx>,
    pub(super) doubt: Option<Unknown>,
}

/// What counts of a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// What it does not allow is not allowed.
    All,
    /// Only what it denies: a user whom the policy of a resource names needs no more.
    Denies,
}

/// The limits on each side.
pub(super) fn limits(world: &World, principal: &Alias, asked: &Asked<'_>, counts: Counts) -> Vec<Limit> {
    let bounds: Vec<_> = world.bounds.iter().filter(|bound| bound.principal == *principal).collect();
    let mut out = Vec::new();
    for side in [Side::Before, Side::After] {
        let here: Vec<_> = bounds.iter().filter(|bound| bound.side.both(side).is_some()).collect();
        // The change that sets or takes off a boundary makes the difference.
        let change = bounds.iter().find_map(|bound| bound.change);
        if here.is_empty() {
            out.push(Limit { side, change, doubt: None });
        }
        for bound in here {
            for version in of_policy(world, Some(&bound.policy)) {
                let Some(side) = version.side.both(side) else { continue };
                let doubt = match version.statements {
                    Err(unknown) => Some(unknown),
                    Ok(statements) => match bounded(statements, asked, counts) {
                        None => continue,
                        Some(Said::Surely) => None,
                        Some(Said::Perhaps(why)) => {
                            Some(doubt(format!("the permissions boundary: {why}"), None))
                        }
                    },
                };
                out.push(Limit { side, change: version.change.or(change), doubt });
            }
        }
    }
    match out.as_slice() {
        [one, other] if one.doubt == other.doubt && one.change == other.change => {
            let doubt = one.doubt.clone();
            vec![Limit { side: Side::Both, change: one.change, doubt }]
        }
        _ => out,
    }
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
