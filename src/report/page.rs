//! The page that texts are written on: it cleans, wraps and colours, so that nothing reaches the output otherwise.

use super::clean;
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

/// How a text should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Whether colour is wanted.
    pub colour: bool,
    /// Only what stops, and the verdict.
    pub quiet: bool,
    /// Evidence and all names too.
    pub verbose: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look { width: 100, colour: false, quiet: false, verbose: false }
    }
}

/// What a piece of text means; the page knows what that looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Dim,
    Error,
    Warning,
    Note,
    Good,
}

impl Tone {
    fn style(self) -> Style {
        let coloured = |colour: AnsiColor| Style::new().bold().fg_color(Some(colour.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Dim => Style::new().dimmed(),
            Tone::Error => coloured(AnsiColor::Red),
            Tone::Warning => coloured(AnsiColor::Yellow),
            Tone::Note => coloured(AnsiColor::Cyan),
            Tone::Good => coloured(AnsiColor::Green),
        }
    }
}

/// A run of text in one tone.
pub(super) type Piece = (Tone, String);

/// A page being written.
#[derive(Debug)]
pub(super) struct Page {
    out: String,
    look: Look,
}

impl Page {
    pub(super) fn new(look: Look) -> Page {
        Page { out: String::new(), look }
    }

    pub(super) fn look(&self) -> Look {
        self.look
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// One paragraph: `lead` stands before it, `hang` before its further lines. Lines break at spaces only, so that
    /// a name can always be copied whole, however narrow the page.
    pub(super) fn put(&mut self, lead: &[Piece], hang: &[Piece], body: &[Piece]) {
        let mut column = self.emit_all(lead);
        let margin = hang.iter().map(|(_, text)| text.chars().count()).sum::<usize>();
        let mut fresh = true;
        for (tone, text) in body {
            let text = clean(text);
            for (gap, word) in words(&text) {
                let length = word.chars().count();
                if !fresh && column + gap + length > self.look.width && length > 0 {
                    self.trim_line();
                    self.out.push('\n');
                    self.emit_all(hang);
                    column = margin;
                } else {
                    self.out.extend(std::iter::repeat_n(' ', gap));
                    column += gap;
                }
                self.emit(*tone, word);
                column += length;
                fresh &= length == 0;
            }
        }
        self.trim_line();
        self.out.push('\n');
    }

    /// A paragraph with nothing before it.
    pub(super) fn line(&mut self, body: &[Piece]) {
        self.put(&[], &[plain("  ")], body);
    }

    fn emit_all(&mut self, pieces: &[Piece]) -> usize {
        for (tone, text) in pieces {
            self.emit(*tone, &clean(text));
        }
        pieces.iter().map(|(_, text)| text.chars().count()).sum()
    }

    fn emit(&mut self, tone: Tone, text: &str) {
        if self.look.colour && tone != Tone::Plain && !text.trim().is_empty() {
            let style = tone.style();
            // Infallible: the target is a String.
            let _ = write!(self.out, "{style}{text}{style:#}");
        } else {
            self.out.push_str(text);
        }
    }

    fn trim_line(&mut self) {
        let length = self.out.trim_end_matches(' ').len();
        self.out.truncate(length);
    }
}

/// The words of a text, each with the number of spaces before it; spaces at the end come as an empty word.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let word_on = rest.trim_start_matches(' ');
        let gap = rest.len() - word_on.len();
        let (word, after) = word_on.split_at_checked(word_on.find(' ').unwrap_or(word_on.len()))?;
        rest = after;
        Some((gap, word))
    })
}

pub(super) fn plain(text: impl Into<String>) -> Piece {
    (Tone::Plain, text.into())
}

pub(super) fn dim(text: impl Into<String>) -> Piece {
    (Tone::Dim, text.into())
}

pub(super) fn strong(text: impl Into<String>) -> Piece {
    (Tone::Strong, text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: usize, colour: bool, body: &[Piece]) -> String {
        let mut page = Page::new(Look { width, colour, ..Look::default() });
        page.put(&[plain("= ")], &[plain("  ")], body);
        page.finish()
    }

    #[test]
    fn lines_break_at_spaces_and_names_stay_whole() {
        let name = "module.edge.azurerm_role_assignment.cert_manager_dns";
        let text = written(20, false, &[plain(format!("it takes {name} with it"))]);
        assert_eq!(text, format!("= it takes\n  {name}\n  with it\n"));
    }

    #[test]
    fn gaps_inside_a_line_stay() {
        assert_eq!(written(40, false, &[strong("a"), plain("   b  "), dim("c")]), "= a   b  c\n");
    }

    #[test]
    fn only_the_page_may_colour() {
        let text = written(80, true, &[(Tone::Error, "a\u{1b}[0m".to_owned())]);
        assert!(text.starts_with("= \u{1b}["), "{text:?}");
        assert!(text.contains("a\\u{1b}[0m"), "{text:?}");
        assert!(!written(80, false, &[(Tone::Error, "a".to_owned())]).contains('\u{1b}'));
    }
}
