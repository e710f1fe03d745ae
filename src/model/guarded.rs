//! Values that may be secret: a type of their own, so that none of them is printed by accident.

use serde_json::Value;
use std::fmt;

/// The values of an object as a plan, a state or a snapshot gives them: any of them may be a secret, marked or not.
///
/// There is no way to print or to serialise one, and `Debug` shows nothing of it. What is taken out goes through
/// [`Guarded::reveal`], which only the catalog calls: it follows the paths that its files name, and these lead to
/// identities, roles, scopes, dates and names. A test lists the files that call it.
#[derive(Clone, Default, PartialEq)]
pub struct Guarded(Value);

impl Guarded {
    /// The values, for one who takes out of them only what the catalog names.
    pub fn reveal(&self) -> &Value {
        &self.0
    }

    /// The values, to be changed where they stand.
    pub fn reveal_mut(&mut self) -> &mut Value {
        &mut self.0
    }

    /// Values made of these: as guarded as they are.
    #[must_use]
    pub fn turn(&self, turn: impl FnOnce(&Value) -> Value) -> Guarded {
        Guarded(turn(&self.0))
    }
}

impl From<Value> for Guarded {
    fn from(value: Value) -> Guarded {
        Guarded(value)
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
    fn debug_shows_nothing_of_them() {
        let secret = json!({"hunter2": ["hunter2", {"a": "hunter2"}]});
        let mut object = Object::standing(
            "x".into(),
            Evidence { source: SourceIx(0), pointer: String::new() },
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
