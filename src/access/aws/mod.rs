//! IAM of AWS: policies of identities and of resources.
//!
//! Allowed is what some statement allows and none denies, within the permissions boundary if there is one. What policies of
//! resources say is known where a plan or a listing has them; what sessions leave out stands nowhere. Sources: IAM User
//! Guide, "Policy evaluation logic", "Permissions boundaries for IAM entities", "IAM JSON policy elements reference".

mod asked;
mod condition;
mod denied;
mod held;
mod hit;
mod limit;
mod organization;
mod pattern;
mod routes;
mod statement;
mod whole;

use super::cloud::Shown;
use super::held::{doubt, is_symbol};
use super::{KnownGrant, Routes, World};
use crate::model::{Alias, ChangeIx, Permission, Side, Unknown};
use asked::Asked;
use routes::routes;

pub(super) use hit::hit_by;
pub(super) use whole::{all_of, instead_of};

const POLICIES: &str = "aws iam get-account-authorization-details";

/// See [`World::can`].
pub(super) fn can(world: &World, principal: &Alias, action: &str, resource: &str) -> Routes {
    let who = principal;
    routes(world, &Asked { who, action, resource, except: Vec::new(), single: true, condition: None })
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
            Some(statements) => Ok(&**statements),
            None => Err(doubt("what its policy says is known only after apply", None)),
        },
    };
    roles.iter().map(version).collect()
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
