//! One way to call the program: which binary, where, with which environment.

use super::Error;
use super::chain::{CHAIN, Chain};
use super::show::{first_lines, uninitialised};
use crate::model::Variables;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The real terraform or tofu, and where it is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The program, as [`super::Search::find`] found it.
    pub binary: PathBuf,
    /// The directory it is started in.
    pub directory: PathBuf,
    /// The directory of `-chdir=`, handed on as it was given: `path.cwd` would be another without it.
    pub chdir: Option<String>,
    /// Variables to take out of its environment.
    pub remove: Vec<OsString>,
    /// Variables to set, after that.
    pub set: Vec<(OsString, OsString)>,
    /// Whether all names of the environment are such as a shell hands on.
    pub plain: bool,
}

impl Call {
    /// A child of ours. The variables `TF_CLI_ARGS…` are taken out: their words have become arguments, so that what
    /// was judged is what runs.
    pub fn child(
        binary: PathBuf,
        directory: PathBuf,
        chdir: Option<String>,
        environment: &Variables,
        chain: &Chain,
    ) -> Call {
        let names = || environment.iter().map(|(name, _)| name);
        let merged = |name: &&OsStr| name.as_encoded_bytes().starts_with(b"TF_CLI_ARGS");
        let plain = |name: &OsStr| {
            let bytes = name.as_encoded_bytes();
            let starts = bytes.first().is_some_and(|first| !first.is_ascii_digit());
            starts && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        Call {
            binary,
            directory,
            chdir,
            remove: names().filter(merged).map(OsStr::to_owned).collect(),
            set: vec![(CHAIN.into(), chain.for_child().into())],
            plain: names().all(plain),
        }
    }

    /// The directory that its relative paths are relative to.
    pub fn place(&self) -> PathBuf {
        self.chdir.as_ref().map_or_else(|| self.directory.clone(), |chdir| self.directory.join(chdir))
    }

    /// The command with these arguments, not started yet.
    pub fn command<W: AsRef<OsStr>>(&self, words: &[W]) -> Command {
        self.prepared(Command::new(&self.binary), words)
    }

    /// What stands before the arguments is up to the caller; the rest is that of [`Call::command`].
    pub(super) fn prepared<W: AsRef<OsStr>>(&self, mut command: Command, words: &[W]) -> Command {
        if let Some(chdir) = &self.chdir {
            command.arg(format!("-chdir={chdir}"));
        }
        command.args(words).current_dir(&self.directory);
        for name in &self.remove {
            command.env_remove(name);
        }
        command.envs(self.set.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it with nothing to read, and gives what it wrote to standard output.
    ///
    /// # Errors
    /// If it cannot be started or fails; [`Error::NotInitialised`] if providers or the backend are missing.
    pub fn output<W: AsRef<OsStr>>(&self, words: &[W]) -> Result<Vec<u8>, Error> {
        let mut command = self.command(words);
        let output = command.stdin(Stdio::null()).output().map_err(|source| self.unstarted(source))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let (said, directory) = (first_lines(&text), self.place());
        if uninitialised(&text) {
            return Err(Error::NotInitialised { directory, said });
        }
        let what = words.first().map(|word| word.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
        Err(Error::Ended { what, directory, said: format!("{}: {said}", output.status) })
    }

    /// The JSON of a plan file.
    ///
    /// # Errors
    /// As [`Call::output`]; also if it prints nothing.
    pub fn show(&self, plan: &Path) -> Result<Vec<u8>, Error> {
        let words = [OsStr::new("show"), OsStr::new("-json"), OsStr::new("-no-color"), plan.as_os_str()];
        let json = self.output(&words)?;
        match json.is_empty() {
            false => Ok(json),
            true => Err(Error::Ended {
                what: "show".to_owned(),
                directory: self.place(),
                said: "it said nothing".to_owned(),
            }),
        }
    }

    /// The state as the backend has it now: nothing at all if there is none yet. It holds secrets in clear text.
    ///
    /// # Errors
    /// As [`Call::output`].
    pub fn state(&self) -> Result<Vec<u8>, Error> {
        self.output(&["state", "pull"])
    }

    pub(super) fn unstarted(&self, source: std::io::Error) -> Error {
        Error::Start { binary: self.binary.clone(), source }
    }
}
