//! Mainstay under another name: a link called `terraform`, `tofu` or, as Atlantis spells it, `terraform1.9.8`.

use super::arguments::{Colour, Global, Sources};
use super::context;
use super::exec::Called;
use super::output::{self, Console};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The name this process was called by, if it is one of terraform's.
pub(super) fn name(arguments: &[OsString]) -> Option<String> {
    let called = Path::new(arguments.first()?).file_name()?.to_str()?;
    // Only some systems have an ending for programs.
    let called = called.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(called);
    let version = called.strip_prefix("terraform").or_else(|| called.strip_prefix("tofu"))?;
    let plain = version.is_empty() || version.starts_with(|letter: char| letter.is_ascii_digit());
    plain.then(|| called.to_owned())
}

/// Does what terraform was asked to do. There is nobody to give options: configuration and approvals come from
/// `MAINSTAY_CONFIG`, `MAINSTAY_TRUSTED_COMMIT` and `MAINSTAY_APPROVALS`.
pub(super) fn run(called: String, words: &[OsString], console: &mut Console<'_>, make: &context::Make) -> u8 {
    let context = match make(Colour::Auto) {
        Ok(context) => context,
        Err(error) => {
            output::complain(console, &super::error::Error::NoDirectory(error));
            return 1;
        }
    };
    let of = |name: &str| context.environment.get(name).map(OsString::from);
    let sources = Sources {
        snapshots: Vec::new(),
        config: of("MAINSTAY_CONFIG").map(PathBuf::from),
        config_dir: None,
        trusted_commit: of("MAINSTAY_TRUSTED_COMMIT").and_then(|id| id.into_string().ok()),
    };
    let approvals: Vec<PathBuf> =
        of("MAINSTAY_APPROVALS").map(|list| std::env::split_paths(&list).collect()).unwrap_or_default();
    let global = Global { color: Colour::Auto, quiet: false, verbose: 0 };
    Called { called: Some(called), named: None, words, sources: &sources, approvals: &approvals }
        .run(&global, &context, console)
}
