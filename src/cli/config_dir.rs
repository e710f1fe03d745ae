//! The files of the configuration in a directory, for plans that come as JSON.

use crate::plan::{self, Folder, Sources};
use std::fs;
use std::path::{Component, Path};

/// A file of the configuration: no one writes more by hand.
const MOST_OF_FILE: u64 = 8 << 20;

/// All files together, and how many.
const MOST_BYTES: u64 = 256 << 20;
const MOST_FILES: usize = 50_000;

/// Reads those of a directory that was named: one without any is told.
pub(super) fn named(shown: &str, directory: &Path) -> Sources {
    read(shown, directory).unwrap_or_else(|| {
        Sources::none(format!("{shown}: --config-dir holds no configuration that can be read"))
    })
}

/// Reads them; `None` if there is no configuration there. `shown` is the plan's name, for remarks.
pub(super) fn read(shown: &str, directory: &Path) -> Option<Sources> {
    let root = fs::canonicalize(directory).ok()?;
    let manifest = small(&root.join(".terraform/modules/modules.json"));
    let (mut bytes, mut files) = (0, 0);
    plan::sources_of_directory(shown, manifest.as_deref(), &mut |folder| {
        list(&root, folder, &mut bytes, &mut files)
    })
}

/// The configuration files of a folder. A source or the list of installed modules may lead out of the directory by
/// `..`, as is usual for shared modules; a link may not.
fn list(root: &Path, folder: &str, bytes: &mut u64, count: &mut usize) -> Option<Folder> {
    let plain = Path::new(folder);
    if !plain
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir | Component::ParentDir))
    {
        return None;
    }
    let climbs = plain.components().take_while(|part| *part == Component::ParentDir).count();
    let base = root.ancestors().nth(climbs)?;
    let place = fs::canonicalize(root.join(plain)).ok()?;
    if !place.starts_with(base) {
        return None;
    }
    let mut found = Folder::new();
    for entry in fs::read_dir(&place).ok()? {
        let Ok(entry) = entry else { continue };
        let Ok(name) = entry.file_name().into_string() else { continue };
        if !name.ends_with(".tf") && !name.ends_with(".tf.json") && !name.ends_with(".tofu") {
            continue;
        }
        *count += 1;
        // Links are followed no further than to files of the directory itself.
        let file = fs::canonicalize(entry.path()).ok().filter(|file| file.starts_with(base));
        let content = file.as_deref().and_then(small)?;
        *bytes += u64::try_from(content.len()).unwrap_or(u64::MAX);
        if *count > MOST_FILES || *bytes > MOST_BYTES {
            return None;
        }
        found.push((name, content));
    }
    Some(found)
}

/// A regular file that is not too large.
fn small(file: &Path) -> Option<Vec<u8>> {
    let about = fs::metadata(file).ok()?;
    (about.is_file() && about.len() <= MOST_OF_FILE).then(|| fs::read(file).ok())?
}
