//! What may not stand around a plan that was judged: it would make the apply another one than was shown to people.

use super::flags::{Beside, Flag, Goes};
use crate::model::Variables;
use std::path::{Path, PathBuf};

/// Why an apply is refused whatever its plan says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// An argument.
    #[error("`{flag}` {why}; leave it out")]
    Argument {
        /// The argument, as it was given.
        flag: String,
        /// What it would do.
        why: &'static str,
    },
    /// A variable.
    #[error("the variable {name} {why}; unset it")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What it would do.
        why: &'static str,
    },
    /// The configuration of the program itself.
    #[error("{} swaps providers (`dev_overrides`), so that others would run than the plan was made with; take that out", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be said.
    #[error("cannot read {}, which may swap providers: {why}; make it readable, or remove it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Looks at the flags of an apply. With a saved plan those that say what to plan are refused, because terraform would
/// ignore them and whoever wrote them expects otherwise; without one they have gone into the plan. `allowed` are names
/// from the trusted configuration, with or without dashes.
///
/// # Errors
/// The first flag that may not be there.
pub fn refused_arguments(flags: &[Flag], saved: bool, allowed: &[String]) -> Result<(), Refused> {
    for flag in flags {
        if allows(allowed, &flag.name) {
            continue;
        }
        let refuse = |why| Err(Refused::Argument { flag: flag.to_string(), why });
        let Some(known) = flag.known() else { return refuse("is no argument that mainstay knows") };
        let stands = match known.beside {
            Beside::Free => true,
            Beside::Default(default) => flag.on() == Some(default),
            Beside::Refused => false,
        };
        match known.goes {
            _ if stands => {}
            Goes::Plan if !saved => {}
            Goes::Plan => return refuse("is ignored where a saved plan is applied: make a plan with it"),
            _ => {
                return refuse(match flag.name.as_str() {
                    "lock" => "lets others change the state meanwhile",
                    "suppress-forget-errors" => "hides that objects were left behind",
                    _ => "puts the state somewhere else than where the plan found it",
                });
            }
        }
    }
    Ok(())
}

/// Looks at the environment of an apply, which is started in `directory`. `allowed` may name variables, too, and
/// `dev_overrides`.
///
/// # Errors
/// The first thing that may not be there.
pub fn refused_environment(
    environment: &Variables,
    directory: &Path,
    allowed: &[String],
) -> Result<(), Refused> {
    for (name, why) in VARIABLES {
        if environment.get(name).is_some() && !allows(allowed, name) {
            return Err(Refused::Variable { name, why });
        }
    }
    if allows(allowed, "dev_overrides") {
        return Ok(());
    }
    for path in configurations(environment) {
        // As terraform finds it, wherever we were started.
        let path = directory.join(path);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            // Terraform warns of one that is not there, and goes on.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Refused::Unreadable { path, why: error.to_string() }),
        };
        if overrides(&String::from_utf8_lossy(&text)) {
            return Err(Refused::Configuration { path });
        }
    }
    Ok(())
}

/// Whether a configuration may name `dev_overrides`. Only what is surely a comment is passed over, and a letter
/// written as an escape is taken for one of that word.
fn overrides(text: &str) -> bool {
    let escaped = text.replace("\\\\", "");
    let escapes = |after: &str| {
        after.starts_with(['u', 'U', 'x']) || after.starts_with(|letter: char| letter.is_ascii_digit())
    };
    if escaped.split('\\').skip(1).any(escapes) {
        return true;
    }
    let block = text.contains("/*");
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| {
        line.contains("dev_overrides") && (block || !(line.starts_with('#') || line.starts_with("//")))
    })
}

/// Variables that make terraform do something else with the same plan. `TF_CLI_ARGS…` are not among them: their words
/// are judged as arguments, and terraform is run without the variables.
const VARIABLES: [(&str, &str); 3] = [
    ("TF_REATTACH_PROVIDERS", "puts running processes in the place of providers"),
    ("TF_FORCE_LOCAL_BACKEND", "makes a remote workspace a local one"),
    ("TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE", "lets providers differ from the lock file"),
];

/// The files that configure the program. Source: `internal/command/cliconfig` of Terraform and OpenTofu.
fn configurations(environment: &Variables) -> Vec<PathBuf> {
    let given = ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"]
        .into_iter()
        // An empty one is none, and the files of the home count.
        .find_map(|name| environment.get(name).filter(|value| !value.is_empty()));
    if let Some(path) = given {
        return vec![PathBuf::from(path)];
    }
    let mut found = Vec::new();
    if let Some(home) = environment.get("HOME").map(PathBuf::from) {
        found.extend([home.join(".terraformrc"), home.join(".tofurc")]);
        let folders = [home.join(".terraform.d"), home.join(".config/opentofu")];
        found.extend(folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flat_map(
            |entries| {
                let paths = entries.flatten().map(|entry| entry.path());
                paths.filter(|path| {
                    let name =
                        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    [".tfrc", ".tfrc.json", "tofurc"].iter().any(|end| name.ends_with(end))
                })
            },
        ));
    }
    if let Some(application) = environment.get("APPDATA").map(PathBuf::from) {
        found.extend([application.join("terraform.rc"), application.join("tofu.rc")]);
    }
    if let Some(folder) = environment.get("XDG_CONFIG_HOME").map(PathBuf::from) {
        found.push(folder.join("opentofu/tofurc"));
    }
    found.sort();
    found
}

fn allows(allowed: &[String], name: &str) -> bool {
    allowed.iter().any(|entry| {
        let entry = entry.trim_start_matches('-');
        entry.split_once('=').map_or(entry, |(entry, _)| entry) == name
    })
}
