//! Comma-separated values as RFC 4180 has them: fields in quotes may hold commas, line breaks and doubled quotes.

use std::iter::Peekable;
use std::str::Chars;

/// The rows of a text; lines with nothing on them are no rows.
///
/// # Errors
/// The number of the row, from 1, and what is wrong with it.
pub(super) fn rows(text: &str) -> Result<Vec<Vec<String>>, (usize, &'static str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut letters, mut rows) = (text.chars().peekable(), Vec::new());
    while letters.peek().is_some() {
        let mut row = Vec::new();
        loop {
            let (field, more) = field(&mut letters).map_err(|what| (rows.len().saturating_add(1), what))?;
            row.push(field);
            if !more {
                break;
            }
        }
        if row.iter().any(|field| !field.is_empty()) || row.len() > 1 {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The next field, and whether another one follows in its row.
fn field(letters: &mut Peekable<Chars<'_>>) -> Result<(String, bool), &'static str> {
    let mut field = String::new();
    if letters.next_if_eq(&'"').is_some() {
        loop {
            match letters.next() {
                None => return Err("a quote is opened and not closed"),
                Some('"') if letters.next_if_eq(&'"').is_none() => break,
                Some(letter) => field.push(letter),
            }
        }
        return match end(letters) {
            Some(more) => Ok((field, more)),
            None => Err("something follows a closing quote"),
        };
    }
    loop {
        if let Some(more) = end(letters) {
            return Ok((field, more));
        }
        match letters.next() {
            Some('"') => return Err("a quote stands in a field that does not begin with one"),
            Some(letter) => field.push(letter),
            None => return Ok((field, false)),
        }
    }
}

/// Passes over the end of a field, if it is here: whether another field follows in the row.
fn end(letters: &mut Peekable<Chars<'_>>) -> Option<bool> {
    match letters.peek() {
        None => return Some(false),
        Some(',') => drop(letters.next()),
        Some('\n') => {
            letters.next();
            return Some(false);
        }
        Some('\r') => {
            let mut ahead = letters.clone();
            ahead.next();
            if !matches!(ahead.peek(), None | Some('\n')) {
                return None;
            }
            *letters = ahead;
            letters.next();
            return Some(false);
        }
        Some(_) => return None,
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fields_may_be_quoted() {
        let text = "\u{feff}name,udid\r\n\"Ann, her \"\"old\"\" one\",A\r\n\r\n\"two\nlines\",\"\"\r\n a , b \nlast,";
        let wanted = [
            ["name", "udid"],
            ["Ann, her \"old\" one", "A"],
            ["two\nlines", ""],
            [" a ", " b "],
            ["last", ""],
        ];
        assert_eq!(rows(text).unwrap(), wanted);
        assert_eq!(rows("a\n\"\"\nb\r").unwrap(), [["a"], ["b"]], "nothing in its only field is nothing");
        assert!(rows("").unwrap().is_empty());
    }

    #[test]
    fn what_is_broken_is_told_with_its_row() {
        for (text, row, what) in [
            ("a,b\n1,2\n\"3,4\n", 3, "not closed"),
            ("a,b\n\"1\"2,3\n", 2, "follows a closing quote"),
            ("a,b\n13\" Mac,3\n", 2, "does not begin with one"),
            ("\"a\nb\",c\nx,\"y\" \n", 2, "follows"),
        ] {
            let (place, said) = rows(text).unwrap_err();
            assert_eq!(place, row, "{text}");
            assert!(said.contains(what), "{text}: {said}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(table in prop::collection::vec(prop::collection::vec("[a\", \r\n]{0,4}", 2..4), 0..5)) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
            let text: String = table.iter().map(line).collect();
            prop_assert_eq!(rows(&text).unwrap(), table);
        }

        #[test]
        fn nothing_makes_it_fall_over(text in "[a\",\r\n\u{feff}]{0,30}") {
            let _ = rows(&text);
        }
    }
}
