//! What must hold of any cluster.

use super::whole::without;
use super::{Cluster, cluster, may, who};
use crate::access::Cloud;
use proptest::prelude::*;

const PLACES: [&str; 3] = ["shop", "ops", "*"];
const SUBJECTS: [&str; 5] = [
    "sa:shop/web",
    "sa:ops/web",
    "group:system:serviceaccounts:shop",
    "group:system:authenticated",
    "user:system:serviceaccount:shop:web",
];
const RULES: [&str; 9] = [
    "get||pods",
    "get,list||pods,pods/log",
    "*||pods",
    "get|*|*",
    "*|*|*",
    "get||pods|a",
    "update|apps|deployments/scale",
    "update|*|*/scale",
    "get|url|/healthz*",
];
const ACTIONS: [&str; 9] = [
    "get pods",
    "list pods",
    "get pods./a",
    "get pods/log",
    "update deployments/scale.apps",
    "get deployments.apps",
    "* pods",
    "get /healthz/x",
    "get /metrics",
];

/// Rules of each cluster role, and for each binding its place, role and subject, by number.
type Small = (Vec<Vec<usize>>, Vec<(usize, usize, usize)>);

fn small() -> impl Strategy<Value = Small> {
    let rules = prop::collection::vec(0..RULES.len(), 0..3);
    let binding = (0..PLACES.len(), 0..4usize, 0..SUBJECTS.len());
    (prop::collection::vec(rules, 4), prop::collection::vec(binding, 1..6))
}

fn built((roles, bindings): &Small) -> Cluster {
    let mut out = cluster();
    for (number, rules) in roles.iter().enumerate() {
        let rules: Vec<&str> = rules.iter().map(|rule| RULES[*rule]).collect();
        out = out.role(&format!("r{number}"), &rules);
    }
    for (place, role, subject) in bindings {
        out = out.bind(PLACES[*place], &format!("r{role}"), &[SUBJECTS[*subject]]);
    }
    out
}

/// Each action in each place, by the first subject.
fn all(small: &Small) -> Vec<bool> {
    let world = built(small).world();
    let asked = ACTIONS.iter().flat_map(|action| PLACES.iter().map(move |place| (action, place)));
    asked
        .map(|(action, place)| {
            let routes = world.can(Cloud::Kubernetes, &who(SUBJECTS[0]), action, place);
            assert_ne!(may(&routes), "unknown", "nothing here is in doubt: {action} on {place}");
            may(&routes) == "yes"
        })
        .collect()
}

fn no_more(less: &Small, more: &Small) -> bool {
    all(less).into_iter().zip(all(more)).all(|(less, more)| less <= more)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn fewer_grants_never_allow_more(small in small(), which in any::<prop::sample::Index>()) {
        let mut fewer = small.clone();
        fewer.1.remove(which.index(small.1.len()));
        prop_assert!(no_more(&fewer, &small));
    }

    #[test]
    fn fewer_rules_never_allow_more(small in small(), role in 0..4usize) {
        let mut fewer = small.clone();
        fewer.0[role].pop();
        prop_assert!(no_more(&fewer, &small));
    }

    #[test]
    fn a_broader_grant_loses_nothing(small in small(), which in any::<prop::sample::Index>()) {
        let mut broader = small.clone();
        let at = which.index(small.1.len());
        // In all namespaces instead of one.
        broader.1[at].0 = 2;
        prop_assert!(no_more(&small, &broader));
        let role = small.1[at].1;
        broader.0[role].push(4);
        prop_assert!(no_more(&small, &broader));
    }

    #[test]
    fn order_and_repetition_do_not_matter(small in small()) {
        let mut other = small.clone();
        other.1.reverse();
        other.1.extend(small.1.clone());
        other.0.iter_mut().for_each(|rules| {
            rules.reverse();
            rules.extend(rules.clone());
        });
        prop_assert_eq!(all(&small), all(&other));
    }

    /// If all that a grant allowed is told to be covered by the others, then no single action is lost with it; and what
    /// covers it does so still if another grant is broadened.
    #[test]
    fn a_grant_that_is_covered_is_not_missed(mut small in small(), which in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
        let at = which.index(small.1.len());
        small.1[at].2 = 0;
        let (_, lost) = without(&built(&small), at, SUBJECTS[0]).unwrap();
        let mut fewer = small.clone();
        fewer.1.remove(at);
        if lost.is_empty() {
            prop_assert_eq!(all(&small), all(&fewer));
        }
        let mut broader = small.clone();
        let other = other.index(small.1.len());
        if other != at {
            broader.1[other].0 = 2;
            let (_, still) = without(&built(&broader), at, SUBJECTS[0]).unwrap();
            prop_assert!(still.len() <= lost.len() || lost.is_empty() == still.is_empty(), "{still:?} of {lost:?}");
            prop_assert!(!lost.is_empty() || still.is_empty());
        }
    }
}
