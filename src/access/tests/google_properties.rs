//! What must hold of any world of Google Cloud, and a second evaluator that shares nothing with the first: a hierarchy,
//! groups in groups, sets of all, conditions and denies.

use super::told::{Told, Turn, at_most, covered_without, not_missed, side, told, told_on};
use crate::access::{
    Cloud, KnownDeny, KnownGrant, KnownMembership, KnownRole, When, World, full_name, role_id,
};
use crate::model::{Alias, Deny, Grant, Permission, Side};
use proptest::prelude::*;

/// Resources, each with the number of the one above it.
const RESOURCES: [(&str, Option<usize>); 7] = [
    ("organizations/9", None),
    ("folders/5", Some(0)),
    ("projects/p1", Some(1)),
    ("projects/p2", Some(0)),
    ("//dns.googleapis.com/projects/p1/managedZones/z", Some(2)),
    ("//storage.googleapis.com/b", Some(2)),
    ("//storage.googleapis.com/c", Some(3)),
];
const PERMISSIONS: [&str; 4] = ["dns.zones.get", "dns.zones.set", "storage.buckets.get", "dns.sets.get"];
/// As denies spell them, and which they name.
const DENIED: [(&str, &[usize]); 4] = [
    ("dns.googleapis.com/zones.get", &[0]),
    ("dns.googleapis.com/zones.*", &[0, 1]),
    ("storage.googleapis.com/buckets.get", &[2]),
    ("dns.googleapis.com/*.get", &[0, 3]),
];
/// Who asks, two groups, and two names for everybody.
const MEMBERS: [&str; 5] =
    ["serviceAccount:sp@x.test", "group:g@x.test", "group:h@x.test", "allUsers", "allAuthenticatedUsers"];
/// The first three, as denies spell them, and everybody.
const SPELT: [&str; 4] = [
    "principal://iam.googleapis.com/projects/-/serviceAccounts/sp@x.test",
    "principalSet://goog/group/g@x.test",
    "principalSet://goog/group/h@x.test",
    "principalSet://goog/public:all",
];
const CONDITION: &str = "request.time < timestamp('2030-01-01T00:00:00Z') [until] []";

/// The first key of denies.
const BAN: usize = 700;

#[derive(Debug, Clone)]
struct Ban {
    place: usize,
    denied: usize,
    /// Whom, of [`SPELT`].
    whom: usize,
    except: Option<usize>,
    conditional: bool,
}

/// Holder, role, resource, whether under a condition.
type Held = (usize, usize, usize, bool);

#[derive(Debug, Clone)]
struct Small {
    /// Permissions of each role, by number.
    roles: Vec<Vec<usize>>,
    grants: Vec<Held>,
    /// Group, member.
    members: Vec<(usize, usize)>,
    bans: Vec<Ban>,
}

fn small() -> impl Strategy<Value = Small> {
    let ban =
        (0..RESOURCES.len(), 0..DENIED.len(), 0..SPELT.len(), prop::option::of(0..3usize), any::<bool>());
    let ban = ban.prop_map(|(place, denied, whom, except, conditional)| Ban {
        place,
        denied,
        whom,
        except,
        conditional,
    });
    let grant = (0..MEMBERS.len(), 0..3usize, 0..RESOURCES.len(), any::<bool>());
    (
        prop::collection::vec(prop::collection::vec(0..PERMISSIONS.len(), 0..4), 3),
        prop::collection::vec(grant, 0..5),
        prop::collection::vec((1..3usize, 0..3usize), 0..4),
        prop::collection::vec(ban, 0..3),
    )
        .prop_map(|(roles, grants, members, bans)| Small { roles, grants, members, bans })
}

fn member(number: usize) -> Alias {
    Alias::new("principal", MEMBERS[number])
}

fn grant(small: &Small, at: usize) -> KnownGrant {
    let (holder, role, resource, conditional) = small.grants[at];
    let grant = Grant {
        cloud: "google".to_owned(),
        principal: Some(member(holder)),
        principal_type: None,
        role_id: Some(format!("roles/r{role}")),
        role_name: None,
        scope: Some(RESOURCES[resource].0.to_owned()),
        condition: conditional.then(|| CONDITION.to_owned()),
        allows: None,
        by_resource: false,
        ends: false,
    };
    KnownGrant { key: at, grant: grant.into(), listed_for: Vec::new() }
}

fn world(small: &Small) -> World {
    let mut world = World::default();
    for (name, outer) in RESOURCES {
        if let Some(outer) = outer {
            world.lies_in(full_name(name), full_name(RESOURCES[outer].0), When::ALWAYS);
        }
    }
    for (number, permissions) in small.roles.iter().enumerate() {
        let mut actions: Vec<String> =
            permissions.iter().map(|number| PERMISSIONS[*number].to_owned()).collect();
        actions.sort();
        actions.dedup();
        let permissions = Some([Permission { actions, ..Permission::default() }].into());
        let role =
            KnownRole { key: 900, cloud: Some(Cloud::Google), side: Side::Both, change: None, permissions };
        world.roles_by_id.insert(role_id("google", &format!("roles/r{number}")), vec![role]);
    }
    for at in 0..small.grants.len() {
        let known = grant(small, at);
        let holder = member(small.grants[at].0);
        world.grants.entry(holder).or_default().push(known);
    }
    for group in [1, 2] {
        world.groups.insert(member(group));
        world.groups_listed.insert(member(group));
    }
    for (group, inner) in &small.members {
        world.memberships.push(KnownMembership { key: 800, group: member(*group), member: member(*inner) });
    }
    for (number, ban) in small.bans.iter().enumerate() {
        let spelt = |number: usize| Alias::new("google-principal", SPELT[number]);
        let deny = Deny {
            cloud: "google".to_owned(),
            everyone: ban.whom == 3,
            principals: if ban.whom == 3 { Vec::new() } else { vec![spelt(ban.whom)] },
            except: ban.except.map(spelt).into_iter().collect(),
            scope: Some(full_name(RESOURCES[ban.place].0)),
            this_scope_only: false,
            permissions: vec![Permission {
                actions: vec![DENIED[ban.denied].0.to_owned()],
                ..Permission::default()
            }],
            condition: ban.conditional.then(|| "resource.matchTag('a', 'b')".to_owned()),
        };
        world.denies.push(KnownDeny { key: BAN + number, deny, groups: Vec::new() });
    }
    world.basic_roles();
    world.sort_strangers();
    world
}

fn all(small: &Small) -> Vec<Told> {
    let world = world(small);
    let asked = PERMISSIONS.iter().flat_map(|permission| RESOURCES.iter().map(move |at| (permission, at.0)));
    asked.map(|(permission, at)| told(&world.can(Cloud::Google, &member(0), permission, at))).collect()
}

/// The same, straight from the documentation: who somebody is, what is above what, union, denies first.
fn brute(small: &Small) -> Vec<Told> {
    let mut is = [true, false, false, true, true];
    for _ in 0..MEMBERS.len() {
        for (group, inner) in &small.members {
            is[*group] |= is[*inner];
        }
    }
    let above = |mut inner: usize, outer: usize| loop {
        if inner == outer {
            return true;
        }
        match RESOURCES[inner].1 {
            Some(next) => inner = next,
            None => return false,
        }
    };
    let mut out = Vec::new();
    for permission in 0..PERMISSIONS.len() {
        for resource in 0..RESOURCES.len() {
            let hits = |ban: &&Ban| {
                DENIED[ban.denied].1.contains(&permission)
                    && above(resource, ban.place)
                    && is[ban.whom]
                    && ban.except.is_none_or(|except| !is[except])
            };
            let bans: Vec<&Ban> = small.bans.iter().filter(hits).collect();
            let surely_denied = bans.iter().any(|ban| !ban.conditional);
            let grants: Vec<bool> = small
                .grants
                .iter()
                .filter(|(holder, role, place, _)| {
                    is[*holder] && small.roles[*role].contains(&permission) && above(resource, *place)
                })
                .map(|grant| grant.3)
                .collect();
            let sure = bans.is_empty() && grants.contains(&false);
            out.push((sure, !surely_denied && !grants.is_empty()));
        }
    }
    out
}

/// A plan: where each grant and each deny stands.
fn turn(small: &Small, grants: &[Side], bans: [Side; 2]) -> Turn {
    let world = world(small);
    let stands = |key: usize| if key >= BAN { bans[key - BAN] } else { grants[key] };
    let joined = |on: Side| {
        let asked = PERMISSIONS.iter().flat_map(|doing| RESOURCES.iter().map(move |at| (doing, at.0)));
        let told = |(doing, at): (&&str, &str)| {
            told_on(&world.can(Cloud::Google, &member(0), doing, at), on, &stands)
        };
        asked.map(told).collect()
    };
    let only = |of: &dyn Fn(Side) -> bool, denies: &dyn Fn(Side) -> bool| {
        let held = small.grants.iter().zip(grants).filter(|(_, side)| of(**side));
        let bans = small.bans.iter().zip(bans).filter(|(_, side)| denies(*side));
        brute(&Small {
            grants: held.map(|(held, _)| *held).collect(),
            bans: bans.map(|(ban, _)| ban.clone()).collect(),
            ..small.clone()
        })
    };
    Turn {
        joined: [joined(Side::Before), joined(Side::After)],
        alone: [only(&Side::before, &Side::before), only(&Side::after, &Side::after)],
        unchanged: only(&|side| side == Side::Both, &|_| true),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn brute_force_agrees(small in small()) {
        prop_assert_eq!(all(&small), brute(&small));
    }

    #[test]
    fn fewer_grants_and_members_never_allow_more(small in small(), which in any::<prop::sample::Index>()) {
        let whole = all(&small);
        let mut less = Vec::new();
        if !small.grants.is_empty() {
            let mut fewer = small.clone();
            fewer.grants.remove(which.index(small.grants.len()));
            less.push(fewer);
        }
        // Who leaves a group is still an exception to no deny: so this is asked where nothing is denied.
        if !small.members.is_empty() && small.bans.is_empty() {
            let mut fewer = small.clone();
            fewer.members.remove(which.index(small.members.len()));
            less.push(fewer);
        }
        for fewer in less {
            prop_assert!(at_most(&all(&fewer), &whole));
        }
    }

    #[test]
    fn one_more_deny_never_allows_more(small in small()) {
        prop_assume!(!small.bans.is_empty());
        let mut fewer = small.clone();
        fewer.bans.pop();
        prop_assert!(at_most(&all(&small), &all(&fewer)));
    }

    /// On a resource above, without the condition, with one more permission, or to everybody.
    #[test]
    fn what_is_broader_loses_nothing(small in small(), which in any::<prop::sample::Index>(), more in 0..PERMISSIONS.len()) {
        prop_assume!(!small.grants.is_empty());
        let before = all(&small);
        let at = which.index(small.grants.len());
        let broader: [fn(&mut Held); 3] =
            [|grant| grant.2 = RESOURCES[grant.2].1.unwrap_or(grant.2), |grant| grant.3 = false, |grant| grant.0 = 3];
        let mut others: Vec<Small> = broader.iter().map(|change| {
            let mut other = small.clone();
            change(&mut other.grants[at]);
            other
        }).collect();
        let mut other = small.clone();
        other.roles[small.grants[at].1].push(more);
        others.push(other);
        for other in others {
            prop_assert!(at_most(&before, &all(&other)));
        }
    }

    #[test]
    fn order_and_repetition_do_not_matter(small in small()) {
        let mut other = small.clone();
        other.grants.reverse();
        other.members.reverse();
        other.bans.reverse();
        other.roles.iter_mut().for_each(|role| role.extend(role.clone()));
        other.grants.extend(small.grants.clone());
        other.members.extend(small.members.clone());
        other.bans.extend(small.bans.clone());
        prop_assert_eq!(all(&small), all(&other));
    }

    /// If all that a grant allows is told to be covered by the others, then nothing is lost with it.
    #[test]
    fn a_grant_that_is_covered_is_not_missed(small in small(), which in any::<prop::sample::Index>()) {
        let mut small = small;
        small.grants.push((0, 0, 4, false));
        let at = which.index(small.grants.len());
        small.grants[at].0 = 0;
        let world = world(&small);
        let known = grant(&small, at);
        let needs = world.all_of(&member(0), &known).unwrap();
        if covered_without(&needs, at) {
            let mut fewer = small.clone();
            fewer.grants.remove(at);
            not_missed(&brute(&small), &brute(&fewer), small.grants[at].3)?;
        }
    }

    /// Covered before and unchanged after is never a loss, whatever else a plan makes and takes away.
    #[test]
    fn what_stays_covers_as_before(small in small(), stands in prop::collection::vec(side(), 5), bans in [side(), side()]) {
        turn(&small, &stands, bans).loses_nothing_unchanged()?;
    }
}
