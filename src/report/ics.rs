//! A forecast for calendars: iCalendar (RFC 5545), an event for each end and each first failure.

use super::clean;
use super::tree::spoken;
use super::when::{day, plural};
use crate::model::{Horizon, Instant, minute};
use crate::verdict::{Certainty, EndState, Ending, Forecast};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Octets of a line, its end not counted (RFC 5545, 3.1).
const LINE: usize = 75;

/// Workloads named in an event.
const NAMED: usize = 10;

/// The forecast as one calendar object. What ends on a day that nobody knows has no event, and what only ends with
/// something else and takes no workload along is part of the event of that.
pub fn forecast_calendar(answer: &Forecast) -> String {
    let mut out = String::new();
    line(&mut out, "BEGIN:VCALENDAR");
    line(&mut out, "VERSION:2.0");
    line(&mut out, concat!("PRODID:-//mainstay//forecast ", env!("CARGO_PKG_VERSION"), "//EN"));
    line(&mut out, "CALSCALE:GREGORIAN");
    let listed = answer.ends.iter().filter(|ending| ending.state != EndState::Mended);
    for ending in listed.filter(|ending| ending.ends_with.is_none() || !ending.affects.is_empty()) {
        if let Some(first) = ending.first_failure_at {
            let may = if ending.certainty == Certainty::Certain { "fails" } else { "may fail" };
            event(
                &mut out,
                answer,
                ending,
                "first-failure",
                first,
                &format!("{}: renewal {may}", called(ending)),
            );
        }
        if let Some(at) = ending.at {
            let verb = match (ending.state, ending.certainty) {
                (EndState::Ended, Certainty::Certain) => "ended",
                (EndState::Ended, Certainty::Possible) => "may have ended",
                (_, Certainty::Certain) => "ends",
                (_, Certainty::Possible) => "may end",
            };
            event(
                &mut out,
                answer,
                ending,
                "break",
                at,
                &format!("{} {verb}{}", called(ending), takes(ending)),
            );
        }
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn event(out: &mut String, answer: &Forecast, ending: &Ending, what: &str, at: Instant, summary: &str) {
    line(out, "BEGIN:VEVENT");
    line(out, &format!("UID:{}", uid(ending, what)));
    line(out, &format!("DTSTAMP:{}", utc(answer.now)));
    line(out, &format!("DTSTART:{}", utc(at)));
    line(out, &format!("SUMMARY:{}", escaped(summary)));
    line(out, &format!("DESCRIPTION:{}", description(answer, ending)));
    line(out, "CATEGORIES:mainstay");
    line(out, "TRANSP:TRANSPARENT");
    line(out, "BEGIN:VALARM");
    line(out, "ACTION:DISPLAY");
    line(out, "TRIGGER:-P14D");
    line(out, &format!("DESCRIPTION:{}", escaped(summary)));
    line(out, "END:VALARM");
    line(out, "END:VEVENT");
}

/// The same for the same thing in every run, however its day moves, so that calendars move the event.
fn uid(ending: &Ending, what: &str) -> String {
    let mut hash = Sha256::new();
    for part in [what, &ending.kind, &ending.node] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hex: String = hash.finalize().iter().take(16).fold(String::new(), |mut hex, byte| {
        // Infallible: the target is a String.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("{hex}@mainstay.dev")
}

fn called(ending: &Ending) -> &str {
    if ending.name.is_empty() { &ending.node } else { &ending.name }
}

fn takes(ending: &Ending) -> String {
    match ending.affects.as_slice() {
        [] => String::new(),
        [one] => format!(", and with it {}", spoken(&one.workload)),
        [first, others @ ..] => {
            format!(", and with it {} and {}", spoken(&first.workload), plural(others.len(), "more workload"))
        }
    }
}

fn description(answer: &Forecast, ending: &Ending) -> String {
    let mut lines = vec![format!("{} ({})", ending.node, ending.kind)];
    if let Some(first) = ending.first_failure_at {
        lines.push(format!("Renewal due {}", minute(first)));
    }
    if let Some(at) = ending.at {
        lines.push(format!("End {}", minute(at)));
    }
    for affected in ending.affects.iter().take(NAMED) {
        lines.push(format!("Takes along {} ({})", spoken(&affected.workload), affected.criticality.word()));
    }
    if let Some(more) = ending.affects.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("and {}", plural(more, "more workload")));
    }
    for renewal in ending.renewal.iter().filter(|renewal| renewal.until != Horizon::FOREVER) {
        lines.push(format!("Does not hold: {}", renewal.need));
    }
    for reason in &ending.unknown_because {
        lines.push(format!("Not known: {reason}"));
    }
    if let Some(last) = ending.path.last() {
        let why = last.because.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(format!("Because of {}{why}", spoken(&last.node)));
    }
    lines.push(format!("As of {}", day(answer.now)));
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("\\n")
}

/// `20231008T150400Z`.
fn utc(instant: Instant) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A text (RFC 5545, 3.3.11); what would steer a terminal or hide in the text is made visible first, line breaks too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A break comes as a real one in the text of RFC 5545, not as the sign that stands for one elsewhere.
    for (number, part) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("\\n");
        }
        for letter in clean(part.trim_end_matches('\r')).chars() {
            if matches!(letter, '\\' | ';' | ',') {
                out.push('\\');
            }
            out.push(letter);
        }
    }
    out
}

/// A content line, folded between characters so that no line has more than 75 octets.
fn line(out: &mut String, text: &str) {
    let mut width = 0;
    for letter in text.chars() {
        if width + letter.len_utf8() > LINE {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(letter);
        width += letter.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters() {
        let mut out = String::new();
        let text = format!("SUMMARY:{}", "zażółć 日本 😀 ".repeat(20));
        line(&mut out, &text);
        assert!(out.ends_with("\r\n"));
        assert!(out.split("\r\n").all(|line| line.len() <= LINE), "{out}");
        assert!(out.split("\r\n").any(|line| line.len() > LINE - 4), "{out}");
        assert_eq!(out.replace("\r\n ", "").trim_end_matches("\r\n"), text);
        let mut short = String::new();
        line(&mut short, &"x".repeat(LINE));
        assert_eq!(short, format!("{}\r\n", "x".repeat(LINE)));
    }

    #[test]
    fn texts_are_escaped_and_steer_nothing() {
        assert_eq!(escaped("a,b;c\\d\ne\r\nf"), "a\\,b\\;c\\\\d\\ne\\nf");
        assert_eq!(escaped("x\u{202e}y\u{1b}[2J"), "x\\\\u{202e}y\\\\u{1b}[2J");
        // Nothing in a text begins a line of its own.
        assert!(!escaped("a\rBEGIN:VALARM\u{85}b").contains(['\r', '\n', '\u{85}']));
    }
}
