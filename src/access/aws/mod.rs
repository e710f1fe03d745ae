//! IAM of AWS: policies of identities.
//!
//! Allowed is what some statement allows and none denies, within the permissions boundary if there is one; within one
//! account. What resources say of principals themselves, and what sessions leave out, stands in no listing of
//! identities: that something is lost means that no policy of the identity allows it any more. Sources: IAM User Guide,
//! "Policy evaluation logic", "Permissions boundaries for IAM entities", "IAM JSON policy elements reference".

mod asked;
mod pattern;
mod statement;
mod whole;

use super::cloud::Shown;
use super::held::{Doubts, coverage, doubt, held, is_symbol};
use super::{Absent, Cloud, KnownGrant, Route, Routes, World};
use crate::model::{Alias, ChangeIx, Permission, Side, Unknown};
use asked::Asked;
use statement::{Said, says};

pub(super) use whole::{all_of, instead_of};

const POLICIES: &str = "aws iam get-account-authorization-details";

/// See [`World::can`].
pub(super) fn can(world: &World, principal: &Alias, action: &str, resource: &str) -> Routes {
    routes(world, principal, &Asked { action, resource, except: Vec::new(), single: true, condition: None })
}

/// See [`Cloud::shown_by`]: policies of a role stand with the role, those of a user with the user and its groups.
pub(super) fn shown_by(principal: &Alias) -> Vec<Shown> {
    let mut parts = principal.value().split(':').skip(4);
    let account: Vec<String> =
        parts.next().filter(|id| !id.is_empty()).map(str::to_owned).into_iter().collect();
    let kinds: &[&str] = match parts.next().unwrap_or_default().split('/').next() {
        Some("user") => &["aws:users", "aws:groups"],
        Some("group") => &["aws:groups"],
        _ => &["aws:roles"],
    };
    kinds.iter().map(|listing| Shown::new(listing, account.clone())).collect()
}

/// Statements of one grant, in one version of the world.
struct Version<'w> {
    side: Side,
    change: Option<ChangeIx>,
    /// `None`: nobody knows what the policy says, and why.
    statements: Result<&'w [Permission], Unknown>,
}

/// What a grant says: itself, or the policy that it attaches, in each version of it.
fn versions<'w>(world: &'w World, known: &'w KnownGrant) -> Vec<Version<'w>> {
    match &known.grant.allows {
        Some(own) => {
            vec![Version {
                side: Side::Both,
                change: None,
                statements: Ok(std::slice::from_ref(own.as_ref())),
            }]
        }
        None => of_policy(world, known.grant.role_id.as_deref()),
    }
}

fn of_policy<'w>(world: &'w World, policy: Option<&str>) -> Vec<Version<'w>> {
    let key = policy.map(|policy| super::role_id("aws", policy));
    let roles = key.and_then(|key| world.roles_by_id.get(&key)).map(Vec::as_slice).unwrap_or_default();
    if roles.is_empty() {
        let unknown = match policy.filter(|policy| !is_symbol(policy)) {
            Some(policy) => Unknown {
                reason: format!("no source says what policy {policy} allows"),
                settle: Some(POLICIES.to_owned()),
                missing_input: true,
            },
            None => doubt("which policy it attaches is known only after apply", None),
        };
        return vec![Version { side: Side::Both, change: None, statements: Err(unknown) }];
    }
    let version = |role: &'w super::KnownRole| Version {
        side: role.side,
        change: role.change,
        statements: match &role.permissions {
            Some(statements) => Ok(statements.as_slice()),
            None => Err(doubt("what its policy says is known only after apply", None)),
        },
    };
    roles.iter().map(version).collect()
}

/// How the principal can do what is asked.
fn routes(world: &World, principal: &Alias, asked: &Asked<'_>) -> Routes {
    let groups = world.groups_of(principal);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    let grants = held(world, Cloud::Aws, principal, &groups);
    let mut absent: Vec<Absent> = Vec::new();
    let mut denied: Doubts = Doubts::new();
    for (known, _, stranger) in &grants {
        for version in versions(world, known) {
            let statements = match version.statements {
                Ok(statements) => statements,
                // A policy that nobody knows may deny as well as allow.
                Err(unknown) => {
                    denied.push(unknown);
                    continue;
                }
            };
            match statements.iter().filter(|one| one.denies).filter_map(|one| says(one, asked)).max() {
                Some(Said::Surely) if stranger.is_none() => {
                    absent.push(Absent { key: known.key, side: version.side, change: version.change });
                }
                Some(_) => denied.push(doubt(format!("{} may deny it", name(known)), None)),
                None => {}
            }
        }
    }
    let limits = limits(world, principal, asked);
    for (known, via, stranger) in &grants {
        if stranger.is_none() {
            out.grants += 1;
        }
        for version in versions(world, known) {
            let mut doubts = Doubts::new();
            match version.statements {
                Err(unknown) => doubts.push(unknown),
                Ok(statements) => {
                    match statements.iter().filter(|one| !one.denies).filter_map(|one| says(one, asked)).max()
                    {
                        None => continue,
                        Some(Said::Surely) => {}
                        Some(Said::Perhaps(why)) => doubts.push(doubt(why, None)),
                    }
                }
            }
            doubts.extend(stranger.clone());
            doubts.extend(denied.iter().cloned());
            let why = words(known, via.as_ref());
            for limit in &limits {
                let Some(side) = version.side.both(limit.side) else { continue };
                let limited = limit.doubt.iter().chain(&doubts).next().cloned();
                out.routes.push(Route {
                    grant: known.key,
                    via: via.clone(),
                    absent: absent.clone(),
                    through: Vec::new(),
                    side,
                    change: version.change.or(limit.change),
                    coverage: coverage(&why, limited),
                    why: why.clone(),
                });
            }
        }
    }
    out
}

/// Where the permissions boundary lets something through; without a boundary everywhere.
struct Limit {
    side: Side,
    change: Option<ChangeIx>,
    doubt: Option<Unknown>,
}

fn limits(world: &World, principal: &Alias, asked: &Asked<'_>) -> Vec<Limit> {
    let bounds: Vec<_> = world.bounds.iter().filter(|bound| bound.principal == *principal).collect();
    let mut out = Vec::new();
    for side in [Side::Before, Side::After] {
        let here: Vec<_> = bounds.iter().filter(|bound| bound.side.both(side).is_some()).collect();
        // The change that sets or takes off a boundary makes the difference.
        let change = bounds.iter().find_map(|bound| bound.change);
        if here.is_empty() {
            out.push(Limit { side, change, doubt: None });
        }
        for bound in here {
            for version in of_policy(world, Some(&bound.policy)) {
                let Some(side) = version.side.both(side) else { continue };
                let doubt = match version.statements {
                    Err(unknown) => Some(unknown),
                    Ok(statements) => match bounded(statements, asked) {
                        None => continue,
                        Some(Said::Surely) => None,
                        Some(Said::Perhaps(why)) => {
                            Some(doubt(format!("the permissions boundary: {why}"), None))
                        }
                    },
                };
                out.push(Limit { side, change: version.change.or(change), doubt });
            }
        }
    }
    match out.as_slice() {
        [one, other] if one.doubt == other.doubt && one.change == other.change => {
            let doubt = one.doubt.clone();
            vec![Limit { side: Side::Both, change: one.change, doubt }]
        }
        _ => out,
    }
}

/// Whether a boundary lets through what is asked.
fn bounded(statements: &[Permission], asked: &Asked<'_>) -> Option<Said> {
    let max = |denies: bool| {
        let of = statements.iter().filter(|one| one.denies == denies);
        of.filter_map(|one| says(one, asked)).max()
    };
    match (max(false)?, max(true)) {
        (_, Some(Said::Surely)) => None,
        (allowed, None) => Some(allowed),
        (_, Some(perhaps)) => Some(perhaps),
    }
}

fn name(known: &KnownGrant) -> String {
    match (&known.grant.role_name, &known.grant.role_id) {
        (Some(name), _) => format!("policy {name}"),
        (None, Some(id)) => format!("policy {id}"),
        (None, None) => "a policy".to_owned(),
    }
}

fn words(known: &KnownGrant, via: Option<&Alias>) -> String {
    let on = match &known.grant.allows {
        Some(own) => format!(
            ": {} on {}",
            listed(&own.actions, &own.not_actions),
            listed(&own.resources, &own.not_resources)
        ),
        None => String::new(),
    };
    match via {
        Some(group) => format!("{}{on}, through group {group}", name(known)),
        None => format!("{}{on}", name(known)),
    }
}

/// A few of the patterns, in words.
fn listed(yes: &[String], not: &[String]) -> String {
    let few = |list: &[String]| match list {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [one, other] => format!("{one}, {other}"),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    };
    match not {
        [] => few(yes),
        not => format!("all but {}", few(not)),
    }
}
