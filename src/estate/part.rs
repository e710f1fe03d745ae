//! The parts of the model that could be taken away: all are in force, but in the test that takes away one after the
//! other to see that each of them decides some case.

/// A part of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A loss is found need by need, not by comparing two horizons.
    NeedByNeed,
    /// Needs and supports have versions.
    Versions,
    /// "It ends, the day is not known" is a moment of its own.
    Eventually,
    /// What does not run cannot hold itself up.
    Grounded,
    /// What is interrupted has to come up from nothing.
    Between,
    /// Traffic between services is not needed to start.
    Run,
    /// A renewal path that ends later does not renew for ever.
    Renewal,
    /// What is read at the start is missed at the next start.
    Start,
    /// What ended by now does not hold.
    Now,
    /// What the plan removes itself does not starve.
    Removed,
    /// Some needs take more than one support.
    AtLeast,
    /// A support may not cover.
    Cover,
    /// Weakened is who rests on one thing, not who has one support less.
    OnePoint,
    /// Changes that only together bring a loss about.
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
