//! What the tests share: the real tools, a directory with keys, people.

use crate::model::{Instant, Person};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The real `ssh-keygen`. Where it is missing a test says so and is passed over, but not in a pipeline.
#[allow(clippy::disallowed_methods, reason = "a test finds the tools and its pipeline by the environment")]
pub(in crate::approval) fn keygen(test: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|directory| directory.join("ssh-keygen")).find(|file| file.exists());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{test}: ssh-keygen is not on PATH");
        eprintln!("SKIPPED {test}: ssh-keygen is not on PATH");
    }
    found
}

/// A directory of its own, and `ssh-keygen` in it.
pub(in crate::approval) struct Scratch {
    pub(in crate::approval) directory: tempfile::TempDir,
    keygen: PathBuf,
}

impl Scratch {
    pub(in crate::approval) fn new(test: &str) -> Option<Scratch> {
        Some(Scratch { keygen: keygen(test)?, directory: tempfile::tempdir().unwrap() })
    }

    pub(in crate::approval) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(in crate::approval) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(in crate::approval) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Makes a key pair without a passphrase; gives `type base64`.
    pub(in crate::approval) fn make(&self, name: &str, kind: &str, bits: &str) -> String {
        let arguments = ["-q", "-N", "", "-C", "", "-t", kind, "-f", name];
        let mut command = self.command(&arguments);
        if !bits.is_empty() {
            command.args(["-b", bits]);
        }
        assert!(command.status().unwrap().success());
        self.read(&format!("{name}.pub")).trim().to_owned()
    }

    /// Signs a file there; gives the armored signature.
    pub(in crate::approval) fn sign(&self, key: &str, namespace: &str, hash: &str, message: &[u8]) -> String {
        let name = format!("{key}-{namespace}-{hash}");
        self.write(&name, message);
        let hash = format!("hashalg={hash}");
        let arguments = ["-q", "-Y", "sign", "-f", key, "-n", namespace, "-O", &hash, &name];
        assert!(self.command(&arguments).status().unwrap().success());
        self.read(&format!("{name}.sig"))
    }

    /// Whether `ssh-keygen -Y verify` finds the signature good.
    pub(in crate::approval) fn verifies(&self, message: &Path, arguments: &[&str]) -> bool {
        let mut command = self.command(&["-Y", "verify"]);
        command.args(arguments).stdin(std::fs::File::open(message).unwrap());
        command.status().unwrap().success()
    }

    /// What `ssh-keygen -l` says of a public key.
    pub(in crate::approval) fn listed(&self, public: &Path) -> String {
        let mut command = self.command(&["-l", "-f"]);
        let output = command.arg(public).stdout(Stdio::piped()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.keygen);
        command
            .args(arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

pub(in crate::approval) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Alice, with two principals, and Bob.
pub(in crate::approval) fn people() -> Vec<Person> {
    let person = |name: &str, principals: &[&str], line| Person {
        name: name.to_owned(),
        principals: principals.iter().map(|&principal| principal.to_owned()).collect(),
        known_as: Vec::new(),
        groups: Vec::new(),
        line,
    };
    vec![person("alice", &["alice@example.com", "alice@laptop"], 10), person("bob", &["bob@example.com"], 20)]
}
