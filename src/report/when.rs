//! Moments in words.

use crate::model::{Horizon, Instant, Moment, minute};
use crate::verdict::{Affected, Certainty, Fall};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `2023-10-08`.
pub(super) fn day(instant: Instant) -> String {
    instant.strftime("%Y-%m-%d").to_string()
}

/// `16 days`, `5 hours`, `1 minute`: the largest unit that fits, rounded down.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (number, unit) = match seconds {
        DAY.. => (seconds / DAY, "day"),
        HOUR.. => (seconds / HOUR, "hour"),
        _ => (seconds / MINUTE, "minute"),
    };
    plural(usize::try_from(number).unwrap_or(usize::MAX), unit)
}

/// `2 h old`, as in lists.
pub(super) fn age(taken_at: Instant, now: Instant) -> String {
    let seconds = now.as_second().saturating_sub(taken_at.as_second()).max(0);
    match seconds {
        DAY.. => format!("{} d old", seconds / DAY),
        HOUR.. => format!("{} h old", seconds / HOUR),
        _ => format!("{} min old", seconds / MINUTE),
    }
}

/// `1 change`, `12 changes`.
pub(super) fn plural(number: usize, unit: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{ending}")
}

/// Until when something holds, as the object of "until".
pub(super) fn moment(moment: Moment) -> String {
    match moment {
        Moment::Never => "not at all".to_owned(),
        Moment::At(instant) => format!("until {}", minute(instant)),
        Moment::Eventually => "until a day that is not known".to_owned(),
        Moment::Forever => "without an end that is known".to_owned(),
    }
}

/// A horizon in words; where the bounds differ both are named.
pub(super) fn horizon(horizon: Horizon) -> String {
    if horizon == Horizon::UNKNOWN {
        return "is not known to hold".to_owned();
    }
    if horizon.sure == horizon.possible {
        return match horizon.sure {
            Moment::Never => "does not hold".to_owned(),
            sure => format!("holds {}", moment(sure)),
        };
    }
    match horizon.sure {
        Moment::Never => format!("may hold {}, or not at all", moment(horizon.possible)),
        sure => format!("holds {}, perhaps {}", moment(sure), moment(horizon.possible)),
    }
}

/// When a workload falls: `first renewal fails 2023-09-23; outage 2023-10-08 15:04 UTC, 16 days after this apply`.
pub(super) fn fall(affected: &Affected, now: Instant, has_plan: bool) -> String {
    let certain = affected.certainty == Certainty::Certain;
    if affected.fall == Fall::Interrupted {
        let text = format!("{}; it comes back once the apply is done", at_once(has_plan));
        return if certain { text } else { format!("if so: {text}") };
    }
    let end = if certain { affected.until.possible } else { affected.until.sure };
    let mut parts = Vec::new();
    if let Some(first) = affected.first_failure_at {
        parts.push(format!("first renewal fails {}", day(first)));
    }
    // "At once" of something that is only feared, beside a first failure on its own day, would contradict it.
    if certain || affected.first_failure_at.is_none() || end != Moment::Never {
        parts.push(outage(affected, end, now, has_plan));
    } else {
        parts.push("outage on a day that is not known".to_owned());
    }
    let text = parts.join("; ");
    if certain { text } else { format!("if so: {text}") }
}

fn outage(affected: &Affected, end: Moment, now: Instant, has_plan: bool) -> String {
    let at = affected.breaks_at.or(match end {
        Moment::At(instant) => Some(instant),
        _ => None,
    });
    if let Some(at) = at {
        let left = at.as_second().saturating_sub(now.as_second());
        if left < 0 {
            return format!("outage {}, {} ago", minute(at), span(-left));
        }
        let left = span(left);
        let from = if has_plan { "after this apply" } else { "from now" };
        return format!("outage {}, {left} {from}", minute(at));
    }
    match affected.trigger.as_deref() {
        Some("apply") => at_once(has_plan),
        Some(known) if known.starts_with("next-") || known.starts_with("issue+") => trigger(known),
        _ if end == Moment::Never => at_once(has_plan),
        _ => "on a day that is not known".to_owned(),
    }
}

/// What ends something, where that is no date.
pub(super) fn trigger(trigger: &str) -> String {
    match (trigger, trigger.strip_prefix("issue+")) {
        ("next-start", _) => "at the next start of a process".to_owned(),
        ("next-renewal", _) => "when it is next renewed, on a day that is not known".to_owned(),
        (_, Some(life)) => format!("{life} after it was issued, on a day that is not known"),
        _ => "on a day that is not known".to_owned(),
    }
}

fn at_once(has_plan: bool) -> String {
    if has_plan { "at once, when this is applied".to_owned() } else { "it does not hold now".to_owned() }
}
