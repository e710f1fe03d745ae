//! JSON objects as other programs write them: any key may be missing or null, or may be unknown.

/// How the message begins when a key that decides comes twice.
pub(super) const TWICE: &str = "two keys are called ";

/// Declares a struct that reads itself from a JSON object. Missing and null are the default, unknown keys are skipped
/// without being kept. A key of the struct that comes twice is an error: no version of terraform writes that, and
/// programs differ in which of the two they believe, so that one could be shown to people and another judged. serde's
/// own derive tells null from missing.
macro_rules! lenient {
    ($(#[$meta:meta])* struct $name:ident<$life:lifetime> { $( $(#[$doc:meta])* $field:ident: $type:ty = $key:literal ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Default)]
        pub(super) struct $name<$life> {
            $( $(#[$doc])* pub(super) $field: $type, )*
            pub(super) marker: std::marker::PhantomData<&$life ()>,
        }

        impl $name<'_> {
            /// The keys that are read.
            #[allow(dead_code, reason = "asked for of the outermost only")]
            pub(super) const KEYS: &'static [&'static str] = &[$($key),*];
        }

        impl<'de: $life, $life> serde::Deserialize<'de> for $name<$life> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor<$life>(std::marker::PhantomData<&$life ()>);
                impl<'de: $life, $life> serde::de::Visitor<'de> for Visitor<$life> {
                    type Value = $name<$life>;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut read = $name::default();
                        $( let mut $field = false; )*
                        while let Some(key) = map.next_key::<String>()? {
                            match key.as_str() {
                                $( $key => {
                                    if std::mem::replace(&mut $field, true) {
                                        return Err(serde::de::Error::custom(format!("{}`{}`", $crate::plan::lenient::TWICE, $key)));
                                    }
                                    read.$field = map.next_value::<Option<$type>>()?.unwrap_or_default();
                                } )*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(read)
                    }
                }
                deserializer.deserialize_map(Visitor(std::marker::PhantomData))
            }
        }
    };
}
pub(super) use lenient;
