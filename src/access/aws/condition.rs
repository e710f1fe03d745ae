//! Conditions, as far as who asks decides them.
//!
//! Of the keys that a request carries, those about the principal are known: its ARN, its account, that it is no service of
//! AWS. All else (addresses,
//! tags, encryption of the connection) is in no listing. Source: IAM User Guide, "AWS global condition context keys",
//! "IAM JSON policy elements: Condition operators", "…: NotPrincipal".

use crate::access::wildcard::{Glob, within};
use crate::model::Alias;
use serde_json::{Map, Value};

/// Whether a condition is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    Yes,
    No,
    Unknown,
}

impl Met {
    fn and(self, other: Met) -> Met {
        match (self, other) {
            (Met::No, _) | (_, Met::No) => Met::No,
            (Met::Yes, Met::Yes) => Met::Yes,
            _ => Met::Unknown,
        }
    }

    fn of(truth: bool) -> Met {
        if truth { Met::Yes } else { Met::No }
    }
}

/// Whether the condition, as text, is met when this one asks.
pub(super) fn met(condition: &str, who: &Alias) -> Met {
    match serde_json::from_str(condition) {
        Ok(Value::Object(operators)) => all(&operators, who.value()),
        _ => Met::Unknown,
    }
}

fn all(operators: &Map<String, Value>, who: &str) -> Met {
    if let Some(not) = operators.get("NotPrincipal") {
        let rest = operators.get("And").and_then(Value::as_object).map_or(Met::Yes, |own| all(own, who));
        return other_than(not, who).and(rest);
    }
    operators.iter().fold(Met::Yes, |met, (operator, keys)| {
        let Value::Object(keys) = keys else { return Met::Unknown };
        keys.iter().fold(met, |met, (key, values)| met.and(one(operator, key, values, who)))
    })
}

/// Whether somebody is none of those named. Whoever is to be left out is named himself and by his account; which of the two
/// is missing matters to AWS, so by the account alone it is not told.
fn other_than(not: &Value, who: &str) -> Met {
    let named: Vec<String> = not
        .get("AWS")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(lower)
        .collect();
    let account = account(who).unwrap_or_default();
    match (
        is_somebody(who),
        named.iter().any(|name| name == who),
        named.iter().any(|name| name.contains(account)),
    ) {
        (true, true, _) => Met::No,
        (true, false, false) => Met::Yes,
        _ => Met::Unknown,
    }
}

fn one(operator: &str, key: &str, values: &Value, who: &str) -> Met {
    let given = match key.to_ascii_lowercase().as_str() {
        "aws:principalarn" if is_somebody(who) => who,
        "aws:principalaccount" => match account(who) {
            Some(account) => account,
            None => return Met::Unknown,
        },
        "aws:principalisawsservice" if is_somebody(who) => "false",
        _ => return Met::Unknown,
    };
    let Some((alike, wanted)) = compares(operator) else { return Met::Unknown };
    let patterns: Vec<String> =
        values.as_array().into_iter().flatten().filter_map(Value::as_str).map(lower).collect();
    if patterns.iter().any(|pattern| pattern.contains("${")) {
        return Met::Unknown;
    }
    let fits = |pattern: &String| match alike {
        true => within(&Glob::of_actions(pattern), &Glob::of_actions(given)),
        false => pattern == given,
    };
    Met::of(patterns.iter().any(fits) == wanted)
}

/// Whether an operator knows patterns, and whether it asks that one fits or that none does.
fn compares(operator: &str) -> Option<(bool, bool)> {
    match operator.strip_suffix("IfExists").unwrap_or(operator) {
        "StringEquals" | "StringEqualsIgnoreCase" | "Bool" => Some((false, true)),
        "StringNotEquals" | "StringNotEqualsIgnoreCase" => Some((false, false)),
        "StringLike" | "ArnEquals" | "ArnLike" => Some((true, true)),
        "StringNotLike" | "ArnNotEquals" | "ArnNotLike" => Some((true, false)),
        _ => None,
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// A user or a role, and not an account or everybody.
fn is_somebody(who: &str) -> bool {
    let name = who.splitn(6, ':').nth(5).unwrap_or_default();
    name.starts_with("user/") || name.starts_with("role/")
}

/// The account in an ARN.
pub(super) fn account(arn: &str) -> Option<&str> {
    arn.starts_with("arn:").then(|| arn.split(':').nth(4)).flatten().filter(|account| !account.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(condition: &str) -> Met {
        met(condition, &Alias::new("principal", "arn:aws:iam::111122223333:role/App"))
    }

    #[test]
    fn who_asks_decides() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"aws:principalarn":["arn:aws:iam::111122223333:role/App"]}}"#, Met::Yes),
            (r#"{"StringNotEquals":{"aws:principalarn":["arn:aws:iam::111122223333:role/App"]}}"#, Met::No),
            (r#"{"ArnNotLike":{"aws:principalarn":["arn:aws:iam::111122223333:role/a*"]}}"#, Met::No),
            (r#"{"ArnNotLike":{"aws:principalarn":["arn:aws:iam::111122223333:role/b*"]}}"#, Met::Yes),
            (r#"{"StringEquals":{"aws:principalarn":["arn:aws:iam::111122223333:role/*"]}}"#, Met::No),
            (r#"{"StringNotEquals":{"aws:principalaccount":["111122223333"]}}"#, Met::No),
            (r#"{"StringEquals":{"aws:principalorgid":["o-1"]}}"#, Met::Unknown),
            (r#"{"Bool":{"aws:securetransport":["false"]}}"#, Met::Unknown),
            (r#"{"BoolIfExists":{"aws:PrincipalIsAWSService":["false"]}}"#, Met::Yes),
            (r#"{"Bool":{"aws:principalisawsservice":["true"]}}"#, Met::No),
            // What is surely not met decides, whatever else is asked.
            (r#"{"Bool":{"a":["b"]},"StringEquals":{"aws:principalaccount":["2"]}}"#, Met::No),
            (
                r#"{"Bool":{"a":["b"]},"StringEquals":{"aws:principalaccount":["111122223333"]}}"#,
                Met::Unknown,
            ),
            (r#"{"And":{},"NotPrincipal":{"AWS":["arn:aws:iam::111122223333:role/App"]}}"#, Met::No),
            (r#"{"And":{},"NotPrincipal":{"AWS":["arn:aws:iam::111122223333:root"]}}"#, Met::Unknown),
            (r#"{"And":{},"NotPrincipal":{"AWS":["arn:aws:iam::2:root"]}}"#, Met::Yes),
            ("no condition", Met::Unknown),
        ] {
            assert_eq!(told(condition), expected, "{condition}");
        }
    }

    #[test]
    fn an_account_is_not_one_of_its_roles() {
        let root = Alias::new("principal", "arn:aws:iam::1:root");
        let condition = r#"{"StringNotEquals":{"aws:principalarn":["arn:aws:iam::1:role/App"]}}"#;
        assert_eq!(met(condition, &root), Met::Unknown);
    }
}
