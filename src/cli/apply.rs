//! `mainstay apply`: lets terraform apply a plan that people have signed for.

use super::arguments::{Apply, Global};
use super::error::Error;
use super::exit::Exit;
use super::gate::Door;
use super::output::{self, Console};
use crate::apply::{self, Outcome, Sealed};
use crate::model::Context;
use crate::report::clean;
use crate::terraform::{CHAIN, Call, Chain, Runner};
use std::path::Path;

/// Seals the plan, judges, verifies, uses the approvals up, applies, and writes down how it ended.
pub(super) fn run(
    arguments: &Apply,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let place = context.directory.join(&arguments.plan);
    let shown = arguments.plan.display().to_string();
    let flags = apply::flags(&arguments.flags)?;
    let plan = Sealed::copy(&place)?;
    let directory = match &arguments.sources.config_dir {
        Some(directory) => context.directory.join(directory),
        None => place.parent().unwrap_or(Path::new(".")).to_owned(),
    };
    let binary = super::plan_file::terraform(context, None)?;
    let call = Call::child(binary, directory, None, &context.environment, &chain(context)?);
    let runner = Runner::new().map_err(Error::Signals)?;
    let mut door = Door::new(&arguments.sources, &arguments.approvals, shown, global, context, console)?;
    door.glass =
        arguments.break_glass.as_deref().map(|file| super::glass::read(file, context)).transpose()?;
    let allowed = door.allowed();
    let outcome = apply::apply(&plan, &flags, &allowed, &context.environment, &call, &runner, &mut door);
    let exit = door.exit;
    Ok(match outcome {
        Outcome::Refused(refusal) => {
            output::warn(console, &format!("error: not applied: {}\n", clean(&refusal.0)));
            exit
        }
        Outcome::Ended(ended) => {
            if !ended.well() {
                output::warn(console, &format!("error: terraform ended with {}\n", ended.exit_code()));
            }
            if ended.well() { Exit::Pass } else { Exit::CouldNot }
        }
        // Only a command line of terraform's is ever handed over.
        Outcome::HandOver(..) => Exit::CouldNot,
    })
}

/// How this process was started.
pub(super) fn chain(context: &Context) -> Result<Chain, Error> {
    Ok(Chain::read(context.environment.get(CHAIN), context.process.0, context.process.1)?)
}
