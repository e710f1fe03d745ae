//! The ways in which somebody can do something.
//!
//! Within one account either his own policies allow it or that of the resource, which names him; roles and keys must allow
//! it themselves, or leave it to the account; between two accounts both must. Sources: IAM User Guide, "Policy evaluation
//! logic"; AWS KMS Developer Guide, "Key policies in AWS KMS".

use super::asked::{Asked, Rule};
use super::denied::{Denied, denied};
use super::held::{By, Held, counting};
use super::limit::{Counts, Limit, limits};
use super::pattern::arn_within;
use super::statement::{Said, says};
use super::{versions, words};
use crate::access::held::{Doubts, coverage, doubt};
use crate::access::{Also, Route, Routes, World};
use crate::model::{Alias, ChangeIx, Side};

/// A statement that allows what is asked, in one version.
struct Allow<'w> {
    held: &'w Held<'w>,
    side: Side,
    change: Option<ChangeIx>,
    doubts: Doubts,
}

/// How whoever asks can do it.
pub(super) fn routes(world: &World, asked: &Asked<'_>) -> Routes {
    let groups = world.groups_of(asked.who);
    let mut out = Routes { groups: groups.len(), ..Routes::default() };
    let all = counting(world, asked.who, &groups);
    out.grants = all.iter().filter(|held| held.stranger.is_none() && held.by != By::Account).count();
    let denied = denied(world, &all, asked);
    let allows: Vec<Allow<'_>> = all.iter().flat_map(|held| allowing(world, held, asked)).collect();
    let of = |by: By| allows.iter().filter(move |allow| allow.held.by == by);
    let (own, account) = (|| of(By::Identity), || of(By::Account));
    let named = || of(By::Name).chain(of(By::Session));
    let within = limits(world, asked, Counts::All);
    let unbound = limits(world, asked, Counts::Denies);
    // A role that a policy names is bound by its boundary, a user is not.
    let on_name = if is_user(asked.who) { &unbound } else { &within };
    let mut way = |allow: &Allow<'_>, also: Option<&Allow<'_>>, limits: &[Limit], more: Option<&str>| {
        out.routes.extend(limits.iter().flat_map(|limit| route(allow, also, limit, &denied, more)));
    };
    let rule = asked.rule();
    if rule != Rule::Both {
        named().for_each(|allow| way(allow, None, on_name, None));
    }
    match rule {
        Rule::Either => own().for_each(|allow| way(allow, None, &within, None)),
        Rule::Resource => {
            for allow in own() {
                account().for_each(|other| way(allow, Some(other), &within, None));
            }
        }
        Rule::Both => {
            for allow in own() {
                named().chain(account()).for_each(|other| way(allow, Some(other), &within, None));
            }
            // Whose own policies nobody knows may be allowed by them.
            if all.iter().all(|held| held.by != By::Identity) {
                named().for_each(|allow| way(allow, None, &within, Some(OTHER_ACCOUNT)));
            }
        }
    }
    // An account is meant itself where it is asked about.
    if rule != Rule::Either && !policy_is_known(world, asked.resource) {
        own().for_each(|allow| way(allow, None, &within, Some(RESOURCE)));
    }
    out
}

/// Whether any source says what the resource's own policy says.
fn policy_is_known(world: &World, resource: &str) -> bool {
    let resource = resource.to_lowercase();
    let known = &world.policies_known;
    let patterns = || known.iter().filter(|known| known.contains('*'));
    known.contains(&resource) || patterns().any(|pattern| arn_within(pattern, &resource))
}

const RESOURCE: &str = "the policy of what it is on must allow it too, and no source has that";
const OTHER_ACCOUNT: &str = "its own account must allow it too, and what that allows is not known";
const SESSION: &str = "it names one session of the role";

fn is_user(who: &Alias) -> bool {
    who.value().contains(":user/")
}

fn allowing<'w>(world: &World, held: &'w Held<'w>, asked: &Asked<'_>) -> Vec<Allow<'w>> {
    let mut out = Vec::new();
    for version in versions(world, held.known) {
        let mut doubts = Doubts::new();
        match version.statements {
            Err(unknown) => doubts.push(unknown),
            Ok(statements) => {
                match statements.iter().filter(|one| !one.denies).filter_map(|one| says(one, asked)).max() {
                    None => continue,
                    Some(Said::Surely) => {}
                    Some(Said::Perhaps(why)) => doubts.push(doubt(why, None)),
                }
            }
        }
        doubts.extend((held.by == By::Session).then(|| doubt(SESSION, None)));
        doubts.extend(held.stranger.clone());
        out.push(Allow { held, side: version.side, change: version.change, doubts });
    }
    out
}

/// The way by a grant, or by two of them, within a limit.
///
/// Where something may deny it, these are two ways: one that surely leads there while that is absent, and one of which it
/// is not known whether it does.
fn route(
    allow: &Allow<'_>,
    also: Option<&Allow<'_>>,
    limit: &Limit,
    denied: &Denied,
    more: Option<&str>,
) -> Vec<Route> {
    let side = allow.side.both(limit.side);
    let Some(side) = side.and_then(|side| side.both(also.map_or(Side::Both, |also| also.side))) else {
        return Vec::new();
    };
    let why = words(allow.held.known, allow.held.via.as_ref());
    let more = more.map(|more| doubt(more, None));
    let own = limit.doubt.iter().chain(&allow.doubts).chain(also.into_iter().flat_map(|also| &also.doubts));
    let own = own.chain(&more).next().cloned();
    let surely = denied.surely.clone();
    let perhaps = denied.perhaps.iter().map(|(absent, _)| absent.clone());
    let with = |absent: Vec<_>, doubt| Route {
        grant: allow.held.known.key,
        via: allow.held.via.clone(),
        absent,
        through: Vec::new(),
        also: also
            .iter()
            .map(|also| Also { grant: also.held.known.key, why: words(also.held.known, None) })
            .collect(),
        side,
        change: allow.change.or(limit.change).or(also.and_then(|also| also.change)),
        coverage: coverage(&why, doubt),
        why: why.clone(),
    };
    match denied.perhaps.first() {
        None => vec![with(surely, own)],
        Some((_, may)) => {
            let clear = with(surely.iter().cloned().chain(perhaps).collect(), own.clone());
            vec![clear, with(surely, own.or_else(|| Some(may.clone())))]
        }
    }
}
