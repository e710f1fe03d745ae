//! What the outside world is to the library: handed in, never read.

use super::Instant;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

/// Variables of the environment.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<OsString, OsString>);

impl Variables {
    /// The value of a variable; nothing if it is not there, or empty.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

impl FromIterator<(OsString, OsString)> for Variables {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(all: I) -> Variables {
        Variables(all.into_iter().collect())
    }
}

impl fmt::Debug for Variables {
    // Values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

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
    /// The whole environment, by name. Values may be secrets: only digests of them leave the process.
    pub environment: Variables,
    /// Where temporary files go.
    pub temporary: PathBuf,
    /// Number of this process, and of the one that started it.
    pub process: (u32, u32),
    /// The file that this process runs.
    pub own: Option<PathBuf>,
}

impl Context {
    /// `PATH`, on which programs are looked for.
    pub fn search_path(&self) -> Option<&OsStr> {
        self.environment.get("PATH")
    }

    /// Now, in whole seconds: fractions only make it harder to read.
    pub fn second(&self) -> Instant {
        Instant::from_second(self.now.as_second()).unwrap_or(self.now)
    }
}
