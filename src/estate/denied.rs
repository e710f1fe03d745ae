//! Whom a new deny takes something from.
//!
//! A deny policy of Google Cloud wins over every binding, a denying statement in the policy of a resource of AWS over every
//! statement that allows: made, or widened to another principal, it takes access that no change of the plan is about.
//! Sources: "Deny policies"; IAM User Guide, "The difference between explicit and implicit denies".

use super::build::Builder;
use super::scenario::Stage;
use crate::access::{Denier, Hit, KnownDeny};
use crate::model::{ChangeIx, Content, Fact, NodeIx, Side};
use std::collections::BTreeMap;

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
    pub fn denied(&mut self, facts: &[Fact]) {
        let mut found: BTreeMap<(ChangeIx, NodeIx), bool> = BTreeMap::new();
        let hits = self.hit_by_statements(facts).into_iter().chain(self.hit_by_policies());
        for (change, hit) in hits {
            let grant = NodeIx::number(hit.grant);
            if self.is_there(grant, Stage::Before) && self.is_there(grant, Stage::After) {
                *found.entry((change, grant)).or_default() |= hit.sure;
            }
        }
        let denied = |((change, grant), sure)| Denied { grant, change, sure };
        self.denied = found.into_iter().map(denied).collect();
    }

    /// What new denies in policies of resources take from those whom they name.
    fn hit_by_statements(&self, facts: &[Fact]) -> Vec<(ChangeIx, Hit)> {
        let mut found = Vec::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            let (Content::Grant(grant), Some(change), Some(node)) = (&fact.content, fact.change, node) else {
                continue;
            };
            let new =
                fact.side == Side::After && self.acts_on(change) && !self.is_there(*node, Stage::Before);
            if !grant.denies() || !grant.by_resource || !new {
                continue;
            }
            let holder = grant.principal.as_ref().map(|alias| self.principal(alias).0);
            if let Some((holder, known)) = holder.zip(self.world.grant(node.at())) {
                let hits = self.world.hit_by(Denier::Statement(&holder, known));
                found.extend(hits.into_iter().map(|hit| (change, hit)));
            }
        }
        found
    }

    /// What new deny policies take.
    fn hit_by_policies(&self) -> Vec<(ChangeIx, Hit)> {
        let there = |deny: &KnownDeny, stage| self.is_there(NodeIx::number(deny.key), stage);
        let (before, new): (Vec<&KnownDeny>, Vec<&KnownDeny>) =
            self.world.denies.iter().partition(|deny| there(deny, Stage::Before));
        let mut found = Vec::new();
        for deny in new.into_iter().filter(|deny| there(deny, Stage::After)) {
            let claims = self.nodes.get(deny.key).into_iter().flat_map(|node| &node.claims);
            let Some(change) = claims.filter_map(|claim| claim.change).next() else { continue };
            let hits = self.world.hit_by(Denier::Policy(deny, &before));
            found.extend(hits.into_iter().map(|hit| (change, hit)));
        }
        found
    }
}
