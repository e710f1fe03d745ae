//! Azure role-based access control.
//!
//! Role assignments add up over the enclosing scopes and the groups of a principal; within one role, not-actions take
//! away from its actions and from nothing else; denies win. Sources: Azure RBAC overview, "Understand role definitions",
//! "Understand deny assignments".

use super::wildcard::{includes, intersects, literal_prefix};
use super::{KnownGrant, KnownRole, Route, Routes, World};
use crate::model::{Alias, ChangeIx, Coverage, Grant, Permission, Side, Unknown};

/// The id under which a role is known: the GUID at the end of its id, lower case, or its name where there is no id.
pub fn role_key(world: &World, grant: &Grant) -> Option<String> {
    let id = grant.role_id.as_deref().map(role_id).filter(|id| !id.contains("known after apply"));
    let by_name = grant.role_name.as_deref().and_then(|name| world.role_names.get(&name.to_lowercase()));
    match (id, by_name) {
        (Some(id), _) if world.roles_by_id.contains_key(&id) => Some(id),
        // Names of roles are unique within a tenant, so a name does where the id leads nowhere.
        (_, Some(named)) => Some(named.clone()),
        (Some(id), None) => Some(id),
        (None, None) => grant.role_name.as_deref().map(|name| format!("named {}", name.to_lowercase())),
    }
}

/// `/subscriptions/…/roleDefinitions/GUID` → `guid`. Subscriptions spell the same built-in role with different prefixes.
pub fn role_id(id: &str) -> String {
    id.split('|').next().unwrap_or(id).trim_end_matches('/').rsplit('/').next().unwrap_or(id).to_lowercase()
}

/// Control plane or data plane: a `*` of one gives nothing of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plane {
    Control,
    Data,
    /// The definitions at hand speak of it on both.
    Either,
}

impl World {
    /// Which plane an action is on, told by the definitions at hand: the pattern that speaks of it most closely wins.
    fn plane(&self, action: &str) -> Plane {
        let closest = |data: bool| {
            self.roles_by_id
                .values()
                .flatten()
                .flat_map(|role| role.permissions.iter().flatten())
                .flat_map(|block| if data { &block.data_actions } else { &block.actions })
                .filter(|pattern| includes(pattern, action))
                .map(|pattern| literal_prefix(pattern))
                .max()
                .unwrap_or(0)
        };
        match (closest(false), closest(true)) {
            (_, 0) => Plane::Control,
            (control, data) if control > data => Plane::Control,
            (control, data) if data > control => Plane::Data,
            _ => Plane::Either,
        }
    }
}

/// What is asked of a role: one action, or all that a pattern of another role matches.
#[derive(Debug, Clone)]
struct Asked<'a> {
    pattern: &'a str,
    plane: Plane,
    /// What the other role leaves out itself, so that nobody misses it.
    except: &'a [String],
    /// The condition of the grant that is to be replaced: an equal one is no doubt.
    condition: Option<&'a str>,
}

pub(super) fn can(world: &World, principal: &Alias, action: &str, scope: &str) -> Routes {
    let asked = Asked { pattern: action, plane: world.plane(action), except: &[], condition: None };
    routes(world, principal, &asked, scope)
}

pub(super) fn all_of(world: &World, principal: &Alias, grant: &Grant) -> Option<Vec<(String, Routes)>> {
    let scope = grant.scope.as_deref()?;
    if grant.cloud != "azure" {
        return None;
    }
    let key = role_key(world, grant)?;
    let role = world
        .roles_by_id
        .get(&key)?
        .iter()
        .find(|role| role.side.before())
        .or_else(|| world.roles_by_id.get(&key)?.first())?;
    let mut needed: Vec<(String, Routes)> = Vec::new();
    for block in role.permissions.as_ref()? {
        let planes = [
            (Plane::Control, &block.actions, &block.not_actions),
            (Plane::Data, &block.data_actions, &block.not_data_actions),
        ];
        for (plane, patterns, except) in planes {
            for pattern in patterns {
                let condition = grant.condition.as_deref().or(block.condition.as_deref());
                let asked = Asked { pattern, plane, except, condition };
                let label = if plane == Plane::Data { format!("{pattern} (data)") } else { pattern.clone() };
                if needed.iter().all(|(known, _)| *known != label) {
                    needed.push((label, routes(world, principal, &asked, scope)));
                }
            }
        }
    }
    Some(needed)
}

/// Why a grant of somebody else's may count.
#[derive(Debug, Clone, Copy)]
enum Perhaps<'a> {
    /// The principal may be in this group.
    In(&'a Alias),
    /// Whose it is becomes known only in apply.
    Named,
}

fn routes(world: &World, principal: &Alias, asked: &Asked<'_>, scope: &str) -> Routes {
    let groups = world.groups_of(principal);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    let own = world.grants.get(principal).into_iter().flatten().map(|grant| (grant, None, None));
    let through = groups.keys().flat_map(|group| {
        world.grants.get(group).into_iter().flatten().map(move |grant| (grant, Some(group.clone()), None))
    });
    // Groups whose members nobody lists may contain the principal.
    let perhaps = world.groups.iter().filter(|group| {
        *group != principal && !groups.contains_key(*group) && !world.groups_listed.contains(group)
    });
    let perhaps = perhaps.flat_map(|group| {
        world
            .grants
            .get(group)
            .into_iter()
            .flatten()
            .map(move |grant| (grant, None, Some(Perhaps::In(group))))
    });
    let unnamed = world.unknown_principals.iter().filter(|holder| *holder != principal);
    let unnamed = unnamed.flat_map(|holder| {
        world.grants.get(holder).into_iter().flatten().map(|grant| (grant, None, Some(Perhaps::Named)))
    });
    for (known, via, perhaps) in own.chain(through).chain(perhaps).chain(unnamed) {
        if perhaps.is_none() {
            out.grants += 1;
        }
        let Some(reach) = reach(known, scope) else { continue };
        if reach == Reach::Inherited && perhaps.is_none() {
            out.inherited += 1;
        }
        for (side, change, meaning) in meanings(world, known, asked) {
            let Some(mut doubts) = meaning else { continue };
            if let Reach::Perhaps(why) = &reach {
                doubts.push(doubt(why.clone(), None, false));
            }
            match perhaps {
                Some(Perhaps::In(group)) => doubts.push(doubt(
                    format!("whether it is in group {group} is not known"),
                    Some(format!("az ad group member list --group {group} -o json")),
                    false,
                )),
                Some(Perhaps::Named) => {
                    doubts.push(doubt("whom it is for is known only after apply".to_owned(), None, false));
                }
                None => {}
            }
            let mut absent = Vec::new();
            for deny in denies(world, principal, &groups.keys().collect::<Vec<_>>(), asked, scope) {
                match deny {
                    Denied::Surely(key) => absent.push(key),
                    Denied::Perhaps(why) => doubts.push(why),
                }
            }
            let why = words(known, &reach, via.as_ref());
            let doubt = doubts.into_iter().next();
            let doubt = doubt.map(|doubt| Unknown { reason: format!("{why}: {}", doubt.reason), ..doubt });
            out.routes.push(Route {
                grant: known.key,
                via: via.clone(),
                absent,
                side,
                change,
                why,
                coverage: doubt.map_or(Coverage::Sure, Coverage::Unknown),
            });
        }
    }
    out
}

fn words(known: &KnownGrant, reach: &Reach, via: Option<&Alias>) -> String {
    let how = match reach {
        Reach::Exact => "on the same scope",
        Reach::Inherited => "on an enclosing scope",
        Reach::Perhaps(_) => "on a scope that may enclose it",
    };
    let role = known.grant.role_name.as_deref().or(known.grant.role_id.as_deref()).unwrap_or("a role");
    let scope = known.grant.scope.as_deref().unwrap_or("a scope known after apply");
    match via {
        Some(group) => format!("{role} {how}, {scope}, through group {group}"),
        None => format!("{role} {how}, {scope}"),
    }
}

/// How a grant's scope stands to the scope that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reach {
    Exact,
    Inherited,
    Perhaps(String),
}

fn reach(known: &KnownGrant, wanted: &str) -> Option<Reach> {
    let Some(scope) = known.grant.scope.as_deref() else {
        return Some(Reach::Perhaps("its scope is known only after apply".to_owned()));
    };
    if scope.starts_with("known after apply") {
        return Some(Reach::Perhaps("its scope is known only after apply".to_owned()));
    }
    let scope = scope.trim_end_matches('/').to_lowercase();
    let wanted = wanted.trim_end_matches('/').to_lowercase();
    if scope == wanted {
        return Some(Reach::Exact);
    }
    // The root scope `/` is empty by now.
    if scope.is_empty() || wanted.strip_prefix(&scope).is_some_and(|rest| rest.starts_with('/')) {
        return Some(Reach::Inherited);
    }
    if scope.starts_with("/providers/microsoft.management/managementgroups/") {
        let subscription = subscription_of(&wanted);
        // A listing made in a subscription shows what applies there.
        return if subscription
            .is_some_and(|own| known.listed_for.iter().any(|part| part.eq_ignore_ascii_case(own)))
        {
            Some(Reach::Inherited)
        } else {
            Some(Reach::Perhaps(format!("whether {wanted} lies under {scope} is not known")))
        };
    }
    // A wanted scope that does not say which of its kind.
    if let Some(parent) = wanted.strip_suffix("/*")
        && scope.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
    {
        return Some(Reach::Perhaps(format!("which of {wanted} is meant is not said")));
    }
    None
}

/// `/subscriptions/ID` of a lower-case resource id.
pub fn subscription_of(scope: &str) -> Option<&str> {
    let rest = scope.strip_prefix("/subscriptions/")?;
    let end = rest.find('/').unwrap_or(rest.len());
    scope.get(.."/subscriptions/".len() + end)
}

type Doubts = Vec<Unknown>;

fn doubt(reason: String, settle: Option<String>, missing_input: bool) -> Unknown {
    Unknown { reason, settle, missing_input }
}

/// What the grant means, in each version of its role: `None` it does not cover, else it does, with doubts.
fn meanings(
    world: &World,
    known: &KnownGrant,
    asked: &Asked<'_>,
) -> Vec<(Side, Option<ChangeIx>, Option<Doubts>)> {
    let mut doubts = Doubts::new();
    if let Some(condition) = known.grant.condition.as_deref()
        && asked.condition != Some(condition)
    {
        doubts.push(doubt(
            "it counts only under a condition, which is not evaluated".to_owned(),
            None,
            false,
        ));
    }
    let versions: Vec<&KnownRole> = role_key(world, &known.grant)
        .and_then(|key| world.roles_by_id.get(&key))
        .into_iter()
        .flatten()
        .collect();
    if versions.is_empty() {
        let role = known.grant.role_name.as_deref().or(known.grant.role_id.as_deref()).unwrap_or("its role");
        doubts.push(doubt(
            format!("no source defines role {role}"),
            Some("az role definition list -o json".to_owned()),
            true,
        ));
        return vec![(Side::Both, None, Some(doubts))];
    }
    versions
        .into_iter()
        .map(|role| {
            let meaning = match &role.permissions {
                None => {
                    let mut doubts = doubts.clone();
                    doubts.push(doubt(
                        "what its role allows is known only after apply".to_owned(),
                        None,
                        false,
                    ));
                    Some(doubts)
                }
                Some(blocks) => allows(blocks, asked, &doubts),
            };
            (role.side, role.change, meaning)
        })
        .collect()
}

/// Whether any block allows all that is asked; the block with the fewest doubts speaks.
fn allows(blocks: &[Permission], asked: &Asked<'_>, doubts: &Doubts) -> Option<Doubts> {
    let mut best: Option<Doubts> = None;
    for block in blocks {
        let control = allowed(&block.actions, &block.not_actions, asked);
        let data = allowed(&block.data_actions, &block.not_data_actions, asked);
        let mut found = doubts.clone();
        match (asked.plane, control, data) {
            (Plane::Control, true, _) | (Plane::Data, _, true) | (Plane::Either, true, true) => {}
            (Plane::Either, true, false) | (Plane::Either, false, true) => found.push(doubt(
                format!(
                    "whether {} is of the control or the data plane cannot be told from the definitions",
                    asked.pattern
                ),
                Some("az role definition list -o json".to_owned()),
                false,
            )),
            _ => continue,
        }
        if block.condition.is_some() && asked.condition != block.condition.as_deref() {
            found.push(doubt(
                "the role allows it only under a condition, which is not evaluated".to_owned(),
                None,
                false,
            ));
        }
        if best.as_ref().is_none_or(|best| found.len() < best.len()) {
            best = Some(found);
        }
    }
    best
}

fn allowed(actions: &[String], not_actions: &[String], asked: &Asked<'_>) -> bool {
    actions.iter().any(|pattern| includes(pattern, asked.pattern))
        && not_actions.iter().all(|not| {
            !intersects(not, asked.pattern) || asked.except.iter().any(|except| includes(except, not))
        })
}

enum Denied {
    Surely(usize),
    Perhaps(Unknown),
}

fn denies(
    world: &World,
    principal: &Alias,
    groups: &[&Alias],
    asked: &Asked<'_>,
    scope: &str,
) -> Vec<Denied> {
    let mut out = Vec::new();
    for known in &world.denies {
        let deny = &known.deny;
        let is_one =
            |list: &[Alias]| list.contains(principal) || groups.iter().any(|group| list.contains(group));
        let named = deny.everyone || is_one(&deny.principals);
        // It may be in a group that the deny names or leaves out, and whose members nobody lists.
        let unlisted = |list: &[Alias]| {
            let open = |alias: &&Alias| known.groups.contains(alias) && !world.groups_listed.contains(alias);
            list.iter().find(open).cloned()
        };
        let unlisted = unlisted(if named { &deny.except } else { &deny.principals });
        if is_one(&deny.except) || !(named || unlisted.is_some()) {
            continue;
        }
        let Some(place) = deny.scope.as_deref().map(|place| place.trim_end_matches('/').to_lowercase())
        else {
            continue;
        };
        let wanted = scope.trim_end_matches('/').to_lowercase();
        let inside = wanted.strip_prefix(&place).is_some_and(|rest| rest.starts_with('/'));
        if !(wanted == place || inside && !deny.this_scope_only) {
            continue;
        }
        for block in &deny.permissions {
            let (yes, not) = match asked.plane {
                Plane::Data => (&block.data_actions, &block.not_data_actions),
                _ => (&block.actions, &block.not_actions),
            };
            let hit = yes.iter().any(|pattern| intersects(pattern, asked.pattern));
            let spared = not.iter().any(|pattern| includes(pattern, asked.pattern));
            if !hit || spared {
                continue;
            }
            let wholly = yes.iter().any(|pattern| includes(pattern, asked.pattern));
            out.push(match &unlisted {
                Some(group) => Denied::Perhaps(doubt(
                    format!(
                        "a deny assignment may take it away: whether it is in group {group} is not known"
                    ),
                    Some(format!("az ad group member list --group {} -o json", group.value())),
                    false,
                )),
                None if wholly && block.condition.is_none() && deny.condition.is_none() => {
                    Denied::Surely(known.key)
                }
                None => Denied::Perhaps(doubt("a deny assignment may take it away".to_owned(), None, false)),
            });
        }
    }
    out
}
