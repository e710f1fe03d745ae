//! What must hold of any world, and a second evaluator that shares nothing with the first.

use super::told::covered_without;
use super::{Builder, who, world};
use crate::access::{Cloud, Routes, World};
use crate::model::Coverage;
use proptest::prelude::*;

const SCOPES: [&str; 7] = [
    "/",
    "/subscriptions/1",
    "/subscriptions/1/rg/a",
    "/subscriptions/1/rg/ab",
    "/subscriptions/1/rg/a/x",
    "/subscriptions/2",
    "/subscriptions/1/rg",
];
const PATTERNS: [&str; 9] = ["*", "A/*", "*/r", "A/*/r", "B/x/w", "A/x/r", "A/x/*", "*/x/*", "B/*"];
const ACTIONS: [&str; 6] = ["A/x/r", "A/x/w", "A/y/r", "B/x/r", "B/x/w", "B/y/w"];
const PRINCIPALS: [&str; 3] = ["sp", "g", "h"];

#[derive(Debug, Clone)]
struct Small {
    /// Role by number: actions and not-actions, by number.
    roles: Vec<(Vec<usize>, Vec<usize>)>,
    /// Holder, role, scope.
    grants: Vec<(usize, usize, usize)>,
    /// Group, member.
    members: Vec<(usize, usize)>,
    /// Scope, pattern, this scope only.
    denies: Vec<(usize, usize, bool)>,
}

fn small() -> impl Strategy<Value = Small> {
    let patterns = || prop::collection::vec(0..PATTERNS.len(), 0..3);
    (
        prop::collection::vec((patterns(), patterns()), 1..4),
        prop::collection::vec((0..PRINCIPALS.len(), 0..4usize, 0..SCOPES.len()), 0..5),
        prop::collection::vec((1..PRINCIPALS.len(), 0..PRINCIPALS.len()), 0..4),
        prop::collection::vec((0..SCOPES.len(), 0..PATTERNS.len(), any::<bool>()), 0..2),
    )
        .prop_map(|(roles, grants, members, denies)| Small {
            grants: grants
                .into_iter()
                .map(|(holder, role, scope)| (holder, role % roles.len(), scope))
                .collect(),
            roles,
            members,
            denies,
        })
}

fn texts(numbers: &[usize]) -> Vec<&'static str> {
    numbers.iter().map(|number| PATTERNS[*number]).collect()
}

fn built(small: &Small) -> Builder {
    // A role that nobody has tells on which plane everything is.
    let mut out = world().plain("plane", &["A/*", "B/*"]).listed("g").listed("h");
    for (number, (yes, not)) in small.roles.iter().enumerate() {
        out = out.role(&format!("r{number}"), &texts(yes), &texts(not), &[], &[]);
    }
    for (holder, role, scope) in &small.grants {
        out = out.grant(PRINCIPALS[*holder], &format!("r{role}"), SCOPES[*scope]);
    }
    for (group, member) in &small.members {
        out = out.member(PRINCIPALS[*group], PRINCIPALS[*member]);
    }
    for (scope, pattern, only) in &small.denies {
        out = out
            .deny("everyone", &[PATTERNS[*pattern]], SCOPES[*scope])
            .deny_with(|deny| deny.this_scope_only = *only);
    }
    out
}

fn surely(routes: &Routes) -> bool {
    routes.routes.iter().any(|route| route.coverage == Coverage::Sure && route.absent.is_empty())
}

fn perhaps(routes: &Routes) -> bool {
    routes.routes.iter().any(|route| route.absent.is_empty())
}

fn all(world: &World) -> Vec<(bool, bool)> {
    let ask = |action: &&str, scope: &&str| world.can(Cloud::Azure, &who("sp"), action, scope);
    let asked = ACTIONS.iter().flat_map(|action| SCOPES.iter().map(move |scope| ask(action, scope)));
    asked.map(|routes| (surely(&routes), perhaps(&routes))).collect()
}

/// Whether a pattern matches a whole action: by trying every length for every star.
fn matches(pattern: &[u8], action: &[u8]) -> bool {
    match pattern.split_first() {
        None => action.is_empty(),
        Some((b'*', rest)) => (0..=action.len()).any(|taken| matches(rest, &action[taken..])),
        Some((letter, rest)) => {
            action.split_first().is_some_and(|(first, after)| first == letter && matches(rest, after))
        }
    }
}

fn any_matches(patterns: &[usize], action: &str) -> bool {
    patterns.iter().any(|pattern| matches(PATTERNS[*pattern].as_bytes(), action.as_bytes()))
}

/// Scopes as lists of parts.
fn parts(scope: usize) -> Vec<&'static str> {
    SCOPES[scope].split('/').filter(|part| !part.is_empty()).collect()
}

/// The rules once more, straight from the documentation: token, denies, roles, union.
fn brute(small: &Small, action: &str, scope: usize) -> bool {
    let mut token = vec![0];
    for _ in 0..PRINCIPALS.len() {
        let more: Vec<usize> = small
            .members
            .iter()
            .filter(|(_, member)| token.contains(member))
            .map(|(group, _)| *group)
            .collect();
        token.extend(more);
    }
    let denied = small.denies.iter().any(|(place, pattern, only)| {
        let here = if *only { place == &scope } else { parts(scope).starts_with(&parts(*place)) };
        here && any_matches(&[*pattern], action)
    });
    !denied
        && small.grants.iter().any(|(holder, role, place)| {
            let (yes, not) = &small.roles[*role];
            token.contains(holder)
                && parts(scope).starts_with(&parts(*place))
                && any_matches(yes, action)
                && !any_matches(not, action)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn brute_force_agrees(small in small()) {
        let world = built(&small).world();
        for action in ACTIONS {
            for (number, scope) in SCOPES.iter().enumerate() {
                let routes = world.can(Cloud::Azure, &who("sp"), action, scope);
                let told = surely(&routes);
                prop_assert_eq!(told, brute(&small, action, number), "{} on {}", action, scope);
                prop_assert_eq!(told, perhaps(&routes), "nothing here is in doubt: {} on {}", action, scope);
            }
        }
    }

    #[test]
    fn fewer_grants_never_allow_more(small in small(), which in any::<prop::sample::Index>()) {
        prop_assume!(!small.grants.is_empty());
        let mut fewer = small.clone();
        fewer.grants.remove(which.index(small.grants.len()));
        for (less, more) in all(&built(&fewer).world()).into_iter().zip(all(&built(&small).world())) {
            prop_assert!(less <= more);
        }
    }

    #[test]
    fn a_broader_scope_and_one_more_role_lose_nothing(small in small(), which in any::<prop::sample::Index>(), role in 0..4usize) {
        prop_assume!(!small.grants.is_empty());
        let before = all(&built(&small).world());
        let mut broader = small.clone();
        let at = which.index(small.grants.len());
        broader.grants[at].2 = 0;
        let mut more = small.clone();
        more.grants.push((0, role % small.roles.len(), 1));
        for other in [broader, more] {
            for (was, is) in before.iter().zip(all(&built(&other).world())) {
                prop_assert!(*was <= is);
            }
        }
    }

    #[test]
    fn order_and_repetition_do_not_matter(small in small()) {
        let mut other = small.clone();
        other.grants.reverse();
        other.members.reverse();
        other.grants.extend(small.grants.clone());
        other.members.extend(small.members.clone());
        prop_assert_eq!(all(&built(&small).world()), all(&built(&other).world()));
    }

    /// If all that a grant allowed is told to be covered by the others, then no single action is lost with it.
    #[test]
    fn a_grant_that_is_covered_is_not_missed(mut small in small(), which in any::<prop::sample::Index>()) {
        small.grants.push((0, 0, 1));
        let at = which.index(small.grants.len());
        small.grants[at].0 = 0;
        let whole = built(&small);
        let covered =
            whole.world().all_of(&who("sp"), &whole.granted(at)).is_some_and(|all| covered_without(&all, at));
        let mut fewer = small.clone();
        fewer.grants.remove(at);
        if covered {
            for action in ACTIONS {
                for (scope, name) in SCOPES.iter().enumerate() {
                    prop_assert!(!brute(&small, action, scope) || brute(&fewer, action, scope), "{} on {}", action, name);
                }
            }
        }
    }
}
