//! Pattern lists of `ssh_config(5)` PATTERNS, for namespaces.

/// A list of patterns separated by commas: at least one must match, and none that begins with `!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patterns(String);

impl Patterns {
    pub(super) fn new(text: String) -> Patterns {
        Patterns(text)
    }

    pub(super) fn allow(&self, name: &str) -> bool {
        let mut allowed = false;
        for pattern in self.0.split(',') {
            match pattern.strip_prefix('!') {
                Some(pattern) if matches(pattern.as_bytes(), name.as_bytes()) => return false,
                Some(_) => {}
                None => allowed |= !pattern.is_empty() && matches(pattern.as_bytes(), name.as_bytes()),
            }
        }
        allowed
    }
}

/// `*` is any number of bytes and `?` is one; with one place to come back to, so that it takes no longer than the
/// product of the lengths.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut rest, mut left) = (pattern, name);
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        match (rest, left) {
            ([b'*', after @ ..], _) => {
                again = Some((after, left));
                rest = after;
            }
            ([b'?', after @ ..], [_, tail @ ..]) => (rest, left) = (after, tail),
            ([one, after @ ..], [other, tail @ ..]) if one == other => (rest, left) = (after, tail),
            ([], []) => return true,
            _ => match again {
                Some((after, [_, tail @ ..])) => {
                    again = Some((after, tail));
                    (rest, left) = (after, tail);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_ssh_has_them() {
        for (patterns, name, allowed) in [
            ("a@b", "a@b", true),
            ("a@b", "A@b", false),
            ("file,a@*", "a@b", true),
            ("*", "a@b", true),
            ("*b*b", "abab", true),
            ("*b*c", "abab", false),
            ("?@b", "a@b", true),
            ("??@b", "a@b", false),
            ("*,!a@b", "a@b", false),
            ("!c", "a@b", false),
            ("", "a@b", false),
            (" a@b", "a@b", false),
        ] {
            assert_eq!(Patterns::new(patterns.to_owned()).allow(name), allowed, "{patterns} {name}");
        }
        let hard = Patterns::new("*a".repeat(400));
        assert!(!hard.allow(&"a".repeat(399)));
    }
}
