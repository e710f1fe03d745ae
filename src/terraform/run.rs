//! Running terraform so that neither an impatient terminal nor a pipeline that gives up costs a piece of state.
//!
//! Terraform ends with grace on its first interrupt (SIGINT or SIGTERM) and at once on the second; what it had just
//! made is then in no state file. So it must get exactly one, whoever sends it to whom:
//!
//! * Ctrl-C goes to the whole foreground group, terraform with it. We only wait.
//! * A signal sent to us alone is passed on, once.
//! * `timeout`, systemd and others signal the whole group as well. Who else got a signal cannot be asked, so a witness
//!   runs in the group, a process that does nothing: if the signal ended it, terraform got it too (`signals`).
//! * SIGHUP would end terraform at once, with nothing saved. It runs with SIGHUP ignored, which Go respects, and
//!   gets a SIGTERM from us instead.
//! * Nothing is ever made worse by us: no SIGKILL, no second signal.

use super::signals::Watch;
use super::{Call, Error};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How terraform ended; with neither a code nor a signal it could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code, if it came to that.
    pub code: Option<i32>,
    /// The signal that ended it otherwise.
    pub signal: Option<i32>,
}

impl Ended {
    /// Whether it says that all went well.
    pub fn well(&self) -> bool {
        self.code == Some(0)
    }

    /// The code to end with, as a shell gives it: its own, or 128 and the signal.
    pub fn exit_code(&self) -> u8 {
        let code = self.code.or(self.signal.map(|signal| 128 + signal)).unwrap_or(1);
        // A code that has no room must not become 0.
        u8::try_from(code & 0xff).ok().filter(|small| *small != 0 || code == 0).unwrap_or(1)
    }
}

/// Runs terraform, and stands between it and signals while it does. One per process, made once.
pub struct Runner {
    watch: Watch,
}

impl Runner {
    /// Takes over SIGINT, SIGQUIT, SIGTERM and SIGHUP, but for those this process was started with ignored. While
    /// nothing runs they do what they always do.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn new() -> std::io::Result<Runner> {
        Ok(Runner { watch: Watch::new()? })
    }

    /// From now on no signal ends this process even when nothing runs: what terraform did is still to be recorded.
    /// End soon after.
    pub fn outlive(&self) {
        self.watch.outlive();
    }

    /// Runs it in our process group, with our terminal and standard streams, and waits for it to end.
    ///
    /// # Errors
    /// If it cannot be started, or waited for.
    pub fn run<W: AsRef<OsStr>>(&self, call: &Call, words: &[W]) -> Result<Ended, Error> {
        let failed = |source| call.unstarted(source);
        self.watch.begin();
        let child = start(call, words);
        let waited = match &child {
            Ok(child) => self.watch.wait(child),
            Err(_) => Ok(()),
        };
        // Reaped only after that, when nothing more is sent: the number may be another process's from here on.
        self.watch.end();
        let status = child.and_then(|mut child| child.wait());
        waited.map_err(failed)?;
        Ok(ended(status.map_err(failed)?))
    }
}

/// Starts it deaf to SIGHUP where the system has a program that can do that: only an ignored signal is inherited, and
/// to ignore one for a child alone takes code between fork and exec. Where it has none, a hangup ends terraform.
fn start<W: AsRef<OsStr>>(call: &Call, words: &[W]) -> std::io::Result<Child> {
    // What cannot be run is told by us, not by what stands in between.
    let deaf = call.binary.is_file().then(|| by_env(call).or_else(|| by_shell(call))).flatten();
    match deaf {
        Some(command) => call.prepared(command, words).spawn(),
        None => call.command(words).spawn(),
    }
}

/// By `env` of coreutils since 8.31: it hands the environment on as it is.
fn by_env(call: &Call) -> Option<Command> {
    let deaf = || {
        let mut command = Command::new("/usr/bin/env");
        command.arg("--ignore-signal=HUP");
        command
    };
    // It would take such a path for a variable.
    if !cfg!(unix) || call.binary.as_os_str().as_encoded_bytes().contains(&b'=') {
        return None;
    }
    let null = || Stdio::null();
    let knows = deaf().arg("/bin/sh").args(["-c", ":"]).stdin(null()).stdout(null()).stderr(null()).status();
    let mut command = deaf();
    command.arg(&call.binary);
    knows.is_ok_and(|status| status.success()).then_some(command)
}

/// By the shell. It drops variables whose names it could not use itself, as `TF_VAR_my-name` is one.
fn by_shell(call: &Call) -> Option<Command> {
    if !cfg!(unix) || !call.plain || !Path::new("/bin/sh").is_file() {
        return None;
    }
    // The words are arguments, never text of the script.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP && exec \"$0\" \"$@\""]).arg(&call.binary);
    Some(command)
}

#[cfg(unix)]
fn ended(status: std::process::ExitStatus) -> Ended {
    use std::os::unix::process::ExitStatusExt;
    Ended { code: status.code(), signal: status.signal() }
}

#[cfg(not(unix))]
fn ended(status: std::process::ExitStatus) -> Ended {
    Ended { code: status.code(), signal: None }
}

/// Becomes terraform: same process, terminal, signals, streams and exit code. It only comes back if that fails.
#[cfg(unix)]
pub fn turn_into<W: AsRef<OsStr>>(call: &Call, words: &[W]) -> Error {
    use std::os::unix::process::CommandExt;
    call.unstarted(call.command(words).exec())
}

/// Runs terraform to its end, where a process cannot become another.
#[cfg(not(unix))]
pub fn turn_into<W: AsRef<OsStr>>(call: &Call, _words: &[W]) -> Error {
    call.unstarted(std::io::Error::from(std::io::ErrorKind::Unsupported))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_hangup_is_not_heard() {
        let call = |binary: &str, plain| {
            let (binary, directory) = (binary.into(), std::path::PathBuf::from("/"));
            Call { binary, directory, chdir: None, remove: Vec::new(), set: Vec::new(), plain }
        };
        let sh = call("/bin/sh", true);
        let ways = [by_env(&sh), by_shell(&sh)];
        assert!(ways[1].is_some());
        for command in ways.into_iter().flatten() {
            let mut command = sh.prepared(command, &["-c", "kill -HUP $$; echo \"$1\"", "sh", "a  b"]);
            let output = command.output().unwrap();
            assert_eq!(output.stdout, b"a  b\n", "{output:?}");
        }
        assert!(by_shell(&call("/bin/sh", false)).is_none());
        assert!(by_env(&call("/a=b/sh", true)).is_none());
        assert!(start(&call("/nowhere/terraform", true), &[""]).is_err());
    }

    #[test]
    fn codes_are_those_of_a_shell() {
        let code = |code, signal| Ended { code, signal }.exit_code();
        assert_eq!(code(Some(0), None), 0);
        assert_eq!(code(Some(2), None), 2);
        assert_eq!(code(None, Some(9)), 137);
        assert_eq!(code(None, None), 1);
        assert_eq!(code(Some(256), None), 1, "a failure stays one");
        assert!(!Ended { code: None, signal: Some(0) }.well());
    }
}
