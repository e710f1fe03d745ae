//! `mainstay exec -- terraform …`, and mainstay under the name of terraform.

use super::apply::chain;
use super::arguments::{Exec, Global, Sources};
use super::error::Error;
use super::gate::Door;
use super::output::{self, Console};
use crate::apply::{self, Invocation, Outcome};
use crate::model::Context;
use crate::report::clean;
use crate::terraform::turn_into;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What this process ends with: terraform's own code, or 1 for every refusal.
const REFUSED: u8 = 1;

/// `mainstay exec`.
pub(super) fn run(arguments: &Exec, global: &Global, context: &Context, console: &mut Console<'_>) -> u8 {
    let Some((program, words)) = arguments.command.split_first() else { return REFUSED };
    let named = Path::new(program);
    // A bare name is looked for, and a path is meant.
    let (called, named) = match named.components().count() {
        1 => (program.to_str().map(str::to_owned), None),
        _ => (None, Some(context.directory.join(named))),
    };
    let call = Called { called, named, words, sources: &arguments.sources, approvals: &arguments.approvals };
    call.run(global, context, console)
}

/// A call that is terraform's.
pub(super) struct Called<'a> {
    /// The name it was called by.
    pub(super) called: Option<String>,
    /// The program that is meant, if that was said.
    pub(super) named: Option<PathBuf>,
    /// What follows the name.
    pub(super) words: &'a [OsString],
    pub(super) sources: &'a Sources,
    pub(super) approvals: &'a [PathBuf],
}

impl Called<'_> {
    pub(super) fn run(&self, global: &Global, context: &Context, console: &mut Console<'_>) -> u8 {
        match self.through(global, context, console) {
            Ok(code) => code,
            Err(error) => {
                output::complain(console, &error);
                REFUSED
            }
        }
    }

    fn through(&self, global: &Global, context: &Context, console: &mut Console<'_>) -> Result<u8, Error> {
        let binary = match &self.named {
            Some(named) => super::plan_file::terraform_at(context, named)?,
            None => super::plan_file::terraform(context, self.called.as_deref())?,
        };
        let chain = chain(context)?;
        let invocation = |allowed| Invocation {
            arguments: self.words,
            binary: binary.clone(),
            directory: context.directory.clone(),
            environment: &context.environment,
            chain,
            allowed,
        };
        // What changes nothing needs no policy, and must not fail for the lack of one.
        if let Some((call, words)) = apply::passed_on(&invocation(&[])) {
            return Err(turn_into(&call, &words).into());
        }
        let mut door =
            Door::new(self.sources, self.approvals, "the plan".to_owned(), global, context, console)?;
        let allowed = door.allowed();
        Ok(match apply::exec(&invocation(&allowed), &mut door) {
            Outcome::Refused(refusal) => {
                output::warn(console, &format!("mainstay: {}\n", clean(&refusal.0)));
                REFUSED
            }
            Outcome::Ended(ended) => ended.exit_code(),
            Outcome::HandOver(call, words) => {
                let error = turn_into(&call, &words);
                return Err(error.into());
            }
        })
    }
}
