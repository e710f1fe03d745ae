//! The estate: facts joined into one graph, and the one evaluation that decides what breaks.
//!
//! A node holds while it exists and all its needs are met; a need is met while enough of its supports hold. See
//! `docs/model.md` for the algebra and the story behind it.

mod build;
mod capability;
mod cause;
mod claims;
mod content;
mod declared;
mod entity;
mod evaluate;
mod lookup;
mod loss;
mod names;
mod paths;
mod proof;
mod wants;

#[cfg(test)]
mod tests;

pub use build::{Input, build};
pub use cause::{CauseOf, causes};
pub use evaluate::{Evaluation, NeedAt, Scenario, evaluate, presence};
pub use lookup::{Dependents, LookupError, dependents, find};
pub use loss::{Falls, Loss, exists, find_losses, first_failure, trigger};
pub use paths::{NeedPath, NeedPaths, paths, stands};
pub use proof::{Doubtful, ProofStep, doubts, prove, why_ends};

use crate::access::World;
use crate::model::{Node, NodeIx};
use std::collections::BTreeMap;

/// The joined graph.
#[derive(Debug, Default)]
pub struct Estate {
    /// All nodes.
    pub nodes: Vec<Node>,
    /// For each node, the needs that it can meet: (node that needs, number of the need, number of the support).
    pub users: Vec<Vec<(NodeIx, usize, usize)>>,
    /// Everything about access, for questions.
    pub world: World,
    /// For each grant: the node of all that it allows, if the estate asks for that.
    pub allowances: BTreeMap<NodeIx, NodeIx>,
    /// Names in declarations that lead to nothing: what, and the line.
    pub unmatched: Vec<Unmatched>,
    /// For capability nodes: how many grants were looked at.
    pub looked_at: BTreeMap<NodeIx, Looked>,
    /// Strongly connected components in the order in which they can be evaluated.
    pub order: Vec<Vec<NodeIx>>,
}

/// How much was looked at for a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// Grants of the principal and its groups.
    pub grants: usize,
    /// Of those, on an enclosing scope.
    pub inherited: usize,
    /// Groups it is in.
    pub groups: usize,
}

/// A name in a declaration that leads to nothing: a typo would protect nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// Where, `[[workload]] customer TLS`.
    pub place: String,
    /// The name as written.
    pub written: String,
    /// Line in the configuration.
    pub line: usize,
    /// Names that it could have meant.
    pub candidates: Vec<String>,
    /// The name leads to several things where one is meant.
    pub ambiguous: bool,
}

impl Estate {
    /// A node; `None` only for an index of another estate.
    pub fn node(&self, index: NodeIx) -> Option<&Node> {
        self.nodes.get(index.at())
    }

    /// All indices.
    pub fn indices(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeIx)
    }
}
