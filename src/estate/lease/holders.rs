//! Who holds a token, by the names that people gave it: its metadata, its display name.

use crate::model::{Node, NodeIx};
use std::collections::{BTreeMap, BTreeSet};

/// Workloads by their names.
pub(super) struct Holders {
    /// By names of their own.
    by_name: BTreeMap<String, BTreeSet<NodeIx>>,
    /// By what people call several together.
    together: BTreeMap<String, BTreeSet<NodeIx>>,
    /// What lets traffic in and runs nothing.
    doors: BTreeSet<NodeIx>,
}

impl Holders {
    pub fn new(nodes: &[Node]) -> Holders {
        let mut holders =
            Holders { by_name: BTreeMap::new(), together: BTreeMap::new(), doors: BTreeSet::new() };
        for (index, node) in nodes.iter().enumerate() {
            let Some(tag) = &node.workload else { continue };
            let index = NodeIx::number(index);
            let mut call = |name: &str| {
                holders.by_name.entry(spelt(name)).or_default().insert(index);
            };
            if let Some(last) = node.name.rsplit(' ').next() {
                call(last);
            }
            for alias in node.aliases.iter().filter(|alias| alias.space() == "kubernetes") {
                let mut parts = alias.value().split('/');
                let (kind, space, name) = (parts.next(), parts.next(), parts.next());
                if let (Some(space), Some(name)) = (space, name) {
                    call(name);
                    call(&format!("{space}/{name}"));
                }
                if matches!(kind, Some("Ingress" | "Service")) {
                    holders.doors.insert(index);
                }
            }
            holders.together.entry(spelt(&tag.name)).or_default().insert(index);
        }
        holders
    }

    /// The workloads that the first of these names means that means any. A name of one thing's own is not taken for that of
    /// the workload it belongs to.
    pub fn of(&self, names: &[String]) -> Vec<NodeIx> {
        let meant = |name: &String| {
            let name = spelt(name);
            self.by_name.get(&name).or_else(|| self.together.get(&name))
        };
        let Some(found) = names.iter().find_map(meant) else {
            return Vec::new();
        };
        let inside: Vec<NodeIx> = found.difference(&self.doors).copied().collect();
        if inside.is_empty() { found.iter().copied().collect() } else { inside }
    }
}

/// Names as they are compared: people write `User Console` and `user-console`.
fn spelt(name: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() || letter == '/' { letter } else { '-' };
    name.trim().to_lowercase().chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Alias, Class, Criticality, NodeId, WorkloadTag};

    fn workload(alias: &str, name: &str) -> Node {
        let mut node = Node::new(NodeId::new(alias), Class::Workload, "x".into(), alias.into());
        node.aliases.push(Alias::new("kubernetes", alias));
        node.workload =
            Some(WorkloadTag { name: name.into(), criticality: Criticality::Normal, rated: false });
        node
    }

    #[test]
    fn by_name_with_and_without_namespace() {
        let nodes = [
            workload("Deployment/prod/user-console", "User Console"),
            workload("Ingress/prod/user-console", "Front door"),
            workload("Deployment/prod/api", "API"),
            workload("Deployment/test/api", "kubernetes:Deployment/test/api"),
            workload("Deployment/prod/logins", "logins"),
            workload("Deployment/prod/sso", "logins"),
        ];
        let holders = Holders::new(&nodes);
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            holders.of(&names).into_iter().map(|node| node.0).collect::<Vec<_>>()
        };
        assert_eq!(of(&["user-console"]), [0]);
        assert_eq!(of(&["USER_CONSOLE"]), [0]);
        assert_eq!(of(&["front door"]), [1]);
        assert_eq!(of(&["api"]), [2, 3]);
        assert_eq!(of(&["test/api", "api"]), [3]);
        assert_eq!(of(&["nobody", "prod/api"]), [2]);
        assert_eq!(of(&["nobody", ""]), Vec::<u32>::new());
        assert_eq!(of(&["logins"]), [4], "the other one is called so with it only");
    }
}
