//! From a plan argument to the JSON that is judged.

use super::config_dir;
use super::error::Error;
use super::output::Console;
use crate::judge::{Content, PlanFile, PlanInput};
use crate::model::Context;
use crate::plan;
use crate::terraform;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How a plan file begins: it is a zip.
const ZIP: &[u8] = b"PK";

/// Reads one plan argument. `directory`: where `terraform show` runs, if not beside the plan.
pub(super) fn read(
    argument: &Path,
    directory: Option<&Path>,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<PlanInput, Error> {
    let path = argument.display().to_string();
    let failed = |error| Error::Read { what: "plan", path: path.clone(), error };
    if argument == Path::new("-") {
        let mut bytes = Vec::new();
        console.input.read_to_end(&mut bytes).map_err(failed)?;
        return match bytes.starts_with(ZIP) {
            true => Err(Error::PlanFileOnInput),
            false => {
                let named = |directory| config_dir::named(&path, &context.directory.join(directory));
                let sources = directory.map(named);
                Ok(PlanInput { path, content: Content::Bytes(bytes), sources, file: None })
            }
        };
    }
    let place = context.directory.join(argument);
    let mut file = File::open(&place).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref().take(2).read_to_end(&mut bytes).map_err(failed)?;
    let beside = place.parent().unwrap_or(&context.directory);
    let directory = directory.map(|directory| context.directory.join(directory));
    if bytes != ZIP {
        let sources = match &directory {
            Some(directory) => Some(config_dir::named(&path, directory)),
            None => config_dir::read(&path, beside),
        };
        return Ok(PlanInput { path, content: Content::File(place), sources, file: None });
    }
    file.read_to_end(&mut bytes).map_err(failed)?;
    let sources = plan::sources_of_zip(&bytes, &path);
    let (json, sources) = match plan_bytes(&path, &place, directory.as_deref().unwrap_or(beside), context) {
        Ok(json) => (json, sources),
        // The file itself tells less, and that it does is said.
        Err(Error::PlanFile { error, .. }) => plan::stored(&bytes, &sources, &path, &error.to_string())
            .ok_or(Error::PlanFile { path: path.clone(), error })?,
        Err(other) => return Err(other),
    };
    Ok(PlanInput {
        path,
        content: Content::Bytes(json),
        sources: Some(sources),
        file: Some(PlanFile::new(bytes)),
    })
}

/// What `terraform show -json` says of a plan file; `shown` is its name for messages.
fn plan_bytes(shown: &str, plan_file: &Path, directory: &Path, context: &Context) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::PlanFile { path: shown.to_owned(), error };
    let binary = terraform(context, None).map_err(failed)?;
    let names = context.environment.iter().map(|(name, _)| name);
    let disturbing: Vec<OsString> =
        names.filter(|name| terraform::disturbs(name)).map(OsString::from).collect();
    terraform::show(&binary, plan_file, directory, &disturbing).map_err(failed)
}

/// The real terraform (or tofu); `called` is the name under which it was asked for, if it was.
pub(super) fn terraform(context: &Context, called: Option<&str>) -> Result<PathBuf, terraform::Error> {
    search(context, called, None)
}

/// The real terraform that a path names.
pub(super) fn terraform_at(context: &Context, named: &Path) -> Result<PathBuf, terraform::Error> {
    search(context, None, Some(named))
}

fn search(
    context: &Context,
    called: Option<&str>,
    named: Option<&Path>,
) -> Result<PathBuf, terraform::Error> {
    let wrapped =
        context.environment.get("TERRAFORM_CLI_PATH").map(|path| Path::new(path).join("terraform-bin"));
    let named = named.or_else(|| context.environment.get("MAINSTAY_TERRAFORM").map(Path::new));
    let path = context.search_path();
    terraform::Search { path, named, wrapped: wrapped.as_deref(), called, own: context.own.as_deref() }.find()
}
