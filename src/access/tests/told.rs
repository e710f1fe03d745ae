//! What the property tests of the clouds have in common: what routes come to, and what never is a loss.

use crate::access::{Absent, Route, Routes};
use crate::model::{Coverage, Side};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// Whether it is surely so, and whether it may be.
pub type Told = (bool, bool);

/// What routes come to where all that is known is there: one that needs a deny to be absent does not hold.
pub fn told(routes: &Routes) -> Told {
    told_on(routes, Side::Both, &|_| Side::Both)
}

/// What routes come to on one side of a plan: `stands` tells for each key where it is there.
pub fn told_on(routes: &Routes, on: Side, stands: &dyn Fn(usize) -> Side) -> Told {
    let there = |key: usize, side: Side| stands(key).both(side).and_then(|side| side.both(on)).is_some();
    let denied = |absent: &Absent| there(absent.key, absent.side);
    let holds = |route: &&Route| {
        there(route.grant, route.side)
            && route.also.iter().all(|also| there(also.grant, route.side))
            && !route.absent.iter().any(denied)
    };
    let mut open = routes.routes.iter().filter(holds).map(|route| &route.coverage);
    (open.clone().any(|coverage| *coverage == Coverage::Sure), open.next().is_some())
}

/// Whether the first never say more than the second.
pub fn at_most(less: &[Told], more: &[Told]) -> bool {
    less.iter().zip(more).all(|(less, more)| less.0 <= more.0 && less.1 <= more.1)
}

/// Whether for all that a grant allows there is a sure way that does not need the grant.
pub fn covered_without(needs: &[(String, Routes)], grant: usize) -> bool {
    let another = |route: &Route| {
        let needs_it = route.grant == grant || route.also.iter().any(|also| also.grant == grant);
        !needs_it && route.absent.is_empty() && route.coverage == Coverage::Sure
    };
    needs.iter().all(|(_, routes)| routes.routes.iter().any(another))
}

/// That nothing went with a grant. What counted under a condition only is covered by what counts under the same one.
pub fn not_missed(was: &[Told], is: &[Told], conditional: bool) -> Result<(), TestCaseError> {
    for (was, is) in was.iter().zip(is) {
        prop_assert!(was.0 <= is.0 && (conditional || was.1 <= is.1));
    }
    Ok(())
}

/// A plan, asked about before and after it.
pub struct Turn {
    /// What one world of all that stands before or after it tells of each side.
    pub joined: [Vec<Told>; 2],
    /// What holds before, and after, found out without the other.
    pub alone: [Vec<Told>; 2],
    /// What holds by what the plan leaves alone, against all that denies before or after it.
    pub unchanged: Vec<Told>,
}

impl Turn {
    /// That what is covered before by what the plan does not change, is so after it.
    pub fn loses_nothing_unchanged(&self) -> Result<(), TestCaseError> {
        let [before, after] = &self.joined;
        for ((unchanged, before), after) in self.unchanged.iter().zip(before).zip(after) {
            prop_assert!(!unchanged.0 || before.0 && after.0, "covered by what stays, and told to be lost");
            prop_assert!(!unchanged.1 || before.1 && after.1, "perhaps covered by what stays");
        }
        prop_assert_eq!(&self.joined, &self.alone);
        Ok(())
    }
}

/// Where something stands that a plan makes, takes away, or leaves.
pub fn side() -> impl Strategy<Value = Side> {
    prop_oneof![1 => Just(Side::Before), 1 => Just(Side::After), 2 => Just(Side::Both)]
}
