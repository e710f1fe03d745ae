//! Policy documents: JSON in a text, with many spellings of the same.
//!
//! Opened, one of Google Cloud has its members one by one. One of AWS has its statements in a list, and in each statement
//! lists where one text may stand alone; what is allowed except for something is all of it, less that; and whom it names
//! stands there one by one. Sources: IAM User Guide, "IAM JSON policy elements reference";
//! API reference, `PolicyDetail` (documents are URL-encoded as in RFC 3986).

use super::path::{Found, Path, Scope};
use super::whom::{believed, named, settle_condition};
use crate::model::{Attributes, settle_document};
use serde_json::{Map, Value, json};

/// Opens the documents at these paths. One that cannot be read is as good as unknown.
pub(super) fn open(paths: &[Path], attributes: &mut Attributes) {
    for path in paths {
        let scope = Scope { attributes, address: None, item: None, kind: "" };
        let found = path.find(scope).into_iter().filter_map(|found| match found {
            Found::Value(_, at) => Some(at),
            Found::Unknown(_) | Found::Hidden(_) => None,
        });
        for at in found.collect::<Vec<String>>() {
            let (above, last) = at.rsplit_once('.').unwrap_or(("", &at));
            let Some(Value::Object(holder)) = inner(attributes.value.reveal_mut(), above) else { continue };
            let name = ["PolicyName", "name"].into_iter().find_map(|key| holder.get(key)?.as_str());
            let name = name.map(str::to_owned);
            match holder.remove(last).and_then(document) {
                Some(Document::Bindings(members)) => {
                    holder.insert(last.to_owned(), json!({ "Members": members }));
                }
                Some(Document::Statements(mut statements)) => {
                    for statement in &mut statements {
                        statement.insert("PolicyName".to_owned(), json!(name));
                    }
                    holder.insert(last.to_owned(), json!({ "Statement": statements }));
                }
                None => mark(&mut attributes.unknown, &at),
            }
        }
    }
}

fn inner<'v>(root: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let keys = path.split('.').filter(|key| !key.is_empty());
    keys.into_iter().try_fold(root, |at, key| match at {
        Value::Object(map) => map.get_mut(key),
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Marks a path as unknown, with all above it that is not there yet.
fn mark(marks: &mut Value, path: &str) {
    let mut at = marks;
    for key in path.split('.') {
        if at.is_array() {
            let items = std::mem::take(at);
            let numbered = items.as_array().into_iter().flatten().cloned().enumerate();
            *at = numbered.map(|(number, item)| (number.to_string(), item)).collect::<Map<_, _>>().into();
        }
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        at = map.entry(key).or_insert(Value::Null);
    }
    *at = Value::Bool(true);
}

/// What a document says.
enum Document {
    /// Of AWS.
    Statements(Vec<Map<String, Value>>),
    /// Of Google Cloud: one for each binding and member.
    Bindings(Vec<Value>),
}

/// The statements of a document, however it is written.
fn document(value: Value) -> Option<Document> {
    let mut document = value;
    if !settle_document(&mut document) {
        return None;
    }
    let Value::Object(mut document) = document else { return None };
    if let Some(bindings) = document.get("bindings") {
        return members(bindings).map(Document::Bindings);
    }
    // Only in the newer language is a dollar with a brace a variable; in the older it is text that no ARN has.
    let variables = document.get("Version").and_then(Value::as_str) == Some("2012-10-17");
    let Some(Value::Array(statements)) = document.remove("Statement") else { return None };
    let statement = |statement| match statement {
        Value::Object(statement) => Some(opened(statement, variables)),
        _ => None,
    };
    statements.into_iter().map(statement).collect::<Option<_>>().map(Document::Statements)
}

/// Who has which role under which condition, one by one.
fn members(bindings: &Value) -> Option<Vec<Value>> {
    let mut out = Vec::new();
    for binding in bindings.as_array()? {
        let (role, condition) = (binding.get("role")?, binding.get("condition"));
        for member in binding.get("members").and_then(Value::as_array).into_iter().flatten() {
            out.push(json!({ "role": role, "member": member, "condition": condition }));
        }
    }
    Some(out)
}

/// A statement that says in one way what can be said in several, and what it believes at hand.
fn opened(mut statement: Map<String, Value>, variables: bool) -> Map<String, Value> {
    for (yes, not) in [("Action", "NotAction"), ("Resource", "NotResource")] {
        if statement.contains_key(not) && !statement.contains_key(yes) {
            statement.insert(yes.to_owned(), json!(["*"]));
        }
    }
    let on = ["Resource", "NotResource"].into_iter().filter(|_| !variables);
    for key in on.collect::<Vec<_>>() {
        if let Some(Value::Array(texts)) = statement.get_mut(key) {
            texts.retain(|text| !text.as_str().is_some_and(|text| text.contains("${")));
        }
    }
    if let Some(condition) = statement.get_mut("Condition") {
        settle_condition(condition);
    }
    if statement.contains_key("Principal") || statement.contains_key("NotPrincipal") {
        let (believed, named) = (believed(&statement), named(&statement));
        statement.insert("Believes".to_owned(), believed);
        statement.insert("Names".to_owned(), named);
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened_policy(value: Value) -> Attributes {
        let mut attributes =
            Attributes { value: json!({"name": "n", "policy": value}).into(), ..Attributes::default() };
        open(&[Path::parse("policy").unwrap()], &mut attributes);
        attributes
    }

    fn first(value: Value) -> Value {
        opened_policy(value).value.reveal()["policy"]["Statement"][0].clone()
    }

    #[test]
    fn all_spellings_are_one() {
        let plain = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["a:B"], "Resource": ["*"]}]});
        let bare = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}});
        let encoded = bare.to_string().replace('"', "%22").replace('{', "%7B").replace('}', "%7d");
        for spelling in [bare.clone(), json!(bare.to_string()), json!(encoded)] {
            assert_eq!(first(spelling), first(plain.clone()));
        }
        assert_eq!(first(plain)["PolicyName"], "n");
    }

    #[test]
    fn all_but_something_is_all_less_that() {
        let said = first(
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "iam:*", "NotResource": ["r"]}]}),
        );
        assert_eq!((&said["Action"], &said["NotAction"]), (&json!(["*"]), &json!(["iam:*"])));
        assert_eq!((&said["Resource"], &said["NotResource"]), (&json!(["*"]), &json!(["r"])));
    }

    #[test]
    fn variables_are_of_the_newer_language() {
        let with = |version: &str| {
            first(
                json!({"Version": version, "Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": ["x/${aws:username}", "y"]}]}),
            )
        };
        assert_eq!(with("2012-10-17")["Resource"], json!(["x/${aws:username}", "y"]));
        assert_eq!(with("2008-10-17")["Resource"], json!(["y"]));
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        for broken in [
            json!("{"),
            json!("%7"),
            json!(3),
            json!({"Statement": "x"}),
            json!({"Statement": [{"Action": 1}]}),
        ] {
            let attributes = opened_policy(broken.clone());
            assert_eq!(attributes.unknown["policy"], true, "{broken}");
        }
    }

    #[test]
    fn subjects_are_those_of_the_provider() {
        let said = first(
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::1:oidc-provider/p"},
            "Condition": {"StringEquals": {"p:sub": "system:serviceaccount:a:b", "p:aud": "sts.amazonaws.com"}}}]}),
        );
        let believed = json!([{"subject": "system:serviceaccount:a:b", "issuer": "arn:aws:iam::1:oidc-provider/p",
            "condition": null, "denies": null}]);
        assert_eq!(said["Believes"], believed);
        assert_eq!(said["Principal"]["Federated"], json!(["arn:aws:iam::1:oidc-provider/p"]));
    }
}
