//! What the outside world is to the library: handed in, never read.

use super::Instant;
use std::path::PathBuf;

/// The clock, the working directory and the terminal, made once in `cli`.
#[derive(Debug, Clone)]
pub struct Context {
    /// The one value of now of this run.
    pub now: Instant,
    /// The directory that relative paths are relative to.
    pub directory: PathBuf,
    /// Columns of the terminal, if standard output is one.
    pub width: Option<usize>,
    /// Whether colour is wanted.
    pub colour: bool,
    /// `PATH` of the environment, to find the terraform binary.
    pub search_path: Option<std::ffi::OsString>,
    /// `TERRAFORM_CLI_PATH` of the environment: where a pipeline's setup step put the real binary.
    pub terraform_cli_path: Option<std::ffi::OsString>,
    /// Names of variables of the environment that would change what `terraform show` does.
    pub disturbing: Vec<std::ffi::OsString>,
}
