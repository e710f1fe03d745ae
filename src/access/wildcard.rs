//! Patterns of actions: `*` matches any run of characters, slashes included, without regard to case.
//!
//! Patterns are compared as patterns and never by expanding them over a list of today's actions, since tomorrow's
//! service adds some. Source: Azure role definitions, "Understand Azure role definitions", wildcard permissions.

/// One place in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    /// Just this one.
    Plain(char),
    /// Any one.
    One,
    /// Any run of them, none included.
    Run,
}

/// A pattern, letter by letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Vec<Letter>);

impl Glob {
    /// Of Azure: a star is the only sign, and case does not matter.
    fn of_azure(pattern: &str) -> Glob {
        let letter = |letter| if letter == '*' { Letter::Run } else { Letter::Plain(letter) };
        Glob(pattern.chars().flat_map(char::to_lowercase).map(letter).collect())
    }

    /// Of resources of AWS: stars and question marks.
    pub fn of_resources(pattern: &str) -> Glob {
        let letter = |letter| match letter {
            '*' => Letter::Run,
            '?' => Letter::One,
            plain => Letter::Plain(plain),
        };
        Glob(pattern.chars().map(letter).collect())
    }

    /// Of actions of AWS: the same without regard to case.
    pub fn of_actions(pattern: &str) -> Glob {
        Glob::of_resources(&pattern.to_lowercase())
    }
}

/// Whether the pattern matches everything that `inner` matches; `inner` may have stars of its own.
///
/// Sound: a yes is right. A no may be wrong for patterns with several stars, which is the safe side.
pub fn includes(pattern: &str, inner: &str) -> bool {
    within(&Glob::of_azure(pattern), &Glob::of_azure(inner))
}

/// Whether some text matches both patterns.
pub fn intersects(one: &str, other: &str) -> bool {
    common(&Glob::of_azure(one), &Glob::of_azure(other))
}

/// See [`includes`].
pub fn within(Glob(pattern): &Glob, Glob(inner): &Glob) -> bool {
    // A star of `inner` stands for anything, so only a star can take it: it is matched like a letter that nothing else is.
    let (mut at, mut seen) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(letter) = inner.get(seen) {
        match pattern.get(at) {
            Some(Letter::Run) => {
                retry = Some((at + 1, seen));
                at += 1;
            }
            Some(own) if own == letter || (*own == Letter::One && *letter != Letter::Run) => {
                at += 1;
                seen += 1;
            }
            _ => match retry {
                Some((after_star, taken)) => {
                    retry = Some((after_star, taken + 1));
                    at = after_star;
                    seen = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(at..).is_none_or(|rest| rest.iter().all(|letter| *letter == Letter::Run))
}

/// See [`intersects`].
pub fn common(Glob(one): &Glob, Glob(other): &Glob) -> bool {
    // reach[j]: the first i letters of `one` and the first j of `other` can match a common text.
    let mut reach = vec![false; other.len() + 1];
    for i in 0..=one.len() {
        let mut next = vec![false; other.len() + 1];
        for j in 0..=other.len() {
            let at = |row: &[bool], column: usize| row.get(column).copied().unwrap_or(false);
            let (letter, against) =
                (i.checked_sub(1).and_then(|i| one.get(i)), j.checked_sub(1).and_then(|j| other.get(j)));
            let mut common = i == 0 && j == 0;
            if letter == Some(&Letter::Run) {
                common |= at(&reach, j) || (j > 0 && at(&next, j - 1));
            }
            if against == Some(&Letter::Run) {
                common |= at(&next, j - 1) || (i > 0 && at(&reach, j));
            }
            if let (Some(letter), Some(against)) = (letter, against) {
                let same = match (letter, against) {
                    (Letter::Plain(letter), Letter::Plain(against)) => letter == against,
                    _ => true,
                };
                common |= same && at(&reach, j - 1);
            }
            if let Some(slot) = next.get_mut(j) {
                *slot = common;
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

/// How many letters of the pattern are fixed before its first star: how closely it speaks of something.
pub fn literal_prefix(pattern: &str) -> usize {
    pattern.find('*').unwrap_or(pattern.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documented_shapes() {
        assert!(includes("Microsoft.Network/dnsZones/*", "Microsoft.Network/dnsZones/TXT/write"));
        assert!(includes("*", "Microsoft.Network/*"));
        assert!(includes("*/read", "Microsoft.Compute/virtualMachines/read"));
        assert!(includes("Microsoft.Network/*/read", "microsoft.network/dnszones/READ"));
        assert!(!includes("Microsoft.Network/dnsZones/TXT/write", "Microsoft.Network/dnsZones/*"));
        assert!(!includes("Microsoft.Network/dnsZones/A/*", "Microsoft.Network/dnsZones/TXT/write"));
        assert!(intersects("Microsoft.Authorization/*/Write", "Microsoft.Authorization/*"));
        assert!(!intersects("Microsoft.Network/*", "Microsoft.Compute/*"));
        assert!(intersects("a*c", "*b*"));
    }

    #[test]
    fn one_letter_is_any_one() {
        let [within, common] = [within, common].map(|test| {
            move |one: &str, other: &str| test(&Glob::of_resources(one), &Glob::of_resources(other))
        });
        assert!(within("a?c", "abc") && within("a?c", "a?c") && within("a*", "a?"));
        assert!(!within("a?c", "ac") && !within("a?c", "a*c") && !within("abc", "a?c"));
        assert!(common("a?c", "*b*") && !common("a?", "a") && common("??", "*"));
    }

    proptest! {
        /// Against brute force over all texts of up to five letters.
        #[test]
        fn inclusion_is_sound_and_intersection_exact(one in "[ab*]{0,4}", other in "[ab*]{0,4}") {
            let mut texts = vec![String::new()];
            let mut grown = texts.clone();
            for _ in 0..6 {
                grown = grown.iter().flat_map(|text| ['a', 'b'].map(|letter| format!("{text}{letter}"))).collect();
                texts.extend(grown.iter().cloned());
            }
            let by_glob = |pattern: &str, text: &str| crate::model::Glob::new(pattern).matches(text);
            let both = texts.iter().any(|text| by_glob(&one, text) && by_glob(&other, text));
            prop_assert_eq!(intersects(&one, &other), both);
            if includes(&one, &other) {
                prop_assert!(texts.iter().all(|text| !by_glob(&other, text) || by_glob(&one, text)));
            }
        }
    }
}
