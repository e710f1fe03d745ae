//! Signing with the real tools: keys in files and in an agent.

use super::{SignError, Tools, sign};
use crate::approval::revoked::Revoked;
use crate::approval::roster::Roster;
use crate::approval::signature::Rules;
use crate::approval::signature::{Answer, Why};
use crate::approval::tests::{Scratch, instant, people};
use crate::model::Variables;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const NAMESPACE: &str = "approval@mainstay.dev";

struct World {
    scratch: Scratch,
    roster: Roster,
    revoked: Revoked,
    path: OsString,
    environment: Variables,
}

impl World {
    #[allow(clippy::disallowed_methods, reason = "a test finds the tools by the environment")]
    fn new(test: &str) -> Option<World> {
        let scratch = Scratch::new(test)?;
        let (alice, bob) = (scratch.make("alice", "ed25519", ""), scratch.make("bob", "ecdsa", "256"));
        scratch.make("stranger", "ed25519", "");
        let lines = format!("alice@example.com {alice}\nbob@example.com namespaces=\"git\" {bob}\n");
        let roster = Roster::parse(&lines, "roster", &people()).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let environment = [(OsString::from("PATH"), path.clone())].into_iter().collect();
        Some(World { scratch, roster, revoked: Revoked::default(), path, environment })
    }

    fn sign(&self, key: Option<&Path>, touch: bool) -> Result<super::Signed, SignError> {
        let temporary = self.scratch.path("temporary");
        std::fs::create_dir_all(&temporary).unwrap();
        let at = instant("2026-03-01T12:00:00Z");
        let rules = Rules { roster: &self.roster, revoked: &self.revoked, at, touch };
        let tools =
            Tools { search_path: Some(&self.path), environment: &self.environment, temporary: &temporary };
        let signed = super::choose(key, NAMESPACE, &rules, &tools)
            .and_then(|chosen| sign(b"what is signed", NAMESPACE, &chosen, &rules, &tools));
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "nothing is left behind");
        signed
    }
}

/// An agent of the test, ended with it.
struct Agent(Child);

impl Agent {
    fn new(world: &mut World) -> Agent {
        let socket = world.scratch.path("agent");
        let child = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let agent = Agent(child);
        for _ in 0..200 {
            if socket.exists() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let with = [("PATH", world.path.clone()), ("SSH_AUTH_SOCK", socket.into_os_string())];
        world.environment = with.into_iter().map(|(name, value)| (OsString::from(name), value)).collect();
        agent
    }

    fn add(world: &World, key: &str) {
        let mut command = Command::new("ssh-add");
        command.arg("-q").arg(world.scratch.path(key)).env_clear().envs(world.environment.iter());
        assert!(command.stderr(Stdio::null()).status().unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn person(answer: &Answer) -> &str {
    match answer {
        Answer::Good { person, .. } => person,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_in_a_file() {
    let Some(mut world) = World::new("a_key_in_a_file") else { return };
    let alice = world.scratch.path("alice");
    let signed = world.sign(Some(&alice), false).unwrap();
    assert_eq!(person(&signed.answer), "alice");
    world.scratch.write("m", "what is signed");
    world.scratch.write("m.sig", &signed.armored);
    world.scratch.write("roster", format!("alice@example.com {}", world.scratch.read("alice.pub")));
    let arguments = ["-f", "roster", "-s", "m.sig", "-I", "alice@example.com", "-n", NAMESPACE];
    assert!(world.scratch.verifies(&world.scratch.path("m"), &arguments));

    let stranger = world.scratch.path("stranger");
    assert!(matches!(world.sign(Some(&stranger), false).unwrap().answer, Answer::Unknown { .. }));
    let bob = world.scratch.path("bob");
    assert!(matches!(world.sign(Some(&bob), false), Err(SignError::Useless(Why::NotFor { .. }))));
    assert!(matches!(world.sign(Some(&alice), true), Err(SignError::Useless(Why::NoTouch { token: false }))));
    assert!(matches!(world.sign(Some(Path::new("/nowhere/key")), false), Err(SignError::NoKey(_))));
    world.revoked = Revoked::parse(world.scratch.read("alice.pub").as_bytes(), "revoked").unwrap();
    assert!(matches!(world.sign(Some(&alice), false), Err(SignError::Useless(Why::Revoked(_)))));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused_by_ssh_keygen() {
    use std::os::unix::fs::PermissionsExt;
    let Some(world) = World::new("a_key_that_others_can_read_is_refused_by_ssh_keygen") else { return };
    let alice = world.scratch.path("alice");
    std::fs::set_permissions(&alice, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = world.sign(Some(&alice), false);
    assert!(matches!(refused, Err(SignError::Refused { .. })), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn a_passphrase_is_asked_for_by_the_tool() {
    use std::os::unix::fs::PermissionsExt;
    let Some(mut world) = World::new("a_passphrase_is_asked_for_by_the_tool") else { return };
    let key = world.scratch.path("alice");
    let changed = Command::new("ssh-keygen")
        .args(["-q", "-p", "-P", "", "-N", "a long word", "-f"])
        .arg(&key)
        .stdout(Stdio::null())
        .status();
    assert!(changed.unwrap().success());
    let answer = world.scratch.write("answer", "#!/bin/sh\necho 'a long word'\n");
    std::fs::set_permissions(&answer, std::fs::Permissions::from_mode(0o755)).unwrap();
    let with = [
        ("PATH", world.path.clone()),
        ("SSH_ASKPASS", answer.into_os_string()),
        ("SSH_ASKPASS_REQUIRE", "force".into()),
    ];
    world.environment = with.into_iter().map(|(name, value)| (OsString::from(name), value)).collect();
    assert_eq!(person(&world.sign(Some(&key), false).unwrap().answer), "alice");
}

#[test]
fn the_agents_only_key_that_may_sign_is_taken() {
    let Some(mut world) = World::new("the_agents_only_key_that_may_sign_is_taken") else { return };
    assert!(matches!(world.sign(None, false), Err(SignError::NoAgent)));
    let _agent = Agent::new(&mut world);
    let Err(SignError::NoneKnown(none)) = world.sign(None, false) else { panic!("an empty agent") };
    assert!(none.is_empty());

    Agent::add(&world, "stranger");
    Agent::add(&world, "bob");
    let Err(error) = world.sign(None, false) else { panic!("nobody's keys") };
    let said = error.to_string();
    assert!(said.contains("not in the roster") && said.contains("may not sign in the namespace"), "{said}");

    Agent::add(&world, "alice");
    assert_eq!(person(&world.sign(None, false).unwrap().answer), "alice");
    let public = world.scratch.path("alice.pub");
    std::fs::remove_file(world.scratch.path("alice")).unwrap();
    assert_eq!(person(&world.sign(Some(&public), false).unwrap().answer), "alice");

    let lines = ["alice", "stranger"].map(|name| world.scratch.read(&format!("{name}.pub")));
    let text = format!("alice@example.com {}alice@laptop {}", lines[0], lines[1]);
    world.roster = Roster::parse(&text, "roster", &people()).unwrap();
    assert!(matches!(world.sign(None, false), Err(SignError::Several(several)) if several.len() == 2));
    assert!(matches!(world.sign(None, true), Err(SignError::NoneKnown(_))));
}

#[test]
fn tools_come_from_absolute_places() {
    let Some(mut world) = World::new("tools_come_from_absolute_places") else { return };
    let alice = world.scratch.path("alice");
    world.path = OsString::from("relative:.");
    let missing = world.sign(Some(&alice), false);
    assert!(matches!(missing, Err(SignError::Missing("ssh-keygen"))), "{missing:?}");
}
