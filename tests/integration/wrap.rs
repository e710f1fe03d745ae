//! The wrapper and the real terraform: what is judged is what is applied, and what passes through is untouched.

use std::fs;
use std::process::{Command, Output};

use crate::support::wrapped::{PREFIX, helper as body, impostor, log, wrapped};
use crate::support::{TestBed, said};

/// Not a test: the process that [`wrapped`] starts.
#[test]
fn helper() {
    body();
}

const TWO: &str = r#"
variable "v" {
  default = "x"
}
resource "terraform_data" "a" {
  input = var.v
}
resource "terraform_data" "b" {
  input = terraform_data.a.id
}
"#;

fn bed(name: &str, configuration: &str) -> Option<TestBed> {
    let bed = TestBed::new(name)?;
    bed.unset("TF_IN_AUTOMATION");
    bed.write("main.tf", configuration);
    bed.init();
    Some(bed)
}

fn run(command: &mut Command) -> Output {
    let mut output = command.output().unwrap();
    output.stdout =
        output.stdout.strip_prefix(PREFIX.as_bytes()).unwrap_or_else(|| panic!("{}", said(&output))).to_vec();
    output
}

fn objects(bed: &TestBed) -> Vec<String> {
    let output = bed.terraform(&["state", "list"]);
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Ids and times are new each time.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let ids = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    let text = ids.replace_all(&text, "ID").into_owned();
    regex::Regex::new(" after [0-9]+s").unwrap().replace_all(&text, " after Ns").into_owned()
}

#[test]
fn a_saved_plan_is_applied_as_it_was_judged() {
    let Some(bed) = bed("a_saved_plan_is_applied_as_it_was_judged", TWO) else { return };
    let good = bed.plan(&["-target=terraform_data.a"]);
    let other = bed.plan(&[]);
    let name = |plan: &std::path::Path| plan.file_name().unwrap().to_str().unwrap().to_owned();
    std::os::unix::fs::symlink(&good, bed.path().join("link")).unwrap();
    // From another directory, by a link, while the file is replaced by another plan.
    fs::create_dir(bed.path().join("elsewhere")).unwrap();
    let mut command = wrapped(&bed, &["-chdir=..", "apply", "-no-color", "-input=false", "link"]);
    command.current_dir(bed.path().join("elsewhere"));
    command.env("WRAPPED_SWAPS", format!("../{} ../{}", name(&other), name(&good)));
    let output = run(&mut command);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(fs::read(&good).unwrap(), fs::read(&other).unwrap());
    assert_eq!(objects(&bed), ["terraform_data.a"]);
    let log = fs::read_to_string(bed.path().join("elsewhere/gate.log")).unwrap();
    assert_eq!(log, "judge [create]:terraform_data.a\nbegin -no-color -input=false\nended 0\n");
}

#[test]
fn what_cannot_be_applied_uses_nothing_up() {
    let Some(bed) = bed("what_cannot_be_applied_uses_nothing_up", TWO) else { return };
    let plan = bed.plan(&["-target=terraform_data.a"]);
    bed.apply();
    let refused = |arguments: &[&str], why: &str| {
        let output = run(wrapped(&bed, arguments).env("WRAPPED_ANSWER", "yes"));
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(why), "{}", said(&output));
        assert!(output.stdout.is_empty(), "{}", said(&output));
        assert!(log(&bed).is_empty(), "{:?}", log(&bed));
    };
    refused(&["apply", plan.to_str().unwrap()], "stale");
    // A plan that failed leaves a file all the same.
    let unknown = "resource \"terraform_data\" \"n\" {}\nresource \"terraform_data\" \"w\" {\n  for_each = toset([terraform_data.n.id])\n}\n";
    bed.write("wrong.tf", unknown);
    assert!(!bed.terraform(&["plan", "-out=errored"]).status.success());
    refused(&["apply", "errored"], "ended in an error");
    fs::remove_file(bed.path().join("wrong.tf")).unwrap();
    let plan = bed.plan(&["-replace=terraform_data.a"]);
    let plan = plan.to_str().unwrap();
    refused(&["apply", "-state-out=o", plan], "`-state-out=o`");
    refused(&["apply", "-lock=false", plan], "`-lock=false`");
    refused(&["apply", "-destroy", plan], "ignored");
    refused(&["apply", "none"], "none");
    refused(&["apply", "."], "no regular file");
    refused(&["apply", "main.tf"], "terraform show");
    bed.set("TF_CLI_ARGS_apply", "-state-out=o");
    refused(&["apply", plan], "`-state-out=o`");
    refused(&["apply"], "`-state-out=o`");
    bed.set("TF_CLI_ARGS_apply", "-x;y");
    refused(&["apply", plan], "TF_CLI_ARGS_apply");
    bed.unset("TF_CLI_ARGS_apply");
    bed.set("TF_REATTACH_PROVIDERS", "{}");
    refused(&["apply", plan], "TF_REATTACH_PROVIDERS");
    bed.unset("TF_REATTACH_PROVIDERS");
    refused(&["destroy", plan], "comes last and alone");
    assert_eq!(objects(&bed).len(), 2);
    // Still the plan it was.
    let output = run(&mut wrapped(&bed, &["apply", plan]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

#[test]
fn a_fresh_apply_prints_what_terraform_prints() {
    let (Some(real), Some(ours)) = (
        bed("a_fresh_apply_prints_what_terraform_prints, real", TWO),
        bed("a_fresh_apply_prints_what_terraform_prints, ours", TWO),
    ) else {
        return;
    };
    let same = |arguments: &[&str]| {
        let (one, other) = (real.terraform(arguments), run(&mut wrapped(&ours, arguments)));
        assert_eq!(one.status, other.status, "{}", said(&other));
        assert_eq!(plain(&one.stderr), plain(&other.stderr), "{arguments:?}");
        // Of a destroy, the last line says "destroy" only where no plan file is.
        let (one, other) = (plain(&one.stdout), plain(&other.stdout));
        let one = one.replace(
            "Destroy complete! Resources: 1 destroyed",
            "Apply complete! Resources: 0 added, 0 changed, 1 destroyed",
        );
        // Warnings about the plan come at its end, not at that of the apply.
        let lines = |text: &str| {
            let mut lines: Vec<String> =
                text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
            if text.contains("Warning") {
                lines.sort();
            }
            lines
        };
        assert_eq!(lines(&one), lines(&other), "{arguments:?}");
        assert!(one == other || one.contains("Warning"), "{arguments:?}");
        let log = log(&ours);
        fs::write(ours.path().join("gate.log"), "").unwrap();
        log
    };
    let made = "judge [create]:terraform_data.a,[create]:terraform_data.b";
    assert_eq!(same(&["apply", "-auto-approve"]), [made, "begin", "ended 0"]);
    let none = "judge [no-op]:terraform_data.a,[no-op]:terraform_data.b";
    assert_eq!(
        same(&["apply", "-no-color", "-input=false"]),
        [none, "begin -no-color -input=false", "ended 0"]
    );
    let log = same(&["apply", "-auto-approve", "-var", "v=y", "-target", "terraform_data.a", "-no-color"]);
    assert_eq!(log, ["judge [update]:terraform_data.a", "begin -no-color -var=v=y", "ended 0"]);
    assert!(same(&["apply", "-auto-approve", "-var", "nosuch=1", "-no-color"]).is_empty(), "plan fails");
    for bed in [&real, &ours] {
        bed.set("TF_CLI_ARGS_apply", "-destroy -no-color -target=terraform_data.b");
    }
    let log = same(&["apply", "-auto-approve"]);
    assert_eq!(log, ["judge [delete]:terraform_data.b", "begin -no-color", "ended 0"]);
    for bed in [&real, &ours] {
        bed.unset("TF_CLI_ARGS_apply");
    }
    assert_eq!(same(&["destroy", "-auto-approve"])[0], "judge [delete]:terraform_data.a");
    assert!(objects(&ours).is_empty());
}

#[test]
fn the_person_at_the_terminal_is_asked() {
    let Some(bed) = bed("the_person_at_the_terminal_is_asked", TWO) else { return };
    let made = "judge [create]:terraform_data.a,[create]:terraform_data.b";
    let steps = |arguments: &[&str], answer: &str, refuses: &str| {
        let mut command = wrapped(&bed, arguments);
        let output = run(command.env("WRAPPED_ANSWER", answer).env("WRAPPED_REFUSES", refuses));
        let log = log(&bed);
        let _ = fs::remove_file(bed.path().join("gate.log"));
        (output.status.code().unwrap(), log, said(&output))
    };
    let (code, log, said) = steps(&["apply"], "no", "");
    assert_eq!((code, log), (1, vec![made.to_owned(), "confirm".to_owned()]), "{said}");
    assert!(said.contains("refused: Apply cancelled."), "{said}");
    let (code, log, _) = steps(&["apply"], "yes", "judge");
    assert_eq!((code, log), (1, vec![made.to_owned()]));
    let (code, log, _) = steps(&["apply"], "yes", "begin");
    assert_eq!((code, log.len()), (1, 3));
    // Nobody to ask: the plan is made and shown, as terraform does, and that is all.
    let (code, log, said) = steps(&["apply", "-input=false"], "yes", "");
    assert_eq!((code, log.len()), (1, 0), "{said}");
    assert!(said.contains("2 to add") && said.contains("input is off"), "{said}");
    assert!(!said.contains("auto-approve"), "{said}");
    let (code, log, said) = steps(&["apply", "-json"], "yes", "");
    assert_eq!((code, log.len()), (1, 0), "{said}");
    assert!(objects(&bed).is_empty());
    let (code, log, said) = steps(&["apply"], "yes", "");
    assert_eq!((code, log.last().unwrap().as_str()), (0, "ended 0"), "{said}");
    let (code, log, said) = steps(&["destroy"], "yes", "");
    assert_eq!((code, log[1].as_str()), (0, "confirm destroy"), "{said}");
    assert!(objects(&bed).is_empty());
    // For programs: two streams in one, each with its head.
    let (code, _, said) = steps(&["apply", "-json", "-auto-approve"], "", "");
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.matches(r#""type":"version""#).count(), 2, "{said}");
    assert!(said.contains(r#""type":"apply_complete""#), "{said}");
}

#[test]
fn ephemeral_values_are_given_again() {
    let ephemeral = "variable \"e\" {\n  type      = string\n  ephemeral = true\n}\nresource \"terraform_data\" \"a\" {}\n";
    let Some(bed) = bed("ephemeral_values_are_given_again", ephemeral) else { return };
    bed.write("e.tfvars", "e = \"x\"\n");
    let output = run(&mut wrapped(&bed, &["apply", "-auto-approve", "-var", "e=x"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = run(&mut wrapped(&bed, &["destroy", "-auto-approve", "-var-file", "e.tfvars"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    // A shell would lose the second.
    bed.write("dashed.tf", "variable \"dashed-name\" {\n  type = string\n}\n");
    bed.set("TF_VAR_e", "x");
    bed.set("TF_VAR_dashed-name", "x");
    let output = run(&mut wrapped(&bed, &["apply", "-auto-approve", "-input=false"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

/// Terraform logs what it takes the command line for.
#[test]
fn words_of_the_environment_are_read_as_terraform_reads_them() {
    let Some(bed) = bed("words_of_the_environment_are_read_as_terraform_reads_them", TWO) else { return };
    let cases: [(&str, &str, &[&str]); 7] = [
        ("", "", &["apply", "-x", "p"]),
        ("-one", "-two -three", &["apply", "-four"]),
        ("-a 'b c' \"d e\"", "", &["apply", "p"]),
        ("-var=\"a=\\\"b\\\"\"", "-target='x[\"y\"]'", &["-chdir=.", "apply", "-no-color"]),
        ("-a\\ b  -c", "\t-d\n-e", &["apply"]),
        ("", "other.tfplan", &["apply", "-input=false"]),
        ("-y", "-z", &["state", "rm", "a.b"]),
    ];
    for (all, own, arguments) in cases {
        let command = if arguments.contains(&"rm") { "TF_CLI_ARGS_state_rm" } else { "TF_CLI_ARGS_apply" };
        let mut terraform = bed.command("terraform");
        terraform.args(arguments).env("TF_LOG", "debug").env("TF_CLI_ARGS", all).env(command, own);
        let output = terraform.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        // As Go writes a list of strings.
        let told = text.split("CLI command args: []string{").nth(1).unwrap().split("}\n").next().unwrap();
        let told: Vec<String> = serde_json::from_str(&format!("[{told}]")).unwrap();
        let environment = [("TF_CLI_ARGS", all), (command, own)];
        let environment = environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let arguments: Vec<std::ffi::OsString> = arguments.iter().map(Into::into).collect();
        let line = mainstay::apply::CommandLine::read(&arguments, &environment).unwrap();
        assert_eq!(line.words(), told, "{all} | {own} | {arguments:?}");
    }
}

#[test]
fn what_changes_nothing_is_terraform_itself() {
    let Some(bed) = bed("what_changes_nothing_is_terraform_itself", TWO) else { return };
    bed.set("TF_CLI_ARGS_plan", "-lock-timeout=1s");
    let lines: [&[&str]; 9] = [
        &["version", "-json"],
        &["-help"],
        &["apply", "-help"],
        &["plan", "-detailed-exitcode", "-no-color"],
        &["plan", "-nonsense"],
        &["validate", "-json"],
        &["state", "list"],
        &["state"],
        &["show", "-json", "nowhere"],
    ];
    for arguments in lines {
        let (real, ours) = (bed.terraform(arguments), run(&mut wrapped(&bed, arguments)));
        assert_eq!(real.status, ours.status, "{arguments:?}");
        assert_eq!(real.stdout, ours.stdout, "{arguments:?}");
        assert_eq!(real.stderr, ours.stderr, "{arguments:?}");
    }
    assert!(log(&bed).is_empty());
}

#[test]
fn what_makes_no_plan_passes_the_gate_too() {
    let Some(bed) = bed("what_makes_no_plan_passes_the_gate_too", TWO) else { return };
    bed.apply();
    let output = run(wrapped(&bed, &["state", "rm", "terraform_data.b"]).env("WRAPPED_REFUSES", "surgery"));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(objects(&bed).len(), 2);
    bed.set("TF_CLI_ARGS_state_rm", "-dry-run");
    let output = run(&mut wrapped(&bed, &["state", "rm", "terraform_data.b"]));
    assert!(said(&output).contains("Would remove terraform_data.b"), "{}", said(&output));
    bed.unset("TF_CLI_ARGS_state_rm");
    let output = run(&mut wrapped(&bed, &["state", "rm", "terraform_data.b"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(objects(&bed), ["terraform_data.a"]);
    let output = run(&mut wrapped(&bed, &["refresh"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    // That has a plan.
    let output = run(&mut wrapped(&bed, &["apply", "-refresh-only", "-auto-approve"]));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = run(&mut wrapped(&bed, &["aply"]));
    assert_eq!(output.status, bed.terraform(&["aply"]).status);
    let rm = ["surgery state rm", "ended 0"];
    let all = [
        "surgery state rm",
        rm[0],
        rm[1],
        rm[0],
        rm[1],
        "surgery refresh",
        "ended 0",
        "judge",
        "begin",
        "ended 0",
        "surgery unknown subcommand",
        "ended 1",
    ];
    assert_eq!(log(&bed), all);
}

#[test]
fn it_never_runs_itself_for_ever() {
    let Some(bed) = bed("it_never_runs_itself_for_ever", TWO) else { return };
    for becomes in [true, false] {
        let path =
            std::env::join_paths([impostor(&bed, becomes).as_path(), "/usr/bin".as_ref(), "/bin".as_ref()]);
        let path = path.unwrap();
        for arguments in [&["version"][..], &["apply", "-auto-approve"], &["state", "rm", "a.b"]] {
            let output = run(wrapped(&bed, arguments).env("PATH", &path));
            assert_eq!(output.status.code(), Some(1), "{}", said(&output));
            let told = String::from_utf8_lossy(&output.stderr);
            assert_eq!(told.matches("started by mainstay in place of terraform").count(), 1, "{told}");
            assert!(told.contains("MAINSTAY_TERRAFORM"), "{told}");
        }
    }
}
