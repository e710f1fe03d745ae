//! What `[[expect]]`, `[[population]]` and `[[environment]]` are about, as nodes.

use super::build::Builder;
use crate::model::{Alias, Expectation, Expected, Kind, Node, NodeIx, Plain, Scalar, Statements, Told};
use std::collections::BTreeMap;

/// Each in the order of the configuration.
#[derive(Debug, Default)]
pub struct Meant {
    /// `[[expect]]`.
    pub expectations: Vec<ExpectedOf>,
    /// `[[population]]`: its members.
    pub populations: Vec<Vec<NodeIx>>,
    /// `[[environment]]`: its members.
    pub environments: Vec<Vec<NodeIx>>,
}

/// What an expectation is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedOf {
    /// The things whose state is declared.
    pub selected: Vec<Selected>,
    /// The workloads that it guards; where the configuration names none, all.
    pub guards: Vec<NodeIx>,
}

/// A thing whose state is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The thing.
    pub node: NodeIx,
    /// It surely has the attributes that are asked for.
    pub sure: bool,
    /// The same thing in the other place, for `same_as`: exactly one, if all is well.
    pub others: Vec<NodeIx>,
    /// The same thing in all other places, where it is known which they are.
    pub siblings: Vec<NodeIx>,
}

impl Builder<'_> {
    /// Finds what expectations and populations are about. `named`: what each declared workload stands for.
    pub fn expected(&mut self, named: &BTreeMap<String, Vec<NodeIx>>) {
        let statements: &Statements = &self.declarations.statements;
        for expectation in &statements.expectations {
            let found = self.expectation(expectation, named);
            self.meant.expectations.push(found);
        }
        for population in &statements.populations {
            let place = format!("[[population]] {}", population.name);
            let members = self.fitting_any(&population.matches, &place, population.line);
            self.meant.populations.push(members);
        }
    }

    fn expectation(
        &mut self,
        expectation: &Expectation,
        named: &BTreeMap<String, Vec<NodeIx>>,
    ) -> ExpectedOf {
        let (place, line) = (format!("[[expect]] {}", expectation.attribute), expectation.line);
        let fitting = self.fitting_any(&expectation.matches, &place, line);
        let mut selected = Vec::new();
        for index in &fitting {
            let Some(node) = self.nodes.get(index.at()) else { continue };
            if let Some(sure) = has(node, &expectation.conditions) {
                selected.push(Selected { node: *index, sure, others: Vec::new(), siblings: Vec::new() });
            }
        }
        let variants = variants(&self.nodes);
        for one in &mut selected {
            let own = self.nodes.get(one.node.at()).and_then(|node| node.variant_of.as_ref());
            let all = own.and_then(|own| variants.get(own)).into_iter().flatten().copied();
            one.siblings = all.filter(|other| *other != one.node).collect();
        }
        if let Expected::SameAs(other) = &expectation.expected {
            // What the others are measured by is not measured itself.
            let is_other = |one: &Selected| {
                self.nodes.get(one.node.at()).is_some_and(|node| has(node, other) == Some(true))
            };
            selected.retain(|one| !is_other(one));
            let others = Others::new(&self.nodes, expectation, other);
            for one in &mut selected {
                one.others = others.of(&self.nodes, one.node);
            }
            if selected.iter().any(|one| one.others.is_empty()) {
                self.unmatched(&format!("{place}: same_as"), &in_words(other), line, Vec::new());
            }
        }
        if selected.is_empty() && !fitting.is_empty() {
            self.unmatched(&format!("{place}: where"), &in_words(&expectation.conditions), line, Vec::new());
        }
        let guarding = format!("{place}: guards");
        let mut guards: Vec<NodeIx> = match expectation.guards.is_empty() {
            true => {
                let workloads = self.nodes.iter().enumerate().filter(|(_, node)| node.workload.is_some());
                workloads.map(|(index, _)| NodeIx::number(index)).collect()
            }
            false => {
                let each = expectation.guards.iter();
                each.flat_map(|name| self.workload_called(name, named, &guarding, line)).collect()
            }
        };
        guards.sort();
        guards.dedup();
        ExpectedOf { selected, guards }
    }
}

/// Things that are one thing in several places, by that thing.
fn variants(nodes: &[Node]) -> BTreeMap<Alias, Vec<NodeIx>> {
    let mut found: BTreeMap<Alias, Vec<NodeIx>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if let Some(variant) = &node.variant_of {
            found.entry(variant.clone()).or_default().push(NodeIx::number(index));
        }
    }
    found
}

/// Whether a thing has all these attributes: surely (`Some(true)`), perhaps, or not.
fn has(node: &Node, conditions: &BTreeMap<String, Scalar>) -> Option<bool> {
    let mut sure = true;
    for (name, wanted) in conditions {
        let wanted = Plain::from(wanted);
        let told = || node.states.iter().flat_map(|state| state.values(name));
        if told().any(|told| matches!(told, Told::Plain(value) if *value == wanted)) {
            continue;
        }
        match told().any(|told| matches!(told, Told::Unknown | Told::Hidden(_))) {
            true => sure = false,
            false => return None,
        }
    }
    Some(sure)
}

/// Those that `same_as` selects.
struct Others {
    /// By the thing that they are one place of.
    variants: BTreeMap<Alias, Vec<NodeIx>>,
    /// The rest, by kind, which must have the other attributes of `where` too.
    kinds: BTreeMap<Kind, Vec<NodeIx>>,
}

impl Others {
    fn new(nodes: &[Node], expectation: &Expectation, other: &BTreeMap<String, Scalar>) -> Others {
        let mut others = Others { variants: BTreeMap::new(), kinds: BTreeMap::new() };
        let mut carried_over = expectation.conditions.clone();
        carried_over.extend(other.clone());
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| !node.states.is_empty()) {
            if has(node, other).is_none() {
                continue;
            }
            let index = NodeIx::number(index);
            if let Some(variant) = &node.variant_of {
                others.variants.entry(variant.clone()).or_default().push(index);
            }
            if has(node, &carried_over).is_some() {
                others.kinds.entry(node.kind.clone()).or_default().push(index);
            }
        }
        others
    }

    /// The same thing in the other place.
    fn of(&self, nodes: &[Node], index: NodeIx) -> Vec<NodeIx> {
        let Some(node) = nodes.get(index.at()) else { return Vec::new() };
        // Where it is known what is the same thing, nothing else will do.
        let found = match &node.variant_of {
            Some(variant) => self.variants.get(variant),
            None => self.kinds.get(&node.kind),
        };
        found.into_iter().flatten().copied().filter(|other| *other != index).collect()
    }
}

/// `env_key = production, team = a`, as the configuration has it.
pub fn in_words(conditions: &BTreeMap<String, Scalar>) -> String {
    let each = conditions.iter().map(|(name, wanted)| format!("{name} = {}", Plain::from(wanted).as_str()));
    each.collect::<Vec<_>>().join(", ")
}
