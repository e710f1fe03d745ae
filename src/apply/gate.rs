//! What the wrapper needs of those who judge, ask people, and keep records.

use super::sealed::Sealed;
use super::surgery::Surgery;
use crate::terraform::{Call, Ended};
use std::path::PathBuf;

/// Why nothing was run, or nothing more: what, where, what to do. It is for standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal(error.to_string())
    }
}

/// A plan that somebody wants applied.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The plan.
    pub plan: &'a Sealed,
    /// Its JSON, as the real terraform shows it.
    pub json: &'a [u8],
    /// Where it is to be applied: an initialised directory.
    pub place: PathBuf,
    /// The flags that will stand before it.
    pub flags: &'a [String],
    /// Whether mainstay has made it, just now, rather than found it.
    pub fresh: bool,
}

/// A question to the person at the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether to do what is planned.
    Apply,
    /// Whether to destroy everything.
    Destroy,
    /// Whether to write into the state what was found.
    Refresh,
}

impl Question {
    /// What to print before the answer is read. Only the line `yes` is one.
    pub fn text(self) -> &'static str {
        match self {
            Question::Apply => {
                "\nDo you want to perform these actions?\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: "
            }
            Question::Refresh => {
                "\nWould you like to update the Terraform state to reflect these detected changes?\n  Terraform will write these changes to the state without modifying any real infrastructure.\n  There is no undo. Only 'yes' will be accepted to confirm.\n\n  Enter a value: "
            }
            Question::Destroy => {
                "\nDo you really want to destroy what is shown above?\n  There is no undo. Only 'yes' will be accepted to confirm.\n\n  Enter a value: "
            }
        }
    }
}

/// Those who judge, ask, and keep records. Its methods are called in the order they stand in, each at most once;
/// after the first refusal none is.
pub trait Gate {
    /// The state inside a plan file (its entry `tfstate`); nothing where the file holds none, as that of a cloud run.
    ///
    /// # Errors
    /// If it is no plan file.
    fn state_in(&mut self, plan: &[u8]) -> Result<Option<Vec<u8>>, Refusal>;

    /// Judges, and looks whether enough people have signed. Nothing may be used up here: the person at the terminal
    /// may still say no.
    ///
    /// # Errors
    /// If it may not be applied.
    fn judge(&mut self, asked: &Asked<'_>) -> Result<(), Refusal>;

    /// Asks the person at the terminal; false for every answer but `yes`. Without a terminal to ask at, an error.
    ///
    /// # Errors
    /// If nobody can be asked.
    fn confirm(&mut self, question: Question) -> Result<bool, Refusal>;

    /// Uses the approvals up, in one transaction. If it succeeds, terraform is started.
    ///
    /// # Errors
    /// If somebody else has used them, or they cannot be recorded.
    fn begin(&mut self, asked: &Asked<'_>) -> Result<(), Refusal>;

    /// A command that makes no plan: to be refused, or recorded. If it succeeds, terraform is started.
    ///
    /// # Errors
    /// If it may not run.
    fn surgery(&mut self, surgery: &Surgery) -> Result<(), Refusal>;

    /// Terraform has ended, after [`Gate::begin`] or [`Gate::surgery`]. Signals no longer end this process; it should
    /// end soon.
    fn ended(&mut self, ended: &Ended);
}

/// What is left to do for the caller.
#[derive(Debug)]
pub enum Outcome {
    /// Print it on standard error, and end with 1 (`exec`, the shim) or as the verdict says (`apply`).
    Refused(Refusal),
    /// Terraform has run: `exec` ends with [`Ended::exit_code`].
    Ended(Ended),
    /// Become terraform: [`crate::terraform::turn_into`] with these words.
    HandOver(Call, Vec<std::ffi::OsString>),
}
