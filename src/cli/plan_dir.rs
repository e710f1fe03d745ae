//! A directory given as a plan: what Terragrunt's `--out-dir` and `--json-out-dir` write, one plan for each unit. All
//! plans in it are judged together.

use super::error::Error;
use super::output::Console;
use super::plan_file;
use crate::judge::{self, Content, PlanInput};
use crate::model::Context;
use crate::plan;
use serde::de::IgnoredAny;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How deep directories may stand in each other.
const DEPTH: usize = 32;

/// Where the name of a zip's first entry stands, and what it is in a plan file.
const FIRST_ENTRY: (usize, &[u8]) = (30, b"tfplan");

/// The plans of a directory and of those in it, and remarks on what is passed over.
pub(super) fn read(
    argument: &Path,
    config_dir: Option<&Path>,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<(Vec<PlanInput>, Vec<String>), Error> {
    let mut found = Found::default();
    found.search(argument, 0, context)?;
    let mut plans: Vec<PlanInput> = Vec::new();
    for path in &found.plans {
        let plan = plan_file::read(path, config_dir, context, console)?;
        // Units with nothing in them give equal plans, and equal plans do the same.
        match plans.iter().find(|known| same(&known.content, &plan.content)) {
            Some(known) => {
                found.notes.push(format!("{}: the same plan as {}, judged once", plan.path, known.path))
            }
            None => plans.push(plan),
        }
    }
    match plans.is_empty() {
        true => Err(Error::NoPlanIn { path: argument.display().to_string() }),
        false => Ok((plans, found.notes)),
    }
}

/// Whether both are the same, byte for byte. What cannot be read now is told when it is judged.
fn same(one: &Content, other: &Content) -> bool {
    match (one, other) {
        (Content::Bytes(one), Content::Bytes(other)) => one == other,
        (Content::File(one), Content::File(other)) => {
            let length = |path: &PathBuf| path.metadata().map(|metadata| metadata.len()).ok();
            length(one) == length(other)
                && matches!((std::fs::read(one), std::fs::read(other)), (Ok(one), Ok(other)) if one == other)
        }
        _ => false,
    }
}

/// What was found.
#[derive(Default)]
struct Found {
    plans: Vec<PathBuf>,
    notes: Vec<String>,
}

/// What a file of a directory is.
enum Sort {
    Json,
    Zip,
    Other,
}

impl Found {
    fn search(&mut self, directory: &Path, depth: usize, context: &Context) -> Result<(), Error> {
        let shown = || directory.display().to_string();
        if depth > DEPTH {
            return Err(Error::TooDeep { path: shown() });
        }
        let failed = |error| Error::Read { what: "directory", path: shown(), error };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(context.directory.join(directory)).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name());
        }
        names.sort();
        let (mut json, mut zips, mut below) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            if name.to_str().is_some_and(|name| name.starts_with('.')) {
                continue;
            }
            let path = directory.join(&name);
            let place = context.directory.join(&path);
            if place.is_dir() {
                // A linked directory may lead round in a circle.
                match place.is_symlink() {
                    true => {
                        self.notes.push(format!("{}: passed over: a link to a directory", path.display()))
                    }
                    false => below.push(path),
                }
            } else if place.is_file() {
                match self.sort(&path, &place)? {
                    Sort::Json => json.push(path),
                    Sort::Zip => zips.push(path),
                    Sort::Other => {}
                }
            }
        }
        let named: BTreeSet<Option<&OsStr>> = json.iter().map(|path| path.file_stem()).collect();
        for zip in &zips {
            if !json.is_empty() && !named.contains(&zip.file_stem()) {
                let note = format!("{}: passed over for the JSON beside it", zip.display());
                self.notes.push(note);
            }
        }
        let here = if json.is_empty() { zips } else { json };
        self.plans.extend(here);
        below.iter().try_for_each(|path| self.search(path, depth + 1, context))
    }

    /// # Errors
    /// If it is a plan that cannot be read, or something given in the place of one: it must not go unjudged.
    fn sort(&mut self, path: &Path, place: &Path) -> Result<Sort, Error> {
        let shown = path.display().to_string();
        let failed = |error| Error::Read { what: "plan", path: shown.clone(), error };
        let mut file = std::fs::File::open(place).map_err(failed)?;
        let mut bytes = Vec::new();
        file.by_ref().take(64).read_to_end(&mut bytes).map_err(failed)?;
        let (at, entry) = FIRST_ENTRY;
        if bytes.starts_with(b"PK") {
            let is_plan = bytes.get(at..).is_some_and(|rest| rest.starts_with(entry));
            return Ok(if is_plan { Sort::Zip } else { Sort::Other });
        }
        let extension = path.extension().and_then(OsStr::to_str);
        if !matches!(extension, Some("json" | "tfplan" | "plan")) {
            return Ok(Sort::Other);
        }
        file.read_to_end(&mut bytes).map_err(failed)?;
        match plan::recognised(&bytes, &shown) {
            Some(Ok(())) => Ok(Sort::Json),
            Some(Err(plan::Error::IsState { .. })) => {
                self.notes.push(format!("{shown}: a state, not used; give it with --snapshot"));
                Ok(Sort::Other)
            }
            Some(Err(error)) => Err(judge::Error::Plan(error).into()),
            // A write that failed leaves such a file: reading it says what is wrong.
            None if is_called_plan(path) && serde_json::from_slice::<IgnoredAny>(&bytes).is_err() => {
                Ok(Sort::Json)
            }
            None => Ok(Sort::Other),
        }
    }
}

/// Whether it is called what plans are called: `tfplan.json`, `prod-plan.json`, `web.tfplan`.
fn is_called_plan(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    extension != Some("json") || stem.contains("plan")
}
