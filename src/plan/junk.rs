//! Lines that wrappers and shells leave around the JSON: `[command]/opt/terraform-bin show -json`, `::set-output name=…`.
//!
//! Only whole lines are left out, and only such as cannot be a part of a second document: what is read must be the one
//! plan that is there. Everything else stays, and is refused with its place.

/// The most lines that are left out before the JSON.
const BEFORE: usize = 20;

/// The JSON alone, and what was left out around it, in words.
pub(super) struct Bare<'t> {
    /// From the first brace to the last.
    pub text: &'t str,
    /// What was left out, if anything.
    pub note: Option<String>,
}

/// Leaves out what is no JSON, where it is plain what is.
pub(super) fn bare(text: &str) -> Bare<'_> {
    let (before, rest) = match text.trim_start().starts_with(['{', '[']) && !is_command(text.trim_start()) {
        true => (0, text),
        false => match lead(text) {
            Some(found) => found,
            None => return Bare { text, note: None },
        },
    };
    let (after, json) = tail(rest);
    let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let note = match (before, after) {
        (0, 0) => None,
        (some, 0) => Some(format!("{} before the JSON left out", lines(some))),
        (0, some) => Some(format!("{} after the JSON left out", lines(some))),
        (one, other) => Some(format!("{} before and {} after the JSON left out", lines(one), lines(other))),
    };
    Bare { text: json, note }
}

/// The lines before the first that begins with a brace, and the text from there on.
fn lead(text: &str) -> Option<(usize, &str)> {
    let mut left = text;
    for count in 0..=BEFORE {
        if left.starts_with('{') {
            return Some((count, left));
        }
        let (line, rest) = left.split_once('\n')?;
        // A brace or an array in it could be a document of its own.
        if line.contains('{') || line.starts_with('[') && !is_command(line) {
            return None;
        }
        left = rest;
    }
    None
}

/// What GitHub's runner prints before what it runs.
fn is_command(line: &str) -> bool {
    line.starts_with("[command]")
}

/// How many lines of workflow commands follow, and the text before them.
fn tail(text: &str) -> (usize, &str) {
    let mut left = text.trim_end();
    let mut count = 0;
    // No search where nothing follows: most files are one line, and long.
    while !left.ends_with('}') || count > 0 {
        match left.rsplit_once('\n') {
            Some((above, line)) if line.starts_with("::") => left = above.trim_end(),
            _ => break,
        }
        count += 1;
    }
    if count > 0 { (count, left) } else { (0, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_that_cannot_be_a_document_are_left_out() {
        for (text, json, before, after) in [
            ("{}", "{}", 0, 0),
            ("  {}\n", "  {}\n", 0, 0),
            ("[command]/opt/terraform-bin show -json p\n{\n}\n", "{\n}\n", 1, 0),
            ("Running…\r\n\r\n{}", "{}", 2, 0),
            (
                "[command]x\n{}\n::set-output name=stdout::{\"a\":1}\n::set-output name=exitcode::0\n",
                "{}",
                1,
                2,
            ),
        ] {
            let bare = bare(text);
            assert_eq!(bare.text, json, "{text:?}");
            assert_eq!(bare.note.is_some(), before + after > 0, "{text:?}");
        }
        // These stay whole, and are refused for what they are.
        for text in [
            "x {}\n{}",
            "[1]\n{}",
            "{}%0A",
            "{}\n::set-output name=stdout::{}",
            "{}\nDone",
            "{}\n{}",
            "a\nb",
            &format!("{}{{}}", "a\n".repeat(BEFORE + 1)),
        ] {
            assert_eq!(bare(text).text, text);
            assert!(bare(text).note.is_none(), "{text:?}");
        }
    }
}
