//! What the documents show is what the program prints. With `MAINSTAY_REGENERATE=1` they are brought up to date.

use std::fs;
use std::path::Path;

use crate::support::program;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The blocks marked `text` that follow a command, each with what the program prints for it now.
fn renewed(text: &str) -> (String, usize) {
    let mut out = Vec::new();
    let mut lines = text.lines();
    let mut command: Option<Vec<&str>> = None;
    let mut blocks = 0;
    while let Some(line) = lines.next() {
        out.push(line.to_owned());
        let typed = line.strip_prefix("    ").unwrap_or(line);
        let arguments = typed.strip_prefix("cargo run -- ").or_else(|| typed.strip_prefix("mainstay "));
        if let Some(arguments) = arguments.filter(|_| line.starts_with("    ") && line.contains(" fixtures/"))
        {
            command = Some(arguments.split_whitespace().collect());
        }
        let Some(arguments) = (line == "```text").then(|| command.take()).flatten() else { continue };
        let mut command = program::program();
        let output = program::run(command.args(["--color", "never"]).args(&arguments).current_dir(ROOT));
        assert!(output.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        blocks += 1;
        out.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
        out.extend(lines.by_ref().skip_while(|line| *line != "```").take(1).map(str::to_owned));
    }
    (out.join("\n") + "\n", blocks)
}

fn is_current(document: &str) {
    let path = Path::new(ROOT).join(document);
    let text = fs::read_to_string(&path).unwrap();
    let (now, blocks) = renewed(&text);
    assert_ne!(blocks, 0, "{document} shows no output of a command");
    if std::env::var("MAINSTAY_REGENERATE").as_deref() == Ok("1") {
        fs::write(&path, &now).unwrap();
    }
    let shown = fs::read_to_string(&path).unwrap();
    assert_eq!(shown, now, "{document} shows what the program no longer prints; run `fixtures/regenerate`");
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    is_current("README.md");
}

#[test]
fn the_page_on_forecasts_shows_what_the_program_prints() {
    is_current("docs/forecast.md");
}

#[test]
fn the_guide_to_the_catalog_shows_what_the_program_prints() {
    is_current("docs/catalog.md");
}

#[test]
fn a_type_of_ones_own_counts_only_while_it_is_described() {
    let example = Path::new(ROOT).join("fixtures/examples/catalog");
    let check = |directory: &Path| {
        let arguments = ["check", "plan.json", "--now", "2024-03-01T10:00:00Z", "--format", "json"];
        let output = program::run(program::program().args(arguments).current_dir(directory));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    };
    let (code, report) = check(&example);
    assert_eq!(code, Some(3));
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "breaks-workload");
    assert_eq!(finding["certainty"], "certain");
    assert_eq!(finding["affects"][0]["workload"], "monthly invoices");
    assert_eq!(finding["causes"][0]["address"], "azurerm_role_assignment.invoice_writer");

    let copy = tempfile::tempdir().unwrap();
    crate::support::copy(&example, copy.path());
    let configuration = copy.path().join("mainstay.toml");
    let text = fs::read_to_string(&configuration).unwrap();
    let without: String =
        text.lines().filter(|line| !line.starts_with("catalog")).map(|line| format!("{line}\n")).collect();
    fs::write(&configuration, without).unwrap();
    assert_eq!(check(copy.path()).0, Some(0));
}
