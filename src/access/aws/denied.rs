//! What denies: an explicit deny in any policy that counts wins over all that allows.
//!
//! Source: IAM User Guide, "The difference between explicit and implicit denies".

use super::asked::Asked;
use super::held::{By, Held};
use super::statement::{Said, says};
use super::{name, versions};
use crate::access::held::doubt;
use crate::access::{Absent, World};
use crate::model::Unknown;

/// What stands in the way.
#[derive(Default)]
pub(super) struct Denied {
    /// What surely denies, while it is there.
    pub(super) surely: Vec<Absent>,
    /// What may, while it is there: policies of which nobody knows what they say may deny as well as allow.
    pub(super) perhaps: Vec<(Absent, Unknown)>,
}

pub(super) fn denied(world: &World, all: &[Held<'_>], asked: &Asked<'_>) -> Denied {
    let mut out = Denied::default();
    for Held { known, stranger, by, .. } in all {
        for version in versions(world, known) {
            let absent = || Absent { key: known.key, side: version.side, change: version.change };
            let statements = match version.statements {
                Ok(statements) => statements,
                Err(unknown) => {
                    out.perhaps.push((absent(), unknown));
                    continue;
                }
            };
            match statements.iter().filter(|one| one.denies).filter_map(|one| says(one, asked)).max() {
                Some(Said::Surely) if stranger.is_none() && *by != By::Session => out.surely.push(absent()),
                Some(_) => out.perhaps.push((absent(), doubt(format!("{} may deny it", name(known)), None))),
                None => {}
            }
        }
    }
    out
}
