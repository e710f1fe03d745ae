//! The whole of a plan, read once. Only if that fails is it read again, slowly, to say where and why.

use super::Asked;
use super::error::{Error, describe};
use super::feed::Broken;
use super::junk::{self, Bare};
use super::lenient::TWICE;
use super::raw::Document;
use super::recognise;
use super::sections::{Rest, walk};
use super::tellers::beside;
use super::told::{Apart, Piece, ToldChange, ToldPrior};
use super::{Open, digest};
use crate::model::decode_text;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

/// What a plan says.
pub(super) struct Whole {
    /// The short sections.
    pub rest: Rest,
    /// Digest of the bytes, if it was asked for.
    pub sha256: Option<String>,
    /// Entries of `resource_changes`.
    pub changes: Apart<ToldChange>,
    /// Resources of `prior_state`.
    pub prior: Apart<ToldPrior>,
    /// What was left out around it.
    pub note: Option<String>,
}

/// Reads a plan.
pub(super) fn read(open: &Open<'_>, asked: Asked<'_>) -> Result<Whole, Error> {
    let failed =
        |error: io::Error| Error::Input { path: asked.path.to_owned(), what: crate::model::told(&error) };
    let mut input = open().map_err(failed)?;
    let mut first = Vec::new();
    input.by_ref().take(4).read_to_end(&mut first).map_err(failed)?;
    if first.starts_with(b"PK") {
        return Err(Error::IsPlanFile { path: asked.path.to_owned() });
    }
    let looks_narrow =
        !matches!(first.as_slice(), [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [_, 0, ..] | [0, ..]);
    let told = if looks_narrow {
        let mark = if first.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let mut start = Cursor::new(first);
        start.set_position(mark);
        digest::beside(asked.digest.then_some(mark), start.chain(input), |input| apart(input, asked))
    } else {
        // Rare: PowerShell's `>` on old systems.
        drop(input);
        Err(Broken::Form)
    };
    let broken = match told {
        Ok((whole, sha256)) if !whole.rest.followed && recognise::by_keys(&whole.rest.keys, "").is_ok() => {
            return Ok(Whole { sha256, ..whole });
        }
        Ok(_) => Broken::Form,
        Err(Broken::Input(error)) => return Err(failed(error)),
        Err(broken) => broken,
    };
    let mut bytes = Vec::new();
    open().map_err(failed)?.read_to_end(&mut bytes).map_err(failed)?;
    slowly(&bytes, broken, asked)
}

/// Reads what could not be read at once: it may be in another encoding, and if it is no plan, this says why.
fn slowly(bytes: &[u8], broken: Broken, asked: Asked<'_>) -> Result<Whole, Error> {
    let path = asked.path;
    let text: Cow<'_, str> =
        decode_text(bytes).map_err(|what| Error::NotText { path: path.to_owned(), what })?;
    let Bare { text, note } = junk::bare(&text);
    recognise::recognise(text, path)?;
    if let Broken::Refused(error) = broken {
        return Err(error);
    }
    serde_json::from_str::<IgnoredAny>(text)
        .map_err(|error| Error::NotJson { path: path.to_owned(), what: describe(&error) })?;
    let whole = apart(text.as_bytes(), asked).map_err(|broken| match broken {
        Broken::Refused(error) => error,
        _ => Error::NotJson { path: path.to_owned(), what: "it cannot be taken apart".to_owned() },
    })?;
    let sha256 = asked.digest.then(|| digest::of(bytes));
    Ok(Whole { sha256, note, ..whole })
}

/// Takes a plan apart here, and reads the parts here and beside.
fn apart<R: Read>(input: R, asked: Asked<'_>) -> Result<Whole, Broken> {
    let (walked, told) = beside(asked, |sink| walk(input, asked.path, Document::KEYS, sink));
    // An element that cannot be read is why nobody took the next batch.
    let Piece { changes, prior } = told.map_err(Broken::Refused)?;
    Ok(Whole { rest: walked?, sha256: None, changes, prior, note: None })
}

/// The short sections.
pub(super) fn document<'r>(rest: &'r Rest, path: &str) -> Result<Document<'r>, Error> {
    serde_json::from_slice(&rest.document).map_err(|error| {
        let sections: BTreeMap<String, &RawValue> =
            serde_json::from_slice(&rest.document).unwrap_or_default();
        let guilty = sections.iter().find(|(key, value)| {
            let alone = format!("{{{}:{}}}", serde_json::Value::from(key.as_str()), value.get());
            serde_json::from_str::<Document<'_>>(&alone).is_err()
        });
        Error::Form {
            path: path.to_owned(),
            pointer: format!("/{}", guilty.map(|(key, _)| key.as_str()).unwrap_or_default()),
            what: unplaced(&error),
        }
    })
}

/// What is wrong with a section: the line and the column are not those of the file.
fn unplaced(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    if error.is_data() && !said.starts_with(TWICE) {
        "a value of an unexpected type".to_owned()
    } else {
        said.to_owned()
    }
}
