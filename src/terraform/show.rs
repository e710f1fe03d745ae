//! `terraform show -json`.

use super::Error;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether a variable of the environment changes what `show` does: added arguments, and logging into its output.
pub fn disturbs(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("TF_CLI_ARGS") || name.starts_with("TF_LOG"))
}

/// The JSON of a plan file, as the program prints it.
///
/// `directory` is the initialised directory in which it runs. `remove` names the variables to take out of the child's
/// environment: all for which [`disturbs`] holds.
///
/// # Errors
/// If the program cannot be started or fails; [`Error::NotInitialised`] if providers are missing.
pub fn show(
    binary: &Path,
    plan_file: &Path,
    directory: &Path,
    remove: &[OsString],
) -> Result<Vec<u8>, Error> {
    let plan = std::path::absolute(plan_file)
        .map_err(|source| Error::Path { path: plan_file.to_owned(), source })?;
    let mut command = Command::new(binary);
    command.args(["show", "-json", "-no-color"]).arg(plan).current_dir(directory).stdin(Stdio::null());
    for name in remove {
        command.env_remove(name);
    }
    let output = command.output().map_err(|source| Error::Start { binary: binary.to_owned(), source })?;
    if output.status.success() && !output.stdout.is_empty() {
        return Ok(output.stdout);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let (said, directory) = (first_lines(&text), directory.to_owned());
    if uninitialised(&text) {
        return Err(Error::NotInitialised { directory, said });
    }
    Err(Error::Failed { binary: binary.to_owned(), directory, status: output.status.to_string(), said })
}

pub(super) fn uninitialised(text: &str) -> bool {
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter == '│').collect();
    let text = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    [
        "terraform init",
        "tofu init",
        "Failed to load plugin schemas",
        "Required plugins are not installed",
        "there is no package for",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

/// At most eight lines of a message in one, without the frame that terraform draws and without control characters.
pub(super) fn first_lines(text: &str) -> String {
    let mut lines = Vec::new();
    for line in without_escapes(text).lines() {
        let line = line.trim_matches(|letter: char| letter.is_whitespace() || "│╷╵".contains(letter));
        if !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    if lines.is_empty() {
        return "it said nothing".to_owned();
    }
    // Warnings come first and are not why it failed.
    let error = lines.iter().position(|line| line.starts_with("Error")).unwrap_or_default();
    lines.drain(..error);
    lines.truncate(8);
    lines.join(" ").chars().take(800).collect()
}

/// Without escape sequences and other control characters but line breaks; of a bare escape only the sequence's text is
/// left, which does nothing.
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' && letters.next_if_eq(&'[').is_some() {
            while letters.next().is_some_and(|letter| !('\u{40}'..='\u{7e}').contains(&letter)) {}
        } else if letter == '\n' || !letter.is_control() {
            kept.push(letter);
        }
    }
    kept
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn run(script: &str) -> Result<Vec<u8>, Error> {
        let directory = tempfile::tempdir().unwrap();
        let binary = directory.path().join("terraform");
        std::fs::write(&binary, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&binary, std::fs::Permissions::from_mode(0o755)).unwrap();
        // The file was just written: a sibling test that forks at that moment may still hold it open.
        for _ in 0..50 {
            match show(&binary, Path::new("plan.tfplan"), directory.path(), &[OsString::from("HOME")]) {
                Err(Error::Start { source, .. })
                    if source.kind() == std::io::ErrorKind::ExecutableFileBusy =>
                {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                result => return result,
            }
        }
        panic!("the script stayed busy");
    }

    #[test]
    fn the_child_gets_an_absolute_plan_and_a_clean_environment() {
        let said = run(r#"printf '%s|%s|%s|%s|%s' "$1" "$2" "$3" "$4" "$HOME""#).unwrap();
        let said = String::from_utf8(said).unwrap();
        let parts: Vec<&str> = said.split('|').collect();
        assert_eq!(parts[..3], ["show", "-json", "-no-color"]);
        assert!(Path::new(parts[3]).is_absolute() && parts[3].ends_with("plan.tfplan"), "{said}");
        assert_eq!(parts[4], "");
    }

    #[test]
    fn missing_providers_are_told_from_other_failures() {
        let missing = run(
            "printf '╷\\n│ \\033[31mError: Failed to load plugin schemas\\033[0m\\n│ more\\n╵\\n' >&2; exit 1",
        );
        let Err(Error::NotInitialised { said, .. }) = missing else { panic!("{missing:?}") };
        assert_eq!(said, "Error: Failed to load plugin schemas more");
        let failed = run("echo 'Warning: old' >&2; echo 'Error: no such plan' >&2; exit 1");
        assert!(
            matches!(&failed, Err(Error::Failed { said, .. }) if said == "Error: no such plan"),
            "{failed:?}"
        );
        assert!(matches!(run("exit 0"), Err(Error::Failed { .. })));
    }

    #[test]
    fn only_what_disturbs_is_removed() {
        for name in ["TF_CLI_ARGS", "TF_CLI_ARGS_show", "TF_LOG", "TF_LOG_PATH"] {
            assert!(disturbs(OsStr::new(name)), "{name}");
        }
        assert!(!disturbs(OsStr::new("TF_DATA_DIR")));
    }
}
