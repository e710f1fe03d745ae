//! How the scope of a grant or a deny stands to the scope that is asked for.

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
pub(super) fn reach(scope: Option<&str>, wanted: &str, listed_for: &[String]) -> Option<Reach> {
    let Some(scope) = scope.filter(|scope| !scope.starts_with(AFTER_APPLY)) else {
        return Some(Reach::Perhaps("its scope is known only after apply".to_owned()));
    };
    let scope = scope.trim_end_matches('/').to_lowercase();
    let wanted = wanted.trim_end_matches('/').to_lowercase();
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
        let listed = subscription_of(&wanted)
            .is_some_and(|own| listed_for.iter().any(|part| part.eq_ignore_ascii_case(own)));
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
