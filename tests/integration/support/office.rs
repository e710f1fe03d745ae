//! People with keys, and a checkout that they look after: a repository with a commit that is trusted and one that is not.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{TestBed, program, said};

/// Who has keys. `bob` has two; `erin`'s has ended, and `rob`'s was revoked.
const KEYS: [&str; 8] = ["alice", "bob", "bob-2", "carol", "rita", "arthur", "erin", "rob"];

/// Who may go ahead alone, if their keys count.
const LEADS: [&str; 3] = ["alice", "arthur", "erin"];

pub struct Office {
    pub bed: TestBed,
    /// The commit that is trusted.
    trusted: std::cell::RefCell<String>,
}

impl Office {
    pub fn new(name: &str) -> Option<Office> {
        let office = Office { bed: TestBed::new(name)?, trusted: std::cell::RefCell::default() };
        fs::create_dir(office.keys()).unwrap();
        KEYS.iter().for_each(|key| office.make_key(key));
        Some(office)
    }

    /// Keys are nobody's business in a checkout.
    fn keys(&self) -> PathBuf {
        self.bed.path().parent().unwrap().join("keys")
    }

    pub fn key(&self, name: &str) -> PathBuf {
        self.keys().join(name)
    }

    /// A key for somebody whom the roster does not have.
    pub fn make_key(&self, name: &str) {
        let output = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(self.key(name))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.bed.path().join(name)
    }

    /// Commits what is there, with roster and configuration (`more` is added to it), as what is trusted.
    pub fn open(&self, more: &str) {
        let (mut roster, mut people, mut revoked) = (String::new(), String::new(), String::new());
        for name in KEYS {
            let key = fs::read_to_string(self.key(name).with_extension("pub")).unwrap();
            let person = name.trim_end_matches("-2");
            let ends = if name == "erin" { "valid-before=\"20200101Z\" " } else { "" };
            roster.push_str(&format!("{person}@example.com {ends}{key}"));
            if name == "rob" {
                revoked.push_str(&key);
            }
            if name == person {
                let group = if LEADS.contains(&person) { "groups = [\"leads\"]\n" } else { "" };
                people.push_str(&format!(
                    "[[approval.person]]\nname = \"{person}\"\nprincipals = [\"{person}@example.com\"]\n{group}"
                ));
            }
        }
        self.bed.write("allowed_signers", &roster);
        self.bed.write("revoked_keys", &revoked);
        self.bed
            .write(".gitignore", ".terraform*\n*.tfstate*\n*.tfplan\n*.approval\n*.break-glass\n*.review\n.mainstay/\nrequest.json\n");
        let configuration = format!(
            "[approval]\nbreak_glass = \"leads\"\nroster = \"allowed_signers\"\nrevoked = \"revoked_keys\"\n{people}{more}"
        );
        self.bed.write("mainstay.toml", &configuration);
        self.git(&["init", "-q", "-b", "main"], "alice");
        *self.trusted.borrow_mut() = self.commit("carol", "How it was");
    }

    /// Commits all that is there as what is trusted from now on.
    pub fn trust(&self) {
        *self.trusted.borrow_mut() = self.commit("carol", "How it is now");
    }

    /// Commits all that is there, and gives the commit.
    pub fn commit(&self, author: &str, message: &str) -> String {
        self.git(&["add", "-A"], author);
        self.git(&["commit", "-q", "--allow-empty", "-m", message], author);
        self.git(&["rev-parse", "HEAD"], author).trim().to_owned()
    }

    pub fn git(&self, arguments: &[&str], author: &str) -> String {
        let email = format!("{author}@example.com");
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.bed.path())
            .envs([("GIT_AUTHOR_NAME", author), ("GIT_COMMITTER_NAME", author)])
            .envs([("GIT_AUTHOR_EMAIL", &email), ("GIT_COMMITTER_EMAIL", &email)])
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The command, with what is trusted.
    pub fn trusting(&self, arguments: &[&str]) -> Command {
        let mut command = self.bed.program(arguments);
        command.env("MAINSTAY_TRUSTED_COMMIT", &*self.trusted.borrow());
        for name in
            ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR", "GITLAB_USER_LOGIN", "GITLAB_USER_EMAIL", "USER"]
        {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program where the configuration lies.
    pub fn mainstay(&self, arguments: &[&str]) -> Output {
        self.bed.mainstay(arguments)
    }

    /// Asks for signatures.
    pub fn ask(&self, plan: &Path, person: &str) {
        let key = self.key(person);
        let arguments = ["request", plan.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let output = program::run(&mut self.trusting(&arguments));
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Signs as this person, and types what is asked for.
    pub fn sign(&self, person: &str, more: &[&str]) -> Output {
        self.sign_with(person, more)
    }

    /// The same with this key.
    pub fn sign_with(&self, key: &str, more: &[&str]) -> Output {
        let output = self.typing("0", &[&["approve", "request.json"], more].concat(), key);
        assert!(output.status.success(), "{}", said(&output));
        output
    }

    /// Runs a command that signs, with this key and by its owner's own configuration, and types an answer.
    pub fn typing(&self, answer: &str, arguments: &[&str], key: &str) -> Output {
        // Who may not sign is found out where it is verified: their own roster lets them.
        let all = self.file("allowed_signers");
        let own = self.keys().join("all_signers");
        let text = fs::read_to_string(&all).unwrap().replace("valid-before=\"20200101Z\" ", "");
        fs::write(&own, text).unwrap();
        let configuration = fs::read_to_string(self.file("mainstay.toml")).unwrap();
        let configuration = configuration
            .replace("roster = \"allowed_signers\"", "roster = \"all_signers\"")
            .replace("revoked = \"revoked_keys\"\n", "");
        let config = self.keys().join("own.toml");
        let url = format!("[ledger]\nurl = \"sqlite:{}\"\n", self.file(".mainstay/ledger.db").display());
        fs::write(&config, format!("{configuration}{url}")).unwrap();
        let (key, config) = (self.key(key), config.display().to_string());
        let mut command = self.bed.program(arguments);
        command
            .args(["--config", &config, "--key", key.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever is refused before is not asked.
        let _ = child.stdin.take().unwrap().write_all(format!("{answer}\n").as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Applies a plan with these approvals.
    pub fn apply(&self, plan: &Path, approvals: &[&str]) -> Output {
        program::run(&mut self.applying(plan, approvals))
    }

    /// The same, not run yet.
    pub fn applying(&self, plan: &Path, approvals: &[&str]) -> Command {
        let mut command = self.trusting(&["apply", plan.to_str().unwrap()]);
        for approval in approvals {
            command.arg("--approval").arg(self.file(&format!("{approval}.approval")));
        }
        command
    }
}
