//! Names come from files that anybody may have written: nothing in them may steer a terminal or reorder a line.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control, bidirectional and invisible characters escaped as `\u{…}`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_unsafe(letter) {
            // Infallible: the target is a String.
            let _ = write!(cleaned, "\\u{{{:x}}}", u32::from(letter));
        } else {
            cleaned.push(letter);
        }
    }
    Cow::Owned(cleaned)
}

/// Whether a character may steer a terminal or reorder or hide what stands around it.
pub(super) fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            // Zero width, directional marks, line and paragraph separators, embeddings, overrides, isolates.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mred\u{7}"), "a\\u{1b}[31mred\\u{7}");
        assert_eq!(clean("one\ntwo\r\u{9b}2J"), "one\\u{a}two\\u{d}\\u{9b}2J");
        assert_eq!(clean("safe\u{202e}lived\u{2066}x\u{200f}"), "safe\\u{202e}lived\\u{2066}x\\u{200f}");
        assert_eq!(clean("a\u{200b}b\u{feff}c\u{e0041}"), "a\\u{200b}b\\u{feff}c\\u{e0041}");
    }

    #[test]
    fn plain_text_of_any_language_stays() {
        for text in ["module.a[\"x\"].b", "zażółć", "日本", "★ ✗ └─ ·", "a b"] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
