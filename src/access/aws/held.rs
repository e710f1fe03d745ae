//! Statements that count for somebody, and how they come to.
//!
//! Those of his own policies and of his groups; and those in policies of resources that name him, his account, one of his
//! sessions, or everybody. Source: IAM User Guide, "AWS JSON policy elements: Principal".

use super::condition::account;
use crate::access::groups::Via;
use crate::access::held::held;
use crate::access::{Cloud, KnownGrant, World};
use crate::model::{Alias, Unknown};
use std::collections::BTreeMap;

/// How a statement comes to count for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// It is in a policy of his own, or of a group.
    Identity,
    /// The policy of a resource names him, or everybody.
    Name,
    /// The policy of a resource names one of his sessions.
    Session,
    /// The policy of a resource names his account.
    Account,
}

/// A grant that counts for somebody.
pub(super) struct Held<'w> {
    pub(super) known: &'w KnownGrant,
    /// The group that it comes through.
    pub(super) via: Option<Alias>,
    /// Why it is not known whether it is his.
    pub(super) stranger: Option<Unknown>,
    pub(super) by: By,
}

/// All that count for somebody.
pub(super) fn counting<'w>(
    world: &'w World,
    principal: &Alias,
    groups: &BTreeMap<Alias, Vec<Via>>,
) -> Vec<Held<'w>> {
    let own = held(world, Cloud::Aws, principal, groups).into_iter();
    let mut all: Vec<Held<'w>> = own
        .map(|(known, via, stranger)| {
            let by = if known.grant.by_resource { By::Name } else { By::Identity };
            Held { known, via, stranger, by }
        })
        .collect();
    let mut add = |grants: &'w [KnownGrant], by: By| {
        let ours = grants.iter().filter(|known| known.grant.by_resource && known.grant.cloud == "aws");
        all.extend(ours.map(|known| Held { known, via: None, stranger: None, by }));
    };
    let everybody = Alias::new("principal", "*");
    let root = account(principal.value()).map(|id| root_of(principal.value(), id));
    for (other, by) in [(Some(everybody), By::Name), (root, By::Account)] {
        if let Some(other) = other.filter(|other| other != principal) {
            add(world.grants.get(&other).map(Vec::as_slice).unwrap_or_default(), by);
        }
    }
    if let Some(sessions) = sessions_of(principal.value()) {
        let from = Alias::new("principal", &sessions);
        let theirs = world.grants.range(from.clone()..);
        for (_, grants) in theirs.take_while(|(other, _)| other.value().starts_with(&sessions)) {
            add(grants, By::Session);
        }
    }
    all
}

fn root_of(arn: &str, account: &str) -> Alias {
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    Alias::new("principal", &format!("arn:{partition}:iam::{account}:root"))
}

/// What ARNs of the sessions of a role begin with.
fn sessions_of(arn: &str) -> Option<String> {
    let name = arn.splitn(6, ':').nth(5)?.strip_prefix("role/")?.rsplit('/').next()?;
    let partition = arn.split(':').nth(1)?;
    Some(
        format!("arn:{partition}:sts::{}:assumed-role/{name}/.", account(arn)?)
            .trim_end_matches('.')
            .to_owned(),
    )
}
