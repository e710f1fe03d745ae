//! One line: `principals [options] type key [comment]`.

use super::error::Fault;
use super::options::{self, Options};
use crate::approval::key::{Key, shown};

/// A line as it is written.
pub(super) struct Line {
    pub(super) principals: Vec<String>,
    pub(super) options: Options,
    pub(super) key: Key,
}

const BLANK: [char; 2] = [' ', '\t'];

/// Reads a line; nothing if it is blank or a comment, and all that is wrong if anything is.
pub(super) fn read(text: &str) -> Result<Option<Line>, Vec<Fault>> {
    let text = text.trim_matches(|letter: char| BLANK.contains(&letter) || letter == '\r');
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    if let Some(control) = text.chars().find(|letter| letter.is_control() && *letter != '\t') {
        return Err(vec![Fault::Control(u32::from(control))]);
    }
    let (names, rest) = first(text).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let principals = names.split(',').map(str::to_owned).collect::<Vec<_>>();
    faults.extend(principals.iter().filter_map(|principal| principal_fault(principal)));

    let (word, after) = word(rest);
    let (options, key_text) = if word.is_empty() || Key::is_type(word) {
        (Options::default(), rest)
    } else if let Some((text, after)) = past_options(rest) {
        (options::read(text, &mut faults), after)
    } else {
        faults.push(Fault::Quote);
        (Options::default(), after)
    };
    match key(key_text) {
        Ok(key) if faults.is_empty() => Ok(Some(Line { principals, options, key })),
        Ok(_) => Err(faults),
        Err(fault) => {
            faults.push(fault);
            Err(faults)
        }
    }
}

/// The first field, which may stand in quotes as a whole, and what follows.
fn first(text: &str) -> Result<(&str, &str), Fault> {
    let (field, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (field, rest) = quoted.split_once('"').ok_or(Fault::Quote)?;
            if !rest.starts_with(BLANK) {
                return Err(if rest.is_empty() { Fault::Short } else { Fault::Quote });
            }
            (field, rest)
        }
        None => word(text),
    };
    if field.contains('"') { Err(Fault::Quote) } else { Ok((field, rest.trim_start_matches(BLANK))) }
}

fn principal_fault(principal: &str) -> Option<Fault> {
    if principal.is_empty() {
        Some(Fault::Empty)
    } else if principal.starts_with('!') || principal.contains(['*', '?']) {
        Some(Fault::Pattern(shown(principal)))
    } else {
        None
    }
}

/// The first word, and what follows the blanks after it.
fn word(text: &str) -> (&str, &str) {
    text.split_once(BLANK).map_or((text, ""), |(word, rest)| (word, rest.trim_start_matches(BLANK)))
}

/// The options up to the first blank outside quotes, and what follows; nothing if a quote stays open.
fn past_options(text: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    for (place, letter) in text.char_indices() {
        match letter {
            // Only a quote is escaped by a backslash, so of two the second still escapes.
            '"' if !escaped => quoted = !quoted,
            ' ' | '\t' if !quoted => {
                let (options, rest) = text.split_at_checked(place)?;
                return Some((options, rest.trim_start_matches(BLANK)));
            }
            _ => {}
        }
        escaped = letter == '\\';
    }
    (!quoted).then_some((text, ""))
}

/// The key at the beginning of a text, as in a `.pub` file; what follows is a comment.
pub(in crate::approval) fn key(text: &str) -> Result<Key, Fault> {
    let (name, rest) = word(text);
    let (base64, _) = word(rest);
    if name.is_empty() || base64.is_empty() {
        return Err(Fault::Short);
    }
    Ok(Key::from_text(name, base64)?)
}
