//! Real repositories, with what a change could put into them.

use super::*;
use crate::model::Variables;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Repository {
    root: tempfile::TempDir,
    path: OsString,
}

impl Repository {
    #[allow(clippy::disallowed_methods, reason = "a test finds git and its pipeline by the environment")]
    fn new(test: &str) -> Option<Repository> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if crate::model::program(Some(&path), "git").is_none() {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{test}: git is not on PATH");
            eprintln!("SKIPPED {test}: git is not on PATH");
            return None;
        }
        let repository = Repository { root: tempfile::tempdir().unwrap(), path };
        std::fs::create_dir(repository.work()).unwrap();
        repository.git(&["init", "-q", "-b", "main"]);
        Some(repository)
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.git_as("Alice", arguments)
    }

    fn git_as(&self, committer: &str, arguments: &[&str]) -> String {
        let mail = format!("{}@example.com", committer.to_lowercase());
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.work())
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", self.root.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "Alice"), ("GIT_AUTHOR_EMAIL", "alice@example.com")])
            .envs([("GIT_COMMITTER_NAME", committer), ("GIT_COMMITTER_EMAIL", mail.as_str())])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn environment(&self, more: &[(&str, &str)]) -> Variables {
        let mut all = vec![(OsString::from("PATH"), self.path.clone())];
        all.push((OsString::from("HOME"), self.root.path().into()));
        all.extend(more.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))));
        all.into_iter().collect()
    }

    fn asked<T>(&self, question: impl FnOnce(&Git<'_>) -> T) -> T {
        self.asked_in(&self.work(), &[], question)
    }

    fn asked_in<T>(
        &self,
        directory: &Path,
        more: &[(&str, &str)],
        question: impl FnOnce(&Git<'_>) -> T,
    ) -> T {
        let environment = self.environment(more);
        question(&Git::new(Some(&self.path), directory, &environment).unwrap())
    }
}

#[test]
fn a_commit_is_its_full_id() {
    let Some(repository) = Repository::new("a_commit_is_its_full_id") else { return };
    repository.write("a", "1");
    let first = repository.commit("one");
    repository.write("a", "2");
    let second = repository.commit("two");
    // A branch whose name is the id of another commit.
    repository.git(&["update-ref", &format!("refs/heads/{first}"), &second]);
    repository.git(&["tag", "-a", "-m", "x", "v1"]);
    let tag = repository.git(&["rev-parse", "v1"]);
    repository.asked(|git| {
        assert_eq!(git.commit(&first).unwrap().id(), first);
        assert_eq!(git.head().unwrap().id(), second);
        assert_eq!(git.named("v1").unwrap().id(), second);
        assert_eq!(git.named("main~1").unwrap().id(), first);
        for name in ["main", "HEAD", "v1", first.get(..12).unwrap(), &first.to_uppercase(), ""] {
            assert!(matches!(git.commit(name), Err(Error::NotAnId(_))), "{name}");
        }
        assert!(matches!(git.commit(&tag), Err(Error::NoCommit { .. })));
        assert!(matches!(git.commit(&"0".repeat(40)), Err(Error::NoCommit { .. })));
        for name in ["nowhere", "--all", "-h", "a\nb", ""] {
            assert!(matches!(git.named(name), Err(Error::NoCommit { .. })), "{name}");
        }
    });
    let outside = repository.asked_in(repository.root.path(), &[], |git| git.head());
    assert!(outside.is_err());
}

#[test]
fn files_are_those_of_the_commit() {
    let Some(repository) = Repository::new("files_are_those_of_the_commit") else { return };
    repository.write("policy/mainstay.toml", "trusted");
    repository.write("policy/deep/er.toml", "x");
    repository.write("policy-other", "x");
    repository.write("*", "star");
    #[cfg(unix)]
    std::os::unix::fs::symlink("policy/mainstay.toml", repository.work().join("link")).unwrap();
    let first = repository.commit("one");
    repository.write("policy/mainstay.toml", "changed");
    repository.git(&["mv", "policy-other", "moved"]);
    let second = repository.commit("two");
    // Git would show the second in place of the first.
    repository.git(&["replace", &first, &second]);
    repository.write("policy/mainstay.toml", "not committed");
    repository.asked_in(&repository.work().join("policy"), &[], |git| {
        let (first, second) = (git.commit(&first).unwrap(), git.commit(&second).unwrap());
        let text = |commit: &Commit, path: &str| git.file_at(commit, path).unwrap();
        assert_eq!(text(&first, "policy/mainstay.toml").unwrap(), b"trusted");
        assert_eq!(text(&second, "policy/mainstay.toml").unwrap(), b"changed");
        assert_eq!(text(&first, "*").unwrap(), b"star");
        for path in
            ["mainstay.toml", "nowhere", ":(glob)**", "", "policy/", "../work/policy-other", "./policy-other"]
        {
            assert_eq!(text(&first, path), None, "{path}");
        }
        #[cfg(unix)]
        assert!(matches!(git.file_at(&first, "link"), Err(Error::NotAFile { .. })));
        assert!(matches!(git.file_at(&first, "policy"), Err(Error::NotAFile { .. })));
        let paths = |directory: &str| -> Vec<String> {
            git.files_under(&first, directory).unwrap().into_iter().map(|file| file.path).collect()
        };
        assert_eq!(paths("policy"), ["policy/deep/er.toml", "policy/mainstay.toml"]);
        assert_eq!(paths("policy/"), paths("policy"));
        assert!(paths("").contains(&"policy-other".to_owned()) && paths("nowhere").is_empty());
        let changed = git.changed(&first, &second).unwrap();
        assert_eq!(changed, ["moved", "policy-other", "policy/mainstay.toml"]);
    });
}

#[test]
fn people_are_all_who_had_a_hand() {
    let Some(repository) = Repository::new("people_are_all_who_had_a_hand") else { return };
    let first = repository.commit("one\n\nCo-authored-by: Old <old@example.com>");
    repository.write(".mailmap", "Nobody <nobody@example.com> <alice@example.com>\n");
    repository.git(&["add", "-A"]);
    let message = "two\n\nCo-Authored-By: Carol <carol@example.com>\ntext\n\n  co-authored-by: dave\n";
    repository.git_as("Bob", &["commit", "-q", "-m", message]);
    let second = repository.git(&["rev-parse", "HEAD"]);
    let people = repository.asked(|git| {
        let (first, second) = (git.commit(&first).unwrap(), git.commit(&second).unwrap());
        assert_eq!(git.people(&second, &second).unwrap(), People::Known(Default::default()));
        git.people(&first, &second).unwrap()
    });
    let People::Known(people) = people else { panic!("{people:?}") };
    let said: Vec<String> =
        people.iter().map(|one| format!("{} <{}> {:?}", one.name, one.email, one.role)).collect();
    assert_eq!(
        said,
        [
            "Alice <alice@example.com> Author",
            "Bob <bob@example.com> Committer",
            "Carol <carol@example.com> CoAuthor",
            "dave <> CoAuthor"
        ]
    );
    let shallow = repository.root.path().join("shallow");
    let from = format!("file://{}", repository.work().display());
    repository.git(&["clone", "-q", "--depth", "1", &from, shallow.to_str().unwrap()]);
    repository.asked_in(&shallow, &[], |git| {
        let second = git.commit(&second).unwrap();
        assert!(git.commit(&first).is_err());
        assert!(
            matches!(git.people(&second, &second).unwrap(), People::Unknown(why) if why.contains("shallow"))
        );
    });
}

#[test]
fn clean_is_what_the_commit_has() {
    let Some(repository) = Repository::new("clean_is_what_the_commit_has") else { return };
    repository.write("deep/a", "1");
    repository.write("b", "1");
    repository.commit("one");
    let clean = || repository.asked_in(&repository.work().join("deep"), &[], |git| git.is_clean().unwrap());
    assert!(clean());
    repository.write("new", "1");
    assert!(!clean());
    std::fs::remove_file(repository.work().join("new")).unwrap();
    repository.write("b", "22");
    assert!(!clean());
    repository.git(&["update-index", "--assume-unchanged", "b"]);
    assert!(!clean());
    repository.git(&["update-index", "--no-assume-unchanged", "b"]);
    repository.git(&["checkout", "-q", "b"]);
    assert!(clean());
}

#[cfg(unix)]
#[test]
fn nothing_of_the_checkout_runs_or_leads_elsewhere() {
    use std::os::unix::fs::PermissionsExt;
    let Some(repository) = Repository::new("nothing_of_the_checkout_runs_or_leads_elsewhere") else { return };
    repository.write("a.txt", "1");
    repository.write(".gitattributes", "*.txt diff=evil\n");
    let first = repository.commit("one");
    repository.write("a.txt", "2");
    let second = repository.commit("two");
    let mark = repository.root.path().join("mark");
    let evil = repository.root.path().join("evil");
    std::fs::write(&evil, format!("#!/bin/sh\ntouch '{}'\n", mark.display())).unwrap();
    std::fs::set_permissions(&evil, std::fs::Permissions::from_mode(0o755)).unwrap();
    let command = evil.to_str().unwrap();
    for key in ["core.fsmonitor", "core.pager", "diff.external", "diff.evil.textconv", "diff.evil.command"] {
        repository.git(&["config", key, command]);
    }
    let hook = repository.work().join(".git/hooks/post-index-change");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::copy(&evil, hook).unwrap();
    // A repository as plain files, which the change may hold.
    let bare = repository.work().join("modules");
    let bare_text = bare.to_str().unwrap();
    repository.git(&["init", "-q", "--bare", bare_text]);
    repository.git(&["-C", bare_text, "config", "core.fsmonitor", command]);
    let elsewhere = [("GIT_DIR", "/nowhere"), ("GIT_EXTERNAL_DIFF", command), ("GIT_CONFIG_COUNT", "x")];
    repository.asked_in(&repository.work(), &elsewhere, |git| {
        let (first, second) = (git.commit(&first).unwrap(), git.commit(&second).unwrap());
        assert_eq!(git.changed(&first, &second).unwrap(), ["a.txt"]);
        assert!(!git.is_clean().unwrap());
        assert!(git.file_at(&first, "a.txt").unwrap().is_some());
        assert!(matches!(git.people(&first, &second).unwrap(), People::Known(people) if people.len() == 2));
    });
    assert!(repository.asked_in(&bare, &[], |git| git.head()).is_err());
    assert!(!mark.exists());
}
