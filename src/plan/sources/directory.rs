//! The configuration in a directory: the root module, local modules below it, and those that `terraform init` put into
//! `.terraform/modules`. Files are handed in by whoever may read them.

use super::module::{self, Blocks};
use super::{Origin, Read, Sources};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The files of a folder, by name.
pub type Folder = Vec<(String, Vec<u8>)>;

/// More modules than any configuration calls.
const MOST_MODULES: usize = 10_000;

/// Reads a configuration. `list` gives the configuration files of a folder below the directory (`.` for itself,
/// `modules/app`), `None` if it cannot or may not be read; `manifest` is `.terraform/modules/modules.json`, if there is
/// one. `None` if there is no configuration.
pub fn sources_of_directory(
    shown: &str,
    manifest: Option<&[u8]>,
    list: &mut dyn FnMut(&str) -> Option<Folder>,
) -> Option<Sources> {
    let root = list(".").filter(|files| files.iter().any(|(name, _)| module::is_configuration(name)))?;
    let installed = self::manifest(manifest.unwrap_or_default());
    let mut modules: BTreeMap<String, Blocks> = BTreeMap::new();
    let mut open = vec![(String::new(), ".".to_owned(), root)];
    while let Some((key, directory, files)) = open.pop() {
        let blocks = module::blocks(&directory, &files);
        for placed in blocks.list.iter().filter(|placed| placed.block.kind == "module") {
            let Some(name) = placed.block.labels.first() else { continue };
            let inner = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            let source = placed.block.body.plain("source").unwrap_or_default();
            let Some(place) = local(&directory, source).or_else(|| installed.get(&inner).cloned()) else {
                continue;
            };
            let within = inner.split('.').count() <= 60 && modules.len() + open.len() < MOST_MODULES;
            if let Some(files) = list(&place).filter(|_| within) {
                open.push((inner, place, files));
            }
        }
        modules.insert(key, blocks);
    }
    let mut read = Read { origin: Origin::Directory, ..Read::default() };
    read.take(modules);
    read.tell_gaps(shown);
    Some(Sources::from(read))
}

/// A source beside this folder: `./x`, `../x`. Where it leads out of the directory, the path begins with `..`.
fn local(directory: &str, source: &str) -> Option<String> {
    if !(source.starts_with("./") || source.starts_with("../") || matches!(source, "." | "..")) {
        return None;
    }
    let mut steps: Vec<&str> = Vec::new();
    for step in directory.split('/').chain(source.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    Some(if steps.is_empty() { ".".to_owned() } else { steps.join("/") })
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    dir: String,
}

/// Where modules are, by their key: a list in the plan file, an object with one in a directory.
pub(in crate::plan) fn manifest(bytes: &[u8]) -> BTreeMap<String, String> {
    #[derive(Deserialize)]
    struct Installed {
        #[serde(rename = "Modules")]
        modules: Vec<Entry>,
    }
    let entries = serde_json::from_slice::<Vec<Entry>>(bytes)
        .or_else(|_| serde_json::from_slice::<Installed>(bytes).map(|installed| installed.modules));
    let entries = entries.unwrap_or_default();
    entries.into_iter().map(|entry| (entry.key, entry.dir.trim_start_matches("./").to_owned())).collect()
}
