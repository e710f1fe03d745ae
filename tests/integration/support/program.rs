//! The program under test. All runs of it go through here, so that every answer in JSON that any test makes is held
//! against its schema.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value as Json;

use super::schema;

/// The program, not run yet; hand it to [`run`].
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mainstay"))
}

/// The same, with so many mebibytes of address space and no more.
#[cfg(target_os = "linux")]
pub fn limited(mebibytes: u64) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {} && exec \"$0\" \"$@\"", mebibytes * 1024);
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_mainstay")]);
    shell
}

/// Runs it; what it prints and what it writes into files is checked.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    if output.stdout.starts_with(b"{") {
        check(&serde_json::from_slice(&output.stdout).unwrap());
    }
    let folder = command.get_current_dir().unwrap_or(Path::new("."));
    for argument in command.get_args().filter_map(|argument| argument.to_str()) {
        if let Some(text) = argument.strip_prefix("json=").and_then(|file| fs::read(folder.join(file)).ok()) {
            check(&serde_json::from_slice(&text).unwrap());
        }
    }
    output
}

/// An answer is what the schema of its format says.
fn check(answer: &Json) {
    let Some(format) = answer["format"].as_str() else { return };
    let problems = schema::problems(&schema::of(format), answer);
    assert!(problems.is_empty(), "not as {format} has it:\n{}\n{answer:#}", problems.join("\n"));
}
