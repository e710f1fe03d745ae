//! Why a command could not do its job.

use crate::model::told;
use crate::terraform::Error::{NotFound, NotInitialised};
use crate::{config, judge};
use std::io;

/// Every one of them is exit 2.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("the working directory cannot be read: {}", told(.0))]
    NoDirectory(io::Error),
    #[error("{what} `{path}` cannot be read: {}", told(.error))]
    Read { what: &'static str, path: String, error: io::Error },
    #[error("{path}: the configuration is not UTF-8 text")]
    NotText { path: String },
    #[error(transparent)]
    Config(#[from] config::Error),
    #[error(transparent)]
    Judge(#[from] judge::Error),
    #[error("`-` is given twice, but standard input can be read only once")]
    InputTwice,
    #[error("standard input holds a plan file, which cannot be shown from there")]
    PlanFileOnInput,
    #[error("`{path}` is a plan file, and cannot be shown: {error}")]
    PlanFile { path: String, error: crate::terraform::Error },
    #[error("{path}: no plan in it, nor in the directories below")]
    NoPlanIn { path: String },
    #[error("{path}: directories are nested too deeply; name the directory with the plans")]
    TooDeep { path: String },
    #[error("{0} formats go to standard output")]
    OutputTwice(usize),
    #[error("two formats go to `{0}`")]
    FileTwice(String),
    #[error("the answer cannot be written to {to}: {}", told(.error))]
    Write { to: String, error: io::Error },
    #[error("the answer cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("unknown rule `{given}`{hint}")]
    UnknownRule { given: String, hint: String },
}

impl Error {
    /// What to do about it, where the message does not say so itself.
    pub(super) fn help(&self) -> Option<String> {
        match self {
            Error::PlanFileOnInput => {
                Some("give the path of the plan file, or pipe `terraform show -json`".to_owned())
            }
            // The other two say it themselves.
            Error::PlanFile { path, error } if !matches!(error, NotFound | NotInitialised { .. }) => {
                Some(format!(
                    "where the plan was made, run `terraform show -json {path} > plan.json`, and give plan.json"
                ))
            }
            Error::OutputTwice(_) => Some("give all but one a file: `--format json=FILE`".to_owned()),
            Error::UnknownRule { .. } => Some("`mainstay rules` lists them".to_owned()),
            _ => None,
        }
    }
}
