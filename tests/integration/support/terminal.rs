//! Children at a terminal whose other end the test holds, and waiting for them.

use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

pub fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited for {what}");
        sleep(Duration::from_millis(20));
    }
}

pub fn ended(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_for("the end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

pub fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// A command whose terminal we hold the other end of.
pub fn terminal(command: &mut Command) -> OwnedFd {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let end = || {
        ioctl_tiocgptpeer(&master, OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap()
    };
    command.stdin(end()).stdout(end()).stderr(end());
    master
}

/// What was typed there; Ctrl-C is the character 3.
pub fn types(terminal: &OwnedFd, text: &[u8]) {
    rustix::io::write(terminal, text).unwrap();
}

/// The same command as the leader of a session of its own, with signals as they are by default: whoever runs the tests
/// in the background has them ignored. `at_terminal`: the terminal of the session is its standard input.
pub fn in_session(command: &Command, at_terminal: bool) -> Command {
    let mut whole = Command::new("env");
    whole.args(["--default-signal=INT,QUIT,TERM,HUP", "setsid", "--wait"]);
    if at_terminal {
        whole.arg("--ctty");
    }
    whole.arg(command.get_program()).args(command.get_args());
    whole.current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => whole.env(name, value),
            None => whole.env_remove(name),
        };
    }
    whole
}
