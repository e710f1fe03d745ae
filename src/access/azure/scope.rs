//! How the scope of a grant or a deny stands to the scope that is asked for.

use std::sync::Arc;

/// How a grant's scope stands to the scope that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// They are the same.
    Exact,
    /// The grant's is above the one asked for.
    Inherited,
    /// Whether it is above cannot be told, and why.
    Perhaps(String),
}

const AFTER_APPLY: &str = "known after apply";
const MANAGEMENT_GROUP: &str = "/providers/microsoft.management/managementgroups/";

/// Whether a grant or deny on `scope` counts on `wanted`; `None`: it does not.
///
/// `listed_for`: parts of the cloud whose listing shows it, so that it applies there, however its scope is spelt.
pub(super) fn reach(scope: Option<&str>, wanted: &str, listed_for: &[Arc<[String]>]) -> Option<Reach> {
    let Some(scope) = scope.filter(|scope| !scope.starts_with(AFTER_APPLY)) else {
        return Some(Reach::Perhaps("its scope is known only after apply".to_owned()));
    };
    if elsewhere(scope, wanted) { None } else { compared(scope, wanted, listed_for) }
}

/// `/subscriptions/ID`, in lower case.
pub(in crate::access) type Subscription = [u8; SUBSCRIPTIONS.len() + 36];

const SUBSCRIPTIONS: &str = "/subscriptions/";

/// The subscription that a scope surely lies in; `None`: it lies in none, or its spelling leaves that open.
pub(in crate::access) fn subscription(scope: &str) -> Option<Subscription> {
    let mut head: Subscription = *scope.as_bytes().first_chunk()?;
    head.make_ascii_lowercase();
    let id = head.strip_prefix(SUBSCRIPTIONS.as_bytes())?;
    let plain = id.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    let ends = scope.as_bytes().get(head.len()).is_none_or(|next| *next == b'/');
    (plain && ends).then_some(head)
}

/// A scope in the spelling in which equal ones compare equal.
pub(in crate::access) fn place(scope: &str) -> String {
    scope.trim_end_matches('/').to_lowercase()
}

/// All scopes in its subscription of which a grant surely counts on this one, itself included; `None`: its spelling leaves
/// open which those are.
pub(in crate::access) fn enclosing(scope: &str) -> Option<Vec<String>> {
    let scope = place(scope);
    if scope.contains(AFTER_APPLY) || scope.ends_with("/*") {
        return None;
    }
    let ends = scope.match_indices('/').map(|(at, _)| at).chain([scope.len()]);
    Some(ends.filter_map(|end| scope.get(..end)).map(str::to_owned).collect())
}

/// Whether both lie in subscriptions, and in different ones: so it is with nearly all pairs of a large estate.
fn elsewhere(scope: &str, wanted: &str) -> bool {
    subscription(scope).zip(subscription(wanted)).is_some_and(|(scope, wanted)| scope != wanted)
}

fn compared(scope: &str, wanted: &str, listed_for: &[Arc<[String]>]) -> Option<Reach> {
    let (scope, wanted) = (place(scope), place(wanted));
    if scope == wanted {
        return Some(Reach::Exact);
    }
    // The root scope `/` is empty by now.
    if scope.is_empty() || below(&wanted, &scope) {
        return Some(Reach::Inherited);
    }
    if scope.starts_with(MANAGEMENT_GROUP) {
        // Nothing but the root stands above the management groups.
        if wanted.is_empty() {
            return None;
        }
        // A listing made in a subscription shows what applies there.
        let listed = subscription_of(&wanted).is_some_and(|own| {
            listed_for.iter().any(|of| of.iter().any(|part| part.eq_ignore_ascii_case(own)))
        });
        return Some(if listed {
            Reach::Inherited
        } else {
            Reach::Perhaps(format!("whether {wanted} lies under {scope} is not known"))
        });
    }
    // What is asked for is itself not known from here on: anything that agrees with the part before may be above it.
    if let Some((known, _)) = wanted.split_once(AFTER_APPLY)
        && scope.starts_with(known)
    {
        return Some(Reach::Perhaps("the scope that is needed is known only after apply".to_owned()));
    }
    // A wanted scope that does not say which of its kind.
    if wanted.strip_suffix("/*").is_some_and(|parent| below(&scope, parent)) {
        return Some(Reach::Perhaps(format!("which of {wanted} is meant is not said")));
    }
    None
}

/// Whether a scope lies strictly below another, both in lower case and without a slash at the end.
fn below(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

/// `/subscriptions/ID` of a lower-case resource id.
pub fn subscription_of(scope: &str) -> Option<&str> {
    let rest = scope.strip_prefix("/subscriptions/")?;
    let end = rest.find('/').unwrap_or(rest.len());
    scope.get(.."/subscriptions/".len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope() -> impl Strategy<Value = String> {
        let id = prop_oneof![
            Just("11111111-1111-1111-1111-111111111111"),
            Just("AAAAAAAA-1111-1111-1111-111111111111"),
            Just("aaaaaaaa-1111-1111-1111-111111111111"),
            Just("known after apply: x.y.subscription_id"),
            Just("*"),
            Just("short"),
        ];
        let rest = prop_oneof![
            Just(""),
            Just("/"),
            Just("/resourceGroups/rg"),
            Just("/resourceGroups/known after apply: r.id"),
            Just("/resourceGroups/*"),
            Just("2"),
        ];
        let place = prop_oneof![Just("/subscriptions/"), Just("/Subscriptions/"), Just("/providers/")];
        (place, id, rest).prop_map(|(place, id, rest)| format!("{place}{id}{rest}"))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_lies_elsewhere_is_not_reached(scope in scope(), wanted in scope()) {
            if elsewhere(&scope, &wanted) {
                prop_assert_eq!(compared(&scope, &wanted, &[vec![wanted.clone()].into()]), None);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// What is looked up by its place is all that is reached, of what lies in a subscription.
        #[test]
        fn what_is_reached_encloses(scope in scope(), wanted in scope()) {
            if let (Some(_), Some(_), Some(places)) = (subscription(&scope), subscription(&wanted), enclosing(&wanted)) {
                prop_assert_eq!(reach(Some(&scope), &wanted, &[]).is_some(), places.contains(&place(&scope)));
            }
        }
    }

    #[test]
    fn other_subscriptions_lie_elsewhere() {
        let [one, other] = ["1", "2"].map(|digit| format!("/subscriptions/{}", digit.repeat(36)));
        assert!(elsewhere(&one, &other) && elsewhere(&format!("{one}/x"), &other));
        assert!(!elsewhere(&one, &one.to_uppercase()) && !elsewhere(&one, "/") && !elsewhere("/", &one));
    }
}
