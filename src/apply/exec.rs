//! `mainstay exec -- terraform ARGUMENTS`, and mainstay under the name of terraform.

use super::command_line::{CommandLine, Meaning};
use super::fresh::Fresh;
use super::gate::{Gate, Outcome, Question, Refusal};
use super::refused::{refused_arguments, refused_environment};
use super::sealed::{Blank, Sealed};
use super::steps::{Sealing, started};
use super::surgery::Surgery;
use crate::model::Variables;
use crate::terraform::{CHAIN, Call, Chain, Ended, Runner};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A call of terraform that came to us.
#[derive(Debug, Clone)]
pub struct Invocation<'a> {
    /// What follows the program's name.
    pub arguments: &'a [OsString],
    /// The real program.
    pub binary: PathBuf,
    /// The working directory.
    pub directory: PathBuf,
    /// The environment.
    pub environment: &'a Variables,
    /// How we were started.
    pub chain: Chain,
    /// Arguments and variables that the trusted configuration allows.
    pub allowed: &'a [String],
}

/// Does what the command line asks, if the gate lets it. What changes nothing comes back as [`Outcome::HandOver`], to
/// be handed to terraform as it is.
pub fn exec(invocation: &Invocation<'_>, gate: &mut dyn Gate) -> Outcome {
    invocation.run(gate).unwrap_or_else(Outcome::Refused)
}

/// What a command line that changes nothing becomes: terraform itself, and its words. Nothing for all others.
pub fn passed_on(invocation: &Invocation<'_>) -> Option<(Call, Vec<OsString>)> {
    let line = CommandLine::read(invocation.arguments, invocation.environment).ok()?;
    match (line.meaning().ok()?, invocation.hand_over()) {
        (Meaning::Other, Outcome::HandOver(call, words)) => Some((call, words)),
        _ => None,
    }
}

impl Invocation<'_> {
    fn run(&self, gate: &mut dyn Gate) -> Result<Outcome, Refusal> {
        let line = CommandLine::read(self.arguments, self.environment)?;
        let meaning = line.meaning()?;
        let call = self.call(line.chdir.clone());
        match meaning {
            Meaning::Other => Ok(self.hand_over()),
            Meaning::Surgery(surgery) => self.surgery(&surgery, &call, gate),
            Meaning::Saved { plan, flags } => {
                let sealed = Sealed::copy(&call.place().join(plan))?;
                let runner = Runner::new().map_err(Refusal::from)?;
                Ok(super::steps::apply(&sealed, &flags, self.allowed, self.environment, &call, &runner, gate))
            }
            Meaning::Fresh(fresh) => self.fresh(&fresh, &call, gate),
        }
    }

    /// Terraform in our place, with all that was said to us.
    fn hand_over(&self) -> Outcome {
        let set = vec![(OsString::from(CHAIN), OsString::from(self.chain.for_exec()))];
        let (binary, directory) = (self.binary.clone(), self.directory.clone());
        let call = Call { binary, directory, chdir: None, remove: Vec::new(), set, plain: true };
        Outcome::HandOver(call, self.arguments.to_vec())
    }

    /// Terraform as our child.
    fn call(&self, chdir: Option<String>) -> Call {
        Call::child(self.binary.clone(), self.directory.clone(), chdir, self.environment, &self.chain)
    }

    fn surgery(&self, surgery: &Surgery, call: &Call, gate: &mut dyn Gate) -> Result<Outcome, Refusal> {
        gate.surgery(surgery)?;
        let runner = Runner::new().map_err(Refusal::from)?;
        runner.outlive();
        started(runner.run(call, &surgery.words), gate)
    }

    fn fresh(&self, fresh: &Fresh, call: &Call, gate: &mut dyn Gate) -> Result<Outcome, Refusal> {
        refused_arguments(&fresh.flags, false, self.allowed)?;
        refused_environment(self.environment, &self.directory, self.allowed)?;
        if fresh.json && !fresh.approved {
            return Err(Refusal(
                "nobody can be asked for approval while terraform speaks JSON; save a plan in a file, have it approved, and apply that"
                    .to_owned(),
            ));
        }
        let runner = Runner::new().map_err(Refusal::from)?;
        let blank = Blank::new()?;
        let planned = self.plan(fresh, call, &runner, &blank)?;
        let changes = match planned.code {
            Some(0) => false,
            // That of `-detailed-exitcode`.
            Some(2) => true,
            _ => return Ok(Outcome::Ended(planned)),
        };
        let plan = blank.seal()?;
        let question = (changes && !fresh.approved).then_some(match fresh {
            Fresh { destroy: true, .. } => Question::Destroy,
            Fresh { refresh: true, .. } => Question::Refresh,
            _ => Question::Apply,
        });
        if question.is_some() && !fresh.input {
            return Err(Refusal(
                "nobody can be asked for approval: input is off; save the plan in a file, have it approved, and apply that"
                    .to_owned(),
            ));
        }
        Sealing { plan: &plan, flags: &fresh.apply, fresh: true, question }.apply(call, &runner, gate)
    }

    /// Plans into `blank`. It prints what `terraform apply` would.
    fn plan(&self, fresh: &Fresh, call: &Call, runner: &Runner, blank: &Blank) -> Result<Ended, Refusal> {
        let mut call = call.clone();
        // Without it terraform ends with a hint at the file, which nobody is to use.
        call.set.push(("TF_IN_AUTOMATION".into(), "1".into()));
        let mut out = OsString::from("-out=");
        out.push(blank.path());
        let words: Vec<&OsStr> = [OsStr::new("plan"), OsStr::new("-detailed-exitcode")]
            .into_iter()
            .chain(fresh.plan.iter().map(OsStr::new))
            .chain([out.as_os_str()])
            .collect();
        Ok(runner.run(&call, &words)?)
    }
}
