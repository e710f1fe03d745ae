//! Whom a statement of AWS speaks of, and under which condition.
//!
//! Sources: IAM User Guide, "AWS JSON policy elements: Principal", "…: NotPrincipal", "…: Condition", "Condition keys for
//! AWS web identity federation"; Amazon EKS User Guide, "IAM roles for service accounts".

use crate::model::Glob;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The audience for which tokens are made that are handed to AWS.
const AUDIENCE: &str = "sts.amazonaws.com";

/// The service that tags each session that it asks for, and gets none where it may not: another statement may let it.
/// Source: Amazon EKS User Guide, "EKS Pod Identity role".
const TAGS: &str = "pods.eks.amazonaws.com";

/// A condition in the one spelling of many: keys have no case, one value is a list of one, and lists have no order.
pub(super) fn settle_condition(condition: &mut Value) {
    let Value::Object(operators) = condition else { return };
    for keys in operators.values_mut() {
        let Value::Object(map) = keys else { continue };
        let mut settled: BTreeMap<String, Value> = BTreeMap::new();
        for (key, value) in std::mem::take(map) {
            let values = match value {
                Value::Array(items) => items,
                one => vec![one],
            };
            let mut texts: Vec<String> = values.into_iter().map(text).collect();
            texts.sort();
            texts.dedup();
            settled.insert(key.to_ascii_lowercase(), json!(texts));
        }
        map.extend(settled);
    }
}

/// `true` and `"true"` are the same.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Those of a cloud that a statement names, one by one, each with all that the statement says.
///
/// Somebody who is not named is everybody else: then the statement speaks of all, under the condition not to be one of
/// these.
pub(super) fn named(statement: &Map<String, Value>) -> Value {
    let mut out = Vec::new();
    let mut put = |kind: &str, who: &str, condition: Option<&Value>| {
        let mut one = statement.clone();
        one.remove("Principal");
        one.insert("Kind".to_owned(), json!(kind));
        one.insert("Who".to_owned(), json!(who));
        if let Some(condition) = condition {
            one.insert("Condition".to_owned(), condition.clone());
        }
        out.push(Value::Object(one));
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(Value::Object(kinds)), _) => {
            for (kind, all) in kinds {
                for who in all.as_array().into_iter().flatten().filter_map(Value::as_str) {
                    put(kind, &spelt(kind, who), None);
                }
            }
        }
        (Some(_), _) => put("AWS", "*", None),
        (None, Some(not)) => {
            let own = statement.get("Condition").cloned().unwrap_or_else(|| json!({}));
            put("AWS", "*", Some(&json!({ "NotPrincipal": not, "And": own })));
        }
        (None, None) => {}
    }
    Value::Array(out)
}

/// An account is its root.
fn spelt(kind: &str, who: &str) -> String {
    let is_account = who.len() == 12 && who.bytes().all(|digit| digit.is_ascii_digit());
    match kind == "AWS" && is_account {
        true => format!("arn:aws:iam::{who}:root"),
        false => who.to_owned(),
    }
}

/// Whom a statement of a trust policy believes, or does not believe, by tokens of a provider or as a service of AWS: one
/// for each subject and provider.
pub(super) fn believed(statement: &Map<String, Value>) -> Value {
    let denies = statement.get("Effect").and_then(Value::as_str) != Some("Allow");
    let mut out = Vec::new();
    let mut put = |subject: &str, issuer: Option<&str>, condition: Option<String>| {
        out.push(json!({ "subject": subject, "issuer": issuer, "condition": condition, "denies": denies.then_some("yes") }));
    };
    let condition = statement.get("Condition");
    let whole = condition.filter(|condition| condition.as_object().is_some_and(|map| !map.is_empty()));
    let principal = statement.get("Principal");
    let of = |kind: &str| principal.and_then(|principal| principal.get(kind)).and_then(Value::as_array);
    if assumes(statement, "sts:assumerole") {
        for service in of("Service").into_iter().flatten().filter_map(Value::as_str) {
            // In China some have a name of their own, and do the same.
            let service = service.strip_suffix(".cn").unwrap_or(service);
            let bare = service == TAGS && !assumes(statement, "sts:tagsession");
            let lacks = bare.then(|| "no sts:TagSession beside it".to_owned());
            put(service, None, whole.map(Value::to_string).or(lacks));
        }
    }
    let by_token = ["sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];
    if by_token.iter().any(|action| assumes(statement, action)) {
        for issuer in of("Federated").into_iter().flatten().filter_map(Value::as_str) {
            let asked = Asked::of(issuer, condition);
            for subject in &asked.subjects {
                put(subject, Some(issuer), asked.rest.clone());
            }
        }
        // Everybody is also whoever has a token.
        let others = statement.get("NotPrincipal").map(|not| format!("not {not}"));
        let all = principal == Some(&json!("*")) || of("AWS").is_some_and(|all| all.contains(&json!("*")));
        if denies && (all || others.is_some()) {
            put("*", None, others.or_else(|| whole.map(Value::to_string)));
        }
    }
    Value::Array(out)
}

/// Whether the statement is about an action, by which a role is assumed.
fn assumes(statement: &Map<String, Value>, action: &str) -> bool {
    let any = |key: &str| {
        let patterns = statement.get(key).and_then(Value::as_array).into_iter().flatten();
        patterns.filter_map(Value::as_str).any(|pattern| Glob::new(pattern).matches(action))
    };
    any("Action") && !any("NotAction")
}

/// What a condition asks of tokens of one issuer.
struct Asked {
    /// Whose they are: names, or patterns.
    subjects: Vec<String>,
    /// What else it asks, which nobody evaluates; none: nothing.
    rest: Option<String>,
}

impl Asked {
    fn of(issuer: &str, condition: Option<&Value>) -> Asked {
        let host = issuer.split_once("oidc-provider/").map_or("saml", |(_, host)| host).to_ascii_lowercase();
        let (mut exact, mut alike): (Vec<Vec<&str>>, Vec<Vec<&str>>) = (Vec::new(), Vec::new());
        let mut rest: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
        let operators = condition.and_then(Value::as_object).into_iter().flatten();
        for (operator, keys) in operators {
            for (key, values) in keys.as_object().into_iter().flatten() {
                let texts: Vec<&str> =
                    values.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let plain = texts.iter().all(|text| !text.contains("${"));
                match (base(operator), key.strip_prefix(&format!("{host}:"))) {
                    (Some(Base::Equals), Some("sub")) if plain => exact.push(texts),
                    (Some(Base::Like), Some("sub")) if plain => alike.push(texts),
                    (Some(base), Some("aud")) if plain && base.any(&texts, AUDIENCE) => {}
                    _ => {
                        rest.entry(operator).or_default().insert(key, values);
                    }
                }
            }
        }
        // In a list of exact names a star is a star, and no subject has one.
        exact.iter_mut().for_each(|list| list.retain(|text| !text.contains(['*', '?'])));
        let mut lists = exact.into_iter().map(|list| (Base::Equals, list)).collect::<Vec<_>>();
        lists.extend(alike.into_iter().map(|list| (Base::Like, list)));
        let subjects = match lists.split_first() {
            None => vec!["*".to_owned()],
            Some(((first, list), others)) => {
                let open = *first == Base::Like && !others.is_empty();
                if open {
                    // Of two patterns the common part is not worked out.
                    let told: Vec<_> = others.iter().map(|(_, list)| list).collect();
                    let told = json!(told);
                    let kept = list.iter().map(|text| (*text).to_owned()).collect();
                    return Asked { subjects: kept, rest: Some(format!("{told} and {}", json!(rest))) };
                }
                let fits = |text: &&&str| others.iter().all(|(base, list)| base.any(list, text));
                list.iter().filter(fits).map(|text| (*text).to_owned()).collect()
            }
        };
        Asked { subjects, rest: (!rest.is_empty()).then(|| json!(rest).to_string()) }
    }
}

/// How an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    Equals,
    Like,
}

impl Base {
    fn any(self, patterns: &[&str], text: &str) -> bool {
        patterns.iter().any(|pattern| match self {
            Base::Equals => *pattern == text,
            Base::Like => Glob::new(pattern).matches(text),
        })
    }
}

/// Every token has a subject and an audience: if all or any of them are asked, and if only when there is one, is the same.
fn base(operator: &str) -> Option<Base> {
    let operator = operator.strip_prefix("ForAnyValue:").unwrap_or(operator);
    let operator = operator.strip_prefix("ForAllValues:").unwrap_or(operator);
    match operator.strip_suffix("IfExists").unwrap_or(operator) {
        "StringEquals" => Some(Base::Equals),
        "StringLike" => Some(Base::Like),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(effect: &str, principal: Value, condition: Value) -> Vec<(String, Option<String>)> {
        let mut condition = condition;
        settle_condition(&mut condition);
        let statement = json!({"Effect": effect, "Action": ["sts:AssumeRole*"], "Principal": principal, "Condition": condition});
        let said = believed(statement.as_object().unwrap());
        let one = |one: &Value| {
            let text = |key: &str| one[key].as_str().map(str::to_owned);
            (text("subject").unwrap(), text("condition"))
        };
        said.as_array().unwrap().iter().map(one).collect()
    }

    fn of_tokens(condition: Value) -> Vec<(String, Option<String>)> {
        told("Allow", json!({"Federated": ["arn:aws:iam::1:oidc-provider/p/x"]}), condition)
    }

    fn plain(subjects: &[&str]) -> Vec<(String, Option<String>)> {
        subjects.iter().map(|subject| ((*subject).to_owned(), None)).collect()
    }

    #[test]
    fn subject_and_audience_are_decided() {
        let both = json!({"StringEquals": {"p/x:sub": "a", "P/x:AUD": "sts.amazonaws.com"}});
        assert_eq!(of_tokens(both), plain(&["a"]));
        let like = json!({"StringLike": {"p/x:sub": ["a*", "b"], "p/x:aud": "sts.*"}});
        assert_eq!(of_tokens(like), plain(&["a*", "b"]));
        assert_eq!(of_tokens(json!({})), plain(&["*"]));
        let any = json!({"ForAnyValue:StringLike": {"p/x:sub": "a*"}});
        assert_eq!(of_tokens(any), plain(&["a*"]));
    }

    #[test]
    fn two_conditions_both_count() {
        let both = json!({"StringEquals": {"p/x:sub": ["a1", "b1"]}, "StringLike": {"p/x:sub": "a*"}});
        assert_eq!(of_tokens(both), plain(&["a1"]));
    }

    #[test]
    fn a_star_among_exact_names_is_a_star() {
        assert_eq!(of_tokens(json!({"StringEquals": {"p/x:sub": "a*"}})), plain(&[]));
    }

    #[test]
    fn all_else_is_not_evaluated() {
        for condition in [
            json!({"StringEquals": {"p/x:aud": "other"}}),
            json!({"StringEquals": {"q:sub": "a"}}),
            json!({"StringNotEquals": {"p/x:sub": "a"}}),
            json!({"StringEquals": {"p/x:sub": "${aws:username}"}}),
            json!({"IpAddress": {"aws:sourceip": "10.0.0.0/8"}}),
        ] {
            let said = of_tokens(condition.clone());
            assert!(said.iter().all(|(_, rest)| rest.is_some()) && !said.is_empty(), "{condition}: {said:?}");
        }
    }

    #[test]
    fn services_are_subjects() {
        let ec2 = json!({"Service": ["ec2.amazonaws.com"]});
        assert_eq!(told("Allow", ec2.clone(), json!({})), plain(&["ec2.amazonaws.com"]));
        let said = told("Allow", ec2, json!({"StringEquals": {"aws:SourceAccount": "1"}}));
        assert!(said[0].1.is_some());
    }

    #[test]
    fn conditions_are_spelt_in_one_way() {
        let mut one = json!({"StringEquals": {"Aws:A": "x"}, "Bool": {"b": true}});
        let mut other = json!({"Bool": {"B": ["true"]}, "StringEquals": {"aws:a": ["x", "x"]}});
        settle_condition(&mut one);
        settle_condition(&mut other);
        assert_eq!(one.to_string(), other.to_string());
    }

    #[test]
    fn all_who_are_named_stand_alone() {
        let statement = json!({"Effect": "Allow", "Action": ["a:B"],
            "Principal": {"AWS": ["111122223333", "arn:aws:iam::1:role/r"], "Service": ["s.amazonaws.com"]}});
        let who: Vec<String> = named(statement.as_object().unwrap())
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{} {}", one["Kind"].as_str().unwrap(), one["Who"].as_str().unwrap()))
            .collect();
        assert_eq!(
            who,
            ["AWS arn:aws:iam::111122223333:root", "AWS arn:aws:iam::1:role/r", "Service s.amazonaws.com"]
        );
        let others = json!({"Effect": "Deny", "Action": ["*"], "NotPrincipal": {"AWS": ["x"]}});
        let said = named(others.as_object().unwrap());
        assert_eq!(said[0]["Who"], "*");
        assert!(said[0]["Condition"].to_string().contains("NotPrincipal"));
    }
}
