//! What people state about ways of recovery and about those who act, as nodes.

use super::build::Builder;
use crate::model::{ActorRole, Criticality, NodeIx, Statements, suggest};
use std::collections::BTreeMap;

/// `[[recovery]]`: what must hold from nothing, and without what it repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryPath {
    /// Its name.
    pub name: String,
    /// What it is; empty if nothing here is called so, which is told.
    pub nodes: Vec<NodeIx>,
    /// The workloads that it repairs: where none are named, all critical ones. Empty means none, not all.
    pub repairs: Vec<NodeIx>,
    /// Line in the configuration.
    pub line: usize,
}

/// `[[actor]]`: who must not be cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorNodes {
    /// What it does.
    pub role: ActorRole,
    /// Who it is; empty if nobody here is called so, which is told.
    pub nodes: Vec<NodeIx>,
    /// Line in the configuration.
    pub line: usize,
}

impl Builder<'_> {
    /// Finds the nodes of recovery paths and actors. `named`: what each declared workload stands for; all workloads
    /// are rated already.
    pub fn stated(&mut self, named: &BTreeMap<String, Vec<NodeIx>>) {
        let statements: &Statements = &self.declarations.statements;
        for recovery in &statements.recoveries {
            let (place, line) = (format!("[[recovery]] {}", recovery.name), recovery.line);
            let nodes = self.fitting_any(&recovery.matches, &place, line);
            let mut repairs = match recovery.repairs.is_empty() {
                true => self.critical(),
                false => {
                    let each = recovery.repairs.iter();
                    each.flat_map(|name| {
                        self.workload_called(name, named, &format!("{place}: repairs"), line)
                    })
                    .collect()
                }
            };
            repairs.sort();
            repairs.dedup();
            self.recoveries.push(RecoveryPath { name: recovery.name.clone(), nodes, repairs, line });
        }
        for actor in &statements.actors {
            let (word, line) = (actor.role.word(), actor.line);
            let nodes = self.fitting_any(&actor.matches, &format!("[[actor]] {word}"), line);
            self.people.push(ActorNodes { role: actor.role, nodes, line });
        }
        self.expected(named);
    }

    fn critical(&self) -> Vec<NodeIx> {
        let rated = self.nodes.iter().map(|node| node.workload.as_ref().map(|tag| tag.criticality));
        let critical = rated.enumerate().filter(|(_, rated)| *rated == Some(Criticality::Critical));
        critical.map(|(index, _)| NodeIx::number(index)).collect()
    }

    /// The workloads of this name: declared ones, else those that sources show under it.
    pub(super) fn workload_called(
        &mut self,
        name: &str,
        named: &BTreeMap<String, Vec<NodeIx>>,
        place: &str,
        line: usize,
    ) -> Vec<NodeIx> {
        if let Some(nodes) = named.get(name) {
            return nodes.clone();
        }
        let workloads = || self.nodes.iter().enumerate().filter(|(_, node)| node.workload.is_some());
        let found: Vec<NodeIx> = workloads()
            .filter(|(_, node)| node.id.as_str() == name)
            .map(|(index, _)| NodeIx::number(index))
            .collect();
        if found.is_empty() {
            let known = named.keys().map(String::as_str).chain(workloads().map(|(_, node)| node.id.as_str()));
            let near = suggest(name, known).map(str::to_owned);
            self.unmatched(place, name, line, near.into_iter().collect());
        }
        found
    }
}
