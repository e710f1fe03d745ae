//! What is said when one person goes ahead alone: so that nobody overlooks it, whatever else is printed.

use super::page::{Look, Page, Tone, dim, plain, strong};
use crate::model::{Instant, minute};

/// Somebody who goes ahead alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Who.
    pub person: String,
    /// Why, in their words.
    pub reason: String,
    /// Until when their statement counts.
    pub until: Instant,
    /// The statement, in short.
    pub statement: String,
}

/// That it is so. Not even `--quiet` leaves it out.
pub fn alone_text(alone: &Alone, look: Look) -> String {
    let mut page = Page::new(look);
    page.blank();
    page.put(
        &[(Tone::Error, "BREAK-GLASS".to_owned())],
        &[plain("  ")],
        &[
            plain(": "),
            strong(&*alone.person),
            plain(" goes ahead alone, on nobody else's word, until "),
            plain(minute(alone.until)),
        ],
    );
    let mut line = |label: &str, text: &str| {
        page.put(&[dim(format!("   {label:<9}"))], &[plain(" ".repeat(12))], &[plain(text)]);
    };
    line("reason", &alone.reason);
    line("statement", &alone.statement);
    page.finish()
}

/// What follows from it, said when it is done.
pub fn debt_text(alone: &Alone, look: Look) -> String {
    let mut page = Page::new(look);
    page.put(
        &[(Tone::Error, "DEBT".to_owned())],
        &[plain("  ")],
        &[
            plain(": "),
            strong(&*alone.person),
            plain(" went ahead alone. Until a second person has reviewed it, nothing that needs approval goes through: "),
            plain(format!("mainstay review {}", alone.statement)),
        ],
    );
    page.finish()
}

/// That it is written down in a file, and nowhere else yet.
pub fn journal_text(why: &str, file: &str, head: &str, look: Look) -> String {
    let mut page = Page::new(look);
    page.put(&[(Tone::Error, "LEDGER NOT REACHED".to_owned())], &[plain("  ")], &[plain(": "), plain(why)]);
    let mut line = |label: &str, text: &str| {
        page.put(&[dim(format!("   {label:<9}"))], &[plain(" ".repeat(12))], &[plain(text)]);
    };
    line("journal", &format!("{file}  {head}"));
    line(
        "keep it",
        "the next run here that reaches the ledger loads it; where this machine goes away, take it along",
    );
    page.finish()
}
