//! What the policies of an organization leave of an account's rights.
//!
//! On each level from the root down to the account some policy must allow what is asked, and none of them may deny it. A
//! policy that allows all is attached everywhere until somebody detaches it, so one that only denies leaves it in place;
//! where one allows some things only, whether the other is still there is not known. Which policies are attached is known
//! as far as plans and states tell: others may deny more. Source: AWS Organizations User Guide, "SCP evaluation",
//! "Resource control policies", "Service control policies".

use super::asked::Asked;
use super::condition::account;
use super::limit::{Layer, Verdict};
use super::of_policy;
use super::statement::{Said, says};
use crate::access::held::doubt;
use crate::access::{KnownBound, World};
use crate::model::{Alias, Permission, Side, Unknown};
use std::collections::{BTreeMap, BTreeSet};

/// The space of names of what policies of an organization are attached to: accounts, units, roots.
const TARGET: &str = "aws-target";

/// One layer for each level on which a policy is attached.
pub(super) fn layers(world: &World, asked: &Asked<'_>) -> Vec<Layer> {
    let who = asked.who.value();
    // Roles that AWS itself makes for its services are not bound.
    let Some(account) = account(who).filter(|_| !who.contains(":role/aws-service-role/")) else {
        return Vec::new();
    };
    let attached: Vec<&KnownBound> =
        world.bounds.iter().filter(|bound| bound.principal.space() == TARGET).collect();
    if attached.is_empty() {
        return Vec::new();
    }
    let path = path(world, account);
    let mut levels: BTreeMap<&Alias, Vec<&KnownBound>> = BTreeMap::new();
    for bound in attached {
        levels.entry(&bound.principal).or_default().push(bound);
    }
    let above = |target: &Alias| path.above(target);
    let each = levels.into_iter().filter(|(target, _)| above(target) != Some(false));
    each.map(|(target, bounds)| level(world, asked, target, &bounds, above(target).is_none())).collect()
}

/// What is above an account, as far as anything tells.
struct Path {
    known: BTreeSet<String>,
    whole: bool,
}

impl Path {
    /// Whether a target is above the account, or it itself; `None`: that is not known.
    fn above(&self, target: &Alias) -> Option<bool> {
        match target.value() {
            // There is one root, and it is above all.
            root if root.starts_with("r-") => Some(true),
            other if self.known.contains(other) => Some(true),
            // An account is above nothing but itself.
            other if self.whole || other.bytes().all(|digit| digit.is_ascii_digit()) => Some(false),
            _ => None,
        }
    }
}

fn path(world: &World, account: &str) -> Path {
    let mut path = Path { known: BTreeSet::new(), whole: false };
    let mut open = vec![account.to_owned()];
    while let Some(at) = open.pop() {
        path.whole |= at.starts_with("r-");
        if path.known.insert(at.clone()) {
            let above = world.above.get(&format!("{TARGET}:{at}")).into_iter().flatten();
            open.extend(above.filter_map(|outer| outer.strip_prefix("aws-target:")).map(str::to_owned));
        }
    }
    path
}

/// What the policies of one level let through. `perhaps`: whether the level is above the account is not known.
fn level(world: &World, asked: &Asked<'_>, target: &Alias, bounds: &[&KnownBound], perhaps: bool) -> Layer {
    let told: Vec<Told<'_>> = bounds.iter().flat_map(|bound| told(world, bound)).collect();
    let any_allows = told.iter().any(|one| one.statements.is_ok_and(|all| all.iter().any(|one| !one.denies)));
    let any_allows = any_allows || told.iter().any(|one| one.all);
    let on = |side: Side| {
        let here: Vec<&Told<'_>> = told.iter().filter(|one| one.side.both(side).is_some()).collect();
        let verdict = verdict(asked, target, &here, any_allows);
        match verdict {
            Verdict::Blocked | Verdict::Doubt(_) if perhaps => {
                Verdict::Doubt(about(target, "whether that is above the account is not known"))
            }
            other => other,
        }
    };
    let (before, after) = (on(Side::Before), on(Side::After));
    let change = told.iter().filter(|one| one.side != Side::Both).find_map(|one| one.change);
    Layer { before, after, change }
}

fn about(target: &Alias, words: &str) -> Unknown {
    doubt(format!("a policy of the organization on {}: {words}", target.value()), None)
}

/// One version of an attached policy.
struct Told<'w> {
    side: Side,
    change: Option<crate::model::ChangeIx>,
    statements: Result<&'w [Permission], ()>,
    /// It allows all: the one that AWS attaches.
    all: bool,
}

fn told<'w>(world: &'w World, bound: &KnownBound) -> Vec<Told<'w>> {
    if bound.policy.to_lowercase().ends_with("fullawsaccess") {
        return vec![Told { side: bound.side, change: bound.change, statements: Ok(&[]), all: true }];
    }
    let versions = of_policy(world, Some(&bound.policy)).into_iter();
    let one = |version: super::Version<'w>| {
        let side = version.side.both(bound.side)?;
        let change = version.change.or(bound.change);
        Some(Told { side, change, statements: version.statements.map_err(drop), all: false })
    };
    versions.filter_map(one).collect()
}

fn verdict(asked: &Asked<'_>, target: &Alias, here: &[&Told<'_>], any_allows: bool) -> Verdict {
    let statements = || here.iter().filter_map(|one| one.statements.ok()).flatten();
    let max = |denies: bool| {
        let of = statements().filter(|one| one.denies == denies);
        of.filter_map(|one| says(one, asked)).max()
    };
    match max(true) {
        Some(Said::Surely) => return Verdict::Blocked,
        Some(Said::Perhaps(why)) => return Verdict::Doubt(about(target, &format!("it may deny it: {why}"))),
        None => {}
    }
    if here.iter().any(|one| one.statements.is_err()) {
        return Verdict::Doubt(about(target, "no source says what it says"));
    }
    let allowed = here.iter().any(|one| one.all) || max(false) == Some(Said::Surely);
    match any_allows && !allowed {
        true => Verdict::Doubt(about(
            target,
            "none that is known allows it there, and whether another does is not known",
        )),
        false => Verdict::Through,
    }
}
