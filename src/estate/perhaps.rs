//! What listings show and plans may take away without naming it: it is in doubt after them.

use super::build::Builder;
use super::scenario::{Stage, presence};
use crate::access::{KnownGrant, World, role_key};
use crate::model::{Alias, ChangeIx, Claim, Evidence, Fact, NodeIx, Presence};

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
            for conditional in grants.iter().filter(|known| known.grant.condition.is_some()) {
                let Some(goes) = self.goes_by(NodeIx::number(conditional.key)) else { continue };
                let same = grants
                    .iter()
                    .filter(|other| is_it_but_for_its_condition(&self.world, other, conditional));
                let listed =
                    same.map(|other| NodeIx::number(other.key)).filter(|node| self.only_listed(*node));
                found.extend(listed.map(|node| (node, goes.change, goes.evidence.clone())));
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

fn is_it_but_for_its_condition(world: &World, other: &KnownGrant, conditional: &KnownGrant) -> bool {
    let scope = |known: &KnownGrant| {
        known.grant.scope.as_deref().map(|scope| scope.trim_end_matches('/').to_lowercase())
    };
    let role = |known: &KnownGrant| role_key(world, &known.grant);
    other.grant.condition.is_none()
        && other.grant.cloud == conditional.grant.cloud
        && scope(other).is_some()
        && scope(other) == scope(conditional)
        && role(other).is_some()
        && role(other) == role(conditional)
}
