//! Whether what was signed for is what would happen: the request against one made anew from what is there now.

use super::request::{ChangeRef, MadeOn, PlanRef, Request, SourceRef};
use crate::verdict::Loss;

/// Why they differ, one line each; nothing if the approval holds for what is there now.
///
/// `carry_over`: the plan may have been made anew, if it does no more and costs no more than the one that was signed for.
pub fn differences(signed: &Request, now: &Request, carry_over: bool) -> Vec<String> {
    let carry_over = carry_over && signed.plans != now.plans && signed.changes.is_some();
    let mut found = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    demand(signed.policy == now.policy, "the policy (mainstay.toml) is another");
    demand(signed.catalog == now.catalog, "the catalog is another");
    demand(signed.roster == now.roster, "the roster is another");
    demand(signed.revoked == now.revoked, "the list of revoked keys is another");
    demand(signed.tool == now.tool, "it was made by another version of mainstay");
    demand(signed.verdict >= now.verdict, "the verdict is worse");
    demand(
        now.undetermined.iter().all(|what| signed.undetermined.contains(what)),
        "more is not known than was signed for",
    );
    if carry_over {
        demand(within(&now.losses, &signed.losses), "more would be lost than was signed for");
        demand(does_no_more(now, signed), "the plan does more than the one that was signed for");
        demand(same_places(&signed.plans, &now.plans), "the plan is for another backend, workspace or state");
    } else {
        let digests = |request: &Request| request.plans.iter().map(|plan| plan.sha256).collect::<Vec<_>>();
        demand(digests(signed) == digests(now), "the plan is another");
        let made_on =
            |request: &Request| request.plans.iter().map(|plan| plan.made_on.clone()).collect::<Vec<_>>();
        demand(made_on(signed) == made_on(now), "the plan is for another backend, workspace or state");
        demand(signed.change_digest == now.change_digest, "the changes are others");
        demand(signed.loss_digest == now.loss_digest, "what would be lost is not what was signed for");
        demand(within(&now.losses, &signed.losses), "what would be lost is worse than what was signed for");
    }
    if let (Some(was), Some(is)) = (&signed.commit, &now.commit) {
        demand(was.tree == is.tree, "the checkout is of another tree");
    }
    demand(
        signed.commit.is_none() || now.commit.is_some(),
        "the commit that it was made of is not known here",
    );
    for source in &signed.sources {
        found.extend(worse(source, &now.sources));
    }
    found.extend(environment(signed, now));
    found
}

/// Whether each loss is covered by one that was signed for.
fn within(losses: &[Loss], signed: &[Loss]) -> bool {
    losses.iter().all(|loss| signed.iter().any(|other| loss.is_within(other)))
}

fn does_no_more(now: &Request, signed: &Request) -> bool {
    let lock = |plan: &PlanRef| plan.made_on.as_ref().and_then(|made_on| made_on.lock);
    let locks = now.plans.iter().map(lock).eq(signed.plans.iter().map(lock));
    let (Some(now), Some(signed)) = (&now.changes, &signed.changes) else { return false };
    locks && now.iter().all(|change: &ChangeRef| signed.contains(change))
}

/// The same backends, workspaces and states, which may have gone on since.
fn same_places(signed: &[PlanRef], now: &[PlanRef]) -> bool {
    let follows = |was: &MadeOn, is: &MadeOn| {
        let was = MadeOn { serial: is.serial, ..was.clone() };
        was == *is
    };
    signed.len() == now.len()
        && signed.iter().zip(now).all(|(was, is)| match (&was.made_on, &is.made_on) {
            (Some(was), Some(is)) => was.serial <= is.serial && follows(was, is),
            (was, is) => was.is_none() && is.is_none(),
        })
}

/// Why a source tells less than it did.
fn worse(signed: &SourceRef, now: &[SourceRef]) -> Option<String> {
    let SourceRef { path, kind, taken_at, complete } = signed;
    let Some(found) = now.iter().find(|source| source.path == *path && source.kind == *kind) else {
        return Some(format!("the source {path} was there when it was asked, and is not now"));
    };
    if *complete && !found.complete {
        return Some(format!("the source {path} was complete when it was asked, and is not now"));
    }
    (found.taken_at < *taken_at).then(|| format!("the source {path} is older than the one it was asked by"))
}

/// Variables that are there on one side only, or differ; names only.
fn environment(signed: &Request, now: &Request) -> Vec<String> {
    let mut names: Vec<&str> = signed
        .environment
        .iter()
        .filter(|one| !now.environment.contains(one))
        .chain(now.environment.iter().filter(|one| !signed.environment.contains(one)))
        .map(|one| one.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| format!("the variable {name} is not what it was")).collect()
}
