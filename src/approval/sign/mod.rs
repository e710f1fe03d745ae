//! Signing, by the tools of OpenSSH: `ssh-keygen -Y sign`, so that keys in files, in the agent and on tokens all work
//! and no secret ever comes into this process.

mod agent;
mod error;
mod public;

#[cfg(test)]
mod tests;

pub use error::{Candidate, SignError};

use super::key::Key;
use super::signature::{Answer, Rules, verify};
use crate::model::{Variables, program};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the tools are, and what they see.
#[derive(Debug, Clone, Copy)]
pub struct Tools<'a> {
    /// `PATH` of the environment, to find `ssh-keygen` and `ssh-add`. Relative entries are passed over: a checkout must
    /// not bring its own.
    pub search_path: Option<&'a OsStr>,
    /// The whole environment of the tools, with `SSH_AUTH_SOCK` and what asks for passphrases.
    pub environment: &'a Variables,
    /// The directory for temporary files.
    pub temporary: &'a Path,
}

/// A signature that was made, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The text of the signature, as [`verify`] reads it.
    pub armored: String,
    /// [`Answer::Good`], or [`Answer::Unknown`] for a key that was named and is not in the roster.
    pub answer: Answer,
}

/// A key to sign with.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Its public half.
    pub public: Key,
    /// The file that was named; without one the agent has the private half.
    file: Option<PathBuf>,
}

/// Chooses the key: `key` is a private key, or the `.pub` file of one that the agent or a token has. Without it the
/// agent's only key that the roster lets sign in the namespace is taken.
///
/// # Errors
/// If no key can be chosen.
pub fn choose(
    key: Option<&Path>,
    namespace: &str,
    rules: &Rules<'_>,
    tools: &Tools<'_>,
) -> Result<Chosen, SignError> {
    match key {
        None => Ok(Chosen { public: agent::only_key(namespace, rules, tools)?, file: None }),
        Some(key) if !key.exists() => Err(SignError::NoKey(key.to_owned())),
        Some(key) => {
            let path = key.to_owned();
            let bytes =
                std::fs::read(key).map_err(|source| SignError::File { path: path.clone(), source })?;
            let public = public::of_file(&bytes).ok_or(SignError::NotAKey(path))?;
            Ok(Chosen { public, file: Some(key.to_owned()) })
        }
    }
}

/// Signs a message.
///
/// The terminal is the tools': they ask for passphrase, PIN and touch, and say themselves what they do not like, a
/// private key that others can read among it.
///
/// # Errors
/// If the tools are missing or refuse, or the signature would not count.
pub fn sign(
    message: &[u8],
    namespace: &str,
    chosen: &Chosen,
    rules: &Rules<'_>,
    tools: &Tools<'_>,
) -> Result<Signed, SignError> {
    let (program, mut command) = tools.command("ssh-keygen")?;
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SignError::File { path, source }
    };
    // A file, though ssh-keygen would read standard input: from there it takes the passphrase.
    let directory = tempfile::Builder::new()
        .prefix("mainstay-")
        .tempdir_in(tools.temporary)
        .map_err(failed(tools.temporary))?;
    let key = match &chosen.file {
        None => put_key(&chosen.public, directory.path())?,
        Some(key) => std::path::absolute(key).map_err(failed(directory.path()))?,
    };
    let file = directory.path().join("message");
    put(&file, message).map_err(failed(&file))?;
    let status = command
        .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
        .arg(&key)
        .arg(&file)
        .stdin(Stdio::inherit())
        .stdout(Stdio::null())
        .status()
        .map_err(|source| SignError::Start { program, source })?;
    if !status.success() {
        return Err(SignError::Refused { key, status: status.to_string() });
    }
    let file = directory.path().join("message.sig");
    let mut armored = String::new();
    let read = std::fs::File::open(&file).and_then(|file| file.take(1 << 20).read_to_string(&mut armored));
    read.map_err(failed(&file))?;
    match verify(message, namespace, &armored, rules) {
        Answer::Bad { why } => Err(SignError::Useless(why)),
        answer => Ok(Signed { armored, answer }),
    }
}

fn put_key(key: &Key, directory: &Path) -> Result<PathBuf, SignError> {
    let path = directory.join("key.pub");
    match put(&path, format!("{}\n", key.to_text()).as_bytes()) {
        Ok(()) => Ok(path),
        Err(source) => Err(SignError::File { path, source }),
    }
}

/// Writes a new file that nobody else reads.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

impl Tools<'_> {
    /// A program of OpenSSH, with the environment that was handed in and no other.
    fn command(&self, name: &'static str) -> Result<(PathBuf, Command), SignError> {
        let program = program(self.search_path, name).ok_or(SignError::Missing(name))?;
        let mut command = Command::new(&program);
        command.env_clear().envs(self.environment.iter());
        Ok((program, command))
    }
}
