//! The command line: one file per command, and the only place that reads the clock, the environment and the working
//! directory, or prints.

mod apply;
mod approval;
mod approve;
mod arguments;
mod ask;
mod can;
mod case;
mod check;
mod completions;
mod config_dir;
mod context;
mod doctor;
mod error;
mod exec;
mod exit;
mod explain;
mod forecast;
mod gate;
mod glass;
mod inputs;
mod ledger;
mod output;
mod paths;
mod people;
mod plan_dir;
mod plan_file;
mod rank;
mod request;
mod review;
mod rules;
mod schema;
mod shim;
mod signing;
mod snapshot;
mod trusted;
mod verify;

pub use exit::Exit;

use arguments::{Arguments, Command, Global};
use clap::Parser;
use clap::error::ErrorKind;
use error::Error;
use output::Console;
use std::ffi::OsString;
use std::io;

/// Runs the program with the arguments and streams of this process.
pub fn main() -> Exit {
    let (mut input, mut out, mut err) = (io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
    let mut console = Console { input: &mut input, out: &mut out, err: &mut err };
    run(std::env::args_os(), &mut console, &context::make)
}

/// Runs one command line in a given world.
fn run(
    arguments: impl IntoIterator<Item = OsString>,
    console: &mut Console<'_>,
    make: &context::Make,
) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let (Some(called), Some((_, words))) = (shim::name(&arguments), arguments.split_first()) {
        return Exit::Code(shim::run(called, words, console, make));
    }
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error, console),
    };
    match dispatch(&arguments, console, make) {
        Ok(exit) => exit,
        Err(error) => {
            output::complain(console, &error);
            Exit::CouldNot
        }
    }
}

fn dispatch(arguments: &Arguments, console: &mut Console<'_>, make: &context::Make) -> Result<Exit, Error> {
    let global: &Global = &arguments.global;
    let mut context = make(global.color).map_err(Error::NoDirectory)?;
    context.now = arguments.command.now().unwrap_or(context.now);
    match &arguments.command {
        Command::Check(own) => check::run(own, global, &context, console),
        Command::Explain(own) => explain::run(own, global, &context, console),
        Command::Rank(own) => rank::run(own, global, &context, console),
        Command::Forecast(own) => forecast::run(own, global, &context, console),
        Command::Can(own) => can::run(own, global, &context, console),
        Command::Snapshot(own) => snapshot::run(own, console),
        Command::Request(own) => request::run(own, global, &context, console),
        Command::Approve(own) => approve::run(own, global, &context, console),
        Command::Verify(own) => verify::run(own, global, &context, console),
        Command::Apply(own) => apply::run(own, global, &context, console),
        Command::BreakGlass(own) => glass::run(own, global, &context, console),
        Command::Review(own) => review::run(own, global, &context, console),
        Command::Exec(own) => Ok(Exit::Code(exec::run(own, global, &context, console))),
        Command::Approval(own) => approval::run(own, global, &context, console),
        Command::Ledger(own) => ledger::run(own, global, &context, console),
        Command::Doctor(own) => doctor::run(own, global, &context, console),
        Command::Rules(own) => rules::run(own, global, &context, console),
        Command::Schema(own) => schema::run(own, console),
        Command::Completions(own) => completions::run(own, console),
    }
}

/// What clap says: help and version are answers, the rest is a usage error.
fn usage(error: &clap::Error, console: &mut Console<'_>) -> Exit {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let text = error.render();
    // Where not even an error can be written there is nothing left to tell anybody.
    let _ = match asked {
        true if context::colour_of_output() => write!(console.out, "{}", text.ansi()),
        true => write!(console.out, "{text}"),
        false if context::colour_of_errors() => write!(console.err, "{}", text.ansi()),
        false => write!(console.err, "{text}"),
    };
    if asked { Exit::Pass } else { Exit::CouldNot }
}

#[cfg(test)]
mod tests;
