//! Moments and horizons: until when something holds.

use std::fmt;

/// A point in time, UTC.
pub type Instant = jiff::Timestamp;

/// `2023-10-08 15:04 UTC`: an instant as reports write it.
pub fn minute(instant: Instant) -> String {
    instant.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Until when something holds.
///
/// The order of the variants is the order in time: `Never < an instant < Eventually < Forever`. Everything the
/// program concludes is a minimum or a maximum in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// It does not hold at all.
    Never,
    /// It holds until this instant.
    At(Instant),
    /// It ends, but on which day is not known.
    Eventually,
    /// Nothing that is known ends it.
    Forever,
}

impl Moment {
    /// The moment as seen at `now`: what ended at or before `now` does not hold.
    pub fn seen_at(self, now: Instant) -> Moment {
        match self {
            Moment::At(end) if end <= now => Moment::Never,
            other => other,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Never => f.write_str("never"),
            Moment::At(end) => write!(f, "{end}"),
            Moment::Eventually => f.write_str("eventually"),
            Moment::Forever => f.write_str("forever"),
        }
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "never" => Moment::Never,
            "eventually" => Moment::Eventually,
            "forever" => Moment::Forever,
            time => Moment::At(time.parse().map_err(serde::de::Error::custom)?),
        })
    }
}

impl schemars::JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut instant = generator.subschema_for::<Instant>();
        instant.insert("description".to_owned(), "It holds until this instant.".into());
        schemars::json_schema!({
            "description": "Until when something holds: never < an instant < eventually < forever.",
            "oneOf": [
                instant,
                { "const": "never", "description": "It does not hold at all." },
                { "const": "eventually", "description": "It ends, but on which day is not known." },
                { "const": "forever", "description": "Nothing that is known ends it." },
            ],
        })
    }
}

/// Two bounds of one truth: it surely holds until `sure`, and may hold until `possible`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Horizon {
    /// It holds at least this long, whatever the unknowns turn out to be.
    pub sure: Moment,
    /// It holds at most this long, whatever the unknowns turn out to be.
    pub possible: Moment,
}

impl Horizon {
    /// It holds, and nothing ends it.
    pub const FOREVER: Horizon = Horizon::exactly(Moment::Forever);
    /// It does not hold.
    pub const NEVER: Horizon = Horizon::exactly(Moment::Never);
    /// Nothing is known.
    pub const UNKNOWN: Horizon = Horizon { sure: Moment::Never, possible: Moment::Forever };

    /// Both bounds are the same.
    pub const fn exactly(moment: Moment) -> Horizon {
        Horizon { sure: moment, possible: moment }
    }

    /// Both must hold: the lesser, bound by bound.
    #[must_use]
    pub fn and(self, other: Horizon) -> Horizon {
        Horizon { sure: self.sure.min(other.sure), possible: self.possible.min(other.possible) }
    }

    /// Either suffices: the greater, bound by bound.
    #[must_use]
    pub fn or(self, other: Horizon) -> Horizon {
        Horizon { sure: self.sure.max(other.sure), possible: self.possible.max(other.possible) }
    }

    /// Bound by bound, what ended at or before `now` does not hold.
    #[must_use]
    pub fn seen_at(self, now: Instant) -> Horizon {
        Horizon { sure: self.sure.seen_at(now), possible: self.possible.seen_at(now) }
    }

    /// Whether it surely holds at this moment, for however short a time.
    pub fn surely_holds(self) -> bool {
        self.sure > Moment::Never
    }

    /// Whether it may hold at this moment.
    pub fn may_hold(self) -> bool {
        self.possible > Moment::Never
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sure == self.possible {
            write!(f, "{}", self.sure)
        } else {
            write!(f, "{}..{}", self.sure, self.possible)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_ordered_in_time() {
        let day: Instant = "2023-10-08T15:04:00Z".parse().unwrap();
        assert!(Moment::Never < Moment::At(day));
        assert!(Moment::At(day) < Moment::Eventually);
        assert!(Moment::Eventually < Moment::Forever);
    }

    #[test]
    fn what_ended_by_now_does_not_hold() {
        let day: Instant = "2023-10-08T15:04:00Z".parse().unwrap();
        assert_eq!(Moment::At(day).seen_at(day), Moment::Never);
        let before: Instant = "2023-10-08T15:03:59Z".parse().unwrap();
        assert_eq!(Moment::At(day).seen_at(before), Moment::At(day));
    }
}
