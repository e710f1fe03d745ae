//! Role-based access control of Kubernetes.
//!
//! Bindings only add up. A binding of a role in a namespace counts there; a cluster role binding counts everywhere; a
//! cluster role bound in a namespace gives nothing outside, and nothing that is of no namespace. Sources: "Using RBAC
//! Authorization"; `evaluation_helpers.go` and `rule.go` of Kubernetes.

use super::held::{Doubts, coverage, doubt, gathered, held, is_symbol};
use super::{Cloud, KnownGrant, KnownRole, Route, Routes, World};
use crate::model::{Alias, ChangeIx, Permission, Side, Unknown};

const ROLES: &str = "kubectl get role,clusterrole,rolebinding,clusterrolebinding -A -o json";

/// What is asked: `verb resource.group`, `verb resource/sub.group`, either with `/NAME` at the end, or `verb /path`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    verb: String,
    /// `resource.group`, with a dot at its end for the core group; `url:/path`.
    resource: String,
    /// The object's name; none: any.
    name: Option<String>,
}

/// Parts of objects that rules name apart: `pods/log`. Source: API reference, operations of workload resources.
const PARTS: [&str; 15] = [
    "approval",
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "finalize",
    "log",
    "portforward",
    "proxy",
    "resize",
    "scale",
    "status",
    "token",
    "*",
];

impl Asked {
    fn parse(action: &str) -> Option<Asked> {
        let (verb, what) = action.split_once(' ')?;
        let (verb, what) = (verb.to_owned(), what.trim());
        if what.starts_with('/') {
            return Some(Asked { verb, resource: format!("url:{what}"), name: None });
        }
        // `kubectl auth can-i` writes the name of an object after its kind; rules write a part of all objects there.
        let (kind, last) = what.rsplit_once('/').unwrap_or((what, ""));
        let (kind, sub, name) = match last {
            "" => (kind, "", None),
            part if PARTS.contains(&part) => (kind, part, None),
            // `deployments/scale.apps`: a part, and the group after it.
            part => match part.split_once('.').filter(|_| !kind.contains('.')) {
                Some((sub, group)) if PARTS.contains(&sub) => {
                    let resource = format!("{kind}/{sub}.{group}");
                    return Some(Asked { verb, resource, name: None });
                }
                _ => (kind, "", Some(part.to_owned())),
            },
        };
        let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
        let slash = if sub.is_empty() { "" } else { "/" };
        Some(Asked { verb, resource: format!("{plural}{slash}{sub}.{group}"), name })
    }
}

/// See [`World::can`].
pub(super) fn can(world: &World, principal: &Alias, action: &str, scope: &str) -> Routes {
    match Asked::parse(action) {
        Some(asked) => routes(world, principal, &asked, scope),
        None => Routes::default(),
    }
}

/// Groups that everybody of a kind is in, without being listed: those of a service account, and all who are somebody.
fn implied(principal: &Alias) -> Vec<Alias> {
    let group = |name: &str| Alias::new("kubernetes-group", name);
    let mut groups = vec![group("system:authenticated")];
    let account = (principal.space() == "kubernetes").then(|| principal.value().split('/'));
    if let Some(namespace) = account.and_then(|mut parts| parts.nth(1)) {
        groups.push(group("system:serviceaccounts"));
        groups.push(group(&format!("system:serviceaccounts:{namespace}")));
    }
    groups
}

/// All grants of the principal: its own, those of the groups that it is in.
fn holders<'w>(world: &'w World, principal: &Alias) -> Vec<(&'w KnownGrant, Option<Alias>, Option<Unknown>)> {
    let groups = world.groups_of(principal);
    let mut out = held(world, Cloud::Kubernetes, principal, &groups);
    for group in implied(principal) {
        // That it is in the group follows from its name: no membership has to hold.
        let grants = world.grants.get(&group).into_iter().flatten();
        out.extend(grants.map(|known| (known, None, None)));
    }
    out
}

fn routes(world: &World, principal: &Alias, asked: &Asked, scope: &str) -> Routes {
    let mut out = Routes { groups: implied(principal).len(), ..Routes::default() };
    for (known, via, stranger) in holders(world, principal) {
        out.grants += usize::from(stranger.is_none());
        let Some(wide) = reaches(known.grant.scope.as_deref(), scope) else { continue };
        if asked.resource.starts_with("url:") && !wide {
            continue;
        }
        out.inherited += usize::from(wide && scope != "*");
        for (side, change, meaning) in meanings(world, known, asked) {
            let Some(mut doubts) = meaning else { continue };
            doubts.extend(stranger.clone());
            let why = words(known, wide, via.as_ref());
            out.routes.push(Route {
                grant: known.key,
                via: via.clone(),
                absent: Vec::new(),
                side,
                change,
                coverage: coverage(&why, doubts.into_iter().next()),
                why,
            });
        }
    }
    out
}

/// Whether a grant in this namespace, or in all, counts where it is asked for; if so, whether it is one in all.
fn reaches(scope: Option<&str>, wanted: &str) -> Option<bool> {
    match scope {
        Some("*") => Some(true),
        Some(namespace) if namespace == wanted => Some(false),
        _ => None,
    }
}

fn meanings(
    world: &World,
    known: &KnownGrant,
    asked: &Asked,
) -> Vec<(Side, Option<ChangeIx>, Option<Doubts>)> {
    let versions = role(world, known);
    if versions.is_empty() {
        return vec![(Side::Both, None, Some(vec![undefined(known)]))];
    }
    let meaning = |role: &KnownRole| match &role.permissions {
        None => Some(vec![doubt("what its role allows is known only after apply", None)]),
        Some(rules) => rules.iter().any(|rule| allows(rule, asked)).then(Doubts::new),
    };
    versions.iter().map(|role| (role.side, role.change, meaning(role))).collect()
}

fn role<'w>(world: &'w World, known: &KnownGrant) -> &'w [KnownRole] {
    let key = known.grant.role_id.as_deref().map(|role| super::role_id("kubernetes", role));
    key.and_then(|key| world.roles_by_id.get(&key)).map(Vec::as_slice).unwrap_or_default()
}

fn undefined(known: &KnownGrant) -> Unknown {
    match known.grant.role_id.as_deref().filter(|role| !is_symbol(role)) {
        Some(role) => Unknown {
            reason: format!("no source defines {role}"),
            settle: Some(ROLES.to_owned()),
            missing_input: true,
        },
        None => doubt("which role it gives is known only after apply", None),
    }
}

/// Whether a rule allows all that is asked.
fn allows(rule: &Permission, asked: &Asked) -> bool {
    let named = match &asked.name {
        _ if rule.names.is_empty() => true,
        Some(name) => rule.names.contains(name),
        None => false,
    };
    named
        && rule.actions.iter().any(|verb| verb == "*" || *verb == asked.verb)
        && rule.resources.iter().any(|own| resource_matches(own, &asked.resource))
}

/// `resource.group` of a rule against the same of a request. `pods` does not mean `pods/log`.
fn resource_matches(own: &str, asked: &str) -> bool {
    if let (Some(own), Some(asked)) = (own.strip_prefix("url:"), asked.strip_prefix("url:")) {
        return match own.strip_suffix('*') {
            Some(start) => asked.starts_with(start),
            None => own == asked,
        };
    }
    let (Some((own, group)), Some((asked, asked_group))) = (own.split_once('.'), asked.split_once('.'))
    else {
        return false;
    };
    let sub = |one: &str| one.split_once('/').map(|(_, sub)| sub.to_owned());
    let every_sub = own.strip_prefix("*/").is_some_and(|own| sub(asked).as_deref() == Some(own));
    (group == "*" || group == asked_group) && (own == "*" || own == asked || every_sub)
}

fn words(known: &KnownGrant, wide: bool, via: Option<&Alias>) -> String {
    let role = known.grant.role_id.as_deref().unwrap_or("a role");
    let place = match (wide, known.grant.scope.as_deref()) {
        (true, _) => "in all namespaces".to_owned(),
        (false, namespace) => format!("in namespace {}", namespace.unwrap_or_default()),
    };
    match via {
        Some(group) => format!("{role} {place}, through group {group}"),
        None => format!("{role} {place}"),
    }
}

/// See [`World::all_of`].
pub(super) fn all_of(world: &World, principal: &Alias, known: &KnownGrant) -> Option<Vec<(String, Routes)>> {
    let scope = known.grant.scope.as_deref()?;
    let versions = role(world, known);
    let meant = versions.iter().find(|role| role.side.before()).or_else(|| versions.first())?;
    let mut needed = Vec::new();
    for rule in meant.permissions.as_ref()? {
        for verb in &rule.actions {
            for resource in &rule.resources {
                let names: Vec<Option<String>> = match rule.names.as_slice() {
                    [] => vec![None],
                    names => names.iter().cloned().map(Some).collect(),
                };
                for name in names {
                    let label = format!(
                        "{verb} {}{}",
                        plain(resource),
                        name.as_deref().map(|name| format!("/{name}")).unwrap_or_default()
                    );
                    let asked = Asked { verb: verb.clone(), resource: resource.clone(), name };
                    needed.push((label, routes(world, principal, &asked, scope)));
                }
            }
        }
    }
    Some(gathered(needed))
}

/// As people write it.
fn plain(resource: &str) -> &str {
    resource.trim_start_matches("url:").trim_end_matches('.')
}

/// See [`World::instead_of`]: the same role surely, any other perhaps.
pub(super) fn instead_of(world: &World, principal: &Alias, grant: &KnownGrant) -> Routes {
    let scope = grant.grant.scope.as_deref().unwrap_or("*");
    let mut out = Routes { groups: implied(principal).len(), ..Routes::default() };
    for (known, via, stranger) in holders(world, principal) {
        let Some(wide) = reaches(known.grant.scope.as_deref(), scope) else { continue };
        let same = known.grant.role_id == grant.grant.role_id;
        let other = (!same).then(|| {
            doubt("what the role allowed is not known, so what else allows the same cannot be told", None)
        });
        out.grants += 1;
        let why = words(known, wide, via.as_ref());
        out.routes.push(Route {
            grant: known.key,
            via,
            absent: Vec::new(),
            side: Side::Both,
            change: None,
            coverage: coverage(&why, stranger.or(other)),
            why,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_spelled_as_kubectl_does() {
        let parsed = |action: &str| {
            let asked = Asked::parse(action).unwrap();
            (asked.verb, asked.resource, asked.name.unwrap_or_default())
        };
        let of =
            |verb: &str, resource: &str, name: &str| (verb.to_owned(), resource.to_owned(), name.to_owned());
        assert_eq!(parsed("get pods"), of("get", "pods.", ""));
        assert_eq!(parsed("get pods/log"), of("get", "pods/log.", ""));
        assert_eq!(parsed("get pods/web-0"), of("get", "pods.", "web-0"));
        assert_eq!(parsed("list deployments.apps"), of("list", "deployments.apps", ""));
        assert_eq!(parsed("get deployments.apps/web"), of("get", "deployments.apps", "web"));
        assert_eq!(parsed("update deployments.apps/scale"), of("update", "deployments/scale.apps", ""));
        assert_eq!(parsed("update deployments/scale.apps"), of("update", "deployments/scale.apps", ""));
        assert_eq!(
            parsed("get roles.rbac.authorization.k8s.io/my.role"),
            of("get", "roles.rbac.authorization.k8s.io", "my.role")
        );
        assert_eq!(parsed("get /healthz/x"), of("get", "url:/healthz/x", ""));
    }

    #[test]
    fn resources_match_as_upstream_matches_them() {
        for (own, asked, yes) in [
            ("pods.", "pods.", true),
            ("pods.", "pods/log.", false),
            ("pods/log.", "pods/log.", true),
            ("*.", "pods/log.", true),
            ("*.apps", "pods.", false),
            ("*.*", "x.y.z", true),
            ("*/scale.*", "deployments/scale.apps", true),
            ("*/scale.*", "deployments/status.apps", false),
            ("pods/*.", "pods/log.", false),
            ("url:/a*", "url:/a/b", true),
            ("url:/a/*", "url:/a", false),
            ("*.*", "url:/a", false),
        ] {
            assert_eq!(resource_matches(own, asked), yes, "{own} {asked}");
        }
    }
}
