//! Where paths lead: without links and `..`, and from the root of a checkout.

use std::path::{Component, Path, PathBuf};

/// Without links and `..`, as far as it is there: so that "upward" and "inside" are what they say.
pub(super) fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| plain(path))
}

/// The same of a file that may be there only at another commit.
pub(super) fn real_parent(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => plain(path),
    }
}

/// Without `.` and `..`, by the names alone.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The directory with `.git` that a path is in.
pub(super) fn checkout_of(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|directory| directory.join(".git").exists()).map(Path::to_owned)
}

/// The path from the root of a checkout, with `/`; nothing if it leads out of it.
pub(super) fn within(root: &Path, path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root).ok()?;
    let parts: Vec<&str> =
        inside.components().map(|part| part.as_os_str().to_str()).collect::<Option<_>>()?;
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_lead_nowhere_else() {
        assert_eq!(plain(Path::new("/srv/./estate/../other")), Path::new("/srv/other"));
        assert_eq!(within(Path::new("/srv"), Path::new("/srv/a/b")).as_deref(), Some("a/b"));
        assert_eq!(within(Path::new("/srv/a"), Path::new("/srv/ab")), None);
    }
}
