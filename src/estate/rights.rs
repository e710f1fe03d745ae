//! Those who act, and ways of recovery, are no use without their rights: losing those is falling.

use super::build::{Builder, add_support, support};
use super::names::Resolved;
use crate::access::Cloud;
use crate::model::{Class, NodeIx, Side, Support};
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
                for grant in self.grants_in_force(identity) {
                    for allowance in self.assume(node, identity, grant, &after, None) {
                        add_support(&mut any, allowance);
                    }
                }
            }
            if !any.is_empty() {
                self.plain_need(node, "any right at all", any);
            }
            self.with_rights.insert(person, node);
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
