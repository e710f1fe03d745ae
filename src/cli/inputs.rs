//! What a command is given: plans, snapshots, and what people declare.

use super::arguments::Sources;
use super::error::Error;
use super::output::Console;
use super::paths::real;
use super::trusted::Trusted;
use super::{plan_dir, plan_file};
use crate::config;
use crate::judge::{Inputs, SnapshotInput};
use crate::model::{Context, Declarations};
use std::path::{Path, PathBuf};

/// Reads them all; `digests` says whether those of the plans are to be told.
pub(super) fn gather(
    plans: &[PathBuf],
    sources: &Sources,
    digests: bool,
    trusted: Option<&Trusted>,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Inputs, Error> {
    if plans.iter().filter(|plan| plan.as_path() == Path::new("-")).count() > 1 {
        return Err(Error::InputTwice);
    }
    if let Some(named) = &sources.config_dir {
        // A mistyped one would only cost the lines of the findings, and some edges, and nobody would notice.
        let path = context.directory.join(named);
        std::fs::read_dir(path).map_err(|error| Error::Read {
            what: "--config-dir",
            path: named.display().to_string(),
            error,
        })?;
    }
    let declarations = match trusted {
        Some(trusted) => trusted.declarations.clone(),
        None => declarations(plans.first(), sources.config.as_deref(), context)?,
    };
    let mut read = Vec::with_capacity(plans.len());
    let mut notes = Vec::new();
    for plan in plans {
        let config_dir = sources.config_dir.as_deref();
        if context.directory.join(plan).is_dir() {
            let (found, told) = plan_dir::read(plan, config_dir, context, console)?;
            read.extend(found);
            notes.extend(told);
        } else {
            read.push(plan_file::read(plan, config_dir, context, console)?);
        }
    }
    let snapshots = snapshots(&sources.snapshots, &declarations, context);
    Ok(Inputs { plans: read, snapshots, declarations, digests, notes })
}

/// The file that is named, else the nearest upward from the first plan, else the defaults.
pub(super) fn declarations(
    plan: Option<&PathBuf>,
    named: Option<&Path>,
    context: &Context,
) -> Result<Declarations, Error> {
    if let Some(named) = named {
        return read(&context.directory.join(named), named.display().to_string());
    }
    let beside = plan.filter(|plan| plan.as_path() != Path::new("-"));
    let from = beside.and_then(|plan| {
        let plan = context.directory.join(plan);
        if plan.is_dir() { Some(plan) } else { plan.parent().map(Path::to_owned) }
    });
    let from = real(&from.unwrap_or_else(|| context.directory.clone()));
    match config::find(&from) {
        Some(found) => read(&found, shown(&found, &real(&context.directory))),
        None => Ok(config::defaults()),
    }
}

/// The file that is named, or the defaults: nothing is searched for where a plan is let through.
pub(super) fn trusted_declarations(named: Option<&Path>, context: &Context) -> Result<Declarations, Error> {
    match named {
        Some(named) => read(&context.directory.join(named), named.display().to_string()),
        None => Ok(config::defaults()),
    }
}

/// The configuration that lies with the plan, where none was searched for: it is not used, and nobody should believe it is.
pub(super) fn unused(plan: &Path, context: &Context) -> Option<String> {
    let beside = context.directory.join(plan).parent().map(real)?;
    let found = shown(&config::find(&beside)?, &real(&context.directory));
    Some(format!(
        "{found} is not used: nothing is judged by what comes with it. Give --trusted-commit, or --config outside the checkout"
    ))
}

/// As seen from the working directory: reports must not depend on where a checkout lies.
fn shown(path: &Path, directory: &Path) -> String {
    if let Ok(below) = path.strip_prefix(directory) {
        return below.display().to_string();
    }
    let above = path.parent().and_then(|parent| directory.strip_prefix(parent).ok());
    match (above, path.file_name()) {
        (Some(steps), Some(name)) => {
            let up: PathBuf = steps.components().map(|_| "..").collect();
            up.join(name).display().to_string()
        }
        _ => path.display().to_string(),
    }
}

fn read(path: &Path, shown: String) -> Result<Declarations, Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::Read {
        what: "configuration",
        path: shown.clone(),
        error,
    })?;
    let Ok(text) = String::from_utf8(bytes) else { return Err(Error::NotText { path: shown }) };
    Ok(config::parse(&text, &shown, path.parent().unwrap_or(Path::new("")))?)
}

/// Those that the configuration lists, then those of the command line that it does not.
pub(super) fn snapshots(
    named: &[PathBuf],
    declarations: &Declarations,
    context: &Context,
) -> Vec<SnapshotInput> {
    let listed = declarations.snapshots.iter().map(|snapshot| SnapshotInput {
        path: snapshot.path.clone(),
        shown: snapshot.written.clone(),
        taken_at: snapshot.taken_at,
        listed: true,
    });
    let mut all: Vec<SnapshotInput> = listed.collect();
    for snapshot in named {
        let path = context.directory.join(snapshot);
        match all.iter_mut().find(|one| real(&one.path) == real(&path)) {
            // Who names a file on the command line means it to be there.
            Some(known) => known.listed = false,
            None => all.push(SnapshotInput {
                path,
                shown: snapshot.display().to_string(),
                taken_at: None,
                listed: false,
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_shown_as_seen_from_here() {
        let here = Path::new("/srv/estate/envs/prod");
        assert_eq!(shown(Path::new("/srv/estate/envs/prod/a/mainstay.toml"), here), "a/mainstay.toml");
        assert_eq!(shown(Path::new("/srv/estate/mainstay.toml"), here), "../../mainstay.toml");
        assert_eq!(shown(Path::new("/other/mainstay.toml"), here), "/other/mainstay.toml");
    }
}
