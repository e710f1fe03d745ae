//! The terraform (or tofu) program: where it is, what it says of a plan file, and how it is run.

mod call;
mod chain;
mod find;
mod run;
mod show;
mod signals;

pub use call::Call;
pub use chain::{CHAIN, Chain};
pub use find::Search;
pub use run::{Ended, Runner, turn_into};
pub use show::{disturbs, show};

use std::path::PathBuf;

/// Why the program could not be found, started or understood.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No terraform and no tofu on `PATH`.
    #[error(
        "neither terraform nor tofu is on PATH; install one, or give the JSON: terraform show -json PLANFILE > plan.json"
    )]
    NotFound,
    /// The program that a variable or argument names is no program.
    #[error("{}: this is to be the real terraform, and cannot be run; name the program's own file", path.display())]
    NotAProgram {
        /// What was named.
        path: PathBuf,
    },
    /// Only mainstay itself was found under the name.
    #[error(
        "`{name}` on PATH is mainstay itself and no other is behind it; put the real one on PATH, or its path into MAINSTAY_TERRAFORM"
    )]
    OnlyItself {
        /// The name looked for.
        name: String,
    },
    /// Mainstay has called itself.
    #[error(
        "mainstay was started by mainstay in place of terraform: a copy of it, or a script that looks for terraform on PATH, stands where the real one should; put the real one's path into MAINSTAY_TERRAFORM"
    )]
    Itself,
    /// A path cannot be made absolute.
    #[error("{}: cannot be made absolute: {source}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The program cannot be started.
    #[error("{}: cannot be started: {source}", binary.display())]
    Start {
        /// The program.
        binary: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The providers that the plan needs are not installed in the directory.
    #[error(
        "{} lacks what the plan needs: run `terraform init` there, or give the JSON: terraform show -json plan > plan.json (it said: {said})",
        directory.display()
    )]
    NotInitialised {
        /// Where it ran.
        directory: PathBuf,
        /// The first lines of its message.
        said: String,
    },
    /// A command of it failed.
    #[error("`terraform {what}` failed in {}: {said}", directory.display())]
    Ended {
        /// The subcommand.
        what: String,
        /// Where it ran.
        directory: PathBuf,
        /// How it ended, and the first lines of its message.
        said: String,
    },
    /// It failed, or printed nothing.
    #[error("`{} show -json` failed in {} ({status}): {said}", binary.display(), directory.display())]
    Failed {
        /// The program.
        binary: PathBuf,
        /// Where it ran.
        directory: PathBuf,
        /// How it ended.
        status: String,
        /// The first lines of its message.
        said: String,
    },
}
