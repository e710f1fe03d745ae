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
    let file = std::fs::File::open(path).map_err(wrong)?;
    // A list that grows is copied each time it doubles; what the file says of its length is only believed so far.
    let length = file.metadata().map_or(0, |metadata| metadata.len()).min(LIMIT);
    let mut bytes = Vec::new();
    // Without that room it grows all the same.
    let _ = bytes.try_reserve_exact(usize::try_from(length).map_or(0, |length| length.saturating_add(1)));
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LIMIT) {
        Ok(bytes)
    } else {
        Err(Error::TooLarge { path: path.to_owned(), limit: LIMIT })
    }
}

/// The files that a path stands for, itself or those below it, each with how it is shown.
///
/// # Errors
/// If a directory cannot be read.
pub(super) fn of(path: &Path, shown: &str, notes: &mut Vec<String>) -> Result<Vec<(PathBuf, String)>, Error> {
    if !path.is_dir() {
        return Ok(vec![(path.to_owned(), shown.to_owned())]);
    }
    let named = |file: PathBuf| {
        let within = file.strip_prefix(path).unwrap_or(&file);
        let shown = Path::new(shown).join(within).display().to_string();
        (file, shown)
    };
    Ok(below(path, notes)?.into_iter().map(named).collect())
}

/// The regular files below a directory, by name; hidden ones and sidecars are left out. Linked directories are not
/// followed: they may lead round in a circle. What is left out for that gives a note.
///
/// # Errors
/// If a directory cannot be read.
fn below(directory: &Path, notes: &mut Vec<String>) -> Result<Vec<PathBuf>, Error> {
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
