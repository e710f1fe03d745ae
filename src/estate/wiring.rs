//! Who needs whom, in flat lists: what an evaluation runs over.
//!
//! Nodes of the estate tell people everything; a million of them are too wide to be walked. The lists here hold numbers
//! only, needs and supports in the order of their nodes, and are a graph to petgraph.

mod graph;

use super::evaluate::Within;
use crate::model::{ChangeIx, Coverage, Node, NodeIx, Phase, Presence, Side, Sign, Strength};
use std::collections::BTreeMap;
use std::ops::Range;

/// To look through a node's needs costs as much as so many uses of another.
const FEW: usize = 8;

/// How a need's supports count for the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// As they are.
    Plainly,
    /// As they are, where what runs already may be looked at.
    Running,
    /// At the next start.
    AtStart,
    /// By the renewal of this number.
    Renewing(u32),
}

/// A need.
#[derive(Debug, Clone, Copy)]
pub(super) struct FlatNeed {
    pub(super) node: u32,
    first: u32,
    pub(super) at_least: u16,
    pub(super) side: Side,
    pub(super) assumed: bool,
    pub(super) counts: Counts,
    pub(super) change: Option<ChangeIx>,
}

/// A support of a need.
#[derive(Debug, Clone, Copy)]
pub(super) struct FlatSupport {
    pub(super) node: u32,
    pub(super) need: u32,
    pub(super) side: Side,
    pub(super) absent: bool,
    pub(super) unsure: bool,
    pub(super) change: Option<ChangeIx>,
}

/// The lists.
#[derive(Debug, Default)]
pub(super) struct Wiring {
    /// For each node the number of its first need, and the end.
    first_need: Vec<u32>,
    needs: Vec<FlatNeed>,
    supports: Vec<FlatSupport>,
    /// For each node the place of its first use, and the end.
    first_use: Vec<u32>,
    /// Numbers of supports, by the node that supports.
    uses: Vec<u32>,
    /// For each node the place of its component in the order of evaluation.
    component: Vec<u32>,
    /// For each component the place of its first node, and the end.
    first_member: Vec<u32>,
    members: Vec<u32>,
    /// For each component whether something in it rests on itself.
    cyclic: Vec<bool>,
    /// What may hold itself up while it runs.
    sustains: Vec<bool>,
    /// Whether it exists, where no change has a say in that.
    present: Vec<Option<Presence>>,
    /// What ends by itself, or is started anew: rare, so that the wide nodes need not be looked at.
    ends: Vec<bool>,
    restarts: Vec<bool>,
    /// Nodes of which something differs by a change: themselves, a need, a support. `None`: by the plan as a whole.
    touched: BTreeMap<Option<ChangeIx>, Vec<NodeIx>>,
    /// Whether the node is among them.
    is_touched: Vec<bool>,
    /// Nodes that come up otherwise than they run: in a cycle, or with needs of their start.
    cold: Vec<NodeIx>,
}

impl Wiring {
    pub(super) fn new(nodes: &[Node]) -> Wiring {
        let mut wiring = Wiring::default();
        let mut renewals = 0;
        for (index, node) in nodes.iter().enumerate() {
            let number = NodeIx::number(index).0;
            wiring.first_need.push(count(wiring.needs.len()));
            wiring.sustains.push(node.class.sustains());
            wiring.present.push(settled(node));
            wiring.ends.push(node.end.is_some());
            wiring.restarts.push(!node.restarted_by.is_empty());
            for need in &node.needs {
                let counts = match need.phase {
                    Phase::Always => Counts::Plainly,
                    Phase::Run => Counts::Running,
                    Phase::Start => Counts::AtStart,
                    Phase::Renew { .. } => {
                        renewals += 1;
                        Counts::Renewing(renewals - 1)
                    }
                };
                for support in &need.supports {
                    wiring.supports.push(FlatSupport {
                        node: support.node.0,
                        need: count(wiring.needs.len()),
                        side: support.side,
                        absent: support.sign == Sign::Absent,
                        unsure: matches!(support.coverage, Coverage::Unknown(_)),
                        change: support.change.or(need.change),
                    });
                }
                wiring.needs.push(FlatNeed {
                    node: number,
                    first: count(wiring.supports.len() - need.supports.len()),
                    at_least: u16::try_from(need.at_least.max(1)).unwrap_or(u16::MAX),
                    side: need.side,
                    assumed: need.strength == Strength::Assumed,
                    counts,
                    change: need.change,
                });
            }
            wiring.touches(NodeIx(number), node);
        }
        wiring.first_need.push(count(wiring.needs.len()));
        wiring.index_uses();
        wiring.put_in_order();
        wiring.cold = (0..count(nodes.len()))
            .filter(|node| {
                wiring.is_cyclic(wiring.component_of(*node))
                    || wiring.needs_of(*node).any(|need| wiring.need(need).counts == Counts::AtStart)
            })
            .map(NodeIx)
            .collect();
        wiring
    }

    fn touches(&mut self, index: NodeIx, node: &Node) {
        let claims =
            node.claims.iter().filter(|claim| claim.before != claim.after || claim.before != claim.during);
        let ends = node.end.iter().filter(|end| end.before != end.after);
        let needs = node.needs.iter().filter(|need| need.side != Side::Both);
        let supports = node.needs.iter().flat_map(|need| {
            let versioned = need.supports.iter().filter(|support| support.side != Side::Both);
            versioned.map(|support| support.change.or(need.change))
        });
        let mut changes: Vec<Option<ChangeIx>> = claims
            .map(|claim| claim.change)
            .chain(ends.map(|end| end.change))
            .chain(needs.map(|need| need.change))
            .chain(supports)
            .chain(node.restarted_by.iter().map(|change| Some(*change)))
            .collect();
        changes.sort_unstable();
        changes.dedup();
        self.is_touched.push(!changes.is_empty());
        for change in changes {
            self.touched.entry(change).or_default().push(index);
        }
    }

    fn index_uses(&mut self) {
        let nodes = self.first_need.len() - 1;
        let mut first = vec![0u32; nodes + 1];
        for support in &self.supports {
            if let Some(slot) = first.get_mut(support.node as usize + 1) {
                *slot += 1;
            }
        }
        for place in 1..first.len() {
            let before = first.get(place - 1).copied().unwrap_or(0);
            if let Some(slot) = first.get_mut(place) {
                *slot += before;
            }
        }
        let mut next = first.clone();
        let mut uses = vec![0u32; first.last().map_or(0, |end| *end as usize)];
        for (number, support) in self.supports.iter().enumerate() {
            let Some(place) = next.get_mut(support.node as usize).filter(|_| (support.node as usize) < nodes)
            else {
                continue;
            };
            if let Some(slot) = uses.get_mut(*place as usize) {
                *slot = count(number);
            }
            *place += 1;
        }
        self.first_use = first;
        self.uses = uses;
    }

    /// Components, what is needed before what needs it. Kosaraju's and not Tarjan's: petgraph's is iterative, and a chain
    /// may be as long as the input.
    fn put_in_order(&mut self) {
        let components = petgraph::algo::kosaraju_scc(&*self);
        self.component = vec![0; self.first_need.len() - 1];
        for (place, mut component) in components.into_iter().enumerate() {
            component.sort_unstable();
            self.first_member.push(count(self.members.len()));
            for node in component {
                if let Some(slot) = self.component.get_mut(node as usize) {
                    *slot = count(place);
                }
                self.members.push(node);
            }
        }
        self.first_member.push(count(self.members.len()));
        self.cyclic = (0..self.components()).map(|component| self.rests_on_itself(component)).collect();
    }

    pub(super) fn components(&self) -> u32 {
        count(self.first_member.len().saturating_sub(1))
    }

    pub(super) fn members(&self, component: u32) -> &[u32] {
        range(&self.first_member, component).and_then(|range| self.members.get(range)).unwrap_or(&[])
    }

    pub(super) fn component_of(&self, node: u32) -> u32 {
        self.component.get(node as usize).copied().unwrap_or(0)
    }

    pub(super) fn needs_of(&self, node: u32) -> Range<u32> {
        let all = range(&self.first_need, node).unwrap_or(0..0);
        count(all.start)..count(all.end)
    }

    pub(super) fn need(&self, need: u32) -> FlatNeed {
        const NONE: FlatNeed = FlatNeed {
            node: 0,
            first: 0,
            at_least: 1,
            side: Side::Both,
            assumed: false,
            counts: Counts::Plainly,
            change: None,
        };
        self.needs.get(need as usize).copied().unwrap_or(NONE)
    }

    pub(super) fn supports_of(&self, need: u32) -> &[FlatSupport] {
        self.supports_in(need..need.saturating_add(1))
    }

    /// The supports of neighbouring needs.
    fn supports_in(&self, needs: Range<u32>) -> &[FlatSupport] {
        let first =
            |need: u32| self.needs.get(need as usize).map_or(self.supports.len(), |need| need.first as usize);
        self.supports.get(first(needs.start)..first(needs.end)).unwrap_or(&[])
    }

    /// Numbers of the supports that the node is.
    fn uses(&self, node: u32) -> &[u32] {
        range(&self.first_use, node).and_then(|range| self.uses.get(range)).unwrap_or(&[])
    }

    /// Supports that the node is, as (need, support).
    pub(super) fn uses_of(&self, node: u32) -> impl Iterator<Item = (u32, &FlatSupport)> {
        self.uses(node)
            .iter()
            .filter_map(|number| self.supports.get(*number as usize))
            .map(|support| (support.need, support))
    }

    /// What [`uses_of`](Self::uses_of) gives, as far as it is of these nodes. Of a role that thousands of grants name, few
    /// are asked about at a time: then those are looked through, and not the thousands.
    pub(super) fn each_use(
        &self,
        node: u32,
        within: Option<&Within>,
        mut each: impl FnMut(u32, &FlatSupport),
    ) {
        let few = within.filter(|within| within.len() < self.uses(node).len() / FEW);
        let Some(few) = few else {
            return self.uses_of(node).for_each(|(need, support)| each(need, support));
        };
        for need in few.iter().flat_map(|user| self.needs_of(*user)) {
            let uses = self.supports_of(need).iter().filter(|support| support.node == node);
            uses.for_each(|support| each(need, support));
        }
    }

    /// Nodes that need the node, each once for each of its needs.
    pub(super) fn users_of(&self, node: u32) -> impl Iterator<Item = u32> {
        self.uses_of(node).map(|(need, _)| self.need(need).node)
    }

    /// For questions: who needs the node, by the number of which need and support.
    pub(super) fn users(&self, node: NodeIx) -> impl Iterator<Item = (NodeIx, usize, usize)> {
        self.uses(node.0).iter().filter_map(|number| {
            let support = self.supports.get(*number as usize)?;
            let need = self.needs.get(support.need as usize)?;
            let place = (support.need - self.needs_of(need.node).start) as usize;
            Some((NodeIx(need.node), place, (number - need.first) as usize))
        })
    }

    /// The number of a need by its place on its node.
    pub(super) fn need_at(&self, node: NodeIx, place: usize) -> Option<u32> {
        self.needs_of(node.0).nth(place)
    }

    pub(super) fn sustains(&self, node: u32) -> bool {
        self.sustains.get(node as usize).copied().unwrap_or(false)
    }

    pub(super) fn present(&self, node: u32) -> Option<Presence> {
        self.present.get(node as usize).copied().flatten()
    }

    pub(super) fn ends(&self, node: u32) -> bool {
        self.ends.get(node as usize).copied().unwrap_or(false)
    }

    pub(super) fn restarts(&self, node: u32) -> bool {
        self.restarts.get(node as usize).copied().unwrap_or(false)
    }

    pub(super) fn is_cyclic(&self, component: u32) -> bool {
        self.cyclic.get(component as usize).copied().unwrap_or(false)
    }

    fn rests_on_itself(&self, component: u32) -> bool {
        match self.members(component) {
            [only] => {
                let mut needs = self.needs_of(*only);
                needs.any(|need| self.supports_of(need).iter().any(|support| support.node == *only))
            }
            _ => true,
        }
    }

    /// Nodes that a change touches.
    pub(super) fn touched_by(&self, change: ChangeIx) -> &[NodeIx] {
        self.touched.get(&Some(change)).map_or(&[], Vec::as_slice)
    }

    /// Whether any change touches the node, or the plan as a whole does.
    pub(super) fn is_touched(&self, node: NodeIx) -> bool {
        self.is_touched.get(node.at()).copied().unwrap_or(false)
    }

    /// All nodes that any change touches.
    pub(super) fn touched(&self) -> impl Iterator<Item = NodeIx> {
        self.touched.values().flatten().copied()
    }

    /// Nodes that come up otherwise than they run.
    pub(super) fn cold(&self) -> &[NodeIx] {
        &self.cold
    }
}

/// Whether a node exists, if no change has a say in that.
fn settled(node: &Node) -> Option<Presence> {
    let stable = |claim: &crate::model::Claim| claim.before == claim.during && claim.before == claim.after;
    let all = node.claims.iter().all(stable);
    all.then(|| super::scenario::presence(node, |_| super::scenario::Stage::Before))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn range(ends: &[u32], at: u32) -> Option<Range<usize>> {
    let (start, end) = (ends.get(at as usize)?, ends.get(at as usize + 1)?);
    Some(*start as usize..*end as usize)
}
