//! What listings show and plans may take away without naming it: it is in doubt after them.

use super::build::Builder;
use super::scenario::{Stage, presence};
use crate::access::{KnownGrant, World, role_key};
use crate::model::{Alias, ChangeIx, Claim, Evidence, Fact, NodeIx, Presence};
use std::collections::BTreeMap;

impl Builder<'_> {
    /// A plan changes a group and does not say who will be in it: any of its members may go.
    pub fn members_may_go(&mut self, fact: &Fact, group: &Alias) {
        let (group, _) = self.principal(group);
        let memberships = self.world.memberships.iter().filter(|known| known.group == group);
        let nodes: Vec<NodeIx> = memberships.map(|known| NodeIx::number(known.key)).collect();
        for node in nodes {
            self.may_go(node, fact.change, fact.evidence.clone());
        }
    }

    /// A plan takes away a grant that counts under a condition, or for a time only, and a listing shows the same without
    /// that: it may be the very one. Source: Azure lists active assignments of PIM among the role assignments.
    pub fn listed_ones_may_go(&mut self) {
        let mut found: Vec<(NodeIx, Option<ChangeIx>, Evidence)> = Vec::new();
        for grants in self.world.grants.values() {
            let conditional = grants.iter().filter(|known| known.grant.condition.is_some());
            let going: Vec<(&KnownGrant, &Claim)> = conditional
                .filter_map(|known| Some((known, self.goes_by(NodeIx::number(known.key))?)))
                .collect();
            if going.is_empty() {
                continue;
            }
            let mut listed: BTreeMap<Same, Vec<NodeIx>> = BTreeMap::new();
            for plain in grants.iter().filter(|known| known.grant.condition.is_none()) {
                let node = NodeIx::number(plain.key);
                if let Some(same) = same(&self.world, plain).filter(|_| self.only_listed(node)) {
                    listed.entry(same).or_default().push(node);
                }
            }
            for (conditional, goes) in going {
                let same = same(&self.world, conditional).and_then(|same| listed.get(&same));
                let nodes = same.into_iter().flatten();
                found.extend(nodes.map(|node| (*node, goes.change, goes.evidence.clone())));
            }
        }
        for (node, change, evidence) in found {
            self.may_go(node, change, evidence);
        }
    }

    /// The claim by which a plan takes the node away.
    fn goes_by(&self, node: NodeIx) -> Option<&Claim> {
        let claims = &self.nodes.get(node.at())?.claims;
        let goes = |claim: &&Claim| {
            claim.managed && claim.before != Presence::Absent && claim.after == Presence::Absent
        };
        claims.iter().find(goes)
    }

    fn only_listed(&self, node: NodeIx) -> bool {
        self.nodes.get(node.at()).is_some_and(|node| node.claims.iter().all(|claim| !claim.managed))
    }

    fn may_go(&mut self, node: NodeIx, change: Option<ChangeIx>, evidence: Evidence) {
        let Some(node) = self.nodes.get_mut(node.at()) else { return };
        let taken_at = node.claims.first().and_then(|claim| claim.taken_at);
        node.claims.push(Claim {
            carrier: String::new(),
            managed: true,
            evidence,
            taken_at,
            change,
            before: presence(node, |_| Stage::Before),
            during: Presence::Unknown,
            after: Presence::Unknown,
        });
    }
}

/// What two grants of somebody have in common that are one but for a condition: cloud, role and scope.
type Same = (String, String, String);

fn same(world: &World, known: &KnownGrant) -> Option<Same> {
    let scope = known.grant.scope.as_deref()?.trim_end_matches('/').to_lowercase();
    Some((known.grant.cloud.clone(), role_key(world, &known.grant)?, scope))
}
