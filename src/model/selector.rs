//! Labels, and what selects by them. Source: Kubernetes, "Labels and Selectors".

use serde_json::Value;
use std::collections::BTreeMap;

/// The labels of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// Those that are known.
    pub known: BTreeMap<String, String>,
    /// There may be others, or other values: some are known only after apply.
    pub open: bool,
}

/// What selects objects by their labels: all that it says must hold. One that says nothing selects everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    all: Vec<Requirement>,
}

/// One thing that must be so of the labels.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    DoesNotExist,
    /// An operator that is not known here.
    Other,
}

impl Selector {
    /// Reads `{"matchLabels": {…}, "matchExpressions": [{"key", "operator", "values"}]}`.
    pub fn read(value: &Value) -> Selector {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let labels = value.get("matchLabels").and_then(Value::as_object).into_iter().flatten();
        let mut all: Vec<Requirement> = labels
            .map(|(key, value)| Requirement {
                key: key.clone(),
                test: Test::In(value.as_str().map(str::to_owned).into_iter().collect()),
            })
            .collect();
        let expressions = value.get("matchExpressions").and_then(Value::as_array).into_iter().flatten();
        all.extend(expressions.map(|one| {
            let values = one.get("values").and_then(Value::as_array).into_iter().flatten();
            let values = values.filter_map(Value::as_str).map(str::to_owned).collect();
            let test = match one.get("operator").and_then(Value::as_str) {
                Some("In") => Test::In(values),
                Some("NotIn") => Test::NotIn(values),
                Some("Exists") => Test::Exists,
                Some("DoesNotExist") => Test::DoesNotExist,
                _ => Test::Other,
            };
            Requirement { key: text(one.get("key")), test }
        }));
        Selector { all }
    }

    /// Whether it selects what has these labels; `None`: that cannot be told.
    pub fn selects(&self, labels: &Labels) -> Option<bool> {
        let of_one = |one: &Requirement| match (labels.known.get(&one.key), &one.test) {
            (_, Test::Other) => None,
            (None, _) if labels.open => None,
            (value, Test::In(values)) => Some(value.is_some_and(|value| values.contains(value))),
            // What has no such label is not in the values.
            (value, Test::NotIn(values)) => Some(value.is_none_or(|value| !values.contains(value))),
            (value, Test::Exists) => Some(value.is_some()),
            (value, Test::DoesNotExist) => Some(value.is_none()),
        };
        let each = || self.all.iter().map(of_one);
        match each().any(|one| one == Some(false)) {
            true => Some(false),
            false => each().all(|one| one.is_some()).then_some(true),
        }
    }
}

/// Which others a role gathers: those that any of these selects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gathers {
    /// As far as they are known.
    pub selectors: Vec<Selector>,
    /// There may be others: some are known only after apply.
    pub open: bool,
}

impl Gathers {
    /// Whether any selects what has these labels; `None`: that cannot be told.
    pub fn selects(&self, labels: &Labels) -> Option<bool> {
        let each = || self.selectors.iter().map(|selector| selector.selects(labels));
        match each().any(|one| one == Some(true)) {
            true => Some(true),
            false => each().all(|one| one.is_some()).then_some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn labels(pairs: &[(&str, &str)], open: bool) -> Labels {
        let known = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Labels { known, open }
    }

    #[test]
    fn selectors_select_as_upstream() {
        let expression = |operator: &str, values: Value| json!({"matchExpressions": [{"key": "t", "operator": operator, "values": values}]});
        for (selector, has_a, has_b, has_none) in [
            (json!({}), true, true, true),
            (Value::Null, true, true, true),
            (json!({"matchLabels": null, "matchExpressions": []}), true, true, true),
            (json!({"matchLabels": {"t": "a"}}), true, false, false),
            (json!({"matchLabels": {"t": "a", "u": "x"}}), false, false, false),
            (expression("In", json!(["a", "c"])), true, false, false),
            (expression("NotIn", json!(["a"])), false, true, true),
            (expression("Exists", json!(null)), true, true, false),
            (expression("DoesNotExist", json!([])), false, false, true),
        ] {
            let read = Selector::read(&selector);
            let told = [labels(&[("t", "a")], false), labels(&[("t", "b")], false), labels(&[], false)]
                .map(|labels| read.selects(&labels));
            assert_eq!(told, [Some(has_a), Some(has_b), Some(has_none)], "{selector}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let a = Selector::read(&json!({"matchLabels": {"t": "a"}}));
        assert_eq!(a.selects(&labels(&[], true)), None);
        assert_eq!(a.selects(&labels(&[("t", "b")], true)), Some(false));
        assert_eq!(a.selects(&labels(&[("t", "a")], true)), Some(true));
        let odd =
            Selector::read(&json!({"matchExpressions": [{"key": "t", "operator": "Gt", "values": ["1"]}]}));
        assert_eq!(odd.selects(&labels(&[("t", "2")], false)), None);
        let both = Gathers { selectors: vec![a, odd], open: false };
        assert_eq!(both.selects(&labels(&[("t", "a")], false)), Some(true), "any does");
        assert_eq!(both.selects(&labels(&[("t", "b")], false)), None);
        assert_eq!(
            Gathers::default().selects(&labels(&[("t", "b")], false)),
            Some(false),
            "none selects none"
        );
    }
}
