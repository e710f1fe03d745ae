//! How old a snapshot is, in words and as doubt.

use super::Settings;
use super::sidecar::SUFFIX;
use crate::model::{Doubt, Instant};

/// The doubt that the age of a file raises, if it does.
pub(super) fn doubt(
    taken_at: Option<Instant>,
    shown: &str,
    settings: &Settings<'_>,
    notes: &mut Vec<String>,
) -> Option<Doubt> {
    let Some(taken_at) = taken_at else {
        let now = Instant::from_second(settings.now.as_second()).unwrap_or(settings.now);
        return Some(Doubt::Old(format!(
            "nothing says when it was taken: add {shown}{SUFFIX} with {{\"taken_at\": \"{now}\"}}, or taken_at in mainstay.toml"
        )));
    };
    let age = settings.now.as_second() - taken_at.as_second();
    if age < 0 {
        notes.push(format!("{shown}: taken at {taken_at}, which is after now; its age counts as nothing"));
        return None;
    }
    (age > settings.max_age_seconds).then(|| {
        let day = taken_at.strftime("%Y-%m-%d");
        Doubt::Old(format!(
            "taken {day}, {} ago; snapshots may be {} old",
            span(age),
            span(settings.max_age_seconds)
        ))
    })
}

/// `52 days`, `5 hours`, `10 minutes`, `3 seconds`: the largest unit that leaves nothing worth saying.
fn span(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let (count, unit) = units
        .iter()
        .find(|(size, _)| seconds >= *size)
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, *unit));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings<'static> {
        Settings {
            now: "2023-09-22T10:00:00Z".parse().unwrap(),
            max_age_seconds: 7 * 86_400,
            inventories: &[],
        }
    }

    fn said(taken_at: Option<&str>) -> (Option<String>, Vec<String>) {
        let mut notes = Vec::new();
        let taken_at = taken_at.map(|text| text.parse().unwrap());
        let doubt = doubt(taken_at, "a.json", &settings(), &mut notes);
        (doubt.map(|doubt| doubt.reason().to_owned()), notes)
    }

    #[test]
    fn age_is_said_in_days() {
        assert_eq!(
            said(Some("2023-08-01T10:00:00Z")).0.unwrap(),
            "taken 2023-08-01, 52 days ago; snapshots may be 7 days old"
        );
        assert_eq!(said(Some("2023-09-15T10:00:00Z")), (None, vec![]));
        assert!(said(Some("2023-09-15T09:59:59Z")).0.is_some());
    }

    #[test]
    fn unknown_is_too_old_and_the_future_is_a_note() {
        let unknown = said(None).0.unwrap();
        assert!(
            unknown.contains("a.json.meta.json") && unknown.contains("2023-09-22T10:00:00Z"),
            "{unknown}"
        );
        let (doubt, notes) = said(Some("2023-09-23T10:00:00Z"));
        assert!(doubt.is_none() && notes.len() == 1);
    }
}
