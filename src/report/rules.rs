//! The texts of rules.

use super::page::{Look, Page, plain, strong};
use crate::verdict::RuleText;

/// All rules, one line each.
pub fn rule_list_text(rules: &[RuleText], look: Look) -> String {
    let mut page = Page::new(look);
    let column = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0) + 2;
    for rule in rules {
        let lead = [strong(rule.id), plain(" ".repeat(column.saturating_sub(rule.id.len())))];
        page.put(&lead, &[plain(" ".repeat(column))], &[plain(rule.what)]);
    }
    page.finish()
}

/// One rule in full.
pub fn rule_text(rule: &RuleText, look: Look) -> String {
    let mut page = Page::new(look);
    page.line(&[strong(rule.id)]);
    page.blank();
    page.put(&[], &[], &[plain(rule.what)]);
    for (title, text) in [("Why", rule.why), ("Example", rule.example), ("How to resolve", rule.resolve)] {
        page.blank();
        page.line(&[strong(title)]);
        for line in text.lines() {
            page.put(&[plain("  ")], &[plain("  ")], &[plain(line)]);
        }
    }
    page.finish()
}
