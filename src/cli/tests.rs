use super::*;
use crate::model::Context;
use clap::CommandFactory;
use std::path::Path;
use std::path::PathBuf;

struct Ran {
    exit: Exit,
    out: String,
    err: String,
}

fn run_in(directory: &Path, arguments: &[&str], input: &str) -> Ran {
    let directory = directory.to_owned();
    let make = move |_| {
        Ok(Context {
            now: "2023-09-22T11:00:00Z".parse().unwrap(),
            directory: directory.clone(),
            width: None,
            colour: false,
            environment: crate::model::Variables::default(),
            temporary: PathBuf::new(),
            process: (0, 0),
            own: None,
        })
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console { input: &mut input.as_bytes(), out: &mut out, err: &mut err };
    let words = std::iter::once("mainstay").chain(arguments.iter().copied()).map(OsString::from);
    let exit = run(words, &mut console, &make);
    Ran { exit, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn run_here(arguments: &[&str]) -> Ran {
    run_in(tempfile::tempdir().unwrap().path(), arguments, "{}")
}

#[test]
fn the_command_line_is_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn help_texts() {
    let mut all = String::new();
    let mut command = Arguments::command().term_width(100);
    command.build();
    all.push_str(&command.render_long_help().to_string());
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        all.push_str(&format!("\n──── {}\n\n", sub.get_name()));
        all.push_str(&sub.clone().term_width(100).render_long_help().to_string());
    }
    insta::assert_snapshot!(all);
}

#[test]
fn usage_errors_are_exit_2_and_suggest() {
    for (arguments, said) in [
        (vec!["chek", "plan.json"], "'check'"),
        (vec!["check", "--snapshots", "x"], "'--snapshot'"),
        (vec!["check", "--format", "jsn"], "did you mean `json`"),
        (vec!["check", "--format", "text", "--format", "json"], "help: give all but one a file"),
        (vec!["check", "--format", "json=a", "--format", "text=a"], "two formats go to `a`"),
        (vec!["check", "--now", "soon"], "give a date such as"),
        (vec!["check", "-", "-"], "`-` is given twice"),
        (vec!["check", "--quiet", "-v"], "cannot be used with"),
        (vec!["explain"], "<WHAT>"),
        (vec!["explain", "a", "--to", "b", "--without", "c"], "cannot be used with"),
        (vec!["schema", "reprt"], "'report'"),
        (vec!["completions", "bsh"], "'bash'"),
        (vec![], "Usage:"),
    ] {
        let ran = run_here(&arguments);
        assert_eq!(ran.exit, Exit::CouldNot, "{arguments:?}");
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
        assert!(ran.out.is_empty(), "{arguments:?}: {}", ran.out);
    }
}

#[test]
fn help_version_and_completions_are_answers() {
    for arguments in [
        vec!["--help"],
        vec!["help", "check"],
        vec!["--version"],
        vec!["check", "--help"],
        vec!["completions", "bash"],
        vec!["rules"],
        vec!["schema"],
        vec!["schema", "explain"],
    ] {
        let ran = run_here(&arguments);
        assert_eq!(ran.exit, Exit::Pass, "{arguments:?}: {}", ran.err);
        assert!(ran.err.is_empty(), "{arguments:?}: {}", ran.err);
    }
    assert_eq!(run_here(&["--version"]).out, format!("mainstay {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn input_that_cannot_be_read_is_exit_2() {
    let ran = run_here(&["check", "no.json"]);
    assert_eq!(ran.exit, Exit::CouldNot);
    assert_eq!(ran.err, "error: plan `no.json` cannot be read: there is no such file or directory\n");
    let ran = run_here(&["check", "--config", "no\u{1b}.toml"]);
    assert_eq!(
        ran.err,
        "error: configuration `no\\u{1b}.toml` cannot be read: there is no such file or directory\n"
    );
    let ran = run_in(tempfile::tempdir().unwrap().path(), &["check", "-"], "PK\u{3}\u{4}");
    assert!(ran.err.contains("help: give the path of the plan file"), "{}", ran.err);
}

#[test]
fn the_nearest_configuration_is_read_and_all_its_problems_told() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("envs/prod")).unwrap();
    std::fs::write(root.path().join("mainstay.toml"), "[mod]\nadvise = 1\n[mode]\nadvise = 1\n").unwrap();
    std::fs::write(root.path().join("envs/prod/plan.json"), "{}").unwrap();
    let ran = run_in(root.path(), &["check", "envs/prod/plan.json"], "");
    assert_eq!(ran.exit, Exit::CouldNot);
    assert_eq!(
        ran.err,
        "error: mainstay.toml:1:2: unknown key `mod` in the file, did you mean `mode`?\n\
         error: mainstay.toml:4:10: `advise` must be true or false\n"
    );
}

#[test]
fn an_unknown_rule_is_exit_2() {
    let ran = run_here(&["rules", "breaks-worklod"]);
    assert_eq!(ran.exit, Exit::CouldNot);
    assert!(ran.err.starts_with("error: unknown rule `breaks-worklod`"), "{}", ran.err);
}

#[test]
fn each_format_goes_where_it_is_sent() {
    let place = tempfile::tempdir().unwrap();
    let ran = run_in(place.path(), &["rules", "--format", "text", "--format", "json=rules.json"], "");
    assert_eq!(ran.exit, Exit::Pass, "{}", ran.err);
    assert!(!ran.out.starts_with('['), "{}", ran.out);
    let written = std::fs::read_to_string(place.path().join("rules.json")).unwrap();
    assert!(written.starts_with('[') && written.ends_with("]\n"), "{written}");
    let ran = run_in(place.path(), &["rules", "--format", "json=no/such/place.json"], "");
    assert_eq!(ran.exit, Exit::CouldNot);
    assert_eq!(
        ran.err,
        "error: the answer cannot be written to `no/such/place.json`: there is no such file or directory\n"
    );
}
