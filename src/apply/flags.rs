//! The flags of `terraform apply`: how they are written, what they are for, and whether one may stand beside a plan
//! that was judged.
//! Source: `internal/command/arguments/{apply,extended,view}.go` of Terraform and OpenTofu; Go's `flag` package.

use std::fmt;

/// One flag as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Without its dashes.
    pub name: String,
    /// What it is set to; nothing for a bare switch.
    pub value: Option<String>,
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "-{}={value}", self.name),
            None => write!(f, "-{}", self.name),
        }
    }
}

impl Flag {
    pub(super) fn new(name: &str) -> Flag {
        Flag { name: name.to_owned(), value: None }
    }

    /// Whether this switch is on; nothing if its value is none that Go reads.
    pub(super) fn on(&self) -> Option<bool> {
        match self.value.as_deref() {
            None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(true),
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(false),
            Some(_) => None,
        }
    }

    /// What is known of it.
    pub(super) fn known(&self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.name == self.name)
    }
}

/// Where a flag of `apply` goes when it becomes `plan` and `apply`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    /// It says what is planned.
    Plan,
    Both,
    Apply,
    /// It answers the question that is ours now.
    Answer,
}

/// What a flag means beside a plan file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Nothing that matters.
    Free,
    /// Nothing while it has this value, the default.
    Default(bool),
    /// Terraform ignores it, or something else is done than was judged.
    Refused,
}

/// One known flag.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: &'static str,
    /// Whether it takes a value that may stand apart.
    pub(super) takes: bool,
    pub(super) goes: Goes,
    pub(super) beside: Beside,
}

const fn switch(name: &'static str, goes: Goes, beside: Beside) -> Known {
    Known { name, takes: false, goes, beside }
}

const fn setting(name: &'static str, goes: Goes, beside: Beside) -> Known {
    Known { name, takes: true, goes, beside }
}

/// All of Terraform 1.0 to 1.16 and OpenTofu 1.6 to 1.13. One that is missing here is refused, so that a new one
/// cannot slip by.
const KNOWN: [Known; 34] = [
    switch("auto-approve", Goes::Answer, Beside::Free),
    switch("destroy", Goes::Plan, Beside::Default(false)),
    switch("refresh-only", Goes::Plan, Beside::Default(false)),
    switch("refresh", Goes::Plan, Beside::Default(true)),
    switch("minimal-refresh", Goes::Plan, Beside::Default(false)),
    switch("light", Goes::Plan, Beside::Default(false)),
    switch("allow-deferral", Goes::Plan, Beside::Default(false)),
    setting("target", Goes::Plan, Beside::Refused),
    setting("target-file", Goes::Plan, Beside::Refused),
    setting("exclude", Goes::Plan, Beside::Refused),
    setting("exclude-file", Goes::Plan, Beside::Refused),
    setting("include", Goes::Plan, Beside::Refused),
    setting("replace", Goes::Plan, Beside::Refused),
    setting("invoke", Goes::Plan, Beside::Refused),
    // Terraform refuses other values than the plan's; ephemeral ones are in no plan and must be given again.
    setting("var", Goes::Both, Beside::Free),
    setting("var-file", Goes::Both, Beside::Free),
    switch("input", Goes::Both, Beside::Free),
    switch("lock", Goes::Both, Beside::Default(true)),
    setting("lock-timeout", Goes::Both, Beside::Free),
    setting("parallelism", Goes::Both, Beside::Free),
    // The change is real, and the state of it somewhere else.
    setting("state", Goes::Both, Beside::Refused),
    setting("state-out", Goes::Apply, Beside::Refused),
    setting("backup", Goes::Apply, Beside::Refused),
    // It only adds a check.
    setting("policies", Goes::Both, Beside::Free),
    // How it is shown.
    switch("json", Goes::Both, Beside::Free),
    // With both, the second would write over the first.
    setting("json-into", Goes::Apply, Beside::Free),
    switch("no-color", Goes::Both, Beside::Free),
    switch("compact-warnings", Goes::Both, Beside::Free),
    switch("consolidate-warnings", Goes::Both, Beside::Free),
    switch("consolidate-errors", Goes::Both, Beside::Free),
    switch("concise", Goes::Both, Beside::Free),
    switch("show-sensitive", Goes::Both, Beside::Free),
    setting("deprecation", Goes::Both, Beside::Free),
    // Objects that leave the state without being destroyed are no failure then.
    switch("suppress-forget-errors", Goes::Apply, Beside::Refused),
];

/// Flags, and the words after them.
type Taken = (Vec<Flag>, Vec<String>);

/// The flags and what follows them, as Go's `flag` package reads words: `-x`, `--x`, `-x=v`, `-x v`; the first word
/// that is no flag, or `--`, ends them.
///
/// # Errors
/// The word that cannot be read so, with why.
pub(super) fn read(words: &[String]) -> Result<Taken, (String, &'static str)> {
    let mut flags = Vec::new();
    // Terraform takes these two out first, wherever they stand.
    let view = |word: &&String| matches!(word.as_str(), "-no-color" | "-compact-warnings");
    flags.extend(words.iter().filter(view).map(|word| Flag::new(word.trim_start_matches('-'))));
    let mut left = words.iter().filter(|word| !view(word)).cloned();
    let mut rest = Vec::new();
    while let Some(word) = left.next() {
        if word == "--" {
            break;
        }
        let Some(body) = word.strip_prefix('-').filter(|body| !body.is_empty()) else {
            rest.push(word);
            break;
        };
        let body = body.strip_prefix('-').unwrap_or(body);
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (body, None),
        };
        if name.is_empty() || name.starts_with('-') {
            return Err((word, "it is written as no flag is"));
        }
        let mut flag = Flag { name: name.to_owned(), value };
        if flag.value.is_none() && flag.known().is_some_and(|known| known.takes) {
            flag.value = Some(left.next().ok_or((word, "its value is missing"))?);
        }
        flags.push(flag);
    }
    rest.extend(left);
    Ok((flags, rest))
}
