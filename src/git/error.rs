//! Why version control could not say.

use std::path::PathBuf;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no git.
    #[error("git is not on PATH; install it")]
    Missing,
    /// It cannot be started, or not be read from.
    #[error("{}: cannot be run: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It failed.
    #[error("`git {what}` failed in {}: {said}", directory.display())]
    Failed {
        /// The command.
        what: String,
        /// Where it ran.
        directory: PathBuf,
        /// What it said.
        said: String,
    },
    /// It said more than is ever read.
    #[error("`git {what}` in {} says more than is ever read", directory.display())]
    Large {
        /// The command.
        what: String,
        /// Where it ran.
        directory: PathBuf,
    },
    /// A name that is no full commit id.
    #[error(
        "`{0}` is no full commit id (40 or 64 lower-case hexadecimal digits); a branch or tag can be moved, so give the commit itself: git rev-parse NAME"
    )]
    NotAnId(String),
    /// There is no such commit here.
    #[error("there is no commit `{name}` in {}; fetch it, or correct the name", directory.display())]
    NoCommit {
        /// The name.
        name: String,
        /// The checkout.
        directory: PathBuf,
    },
    /// What stands at a path is a link, a directory or a submodule.
    #[error("`{path}` is no plain file in the commit; put the file itself there")]
    NotAFile {
        /// The path.
        path: String,
    },
    /// An answer in no form that is known.
    #[error("`git {0}` answers in a form that is not known")]
    Form(String),
}
