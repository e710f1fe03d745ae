//! What the policies of an organization leave of an account's rights.
//!
//! Service control policies bind those who ask, resource control policies what is asked about, whoever asks. On each level
//! from the root down to the account some policy must allow what is asked, and none of them may deny it. A
//! policy that allows all is attached everywhere until somebody detaches it, so one that only denies leaves it in place;
//! where one allows some things only, whether the other is still there is not known. Which policies are attached is known
//! as far as plans and states tell: others may deny more. Neither sort binds the account that manages the organization, nor
//! the roles that AWS makes for its services. Source: AWS Organizations User Guide, "SCP evaluation", "Service control
//! policies", "Resource control policies", "RCP evaluation".

use super::asked::Asked;
use super::condition::account;
use super::limit::{Layer, Verdict};
use super::of_policy;
use super::pattern::actions_meet;
use super::statement::{Said, says};
use crate::access::held::doubt;
use crate::access::{KnownBound, When, World};
use crate::model::{Alias, Permission, Side, Unknown};
use std::collections::BTreeMap;

/// The space of names of what policies of an organization are attached to: accounts, units, roots.
const TARGET: &str = "aws-target";

/// What lies in the account that manages the organization.
const MANAGEMENT: &str = "aws-target:management";

/// What accounts lie in that are known not to manage it.
const MEMBER: &str = "aws-target:member";

/// Services whose resources are bound, however a policy names their actions; others came later, and those count where a
/// policy names them by themselves. Source: "Resource control policies", "List of AWS services that support RCPs".
const BOUND_SERVICES: [&str; 7] = ["s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss"];

/// What binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Who asks.
    Service,
    /// What is asked about.
    Resource,
    /// Nobody's rights: tags, backups.
    Nothing,
}

/// The account whose policies count.
#[derive(Debug, Clone, Copy)]
struct Whose<'a> {
    account: &'a str,
    /// Why it is not known whether it is this one.
    perhaps: Option<&'static str>,
}

/// One layer for each level on which a policy is attached, of either sort.
pub(super) fn layers(world: &World, asked: &Asked<'_>) -> Vec<Layer> {
    let who = asked.who.value();
    // Roles that AWS itself makes for its services are not bound.
    if who.contains(":role/aws-service-role/") {
        return Vec::new();
    }
    let attached: Vec<&KnownBound> =
        world.bounds.iter().filter(|bound| bound.principal.space() == TARGET).collect();
    if attached.is_empty() {
        return Vec::new();
    }
    let asker = account(who).map(|account| Whose { account, perhaps: None });
    let asker = asker.map(|whose| above(world, asked, &attached, Sort::Service, whose));
    let about = owner(asked).map(|whose| above(world, asked, &attached, Sort::Resource, whose));
    asker.into_iter().chain(about).flatten().collect()
}

const OWNER: &str = "in which account that is, is not known";

/// In which account that is what is asked about; none: nobody can bind it.
fn owner<'a>(asked: &Asked<'a>) -> Option<Whose<'a>> {
    let services = BOUND_SERVICES.iter().map(|service| format!("{service}:*"));
    let any = services.into_iter().any(|all| actions_meet(&all, asked.action));
    // A key that AWS manages is not bound; the ARN does not tell which ones these are, their aliases do.
    if !any && !asked.action.contains(':') || asked.resource.contains(":alias/aws/") {
        return None;
    }
    let own = account(asked.resource).filter(|own| !own.contains(['*', '?', '$']));
    match (own, account(asked.who.value())) {
        (Some(account), _) => Some(Whose { account, perhaps: None }),
        // What is about no resource counts as the asker's.
        (None, Some(account)) if asked.single && asked.resource == "*" => {
            Some(Whose { account, perhaps: None })
        }
        // Buckets do not say whose they are: as elsewhere here, no other account's.
        (None, Some(account)) => Some(Whose { account, perhaps: Some(OWNER) }),
        (None, None) => None,
    }
}

/// The layers above an account.
fn above(
    world: &World,
    asked: &Asked<'_>,
    attached: &[&KnownBound],
    sort: Sort,
    whose: Whose<'_>,
) -> Vec<Layer> {
    let manages = manages(world, whose.account);
    if manages == Some(true) {
        return Vec::new();
    }
    let path = path(world, whose.account);
    let mut levels: BTreeMap<&Alias, Vec<&KnownBound>> = BTreeMap::new();
    for bound in attached.iter().filter(|bound| sort_of(world, &bound.policy).is_none_or(|own| own == sort)) {
        levels.entry(&bound.principal).or_default().push(bound);
    }
    let each = levels.into_iter().filter_map(|(target, bounds)| Some((target, bounds, path.above(target)?)));
    each.map(|(target, bounds, when)| {
        let perhaps = match (whose.perhaps, when, manages) {
            (Some(why), ..) => Some(why),
            (None, None, _) => Some("whether that is above the account is not known"),
            (None, _, None) => Some(MANAGES),
            (None, _, Some(_)) => None,
        };
        level(world, asked, sort, (target, when.unwrap_or(When::ALWAYS)), &bounds, perhaps)
    })
    .collect()
}

const MANAGES: &str =
    "whether the account is the one that manages the organization, which no policy binds, is not known";

/// Whether an account manages the organization.
fn manages(world: &World, account: &str) -> Option<bool> {
    let own = format!("{TARGET}:{account}");
    let mut managing = world.outers(MANAGEMENT).peekable();
    if managing.peek().is_some() {
        return Some(managing.any(|(one, _)| one == own));
    }
    world.outers(&own).any(|(outer, _)| outer == MEMBER).then_some(false)
}

/// What a policy binds; none: no source says.
fn sort_of(world: &World, policy: &str) -> Option<Sort> {
    let policy = policy.to_lowercase();
    if policy.ends_with("-fullawsaccess") {
        return Some(Sort::Service);
    }
    if policy.ends_with("-rcpfullawsaccess") {
        return Some(Sort::Resource);
    }
    let said = format!("aws-scp:{policy}");
    match world.outers(&said).find_map(|(sort, _)| sort.strip_prefix("aws-policy-type:"))? {
        "resource_control_policy" => Some(Sort::Resource),
        "service_control_policy" => Some(Sort::Service),
        _ => Some(Sort::Nothing),
    }
}

/// What is above an account, as far as anything tells.
struct Path {
    known: BTreeMap<String, When>,
    whole: bool,
}

impl Path {
    /// When a target is above the account, or it itself; `None`: never; `Some(None)`: that is not known.
    fn above(&self, target: &Alias) -> Option<Option<When>> {
        match target.value() {
            // There is one root, and it is above all.
            root if root.starts_with("r-") => Some(Some(When::ALWAYS)),
            // An account is above nothing but itself.
            other => match self.known.get(other) {
                Some(when) => Some(Some(*when)),
                None if self.whole || other.bytes().all(|digit| digit.is_ascii_digit()) => None,
                None => Some(None),
            },
        }
    }
}

fn path(world: &World, account: &str) -> Path {
    let mut path = Path { known: BTreeMap::new(), whole: false };
    let mut open = vec![(account.to_owned(), When::ALWAYS)];
    while let Some((at, when)) = open.pop() {
        path.whole |= at.starts_with("r-");
        let known = path.known.get(&at).copied();
        let joined = known.map_or(when, |known| known.or(when));
        if known == Some(joined) {
            continue;
        }
        path.known.insert(at.clone(), joined);
        let inner = format!("{TARGET}:{at}");
        open.extend(world.outers(&inner).filter_map(|(outer, own)| {
            Some((outer.strip_prefix("aws-target:")?.to_owned(), joined.and(own)?))
        }));
    }
    path
}

/// What the policies of one level let through. `perhaps`: why it is not known whether they bind.
fn level(
    world: &World,
    asked: &Asked<'_>,
    sort: Sort,
    (target, above): (&Alias, When),
    bounds: &[&KnownBound],
    perhaps: Option<&str>,
) -> Layer {
    let told: Vec<Told<'_>> = bounds.iter().flat_map(|bound| told(world, bound)).collect();
    let any_allows = told.iter().any(|one| one.statements.is_ok_and(|all| all.iter().any(|one| !one.denies)));
    // What allows all resource policies cannot be detached, and no other one allows.
    let any_allows = sort == Sort::Service && (any_allows || told.iter().any(|one| one.all));
    let on = |side: Side| {
        if above.side.both(side).is_none() {
            return Verdict::Through;
        }
        let here: Vec<&Told<'_>> = told.iter().filter(|one| one.side.both(side).is_some()).collect();
        match (verdict(asked, sort, target, &here, any_allows), perhaps) {
            (Verdict::Blocked | Verdict::Doubt(_), Some(why)) => Verdict::Doubt(about(target, why)),
            (other, _) => other,
        }
    };
    let (before, after) = (on(Side::Before), on(Side::After));
    let change = told.iter().filter(|one| one.side != Side::Both).find_map(|one| one.change).or(above.change);
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

fn verdict(asked: &Asked<'_>, sort: Sort, target: &Alias, here: &[&Told<'_>], any_allows: bool) -> Verdict {
    let statements = || here.iter().filter_map(|one| one.statements.ok()).flatten();
    let max = |denies: bool| {
        let of =
            statements().filter(|one| one.denies == denies && (sort == Sort::Service || speaks(one, asked)));
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

/// Whether a statement of a resource control policy is about the service that is asked.
fn speaks(statement: &Permission, asked: &Asked<'_>) -> bool {
    // It has no effect on that, whatever it says. Source: AWS KMS Developer Guide, "Resource control policies in AWS KMS".
    if asked.action.eq_ignore_ascii_case("kms:RetireGrant") {
        return false;
    }
    let bound = BOUND_SERVICES.iter().any(|service| actions_meet(&format!("{service}:*"), asked.action));
    let service = |pattern: &String| pattern.split_once(':').map(|(service, _)| format!("{service}:*"));
    bound || statement.actions.iter().filter_map(service).any(|named| actions_meet(&named, asked.action))
}
