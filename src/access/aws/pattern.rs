//! Patterns of actions and of ARNs.
//!
//! Actions compare without regard to case, ARNs part by part, between their first five colons; in each part `*` matches
//! any run of characters and `?` one. Source: IAM User Guide, "IAM JSON policy elements: Action", "…: Resource".

use crate::access::wildcard::{Glob, common, within};
use std::borrow::Cow;

/// Whether a pattern of actions matches all that another one matches.
pub(super) fn action_within(pattern: &str, inner: &str) -> bool {
    within(&Glob::of_actions(pattern), &Glob::of_actions(inner))
}

/// Whether two patterns of actions have something in common.
pub(super) fn actions_meet(one: &str, other: &str) -> bool {
    common(&Glob::of_actions(one), &Glob::of_actions(other))
}

/// Whether a pattern of ARNs matches all that another one matches.
pub(super) fn arn_within(pattern: &str, inner: &str) -> bool {
    by_parts(pattern, inner, within)
}

/// Whether two patterns of ARNs have something in common.
pub(super) fn arns_meet(one: &str, other: &str) -> bool {
    by_parts(one, other, common)
}

fn by_parts(one: &str, other: &str, test: fn(&Glob, &Glob) -> bool) -> bool {
    let (one_parts, other_parts) = (parts(one), parts(other));
    if one_parts.len() == other_parts.len() && one_parts.len() == PARTS {
        let mut pairs = one_parts.iter().zip(&other_parts);
        return pairs.all(|(one, other)| test(&Glob::of_resources(one), &Glob::of_resources(other)));
    }
    // A star alone: AWS refuses all others that are no whole ARNs.
    test(&Glob::of_resources(one), &Glob::of_resources(other))
}

const PARTS: usize = 6;

fn parts(arn: &str) -> Vec<&str> {
    arn.splitn(PARTS, ':').collect()
}

/// A pattern with policy variables, each of which may stand for anything.
pub(super) fn open(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains("${") {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        // `${*}`, `${?}` and `${$}` are the characters themselves; a star matches them too.
        out.push_str(if name == "$" { "$" } else { "*" });
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_compare_without_regard_to_case() {
        assert!(action_within("S3:get*", "s3:GetObject") && action_within("*", "s3:*"));
        assert!(action_within("s3:Get?bject", "s3:GetObject") && !action_within("s3:Get?", "s3:Get*"));
        assert!(!action_within("s3:GetObject", "s3:Get*") && actions_meet("s3:GetObject", "s3:Get*"));
    }

    #[test]
    fn arns_compare_part_by_part() {
        assert!(arn_within("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y"));
        assert!(!arn_within("arn:aws:s3:::b/*", "arn:aws:s3:::B/x"));
        assert!(arn_within("*", "arn:aws:s3:::b/*") && !arn_within("arn:aws:s3:::b/*", "*"));
        // The last part has colons of its own.
        assert!(arn_within("arn:aws:logs:*:1:log-group:/a:*", "arn:aws:logs:eu:1:log-group:/a:log-stream:x"));
        // A star stays within its part.
        assert!(
            !arn_within("arn:aws:*:::1:b", "arn:aws:s3:::b")
                && !arn_within("arn:aws:s3:*::b", "arn:aws:s3::1:b")
        );
        assert!(
            arns_meet("arn:aws:s3:::a*", "arn:aws:s3:::*b")
                && !arns_meet("arn:aws:s3:::a", "arn:aws:sqs:::a")
        );
    }

    #[test]
    fn variables_stand_for_anything() {
        assert_eq!(open("arn:aws:s3:::b/${aws:username}/${*}x"), "arn:aws:s3:::b/*/*x");
        assert_eq!(open("plain"), "plain");
    }
}
