//! `forecast`, on the command line.

use super::{Sources, parse_now};
use crate::config;
use crate::model::Instant;
use crate::report::{ForecastFormat, FormatTo};
use clap::{Args, ValueHint};
use std::path::PathBuf;
use std::str::FromStr;

/// Say what ends, by date: what it takes along, what would renew it, and why that does not hold
///
/// Certificates, keys and tokens that end with nothing to renew them, what has ended already, and what ends on a day
/// that nobody knows. With a plan, all is as it will be after it, and the difference is told.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay forecast --snapshot snapshots/
  mainstay forecast --until 30d --plan plan.json         what ends after the plan, and what it changes
  mainstay forecast --until 2026-12-31 --format json
  mainstay forecast --until 365d --format ics=ends.ics   for a calendar: each end, and each first failure

Ends with 0 whatever ends: `mainstay check` judges.")]
pub(in crate::cli) struct Forecast {
    /// How far ahead: a time such as 90d or 36h, or a date (its whole day counts), or an RFC 3339 time
    #[arg(long, value_name = "WHEN", default_value = "90d")]
    pub(in crate::cli) until: Until,
    /// A plan: all is told as it will be after it; can be given several times
    #[arg(long = "plan", value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) plans: Vec<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) sources: Sources,
    /// text, json or ics (iCalendar), to standard output or =FILE; can be given several times
    #[arg(long = "format", value_name = "F[=FILE]", default_value = "text")]
    pub(in crate::cli) formats: Vec<FormatTo<ForecastFormat>>,
    /// Answer as of this date or RFC 3339 time, not the clock's
    #[arg(long, value_name = "T", value_parser = parse_now)]
    pub(in crate::cli) now: Option<Instant>,
}

/// How far ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Until {
    /// So many seconds from now.
    For(i64),
    /// Until then.
    At(Instant),
}

impl Until {
    /// The instant, where it is not before now; what lies beyond all calendars is their end.
    pub(in crate::cli) fn from(self, now: Instant) -> Option<Instant> {
        let at = match self {
            Until::For(seconds) => {
                let end = now.as_second().checked_add(seconds).and_then(|end| Instant::from_second(end).ok());
                end.unwrap_or(Instant::MAX)
            }
            Until::At(at) => at,
        };
        (at >= now).then_some(at)
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Until, String> {
        let span = config::duration(text).map(Until::For);
        span.or_else(|| config::instant(text, true).map(Until::At)).ok_or_else(|| {
            "give a time such as 90d or 36h, a date such as 2026-12-31, or a time such as 2026-12-31T12:00:00Z"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_a_date_or_an_instant_says_how_far() {
        let now: Instant = "2026-03-01T12:00:00Z".parse().unwrap();
        let of = |text: &str| {
            text.parse::<Until>().ok().and_then(|until| until.from(now)).map(|until| until.to_string())
        };
        assert_eq!(of("90d").as_deref(), Some("2026-05-30T12:00:00Z"));
        assert_eq!(of("24h").as_deref(), Some("2026-03-02T12:00:00Z"));
        assert_eq!(of("0d").as_deref(), Some("2026-03-01T12:00:00Z"));
        // The whole day counts.
        assert_eq!(of("2026-03-01").as_deref(), Some("2026-03-02T00:00:00Z"));
        assert_eq!(of("2026-03-05T10:00:00+02:00").as_deref(), Some("2026-03-05T08:00:00Z"));
        assert_eq!(of("99999999999d"), Some(Instant::MAX.to_string()));
        for wrong in ["", "90", "-1d", "1w", "soon", "2026-02-30", "2026-02-28", "2026-02-28T00:00:00Z"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
