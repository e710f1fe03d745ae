//! Role-based access control of Kubernetes, case by case, and what must hold of any cluster.
//!
//! The cases of `tests/oracles/kubernetes/cases.json` are judged here too, each with its source; aggregated roles are
//! put together in the estate, and judged in `tests/integration/kubernetes.rs`.

mod cases;
mod people;
mod properties;
mod whole;

use crate::access::{Cloud, Gathered, KnownGrant, KnownRole, Routes, Through, World, role_id};
use crate::model::{Alias, Coverage, Grant, Permission, Side};

/// A small cluster, said in a few words.
#[derive(Debug, Clone, Default)]
struct Cluster {
    roles: Vec<(String, Option<Vec<Permission>>)>,
    bindings: Vec<(String, String, Vec<String>)>,
    gathered: Vec<(String, String)>,
    open: Vec<String>,
}

fn cluster() -> Cluster {
    Cluster::default()
}

fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

/// `verbs | groups | resources | names`, or `verbs | url | URLs`; commas between several.
fn rule(text: &str) -> Permission {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let resources = match parts[1] {
        "url" => words(parts[2]).iter().map(|url| format!("url:{url}")).collect(),
        groups => {
            let groups = words(groups);
            let all = words(parts[2]);
            let in_groups = |one: &String| groups.iter().map(|group| format!("{one}.{group}")).collect();
            all.iter().flat_map(|one| -> Vec<String> { in_groups(one) }).collect()
        }
    };
    let names = parts.get(3).map(|names| words(names)).unwrap_or_default();
    Permission { actions: words(parts[0]), resources, names, ..Permission::default() }
}

/// `sa:NS/NAME`, `user:NAME`, `group:NAME`, `?` for one that is known only after apply.
fn who(text: &str) -> Alias {
    match text.split_once(':') {
        Some(("sa", name)) => Alias::new("kubernetes", &format!("ServiceAccount/{name}")),
        Some(("user", name)) => Alias::new("kubernetes-user", name),
        Some(("group", name)) => Alias::new("kubernetes-group", name),
        _ => Alias::new("kubernetes-user", "known after apply: x.y"),
    }
}

/// The id of a role: `NS/NAME` is a Role, `NAME` a ClusterRole.
fn id(role: &str) -> String {
    match role.contains('/') {
        true => format!("Role/{role}"),
        false => format!("ClusterRole/{role}"),
    }
}

impl Cluster {
    fn role(mut self, name: &str, rules: &[&str]) -> Cluster {
        self.roles.push((name.to_owned(), Some(rules.iter().map(|text| rule(text)).collect())));
        self
    }

    /// What it allows is known only after apply.
    fn role_after_apply(mut self, name: &str) -> Cluster {
        self.roles.push((name.to_owned(), None));
        self
    }

    /// In a namespace, or `*`; `Role/NAME` is one of that namespace.
    fn bind(mut self, place: &str, role: &str, subjects: &[&str]) -> Cluster {
        let role = match role.strip_prefix("Role/") {
            Some(name) => format!("{place}/{name}"),
            None => role.to_owned(),
        };
        let subjects = subjects.iter().map(|one| (*one).to_owned()).collect();
        self.bindings.push((place.to_owned(), role, subjects));
        self
    }

    fn gathers(mut self, role: &str, other: &str) -> Cluster {
        self.gathered.push((role.to_owned(), other.to_owned()));
        self
    }

    /// No source lists all roles of this kind.
    fn not_listed(mut self, kind: &str) -> Cluster {
        self.open.push(kind.to_owned());
        self
    }

    fn world(&self) -> World {
        let mut world = World::default();
        for kind in ["Role", "ClusterRole"].iter().filter(|kind| !self.open.iter().any(|open| open == *kind))
        {
            world.roles_listed.insert((*kind).to_owned());
        }
        let cloud = Some(Cloud::Kubernetes);
        for (number, (name, permissions)) in self.roles.iter().enumerate() {
            let known = KnownRole {
                key: 900 + number,
                cloud,
                side: Side::Both,
                change: None,
                permissions: permissions.clone().map(Into::into),
            };
            world.roles_by_id.entry(role_id("kubernetes", &id(name))).or_default().push(known);
        }
        for (role, other) in &self.gathered {
            let at = self.roles.iter().position(|(name, _)| name == other).unwrap();
            let through = vec![Through { role: 900 + at, id: id(other), side: Side::Both, change: None }];
            world.gathered.entry(role_id("kubernetes", &id(role))).or_default().push(Gathered {
                side: Side::Both,
                change: None,
                through,
                permissions: self.roles[at].1.clone().map(Into::into),
                doubt: None,
            });
        }
        let mut key = 0;
        for (place, role, subjects) in &self.bindings {
            for subject in subjects {
                let holder = who(subject);
                let grant = Grant {
                    cloud: "kubernetes".to_owned(),
                    principal: Some(holder.clone()),
                    principal_type: None,
                    role_id: Some(if role == "?" { "known after apply: r".to_owned() } else { id(role) }),
                    role_name: None,
                    scope: Some(place.replace('?', "known after apply: ns")),
                    condition: None,
                    allows: None,
                    by_resource: false,
                    ends: false,
                };
                if subject == "?" {
                    world.unknown_principals.insert(holder.clone());
                }
                let known = KnownGrant { key, grant: grant.into(), listed_for: Vec::new() };
                world.grants.entry(holder).or_default().push(known);
                key += 1;
            }
        }
        world
    }

    fn granted(&self, number: usize) -> KnownGrant {
        let world = self.world();
        world.grants.values().flatten().find(|known| known.key == number).unwrap().clone()
    }

    fn may(&self, asking: &str, action: &str, scope: &str) -> &'static str {
        may(&self.world().can(Cloud::Kubernetes, &who(asking), action, scope))
    }
}

fn may(routes: &Routes) -> &'static str {
    match routes.routes.iter().any(|route| route.coverage == Coverage::Sure) {
        true => "yes",
        false if routes.routes.is_empty() => "no",
        false => "unknown",
    }
}

/// Name, source, what is there, who asks, action, scope, answer.
type Row = (&'static str, &'static str, Cluster, &'static str, &'static str, &'static str, &'static str);

fn judge(rows: Vec<Row>) {
    let mut wrong = Vec::new();
    for (name, source, cluster, asking, action, scope, expected) in rows {
        let routes = cluster.world().can(Cloud::Kubernetes, &who(asking), action, scope);
        if may(&routes) != expected {
            wrong.push(format!("{name} ({source}): wanted {expected}, got {routes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
