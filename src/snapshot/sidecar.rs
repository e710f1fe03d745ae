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

    /// Whether the command has these words, one after the other, whatever options stand before them.
    pub(super) fn asks(&self, words: &[&str]) -> bool {
        self.words().windows(words.len().max(1)).any(|window| window == words)
    }

    /// What follows an option of the command, up to the next one: none if the option is not there.
    pub(super) fn values(&self, option: &str) -> Option<Vec<&str>> {
        let mut words = self.words().into_iter();
        let bare = |word: &'_ str| -> bool { !word.starts_with('-') };
        while let Some(word) = words.next() {
            let Some(rest) = word.strip_prefix(option) else { continue };
            let given = match rest.strip_prefix('=') {
                Some(value) => vec![value],
                None if rest.is_empty() => words.take_while(|word| bare(word)).collect(),
                None => continue,
            };
            return Some(given.into_iter().map(|value| value.trim_matches(['"', '\''])).collect());
        }
        None
    }

    /// The first value of the first of these options that the command has.
    pub(super) fn value(&self, options: &[&str]) -> Option<&str> {
        let first = |option: &&str| self.values(option).and_then(|values| values.into_iter().next());
        options.iter().find_map(first).filter(|value| !value.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_says() {
        let command = "/usr/bin/aws --profile p iam get-it --filter User Role --scope='a b' --all --project=p1 --projects x";
        let sidecar = Sidecar { command: Some(command.to_owned()), ..Sidecar::default() };
        assert!(sidecar.asks(&["iam", "get-it"]) && !sidecar.asks(&["aws", "iam"]) && !sidecar.asks(&["y"]));
        assert_eq!(sidecar.values("--filter").unwrap(), ["User", "Role"]);
        assert_eq!(sidecar.values("--all").unwrap(), Vec::<&str>::new());
        assert_eq!(sidecar.values("--none"), None);
        assert_eq!(sidecar.value(&["--organization", "--project"]), Some("p1"));
        assert_eq!(sidecar.value(&["--all"]), None);
        assert!(!Sidecar::default().asks(&["iam"]));
    }
}
