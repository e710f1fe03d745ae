//! What must hold of any account of AWS, and a second evaluator that shares nothing with the first: policies of a user, of a
//! group and of resources, denies, conditions, a boundary, and a role that must allow it itself.

use super::told::{Told, Turn, at_most, covered_without, not_missed, side, told, told_on};
use crate::access::{Cloud, KnownBound, KnownGrant, KnownMembership, KnownRole, World, role_id};
use crate::model::{Alias, Grant, Permission, Side};
use proptest::prelude::*;

const ROLE: &str = "arn:aws:iam::1:role/target";
const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "sts:AssumeRole"];
const RESOURCES: [&str; 4] = ["arn:aws:s3:::b/x", "arn:aws:s3:::c/x", "arn:aws:sqs:eu:1:q", ROLE];
/// Patterns of actions, and which of them they match.
const DOING: [(&str, &[usize]); 6] = [
    ("s3:GetObject", &[0]),
    ("S3:get*", &[0]),
    ("s3:*", &[0, 1]),
    ("s?s:SendMessage", &[2]),
    ("sts:AssumeRole", &[3]),
    ("*", &[0, 1, 2, 3]),
];
/// Patterns of resources, and which of them they match.
const ON: [(&str, &[usize]); 6] = [
    ("arn:aws:s3:::b/*", &[0]),
    ("arn:aws:s3:::*/x", &[0, 1]),
    ("arn:aws:sqs:*:1:q", &[2]),
    (ROLE, &[3]),
    ("arn:aws:s3:::c/?", &[1]),
    ("*", &[0, 1, 2, 3]),
];
/// Who asks, his group, somebody else, everybody, the account.
const HOLDERS: [&str; 5] = [
    "arn:aws:iam::1:user/alice",
    "arn:aws:iam::1:group/readers",
    "arn:aws:iam::1:user/bob",
    "*",
    "arn:aws:iam::1:root",
];
const UNKNOWN: &str = r#"{"IpAddress":{"aws:sourceip":["10.0.0.0/8"]}}"#;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Said {
    holder: usize,
    doing: usize,
    on: usize,
    denies: bool,
    conditional: bool,
    by_resource: bool,
}

#[derive(Debug, Clone)]
struct Small {
    said: Vec<Said>,
    member: bool,
    /// Of a boundary, if there is one: what it allows, and denies.
    bound: Option<Vec<(usize, usize, bool)>>,
}

fn small() -> impl Strategy<Value = Small> {
    let said = (0..HOLDERS.len(), 0..DOING.len(), 0..ON.len(), 0..4usize, 0..4usize, any::<bool>());
    let said = said.prop_map(|(holder, doing, on, denies, conditional, by_resource)| Said {
        holder,
        doing,
        on,
        denies: denies == 0,
        conditional: conditional == 0,
        // No resource names a group, and nobody else has policies of his own.
        by_resource: by_resource && holder != 1 || holder > 2,
    });
    let bound = prop::collection::vec((0..DOING.len(), 0..ON.len(), any::<bool>()), 0..3);
    (prop::collection::vec(said, 0..7), any::<bool>(), prop::option::weighted(0.3, bound))
        .prop_map(|(said, member, bound)| Small { said, member, bound })
}

fn attached() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
    let denies = (0..4usize).prop_map(|number| number == 0);
    prop::collection::vec((0..DOING.len(), 0..ON.len(), denies), 0..3)
}

fn who(number: usize) -> Alias {
    Alias::new("principal", HOLDERS[number])
}

fn block(doing: usize, on: usize, denies: bool, conditional: bool) -> Permission {
    Permission {
        actions: vec![DOING[doing].0.to_owned()],
        resources: vec![ON[on].0.to_owned()],
        condition: conditional.then(|| UNKNOWN.to_owned()),
        denies,
        ..Permission::default()
    }
}

fn grant(said: Said, key: usize) -> KnownGrant {
    let grant = Grant {
        cloud: "aws".to_owned(),
        principal: Some(who(said.holder)),
        principal_type: None,
        role_id: None,
        role_name: Some(format!("p{key}")),
        scope: Some(ON[said.on].0.to_owned()),
        condition: None,
        allows: Some(Box::new(block(said.doing, said.on, said.denies, said.conditional))),
        by_resource: said.by_resource,
        ends: false,
    };
    KnownGrant { key, grant: grant.into(), listed_for: Vec::new() }
}

fn world(small: &Small) -> World {
    let mut world = World::default();
    for (key, said) in small.said.iter().enumerate() {
        world.grants.entry(who(said.holder)).or_default().push(grant(*said, key));
    }
    if small.member {
        world.memberships.push(KnownMembership { key: 800, group: who(1), member: who(0) });
    }
    if let Some(bound) = &small.bound {
        let policy = "arn:aws:iam::1:policy/bound".to_owned();
        let blocks = bound.iter().map(|(doing, on, denies)| block(*doing, *on, *denies, false)).collect();
        let role = KnownRole {
            key: 900,
            cloud: Some(Cloud::Aws),
            side: Side::Both,
            change: None,
            permissions: Some(blocks),
        };
        world.roles_by_id.insert(role_id("aws", &policy), vec![role]);
        world.bounds.push(KnownBound { principal: who(0), policy, side: Side::Both, change: None });
    }
    world.policies_known.insert(ROLE.to_owned());
    world.sort_strangers();
    world
}

fn asked() -> impl Iterator<Item = (usize, usize)> {
    (0..ACTIONS.len()).flat_map(|action| (0..RESOURCES.len()).map(move |on| (action, on)))
}

fn all(small: &Small) -> Vec<Told> {
    let world = world(small);
    asked()
        .map(|(action, on)| told(&world.can(Cloud::Aws, &who(0), ACTIONS[action], RESOURCES[on])))
        .collect()
}

/// The same, straight from the documentation.
fn brute(small: &Small) -> Vec<Told> {
    let is = |holder: usize| match holder {
        1 => small.member,
        2 => false,
        _ => true,
    };
    let matches = |doing: usize, on: usize, asked: (usize, usize)| {
        DOING[doing].1.contains(&asked.0) && ON[on].1.contains(&asked.1)
    };
    let answer = |asked: (usize, usize)| {
        let meant: Vec<&Said> =
            small.said.iter().filter(|said| is(said.holder) && matches(said.doing, said.on, asked)).collect();
        let bound = |denies: bool| {
            let of = small.bound.iter().flatten().filter(move |one| one.2 == denies);
            of.clone().any(|(doing, on, _)| matches(*doing, *on, asked))
        };
        if small.bound.is_some() && bound(true) || meant.iter().any(|said| said.denies && !said.conditional) {
            return (false, false);
        }
        // Of those who allow: surely, and at all.
        let by = |test: &dyn Fn(&Said) -> bool| {
            let of = meant.iter().filter(|said| !said.denies && test(said));
            (of.clone().any(|said| !said.conditional), of.count() > 0)
        };
        let own = by(&|said| !said.by_resource);
        let named = by(&|said| said.by_resource && said.holder != 4);
        let account = by(&|said| said.by_resource && said.holder == 4);
        let inside = small.bound.is_none() || bound(false);
        let own = (own.0 && inside, own.1 && inside);
        let own = match asked {
            (3, 3) => (own.0 && account.0, own.1 && account.1),
            _ => own,
        };
        let sure = !meant.iter().any(|said| said.denies) && (own.0 || named.0);
        (sure, own.1 || named.1)
    };
    asked().map(answer).collect()
}

/// A policy that alice has attached, before and after a plan: what it allows, or denies.
type Attached = [Vec<(usize, usize, bool)>; 2];

const ATTACHED: &str = "arn:aws:iam::1:policy/attached";

/// A plan: where each statement stands, and what the attached policy says on both sides.
fn turn(small: &Small, stands: &[Side], attached: &Attached) -> Turn {
    let mut world = world(small);
    // Beyond all that may come or go.
    let key = 100;
    let mut held = grant(
        Said { holder: 0, doing: 0, on: 0, denies: false, conditional: false, by_resource: false },
        key,
    );
    let policy =
        Grant { allows: None, role_id: Some(ATTACHED.to_owned()), scope: None, ..(*held.grant).clone() };
    held.grant = policy.into();
    world.grants.entry(who(0)).or_default().push(held);
    let version = |side: Side, says: &[(usize, usize, bool)]| KnownRole {
        key: 901,
        cloud: Some(Cloud::Aws),
        side,
        change: None,
        permissions: Some(says.iter().map(|one| block(one.0, one.1, one.2, false)).collect()),
    };
    let versions = vec![version(Side::Before, &attached[0]), version(Side::After, &attached[1])];
    world.roles_by_id.insert(role_id("aws", ATTACHED), versions);
    world.sort_strangers();
    let stands_at = |key: usize| stands.get(key).copied().unwrap_or(Side::Both);
    let joined = |on: Side| {
        let told = |(action, on_what): (usize, usize)| {
            told_on(&world.can(Cloud::Aws, &who(0), ACTIONS[action], RESOURCES[on_what]), on, &stands_at)
        };
        asked().map(told).collect()
    };
    let own = |one: &(usize, usize, bool)| Said {
        holder: 0,
        doing: one.0,
        on: one.1,
        denies: one.2,
        conditional: false,
        by_resource: false,
    };
    let alone = |on: Side, says: &[(usize, usize, bool)]| {
        let said = small.said.iter().enumerate().filter(|(key, _)| stands_at(*key).both(on).is_some());
        let said = said.map(|(_, said)| *said).chain(says.iter().map(own)).collect();
        brute(&Small { said, ..small.clone() })
    };
    let stays = |(key, said): (usize, &Said)| (said.denies || stands_at(key) == Side::Both).then_some(*said);
    let both = attached[0].iter().filter(|one| !one.2 && attached[1].contains(one));
    let denies = attached.iter().flatten().filter(|one| one.2);
    let said = small.said.iter().enumerate().filter_map(stays).chain(both.chain(denies).map(own)).collect();
    Turn {
        joined: [joined(Side::Before), joined(Side::After)],
        alone: [alone(Side::Before, &attached[0]), alone(Side::After, &attached[1])],
        unchanged: brute(&Small { said, ..small.clone() }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn brute_force_agrees(small in small()) {
        prop_assert_eq!(all(&small), brute(&small));
    }

    /// One allow less never allows more, one deny less never allows less.
    #[test]
    fn allows_allow_and_denies_deny(small in small(), which in any::<prop::sample::Index>()) {
        prop_assume!(!small.said.is_empty());
        let at = which.index(small.said.len());
        let mut fewer = small.clone();
        let gone = fewer.said.remove(at);
        let (with, without) = (all(&small), all(&fewer));
        match gone.denies {
            true => prop_assert!(at_most(&with, &without)),
            false => prop_assert!(at_most(&without, &with)),
        }
    }

    #[test]
    fn order_and_repetition_do_not_matter(small in small()) {
        let mut other = small.clone();
        other.said.reverse();
        other.said.extend(small.said.clone());
        if let Some(bound) = &mut other.bound {
            bound.reverse();
            bound.extend(bound.clone());
        }
        prop_assert_eq!(all(&small), all(&other));
    }

    /// All actions, all resources, without the condition, or to everybody.
    #[test]
    fn what_is_broader_loses_nothing(small in small(), which in any::<prop::sample::Index>()) {
        let allows: Vec<usize> = (0..small.said.len()).filter(|at| !small.said[*at].denies).collect();
        prop_assume!(!allows.is_empty());
        let at = allows[which.index(allows.len())];
        let before = all(&small);
        let broader: [fn(&mut Said); 4] = [
            |said| said.doing = 5,
            |said| said.on = 5,
            |said| said.conditional = false,
            |said| if said.by_resource && said.holder < 3 { said.holder = 3 },
        ];
        for change in broader {
            let mut other = small.clone();
            change(&mut other.said[at]);
            prop_assert!(at_most(&before, &all(&other)), "{:?}", other.said[at]);
        }
    }

    /// If all that a grant allows is told to be covered by the others, then nothing is lost with it.
    #[test]
    fn a_grant_that_is_covered_is_not_missed(small in small(), which in any::<prop::sample::Index>()) {
        let mut small = small;
        small.said.push(Said { holder: 0, doing: 2, on: 0, denies: false, conditional: false, by_resource: false });
        let own: Vec<usize> =
            (0..small.said.len()).filter(|at| small.said[*at].holder == 0 && !small.said[*at].denies).collect();
        let at = own[which.index(own.len())];
        let world = world(&small);
        let needs = world.all_of(&who(0), &grant(small.said[at], at)).unwrap();
        if covered_without(&needs, at) {
            let mut fewer = small.clone();
            fewer.said.remove(at);
            not_missed(&brute(&small), &brute(&fewer), small.said[at].conditional)?;
        }
    }

    /// Covered before and unchanged after is never a loss, whatever else a plan makes and takes away.
    #[test]
    fn what_stays_covers_as_before(
        small in small(),
        stands in prop::collection::vec(side(), 7),
        attached in [attached(), attached()],
    ) {
        turn(&small, &stands, &attached).loses_nothing_unchanged()?;
    }
}
