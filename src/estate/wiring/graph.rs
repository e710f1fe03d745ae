//! The wiring as a graph of petgraph's, so that its algorithms run over the flat lists.

use super::{FlatSupport, Wiring, count};
use petgraph::visit::{GraphBase, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers, Visitable};
use petgraph::{Direction, Graph};

impl GraphBase for Wiring {
    type NodeId = u32;
    type EdgeId = u32;
}

impl Visitable for Wiring {
    type Map = <Graph<(), ()> as Visitable>::Map;

    fn visit_map(&self) -> Self::Map {
        Self::Map::with_capacity(self.first_need.len() - 1)
    }

    fn reset_map(&self, map: &mut Self::Map) {
        map.clear();
    }
}

impl IntoNodeIdentifiers for &Wiring {
    type NodeIdentifiers = std::ops::Range<u32>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        0..count(self.first_need.len() - 1)
    }
}

impl<'a> IntoNeighbors for &'a Wiring {
    type Neighbors = Neighbors<'a>;

    fn neighbors(self, node: u32) -> Neighbors<'a> {
        self.neighbors_directed(node, Direction::Outgoing)
    }
}

impl<'a> IntoNeighborsDirected for &'a Wiring {
    type NeighborsDirected = Neighbors<'a>;

    fn neighbors_directed(self, node: u32, direction: Direction) -> Neighbors<'a> {
        match direction {
            Direction::Outgoing => Neighbors::Supports(self.supports_in(self.needs_of(node)).iter()),
            Direction::Incoming => Neighbors::Users(self, self.uses(node).iter()),
        }
    }
}

/// Neighbours of a node: what it may rest on, or what may rest on it.
#[derive(Debug)]
pub(in crate::estate) enum Neighbors<'a> {
    /// What it may rest on.
    Supports(std::slice::Iter<'a, FlatSupport>),
    /// What may rest on it.
    Users(&'a Wiring, std::slice::Iter<'a, u32>),
}

impl Iterator for Neighbors<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        match self {
            Neighbors::Supports(supports) => Some(supports.next()?.node),
            Neighbors::Users(wiring, uses) => {
                let support = wiring.supports.get(*uses.next()? as usize)?;
                Some(wiring.need(support.need).node)
            }
        }
    }
}
