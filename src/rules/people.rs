//! Those who apply, approve and repair, as findings speak of them; and what findings say of whoever is not falling.

use super::Judged;
use super::view::called;
use crate::estate::{Stage, presence};
use crate::model::{ActorRole, Criticality, Horizon, Node, NodeIx, Presence};
use crate::verdict::{Affected, Certainty, Fall};
use std::collections::BTreeMap;

/// Somebody whom the configuration speaks of.
#[derive(Debug, Clone)]
pub struct Person {
    /// The thing that was named.
    pub node: NodeIx,
    /// `the applying identity runner`.
    pub called: String,
}

impl Judged<'_> {
    /// Everybody who applies or approves, by the node that has to hold for that.
    pub fn actors(&self) -> BTreeMap<NodeIx, Person> {
        let mut found = BTreeMap::new();
        for actor in &self.estate.actors {
            for node in &actor.nodes {
                let Some(own) = self.estate.node(*node) else { continue };
                let called = match actor.role {
                    ActorRole::Apply => format!("the applying identity {}", spoken(own)),
                    ActorRole::Approver => format!("the approver {}", spoken(own)),
                };
                found.entry(self.estate.at_work(*node)).or_insert(Person { node: *node, called });
            }
        }
        found
    }

    /// Somebody as one whom a finding is about; those whom people name matter most.
    pub fn affected_person(&self, person: &Person, certainty: Certainty) -> Option<Affected> {
        let node = self.estate.node(person.node)?;
        let at_work = self.estate.at_work(person.node);
        let stays = unharmed(node, person.called.clone(), Criticality::Critical, certainty);
        Some(Affected { until: self.after().of(at_work), was: self.before.of(at_work), ..stays })
    }

    /// A workload that a finding names though nothing happens to it; `None` if it is none.
    pub fn concerned(&self, index: NodeIx, certainty: Certainty) -> Option<Affected> {
        let node = self.estate.node(index)?;
        let tag = node.workload.as_ref()?;
        let stays = unharmed(node, tag.name.clone(), tag.criticality, certainty);
        let held = self.after().of(index);
        Some(Affected { until: held, was: held, ..stays })
    }

    /// Whether the node is there before.
    pub fn is_there(&self, index: NodeIx) -> bool {
        self.estate.node(index).is_some_and(|node| presence(node, |_| Stage::Before) != Presence::Absent)
    }
}

fn unharmed(node: &Node, workload: String, criticality: Criticality, certainty: Certainty) -> Affected {
    Affected {
        workload,
        node: node.id.to_string(),
        kind: node.kind.to_string(),
        criticality,
        fall: Fall::Starved,
        until: Horizon::FOREVER,
        was: Horizon::FOREVER,
        trigger: None,
        first_failure_at: None,
        breaks_at: None,
        certainty,
    }
}

/// What people call a thing in a sentence: `Deployment prod/idp`.
pub fn spoken(node: &Node) -> String {
    let id = node.id.as_str().strip_prefix("kubernetes:").and_then(|rest| rest.split_once('/'));
    id.map_or_else(|| called(node), |(kind, name)| format!("{kind} {name}"))
}

/// `shop`, `shop and another workload`, `shop and 4 more workloads`.
pub fn with_others(first: &str, all: usize) -> String {
    match all {
        0 | 1 => first.to_owned(),
        2 => format!("{first} and another workload"),
        more => format!("{first} and {} more workloads", more - 1),
    }
}

/// Most critical first.
pub fn sort(affects: &mut [Affected]) {
    affects.sort_by(|one, other| {
        (other.criticality, other.certainty, &one.node).cmp(&(one.criticality, one.certainty, &other.node))
    });
}
