//! Where the program is.

use super::Error;
use crate::model::runs;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The names looked for, in this order, where none is given.
const NAMES: [&str; 2] = ["terraform", "tofu"];

/// Where to look for the real program, when mainstay may itself stand on `PATH` under its name.
///
/// `TG_TF_PATH` is not looked at: it is how Terragrunt names the program that it calls, which is the guard itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Search<'a> {
    /// `PATH`. Relative entries are passed over: a checkout must not bring its own terraform.
    pub path: Option<&'a OsStr>,
    /// `MAINSTAY_TERRAFORM`, or a path on the command line: this and no other.
    pub named: Option<&'a Path>,
    /// `$TERRAFORM_CLI_PATH/terraform-bin` of the setup-terraform action, whose wrapper on `PATH` adds lines to the
    /// output. Taken if it is there and no other name is asked for.
    pub wrapped: Option<&'a Path>,
    /// The name mainstay was called by: `terraform`, `tofu`, or `terraform1.9.8` as Atlantis spells it. Without one
    /// any will do.
    pub called: Option<&'a str>,
    /// The file that this process runs.
    pub own: Option<&'a Path>,
}

impl Search<'_> {
    /// Finds the program.
    ///
    /// # Errors
    /// If there is none, if the only one is mainstay itself, or if the one named cannot be run.
    pub fn find(&self) -> Result<PathBuf, Error> {
        let own = self.own.and_then(identity);
        let itself = |path: &Path| own.is_some() && identity(path) == own;
        if let Some(named) = self.named {
            return match runs(named) && named.is_absolute() {
                true if itself(named) => Err(Error::OnlyItself { name: named.display().to_string() }),
                true => Ok(named.to_owned()),
                false => Err(Error::NotAProgram { path: named.to_owned() }),
            };
        }
        let terraform = self.called.is_none_or(|name| name == "terraform");
        if let Some(wrapped) = self.wrapped.filter(|path| terraform && runs(path) && !itself(path)) {
            return Ok(wrapped.to_owned());
        }
        let all = self.path.map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
        let names = self.called.map_or_else(|| NAMES.to_vec(), |name| vec![name]);
        let suffix = std::env::consts::EXE_SUFFIX;
        let mut met = None;
        for name in names {
            for directory in all.iter().filter(|entry| entry.is_absolute()) {
                let path = directory.join(format!("{name}{suffix}"));
                if runs(&path) && !itself(&path) {
                    return Ok(path);
                }
                met = met.or_else(|| itself(&path).then(|| name.to_owned()));
            }
        }
        Err(met.map_or(Error::NotFound, |name| Error::OnlyItself { name }))
    }
}

/// What tells one file from another, whatever links lead to it.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn find(path: Option<&OsStr>, wrapped: Option<&Path>) -> Result<PathBuf, Error> {
        Search { path, wrapped, ..Search::default() }.find()
    }

    fn program(directory: &Path, name: &str, mode: u32) -> PathBuf {
        let path = directory.join(name);
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn terraform_comes_before_tofu_and_must_run() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = std::env::join_paths([Path::new("relative"), first.path(), second.path()]).unwrap();
        assert!(matches!(find(Some(&path), None), Err(Error::NotFound)));
        program(first.path(), "terraform", 0o644);
        let tofu = program(first.path(), "tofu", 0o755);
        assert_eq!(find(Some(&path), None).unwrap(), tofu);
        let terraform = program(second.path(), "terraform", 0o755);
        assert_eq!(find(Some(&path), None).unwrap(), terraform);
        let real = program(first.path(), "terraform-bin", 0o755);
        assert_eq!(find(Some(&path), Some(&real)).unwrap(), real);
        assert_eq!(find(Some(&path), Some(Path::new("/nowhere/terraform-bin"))).unwrap(), terraform);
        assert!(matches!(find(None, None), Err(Error::NotFound)));
    }

    #[test]
    fn it_passes_over_itself() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = std::env::join_paths([first.path(), second.path()]).unwrap();
        let own = program(first.path(), "mainstay", 0o755);
        for name in ["terraform", "tofu", "terraform1.9.8", "terraform-bin"] {
            std::os::unix::fs::symlink(&own, first.path().join(name)).unwrap();
        }
        std::fs::hard_link(&own, second.path().join("tofu")).unwrap();
        let search = Search { path: Some(&path), own: Some(&own), ..Search::default() };
        let called = |name| Search { called: Some(name), ..search }.find();
        assert!(matches!(search.find(), Err(Error::OnlyItself { name }) if name == "terraform"));
        let terraform = program(second.path(), "terraform", 0o755);
        assert_eq!(search.find().unwrap(), terraform);
        assert_eq!(called("terraform").unwrap(), terraform);
        // Another is not what was called for.
        assert!(matches!(called("tofu"), Err(Error::OnlyItself { name }) if name == "tofu"));
        assert!(matches!(called("terraform1.9.8"), Err(Error::OnlyItself { .. })));
        assert!(matches!(called("terraform1.5.0"), Err(Error::NotFound)));
        let version = program(second.path(), "terraform1.9.8", 0o755);
        assert_eq!(called("terraform1.9.8").unwrap(), version);
        let wrapped = first.path().join("terraform-bin");
        assert_eq!(Search { wrapped: Some(&wrapped), ..search }.find().unwrap(), terraform);
    }

    #[test]
    fn what_is_named_is_taken_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let own = program(folder.path(), "mainstay", 0o755);
        let other = program(folder.path(), "terraform", 0o755);
        let data = program(folder.path(), "data", 0o644);
        let path = folder.path().as_os_str();
        let named = |named: &Path| {
            Search { path: Some(path), named: Some(named), own: Some(&own), ..Search::default() }.find()
        };
        assert_eq!(named(&other).unwrap(), other);
        assert!(matches!(named(&own), Err(Error::OnlyItself { .. })));
        assert!(matches!(named(&data), Err(Error::NotAProgram { .. })));
        assert!(matches!(named(Path::new("terraform")), Err(Error::NotAProgram { .. })));
    }
}
