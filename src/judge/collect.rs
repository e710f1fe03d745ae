//! From inputs to the joined estate.

use super::several::{self, Workspace, own, own_addresses};
use super::{Error, Inputs, inventories};
use crate::catalog::Catalog;
use crate::estate::{Estate, Input, build};
use crate::model::{
    Address, Change, Digest, Doubt, Fact, Instant, Inventory, Object, PlanSummary, Source, SourceIx, hex,
    in_shares, joined, share_of,
};
use crate::{plan, snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Everything that was read, joined.
pub struct Collected {
    /// The graph.
    pub estate: Estate,
    /// All changes of all plans.
    pub changes: Vec<Change>,
    /// The plans.
    pub plans: Vec<PlanSummary>,
    /// The sources: plans, then snapshots, then inventories.
    pub sources: Vec<Source>,
    /// What lists the populations, in the order of the configuration.
    pub inventories: Vec<Inventory>,
    /// Remarks on the input.
    pub notes: Vec<String>,
    /// Digest of the catalog, the user's own entries included.
    pub catalog: Digest,
}

/// Reads everything and joins it.
pub fn collect(inputs: &Inputs, now: Instant) -> Result<Collected, Error> {
    if inputs.plans.is_empty() && inputs.snapshots.is_empty() {
        // Silence about nothing would look like safety.
        return Err(Error::Nothing);
    }
    let mut catalog = catalog(inputs)?;
    catalog.watch(&inputs.declarations.statements).map_err(|(line, problem)| crate::catalog::Error {
        file: inputs.declarations.path.clone().unwrap_or_default(),
        place: format!(":{line}"),
        problem,
    })?;
    let catalog = catalog;
    let mut sources: Vec<Source> = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    let mut plans: Vec<PlanSummary> = Vec::new();
    let mut objects: Vec<Object> = Vec::new();
    let mut notes: Vec<String> = inputs.notes.clone();
    let mut workspaces: Vec<Workspace> = Vec::new();
    for (number, input) in inputs.plans.iter().enumerate() {
        let source = SourceIx(count(sources.len()));
        let asked = plan::Asked {
            path: &input.path,
            plan: number,
            source,
            first_change: count(changes.len()),
            sources: input.sources.as_ref(),
            interest: &catalog,
            // Several plans are told apart by it.
            digest: input.file.is_none() && (inputs.digests || inputs.plans.len() > 1),
        };
        let read = plan::read(&|| input.content.open(), asked)?;
        notes.extend(read.notes);
        let mut summary = read.summary;
        if let Some(file) = &input.file {
            summary.sha256 = Some(hex(file.sha256.bytes()));
        }
        let same = |known: &&PlanSummary| known.sha256.is_some() && known.sha256 == summary.sha256;
        if let Some(first) = plans.iter().find(same) {
            return Err(Error::Twice { first: first.path.clone(), second: input.path.clone() });
        }
        sources.push(Source {
            path: input.path.clone(),
            kind: "plan".to_owned(),
            taken_at: summary.timestamp,
            doubt: None,
            objects: read.objects.len(),
            lists: BTreeMap::new(),
        });
        plans.push(summary);
        append(&mut changes, read.changes);
        let prefix = (number > 0).then(|| input.path.clone());
        let first = objects.len();
        let own = |object| own_addresses(object, prefix.as_deref(), &changes);
        append(&mut objects, read.objects.into_iter().map(own).collect());
        let (path, outputs) = (input.path.clone(), read.outputs);
        workspaces.push(Workspace { path, prefix, outputs, objects: first..objects.len() });
    }
    let inventories = inventories::paths(inputs);
    let max_age_seconds = inputs.declarations.max_snapshot_age;
    let settings = snapshot::Settings { now, max_age_seconds, inventories: &inventories };
    let paths: Vec<_> = inputs.snapshots.iter().map(|input| (input.path.as_path(), &*input.shown)).collect();
    let mut ahead = snapshot::Ahead::of(&paths);
    for input in &inputs.snapshots {
        if input.listed && !input.path.exists() {
            sources.push(snapshot::absent(&input.shown, "the configuration lists it and it is not there"));
            continue;
        }
        let first = count(sources.len());
        let loaded = snapshot::load(&input.path, &input.shown, input.taken_at, &settings, first, &mut ahead)?;
        sources.extend(loaded.sources);
        objects.extend(loaded.objects);
        notes.extend(loaded.notes);
        for state in loaded.states {
            let source = sources.get_mut(state.source.0 as usize);
            let taken_at = source.as_ref().and_then(|source| source.taken_at);
            let read = match plan::read_state(&state.text, &state.shown, state.source, taken_at) {
                // A directory may hold old states too: what they would tell is not known.
                Err(error @ plan::Error::StateVersion { .. }) if !state.named => {
                    source.into_iter().for_each(|source| source.doubt = Some(Doubt::Cut(error.to_string())));
                    continue;
                }
                other => other?,
            };
            source.into_iter().for_each(|source| source.objects = read.objects.len());
            let prefix = Some(state.shown.clone());
            let first = objects.len();
            objects.extend(read.objects.into_iter().map(|one| own_addresses(one, prefix.as_deref(), &[])));
            let (path, outputs) = (state.shown, read.outputs);
            workspaces.push(Workspace { path, prefix, outputs, objects: first..objects.len() });
        }
    }
    notes.extend(several::join(&mut objects, &workspaces, &changes));
    let read = sources.iter().any(|source| !matches!(source.doubt, Some(Doubt::Absent(_))));
    // Where a workload is declared, a listed source that is gone leaves it undetermined.
    if !read && (sources.is_empty() || inputs.declarations.workloads.is_empty()) {
        let shown = inputs.snapshots.iter().map(|input| format!("`{}`", input.shown));
        return Err(Error::NoSnapshot(shown.collect()));
    }
    let unconfigured: BTreeSet<Address> = changes
        .iter()
        .filter(|change| {
            matches!(
                change.reason.as_deref(),
                Some("delete_because_no_resource_config" | "delete_because_no_module")
            )
        })
        .map(|change| {
            let workspace = workspaces.get(change.plan);
            own(workspace.and_then(|workspace| workspace.prefix.as_deref()), &change.address)
        })
        .collect();
    let facts = facts(&mut objects, &catalog, &sources, &unconfigured);
    let commands = snapshot::recognised();
    let estate = build(Input {
        facts,
        sources: &sources,
        declarations: &inputs.declarations,
        commands,
        changes: &changes,
        objects,
    });
    if let Some(unclear) = estate.unmatched.iter().find(|unmatched| unmatched.ambiguous) {
        return Err(Error::Ambiguous {
            file: inputs.declarations.path.clone().unwrap_or_default(),
            line: unclear.line,
            place: unclear.place.clone(),
            written: unclear.written.clone(),
            candidates: unclear.candidates.clone(),
        });
    }
    let inventories = inventories::read(inputs, &settings, &mut sources, &mut notes)?;
    Ok(Collected { estate, changes, plans, sources, inventories, notes, catalog: catalog.digest() })
}

/// What the objects say, in their order; their values are gone then: of a large plan nobody needs them twice.
fn facts(
    objects: &mut [Object],
    catalog: &Catalog,
    sources: &[Source],
    unconfigured: &BTreeSet<Address>,
) -> Vec<Fact> {
    let read = |objects: &mut [Object]| -> Vec<Fact> {
        let of = |object: &mut Object| {
            let doubtful = is_old(sources, object);
            catalog.last_facts(object, doubtful, unconfigured)
        };
        // Room for more facts than most objects carry: what is never used of it takes no memory.
        let mut facts = Vec::with_capacity(objects.len() * 4);
        objects.iter_mut().for_each(|object| facts.extend(of(object)));
        facts
    };
    let shares = objects.chunks_mut(share_of(objects.len())).collect();
    joined(in_shares(shares, read))
}

/// Adds what one plan says; of the only one nothing is copied.
fn append<T>(all: &mut Vec<T>, more: Vec<T>) {
    match all.is_empty() {
        true => *all = more,
        false => all.extend(more),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// What an old source says may have changed since.
fn is_old(sources: &[Source], object: &Object) -> bool {
    let source = sources.get(object.evidence.source.0 as usize);
    matches!(source.and_then(|source| source.doubt.as_ref()), Some(Doubt::Old(_)))
}

fn catalog(inputs: &Inputs) -> Result<Catalog, Error> {
    let mut catalog = Catalog::builtin()?;
    for listed in &inputs.declarations.catalog {
        let written = Path::new(&listed.written);
        for file in toml_files(&listed.path, written)? {
            let within = file.strip_prefix(&listed.path).ok().filter(|within| *within != Path::new(""));
            let shown =
                within.map_or(written.to_owned(), |within| written.join(within)).display().to_string();
            let text = std::fs::read_to_string(&file)
                .map_err(|error| Error::CatalogFile { path: shown.clone(), error })?;
            catalog.add(&shown, &text)?;
        }
    }
    Ok(catalog)
}

/// A file, or the `.toml` files of a directory and the directories in it, in order.
fn toml_files(path: &Path, shown: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error::CatalogFile { path: shown.display().to_string(), error };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries: Vec<_> = std::fs::read_dir(path)
        .map_err(failed)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?
        .into_iter()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            files.extend(toml_files(&entry, shown)?);
        } else if entry.extension().is_some_and(|extension| extension == "toml") {
            files.push(entry);
        }
    }
    Ok(files)
}
