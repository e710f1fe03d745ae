//! Those who act, and ways of recovery, are no use without their rights: losing those is falling.

use super::build::{Builder, add_support, support};
use super::names::Resolved;
use super::scenario::Stage;
use crate::access::Cloud;
use crate::model::{Alias, Class, Need, NodeIx, Phase, Side, Strength, Support};
use std::collections::BTreeSet;

impl Builder<'_> {
    /// For each identity that acts or is a way of recovery: a node for it together with all that it may do. Each right
    /// is assumed to be in use; without any at all it surely can do nothing. What runs has needs of its own.
    pub fn rights(&mut self) {
        let actors = self.people.iter().flat_map(|actor| &actor.nodes);
        let people: BTreeSet<NodeIx> =
            actors.chain(self.recoveries.iter().flat_map(|path| &path.nodes)).copied().collect();
        for person in people {
            let before = self.acts_with(person, Side::Before);
            let runs = self.nodes.get(person.at()).is_some_and(|node| node.class == Class::Workload);
            if runs || before.is_empty() {
                continue;
            }
            let after: Vec<(NodeIx, NodeIx)> =
                self.acts_with(person, Side::After).into_iter().map(|identity| (person, identity)).collect();
            let Some(own) = self.nodes.get(person.at()) else { continue };
            let (key, name) = (format!("{} with its rights", own.id), own.name.clone());
            let (node, new) = self.derived(key, Class::Capability, name, Some(person));
            if !new {
                continue;
            }
            self.plain_need(node, "the identity itself", vec![support(person, Side::Both, None)]);
            let mut any: Vec<Support> = Vec::new();
            for identity in before {
                any.extend(self.all_rights(node, identity, &after));
            }
            self.any_right(node, any);
            self.with_rights.insert(person, node);
        }
        self.used_rights();
    }

    /// What a workload uses an identity for, nobody can declare where no rules are known by which an action could be asked
    /// for: whatever the identity has there is assumed to be in use, and without all of it there is nothing to use.
    fn used_rights(&mut self) {
        for (workload, identity) in std::mem::take(&mut self.used_by) {
            let Some(own) = self.nodes.get(identity.at()) else { continue };
            let Some(principal) = own.principal().cloned() else { continue };
            let (id, name) = (own.id.clone(), own.name.clone());
            if self.spoken_for.contains(&(workload, identity)) || self.ruled(&principal) {
                continue;
            }
            let (node, new) = self.derived(
                format!("{id} with its rights"),
                Class::Capability,
                name.clone(),
                Some(identity),
            );
            if new {
                let mut any = self.all_rights(node, identity, &[(identity, identity)]);
                any.extend(self.memberships(node, &principal));
                self.any_right(node, any);
            }
            if self.nodes.get(node.at()).is_some_and(|node| !node.needs.is_empty()) {
                let need = Need::new(
                    format!("what {name} may do"),
                    Strength::Declared,
                    vec![support(node, Side::Both, None)],
                );
                self.need(workload, need);
            }
        }
    }

    /// Whether any cloud whose rules are known grants somebody something.
    fn ruled(&self, principal: &Alias) -> bool {
        let groups = self.world.groups_of(principal);
        let mut holders = groups.keys().chain([principal]);
        holders.any(|holder| {
            let mut grants = self.world.grants.get(holder).into_iter().flatten();
            grants.any(|known| Cloud::named(&known.grant.cloud).is_some())
        })
    }

    /// What being in a group gives of which no grant is known, nobody can tell: it is a right of its own.
    fn memberships(&mut self, node: NodeIx, principal: &Alias) -> Vec<Support> {
        let mut found = Vec::new();
        for (group, ways) in self.world.groups_of(principal) {
            let there =
                |way: &crate::access::Via| self.is_there(NodeIx::number(way.membership), Stage::Before);
            if self.world.grants.contains_key(&group) || !ways.iter().any(there) {
                continue;
            }
            let member = support(self.in_group(principal, &group), Side::Both, None);
            let label = format!("to be in {}", self.called(&group));
            self.need(node, Need::new(label, Strength::Assumed, vec![member.clone()]));
            found.push(member);
        }
        found
    }

    fn called(&self, alias: &Alias) -> String {
        let node = self.names.all(alias).first().and_then(|node| self.nodes.get(node.at()));
        node.map_or_else(|| alias.to_string(), |node| node.name.clone())
    }

    /// Each grant of an identity as an assumed need; and what meets any of them.
    fn all_rights(&mut self, node: NodeIx, identity: NodeIx, after: &[(NodeIx, NodeIx)]) -> Vec<Support> {
        let grants = self.grants_in_force(identity);
        let mut any: Vec<Support> = Vec::new();
        let after: Vec<NodeIx> = after.iter().map(|(_, identity)| *identity).collect();
        for grant in grants {
            for allowance in self.assume(node, identity, grant, (&after, Phase::Always), None) {
                add_support(&mut any, allowance);
            }
        }
        any
    }

    fn any_right(&mut self, node: NodeIx, supports: Vec<Support>) {
        let mut any: Vec<Support> = Vec::new();
        supports.into_iter().for_each(|one| add_support(&mut any, one));
        if !any.is_empty() {
            self.plain_need(node, "any right at all", any);
        }
    }

    /// The identities that are granted what this one may do: itself, or those it acts as.
    fn acts_with(&self, person: NodeIx, side: Side) -> BTreeSet<NodeIx> {
        if self.nodes.get(person.at()).is_some_and(|node| node.principal().is_some()) {
            return BTreeSet::from([person]);
        }
        // Bindings in a cluster are a service account's own.
        let in_cluster = self.nodes.get(person.at()).and_then(Cloud::of_cluster).map(|_| person);
        let acting = self.acting(person, side);
        let resolved = acting.values().map(|identity| self.resolve(identity, side));
        let found = resolved.filter_map(|resolved| match resolved {
            Resolved::Found(nodes) => Some(nodes),
            _ => None,
        });
        found.flatten().chain(in_cluster).collect()
    }
}
