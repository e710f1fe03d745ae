//! Policy documents: as objects, as JSON in a string, and as that string percent-encoded, as the raw API gives them.

use serde_json::{Map, Value};

/// Elements of a statement that are a text or a list of texts.
const TEXTS: [&str; 4] = ["Action", "NotAction", "Resource", "NotResource"];

/// Elements that name somebody.
const WHO: [&str; 2] = ["Principal", "NotPrincipal"];

/// The document as an object in its normal form: `Statement` is a list of objects; `Action`, `NotAction`, `Resource` and
/// `NotResource` are lists of texts, and so are the values of `Principal` and `NotPrincipal`, of which `"*"` stays as
/// it is. All else is kept. `None` if it is no policy document.
pub fn policy_document(mut document: Value) -> Option<Value> {
    settle_document(&mut document).then_some(document)
}

/// As [`policy_document`], where it stands; whether it could be. If not, the text stays as it was.
pub fn settle_document(document: &mut Value) -> bool {
    if let Value::String(text) = document {
        match decoded(text) {
            Some(inner) => *document = Value::Object(inner),
            None => return false,
        }
    }
    let Value::Object(document) = document else { return false };
    let statements = document.entry("Statement").or_insert(Value::Null);
    match statements.take() {
        Value::Null => *statements = Value::Array(Vec::new()),
        one @ Value::Object(_) => *statements = Value::Array(vec![one]),
        other => *statements = other,
    }
    let Value::Array(statements) = statements else { return false };
    let mut whole = true;
    // Not `all`, which would stop: what can be read of the others is put in order, too.
    for one in statements {
        whole &= statement(one);
    }
    whole
}

fn statement(statement: &mut Value) -> bool {
    let Value::Object(statement) = statement else { return false };
    let known = |key: &str| TEXTS.contains(&key) || WHO.contains(&key);
    // A `NotAction` of null is no `NotAction`; one of nothing would be everything.
    statement.retain(|key, value| !(known(key) && value.is_null()));
    let mut whole = true;
    for (key, value) in statement.iter_mut() {
        if TEXTS.contains(&key.as_str()) {
            whole &= texts(value);
        } else if WHO.contains(&key.as_str()) {
            whole &= who(value);
        }
    }
    whole
}

/// A text or a list of texts becomes a list of texts.
fn texts(value: &mut Value) -> bool {
    match value {
        Value::String(_) => {
            *value = Value::Array(vec![value.take()]);
            true
        }
        Value::Array(all) => all.iter().all(Value::is_string),
        _ => false,
    }
}

fn who(value: &mut Value) -> bool {
    match value {
        Value::String(anybody) => anybody == "*",
        Value::Object(kinds) => {
            kinds.retain(|_, value| !value.is_null());
            let mut whole = true;
            kinds.values_mut().for_each(|value| whole &= texts(value));
            whole
        }
        _ => false,
    }
}

/// The object in a text: JSON, else percent-encoded JSON.
fn decoded(text: &str) -> Option<Map<String, Value>> {
    let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    object(text).or_else(|| object(&percent_decoded(text)?))
}

/// Without its percent signs (RFC 3986: a plus sign is a plus sign); `None` if there are none, or broken ones.
fn percent_decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    let mut encoded = false;
    for piece in pieces {
        let (digits, rest) = piece.as_bytes().split_at_checked(2)?;
        // `from_str_radix` takes a sign as well.
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest);
        encoded = true;
    }
    String::from_utf8(bytes).ok().filter(|_| encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_texts_and_encoded_texts_are_the_same() {
        let expect = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["arn:aws:s3:::a+b/é"]}]});
        let object = json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a+b/é"}});
        let text = object.to_string();
        let encoded: String = text
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'+' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect();
        assert!(encoded.starts_with("%7B%22") && encoded.contains("a+b%2F%C3%A9"), "{encoded}");
        for given in [
            object,
            json!(text),
            json!(encoded),
            json!(encoded.to_lowercase().replace("s3%3aget", "s3%3AGet")),
        ] {
            let lower = given.as_str().is_some_and(|text| text.starts_with("%7b"));
            let read = policy_document(given).unwrap();
            assert!(lower || read == expect, "{read}");
        }
    }

    #[test]
    fn percent_signs_in_plain_json_stay() {
        let given = json!(r#"{"Statement":[{"Resource":"a%2Fb"}]}"#);
        assert_eq!(policy_document(given).unwrap(), json!({"Statement": [{"Resource": ["a%2Fb"]}]}));
    }

    #[test]
    fn principals_become_lists_and_everybody_stays() {
        let who = |given: Value| {
            let document = policy_document(json!({"Statement": [{"Principal": given}]}))?;
            Some(document["Statement"][0]["Principal"].clone())
        };
        assert_eq!(who(json!("*")), Some(json!("*")));
        assert_eq!(
            who(json!({"AWS": "*", "Service": ["a", "b"], "Federated": null})),
            Some(json!({"AWS": ["*"], "Service": ["a", "b"]}))
        );
        for wrong in [json!("somebody"), json!(["*"]), json!({"AWS": 1}), json!({"AWS": [1]})] {
            assert_eq!(who(wrong), None);
        }
    }

    #[test]
    fn what_is_missing_is_empty_and_null_is_missing() {
        assert_eq!(policy_document(json!({})), Some(json!({"Statement": []})));
        assert_eq!(policy_document(json!({"Statement": null})), Some(json!({"Statement": []})));
        let nothing = json!({"Statement": {"NotAction": null, "Action": ["a:b"], "Condition": {"x": null}}});
        assert_eq!(
            policy_document(nothing),
            Some(json!({"Statement": [{"Action": ["a:b"], "Condition": {"x": null}}]}))
        );
    }

    #[test]
    fn what_is_no_document_is_none() {
        for wrong in [
            json!(null),
            json!([]),
            json!(1),
            json!(""),
            json!("x"),
            json!("[]"),
            json!("%7B%2"),
            json!("%7B%+1%7D"),
            json!("%FF%FE"),
            json!("{\"Statement\":"),
            json!({"Statement": "x"}),
            json!({"Statement": [1]}),
            json!({"Statement": {"Action": {"a": 1}}}),
            json!({"Statement": {"Action": [1]}}),
        ] {
            assert_eq!(policy_document(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_read_stays_as_it_was() {
        let mut text = json!("%7Bbroken");
        assert!(!settle_document(&mut text));
        assert_eq!(text, json!("%7Bbroken"));
    }
}
