//! Globs over names: `*` stands for any run of characters, `?` for one.

/// A glob as used in `match`, `subject` and the catalog. `*` also crosses `/` and `.`: names of all clouds and addresses
/// share one language, and a pattern that protects too much is the safe mistake. Letter case does not matter, as clouds
/// disagree about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    text: String,
    letters: Vec<char>,
}

impl Glob {
    /// From a pattern as written.
    pub fn new(text: &str) -> Glob {
        Glob { text: text.to_owned(), letters: text.to_lowercase().chars().collect() }
    }

    /// Whether the whole name fits.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.to_lowercase().chars().collect();
        let (mut at, mut in_name) = (0, 0);
        // Where to go on after the last star, if what follows it does not fit: the star then takes one letter more.
        let mut retry: Option<(usize, usize)> = None;
        while in_name < name.len() {
            match self.letters.get(at) {
                Some('*') => {
                    retry = Some((at + 1, in_name));
                    at += 1;
                }
                Some(letter) if *letter == '?' || Some(letter) == name.get(in_name) => {
                    at += 1;
                    in_name += 1;
                }
                _ => match retry {
                    Some((after_star, taken)) => {
                        retry = Some((after_star, taken + 1));
                        at = after_star;
                        in_name = taken + 1;
                    }
                    None => return false,
                },
            }
        }
        self.letters.get(at..).is_none_or(|rest| rest.iter().all(|letter| *letter == '*'))
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it stands for one name only.
    pub fn is_plain(&self) -> bool {
        !self.letters.iter().any(|letter| matches!(letter, '*' | '?'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_crosses_separators_and_brackets_are_plain() {
        assert!(Glob::new("kubernetes:Ingress/prod/*").matches("kubernetes:Ingress/prod/gateway"));
        assert!(Glob::new("kubernetes:*/prod/*").matches("kubernetes:Deployment/prod/api"));
        assert!(Glob::new("module.a[\"x\"].*").matches("module.a[\"x\"].b.c"));
        assert!(!Glob::new("kubernetes:Ingress/prod/*").matches("kubernetes:Ingress/production/gateway"));
        assert!(Glob::new("*").matches(""));
        assert!(Glob::new("a*b*c").matches("aXbbYc"));
        assert!(!Glob::new("a*b").matches("abX"));
        assert!(Glob::new("a?c*").matches("ABC"));
    }
}
