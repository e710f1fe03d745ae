//! The way of one sealed plan: shown, compared with the state, judged, let through, run, recorded.

use super::command_line::Malformed;
use super::flags::{self, Flag};
use super::gate::{Asked, Gate, Outcome, Question, Refusal};
use super::refused::{refused_arguments, refused_environment};
use super::sealed::Sealed;
use super::stale::stale;
use crate::model::Variables;
use crate::terraform::{Call, Ended, Runner};
use serde::Deserialize;
use std::ffi::{OsStr, OsString};

/// The words that follow `--` in `mainstay apply PLAN -- …`, as flags for `terraform apply`.
///
/// # Errors
/// If they are no flags, or there is a file among them.
pub fn flags(words: &[String]) -> Result<Vec<Flag>, Malformed> {
    let command = || "apply".to_owned();
    let (flags, rest) =
        flags::read(words).map_err(|(word, why)| Malformed::Word { command: command(), word, why })?;
    match rest.is_empty() {
        true => Ok(flags),
        false => Err(Malformed::TooMany { command: command(), words: rest }),
    }
}

/// Applies a plan if the gate lets it through. `flags` go before it; `allowed` are the names that the trusted
/// configuration allows ([`refused_arguments`]). It never asks at the terminal.
pub fn apply(
    plan: &Sealed,
    flags: &[Flag],
    allowed: &[String],
    environment: &Variables,
    call: &Call,
    runner: &Runner,
    gate: &mut dyn Gate,
) -> Outcome {
    let tried = refused_arguments(flags, true, allowed)
        .and_then(|()| refused_environment(environment, &call.directory, allowed))
        .map_err(Refusal::from)
        .and_then(|()| {
            let flags: Vec<String> = flags.iter().map(Flag::to_string).collect();
            Sealing { plan, flags: &flags, fresh: false, question: None }.apply(call, runner, gate)
        });
    tried.unwrap_or_else(Outcome::Refused)
}

/// A sealed plan with all that its apply needs.
pub(super) struct Sealing<'a> {
    pub(super) plan: &'a Sealed,
    pub(super) flags: &'a [String],
    pub(super) fresh: bool,
    /// What the person at the terminal is asked, if anything.
    pub(super) question: Option<Question>,
}

/// What the JSON says of the plan as a whole.
#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    errored: bool,
}

impl Sealing<'_> {
    pub(super) fn apply(
        &self,
        call: &Call,
        runner: &Runner,
        gate: &mut dyn Gate,
    ) -> Result<Outcome, Refusal> {
        let quiet = quiet(call);
        let json = quiet.show(self.plan.path())?;
        let whole: Whole = serde_json::from_slice(&json).map_err(|error| {
            Refusal(format!("terraform shows the plan as something that is no plan: {error}"))
        })?;
        if whole.errored {
            return Err(Refusal(
                "the plan ended in an error and holds only part of what it set out to do; mend that, and make a new plan"
                    .to_owned(),
            ));
        }
        let elsewhere = self.flags.iter().any(|flag| flag.starts_with("-state="));
        // With a state named on the command line there is no asking for it; terraform still compares.
        if !elsewhere && let Some(planned) = gate.state_in(self.plan.bytes())? {
            let current = quiet.state()?;
            if let Some(why) = stale(&planned, &current) {
                return Err(why.into());
            }
        }
        let asked =
            Asked { plan: self.plan, json: &json, place: call.place(), flags: self.flags, fresh: self.fresh };
        gate.judge(&asked)?;
        if let Some(question) = self.question
            && !gate.confirm(question)?
        {
            return Err(Refusal("Apply cancelled.".to_owned()));
        }
        self.plan.intact()?;
        runner.outlive();
        gate.begin(&asked)?;
        let words: Vec<&OsStr> = [OsStr::new("apply")]
            .into_iter()
            .chain(self.flags.iter().map(OsStr::new))
            .chain([self.plan.path().as_os_str()])
            .collect();
        started(runner.run(call, &words), gate)
    }
}

/// What became of terraform is recorded in any case: something has been used up for it.
pub(super) fn started(
    ended: Result<Ended, crate::terraform::Error>,
    gate: &mut dyn Gate,
) -> Result<Outcome, Refusal> {
    gate.ended(ended.as_ref().unwrap_or(&Ended { code: None, signal: None }));
    Ok(Outcome::Ended(ended?))
}

/// The same call for our own questions: its answer is read by us, and nothing may be mixed into it.
fn quiet(call: &Call) -> Call {
    let logs = ["TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_PATH"].map(OsString::from);
    let remove = call.remove.iter().cloned().chain(logs).collect();
    Call { remove, ..call.clone() }
}
