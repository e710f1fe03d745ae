//! What people declare about workloads: names, ratings, needs.

use super::build::{Builder, support};
use crate::model::{
    Alias, Class, Content, Criticality, Declarations, Fact, Need, NodeIx, Side, Strength, WorkloadTag,
};
use std::collections::BTreeMap;

/// Workloads while they are found and rated.
type Tags = BTreeMap<NodeIx, WorkloadTag>;

/// What the labels of a thing say.
#[derive(Default)]
struct Label {
    before: Option<Criticality>,
    after: Option<Criticality>,
    /// Whether the thing is there before.
    stands: bool,
}

impl Label {
    fn criticality(&self) -> Criticality {
        self.before.max(self.after).unwrap_or(Criticality::Normal)
    }

    /// Whether only the change says so, of something that was there without.
    fn is_brought(&self) -> bool {
        self.stands && self.before.is_none()
    }
}

impl Builder<'_> {
    pub fn declared(&mut self, facts: &[Fact]) {
        let labelled = self.labels(facts);
        let mut tags = self.found();
        let named = self.workloads(&mut tags);
        for unmatched in &mut self.unmatched {
            unmatched.of_workload = true;
        }
        self.environments(&mut tags);
        for (node, label) in labelled {
            let lowers = tags.get(&node).is_some_and(|tag| label.criticality() <= tag.criticality);
            // A change must not write on what it breaks that it matters less.
            if !(label.is_brought() && lowers) {
                rate(&mut tags, node, label.criticality());
            }
        }
        for (index, tag) in tags {
            if let Some(node) = self.nodes.get_mut(index.at()) {
                node.workload = Some(tag);
            }
        }
        self.stated(&named);
    }

    /// Workloads that sources show, as yet unrated.
    fn found(&self) -> Tags {
        let mut tags = Tags::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let index = NodeIx::number(index);
            if node.class == Class::Workload {
                tags.insert(
                    index,
                    WorkloadTag {
                        name: node.id.to_string(),
                        criticality: self.declarations.default_criticality,
                        rated: false,
                    },
                );
            }
        }
        tags
    }

    /// Names, rates and ties the declared ones; returns which nodes each name stands for.
    fn workloads(&mut self, tags: &mut Tags) -> BTreeMap<String, Vec<NodeIx>> {
        let declarations: &Declarations = self.declarations;
        let mut named: BTreeMap<String, Vec<NodeIx>> = BTreeMap::new();
        for declaration in &declarations.workloads {
            let place = format!("[[workload]] {}", declaration.name);
            let mut meant = self.fitting_any(&declaration.matches, &place, declaration.line);
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
                rate(tags, *node, declaration.criticality);
            }
            for used in &declaration.uses {
                self.uses(&meant, used, &place, declaration.line);
            }
            for needed in &declaration.needs {
                self.declared_capability(&meant, needed, &place, declaration.line);
            }
            named.entry(declaration.name.clone()).or_default().extend(meant);
        }
        named
    }

    /// Rates the workloads of environments.
    fn environments(&mut self, tags: &mut Tags) {
        let declarations: &Declarations = self.declarations;
        for environment in &declarations.environments {
            let place = format!("[[environment]] {}", environment.name);
            let members = self.fitting_any(&environment.matches, &place, environment.line);
            if let Some(criticality) = environment.criticality {
                for node in &members {
                    rate(tags, *node, criticality);
                }
            }
            self.meant.environments.push(members);
        }
    }

    /// The highest ratings that labels or tags give, before and after.
    fn labels(&self, facts: &[Fact]) -> BTreeMap<NodeIx, Label> {
        let mut found: BTreeMap<NodeIx, Label> = BTreeMap::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            let (Some(node), Content::Thing) = (node, &fact.content) else { continue };
            let label = found.entry(*node).or_default();
            if fact.side.before() {
                label.stands = true;
                label.before = label.before.max(fact.criticality);
            } else {
                label.after = label.after.max(fact.criticality);
            }
        }
        found.retain(|_, label| label.before.is_some() || label.after.is_some());
        found
    }

    fn uses(&mut self, workloads: &[NodeIx], used: &str, place: &str, line: usize) {
        let supports = match self.meant(used, place, line) {
            Some(node) => {
                self.used_by.extend(workloads.iter().map(|workload| (*workload, node)));
                vec![support(node, Side::Both, None)]
            }
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
        // Whoever only grants and lists of members tell of is no thing of its own, and has rights all the same.
        let stranger = Alias::new("principal", &needed.identity);
        let identity = match !self.names.knows(&stranger) && self.world.tells_of(&stranger) {
            true => Some(self.stranger(stranger)),
            false => self.meant(&needed.identity, place, line),
        };
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

    /// The node of a principal that no source tells of by itself.
    fn stranger(&mut self, principal: Alias) -> NodeIx {
        let name = principal.spelt().into_owned();
        let (node, new) = self.derived(format!("principal {name}"), Class::Identity, name, None);
        if new {
            self.names.add(&principal, node, Side::Both);
            if let Some(made) = self.nodes.get_mut(node.at()) {
                made.aliases.push(principal);
            }
        }
        node
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
        let entry = self.declarations.path.as_deref().map(Into::into);
        let need = Need { at_least, entry, ..Need::new(label, Strength::Declared, supports) };
        self.need(node, need);
    }
}

/// The highest that anybody says; the first to say anything replaces the default.
fn rate(tags: &mut Tags, index: NodeIx, criticality: Criticality) {
    if let Some(tag) = tags.get_mut(&index) {
        tag.criticality = if tag.rated { tag.criticality.max(criticality) } else { criticality };
        tag.rated = true;
    }
}
