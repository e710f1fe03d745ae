//! Values that may be secret: a type of their own, so that none of them is printed by accident.

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

/// Brackets of which a text may open so many without being deeper than a reader goes (128).
const SURELY_READ: usize = 100;

/// The values of an object as a plan, a state or a snapshot gives them: any of them may be a secret, marked or not.
///
/// There is no way to print or to serialise one, and `Debug` shows nothing of it. What is taken out goes through
/// [`Guarded::reveal`], which only the catalog calls: it follows the paths that its files name, and these lead to
/// identities, roles, scopes, dates and names. A test lists the files that call it.
#[derive(Clone, Default)]
pub struct Guarded {
    values: Value,
    /// What stands in their place until somebody looks at them: of a large plan, only a few need to lie about as trees at a
    /// time.
    later: Option<Box<Later>>,
}

#[derive(Clone)]
struct Later {
    text: Box<str>,
    values: OnceLock<Value>,
}

impl Guarded {
    /// The values of a JSON text.
    ///
    /// # Errors
    /// If it is none.
    pub fn json(text: String) -> serde_json::Result<Guarded> {
        // What is put off must not fail: a reader refuses to go deeper than so far, halves of letters, and what looks like its
        // own way to hand on numbers; to pass over them it is no trouble.
        let deep = text.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count() > SURELY_READ;
        if deep || text.contains("\\u") || text.contains("$serde_json") {
            return serde_json::from_str::<Value>(&text).map(Guarded::from);
        }
        serde_json::from_str::<IgnoredAny>(&text)?;
        let later = Later { text: text.into(), values: OnceLock::new() };
        Ok(Guarded { values: Value::Null, later: Some(Box::new(later)) })
    }

    /// The values, for one who takes out of them only what the catalog names.
    pub fn reveal(&self) -> &Value {
        match &self.later {
            None => &self.values,
            // What is no JSON was refused when it came in.
            Some(later) => later.values.get_or_init(|| serde_json::from_str(&later.text).unwrap_or_default()),
        }
    }

    /// The text that stands under a name of the outermost, as long as nobody looked at the rest without making a tree of it.
    pub fn reveal_text(&self, name: &str) -> Option<Cow<'_, str>> {
        match &self.later {
            Some(later) if later.values.get().is_none() => {
                let mut reader = serde_json::Deserializer::from_str(&later.text);
                reader.deserialize_any(TextAt(name)).ok().flatten()
            }
            _ => self.reveal().get(name)?.as_str().map(Cow::Borrowed),
        }
    }

    /// The values, to be changed where they stand.
    pub fn reveal_mut(&mut self) -> &mut Value {
        if self.later.is_some() {
            *self = Guarded::from(self.reveal().clone());
        }
        &mut self.values
    }

    /// Values made of these: as guarded as they are.
    #[must_use]
    pub fn turn(&self, turn: impl FnOnce(&Value) -> Value) -> Guarded {
        Guarded::from(turn(self.reveal()))
    }
}

impl From<Value> for Guarded {
    fn from(value: Value) -> Guarded {
        Guarded { values: value, later: None }
    }
}

/// Finds the text under a name; of two the second, as everywhere.
struct TextAt<'n>(&'n str);

impl<'de> Visitor<'de> for TextAt<'_> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name == self.0 {
                found = match map.next_value::<Value>()? {
                    Value::String(text) => Some(Cow::Owned(text)),
                    _ => None,
                };
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

impl PartialEq for Guarded {
    fn eq(&self, other: &Guarded) -> bool {
        self.reveal() == other.reveal()
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Evidence, Object, SourceIx};
    use proptest::prelude::*;
    use serde_json::json;
    use std::marker::PhantomData;

    struct Probe<T>(PhantomData<T>);

    /// What holds of every type, unless the bound of an inherent constant below does.
    trait Neither {
        const DISPLAY: bool = false;
        const SERIALIZE: bool = false;
    }

    impl<T> Neither for Probe<T> {}

    impl<T: fmt::Display> Probe<T> {
        const DISPLAY: bool = true;
    }

    impl<T: serde::Serialize> Probe<T> {
        const SERIALIZE: bool = true;
    }

    #[test]
    fn nothing_prints_or_serialises_them() {
        // The probe sees what it looks for.
        assert_eq!((Probe::<Value>::DISPLAY, Probe::<Value>::SERIALIZE), (true, true));
        for (name, display, serialize) in [
            ("Guarded", Probe::<Guarded>::DISPLAY, Probe::<Guarded>::SERIALIZE),
            ("&Guarded", Probe::<&Guarded>::DISPLAY, Probe::<&Guarded>::SERIALIZE),
            ("Attributes", Probe::<Attributes>::DISPLAY, Probe::<Attributes>::SERIALIZE),
            ("Object", Probe::<Object>::DISPLAY, Probe::<Object>::SERIALIZE),
        ] {
            assert_eq!((display, serialize), (false, false), "{name}");
        }
    }

    #[test]
    fn a_text_is_found_in_the_tree_and_without_it() {
        for text in [
            r#"{"id":"a","x":{"id":"b"}}"#,
            r#"{"id":"a","i\u0064":"c"}"#,
            r#"{"id":"a","id":7}"#,
            r#"{"id":["a"]}"#,
            r#"{"x":1.5}"#,
            r#"["id"]"#,
            "7",
            "null",
        ] {
            let late = Guarded::json(text.to_owned()).unwrap();
            let tree = Guarded::from(serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(late.reveal_text("id"), tree.reveal_text("id"), "{text}");
            assert_eq!(late, tree, "{text}");
        }
        assert!(Guarded::json("{".to_owned()).is_err());
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        // What a reader of trees refuses is refused at once.
        assert!(Guarded::json(deep(120)).is_ok() && Guarded::json(deep(200)).is_err());
    }

    /// JSON, and what is nearly that.
    fn text() -> impl Strategy<Value = String> {
        let names = [
            "a",
            "id",
            "\\u0061",
            "\\ud800",
            "\\ud83d\\ude00",
            "\\q",
            "$serde_json::private::Number",
            "\u{e9}",
        ];
        let odd = [
            "1",
            "-1.50",
            "1e9999",
            "-",
            "01",
            "tru",
            "true",
            "null",
            "\"\\ud800\"",
            "\"\n\"",
            "\"x\\\"y\"",
            "\"7\"",
            "",
        ];
        let name = proptest::sample::select(names.to_vec());
        let leaf = proptest::sample::select(odd.to_vec()).prop_map(str::to_owned);
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3)
                    .prop_map(|list| format!("[{}]", list.join(","))),
                proptest::collection::vec((name.clone(), inner), 0..3).prop_map(|members| {
                    let members = members.iter().map(|(name, value)| format!("\"{name}\": {value}"));
                    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn what_is_put_off_is_what_would_have_been_read(text in text()) {
            match (Guarded::json(text.clone()), serde_json::from_str::<Value>(&text)) {
                (Ok(late), Ok(read)) => {
                    let id = read.get("id").and_then(Value::as_str).map(str::to_owned);
                    prop_assert_eq!(late.reveal_text("id").map(Cow::into_owned), id);
                    prop_assert_eq!(late.reveal(), &read);
                }
                (late, read) => prop_assert_eq!(late.is_ok(), read.is_ok()),
            }
        }
    }

    #[test]
    fn debug_shows_nothing_of_them() {
        let secret = json!({"hunter2": ["hunter2", {"a": "hunter2"}]});
        let mut object = Object::standing(
            "x".into(),
            Evidence { source: SourceIx(0), pointer: "".into() },
            None,
            secret.clone().into(),
        );
        // Marks have the keys of maps in them, and of a broken file anything.
        object.after =
            Some(Attributes { unknown: secret.clone(), sensitive: secret.clone(), ..Attributes::default() });
        for text in [
            format!("{:?}", Guarded::from(secret)),
            format!("{:?}", object.before),
            format!("{object:?} {object:#?}"),
        ] {
            assert!(!text.contains("hunter2") && !text.is_empty(), "{text}");
        }
    }
}
