//! Whom a new deny takes something from.
//!
//! A deny policy wins over every binding: made, or widened to another principal, it takes access that no change of the plan
//! is about. Source: "Deny policies".

use super::build::Builder;
use super::scenario::{Stage, presence};
use crate::access::KnownDeny;
use crate::model::{ChangeIx, NodeIx, Presence};

/// A grant of which a plan denies a part, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The grant.
    pub grant: NodeIx,
    /// What makes the deny.
    pub change: ChangeIx,
    /// It is surely denied something.
    pub sure: bool,
}

impl Builder<'_> {
    /// Finds all that new denies hit. To be called when it is settled what is there.
    pub fn denied(&mut self) {
        let on = |deny: &KnownDeny, stage: Stage| {
            self.nodes.get(deny.key).map_or(Presence::Absent, |node| presence(node, |_| stage))
        };
        let (before, new): (Vec<&KnownDeny>, Vec<&KnownDeny>) =
            self.world.denies.iter().partition(|deny| on(deny, Stage::Before) != Presence::Absent);
        let mut found: Vec<Denied> = Vec::new();
        for deny in new.into_iter().filter(|deny| on(deny, Stage::After) != Presence::Absent) {
            let claims = self.nodes.get(deny.key).into_iter().flat_map(|node| &node.claims);
            let Some(change) = claims.filter_map(|claim| claim.change).next() else { continue };
            for (holder, all) in &self.world.grants {
                for known in all.iter().filter(|known| known.grant.cloud == deny.deny.cloud) {
                    let grant = NodeIx::number(known.key);
                    let there = self.nodes.get(grant.at()).is_some_and(|node| {
                        presence(node, |_| Stage::Before) != Presence::Absent
                            && presence(node, |_| Stage::After) != Presence::Absent
                    });
                    if let Some(sure) = self.world.hits(deny, &before, holder, known).filter(|_| there) {
                        found.push(Denied { grant, change, sure });
                    }
                }
            }
        }
        self.newly_denied = found;
    }
}
