//! Paths into attributes, and templates made of them.
//!
//! A path is `a.b.*.c["key with.dots"]`; `*` runs over the elements of a list or map; `@` at the start is the current
//! item of an `each`. A template is text with `{path|other path|'literal'}` in it.

use super::interest::Begins;
use crate::model::{Address, Alias, Attributes};
use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PathStep {
    Key(String),
    Each,
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    from_item: bool,
    steps: Vec<PathStep>,
}

/// What a path leads to. It may be secret as long as nobody has asked for it by name: there is no `Debug`.
#[derive(Clone, PartialEq)]
pub enum Found<'a> {
    /// A value, and the concrete dotted path of it.
    Value(&'a Value, String),
    /// Something that is known only after apply, and the concrete dotted path of it.
    Unknown(String),
    /// Something sensitive, which is known to nobody here, and the concrete dotted path of it.
    Hidden(String),
}

/// The object that paths are resolved against, on one side.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The attributes.
    pub attributes: &'a Attributes,
    /// The address, for values that are not known yet.
    pub address: Option<&'a Address>,
    /// The item of an `each`, its concrete path and its number.
    pub item: Option<(&'a Value, &'a str, usize)>,
    /// The object's kind: `{@kind}` is what follows its colon.
    pub kind: &'a str,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// A sentence, if it is not one.
    pub fn parse(text: &str) -> Result<Path, String> {
        let mut steps = Vec::new();
        let (from_item, mut rest) = match text.strip_prefix('@') {
            Some(rest) => (true, rest.strip_prefix('.').unwrap_or(rest)),
            None => (false, text),
        };
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix("[\"") {
                let (key, after) =
                    quoted.split_once("\"]").ok_or(format!("path `{text}` has an open bracket"))?;
                steps.push(PathStep::Key(key.to_owned()));
                rest = after.strip_prefix('.').unwrap_or(after);
                continue;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            if key.is_empty() {
                return Err(format!("path `{text}` has an empty step"));
            }
            steps.push(if key == "*" { PathStep::Each } else { PathStep::Key(key.to_owned()) });
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        Ok(Path { from_item, steps })
    }

    /// Where it begins.
    pub(super) fn begins_with(&self) -> Begins<'_> {
        match (self.from_item, self.steps.first()) {
            (true, _) => Begins::Item,
            (false, Some(PathStep::Key(key))) => Begins::Key(key),
            (false, Some(PathStep::Each) | None) => Begins::Anywhere,
        }
    }

    /// All that the path leads to, in order.
    pub fn find<'a>(&self, scope: Scope<'a>) -> Vec<Found<'a>> {
        let start = match (self.from_item, scope.item) {
            (true, Some((value, path, _))) => (value, path.to_owned()),
            (true, None) => return Vec::new(),
            (false, _) => (scope.attributes.value.reveal(), String::new()),
        };
        let Attributes { unknown, sensitive, .. } = scope.attributes;
        if self.from_item && start.0.is_null() && is_marked(unknown, &start.1) {
            return vec![Found::Unknown(start.1)];
        }
        if unknown.is_null() && sensitive.is_null() && !self.steps.contains(&PathStep::Each) {
            return self.single(start.0, start.1).into_iter().collect();
        }
        let mut found = vec![Found::Value(start.0, start.1)];
        for step in &self.steps {
            found = found.into_iter().flat_map(|at| advance(at, step, scope.attributes)).collect();
        }
        // Providers write an empty string for what is not set.
        found.retain(
            |at| !matches!(at, Found::Value(value, _) if value.is_null() || value.as_str() == Some("")),
        );
        // A sensitive value was taken away when it was read: two of them are not equal for being both hidden.
        for at in &mut found {
            if let Found::Value(value, path) = at
                && !value.is_object()
                && !value.is_array()
                && is_marked(&scope.attributes.sensitive, path)
            {
                *at = Found::Hidden(path.clone());
            }
        }
        found
    }
}

impl Path {
    /// Whether it leads to one value, which stands at `at`, and not only to something above it.
    pub(super) fn is_single(&self, at: &str) -> bool {
        let keys = self.steps.iter().map(|step| match step {
            PathStep::Key(key) => Some(key.as_str()),
            PathStep::Each => None,
        });
        !self.from_item && keys.eq(at.split('.').map(Some))
    }

    /// Whether it begins at the item of an `each`.
    pub(super) fn is_of_item(&self) -> bool {
        self.from_item
    }

    /// The same where nothing is marked and one value at most can be meant: so it is with nearly all of a large estate.
    fn single<'a>(&self, mut value: &'a Value, mut path: String) -> Option<Found<'a>> {
        for step in &self.steps {
            let PathStep::Key(key) = step else { return None };
            value = child(value, key).filter(|inner| !inner.is_null())?;
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        }
        let set = !value.is_null() && value.as_str() != Some("");
        set.then_some(Found::Value(value, path))
    }
}

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    }
}

/// One step further. What is missing among the values may be unknown.
fn advance<'a>(at: Found<'a>, step: &PathStep, attributes: &Attributes) -> Vec<Found<'a>> {
    let unknown = &attributes.unknown;
    let (value, path) = match at {
        Found::Unknown(path) => return vec![Found::Unknown(path)],
        Found::Hidden(path) => return vec![Found::Hidden(path)],
        // A block or a list that is sensitive as a whole: what is in it is hidden, not missing.
        Found::Value(Value::String(_), path) if is_marked(&attributes.sensitive, &path) => {
            return vec![Found::Hidden(path)];
        }
        Found::Value(value, path) => (value, path),
    };
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let child = |key: &str| match child(value, key) {
        Some(inner) if !inner.is_null() => Some(Found::Value(inner, below(key))),
        _ if is_marked(unknown, &below(key)) => Some(Found::Unknown(below(key))),
        _ => None,
    };
    match step {
        PathStep::Key(key) => child(key).into_iter().collect(),
        PathStep::Each => match value {
            Value::Array(items) => {
                let mut all: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, _)| index.to_string())
                    .filter_map(|key| child(&key))
                    .collect();
                if all.is_empty() && is_marked(unknown, &path) {
                    all.push(Found::Unknown(path.clone()));
                }
                all
            }
            Value::Object(map) => map.keys().filter_map(|key| child(key)).collect(),
            _ => Vec::new(),
        },
    }
}

/// Whether the concrete path, or anything above it, is marked.
fn is_marked(marks: &Value, path: &str) -> bool {
    let mut at = marks;
    for key in path.split('.') {
        match at {
            Value::Bool(marked) => return *marked,
            Value::Object(map) => match map.get(key) {
                Some(inner) => at = inner,
                None => return false,
            },
            Value::Array(items) => match key.parse::<usize>().ok().and_then(|index| items.get(index)) {
                Some(inner) => at = inner,
                None => return false,
            },
            _ => return false,
        }
    }
    matches!(at, Value::Bool(true))
}

/// Whether the concrete path, or anything above or below it, is marked.
pub fn any_marked(marks: &Value, path: &str) -> bool {
    fn anywhere(marks: &Value) -> bool {
        match marks {
            Value::Bool(marked) => *marked,
            Value::Array(items) => items.iter().any(anywhere),
            Value::Object(map) => map.values().any(anywhere),
            _ => false,
        }
    }
    let mut at = marks;
    for key in path.split('.') {
        let next = match at {
            Value::Object(map) => map.get(key),
            Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
            other => return anywhere(other),
        };
        match next {
            Some(inner) => at = inner,
            None => return false,
        }
    }
    anywhere(at)
}

/// A scalar as text; an empty string counts as missing, as providers write it for unset.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// Alternatives: the first that leads somewhere.
    Hole(Vec<Alternative>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Alternative {
    Path(Path),
    /// What the first group of an expression takes from what a path leads to.
    Part(Path, Taken),
    Index,
    Kind,
    /// What the first group of an expression takes from the kind.
    KindPart(Taken),
    /// All plain attributes but these, in order: what is left tells which thing it is about. With the path of the whole.
    AllBut(Path, Vec<String>),
    Literal(String),
}

/// An expression; two of the same text are the same.
#[derive(Debug, Clone)]
struct Taken(regex::Regex);

impl PartialEq for Taken {
    fn eq(&self, other: &Taken) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Taken {}

const ALL_BUT: &str = "@but:";

/// Text with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// What a template comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filled {
    /// Text.
    Text(String),
    /// Something in it is missing.
    Missing,
    /// Something in it is known only after apply: a symbol that is equal for equal unknowns, if there is one.
    Unknown(Option<String>),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A sentence, if it is not one.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (hole, after) =
                after.split_once('}').ok_or(format!("template `{text}` has an open brace"))?;
            let alternatives = hole
                .split('|')
                .map(|part| match part.strip_prefix('\'').and_then(|literal| literal.strip_suffix('\'')) {
                    Some(literal) => Ok(Alternative::Literal(literal.to_owned())),
                    None if part == "@index" => Ok(Alternative::Index),
                    None if part == "@kind" => Ok(Alternative::Kind),
                    None if part.starts_with(ALL_BUT) => {
                        let names = part.trim_start_matches(ALL_BUT).split(',');
                        Ok(Alternative::AllBut(Path::parse("")?, names.map(str::to_owned).collect()))
                    }
                    None => match part.split_once('~') {
                        Some((path, expression)) => {
                            let taken = Taken(
                                super::expression::expression(expression)
                                    .map_err(|error| error.to_string())?,
                            );
                            Ok(match path {
                                "@kind" => Alternative::KindPart(taken),
                                path => Alternative::Part(Path::parse(path)?, taken),
                            })
                        }
                        None => Path::parse(part).map(Alternative::Path),
                    },
                })
                .collect::<Result<_, _>>()?;
            pieces.push(Piece::Hole(alternatives));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template { pieces })
    }

    /// The paths in its holes.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let holes = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(_) => &[],
            Piece::Hole(alternatives) => alternatives.as_slice(),
        });
        holes.filter_map(|alternative| match alternative {
            Alternative::Path(path) | Alternative::Part(path, _) | Alternative::AllBut(path, _) => Some(path),
            Alternative::Index | Alternative::Kind | Alternative::KindPart(_) | Alternative::Literal(_) => {
                None
            }
        })
    }

    /// Fills the holes.
    pub fn fill(&self, scope: Scope<'_>) -> Filled {
        let mut text = String::new();
        let mut unknown = None;
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Hole(alternatives) => match fill_hole(alternatives, scope) {
                    Filled::Text(filled) => text.push_str(&filled),
                    Filled::Missing => return Filled::Missing,
                    Filled::Unknown(symbol) => {
                        unknown = Some(symbol.clone());
                        text.push_str(&symbol.unwrap_or_default());
                    }
                },
            }
        }
        match unknown {
            None => Filled::Text(text),
            Some(None) => Filled::Unknown(None),
            Some(Some(_)) => Filled::Unknown(Some(text)),
        }
    }
}

fn fill_hole(alternatives: &[Alternative], scope: Scope<'_>) -> Filled {
    for alternative in alternatives {
        match alternative {
            Alternative::Literal(literal) => return Filled::Text(literal.clone()),
            Alternative::Kind => {
                return Filled::Text(
                    scope.kind.split_once(':').map_or(scope.kind, |(_, kind)| kind).to_owned(),
                );
            }
            Alternative::KindPart(Taken(expression)) => {
                if let Some(part) = expression.captures(scope.kind).and_then(|found| found.get(1)) {
                    return Filled::Text(part.as_str().to_owned());
                }
            }
            Alternative::AllBut(_, names) => return all_but(names, scope),
            Alternative::Index => {
                if let Some((_, _, index)) = scope.item {
                    return Filled::Text(index.to_string());
                }
            }
            Alternative::Part(path, Taken(expression)) => {
                if let Some(Found::Value(value, _)) = path.find(scope).into_iter().next()
                    && let Some(text) = scalar(value)
                    && let Some(part) = expression.captures(&text).and_then(|found| found.get(1))
                {
                    return Filled::Text(part.as_str().to_owned());
                }
            }
            Alternative::Path(path) => match path.find(scope).into_iter().next() {
                Some(Found::Value(value, _)) => {
                    if let Some(text) = scalar(value) {
                        return Filled::Text(text);
                    }
                }
                Some(Found::Unknown(at)) => return Filled::Unknown(symbol(&at, scope)),
                Some(Found::Hidden(_)) => return Filled::Unknown(None),
                None => {}
            },
        }
    }
    Filled::Missing
}

/// All plain attributes but those of these names, as `key=value/key=value`; not known if one of them is not.
fn all_but(names: &[String], scope: Scope<'_>) -> Filled {
    let Attributes { value, unknown, sensitive, .. } = scope.attributes;
    let counts = |key: &&String| !names.contains(key);
    let open = |marks: &Value| {
        let keys = marks.as_object().into_iter().flat_map(serde_json::Map::keys);
        keys.filter(counts).find(|key| is_marked(marks, key)).cloned()
    };
    if let Some(key) = open(unknown) {
        return Filled::Unknown(symbol(&key, scope));
    }
    if open(sensitive).is_some() {
        return Filled::Unknown(None);
    }
    let all = value.reveal().as_object().into_iter().flatten();
    let mut told: Vec<String> = all
        .filter(|(key, _)| counts(key))
        .filter_map(|(key, value)| Some(format!("{key}={}", scalar(value)?)))
        .collect();
    told.sort();
    if told.is_empty() { Filled::Missing } else { Filled::Text(told.join("/")) }
}

/// A symbol for a value that is known only after apply. An attribute that the configuration takes from another
/// resource gets that one's symbol, so that the two meet in the join.
fn symbol(path: &str, scope: Scope<'_>) -> Option<String> {
    let named = |address: &str, attribute: &str| format!("known after apply: {address}.{attribute}");
    match scope.attributes.references.get(path).map(Vec::as_slice) {
        Some([only]) => only.attribute.as_ref().map(|attribute| named(only.address.as_str(), attribute)),
        Some([]) | None => scope.address.map(|own| named(own.as_str(), path)),
        Some(_) => None,
    }
}

/// The one resource whose attribute the configuration puts at a path.
pub(super) fn taken_from<'a>(path: &str, scope: Scope<'a>) -> Option<&'a Address> {
    match scope.attributes.references.get(path).map(Vec::as_slice) {
        Some([only]) => only.attribute.as_ref().map(|_| &only.address),
        _ => None,
    }
}

/// An alias pattern, `space:template`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasTemplate {
    space: String,
    template: Template,
}

impl AliasTemplate {
    /// Reads `space:template`.
    ///
    /// # Errors
    /// A sentence, if it is not one.
    pub fn parse(text: &str) -> Result<AliasTemplate, String> {
        let (space, template) =
            text.split_once(':').ok_or(format!("alias `{text}` has no space of names before a colon"))?;
        Ok(AliasTemplate { space: space.to_owned(), template: Template::parse(template)? })
    }

    /// The template of the name.
    pub(super) fn template(&self) -> &Template {
        &self.template
    }

    /// The alias, if all of it is there (known, or unknown by a symbol).
    pub fn fill(&self, scope: Scope<'_>) -> Option<Alias> {
        match self.template.fill(scope) {
            Filled::Text(text) | Filled::Unknown(Some(text)) => {
                Some(Alias::new(&self.space, text.trim_end()))
            }
            Filled::Missing | Filled::Unknown(None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope_of(attributes: &Attributes) -> Scope<'_> {
        Scope { attributes, address: None, item: None, kind: "" }
    }

    #[test]
    fn keys_with_dots_and_stars() {
        let attributes = Attributes {
            value: json!({"metadata": {"annotations": {"a.b/c": "x"}}, "list": [{"n": 1}, {"n": null}, {"n": 3}]}).into(),
            ..Attributes::default()
        };
        let path = Path::parse("metadata.annotations[\"a.b/c\"]").unwrap();
        assert_eq!(path.find(scope_of(&attributes)).len(), 1);
        let path = Path::parse("list.*.n").unwrap();
        assert_eq!(path.find(scope_of(&attributes)).len(), 2);
    }

    #[test]
    fn templates_fall_back_and_miss() {
        let attributes =
            Attributes { value: json!({"metadata": {"name": "a"}}).into(), ..Attributes::default() };
        let fill = |text: &str| Template::parse(text).unwrap().fill(scope_of(&attributes));
        assert_eq!(fill("{metadata.namespace|'default'}/{metadata.name}"), Filled::Text("default/a".into()));
        assert_eq!(fill("{metadata.namespace}/x"), Filled::Missing);
    }

    #[test]
    fn an_unknown_value_takes_the_symbol_of_what_it_refers_to() {
        let target = Address::from("azurerm_user_assigned_identity.a");
        let own = Attributes {
            unknown: json!({"principal_id": true}),
            value: json!({}).into(),
            ..Attributes::default()
        };
        let taken = Attributes {
            references: [(
                "principal_id".to_owned(),
                vec![crate::model::Reference {
                    address: target.clone(),
                    attribute: Some("principal_id".into()),
                }],
            )]
            .into(),
            ..own.clone()
        };
        let template = AliasTemplate::parse("principal:{principal_id}").unwrap();
        let one = template.fill(Scope { attributes: &own, address: Some(&target), item: None, kind: "" });
        let two = template.fill(Scope {
            attributes: &taken,
            address: Some(&Address::from("x.y")),
            item: None,
            kind: "",
        });
        assert!(one.is_some());
        assert_eq!(one, two);
    }
}
