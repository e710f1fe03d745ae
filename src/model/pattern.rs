//! Globs over names: `*` stands for any run of characters, `?` for one.

use std::fmt;

/// A glob as used in `match`, `subject` and the catalog. `*` also crosses `/` and `.`: names of all clouds and addresses
/// share one language, and a pattern that protects too much is the safe mistake.
#[derive(Clone)]
pub struct Glob {
    text: String,
    compiled: regex::Regex,
}

impl Glob {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// If the pattern is too large to compile.
    pub fn new(text: &str) -> Result<Glob, regex::Error> {
        let mut pattern = String::with_capacity(text.len() + 8);
        pattern.push_str("(?is)^");
        for letter in text.chars() {
            match letter {
                '*' => pattern.push_str(".*"),
                '?' => pattern.push('.'),
                other => pattern.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
        }
        pattern.push('$');
        Ok(Glob { text: text.to_owned(), compiled: regex::Regex::new(&pattern)? })
    }

    /// Whether the whole name fits. Letter case does not matter: clouds disagree about it.
    pub fn matches(&self, name: &str) -> bool {
        self.compiled.is_match(name)
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glob({:?})", self.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Glob) -> bool {
        self.text == other.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_crosses_separators_and_brackets_are_plain() {
        let glob = |text| Glob::new(text).unwrap();
        assert!(glob("kubernetes:Ingress/prod/*").matches("kubernetes:Ingress/prod/gateway"));
        assert!(glob("kubernetes:*/prod/*").matches("kubernetes:Deployment/prod/api"));
        assert!(glob("module.a[\"x\"].*").matches("module.a[\"x\"].b.c"));
        assert!(!glob("kubernetes:Ingress/prod/*").matches("kubernetes:Ingress/production/gateway"));
    }
}
