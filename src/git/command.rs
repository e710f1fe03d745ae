//! How git is asked: nothing that a checkout holds may run a program or change an answer.

use super::Error;
use crate::model::{Variables, program};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Bytes of an answer that are read at most.
const MOST: u64 = 256 * 1024 * 1024;

/// Settings over those of the checkout: no programs of it, no network, no shortcuts that it could have written itself,
/// and no repository that stands as plain files in a directory of the change.
const SETTINGS: [&str; 9] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.commitGraph=false",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "status.submoduleSummary=false",
];

/// Variables of the child: no replaced objects, no grafts, nothing fetched, no questions.
const VARIABLES: [(&str, &str); 8] = [
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("LC_ALL", "C"),
];

/// A checkout, and the git that is asked about it.
#[derive(Debug, Clone)]
pub struct Git<'a> {
    pub(super) program: PathBuf,
    pub(super) directory: PathBuf,
    environment: &'a Variables,
}

/// What a command said.
pub(super) struct Said {
    pub(super) success: bool,
    pub(super) code: Option<i32>,
    pub(super) out: Vec<u8>,
    pub(super) error: String,
}

impl<'a> Git<'a> {
    /// Git on this search path, for the checkout that a directory is in. Of the environment all but `GIT_*` is handed on.
    ///
    /// # Errors
    /// If there is no git.
    pub fn new(
        search_path: Option<&OsStr>,
        directory: &Path,
        environment: &'a Variables,
    ) -> Result<Git<'a>, Error> {
        let program = program(search_path, "git").ok_or(Error::Missing)?;
        Ok(Git { program, directory: directory.to_owned(), environment })
    }

    /// Runs a command, whatever it answers.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<Said, Error> {
        let start = |source| Error::Start { program: self.program.clone(), source };
        let mut command = Command::new(&self.program);
        command.args(["--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs"]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let kept = self.environment.iter().filter(|(name, _)| {
            !name.to_str().is_some_and(|name| name.to_ascii_uppercase().starts_with("GIT_"))
        });
        command.args(arguments).current_dir(&self.directory).env_clear().envs(kept).envs(VARIABLES);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(start)?;
        let errors = child.stderr.take();
        // Apart, or a full pipe on one side would stop both.
        let reader = std::thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut errors) = errors {
                let _ = errors.by_ref().take(1 << 16).read_to_end(&mut text);
                let _ = std::io::copy(&mut errors, &mut std::io::sink());
            }
            text
        });
        let mut out = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            pipe.take(MOST + 1).read_to_end(&mut out).map_err(start)?;
        }
        let status = child.wait().map_err(start)?;
        let error = reader.join().unwrap_or_default();
        if u64::try_from(out.len()).is_ok_and(|length| length > MOST) {
            return Err(Error::Large { what: what(arguments), directory: self.directory.clone() });
        }
        Ok(Said { success: status.success(), code: status.code(), out, error: one_line(&error) })
    }

    /// Runs a command that must succeed.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        let said = self.run(arguments)?;
        if said.success {
            return Ok(said.out);
        }
        Err(Error::Failed { what: what(arguments), directory: self.directory.clone(), said: said.error })
    }
}

pub(super) fn what(arguments: &[&str]) -> String {
    arguments.first().copied().unwrap_or_default().to_owned()
}

/// A message without line breaks and control characters.
fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|letter| !letter.is_control()).take(400).collect()
}
