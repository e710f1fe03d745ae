//! The wrapper in a process of its own, with a gate that does as it is told: signal handlers belong to a process, and
//! a process can become terraform only once.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use mainstay::apply::{Asked, Gate, Invocation, Outcome, Question, Refusal, Surgery, exec};
use mainstay::model::Variables;
use mainstay::plan;
use mainstay::terraform::{CHAIN, Call, Chain, Ended, Runner, Search, turn_into};

use super::TestBed;

/// What makes this test binary such a process.
const HELPER: &str = "WRAPPED";

/// How its output begins: with that of the test harness.
pub const PREFIX: &str = "\nrunning 1 test\n";

/// `terraform ARGUMENTS` in the bed, with the wrapper in front. The environment tells the gate what to do: it refuses
/// at the step that `WRAPPED_REFUSES` names, and answers `WRAPPED_ANSWER`.
pub fn wrapped(bed: &TestBed, arguments: &[&str]) -> Command {
    // Whoever runs the tests in the background has them ignore signals, which children inherit.
    let mut command = bed.command("env");
    command.arg("--default-signal=INT,QUIT,TERM,HUP").arg(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "wrap::helper"]).env(HELPER, arguments.join("\n"));
    command
}

/// A program of the test's own in terraform's place, run as terraform is.
pub fn wrapped_program(bed: &TestBed, program: &Path) -> Command {
    let mut command = wrapped(bed, &[]);
    command.env("WRAPPED_PROGRAM", program);
    command
}

/// What the gate was asked, in order.
pub fn log(bed: &TestBed) -> Vec<String> {
    let text = fs::read_to_string(bed.path().join("gate.log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// A script that is terraform by name, and the wrapper in truth: it becomes it, or starts it.
pub fn impostor(bed: &TestBed, becomes: bool) -> PathBuf {
    let folder = bed.path().join(if becomes { "becomes" } else { "starts" });
    fs::create_dir_all(&folder).unwrap();
    let (exec, own) = (if becomes { "exec " } else { "" }, std::env::current_exe().unwrap());
    let script = format!(
        "#!/bin/sh\n{HELPER}=\"$(printf '%s\\n' \"$@\")\"\nexport {HELPER}\n{exec}'{}' --exact --nocapture wrap::helper\n",
        own.display()
    );
    fs::write(folder.join("terraform"), script).unwrap();
    fs::set_permissions(folder.join("terraform"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    folder
}

/// The body of the test `helper`: nothing, unless this process was started by [`wrapped`].
#[expect(clippy::exit, reason = "the harness must not print after it")]
pub fn helper() {
    let Ok(arguments) = std::env::var(HELPER) else { return };
    let directory = std::env::current_dir().unwrap();
    if let Some(program) = std::env::var_os("WRAPPED_PROGRAM") {
        let chain = Chain::read(None, std::process::id(), 0).unwrap();
        let call = Call::child(program.into(), directory, None, &Variables::default(), &chain);
        let ended = Runner::new().unwrap().run(&call, &["word"]).unwrap();
        std::process::exit(ended.exit_code().into());
    }
    let environment: Variables = std::env::vars_os().collect();
    let arguments: Vec<OsString> =
        arguments.split('\n').filter(|word| !word.is_empty()).map(OsString::from).collect();
    let (path, own) = (std::env::var_os("PATH"), std::env::current_exe().unwrap());
    let search =
        Search { path: path.as_deref(), called: Some("terraform"), own: Some(&own), ..Search::default() };
    let parent = rustix::process::getppid().map_or(0, |parent| parent.as_raw_nonzero().get().unsigned_abs());
    let chain = match Chain::read(environment.get(CHAIN), std::process::id(), parent) {
        Ok(chain) => chain,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "refused: {error}");
            std::process::exit(1);
        }
    };
    let (binary, allowed) = (search.find().unwrap(), []);
    let invocation = Invocation {
        arguments: &arguments,
        binary,
        directory: directory.clone(),
        environment: &environment,
        chain,
        allowed: &allowed,
    };
    let code = match exec(&invocation, &mut Told { directory }) {
        Outcome::Refused(Refusal(why)) => {
            let _ = writeln!(std::io::stderr(), "refused: {why}");
            1
        }
        Outcome::Ended(ended) => ended.exit_code(),
        Outcome::HandOver(call, words) => panic!("{}", turn_into(&call, &words)),
    };
    std::process::exit(code.into());
}

struct Told {
    directory: PathBuf,
}

impl Told {
    fn step(&self, name: &str, more: &str) -> Result<(), Refusal> {
        let mut file =
            fs::OpenOptions::new().create(true).append(true).open(self.directory.join("gate.log")).unwrap();
        writeln!(file, "{}", format!("{name} {more}").trim_end()).unwrap();
        match std::env::var("WRAPPED_REFUSES") {
            Ok(step) if step == name => Err(Refusal(format!("told to, at {name}"))),
            _ => Ok(()),
        }
    }
}

impl Gate for Told {
    fn state_in(&mut self, plan: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        plan::state_of_zip(plan).map_err(Refusal)
    }

    fn judge(&mut self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let json: serde_json::Value = serde_json::from_slice(asked.json).unwrap();
        let changes = json["resource_changes"].as_array().cloned().unwrap_or_default();
        let actions: Vec<String> = changes
            .iter()
            .map(|change| format!("{}:{}", change["change"]["actions"], change["address"]).replace('"', ""))
            .collect();
        // Somebody swaps the plan while it is judged.
        if let Ok(swap) = std::env::var("WRAPPED_SWAPS") {
            let (from, to) = swap.split_once(' ').unwrap();
            fs::copy(self.directory.join(from), self.directory.join(to)).unwrap();
        }
        self.step("judge", &actions.join(","))
    }

    fn confirm(&mut self, question: Question) -> Result<bool, Refusal> {
        assert!(question.text().contains("Only 'yes' will be accepted"));
        self.step("confirm", if question == Question::Destroy { "destroy" } else { "" })?;
        let answer = std::env::var("WRAPPED_ANSWER").unwrap_or_default();
        if answer == "never" {
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
        Ok(answer == "yes")
    }

    fn begin(&mut self, asked: &Asked<'_>) -> Result<(), Refusal> {
        self.step("begin", &asked.flags.join(" "))?;
        if std::env::var_os("WRAPPED_SLOW").is_some() {
            std::thread::sleep(std::time::Duration::from_secs(2));
        }
        Ok(())
    }

    fn surgery(&mut self, surgery: &Surgery) -> Result<(), Refusal> {
        self.step("surgery", surgery.kind.name())
    }

    fn ended(&mut self, ended: &Ended) {
        let _ = self.step("ended", &ended.exit_code().to_string());
    }
}
