//! A place to try things in: real Terraform, our stand-in provider, a folder for a cloud, and `mainstay`.
//!
//! Each bed is a folder of its own and sets the environment of its child processes only, so that tests run side
//! by side. What a test asserts should be an effect: a line of `ops.log`, an object left in the cloud.

pub mod amazon;
pub mod aws_cli;
pub mod aws_tls;
pub mod azure_cli;
pub mod canaries;
pub mod case;
pub mod cloud;
pub mod corpus;
pub mod gcloud;
pub mod office;
#[path = "../../../src/approval/ledger/tests/server.rs"]
mod postgres;
pub mod program;
pub mod rows;
pub mod scene;
pub mod schema;
pub mod standin;
pub mod story;
pub mod terminal;
pub mod wrapped;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use cloud::Cloud;

pub struct TestBed {
    root: tempfile::TempDir,
    environment: RefCell<BTreeMap<OsString, OsString>>,
    plans: Cell<u32>,
}

impl TestBed {
    /// A bed for the test `name`; none where Terraform is not installed, which is said aloud and is a failure
    /// where `CI=true`: a run that skipped the real thing must not pass for one that tried it.
    pub fn new(name: &str) -> Option<Self> {
        if !terraform_is_installed() {
            let said = format!("SKIPPED {name}: terraform is not installed\n");
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{said}");
            // Not `eprintln!`, which the test harness would keep to itself.
            let _ = std::io::stderr().write_all(said.as_bytes());
            return None;
        }
        // The name is short because the sockets are in there: their paths have room for about a hundred bytes.
        let root = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
        for folder in ["work", "cloud", "s"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let mirror = root.path().join("mirror");
        standin::mirror(&mirror);
        let config = root.path().join("terraform.rc");
        let only =
            format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n");
        fs::write(&config, only).unwrap();

        let bed = Self { root, environment: RefCell::default(), plans: Cell::new(0) };
        bed.set("TF_CLI_CONFIG_FILE", config);
        bed.set("TF_DISABLE_PLUGIN_TLS", "1");
        bed.set("TF_IN_AUTOMATION", "1");
        bed.set("CHECKPOINT_DISABLE", "1");
        bed.set("STANDIN_SCHEMA", standin::schema_file());
        bed.set("STANDIN_CLOUD", bed.root.path().join("cloud"));
        bed.set("PLUGIN_UNIX_SOCKET_DIR", bed.sockets());
        Some(bed)
    }

    /// Sets a variable for all children from now on: `set("STANDIN_FAIL", "delete azurerm_role_assignment")`.
    pub fn set(&self, name: &str, value: impl Into<OsString>) {
        self.environment.borrow_mut().insert(name.into(), value.into());
    }

    pub fn unset(&self, name: &str) {
        self.environment.borrow_mut().remove(&OsString::from(name));
    }

    /// The folder that holds the configuration, where all commands run.
    pub fn path(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Where running providers have their sockets; empty when all have gone.
    pub fn sockets(&self) -> PathBuf {
        self.root.path().join("s")
    }

    pub fn cloud(&self) -> Cloud {
        Cloud::at(self.root.path().join("cloud"))
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Copies what is in `from` into the folder of the configuration, over what is there.
    pub fn copy_dir(&self, from: &Path) {
        copy(from, &self.path());
    }

    /// Makes `from` the configuration: its `.tf` files instead of those that were there. State stays.
    pub fn configure(&self, from: &Path) {
        for entry in fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "tf") {
                fs::remove_file(path).unwrap();
            }
        }
        self.copy_dir(from);
    }

    /// A command in the folder of the configuration, with the bed's environment and no other Terraform variable.
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        self.set_up(Command::new(program.into()))
    }

    fn set_up(&self, mut command: Command) -> Command {
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["TF_", "STANDIN_", "MAINSTAY_", "PLUGIN_"].iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        command.envs(&*self.environment.borrow()).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs Terraform and lets the test judge how it went.
    pub fn terraform(&self, arguments: &[&str]) -> Output {
        self.command("terraform").args(arguments).output().unwrap()
    }

    fn terraform_well(&self, arguments: &[&str]) -> Output {
        let output = self.terraform(arguments);
        assert!(output.status.success(), "terraform {arguments:?}: {}", said(&output));
        output
    }

    pub fn init(&self) {
        self.terraform_well(&["init", "-input=false", "-no-color"]);
    }

    pub fn apply(&self) {
        self.terraform_well(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    }

    /// Plans into a file of its own, which it returns.
    pub fn plan(&self, arguments: &[&str]) -> PathBuf {
        let number = self.plans.replace(self.plans.get() + 1);
        let file = self.path().join(format!("plan-{number}.tfplan"));
        let out = format!("-out={}", file.display());
        self.terraform_well(&[&["plan", "-input=false", "-no-color", &out], arguments].concat());
        file
    }

    /// The same plan once more, as another file: Terraform writes the time into it in whole seconds, so that two plans of
    /// one second are the same bytes.
    pub fn plan_anew(&self, plan: &Path) -> PathBuf {
        let first = fs::read(plan).unwrap();
        for _ in 0..100 {
            let again = self.plan(&[]);
            if fs::read(&again).unwrap() != first {
                return again;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("the clock stands still: {} is written the same each time", plan.display());
    }

    /// A plan as JSON, just as Terraform prints it.
    pub fn show(&self, plan: &Path) -> Vec<u8> {
        self.terraform_well(&["show", "-json", &plan.display().to_string()]).stdout
    }

    /// A plan as JSON, parsed.
    pub fn show_json(&self, plan: &Path) -> serde_json::Value {
        serde_json::from_slice(&self.show(plan)).unwrap()
    }

    /// The values of the object that the state has at an address of the root module.
    pub fn state(&self, address: &str) -> serde_json::Value {
        let all: serde_json::Value =
            serde_json::from_slice(&self.terraform_well(&["show", "-json"]).stdout).unwrap();
        let resources = all["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        let found = resources.into_iter().find(|resource| resource["address"] == address);
        found.unwrap_or_else(|| panic!("the state has no {address}"))["values"].take()
    }

    /// The program under test, not run yet.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = self.set_up(program::program());
        command.args(arguments);
        command
    }

    /// Runs the program under test.
    pub fn mainstay(&self, arguments: &[&str]) -> Output {
        program::run(self.set_up(program::program()).args(arguments))
    }
}

/// The address of a ledger on a real PostgreSQL, for the one test that asks; nothing, where there is no PostgreSQL.
pub fn ledger_on_a_server() -> Option<String> {
    Some(format!("postgres://owner@/postgres?host={}", postgres::server()?.replace('/', "%2F")))
}

/// What a command printed, for messages.
pub fn said(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{out}{err}", output.status)
}

fn terraform_is_installed() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join("terraform").is_file())
    })
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
