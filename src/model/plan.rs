//! What a plan says of itself and of each change, in plain data.

use super::{Address, Instant};
use std::collections::BTreeMap;
use std::fmt;

/// What terraform would do to one object: an open set, since new versions add words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Make it.
    Create,
    /// Read a data source during apply.
    Read,
    /// Change it in place.
    Update,
    /// Delete it.
    Delete,
    /// Delete, then create: the gap is real.
    DeleteCreate,
    /// Create, then delete the old one.
    CreateDelete,
    /// Drop it from the state; the object itself stays.
    Forget,
    /// Make a new one and drop the old one from the state.
    ForgetCreate,
    /// Words that this version does not know: destructive until known.
    Other(Vec<String>),
}

impl Action {
    /// From the words of `change.actions`.
    pub fn from_words<S: AsRef<str>>(words: &[S]) -> Action {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        match words.as_slice() {
            [] | ["no-op"] => Action::NoOp,
            ["create"] => Action::Create,
            ["read"] => Action::Read,
            ["update"] => Action::Update,
            ["delete"] => Action::Delete,
            ["delete", "create"] => Action::DeleteCreate,
            ["create", "delete"] => Action::CreateDelete,
            ["forget"] => Action::Forget,
            ["create", "forget"] | ["forget", "create"] => Action::ForgetCreate,
            other => Action::Other(other.iter().map(|word| (*word).to_owned()).collect()),
        }
    }

    /// From the number that the plan file has for it.
    pub fn from_number(number: u64) -> Action {
        match number {
            0 => Action::NoOp,
            1 => Action::Create,
            2 => Action::Read,
            3 => Action::Update,
            5 => Action::Delete,
            6 => Action::DeleteCreate,
            7 => Action::CreateDelete,
            8 => Action::Forget,
            other => Action::Other(vec![format!("number {other}")]),
        }
    }

    /// The words of `change.actions`.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Action::NoOp => vec!["no-op"],
            Action::Create => vec!["create"],
            Action::Read => vec!["read"],
            Action::Update => vec!["update"],
            Action::Delete => vec!["delete"],
            Action::DeleteCreate => vec!["delete", "create"],
            Action::CreateDelete => vec!["create", "delete"],
            Action::Forget => vec!["forget"],
            Action::ForgetCreate => vec!["forget", "create"],
            Action::Other(words) => words.iter().map(String::as_str).collect(),
        }
    }

    /// Whether an object that exists ceases to exist, or may.
    pub fn is_destructive(&self) -> bool {
        matches!(self, Action::Delete | Action::DeleteCreate | Action::CreateDelete | Action::Other(_))
    }

    /// Whether the object is made anew.
    pub fn is_replacement(&self) -> bool {
        matches!(self, Action::DeleteCreate | Action::CreateDelete | Action::ForgetCreate)
    }

    /// The word under which `changes` of the report counts it.
    pub fn tally(&self) -> &'static str {
        match self {
            Action::NoOp => "no-op",
            Action::Create => "create",
            Action::Read => "read",
            Action::Update => "update",
            Action::Delete | Action::Other(_) => "delete",
            Action::DeleteCreate | Action::CreateDelete => "replace",
            Action::Forget | Action::ForgetCreate => "forget",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::DeleteCreate => f.write_str("replace (delete, then create)"),
            Action::CreateDelete => f.write_str("replace (create, then delete)"),
            Action::ForgetCreate => f.write_str("create, forget"),
            Action::Other(words) => write!(f, "unknown action {words:?}"),
            simple => f.write_str(simple.tally()),
        }
    }
}

/// One entry of `resource_changes`, without its values.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which plan of the run (index into [`PlanSummary`] list).
    pub plan: usize,
    /// The instance's address; with [`Change::deposed`] the key.
    pub address: Address,
    /// Eight hex digits if this is a left-over of an earlier replacement.
    pub deposed: Option<String>,
    /// Where a `moved` block (or an implicit move) took it from.
    pub previous_address: Option<Address>,
    /// Terraform type.
    pub kind: String,
    /// `managed` or `data` or what a later version says.
    pub mode: String,
    /// What would be done.
    pub action: Action,
    /// Why, in Terraform's word, `delete_because_no_resource_config`.
    pub reason: Option<String>,
    /// The object comes under management by this plan: it exists before.
    pub importing: bool,
    /// Where it is configured, or said to be gone, if the files of the configuration are there.
    pub place: Option<Place>,
}

/// A line of a file of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its path from the configuration's directory.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// What sort of plan was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanMode {
    /// Nothing says that it is another.
    #[default]
    Usual,
    /// `-destroy`.
    Destroy,
    /// `-refresh-only`.
    RefreshOnly,
}

/// What could not be seen in a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Partial {
    /// Planning failed; what stands in the file is a part.
    Errored,
    /// It was made with `-target`, for these.
    Targeted(Vec<Address>),
    /// It was read without terraform: so many of its changes have values that are not known.
    ValuesUnknown(usize),
    /// `complete` is false: targets, or an error.
    Incomplete,
    /// Changes were put off; how many.
    Deferred(usize),
    /// Provider actions that it runs beside the changes; their addresses. What they do no change shows.
    Invokes(Vec<String>),
    /// Neither the plan nor its version says whether it is complete.
    CompletenessUnknown,
}

/// One plan as a whole.
#[derive(Debug, Clone)]
pub struct PlanSummary {
    /// As given.
    pub path: String,
    /// Of the bytes given, lower-case hex, if it was asked for.
    pub sha256: Option<String>,
    /// The version that wrote it (OpenTofu uses the same key).
    pub terraform_version: Option<String>,
    /// Version of the JSON.
    pub format_version: String,
    /// When it was made.
    pub timestamp: Option<Instant>,
    /// What is partial about it.
    pub partial: Vec<Partial>,
    /// How many changes of each sort.
    pub changes: BTreeMap<&'static str, usize>,
    /// What was deleted outside terraform.
    pub gone: Vec<Gone>,
}

/// An object of the state that the refresh did not find any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The instance.
    pub address: Address,
    /// Terraform type.
    pub kind: String,
    /// The plan makes another one in its place.
    pub made_anew: bool,
}

/// A root output of a plan or a state, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// Of its value in the state, if that is no secret: equal values have equal digests.
    pub digest: Option<String>,
    /// The resources that it is made of, without keys; `None` if no configuration says.
    pub resources: Option<Vec<Address>>,
}
