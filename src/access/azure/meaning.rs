//! Whether one grant allows what is asked, in each version of its role.

use super::Asked;
use super::role::{Plane, role_key};
use crate::access::held::{Doubts, doubt, is_symbol};
use crate::access::wildcard::{includes, intersects};
use crate::access::{KnownGrant, KnownRole, World};
use crate::model::{ChangeIx, Grant, Permission, Side, Unknown};

const DEFINITIONS: &str = "az role definition list -o json";

/// What the grant means, in each version of its role: `None` it does not cover, else it does, with doubts.
pub(super) fn meanings(
    world: &World,
    known: &KnownGrant,
    asked: &Asked<'_>,
) -> Vec<(Side, Option<ChangeIx>, Option<Doubts>)> {
    let mut doubts = Doubts::new();
    if known.grant.cloud != "azure" {
        // Access policies of a key vault and their like: the data plane only, and not read in detail.
        let meaning = (asked.plane != Plane::Control).then(|| {
            vec![doubt(
                "an access policy may allow it, and what access policies allow is not looked at",
                None,
            )]
        });
        return vec![(Side::Both, None, meaning)];
    }
    if let Some(condition) = known.grant.open_condition()
        && !asked.only_under(condition)
    {
        doubts.push(doubt("it counts only under a condition, which is not evaluated", None));
    }
    let versions: Vec<&KnownRole> = role_key(world, &known.grant)
        .and_then(|key| world.roles_by_id.get(&key))
        .into_iter()
        .flatten()
        .collect();
    if versions.is_empty() {
        doubts.push(undefined(&known.grant));
        return vec![(Side::Both, None, Some(doubts))];
    }
    versions
        .into_iter()
        .map(|role| {
            let meaning = match &role.permissions {
                None => {
                    let mut doubts = doubts.clone();
                    doubts.push(doubt("what its role allows is known only after apply", None));
                    Some(doubts)
                }
                Some(blocks) => allows(blocks, asked, &doubts),
            };
            (role.side, role.change, meaning)
        })
        .collect()
}

/// No source says what the role allows: input is missing, unless it is the plan that does not know the role yet.
pub(super) fn undefined(grant: &Grant) -> Unknown {
    match grant.role_name.as_deref().or(grant.role_id.as_deref()) {
        Some(role) if !is_symbol(role) => Unknown {
            reason: format!("no source defines role {role}"),
            settle: Some(DEFINITIONS.to_owned()),
            missing_input: true,
        },
        _ => doubt("which role it gives is known only after apply", None),
    }
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
                Some(DEFINITIONS),
            )),
            _ => continue,
        }
        if block.condition.as_deref().is_some_and(|condition| !asked.only_under(condition)) {
            found.push(doubt("the role allows it only under a condition, which is not evaluated", None));
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
