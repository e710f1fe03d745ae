//! Sidecars: what is known of a snapshot and does not stand in it, in `FILE.meta.json`.

use super::{Error, files};
use crate::model::{Instant, decode_text};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The end of a sidecar's name.
pub(super) const SUFFIX: &str = ".meta.json";

/// What a sidecar says.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sidecar {
    /// When the cloud was asked.
    #[serde(default)]
    pub taken_at: Option<Instant>,
    /// The command that wrote the file.
    #[serde(default)]
    pub command: Option<String>,
    /// What the output itself does not name: subscription, cluster, group, identity.
    #[serde(default)]
    pub of: BTreeMap<String, String>,
}

impl Sidecar {
    /// A value of `of`, if it is there and not empty.
    pub(super) fn of(&self, key: &str) -> Option<&str> {
        self.of.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The words of the command.
    pub(super) fn words(&self) -> Vec<&str> {
        self.command.as_deref().unwrap_or_default().split_whitespace().collect()
    }

    /// Whether the command begins with these words, the program's path aside.
    pub(super) fn runs(&self, words: &[&str]) -> bool {
        let given = self.words();
        let program = given.first().map(|first| first.rsplit(['/', '\\']).next().unwrap_or(first));
        match (program, words.split_first()) {
            (Some(program), Some((first, rest))) => {
                program == *first && given.get(1..).is_some_and(|given| given.starts_with(rest))
            }
            _ => false,
        }
    }

    /// The first of these options that the command has, also as `--option=value`.
    pub(super) fn option(&self, options: &[&'static str]) -> Option<&'static str> {
        let words = self.words();
        let has = |option: &str| {
            words.iter().any(|word| {
                *word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
            })
        };
        options.iter().copied().find(|option| has(option))
    }
}

/// The sidecar beside a file, if there is one.
///
/// # Errors
/// If it cannot be read or says anything that a sidecar does not say.
pub(super) fn beside(file: &Path, shown: &str) -> Result<Option<Sidecar>, Error> {
    let mut name = OsString::from(file);
    name.push(SUFFIX);
    let path = PathBuf::from(name);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = files::read(&path)?;
    let wrong = |what: String| Error::Sidecar { path: format!("{shown}{SUFFIX}"), what };
    let text = decode_text(&bytes).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map(Some).map_err(|error| wrong(error.to_string()))
}
