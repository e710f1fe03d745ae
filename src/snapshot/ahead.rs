//! Files that are read side by side, before they are asked for in their order.
//!
//! Most of the time of a check of snapshots goes into the parsing of their text, and no file needs another one.

use super::{Error, Read, files, read};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that a thread is started for.
const WORTH_A_THREAD: u64 = 1 << 20;

/// Bytes that are read ahead, at most: what is read waits in memory until its turn comes.
const MOST: u64 = 256 << 20;

/// Threads at most.
const THREADS: usize = 4;

type Outcome = Result<Option<Read>, Error>;

/// What was read ahead, by file.
#[derive(Debug, Default)]
pub struct Ahead {
    read: BTreeMap<PathBuf, Outcome>,
}

impl Ahead {
    /// Reads the files of these paths, each with how it is shown, if there is enough to read. What goes wrong with a file
    /// is told when it is taken; what goes wrong with the listing of them, then.
    pub fn of(paths: &[(&Path, &str)]) -> Ahead {
        let mut waiting: Vec<(u64, PathBuf, String)> = Vec::new();
        for (path, shown) in paths {
            for (file, shown) in files::of(path, shown, &mut Vec::new()).unwrap_or_default() {
                let length = file.metadata().map_or(0, |metadata| metadata.len());
                waiting.push((length, file, shown));
            }
        }
        let mut left = MOST;
        waiting.retain(|(length, ..)| left.checked_sub(*length).inspect(|less| left = *less).is_some());
        let bytes = MOST.saturating_sub(left);
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(THREADS);
        let worth = usize::try_from(bytes / WORTH_A_THREAD).unwrap_or(THREADS);
        let threads = threads.min(worth).min(waiting.len());
        if threads < 2 {
            return Ahead::default();
        }
        // The largest first, so that none is left for the end.
        waiting.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        waiting.dedup_by(|one, other| one.1 == other.1);
        Ahead { read: side_by_side(&waiting, threads) }
    }

    /// What a file has, read now if it was not read ahead.
    pub(super) fn take(&mut self, file: &Path, shown: &str) -> Outcome {
        self.read.remove(file).unwrap_or_else(|| read(file, shown))
    }
}

fn side_by_side(waiting: &[(u64, PathBuf, String)], threads: usize) -> BTreeMap<PathBuf, Outcome> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some((_, file, shown)) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = read(file, shown);
            // What another thread left behind when it failed is still right: a file is put in whole.
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            done.insert(file.clone(), outcome);
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::What;
    use super::*;

    /// A listing of so many bytes.
    fn roles(bytes: usize) -> String {
        let mut text = String::from("[");
        while text.len() < bytes {
            let comma = if text.len() > 1 { "," } else { "" };
            text += &format!(
                r#"{comma}{{"name":"roles/r{}","title":"t","includedPermissions":["a.b.c"]}}"#,
                text.len()
            );
        }
        text + "]"
    }

    #[test]
    fn what_is_read_ahead_is_what_is_read_in_turn() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write("a.json", &roles(1 << 20));
        write("b.json", "{ broken");
        write("c.json", &roles(2 << 20));
        write("d.json", "{\"something\": \"else\"}");
        let path = directory.path();
        let mut ahead = Ahead::of(&[(path, "here"), (&path.join("c.json"), "other")]);
        assert_eq!(ahead.read.len(), 4);
        let objects = |outcome: Outcome| {
            outcome.map(|read| {
                read.map(|read| match read.what {
                    What::Listing(found) => found.objects.len(),
                    What::State(text) => text.len(),
                })
            })
        };
        for name in ["a.json", "b.json", "c.json", "d.json"] {
            let (file, shown) = (path.join(name), format!("here/{name}"));
            let (one, other) = (objects(ahead.take(&file, &shown)), objects(read(&file, &shown)));
            assert_eq!(format!("{one:?}"), format!("{other:?}"));
        }
        // Each once; what comes again is read again.
        assert!(ahead.read.is_empty());
        assert!(objects(ahead.take(&path.join("a.json"), "again")).unwrap().is_some_and(|count| count > 0));
    }

    #[test]
    fn a_little_is_read_in_turn() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.json", "b.json"] {
            std::fs::write(directory.path().join(name), roles(100)).unwrap();
        }
        assert!(Ahead::of(&[(directory.path(), "here"), (Path::new("/none"), "gone")]).read.is_empty());
    }
}
