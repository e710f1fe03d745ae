//! What is merely granted: needs assumed of those who have it, and whether what a plan takes away stays allowed.

use super::build::{Builder, add_support, support};
use super::names::Resolved;
use super::scenario::{Stage, presence};
use crate::access::{Cloud, KnownGrant, holders_of_account, role_key};
use crate::model::{Alias, ChangeIx, Class, Evidence, Need, Node, NodeIx, Phase, Side, Strength, Support};
use std::collections::{BTreeMap, BTreeSet};

/// As whom something says that it acts.
#[derive(Debug, Clone)]
pub(super) struct Acts {
    pub who: Alias,
    pub side: Side,
    /// A plan says so.
    pub managed: bool,
    /// When it does.
    pub phase: Phase,
    /// The change of whoever acts.
    pub change: Option<ChangeIx>,
}

impl Builder<'_> {
    /// Assumed needs: a workload may use any grant that an identity of its own merely has.
    pub fn assumed(&mut self) {
        let actors: Vec<(NodeIx, Vec<Acts>)> =
            self.actors.iter().map(|(node, who)| (*node, who.clone())).collect();
        for (workload, acts) in actors {
            let on = |builder: &Builder<'_>, side: Side| -> Vec<(NodeIx, NodeIx, Phase)> {
                let mut out = Vec::new();
                let on_side = |acts: &&Acts| acts.side.both(side).is_some();
                // Where a plan says as whom it acts after, what a listing says of that is over.
                let planned = acts.iter().filter(on_side).any(|acts| acts.managed);
                let meant =
                    |acts: &&Acts| on_side(acts) && (acts.managed || side == Side::Before || !planned);
                for acts in acts.iter().filter(meant) {
                    for actor in builder.names.all(&acts.who) {
                        out.extend(builder.of_cluster(actor).map(|_| (actor, actor, acts.phase)));
                        for identity in builder.acting(actor, side).values() {
                            if let Resolved::Found(nodes) = builder.resolve(identity, side) {
                                out.extend(nodes.into_iter().map(|node| (actor, node, acts.phase)));
                            }
                        }
                    }
                }
                out
            };
            let before = on(self, Side::Before);
            let after = on(self, Side::After);
            // If it is about to act as somebody else, by its own change.
            let change = acts.iter().filter(|acts| acts.managed).find_map(|own| {
                let other = |other: &Acts| other.managed && other.who == own.who && other.side != own.side;
                own.change.filter(|_| own.side != Side::Both && !acts.iter().any(other))
            });
            let actors = before.iter().chain(&after).map(|(actor, ..)| *actor);
            let change = change.or_else(|| {
                actors.collect::<BTreeSet<_>>().into_iter().find_map(|actor| self.acting_changed_by(actor))
            });
            let stands_in = |phase| -> Vec<NodeIx> {
                after.iter().filter(|(.., own)| *own == phase).map(|(_, identity, _)| *identity).collect()
            };
            for (actor, identity, phase) in &before {
                if self.spoken_for.contains(&(workload, *identity)) {
                    continue;
                }
                for grant in self.grants_in_force(*identity) {
                    if !self.used.contains(&(*actor, grant)) {
                        self.assume(workload, *identity, grant, (&stands_in(*phase), *phase), change);
                    }
                }
            }
        }
    }

    /// The name under which bindings in a cluster know a node.
    fn of_cluster(&self, node: NodeIx) -> Option<&Alias> {
        self.nodes.get(node.at()).and_then(Cloud::of_cluster)
    }

    /// Adds the assumed need of one grant, and returns what meets it. `change`: the one by which others are meant after.
    pub fn assume(
        &mut self,
        workload: NodeIx,
        identity: NodeIx,
        grant: NodeIx,
        (after, phase): (&[NodeIx], Phase),
        change: Option<ChangeIx>,
    ) -> Vec<Support> {
        let Some(access) = self.nodes.get(grant.at()).and_then(|node| node.access.as_ref()) else {
            return Vec::new();
        };
        // Whoever runs does not stand in for whoever starts it.
        let when = if phase == Phase::Start { ", when it starts" } else { "" };
        let label = format!("{} on {}{when}", access.role.as_deref().unwrap_or("a role"), access.scope);
        // What a binding in a cluster gives, no identity in a cloud can stand in for, and the other way round.
        let in_cluster = access.principal.space().starts_with("kubernetes");
        let mut supports = Vec::new();
        let mut versions = vec![(identity, Side::Before)];
        versions.extend(after.iter().map(|identity| (*identity, Side::After)));
        let mut side = Side::Before;
        for (holder, version) in versions {
            let principal = match in_cluster {
                true => self.of_cluster(holder),
                false => self.nodes.get(holder.at()).and_then(Node::principal),
            };
            let Some(principal) = principal.cloned() else { continue };
            if let Some(node) = self.allowance(&principal, Some(holder), grant) {
                add_support(&mut supports, support(node, version, None));
                side = side.union(version);
            }
        }
        let entry = Some("a grant that its identity has".into());
        let need =
            Need { side, entry, change, phase, ..Need::new(label, Strength::Assumed, supports.clone()) };
        self.need(workload, need);
        supports
    }

    /// Grants of an identity and its groups that are there before.
    pub fn grants_in_force(&self, identity: NodeIx) -> Vec<NodeIx> {
        let grants = self.grants_of(identity).into_iter();
        grants.filter(|grant| self.is_there(*grant, Stage::Before)).collect()
    }

    /// What everybody has that is anybody is not counted: it is no reason to think that it is used.
    fn grants_of(&self, identity: NodeIx) -> Vec<NodeIx> {
        let principal = self.nodes.get(identity.at()).and_then(Node::principal);
        let groups = principal.map(|principal| self.world.groups_of(principal)).unwrap_or_default();
        let in_cluster = self.of_cluster(identity).map(holders_of_account).unwrap_or_default();
        principal
            .into_iter()
            .chain(groups.keys())
            .chain(&in_cluster)
            .flat_map(|holder| self.world.grants.get(holder).into_iter().flatten())
            .filter(|known| !known.grant.denies())
            .map(|known| NodeIx::number(known.key))
            .collect()
    }

    /// Grants whose role or policy a plan changes, so that they allow something else.
    fn shrunk(&self) -> BTreeMap<NodeIx, ChangeIx> {
        let changed: BTreeMap<&String, ChangeIx> = self
            .world
            .roles_by_id
            .iter()
            .filter(|(_, versions)| versions.iter().any(|version| version.side == Side::Before))
            .filter(|(_, versions)| {
                let of = |side: Side| {
                    let here = versions.iter().find(move |version| version.side.both(side).is_some());
                    here.and_then(|version| version.permissions.as_ref())
                };
                of(Side::Before) != of(Side::After)
            })
            .filter_map(|(id, versions)| Some((id, versions.iter().find_map(|version| version.change)?)))
            .collect();
        if changed.is_empty() {
            return BTreeMap::new();
        }
        let grants = self.world.grants.values().flatten();
        let of = |known: &KnownGrant| {
            let role = role_key(&self.world, &known.grant)?;
            Some((NodeIx::number(known.key), *changed.get(&role)?))
        };
        grants.filter_map(of).collect()
    }

    /// For every grant that a plan takes away, or makes mean less: whether all that it allows stays allowed.
    pub fn changed_grants(&mut self) {
        self.shrunk = self.shrunk();
        let denied: BTreeSet<NodeIx> = self.denied.iter().map(|denied| denied.grant).collect();
        let mut going: Vec<(NodeIx, Alias, Option<NodeIx>)> = Vec::new();
        for (principal, known) in
            self.world.grants.iter().flat_map(|(principal, all)| all.iter().map(move |one| (principal, one)))
        {
            let node = NodeIx::number(known.key);
            let changes =
                !self.surely_after(node) || self.shrunk.contains_key(&node) || denied.contains(&node);
            if !known.grant.denies() && changes && self.is_there(node, Stage::Before) {
                let access = self.nodes.get(node.at()).and_then(|node| node.access.as_ref());
                going.push((node, principal.clone(), access.and_then(|access| access.principal_node)));
            }
        }
        for (grant, principal, holder) in going {
            if let Some(allowance) = self.allowance(&principal, holder, grant) {
                self.allowances.insert(grant, allowance);
            }
        }
        self.carried_grants();
    }

    /// For every object that a plan takes away and that is nothing but the grants that it carries, such as a binding of
    /// several: whether all that those allow stays allowed.
    fn carried_grants(&mut self) {
        let goes = |builder: &Builder<'_>, index| {
            builder.is_there(index, Stage::Before) && !builder.surely_after(index)
        };
        let bare = |node: &Node| node.class == Class::Grant && node.access.is_none();
        let objects: Vec<NodeIx> = (0..self.nodes.len())
            .map(NodeIx::number)
            .filter(|index| self.nodes.get(index.at()).is_some_and(bare) && goes(self, *index))
            .collect();
        let claims = |builder: &Builder<'_>, index: NodeIx| -> Vec<Evidence> {
            let claims = builder.nodes.get(index.at()).into_iter().flat_map(|node| &node.claims);
            claims.map(|claim| claim.evidence.clone()).collect()
        };
        let mut carried: BTreeMap<Evidence, Vec<NodeIx>> =
            objects.iter().flat_map(|index| claims(self, *index)).map(|told| (told, Vec::new())).collect();
        if carried.is_empty() {
            return;
        }
        for grants in self.world.grants.values().flatten().filter(|known| !known.grant.denies()) {
            let grant = NodeIx::number(grants.key);
            for claim in self.nodes.get(grant.at()).into_iter().flat_map(|node| &node.claims) {
                if let Some(known) = carried.get_mut(&claim.evidence) {
                    known.push(grant);
                }
            }
        }
        for index in objects {
            let Some(node) = self.nodes.get(index.at()) else { continue };
            let grants = node.claims.iter().filter_map(|claim| carried.get(&claim.evidence)).flatten();
            let grants: BTreeSet<NodeIx> = grants.copied().collect();
            let allowed = grants.iter().filter(|grant| goes(self, **grant));
            let allowed: Option<Vec<NodeIx>> = allowed.map(|one| self.allowances.get(one).copied()).collect();
            let Some(allowed) = allowed.filter(|_| !grants.is_empty()) else { continue };
            let (key, name) = (format!("all that {} gives", node.id), node.name.clone());
            let (made, new) = self.derived(key, Class::Capability, name, Some(index));
            for (number, one) in allowed.into_iter().enumerate().filter(|_| new) {
                self.plain_need(made, &format!("grant {number}"), vec![support(one, Side::Both, None)]);
            }
            self.allowances.insert(index, made);
        }
    }

    fn surely_after(&self, node: NodeIx) -> bool {
        self.nodes
            .get(node.at())
            .is_some_and(|node| presence(node, |_| Stage::After) >= presence(node, |_| Stage::Before))
    }
}
