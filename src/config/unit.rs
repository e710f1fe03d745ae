//! Spans of time, shares and dates as people write them.

use crate::model::Instant;

/// `7d`, `36h`, `30m` or `90s` as seconds.
pub fn duration(text: &str) -> Option<i64> {
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let seconds = match text.strip_prefix(number)? {
        "d" => 24 * 60 * 60,
        "h" => 60 * 60,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    number.parse::<i64>().ok()?.checked_mul(seconds)
}

/// `25%` or `0.5%` as a share in 0..=1.
pub(super) fn share(text: &str) -> Option<f64> {
    let number = text.strip_suffix('%')?.trim_end();
    if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let percent: f64 = number.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

/// RFC 3339, or a date: then `end_of_day` chooses the first instant of the next day, else the first of this one.
pub fn instant(text: &str, end_of_day: bool) -> Option<Instant> {
    if let Ok(instant) = text.parse::<Instant>() {
        return Some(instant);
    }
    let date: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == "2026-12-31".len())?;
    let date = if end_of_day { date.tomorrow().ok()? } else { date };
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_a_whole_number() {
        assert_eq!(duration("7d"), Some(604_800));
        assert_eq!(duration("36h"), Some(129_600));
        assert_eq!(duration("30m"), Some(1_800));
        assert_eq!(duration("90s"), Some(90));
        for wrong in
            ["", "7", "d", "-7d", "1.5d", "7w", "7 d", "99999999999999999999d", "9223372036854775807d"]
        {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn shares_lie_between_nothing_and_all() {
        assert_eq!(share("25%"), Some(0.25));
        assert_eq!(share("0.5%"), Some(0.005));
        for wrong in ["25", "-1%", "101%", "%", "1e1%", "nan%"] {
            assert_eq!(share(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_stands_for_the_end_of_its_day() {
        assert_eq!(instant("2026-12-31", true), "2027-01-01T00:00:00Z".parse().ok());
        assert_eq!(instant("2026-12-31", false), "2026-12-31T00:00:00Z".parse().ok());
        assert_eq!(instant("2026-12-31T12:00:00+02:00", true), "2026-12-31T10:00:00Z".parse().ok());
        for wrong in ["2026-13-01", "tomorrow", "2026-12-31T12:00:00", "20261231"] {
            assert_eq!(instant(wrong, true), None, "{wrong}");
        }
    }
}
