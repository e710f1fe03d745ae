//! Files that nobody here wrote, in folders that the environment names.

use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use mainstay::model::decode_text;
use serde_json::Value as Json;

/// How long one file may take.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The folder that a variable names; without it the test is skipped, which is said aloud.
pub fn folder(variable: &str, test: &str) -> Option<PathBuf> {
    match std::env::var_os(variable) {
        Some(path) => Some(PathBuf::from(path)),
        None => {
            say(&format!("SKIPPED {test}: {variable} is not set\n"));
            None
        }
    }
}

/// Not `eprintln!`, which the test harness would keep to itself.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// All files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Runs something that must neither panic nor hang.
pub fn bounded<T: Send + 'static>(path: &Path, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || send.send(catch_unwind(AssertUnwindSafe(run))));
    match receive.recv_timeout(LIMIT) {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => panic!("{}: it panicked", path.display()),
        Err(_) => panic!("{}: it did not end within {LIMIT:?}", path.display()),
    }
}

/// Whether a path fits a pattern, where `*` is anything.
pub fn fits(path: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// The document in a file, found without the program's own reading: from the first line that begins with a brace.
pub fn document(bytes: &[u8]) -> Option<Json> {
    let text = decode_text(bytes).ok()?.into_owned();
    if let Ok(whole) = serde_json::from_str(&text) {
        return Some(whole);
    }
    text.lines().filter(|line| line.starts_with('{')).find_map(|line| serde_json::from_str(line).ok())
}
