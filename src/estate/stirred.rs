//! What a plan has a say in, from the side of what carries: whether anything that rests on a node may rest on it otherwise
//! than before.

use super::evaluate::Evaluator;
use super::loss::Outcome;
use crate::model::NodeIx;

/// For each node, whether the changes of a scenario reach anything that rests on it in any way, or what such a thing needs
/// besides. Where they do not, the same rests on it as before, so that nobody has to work it out again.
#[derive(Debug)]
pub(super) struct Stirred {
    nodes: Vec<bool>,
}

impl Stirred {
    /// In one pass over all needs, from what rests to what carries.
    pub(super) fn new(after: &Outcome<'_>) -> Stirred {
        let evaluator = after.held.evaluator;
        let wiring = &evaluator.estate.wiring;
        let moved: Vec<bool> = evaluator.estate.indices().map(|node| moves(evaluator, after, node)).collect();
        let is_moved = |node: u32| moved.get(node as usize).copied().unwrap_or(true);
        let beside = |node: u32| {
            wiring.needs_of(node).flat_map(|need| wiring.supports_of(need)).map(|support| support.node)
        };
        let mut nodes = vec![false; moved.len()];
        for component in (0..wiring.components()).rev() {
            let members = wiring.members(component);
            let stirred = members.iter().any(|member| {
                is_moved(*member)
                    || beside(*member).any(is_moved)
                    || wiring.users_of(*member).any(|user| nodes.get(user as usize).copied().unwrap_or(true))
            });
            for member in members {
                if let Some(slot) = nodes.get_mut(*member as usize) {
                    *slot = stirred;
                }
            }
        }
        Stirred { nodes }
    }

    /// Whether they reach it.
    pub(super) fn reaches(&self, node: NodeIx) -> bool {
        self.nodes.get(node.at()).copied().unwrap_or(true)
    }
}

/// Whether a node is changed itself, or holds otherwise after or meanwhile.
fn moves(evaluator: &Evaluator<'_>, after: &Outcome<'_>, node: NodeIx) -> bool {
    let before = evaluator.before_of(node.0);
    evaluator.estate.wiring.is_touched(node)
        || after.held.held(node.0) != before
        || after.held.interrupted().contains_key(&node)
        || after.between.as_ref().is_some_and(|(during, _)| during.held(node.0) != before)
}
