//! The shape of the house: which module may use which, who may read the clock, how long a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::standin::here;

/// Every module of `src`, and what it may use. Only `cli` may use all.
const MAY_USE: [(&str, &[&str]); 20] = [
    ("model", &[]),
    ("verdict", &["model"]),
    ("config", &["model"]),
    ("plan", &["model"]),
    ("snapshot", &["model"]),
    ("catalog", &["model"]),
    ("access", &["model"]),
    ("estate", &["model", "access"]),
    ("rules", &["model", "verdict", "config", "estate"]),
    ("policy", &["model", "verdict", "config"]),
    ("drift", &["model", "verdict", "estate"]),
    (
        "judge",
        &[
            "model", "verdict", "config", "plan", "snapshot", "catalog", "access", "estate", "rules",
            "policy", "drift",
        ],
    ),
    ("git", &["model"]),
    ("approval", &["model", "verdict", "config"]),
    ("terraform", &["model"]),
    ("apply", &["model", "verdict", "config", "approval", "terraform"]),
    ("report", &["model", "verdict"]),
    ("cli", &[]),
    ("lib", &[]),
    ("main", &["cli"]),
];

/// What only `cli` may do: read the clock and the environment, print, and end the process.
const WORLD: [&str; 17] = [
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "Instant::now",
    "env::var",
    "env::args",
    "env::current_dir",
    "env::temp_dir",
    "env::home_dir",
    "println!",
    "print!(",
    "eprint!(",
    "dbg!",
    "io::stdout",
    "io::stderr",
    "io::stdin",
    "process::exit",
];

struct Source {
    /// Relative to `src`.
    path: PathBuf,
    module: String,
    /// Without tests.
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let (root, mut found) = (here().join("src"), Vec::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(source(&root, &path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn source(root: &Path, path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let path = path.strip_prefix(root).unwrap().to_owned();
    let module =
        path.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
    // Tests may use more. They are a file of their own, or the end of one.
    let test_file = path.iter().any(|part| part == "tests.rs" || part == "tests");
    let code = if test_file { "" } else { text.split("#[cfg(test)]\nmod tests {").next().unwrap() };
    let code: String =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    Source { path, module, code, lines: text.lines().count() }
}

/// The top-level modules that follow `crate::` in a text, those in braces too.
fn used(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => drop(found.insert(name(rest))),
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (at, character) in group.char_indices() {
                    match character {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        _ if start && !character.is_whitespace() => {
                            found.insert(name(group.get(at..).unwrap_or_default()));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn name(text: &str) -> String {
    text.chars().take_while(|character| character.is_ascii_lowercase() || *character == '_').collect()
}

#[test]
fn uses_in_braces_are_seen() {
    let code =
        "use crate::{config, judge::{self, report}};\nuse crate::model::Fact; fn f() -> crate::plan::Plan {}";
    assert_eq!(used(code).into_iter().collect::<Vec<_>>(), ["config", "judge", "model", "plan"]);
}

#[test]
fn modules_use_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(allowed) = table.get(source.module.as_str()) else {
            wrong.push(format!("{}: module `{}` is not in the table", source.path.display(), source.module));
            continue;
        };
        if source.module == "cli" {
            continue;
        }
        for other in used(&source.code) {
            if other != source.module && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{}: `{}` may not use `{other}`", source.path.display(), source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lib_lists_every_module() {
    let folders: BTreeSet<String> = sources()
        .into_iter()
        .map(|source| source.module)
        .filter(|module| !["lib", "main"].contains(&module.as_str()))
        .collect();
    let text = fs::read_to_string(here().join("src/lib.rs")).unwrap();
    let listed: BTreeSet<String> = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    assert_eq!(listed, folders);
}

#[test]
fn only_the_command_line_touches_the_world() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.module != "cli") {
        for word in WORLD.iter().filter(|word| source.code.contains(**word)) {
            wrong.push(format!("{}: {word}", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "only `cli` may do this:\n{}", wrong.join("\n"));
}

/// Who may take values out of [`mainstay::model::Guarded`], and what for.
const REVEALS: [(&str, &str); 7] = [
    ("catalog/path.rs", "follows the paths that the catalog's files name"),
    (
        "catalog/apply.rs",
        "resource ids and GUIDs of unknown types, a manifest's kind, and what an update keeps",
    ),
    ("catalog/documents.rs", "policy documents, at paths that the catalog's files name"),
    ("model/guarded.rs", "the type itself"),
    ("plan/values.rs", "takes out what the masks of the plan cover"),
    ("judge/several.rs", "ids, to see that two objects are one"),
    ("judge/remote.rs", "the place of another state, and its outputs, of which only digests are compared"),
];

#[test]
fn values_that_may_be_secret_are_looked_into_at_few_places() {
    let sources = sources();
    let files: BTreeSet<String> = sources
        .iter()
        .filter(|source| source.code.contains("reveal"))
        .map(|source| source.path.display().to_string())
        .collect();
    let allowed: BTreeSet<String> = REVEALS.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(files, allowed, "say here what a new place takes out of the values, or let the catalog do it");
}

#[test]
fn files_can_be_read_in_one_go() {
    let mut lengths: Vec<(usize, String)> =
        sources().iter().map(|source| (source.lines, source.path.display().to_string())).collect();
    lengths.sort();
    let list: Vec<String> = lengths.iter().map(|(lines, path)| format!("{lines:5} {path}")).collect();
    let median = lengths[lengths.len() / 2].0;
    println!("{}\nmedian {median}", list.join("\n"));
    assert!(median <= 200, "the median of all files is {median} lines");
    let long: Vec<&String> = lengths.iter().filter(|(lines, _)| *lines > 600).map(|(_, path)| path).collect();
    assert!(long.is_empty(), "longer than 600 lines: {long:?}");
}
