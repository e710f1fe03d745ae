//! What statements ask of objects: attributes that are kept beside what the catalog itself makes of them.

use super::Catalog;
use super::entry::Entry;
use super::path::{Filled, Found, Path, Scope};
use crate::model::{Attributes, Expected, Plain, Setting, Settings, Statements, Told};
use serde_json::Value;
use std::sync::Arc;

/// An attribute that is asked for.
#[derive(Debug)]
pub struct Watched {
    /// As the statement writes it.
    pub name: Arc<str>,
    /// The same as a path.
    pub path: Path,
}

impl Catalog {
    /// Keeps from now on what these statements ask for.
    ///
    /// # Errors
    /// The line of the statement, and a sentence, if an attribute is no path.
    pub fn watch(&mut self, statements: &Statements) -> Result<(), (usize, String)> {
        for expectation in &statements.expectations {
            let other = match &expectation.expected {
                Expected::Equals(_) => None,
                Expected::SameAs(other) => Some(other.keys()),
            };
            let names = expectation.conditions.keys().chain(other.into_iter().flatten());
            for name in names.chain([&expectation.attribute]) {
                self.watch_one(name).map_err(|problem| (expectation.line, problem))?;
            }
        }
        for population in &statements.populations {
            self.watch_one(&population.key).map_err(|problem| (population.line, problem))?;
        }
        Ok(())
    }

    fn watch_one(&mut self, name: &str) -> Result<(), String> {
        let path = Path::parse(name)?;
        if path.is_of_item() {
            return Err(format!("`{name}` is the item of a list, and there is none"));
        }
        if !self.watched.iter().any(|known| &*known.name == name) {
            self.watched.push(Watched { name: name.into(), path });
        }
        Ok(())
    }

    /// What an object says of all that is asked for; `goes`: it is deleted.
    ///
    /// `spelt`: the attributes as the source has them, which people may write instead of the shape that the catalog reads.
    pub(super) fn settings(
        &self,
        entry: &Entry,
        scope: Scope<'_>,
        spelt: Option<&Attributes>,
        goes: bool,
    ) -> Option<Box<Settings>> {
        if self.watched.is_empty() {
            return None;
        }
        let (mut all, mut left) = (Vec::new(), Vec::new());
        for Watched { name, path } in &self.watched {
            let mut values: Vec<Told> = match entry.attributes.get(&**name) {
                Some(template) => match template.fill(scope) {
                    Filled::Text(text) => vec![Told::Plain(Plain::text(text))],
                    Filled::Unknown(_) => vec![Told::Unknown],
                    Filled::Missing => Vec::new(),
                },
                None => path.find(scope).iter().map(told).collect(),
            };
            if let Some(attributes) = spelt.filter(|_| values.is_empty()) {
                values = path.find(Scope { attributes, ..scope }).iter().map(told).collect();
            }
            if !values.is_empty() {
                all.push(Setting { name: Arc::clone(name), values });
            }
            if let Some(value) = entry.leaves.get(&**name).filter(|_| goes) {
                left.push(Setting { name: Arc::clone(name), values: vec![Told::Plain(value.clone())] });
            }
        }
        let variant_of = entry.variant_of.as_ref().and_then(|alias| alias.fill(scope));
        (!all.is_empty() || !left.is_empty()).then(|| Box::new(Settings { all, left, variant_of }))
    }
}

fn told(found: &Found<'_>) -> Told {
    match found {
        Found::Value(Value::String(text), _) => Told::Plain(Plain::text(text.clone())),
        Found::Value(Value::Bool(truth), _) => Told::Plain(Plain::truth(*truth)),
        Found::Value(Value::Number(number), _) => Told::Plain(Plain::number(&number.to_string())),
        Found::Value(deep, _) => Told::Deep(deep.to_string()),
        Found::Unknown(_) => Told::Unknown,
        Found::Hidden(_) => Told::Hidden(None),
    }
}
