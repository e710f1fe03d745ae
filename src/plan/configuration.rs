//! The `configuration` section: which expression refers to what. Constants, which may be secrets, are skipped.

use super::lenient::lenient;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

lenient! {
    /// The section.
    struct Configuration<'a> {
        providers: BTreeMap<String, Provider<'a>> = "provider_config",
        root: Module<'a> = "root_module",
    }
}

lenient! {
    /// A provider's configuration.
    struct Provider<'a> {
        module: Option<String> = "module_address",
        expressions: Expression = "expressions",
    }
}

lenient! {
    /// A module.
    struct Module<'a> {
        resources: Vec<Resource<'a>> = "resources",
        calls: BTreeMap<String, Call<'a>> = "module_calls",
        outputs: BTreeMap<String, Output<'a>> = "outputs",
        /// A block of them, by name. No version writes them; they come from the files.
        locals: Expression = "locals",
    }
}

lenient! {
    /// A `module` block.
    struct Call<'a> {
        expressions: BTreeMap<String, Expression> = "expressions",
        count: Expression = "count_expression",
        for_each: Expression = "for_each_expression",
        depends_on: Vec<String> = "depends_on",
        module: Module<'a> = "module",
    }
}

lenient! {
    /// An `output` block.
    struct Output<'a> {
        expression: Expression = "expression",
        depends_on: Vec<String> = "depends_on",
    }
}

lenient! {
    /// A `resource` or `data` block.
    struct Resource<'a> {
        address: String = "address",
        provider: String = "provider_config_key",
        expressions: Expression = "expressions",
        count: Expression = "count_expression",
        for_each: Expression = "for_each_expression",
        /// What refers to something and is no argument; the files tell of more such blocks than provisioners.
        beside: Vec<Provisioner<'a>> = "provisioners",
        depends_on: Vec<String> = "depends_on",
    }
}

lenient! {
    /// A `provisioner` block.
    #[derive(Clone)]
    struct Provisioner<'a> {
        expressions: Expression = "expressions",
    }
}

impl Module<'_> {
    /// What a local value refers to.
    pub(super) fn local(&self, name: &str) -> Option<&Expression> {
        match &self.locals {
            Expression::Block(locals) => locals.get(name),
            _ => None,
        }
    }
}

/// An expression or a tree of nested blocks with expressions.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Expression {
    /// A constant, or a call without references.
    #[default]
    Nothing,
    /// Text within the section; only of use in a list of references.
    Text(String),
    /// What an expression refers to, longest first for each reference.
    References(Vec<String>),
    /// A block, or a map of labelled blocks.
    Block(BTreeMap<String, Expression>),
    /// Repeated blocks.
    List(Vec<Expression>),
}

impl Expression {
    /// Calls `found` with the path and the references of each expression in the tree.
    pub(super) fn walk<'s>(&'s self, path: &str, found: &mut dyn FnMut(&str, &'s [String])) {
        let under = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
        match self {
            Expression::Nothing | Expression::Text(_) => {}
            Expression::References(references) => found(path, references),
            Expression::Block(members) => {
                for (name, member) in members {
                    member.walk(&under(name), found);
                }
            }
            Expression::List(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    element.walk(&under(&index.to_string()), found);
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Expression, D::Error> {
        deserializer.deserialize_any(ExpressionVisitor)
    }
}

struct ExpressionVisitor;

impl<'de> Visitor<'de> for ExpressionVisitor {
    type Value = Expression;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Expression, E> {
        Ok(Expression::Nothing)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Expression, E> {
        Ok(Expression::Nothing)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Expression, E> {
        Ok(Expression::Nothing)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Expression, E> {
        Ok(Expression::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Expression, E> {
        Ok(Expression::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Expression, E> {
        Ok(Expression::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Expression, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Expression::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expression, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "constant_value" {
                map.next_value::<IgnoredAny>()?;
            } else {
                members.insert(key, map.next_value()?);
            }
        }
        // An expression has references of plain text; a provider's argument of that name is an expression itself.
        match members.remove("references") {
            Some(Expression::List(texts)) if members.is_empty() && texts.iter().all(is_text) => {
                Ok(Expression::References(texts.into_iter().filter_map(into_text).collect()))
            }
            Some(other) => {
                members.insert("references".to_owned(), other);
                Ok(Expression::Block(members))
            }
            None if members.is_empty() => Ok(Expression::Nothing),
            None => Ok(Expression::Block(members)),
        }
    }
}

fn is_text(expression: &Expression) -> bool {
    matches!(expression, Expression::Text(_))
}

fn into_text(expression: Expression) -> Option<String> {
    match expression {
        Expression::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(value: serde_json::Value) -> Vec<(String, Vec<String>)> {
        let text = value.to_string();
        let expression: Expression = serde_json::from_str(&text).unwrap();
        let mut found = Vec::new();
        expression.walk("", &mut |path, references| found.push((path.to_owned(), references.to_vec())));
        found
    }

    #[test]
    fn blocks_and_expressions_are_told_apart() {
        let found = paths(json!({
            "name": {"constant_value": {"references": ["not.one"]}},
            "identity": [{"identity_ids": {"references": ["a.b.id", "a.b"]}, "type": {"constant_value": 1.5}}],
            "single": {"inner": {"references": ["c.d"]}},
            "odd": {"references": {"references": ["e.f"]}},
            "call": {}, "null": null, "number": 12, "flag": true
        }));
        let expect = [
            ("identity.0.identity_ids", vec!["a.b.id", "a.b"]),
            ("odd.references", vec!["e.f"]),
            ("single.inner", vec!["c.d"]),
        ];
        assert_eq!(found.len(), expect.len());
        for ((path, references), (expected, list)) in found.iter().zip(expect) {
            assert_eq!(
                (path.as_str(), references.as_slice()),
                (expected, list.iter().map(|s| s.to_string()).collect::<Vec<_>>().as_slice())
            );
        }
    }

    #[test]
    fn numbers_of_any_size_are_constants() {
        let text = r#"{"x": {"y": 123456789012345678901234567890.5}}"#;
        let expression: Expression = serde_json::from_str(text).unwrap();
        let mut count = 0;
        expression.walk("", &mut |_, _| count += 1);
        assert_eq!(count, 0);
    }
}
