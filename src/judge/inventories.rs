//! The inventories that `[[population]]` names.

use super::{Error, Inputs};
use crate::model::{Instant, Inventory, Source, SourceIx};
use crate::snapshot::{self, Asked, Settings};
use std::path::{Path, PathBuf};

/// Their real paths, as far as they are there.
pub fn paths(inputs: &Inputs) -> Vec<PathBuf> {
    let each = inputs.declarations.statements.populations.iter();
    each.filter_map(|population| std::fs::canonicalize(&population.inventory).ok()).collect()
}

/// One for each population, in the order of the configuration; a file that several name is one source.
pub fn read(
    inputs: &Inputs,
    settings: &Settings<'_>,
    sources: &mut Vec<Source>,
    notes: &mut Vec<String>,
) -> Result<Vec<Inventory>, Error> {
    let mut known: Vec<(&Path, &str, Inventory)> = Vec::new();
    let mut all = Vec::new();
    for population in &inputs.declarations.statements.populations {
        let (path, key) = (population.inventory.as_path(), population.key.as_str());
        if let Some((.., same)) = known.iter().find(|(own, by, _)| (*own, *by) == (path, key)) {
            all.push(same.clone());
            continue;
        }
        let before = known.iter().find(|(own, ..)| *own == path).map(|(.., same)| same.source);
        let next = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        let asked = Asked {
            path,
            shown: &population.written,
            key,
            taken_at: taken_at(inputs, path),
            source: before.unwrap_or(SourceIx(next)),
        };
        let mut told = Vec::new();
        let (source, inventory) = snapshot::inventory(asked, settings, &mut told)?;
        if before.is_none() {
            sources.push(source);
        }
        notes.extend(told.into_iter().filter(|note| !notes.contains(note)).collect::<Vec<_>>());
        known.push((path, key, inventory.clone()));
        all.push(inventory);
    }
    Ok(all)
}

/// When it was taken, where `[[snapshot]]` says so.
fn taken_at(inputs: &Inputs, path: &Path) -> Option<Instant> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let listed = inputs.snapshots.iter().filter(|input| input.taken_at.is_some());
    listed.filter(|input| real(&input.path) == real(path)).find_map(|input| input.taken_at)
}
