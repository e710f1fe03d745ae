//! Patterns of actions: `*` matches any run of characters, slashes included, without regard to case.
//!
//! Patterns are compared as patterns and never by expanding them over a list of today's actions, since tomorrow's
//! service adds some. Source: Azure role definitions, "Understand Azure role definitions", wildcard permissions.

/// Whether the pattern matches everything that `inner` matches; `inner` may have stars of its own.
///
/// Sound: a yes is right. A no may be wrong for patterns with several stars, which is the safe side.
pub fn includes(pattern: &str, inner: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let inner: Vec<char> = inner.to_lowercase().chars().collect();
    // A star of `inner` stands for anything, so only a star can take it: it is matched like a letter that nothing else is.
    let (mut at, mut seen) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while seen < inner.len() {
        match pattern.get(at) {
            Some('*') => {
                retry = Some((at + 1, seen));
                at += 1;
            }
            Some(letter) if Some(letter) == inner.get(seen) => {
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
    pattern.get(at..).is_none_or(|rest| rest.iter().all(|letter| *letter == '*'))
}

/// Whether some text matches both patterns.
pub fn intersects(one: &str, other: &str) -> bool {
    let one: Vec<char> = one.to_lowercase().chars().collect();
    let other: Vec<char> = other.to_lowercase().chars().collect();
    // reach[j]: the first i letters of `one` and the first j of `other` can match a common text.
    let mut reach = vec![false; other.len() + 1];
    for i in 0..=one.len() {
        let mut next = vec![false; other.len() + 1];
        for j in 0..=other.len() {
            let at = |row: &[bool], column: usize| row.get(column).copied().unwrap_or(false);
            let mut common = i == 0 && j == 0;
            if i > 0 {
                let letter = one.get(i - 1);
                common |= letter == Some(&'*') && at(&reach, j);
                if j > 0 {
                    let same = letter == other.get(j - 1);
                    common |=
                        at(&reach, j - 1) && (same || letter == Some(&'*') || other.get(j - 1) == Some(&'*'));
                    common |= letter == Some(&'*') && at(&next, j - 1);
                    common |= other.get(j - 1) == Some(&'*') && at(&reach, j);
                }
            }
            if j > 0 {
                common |= other.get(j - 1) == Some(&'*') && at(&next, j - 1);
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
