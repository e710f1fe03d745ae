//! Where the program is.

use super::Error;
use crate::model::{program, runs};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The names looked for, in this order.
const NAMES: [&str; 2] = ["terraform", "tofu"];

/// Finds the program: `real` if it is there, else `terraform`, else `tofu` on `search_path`.
///
/// `real` is what a wrapper on `PATH` stands before: `$TERRAFORM_CLI_PATH/terraform-bin` of the setup-terraform action,
/// whose wrapper adds lines to the output. Relative entries of `PATH` are passed over: a checkout must not bring its own
/// terraform.
///
/// # Errors
/// If there is none.
pub fn find(search_path: Option<&OsStr>, real: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(real) = real.filter(|path| runs(path)) {
        return Ok(real.to_owned());
    }
    NAMES.iter().find_map(|name| program(search_path, name)).ok_or(Error::NotFound)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

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
}
