//! Why nothing was signed.

use crate::approval::signature::Why;
use std::path::PathBuf;

/// Why no signature came about.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// A program of OpenSSH is missing.
    #[error("{0} is not on PATH; install OpenSSH (8.2 or later, for hardware keys its helper too)")]
    Missing(&'static str),
    /// A program of OpenSSH cannot be started.
    #[error("{}: cannot be started: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key's file is not there.
    #[error("{}: there is no such key; give the private key, or the .pub file of a key in the agent", .0.display())]
    NoKey(PathBuf),
    /// The file is no key.
    #[error("{}: this is no SSH key: give a private key of OpenSSH's form, or the .pub file of a key in the agent", .0.display())]
    NotAKey(PathBuf),
    /// No agent answers, and no key was given.
    #[error(
        "no ssh-agent answers (ssh-add -L), so a key must be given, or loaded: ssh-add ~/.ssh/id_ed25519"
    )]
    NoAgent,
    /// The agent has no key that may sign this.
    #[error("none of the agent's keys may sign this: {}", listed(.0))]
    NoneKnown(Vec<Candidate>),
    /// The agent has several.
    #[error("several of the agent's keys may sign this; give the .pub file of one: {}", listed(.0))]
    Several(Vec<Candidate>),
    /// The message or the signature could not be handed over.
    #[error("{}: {source}", path.display())]
    File {
        /// The file, or the directory for temporary files.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `ssh-keygen` did not sign. What it said stands on the terminal.
    #[error("ssh-keygen did not sign with {} ({status}); what it said stands above", key.display())]
    Refused {
        /// The key that was given.
        key: PathBuf,
        /// How it ended.
        status: String,
    },
    /// It signed, and the signature would not count.
    #[error("ssh-keygen signed, and the signature does not count: {0}")]
    Useless(#[from] Why),
}

/// A key of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Whose it is, or why it may not sign.
    pub standing: String,
}

fn listed(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return "it has none".to_owned();
    }
    let each: Vec<String> =
        candidates.iter().map(|key| format!("{} ({})", key.fingerprint, key.standing)).collect();
    each.join(", ")
}
