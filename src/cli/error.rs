//! Why a command could not do its job.

use crate::approval::roster::RosterError;
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
    #[error("no roster says who may sign: `[approval] roster` of the configuration names none")]
    NoRoster,
    #[error("the roster or the list of revoked keys is wrong")]
    Roster(Vec<RosterError>),
    #[error("{path}: what it was made against cannot be read: {why}")]
    Origin { path: String, why: String },
    #[error(transparent)]
    Ledger(#[from] crate::approval::ledger::Error),
    #[error(transparent)]
    Canonical(#[from] crate::approval::canonical::Error),
    #[error("{path}: {error}")]
    NoRequest { path: String, error: crate::approval::request::Error },
    #[error("{path}: {error}")]
    NoApproval { path: String, error: crate::approval::token::Error },
    #[error("{path}: {error}")]
    NoGlass { path: String, error: crate::approval::glass::Error },
    #[error("{0} is the JSON of a plan, and only a plan file can be applied: give that")]
    OnlyThePlanFile(String),
    #[error("the ledger has no open debt `{0}`; `mainstay ledger list` lists those that are open")]
    NoDebt(String),
    #[error("the request is not signed by who asks: {0}")]
    RequestSignature(String),
    #[error(transparent)]
    Sign(#[from] crate::approval::sign::SignError),
    #[error("the key is nobody's: no line of the roster has it")]
    NobodysKey,
    #[error(transparent)]
    Git(#[from] crate::git::Error),
    #[error(transparent)]
    Terraform(#[from] crate::terraform::Error),
    #[error(transparent)]
    Arguments(#[from] crate::apply::Malformed),
    #[error(transparent)]
    Seal(#[from] crate::apply::SealError),
    #[error("signals cannot be handled: {0}")]
    Signals(io::Error),
    #[error("{0} is in no git checkout, so there is no trusted commit")]
    NoCheckout(String),
    #[error("{0} is not in the checkout whose commit is trusted")]
    NotInCheckout(String),
    #[error("there is no {0}")]
    NotAtCommit(String),
    #[error(
        "`{0}` is in the checkout that is judged, and a change could bring its own: give --trusted-commit SHA, or a path outside the checkout"
    )]
    Untrusted(String),
    #[error(
        "the ledger `{0}` is a file of the commit that is checked out, and a change could bring one in which nothing was used: keep it in no commit"
    )]
    CommittedLedger(String),
    #[error("nothing was judged")]
    NothingJudged,
    #[error("the ledger has no entry `{0}`")]
    NoEntry(String),
    #[error("no random number is to be had: {0}")]
    Random(String),
    #[error("`--until` lies before the time as of which is asked, {0}")]
    UntilPast(String),
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
