//! Role-based access control of Kubernetes.
//!
//! Bindings only add up. A binding of a role in a namespace counts there; a cluster role binding counts everywhere; a
//! cluster role bound in a namespace gives nothing outside, and nothing that is of no namespace. Sources: "Using RBAC
//! Authorization"; `evaluation_helpers.go` and `rule.go` of Kubernetes.

mod asked;
mod whole;

use super::held::{coverage, doubt, held};
use super::{Cloud, Gathered, KnownGrant, KnownRole, Route, Routes, Through, World};
use crate::model::{Alias, ChangeIx, Permission, Side, Unknown};
use asked::{Asked, allows};
use std::sync::Arc;

pub(super) use whole::{all_of, instead_of};

const ROLES: &str = "kubectl get role,clusterrole,rolebinding,clusterrolebinding -A -o json";

/// The kind of role of which others are made.
const CLUSTER_ROLE: &str = "ClusterRole";

/// See [`World::can`].
pub(super) fn can(world: &World, principal: &Alias, action: &str, scope: &str) -> Routes {
    match Asked::parse(action) {
        Some(asked) => routes(world, principal, &asked, scope),
        None => Routes::default(),
    }
}

fn user(name: &str) -> Alias {
    Alias::new("kubernetes-user", name)
}

fn group(name: &str) -> Alias {
    Alias::new("kubernetes-group", name)
}

/// Namespace and name of a service account, by its own name or by its user name.
fn account(principal: &Alias) -> Option<(&str, &str)> {
    match principal.space() {
        "kubernetes" => principal.value().strip_prefix("ServiceAccount/")?.split_once('/'),
        "kubernetes-user" => principal.value().strip_prefix("system:serviceaccount:")?.split_once(':'),
        _ => None,
    }
}

/// Whoever's grants are a service account's by its name alone: itself, its user name, the groups of service accounts.
/// Source: Kubernetes, "Authenticating", "Service account tokens".
pub fn holders_of_account(principal: &Alias) -> Vec<Alias> {
    let Some((namespace, name)) = account(principal) else { return vec![principal.clone()] };
    vec![
        Alias::new("kubernetes", &format!("ServiceAccount/{namespace}/{name}")),
        user(&format!("system:serviceaccount:{namespace}:{name}")),
        group("system:serviceaccounts"),
        group(&format!("system:serviceaccounts:{namespace}")),
    ]
}

/// The same for anybody, with the groups of all who are somebody, or nobody. Source: "Authenticating", "Anonymous
/// requests".
fn implied(principal: &Alias) -> Vec<Alias> {
    let mut all = holders_of_account(principal);
    match (principal.space(), principal.value()) {
        ("kubernetes-user", "system:anonymous") => all.push(group("system:unauthenticated")),
        ("kubernetes-group", "system:unauthenticated") => {}
        ("kubernetes-group", of) => {
            if of.starts_with("system:serviceaccounts:") {
                all.push(group("system:serviceaccounts"));
            }
            all.push(group("system:authenticated"));
        }
        _ => all.push(group("system:authenticated")),
    }
    all.sort();
    all.dedup();
    all
}

/// A grant that may count, the group that it comes through, and why it cannot be told whether it is the principal's.
type Holding<'w> = (&'w KnownGrant, Option<Alias>, Option<Unknown>);

/// All grants of the principal: its own, those of the groups that it is in, and of a user those of all groups that it
/// may be in.
fn holders<'w>(world: &'w World, principal: &Alias) -> Vec<Holding<'w>> {
    let memberships = world.groups_of(principal);
    let mut out = held(world, Cloud::Kubernetes, principal, &memberships);
    let implied = implied(principal);
    let of = |holder: &Alias| world.grants.get(holder).into_iter().flatten();
    for holder in implied.iter().filter(|holder| *holder != principal && !memberships.contains_key(holder)) {
        // That it is in the group follows from its name: no membership has to hold.
        out.extend(of(holder).map(|known| (known, None, None)));
    }
    if principal.space() == "kubernetes-user" && account(principal).is_none() {
        let others = world.grants.keys().filter(|holder| {
            // Nobody gets into these but by what they are.
            let own = ["system:serviceaccounts", "system:unauthenticated", "system:authenticated"];
            holder.space() == "kubernetes-group"
                && !own.iter().any(|own| holder.value().starts_with(own))
                && !memberships.contains_key(*holder)
        });
        for other in others {
            let why = format!("whether {principal} is in {other} is for the authenticator to say");
            out.extend(of(other).map(|known| (known, None, Some(doubt(why.as_str(), None)))));
        }
    }
    out
}

fn routes(world: &World, principal: &Alias, asked: &Asked, scope: &str) -> Routes {
    let holders = holders(world, principal);
    routes_by(world, principal, &holders, asked, scope)
}

fn routes_by(
    world: &World,
    principal: &Alias,
    holders: &[Holding<'_>],
    asked: &Asked,
    scope: &str,
) -> Routes {
    let mut out = Routes { groups: groups_of(principal), ..Routes::default() };
    for (known, via, stranger) in holders {
        out.grants += usize::from(stranger.is_none());
        let Some((wide, elsewhere)) = reaches(known.grant.scope.as_deref(), scope) else { continue };
        if asked.is_url() && !wide {
            continue;
        }
        out.inherited += usize::from(wide && scope != "*");
        for meaning in meanings(world, known, asked) {
            let why = words(known, wide, via.as_ref(), &meaning.through);
            let doubt = meaning.doubt.or_else(|| elsewhere.clone()).or_else(|| stranger.clone());
            out.routes.push(Route {
                grant: known.key,
                via: via.clone(),
                absent: Vec::new(),
                through: meaning.through,
                also: Vec::new(),
                side: meaning.side,
                change: meaning.change,
                coverage: coverage(&why, doubt),
                why,
            });
        }
    }
    out
}

/// How many groups it is in by what it is.
fn groups_of(principal: &Alias) -> usize {
    implied(principal)
        .iter()
        .filter(|holder| holder.space() == "kubernetes-group" && *holder != principal)
        .count()
}

/// Whether a grant in this namespace, or in all, counts where it is asked for; if so, whether it is one in all, and why
/// that cannot be told.
fn reaches(scope: Option<&str>, wanted: &str) -> Option<(bool, Option<Unknown>)> {
    match scope {
        Some("*") => Some((true, None)),
        Some(namespace) if namespace == wanted => Some((false, None)),
        // In some namespace: so not in all of them.
        Some(symbol) if is_symbol(symbol) && wanted != "*" => Some((false, Some(somewhere()))),
        None if wanted != "*" => Some((false, Some(somewhere()))),
        _ => None,
    }
}

fn somewhere() -> Unknown {
    doubt("in which namespace it counts is known only after apply", None)
}

/// Whether a part of the text is known only after apply: `ClusterRole/known after apply: …`.
fn is_symbol(text: &str) -> bool {
    text.contains("known after apply")
}

/// That a grant allows what is asked.
struct Meaning {
    side: Side,
    change: Option<ChangeIx>,
    through: Vec<Through>,
    doubt: Option<Unknown>,
}

fn meanings(world: &World, known: &KnownGrant, asked: &Asked) -> Vec<Meaning> {
    let key = key(known);
    let (own, gathered) = role(world, key.as_deref());
    let gathers = gathered.is_some();
    let always = |doubt| Meaning { side: Side::Both, change: None, through: Vec::new(), doubt: Some(doubt) };
    if own.is_empty() {
        return undefined(world, known).map(always).into_iter().collect();
    }
    let not_said = || doubt("what its role allows is known only after apply", None);
    let allowed = |permissions: &Option<Arc<[Permission]>>| match permissions {
        None => Some(Some(not_said())),
        Some(rules) => rules.iter().any(|rule| allows(rule, asked)).then_some(None),
    };
    let mut out = Vec::new();
    for version in own {
        if let Some(doubt) = allowed(&version.permissions) {
            let (side, change) = (version.side, version.change);
            out.push(Meaning { side, change, through: Vec::new(), doubt });
        }
    }
    for part in gathered.unwrap_or_default() {
        let Some(unsaid) = allowed(&part.permissions) else { continue };
        let doubt = part.doubt.as_deref().map(|why| doubt(why, None)).or(unsaid);
        let (side, change, through) = (part.side, part.change, part.through.clone());
        out.push(Meaning { side, change, through, doubt });
    }
    if gathers && !world.roles_listed.contains(CLUSTER_ROLE) {
        out.push(always(Unknown {
            reason: "no source lists all cluster roles, of which its role gathers some".to_owned(),
            settle: Some(ROLES.to_owned()),
            missing_input: true,
        }));
    }
    out
}

/// The key of the role of a grant.
fn key(known: &KnownGrant) -> Option<String> {
    known.grant.role_id.as_deref().map(|role| super::role_id("kubernetes", role))
}

/// What a role is said to allow: itself, and by gathering others, if it does.
fn role<'w>(world: &'w World, key: Option<&str>) -> (&'w [KnownRole], Option<&'w [Gathered]>) {
    let own = key.and_then(|key| world.roles_by_id.get(key)).map(Vec::as_slice);
    let gathered = key.and_then(|key| world.gathered.get(key)).map(Vec::as_slice);
    (own.unwrap_or_default(), gathered)
}

/// Why it is not known what a role allows that no source defines; `None`: it is not there, and a binding of it gives
/// nothing. Source: Kubernetes, `VisitRulesFor` goes on where a role is not found.
fn undefined(world: &World, known: &KnownGrant) -> Option<Unknown> {
    let Some(role) = known.grant.role_id.as_deref().filter(|role| !is_symbol(role)) else {
        return Some(doubt("which role it gives is known only after apply", None));
    };
    let kind = role.split('/').next().unwrap_or_default();
    (!world.roles_listed.contains(kind)).then(|| Unknown {
        reason: format!("no source defines {role}"),
        settle: Some(ROLES.to_owned()),
        missing_input: true,
    })
}

fn words(known: &KnownGrant, wide: bool, via: Option<&Alias>, through: &[Through]) -> String {
    let role = known.grant.role_id.as_deref().unwrap_or("a role");
    let place = match (wide, known.grant.scope.as_deref().filter(|scope| !is_symbol(scope))) {
        (true, _) => "in all namespaces".to_owned(),
        (false, Some(namespace)) => format!("in namespace {namespace}"),
        (false, None) => "in a namespace".to_owned(),
    };
    let of = through.last().map(|from| format!(", which gathers {},", from.id)).unwrap_or_default();
    match via.or(known.grant.principal.as_ref()).filter(|holder| holder.space() == "kubernetes-group") {
        Some(group) => format!("{role}{of} {place}, through group {}", group.value()),
        None => format!("{role}{of} {place}"),
    }
}
