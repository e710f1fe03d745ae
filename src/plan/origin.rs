//! What a plan file was made against: backend, workspace, state, locked providers, and the files of its configuration.

use super::hints;
use super::package::Package;
use super::sources::module_directories;
use crate::model::Digest;
use serde::Deserialize;

/// What a plan file was made against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Type of the backend.
    pub backend: String,
    /// Digest of the backend's settings.
    pub settings: Digest,
    /// The workspace.
    pub workspace: String,
    /// Lineage of the state; empty where there was none yet.
    pub lineage: String,
    /// Serial of the state.
    pub serial: u64,
    /// The lock file of providers.
    pub lock: Option<Vec<u8>>,
    /// The files of the configuration, by their path from its directory.
    pub files: Vec<(String, Digest)>,
    /// Planning failed.
    pub errored: bool,
}

#[derive(Deserialize)]
struct StateHead {
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    serial: u64,
}

/// An entry of a plan file that is read whole.
const MOST: usize = 512 << 20;

/// Reads it; the error is why not, in words.
///
/// # Errors
/// If it is no plan file, or of a form that is not understood: then nothing can be bound to it.
pub fn origin(bytes: &[u8]) -> Result<Origin, String> {
    let package = Package::open(bytes)?;
    let entry = |name: &str| package.read(name, MOST)?.ok_or_else(|| format!("it has no `{name}`"));
    let hints = hints::read(&entry("tfplan")?).ok_or_else(|| "its form is new".to_owned())?;
    let state: StateHead = serde_json::from_slice(&entry("tfstate")?)
        .map_err(|_| "the state in it is of another form".to_owned())?;
    let (backend, workspace) =
        hints.backend.ok_or_else(|| "it does not say for which backend it is".to_owned())?;
    let manifest = package.read("tfconfig/modules.json", MOST)?.unwrap_or_default();
    let directories = module_directories(&manifest);
    let mut files = Vec::new();
    for (name, key, file) in package.module_files() {
        let content = package.read(name, MOST)?.unwrap_or_default();
        let directory = directories.get(key).map_or(key, String::as_str);
        let path =
            if matches!(directory, "" | ".") { file.to_owned() } else { format!("{directory}/{file}") };
        files.push((path, Digest::of(&content)));
    }
    files.sort();
    Ok(Origin {
        backend,
        settings: Digest::of(&hints.backend_settings),
        workspace,
        lineage: state.lineage,
        serial: state.serial,
        lock: package.read(".terraform.lock.hcl", MOST)?,
        files,
        errored: hints.errored,
    })
}
