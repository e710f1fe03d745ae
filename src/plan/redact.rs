//! Secrets leave a plan here, before anything else sees its values.

use serde_json::{Map, Value};

/// What stands in place of a sensitive value. Two of them are not known to be equal: `Attributes::sensitive` tells.
pub const PLACEHOLDER: &str = "(sensitive)";

/// Replaces whatever the mask marks. Null stays null: that nothing is set is no secret. A mask that marks something and
/// does not have the form of the value, or is no mask at all, covers the whole of it, and then says so.
pub(super) fn redact(value: &mut Value, mask: &mut Value) {
    match (value, mask) {
        (Value::Null, _) => {}
        (Value::Object(members), Value::Object(masks)) => {
            for (key, mask) in masks {
                if let Some(member) = members.get_mut(key) {
                    redact(member, mask);
                }
            }
        }
        (Value::Array(elements), Value::Array(masks)) => {
            for (element, mask) in elements.iter_mut().zip(masks) {
                redact(element, mask);
            }
        }
        (value, mask) => {
            if marks(mask) {
                *value = Value::String(PLACEHOLDER.to_owned());
                *mask = Value::Bool(true);
            }
        }
    }
}

/// What either mask marks: a value that is sensitive on one side is so on both.
pub(super) fn union(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Bool(true), _) | (_, Value::Bool(true)) => Value::Bool(true),
        (Value::Object(left), Value::Object(mut right)) => {
            let mut merged = Map::new();
            for (key, mask) in left {
                let other = right.remove(&key).unwrap_or(Value::Null);
                merged.insert(key, union(mask, other));
            }
            merged.extend(right);
            Value::Object(merged)
        }
        (Value::Array(left), Value::Array(right)) => {
            let mut rest = right.into_iter();
            let mut merged: Vec<Value> =
                left.into_iter().map(|mask| union(mask, rest.next().unwrap_or(Value::Null))).collect();
            merged.extend(rest);
            Value::Array(merged)
        }
        // Of two masks of different shape neither may be lost; only one can be kept, so the whole is covered.
        (left, right) => match (marks(&left), marks(&right)) {
            (true, true) => Value::Bool(true),
            (true, false) => left,
            (false, _) => right,
        },
    }
}

/// Whether it marks anything.
pub(super) fn marks(mask: &Value) -> bool {
    match mask {
        Value::Bool(marked) => *marked,
        Value::Array(masks) => masks.iter().any(marks),
        Value::Object(masks) => masks.values().any(marks),
        Value::Null => false,
        // No version of terraform writes these, so nobody knows that they mean nothing.
        Value::String(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marked_values_go_and_null_stays() {
        let mut value = json!({"a": "s", "b": {"c": [1, 2], "d": 3}, "n": null, "k": "keep"});
        redact(&mut value, &mut json!({"a": true, "b": {"c": [false, true]}, "n": true, "gone": true}));
        assert_eq!(
            value,
            json!({"a": PLACEHOLDER, "b": {"c": [1, PLACEHOLDER], "d": 3}, "n": null, "k": "keep"})
        );
        let mut whole = json!({"a": 1});
        redact(&mut whole, &mut json!(true));
        assert_eq!(whole, json!(PLACEHOLDER));
    }

    #[test]
    fn a_mask_of_another_form_covers_all_that_it_may_mean() {
        for (mask, redacted) in [
            (json!("x"), json!(PLACEHOLDER)),
            (json!([true]), json!(PLACEHOLDER)),
            (json!([{"a": false}]), json!({"a": "s", "b": [1]})),
            (json!({"a": 1}), json!({"a": PLACEHOLDER, "b": [1]})),
            (json!({"a": {"x": true}}), json!({"a": PLACEHOLDER, "b": [1]})),
            (json!({"a": {}, "b": {"0": true}}), json!({"a": "s", "b": PLACEHOLDER})),
            (json!({"a": null, "b": false}), json!({"a": "s", "b": [1]})),
        ] {
            let (mut value, mut fitted) = (json!({"a": "s", "b": [1]}), mask.clone());
            redact(&mut value, &mut fitted);
            assert_eq!(value, redacted, "{mask}");
            // Whoever asks the mask is told of each placeholder.
            for key in ["a", "b"] {
                let told = fitted == json!(true) || fitted.get(key) == Some(&json!(true));
                assert_eq!(told, value.get(key).is_none_or(|value| value == PLACEHOLDER), "{mask}");
            }
        }
        assert_eq!(union(json!("x"), json!({"a": true})), json!(true));
    }

    #[test]
    fn masks_add_up() {
        assert_eq!(
            union(json!({"a": true, "l": [true]}), json!({"b": {"c": true}, "l": [false, true]})),
            json!({"a": true, "b": {"c": true}, "l": [true, true]})
        );
        assert_eq!(union(json!(false), json!({"a": true})), json!({"a": true}));
        assert_eq!(union(json!({}), json!(false)), json!(false));
        assert_eq!(union(json!([true]), json!({"a": true})), json!(true));
    }
}
