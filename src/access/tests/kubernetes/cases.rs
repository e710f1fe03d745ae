//! The hand-made cases of the oracle, each with its source.

use super::{Cluster, cluster};
use serde_json::Value;

/// One of the hand-made cases, spelled as `mainstay can` takes it.
fn from_case(case: &Value) -> (Cluster, String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut built = cluster();
    for (name, rules) in case["roles"].as_object().into_iter().flatten() {
        let rules: Vec<String> = rules
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join("|"))
            .collect();
        built = built.role(name, &rules.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for binding in case["bindings"].as_array().unwrap() {
        let (place, role) = (text(&binding["in"]), text(&binding["role"]));
        if place == "*" && role.starts_with("Role/") {
            // No grant is read off such a binding: see the catalog.
            continue;
        }
        let subjects: Vec<String> = binding["to"]
            .as_array()
            .unwrap()
            .iter()
            .map(text)
            .map(|one| match one.strip_prefix("sa:").filter(|name| !name.contains('/')) {
                Some(name) => format!("sa:{place}/{name}"),
                None => one,
            })
            .filter(|one| !one.starts_with("sa:*/"))
            .collect();
        built = built.bind(&place, &role, &subjects.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let action = match case.get("url") {
        Some(url) => format!("{} {}", text(&case["verb"]), text(url)),
        None => {
            let (sub, group, name) = (text(&case["subresource"]), text(&case["group"]), text(&case["name"]));
            let mut what = text(&case["resource"]);
            if !sub.is_empty() {
                what = format!("{what}/{sub}");
            }
            if !group.is_empty() || !name.is_empty() {
                what = format!("{what}.{group}");
            }
            if !name.is_empty() {
                what = format!("{what}/{name}");
            }
            format!("{} {what}", text(&case["verb"]))
        }
    };
    (built, format!("sa:{}", text(&case["principal"])), action, text(&case["scope"]))
}

#[test]
fn the_hand_made_cases_of_the_oracle() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../../tests/oracles/kubernetes/cases.json")).unwrap();
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for case in cases.iter().filter(|case| case.get("aggregates").is_none()) {
        let (built, asking, action, scope) = from_case(case);
        let told = built.may(&asking, &action, &scope);
        judged += 1;
        if case["expect"] != told {
            wrong.push(format!("{} ({}): {action} on {scope}: {told}", case["case"], case["source"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 100, "{judged}");
}
