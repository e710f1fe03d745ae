//! What people declare about workloads: names, ratings, needs.

use super::Unmatched;
use super::build::{Builder, support};
use super::lookup::LookupError;
use crate::model::{
    Alias, Class, Content, Criticality, Declarations, Fact, Glob, Need, Node, NodeIx, Phase, Side, Strength,
    WorkloadTag,
};
use std::collections::BTreeMap;

impl Builder<'_> {
    pub fn declared(&mut self, facts: &[Fact]) {
        let declarations: &Declarations = self.declarations;
        let labelled = self.labels(facts);
        let mut tags: BTreeMap<NodeIx, WorkloadTag> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let index = NodeIx::number(index);
            if node.class == Class::Workload {
                tags.insert(
                    index,
                    WorkloadTag {
                        name: node.id.to_string(),
                        criticality: declarations.default_criticality,
                        rated: false,
                    },
                );
            }
        }
        let rate = |index: NodeIx, criticality: Criticality, tags: &mut BTreeMap<NodeIx, WorkloadTag>| {
            if let Some(tag) = tags.get_mut(&index) {
                tag.criticality = if tag.rated { tag.criticality.max(criticality) } else { criticality };
                tag.rated = true;
            }
        };
        for declaration in &declarations.workloads {
            let place = format!("[[workload]] {}", declaration.name);
            let mut meant: Vec<NodeIx> = Vec::new();
            for glob in &declaration.matches {
                let fitting = self.fitting(glob);
                if fitting.is_empty() {
                    self.unmatched(&place, glob.as_str(), declaration.line);
                }
                meant.extend(fitting);
            }
            meant.sort();
            meant.dedup();
            if declaration.matches.is_empty() {
                let id = format!("workload:{}", declaration.name);
                let (node, _) = self.derived(id, Class::Workload, declaration.name.clone(), None);
                meant.push(node);
            }
            for node in &meant {
                let tag = tags.entry(*node).or_insert_with(|| WorkloadTag {
                    name: declaration.name.clone(),
                    criticality: declaration.criticality,
                    rated: true,
                });
                tag.name.clone_from(&declaration.name);
                rate(*node, declaration.criticality, &mut tags);
            }
            for used in &declaration.uses {
                self.uses(&meant, used, &place, declaration.line);
            }
            for needed in &declaration.needs {
                self.declared_capability(&meant, needed, &place, declaration.line);
            }
        }
        for environment in &declarations.environments {
            for glob in &environment.matches {
                let fitting = self.fitting(glob);
                if fitting.is_empty() {
                    self.unmatched(
                        &format!("[[environment]] {}", environment.name),
                        glob.as_str(),
                        environment.line,
                    );
                }
                if let Some(criticality) = environment.criticality {
                    for node in fitting {
                        rate(node, criticality, &mut tags);
                    }
                }
            }
        }
        for (node, criticality) in labelled {
            rate(node, criticality, &mut tags);
        }
        for (index, tag) in tags {
            if let Some(node) = self.nodes.get_mut(index.at()) {
                node.workload = Some(tag);
            }
        }
    }

    /// The highest rating that labels or tags give, before or after.
    fn labels(&self, facts: &[Fact]) -> BTreeMap<NodeIx, Criticality> {
        let mut found: BTreeMap<NodeIx, Criticality> = BTreeMap::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            if let (Some(criticality), Some(node), Content::Thing) = (fact.criticality, node, &fact.content) {
                found
                    .entry(*node)
                    .and_modify(|known| *known = criticality.max(*known))
                    .or_insert(criticality);
            }
        }
        found
    }

    fn fitting(&self, glob: &Glob) -> Vec<NodeIx> {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !node.claims.is_empty() && node.class != Class::Unseen && fits(node, glob))
            .map(|(index, _)| NodeIx::number(index))
            .collect()
    }

    /// The node that a declaration means by a name; tells what is wrong if there is not just one.
    fn meant(&mut self, written: &str, place: &str, line: usize) -> Option<NodeIx> {
        let view = super::Estate { nodes: std::mem::take(&mut self.nodes), ..super::Estate::default() };
        let found = super::lookup::find(&view, written);
        self.nodes = view.nodes;
        match found {
            Ok(node) => Some(node),
            Err(LookupError::Unknown { near, .. }) => {
                let place = place.to_owned();
                let written = written.to_owned();
                self.unmatched.push(Unmatched { place, written, line, candidates: near, ambiguous: false });
                None
            }
            Err(LookupError::Ambiguous { candidates, .. }) => {
                let place = place.to_owned();
                let written = written.to_owned();
                self.unmatched.push(Unmatched { place, written, line, candidates, ambiguous: true });
                None
            }
        }
    }

    fn unmatched(&mut self, place: &str, written: &str, line: usize) {
        self.unmatched.push(Unmatched {
            place: place.to_owned(),
            written: written.to_owned(),
            line,
            candidates: Vec::new(),
            ambiguous: false,
        });
    }

    fn uses(&mut self, workloads: &[NodeIx], used: &str, place: &str, line: usize) {
        let supports = match self.meant(used, place, line) {
            Some(node) => vec![support(node, Side::Both, None)],
            None => vec![self.unseen_node(
                &format!("unseen:{used}"),
                crate::model::Unknown {
                    reason: format!("{place} uses `{used}`, which no source knows"),
                    settle: None,
                    missing_input: true,
                },
            )],
        };
        for workload in workloads {
            self.declared_need(*workload, format!("uses {used}"), 1, supports.clone());
        }
    }

    fn declared_capability(
        &mut self,
        workloads: &[NodeIx],
        needed: &crate::model::CapabilityNeed,
        place: &str,
        line: usize,
    ) {
        let identity = self.meant(&needed.identity, place, line);
        for workload in workloads {
            let label = format!("{} may {} on {}", needed.identity, needed.action, needed.scope);
            let supports = match identity {
                Some(identity) => {
                    self.spoken_for.insert((*workload, identity));
                    let alias = self.nodes.get(identity.at()).and_then(|node| {
                        let own = |space: &str| node.aliases.iter().find(|alias| alias.space() == space);
                        own("principal")
                            .or_else(|| own("kubernetes"))
                            .or_else(|| node.aliases.first())
                            .cloned()
                    });
                    let who: Vec<Alias> = alias.into_iter().collect();
                    let supports = self.can(&who, &needed.action, &needed.scope, Side::Both);
                    if needed.at_least > 1 { self.granted(&supports) } else { supports }
                }
                None => vec![self.unseen_node(
                    &format!("unseen:identity {}", needed.identity),
                    crate::model::Unknown {
                        reason: format!(
                            "{place} needs identity `{}`, which no source knows",
                            needed.identity
                        ),
                        settle: Some("az identity list -o json; az ad sp list --all -o json".to_owned()),
                        missing_input: true,
                    },
                )],
            };
            self.declared_need(*workload, label, needed.at_least, supports);
        }
    }

    /// The grants behind capabilities, where several are asked for.
    fn granted(&self, capabilities: &[crate::model::Support]) -> Vec<crate::model::Support> {
        capabilities
            .iter()
            .filter_map(|support| self.nodes.get(support.node.at()))
            .flat_map(|node| node.needs.iter().filter(|need| need.label.starts_with("a grant")))
            .flat_map(|need| need.supports.iter().cloned())
            .collect()
    }

    fn declared_need(
        &mut self,
        node: NodeIx,
        label: String,
        at_least: u32,
        supports: Vec<crate::model::Support>,
    ) {
        let need = Need {
            label,
            side: Side::Both,
            strength: Strength::Declared,
            phase: Phase::Always,
            at_least,
            supports,
            change: None,
            evidence: None,
            entry: self.declarations.path.clone(),
        };
        self.need(node, need);
    }
}

fn fits(node: &Node, glob: &Glob) -> bool {
    glob.matches(node.id.as_str())
        || node.address.as_ref().is_some_and(|address| glob.matches(address.as_str()))
        || node.aliases.iter().filter(|alias| alias.names_one_thing()).any(|alias| {
            glob.matches(&alias.to_string()) || glob.matches(&format!("{}:{}", alias.space(), alias.value()))
        })
}
