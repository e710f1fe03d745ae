//! The parts of the model that could be taken away: all are in force, but in the test that takes away one after the
//! other to see that each of them decides some case.

/// The parts, and for tests the list of them all.
macro_rules! parts {
    ($($(#[$about:meta])* $part:ident,)*) => {
        /// A part of the model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Part {
            $($(#[$about])* $part,)*
        }

        /// All parts.
        #[cfg(test)]
        pub(super) const ALL: &[Part] = &[$(Part::$part),*];
    };
}

parts! {
    /// A loss is found need by need, from what changed. Without it the two horizons of a node are compared, and an
    /// unknown or an earlier end elsewhere hides a loss.
    #[cfg_attr(not(test), expect(dead_code, reason = "its alternative is compiled for tests only"))]
    NeedByNeed,
    /// Needs and supports have versions: what is used before is not what is used after. Without it a service that moves
    /// rests on either, and a need that the plan adds was there before.
    Versions,
    /// "It ends, the day is not known" is a moment of its own. Without it such an end may never come.
    Eventually,
    /// What does not run cannot hold itself up. Without it two groups in each other give each other what neither has.
    Grounded,
    /// There is a time between before and after, and what is down then has to come up from nothing. Without it a
    /// replacement goes unnoticed.
    Between,
    /// Traffic between services is not needed to start. Without it two services that call each other never come back.
    Run,
    /// A renewal path that ends later renews once more, and one that was overdue when seen is in doubt. Without it the
    /// end of the path is the end of what it renews.
    Renewal,
    /// What is read at the start is missed at the next start. Without it, at once.
    Start,
    /// What ended by now does not hold. Without it what ended last week is lost by a plan that removes it.
    Now,
    /// What the plan removes itself is removed, and does not starve. Without it the two are told as one.
    Removed,
    /// Some needs take more than one support. Without it one of three is a quorum.
    AtLeast,
    /// A support may not cover: a condition counts for one bound only. Without it, it surely covers.
    Cover,
    /// Weakened is who rests on one thing, and did not before. Without it, who has one support less.
    #[cfg_attr(not(test), expect(dead_code, reason = "its alternative is compiled for tests only"))]
    OnePoint,
    /// Changes that only together bring a loss about are one cause. Without it such a loss has none.
    Together,
}

#[cfg(not(test))]
pub(super) const fn in_force(_: Part) -> bool {
    true
}

#[cfg(test)]
thread_local! {
    static TAKEN_AWAY: std::cell::Cell<Option<Part>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
pub(super) fn in_force(part: Part) -> bool {
    TAKEN_AWAY.get() != Some(part)
}

/// Does something without this part, on this thread.
#[cfg(test)]
pub(super) fn without<T>(part: Part, run: impl FnOnce() -> T) -> T {
    TAKEN_AWAY.set(Some(part));
    let out = run();
    TAKEN_AWAY.set(None);
    out
}
