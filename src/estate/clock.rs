//! Moments by their rank: all that an evaluation ever concludes is one of the moments that the estate mentions, so a
//! moment is a number, and the least and greatest of moments are those of numbers.

use super::part::{Part, in_force};
use crate::model::{Horizon, Instant, Moment, Phase};

/// A moment by its place among all that the estate mentions.
pub(super) type Rank = u32;

/// It does not hold at all.
pub(super) const NEVER: Rank = 0;
/// It ends, on a day that is not known.
pub(super) const EVENTUALLY: Rank = u32::MAX - 1;
/// Nothing that is known ends it.
pub(super) const FOREVER: Rank = u32::MAX;

/// One of the two bounds of a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Bound {
    /// It surely holds until.
    Sure,
    /// It may hold until.
    Possible,
}

/// A horizon in ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) sure: Rank,
    pub(super) possible: Rank,
}

impl Held {
    pub(super) const FOREVER: Held = Held { sure: FOREVER, possible: FOREVER };
    pub(super) const NEVER: Held = Held { sure: NEVER, possible: NEVER };
    pub(super) const UNKNOWN: Held = Held { sure: NEVER, possible: FOREVER };

    pub(super) fn at(self, bound: Bound) -> Rank {
        match bound {
            Bound::Sure => self.sure,
            Bound::Possible => self.possible,
        }
    }

    pub(super) fn set(&mut self, bound: Bound, rank: Rank) {
        match bound {
            Bound::Sure => self.sure = rank,
            Bound::Possible => self.possible = rank,
        }
    }

    pub(super) fn and(self, other: Held) -> Held {
        Held { sure: self.sure.min(other.sure), possible: self.possible.min(other.possible) }
    }
}

/// A renewal in ranks: how the horizon of its path becomes that of what is renewed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renewal {
    /// Its own validity; `None`: until when is not known.
    end: Option<Held>,
    /// The last moment that is not after the first try; `None`: when that is, is not known.
    due: Option<Rank>,
    /// The first try was past when the snapshot was taken: the path is in doubt already.
    overdue: bool,
}

impl Renewal {
    /// What the path makes of it.
    pub(super) fn bound(&self, bound: Bound, path: Rank) -> Rank {
        let end = self.end.map(|end| end.at(bound));
        if !in_force(Part::Renewal) {
            return end.unwrap_or(NEVER).max(path);
        }
        match (bound, end) {
            (Bound::Sure, _) => end.unwrap_or(NEVER).max(if self.overdue { NEVER } else { path }),
            (Bound::Possible, _) if path == FOREVER => FOREVER,
            (Bound::Possible, None) => EVENTUALLY,
            // A path that is lost before it is first used renews nothing; one that is lost later renews for a while.
            (Bound::Possible, Some(end)) if path <= self.due.unwrap_or(NEVER) => end.max(path),
            (Bound::Possible, Some(_)) => EVENTUALLY,
        }
    }
}

/// The moments of an estate, as seen at one now.
#[derive(Debug)]
pub(super) struct Clock {
    now: Instant,
    /// Instants after now, in order; the rank of one is its place, counted from one.
    instants: Vec<Instant>,
}

impl Clock {
    pub(super) fn new(now: Instant, mentioned: impl Iterator<Item = Instant>) -> Clock {
        let past = !in_force(Part::Now);
        let mut instants: Vec<Instant> = mentioned.filter(|instant| past || *instant > now).collect();
        instants.sort_unstable();
        instants.dedup();
        Clock { now, instants }
    }

    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// The greatest rank of a moment that is not after this one.
    pub(super) fn rank(&self, moment: Moment) -> Rank {
        match moment {
            Moment::Never => NEVER,
            Moment::At(instant) => {
                let place = self.instants.partition_point(|known| *known <= instant);
                u32::try_from(place).unwrap_or(EVENTUALLY - 1)
            }
            Moment::Eventually if !in_force(Part::Eventually) => FOREVER,
            Moment::Eventually => EVENTUALLY,
            Moment::Forever => FOREVER,
        }
    }

    pub(super) fn held(&self, horizon: Horizon) -> Held {
        Held { sure: self.rank(horizon.sure), possible: self.rank(horizon.possible) }
    }

    pub(super) fn moment(&self, rank: Rank) -> Moment {
        match rank {
            NEVER => Moment::Never,
            EVENTUALLY => Moment::Eventually,
            FOREVER => Moment::Forever,
            place => self.instants.get(place as usize - 1).map_or(Moment::Never, |at| Moment::At(*at)),
        }
    }

    pub(super) fn horizon(&self, held: Held) -> Horizon {
        Horizon { sure: self.moment(held.sure), possible: self.moment(held.possible) }
    }

    /// A renewal as seen at now.
    pub(super) fn renewal(&self, phase: Phase) -> Option<Renewal> {
        let Phase::Renew { end, at, seen } = phase else { return None };
        let end = end.map(|end| {
            if end > self.now || !in_force(Part::Now) {
                self.held(Horizon::exactly(Moment::At(end)))
            } else if seen.is_some_and(|seen| end <= seen) {
                Held::NEVER
            } else {
                // Ended since the snapshot was taken: renewed since, or down.
                Held { sure: NEVER, possible: EVENTUALLY }
            }
        });
        let overdue = at.is_some_and(|at| seen.unwrap_or(self.now) >= at);
        Some(Renewal { end, due: at.map(|at| self.rank(Moment::At(at))), overdue })
    }
}
