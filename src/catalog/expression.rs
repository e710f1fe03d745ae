//! Regular expressions of the catalog, each compiled once: many entries have the same, and to compile one takes longer than
//! to read the entry.

use regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Those compiled so far; whether letter case matters is a part of the key.
static COMPILED: Mutex<BTreeMap<(String, bool), Regex>> = Mutex::new(BTreeMap::new());

/// The expression.
///
/// # Errors
/// If it is none.
pub(super) fn expression(text: &str) -> Result<Regex, regex::Error> {
    compiled(text, false)
}

/// The expression for a whole text, in any letter case.
///
/// # Errors
/// If it is none.
pub(super) fn of_all_in_any_case(text: &str) -> Result<Regex, regex::Error> {
    compiled(&format!("^(?:{text})$"), true)
}

fn compiled(text: &str, any_case: bool) -> Result<Regex, regex::Error> {
    let key = (text.to_owned(), any_case);
    // What another thread left behind when it failed is still right: an expression is put in whole.
    let known = COMPILED.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let compiled = RegexBuilder::new(text).case_insensitive(any_case).build()?;
    COMPILED.lock().unwrap_or_else(PoisonError::into_inner).insert(key, compiled.clone());
    Ok(compiled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_matters_where_it_is_said() {
        for _ in 0..2 {
            assert!(!expression("^(?:a)$").unwrap().is_match("A"));
            assert!(of_all_in_any_case("a").unwrap().is_match("A"));
            assert!(!of_all_in_any_case("a").unwrap().is_match("ab"));
            assert!(expression("(").is_err());
        }
    }
}
