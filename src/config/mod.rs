//! What people declare: `mainstay.toml`, over the defaults that are compiled in.
//!
//! A file is read twice over: as TOML with places, then key by key into declarations that are valid ([`parse`]). What
//! is wrong is reported all at once, with file, line and column.

mod error;
mod file;
mod rule;
mod section;
mod signing;
mod statement;
mod unit;
mod workload;

pub use error::{Error, Problem};
pub use unit::{duration, instant};

use crate::model::{Criticality, Declarations, Digest, RuleId, RuleSettings, Signing, Statements};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name under which the file is looked for.
pub const FILE_NAME: &str = "mainstay.toml";

/// The levels compiled in.
const DEFAULT_POLICY: &str = include_str!("../../policies/default.toml");

/// Distinct people who must sign, where nothing else is said.
const REQUIRED: u32 = 2;

/// Seconds after which a snapshot is too old, where nothing else is said.
const MAX_SNAPSHOT_AGE: i64 = 7 * 24 * 60 * 60;

/// Reads the text of a `mainstay.toml`. `path` is its name for messages and reports; relative paths in it are resolved
/// against `directory`.
///
/// # Errors
/// If the text is not TOML or declares something that cannot be; all problems at once.
pub fn parse(text: &str, path: &str, directory: &Path) -> Result<Declarations, Error> {
    let mut declarations = file::read(text, path, directory, defaults())?;
    declarations.policy = policy(Some(text));
    Ok(declarations)
}

/// Digest of the policy that a file makes of the levels compiled in.
fn policy(file: Option<&str>) -> Digest {
    let texts = [Some(DEFAULT_POLICY), file].into_iter().flatten();
    Digest::of(&texts.flat_map(|text| *Digest::of(text.as_bytes()).bytes()).collect::<Vec<u8>>())
}

/// What holds without a file.
pub fn defaults() -> Declarations {
    Declarations {
        path: None,
        snapshots: Vec::new(),
        max_snapshot_age: MAX_SNAPSHOT_AGE,
        catalog: Vec::new(),
        advise: false,
        default_criticality: Criticality::Important,
        workloads: Vec::new(),
        environments: Vec::new(),
        approvals_required: REQUIRED,
        undetermined_required: REQUIRED + 1,
        // A test reads the compiled-in text; were it broken all the same, `policy` takes a rule without settings
        // for one that needs approval.
        rules: default_rules().unwrap_or_default(),
        waivers: Vec::new(),
        statements: Statements::default(),
        signing: Signing::default(),
        edited: Vec::new(),
        policy: policy(None),
    }
}

/// The ids of all rules, in alphabetical order.
pub fn rule_ids() -> Vec<RuleId> {
    default_rules().unwrap_or_default().into_keys().collect()
}

fn default_rules() -> Result<BTreeMap<RuleId, RuleSettings>, Error> {
    file::read_policy(DEFAULT_POLICY, "policies/default.toml")
}

/// The nearest `mainstay.toml` in `from` or a directory above it.
pub fn find(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|directory| directory.join(FILE_NAME)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests;
