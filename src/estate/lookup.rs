//! Finding nodes by whatever name people use, and what rests on them.

use super::Estate;
use crate::model::{Alias, Class, Glob, Need, NodeIx, Strength};
use std::collections::BTreeMap;

/// Why a name leads to no single node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// Nothing is called so.
    #[error("nothing here is called `{what}`{}", meant(.near))]
    Unknown {
        /// As asked.
        what: String,
        /// Names like it, the nearest first.
        near: Vec<String>,
    },
    /// Several things are.
    #[error("`{what}` could be {}: give a name that only one of them has", .candidates.join(", "))]
    Ambiguous {
        /// As asked.
        what: String,
        /// Their ids.
        candidates: Vec<String>,
    },
}

impl LookupError {
    /// Whether several things are called so.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, LookupError::Ambiguous { .. })
    }
}

fn meant(near: &[String]) -> String {
    if near.is_empty() {
        return String::new();
    }
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    format!(", did you mean {}?", near.join(" or "))
}

/// The node that people mean: by id, by any alias, by name, else by the last parts of a name, else by any part of a
/// name that only one node has.
///
/// # Errors
/// If nothing is called so (with near misses), or several things are.
pub fn find(estate: &Estate, what: &str) -> Result<NodeIx, LookupError> {
    let wanted = what.trim().trim_end_matches('/').to_lowercase();
    let exact = matching(estate, &|name| name == wanted);
    // What is issued follows from its role, and is meant only by all of its name.
    let issued = |index: &NodeIx| {
        let is = |node: &crate::model::Node| node.id.as_str().eq_ignore_ascii_case(what.trim());
        estate.leases.contains_key(index) && estate.node(*index).is_some_and(is)
    };
    let exact = if exact.is_empty() { estate.indices().find(issued).into_iter().collect() } else { exact };
    let part = exact.is_empty() && wanted.len() > 2;
    // The last parts first: the id of a thing is the beginning of the ids of what is in it.
    let last = |name: &str| {
        let rest = name.strip_suffix(&wanted);
        rest.is_some_and(|rest| rest.ends_with(['/', '.', ':', ' ']))
    };
    let found = match if part { matching(estate, &last) } else { exact } {
        none if part && none.is_empty() => matching(estate, &|name| name.contains(&wanted)),
        found => found,
    };
    match found.as_slice() {
        [] => Err(LookupError::Unknown { what: what.to_owned(), near: near(estate, &wanted) }),
        [one] => Ok(*one),
        several => {
            // The thing itself before what is only carried by it: a grant and its mention, a solver and its issuer.
            let called = |same: &dyn Fn(&str, &str) -> bool| {
                several
                    .iter()
                    .copied()
                    .find(|index| estate.node(*index).is_some_and(|node| same(node.id.as_str(), what.trim())))
            };
            // Names of users of Kubernetes differ by case.
            match called(&|id, what| id == what).or_else(|| called(&|id, what| id.eq_ignore_ascii_case(what)))
            {
                Some(index) => Ok(index),
                None => Err(LookupError::Ambiguous {
                    what: what.to_owned(),
                    candidates: several
                        .iter()
                        .filter_map(|index| estate.node(*index))
                        .map(|node| node.id.to_string())
                        .take(10)
                        .collect(),
                }),
            }
        }
    }
}

/// Nodes of which any name fits. Nodes that only follow from others have no name of their own.
fn matching(estate: &Estate, fits: &dyn Fn(&str) -> bool) -> Vec<NodeIx> {
    estate
        .indices()
        .filter(|index| estate.node(*index).is_some_and(|node| names(node).iter().any(|name| fits(name))))
        .collect()
}

fn names(node: &crate::model::Node) -> Vec<String> {
    let derived = node.claims.is_empty() || node.shown_as.is_some();
    if derived || matches!(node.class, Class::Capability | Class::Unseen) {
        return Vec::new();
    }
    let mut names = vec![node.id.as_str().to_lowercase(), node.name.to_lowercase()];
    for alias in node.aliases.iter().filter(|alias| alias.names_one_thing()) {
        names.push(alias.to_string().to_lowercase());
        names.push(format!("{}:{}", alias.space(), alias.value()).to_lowercase());
    }
    names
}

/// Names that look like the one asked for, the nearest first; the last part of a name counts by itself.
fn near(estate: &Estate, wanted: &str) -> Vec<String> {
    let mut spelt: BTreeMap<String, String> = BTreeMap::new();
    for node in &estate.nodes {
        for name in names(node) {
            let last = name.rsplit(['/', '.', ':']).next().unwrap_or(&name).to_owned();
            spelt.entry(last).or_insert_with(|| node.id.to_string());
            spelt.entry(name).or_insert_with(|| node.id.to_string());
        }
    }
    let candidates: Vec<&str> = spelt.keys().map(String::as_str).collect();
    let mut found: Vec<String> = similar::get_close_matches(wanted, &candidates, 6, 0.7)
        .into_iter()
        .filter_map(|name| spelt.get(name).cloned())
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|id| seen.insert(id.clone()));
    found.truncate(3);
    found
}

/// Other things that bear the same name in a space whose names several may bear.
pub fn namesakes(estate: &Estate, of: NodeIx, space: &str) -> Vec<NodeIx> {
    let Some(own) = estate.node(of) else { return Vec::new() };
    let named: Vec<&Alias> = own.aliases.iter().filter(|alias| alias.space() == space).collect();
    let bears = |index: &NodeIx| {
        let other = estate.node(*index).filter(|_| *index != of && !named.is_empty());
        other.is_some_and(|other| named.iter().any(|alias| other.aliases.contains(alias)))
    };
    estate.indices().filter(bears).collect()
}

/// All things of a kind: of a type of Terraform's, whether a plan or only a listing tells of them.
pub fn of_kind(estate: &Estate, kind: &Glob) -> Vec<NodeIx> {
    let is = |index: &NodeIx| {
        estate.node(*index).is_some_and(|node| {
            let called = node.aliases.iter().filter(|alias| alias.space() == "called");
            let types = called.filter_map(|alias| alias.value().split_once('.')).map(|(first, _)| first);
            let itself = !node.aliases.iter().any(|alias| alias.space() == "carried");
            itself && (kind.matches(node.kind.as_str()) || types.into_iter().any(|one| kind.matches(one)))
        })
    };
    estate.indices().filter(is).collect()
}

/// All that rests on a node, each by one of its shortest chains.
#[derive(Debug, Clone)]
pub struct Dependents {
    /// On the way down: which node comes next, and how many steps are left.
    next: BTreeMap<NodeIx, (NodeIx, usize)>,
}

impl Dependents {
    /// The nodes, each with the number of steps from it to the node that all rest on.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeIx, usize)> {
        self.next.iter().map(|(node, (_, steps))| (*node, *steps))
    }

    /// The chain from one of the nodes down to the node that all rest on, both included.
    pub fn chain(&self, from: NodeIx) -> impl Iterator<Item = NodeIx> {
        std::iter::successors(Some(from), |at| self.next.get(at).map(|(next, _)| *next))
    }
}

/// Everything that rests on a node by any need but that Terraform has it depend on something.
pub fn dependents(estate: &Estate, of: NodeIx) -> Dependents {
    let mut next: BTreeMap<NodeIx, (NodeIx, usize)> = BTreeMap::new();
    let mut layer = vec![of];
    let mut steps = 0;
    while !layer.is_empty() {
        steps += 1;
        let mut above = Vec::new();
        for index in layer {
            for (user, place, _) in estate.users(index) {
                let need = estate.node(user).and_then(|node| node.needs.get(place));
                if user != of && !next.contains_key(&user) && !need.is_some_and(is_order) {
                    next.insert(user, (index, steps));
                    above.push(user);
                }
            }
        }
        above.sort();
        layer = above;
    }
    Dependents { next }
}

/// Whether a need is only Terraform's order, and nothing known to be used.
pub fn is_order(need: &Need) -> bool {
    need.strength == Strength::Assumed && need.label.starts_with("depends on")
}
