//! A table of the file, read key by key.
//!
//! Reading a key makes it known, so the list of keys for "did you mean" can never differ from what is read. Wrong
//! values are noted with their place and reading goes on: people see every problem at once.

use super::error::Problems;
use super::unit;
use crate::model::{Glob, Instant, Scalar, did_you_mean};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One table.
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    span: Range<usize>,
    name: String,
    known: RefCell<Vec<&'static str>>,
    problems: &'t Problems<'t>,
}

impl<'t> Section<'t> {
    pub(super) fn new(
        table: &'t DeTable<'t>,
        span: Range<usize>,
        name: impl Into<String>,
        problems: &'t Problems<'t>,
    ) -> Section<'t> {
        Section { table, span, name: name.into(), known: RefCell::new(Vec::new()), problems }
    }

    /// The line on which it begins.
    pub(super) fn line(&self) -> usize {
        self.problems.place(self.span.start).0
    }

    /// Notes a problem of the table as a whole.
    pub(super) fn wrong(&self, message: impl Into<String>) {
        self.problems.add(self.span.start, message);
    }

    /// Notes a problem at the value of a key.
    pub(super) fn wrong_at(&self, key: &'static str, message: impl Into<String>) {
        let offset = self.value(key).map_or(self.span.start, |value| value.span().start);
        self.problems.add(offset, message);
    }

    /// What a key holds, for values that may be of several types.
    pub(super) fn value(&self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.borrow_mut().push(key);
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
    }

    /// The value of a key as `read` makes of it, or a problem that says what is wanted.
    fn typed<T>(
        &self,
        key: &'static str,
        wanted: &str,
        read: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            let given = value.get_ref().as_str().map(|text| format!(", not `{text}`")).unwrap_or_default();
            self.problems.add(value.span().start, format!("`{key}` must be {wanted}{given}"));
        }
        found
    }

    /// Whether the key is there at all.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Notes that a key is missing, if it is; `why` completes the sentence.
    pub(super) fn require(&self, key: &'static str, why: &str) {
        if !self.has(key) {
            self.wrong(format!("{} has no `{key}`{why}", self.name));
        }
    }

    pub(super) fn string(&self, key: &'static str) -> Option<String> {
        self.typed(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A text that must be there and must not be empty.
    pub(super) fn required(&self, key: &'static str) -> Option<String> {
        self.require(key, "");
        self.typed(key, "a text that is not empty", |value| {
            value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
        })
    }

    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        self.typed(key, "true or false", DeValue::as_bool)
    }

    /// A whole number from `least` on.
    pub(super) fn number(&self, key: &'static str, least: u32) -> Option<u32> {
        self.typed(key, &format!("a whole number, {least} or more"), |value| {
            whole(value).and_then(|number| u32::try_from(number).ok()).filter(|number| *number >= least)
        })
    }

    pub(super) fn duration(&self, key: &'static str) -> Option<i64> {
        self.typed(key, "a time such as `7d`, `36h`, `30m` or `90s`", |value| unit::duration(value.as_str()?))
    }

    pub(super) fn share(&self, key: &'static str) -> Option<f64> {
        self.typed(key, "a share such as `25%`", |value| unit::share(value.as_str()?))
    }

    /// A date or RFC 3339 instant, as a text or as TOML's own date.
    pub(super) fn instant(&self, key: &'static str, end_of_day: bool) -> Option<Instant> {
        self.typed(key, "a date such as `2026-12-31` or a time such as `2026-12-31T12:00:00Z`", |value| {
            match value {
                DeValue::String(text) => unit::instant(text, end_of_day),
                DeValue::Datetime(moment) => unit::instant(&moment.to_string(), end_of_day),
                _ => None,
            }
        })
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let value = self.value(key)?;
        let found = value.get_ref().as_str().and_then(|text| pick(text, words));
        if found.is_none() {
            self.problems.add(value.span().start, format!("`{key}` {}", not_one_of(value.get_ref(), words)));
        }
        found
    }

    /// A list of texts; one text stands for a list of one. Each with its place.
    pub(super) fn texts(&self, key: &'static str) -> Vec<(String, usize)> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let items: Vec<&Spanned<DeValue<'t>>> = match value.get_ref() {
            DeValue::String(_) => vec![value],
            DeValue::Array(items) => items.iter().collect(),
            _ => {
                self.problems.add(value.span().start, format!("`{key}` must be a list of texts"));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), item.span().start)),
                None => self.problems.add(item.span().start, format!("`{key}` must hold texts only")),
            }
        }
        texts
    }

    /// As [`Section::texts`], without the places.
    pub(super) fn strings(&self, key: &'static str) -> Vec<String> {
        self.texts(key).into_iter().map(|(text, _)| text).collect()
    }

    /// The globs of `match`: there must be one, and an empty one would match nothing.
    pub(super) fn globs(&self, key: &'static str) -> Vec<Glob> {
        self.require(key, ", so it would stand for nothing");
        let texts = self.texts(key);
        texts.into_iter().filter_map(|(text, offset)| self.compile(key, &text, offset)).collect()
    }

    /// One glob that must be there.
    pub(super) fn glob(&self, key: &'static str) -> Option<Glob> {
        let text = self.required(key)?;
        let offset = self.value(key).map_or(self.span.start, |value| value.span().start);
        self.compile(key, &text, offset)
    }

    fn compile(&self, key: &str, text: &str, offset: usize) -> Option<Glob> {
        if text.trim().is_empty() {
            self.problems.add(offset, format!("`{key}` holds an empty pattern, which matches nothing"));
            return None;
        }
        Some(Glob::new(text))
    }

    pub(super) fn scalar(&self, key: &'static str) -> Option<Scalar> {
        self.typed(key, "a text, a whole number, true or false", as_scalar)
    }

    /// A table of plain values, `{ env_key = "production" }`.
    pub(super) fn scalars(&self, key: &'static str) -> Option<BTreeMap<String, Scalar>> {
        self.typed(key, "a table of texts, whole numbers, true or false", |value| {
            let table = value.as_table()?.iter();
            table
                .map(|(name, value)| Some((name.get_ref().to_string(), as_scalar(value.get_ref())?)))
                .collect()
        })
    }

    /// A table below this one.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'t>> {
        let value = self.value(key)?;
        let inner = self.inner(key, value);
        if inner.is_none() {
            self.problems.add(value.span().start, format!("`{key}` must be a table"));
        }
        inner
    }

    /// A list of tables, `[[key]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'t>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let items = value.get_ref().as_array().map(|items| items.iter().collect::<Vec<_>>());
        let found = items.and_then(|items| items.into_iter().map(|item| self.inner(key, item)).collect());
        found.unwrap_or_else(|| {
            self.problems.add(value.span().start, format!("`{key}` must be a list of tables, `[[{key}]]`"));
            Vec::new()
        })
    }

    fn inner(&self, key: &str, value: &'t Spanned<DeValue<'t>>) -> Option<Section<'t>> {
        let table = value.get_ref().as_table()?;
        Some(Section::new(table, value.span(), format!("`{key}`"), self.problems))
    }

    /// The tables of a table whose keys are names of another kind (rule ids, levels), with the keys' places.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'t str, usize, &'t Spanned<DeValue<'t>>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
    }

    /// Notes a problem at a byte of the file.
    pub(super) fn wrong_here(&self, offset: usize, message: impl Into<String>) {
        self.problems.add(offset, message);
    }

    /// A table found through [`Section::entries`].
    pub(super) fn enter(&self, name: &str, value: &'t Spanned<DeValue<'t>>) -> Option<Section<'t>> {
        let inner = self.inner(name, value);
        if inner.is_none() {
            self.problems.add(value.span().start, format!("`{name}` must be a table"));
        }
        inner
    }

    /// Notes every key that nothing read.
    pub(super) fn finish(self) {
        let known = self.known.borrow();
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let hint = did_you_mean(name, known.iter().copied());
                self.problems.add(key.span().start, format!("unknown key `{name}` in {}{hint}", self.name));
            }
        }
    }
}

/// A whole number of any notation.
fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
}

fn as_scalar(value: &DeValue<'_>) -> Option<Scalar> {
    match value {
        DeValue::String(text) => Some(Scalar::Text(text.to_string())),
        DeValue::Boolean(truth) => Some(Scalar::Bool(*truth)),
        DeValue::Integer(_) => whole(value).map(Scalar::Integer),
        _ => None,
    }
}

/// The value of a word.
pub(super) fn pick<T: Copy>(word: &str, words: &[(&str, T)]) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// `must be one of …, not `x`, did you mean `y`?`
pub(super) fn not_one_of<T>(value: &DeValue<'_>, words: &[(&str, T)]) -> String {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let given = value.as_str().map(|text| {
        let hint = did_you_mean(text, known.iter().copied());
        format!(", not `{text}`{hint}")
    });
    format!("must be one of {}{}", known.join(", "), given.unwrap_or_default())
}
