//! Which files are read, and their bytes.

use super::{Error, sidecar};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The most that is read of one file.
const LIMIT: u64 = 2 << 30;

/// How deep directories may stand in each other.
const DEPTH: usize = 32;

/// The bytes of a file.
///
/// # Errors
/// If it cannot be read or is larger than 2 GiB.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let wrong = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(wrong)?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LIMIT) {
        Ok(bytes)
    } else {
        Err(Error::TooLarge { path: path.to_owned(), limit: LIMIT })
    }
}

/// The regular files below a directory, by name; hidden ones and sidecars are left out. Linked directories are not
/// followed: they may lead round in a circle. What is left out for that gives a note.
///
/// # Errors
/// If a directory cannot be read.
pub(super) fn below(directory: &Path, notes: &mut Vec<String>) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    add(directory, 0, &mut files, notes)?;
    Ok(files)
}

fn add(
    directory: &Path,
    depth: usize,
    files: &mut Vec<PathBuf>,
    notes: &mut Vec<String>,
) -> Result<(), Error> {
    if depth > DEPTH {
        return Err(Error::TooDeep { path: directory.to_owned() });
    }
    let wrong = |source| Error::Read { path: directory.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(wrong)? {
        paths.push(entry.map_err(wrong)?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with('.') || name.ends_with(sidecar::SUFFIX) {
            continue;
        }
        let metadata = path.metadata().map_err(|source| Error::Read { path: path.clone(), source })?;
        if metadata.is_file() {
            files.push(path);
        } else if metadata.is_dir() && !path.is_symlink() {
            add(&path, depth + 1, files, notes)?;
        } else {
            notes.push(format!("{}: passed over: neither a file nor a directory of its own", path.display()));
        }
    }
    Ok(())
}
