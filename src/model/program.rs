//! Other programs, where the search path that was handed in has them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The program of this name. Relative entries of the path are passed over: a checkout must not bring its own.
pub fn program(search_path: Option<&OsStr>, name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(search_path?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&file))
        .find(|path| runs(path))
}

/// Whether the file is a program.
#[cfg(unix)]
pub fn runs(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Whether the file is a program.
#[cfg(not(unix))]
pub fn runs(path: &Path) -> bool {
    path.is_file()
}
