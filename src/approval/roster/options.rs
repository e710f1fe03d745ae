//! Options of a line, and times in them: `ssh-keygen(1)` ALLOWED SIGNERS.

use super::error::Fault;
use super::pattern::Patterns;
use crate::approval::key::shown;
use crate::model::Instant;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Until when, from when and for what a key counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) namespaces: Option<Patterns>,
    pub(super) after: Option<Instant>,
    pub(super) before: Option<Instant>,
}

const KNOWN: [&str; 3] = ["namespaces", "valid-after", "valid-before"];

/// The options of a line; those that are wrong are noted.
pub(super) fn read(text: &str, faults: &mut Vec<Fault>) -> Options {
    let mut options = Options::default();
    let mut rest = text;
    loop {
        match one(rest, &mut options, faults) {
            Ok(None) => break,
            Ok(Some(after)) => rest = after,
            Err(fault) => {
                faults.push(fault);
                return options;
            }
        }
    }
    if let (Some(after), Some(before)) = (options.after, options.before)
        && before <= after
    {
        faults.push(Fault::Backwards);
    }
    options
}

/// Reads one option; gives what follows the comma after it.
fn one<'a>(text: &'a str, options: &mut Options, faults: &mut Vec<Fault>) -> Result<Option<&'a str>, Fault> {
    let end = text.find(['=', ',']).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(value) = rest.strip_prefix('=') else {
        return Err(if word.eq_ignore_ascii_case("cert-authority") {
            Fault::Authority
        } else if word.is_empty() {
            Fault::Separator("a comma".to_owned())
        } else {
            Fault::Option(shown(word))
        });
    };
    let name = KNOWN
        .into_iter()
        .find(|name| word.eq_ignore_ascii_case(name))
        .ok_or_else(|| Fault::Option(shown(word)))?;
    let (value, rest) = unquote(value.strip_prefix('"').ok_or(Fault::Unquoted(name))?).ok_or(Fault::Quote)?;
    let twice = match name {
        "namespaces" => options.namespaces.replace(Patterns::new(value)).is_some(),
        "valid-after" => note(time(name, &value), &mut options.after, faults),
        _ => note(time(name, &value), &mut options.before, faults),
    };
    if twice {
        faults.push(Fault::Twice(name));
    }
    match rest.strip_prefix(',') {
        Some(after) if !after.is_empty() => Ok(Some(after)),
        None if rest.is_empty() => Ok(None),
        _ => Err(Fault::Separator(name.to_owned())),
    }
}

fn note(time: Result<Instant, Fault>, into: &mut Option<Instant>, faults: &mut Vec<Fault>) -> bool {
    match time {
        Ok(time) => into.replace(time).is_some(),
        Err(fault) => {
            faults.push(fault);
            false
        }
    }
}

/// The value up to the closing quote, of which `\"` is none, and what follows.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return Some((value, letters.as_str())),
            '\\' if letters.as_str().starts_with('"') => value.extend(letters.next()),
            _ => value.push(letter),
        }
    }
    None
}

fn time(name: &'static str, value: &str) -> Result<Instant, Fault> {
    let wrong = || Fault::Time { name, value: shown(value) };
    let upper = value.to_ascii_uppercase();
    let Some(digits) = upper.strip_suffix('Z').or_else(|| upper.strip_suffix("UTC")) else {
        let local = matches!(value.len(), 8 | 12 | 14) && value.bytes().all(|byte| byte.is_ascii_digit());
        return Err(if local { Fault::Local { name, value: shown(value) } } else { wrong() });
    };
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let part = |from: usize, to: usize| digits.get(from..to).map_or(Ok(0), str::parse);
    let small =
        |from: usize, to: usize| part(from, to).map_or(-1, |number: i16| i8::try_from(number).unwrap_or(-1));
    let year: i16 = part(0, 4).map_err(|_| wrong())?;
    DateTime::new(year, small(4, 6), small(6, 8), small(8, 10), small(10, 12), small(12, 14), 0)
        .and_then(|time| TimeZone::UTC.to_timestamp(time))
        .ok()
        .filter(|time| time.as_second() > 0)
        .ok_or_else(wrong)
}
