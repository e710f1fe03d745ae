//! The estate: facts joined into one graph, and the one evaluation that decides what breaks.
//!
//! A node holds while it exists and all its needs are met; a need is met while enough of its supports hold. See
//! `docs/model.md` for the algebra and the story behind it.

mod assumed;
mod build;
mod capability;
mod carry;
mod cause;
mod claims;
mod clock;
mod content;
mod declared;
mod denied;
mod doubt;
mod endings;
mod ends;
mod entity;
mod evaluate;
mod evicts;
mod expected;
mod gather;
mod hidden;
mod lease;
mod lookup;
mod loss;
mod meant;
mod names;
mod natural;
mod order;
mod part;
mod paths;
mod perhaps;
mod proof;
mod recovery;
mod rights;
mod scenario;
mod setting;
mod settle;
mod stated;
mod stirred;
mod trust;
mod unblock;
mod unread;
mod unsure;
mod view;
mod wants;
mod weak;
mod when;
mod wiring;
mod written;

#[cfg(test)]
pub(crate) mod tests;

pub use build::{Input, build};
pub use carry::{
    Carries, Mainstay, Weight, carries, carries_after, mainstays, rank, resting_on, taken_along, weigh,
};
pub use cause::{CauseOf, causes, causes_of_interruption};
pub use denied::Denied;
pub use doubt::{Doubtful, doubts};
pub use endings::{
    EndingInUse, RenewalAt, ending_in_use, fallen_by, good_until, has_end, if_there, renewals,
};
pub use evaluate::{Evaluation, Evaluator, Interruption, NeedAt};
pub use evicts::{Evicted, Unlisted};
pub use expected::{ExpectedOf, Meant, Selected};
pub use hidden::{Hidden, hidden};
pub use lease::{Bounded, End, Leased, Level, Life, SERVER_DEFAULT};
pub use lookup::{Dependents, LookupError, dependents, find, is_order, namesakes, of_kind};
pub use loss::{Falls, Loss, Outcome};
pub use paths::{NeedPath, NeedPaths, paths, stands};
pub use proof::{ProofStep, prove, prove_interruption, why_ends};
pub use recovery::{NoWayOut, RestsOn, ways_out};
pub use scenario::{Scenario, Stage, presence};
pub use setting::{Held, Reading, Why};
pub use stated::{ActorNodes, RecoveryPath};
pub use unblock::{Obstacle, leave_out};
pub use unsure::{Unsure, unsure};
pub use weak::{Weakened, causes_of_weakness, hangers, weakened, without};
pub use when::{first_failure, first_failure_along, hours, trigger, trigger_along};

use crate::access::World;
use crate::model::{ChangeIx, Node, NodeIx};
use std::collections::{BTreeMap, BTreeSet};
use wiring::Wiring;

/// The joined graph.
#[derive(Debug, Default)]
pub struct Estate {
    /// All nodes.
    pub nodes: Vec<Node>,
    /// Who needs whom.
    wiring: Wiring,
    /// Everything about access, for questions.
    pub world: World,
    /// For each grant: the node of all that it allows, if the estate asks for that.
    pub allowances: BTreeMap<NodeIx, NodeIx>,
    /// Ways of recovery, in the order of the configuration.
    pub recoveries: Vec<RecoveryPath>,
    /// What expectations, populations and environments are about.
    pub meant: Meant,
    /// Who applies and who approves, in the order of the configuration.
    pub actors: Vec<ActorNodes>,
    /// For identities that act or are a way of recovery: the node of each together with all that it may do.
    pub with_rights: BTreeMap<NodeIx, NodeIx>,
    /// Names in declarations that lead to nothing: what, and the line.
    pub unmatched: Vec<Unmatched>,
    /// Grants that stay and mean something else by a change of their role or policy.
    pub shrunk: BTreeMap<NodeIx, ChangeIx>,
    /// Grants of which new denies take a part, or all.
    pub denied: Vec<Denied>,
    /// Authoritative objects that a plan makes where nobody knows what there is.
    pub unlisted: Vec<Unlisted>,
    /// Statements that take access away: nobody uses them.
    pub denying: BTreeSet<NodeIx>,
    /// That something acts as somebody: it is used by who acts, and by nobody else.
    pub acting: BTreeSet<NodeIx>,
    /// What secrets backends issue: how long it can last, by its node.
    pub leases: BTreeMap<NodeIx, Leased>,
    /// Why nothing renews what ends by itself, in words, by its node.
    pub unrenewed: BTreeMap<NodeIx, std::sync::Arc<str>>,
    /// Grants that a plan takes away without naming them.
    pub evicted: Vec<Evicted>,
    /// For capability nodes: how many grants were looked at.
    pub looked_at: BTreeMap<NodeIx, Looked>,
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
    /// A declared workload stands or falls with it.
    pub of_workload: bool,
}

impl Estate {
    /// A node; `None` only for an index of another estate.
    pub fn node(&self, index: NodeIx) -> Option<&Node> {
        self.nodes.get(index.at())
    }

    /// The node as people see it: what follows from others as the thing that it is about.
    pub fn shown<'a>(&'a self, node: &'a Node) -> &'a Node {
        node.shown_as.and_then(|whole| self.node(whole)).unwrap_or(node)
    }

    /// A node with all that is shown as it.
    pub fn thing(&self, whole: NodeIx) -> BTreeSet<NodeIx> {
        let is = |index: &NodeIx| {
            *index == whole || self.node(*index).is_some_and(|node| node.shown_as == Some(whole))
        };
        self.indices().filter(is).collect()
    }

    /// Who may rest on the node: (node that needs, number of the need, number of the support).
    pub fn users(&self, node: NodeIx) -> impl Iterator<Item = (NodeIx, usize, usize)> {
        self.wiring.users(node)
    }

    /// What has to hold for this one to be of use: itself, with its rights where they are known.
    pub fn at_work(&self, node: NodeIx) -> NodeIx {
        self.with_rights.get(&node).copied().unwrap_or(node)
    }

    /// All indices.
    pub fn indices(&self) -> impl Iterator<Item = NodeIx> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeIx)
    }
}
