//! The terraform (or tofu) program: where it is, and what it says of a plan file.

mod find;
mod show;

pub use find::find;
pub use show::{disturbs, show};

use std::path::PathBuf;

/// Why a plan file could not be turned into JSON.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No terraform and no tofu on `PATH`.
    #[error(
        "neither terraform nor tofu is on PATH; install one, or give the JSON: terraform show -json PLANFILE > plan.json"
    )]
    NotFound,
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
