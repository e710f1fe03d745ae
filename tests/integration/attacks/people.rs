//! Fewer people than it needs: who asks, who wrote it, who judges.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use mainstay::approval::request::SignedRequest;
use mainstay::verdict::loss_digest;

use super::{passes, refused};
use crate::support::office::Office;
use crate::support::{program, said};
use crate::two_people::{ACCOUNTS, PROVIDERS, both_go};

#[test]
fn who_had_a_hand_in_it_does_not_count_whatever_the_job_says() {
    let Some((office, plan)) = both_go("who_had_a_hand_in_it_does_not_count") else { return };
    for person in ["alice", "bob", "arthur"] {
        office.sign(person, &[]);
    }
    let refused = |attack: &str, command: &mut Command, code: i32, why: &str| {
        refused(&office, attack, command, &[code], why);
    };
    let both = || office.applying(&plan, &["alice", "bob"]);
    // The change is trusted itself, so that nobody has written anything since.
    let head = office.git(&["rev-parse", "HEAD"], "arthur");
    let head = head.trim();
    let mut command = office.applying(&plan, &["alice", "arthur"]);
    command.env("MAINSTAY_TRUSTED_COMMIT", head);
    refused("the change as what is trusted", &mut command, 3, "an author of the change");
    // A step before this one has moved a ref.
    office.git(&["update-ref", "refs/remotes/origin/main", head], "arthur");
    for name in ["origin/main", "main", "HEAD", head.get(..12).unwrap()] {
        refused(name, both().env("MAINSTAY_TRUSTED_COMMIT", name), 2, "no full commit id");
    }
    let none = || {
        let mut command = both();
        command.env_remove("MAINSTAY_TRUSTED_COMMIT");
        command
    };
    refused("nothing that is trusted", &mut none(), 3, "not in the roster");
    let config = office.file("mainstay.toml");
    refused("the configuration of the change", none().arg("--config").arg(config), 2, "in the checkout");
    let outside = office.key("outside");
    fs::create_dir(&outside).unwrap();
    for file in ["mainstay.toml", "allowed_signers", "revoked_keys"] {
        fs::copy(office.file(file), outside.join(file)).unwrap();
    }
    let mut command = none();
    command.arg("--config").arg(outside.join("mainstay.toml"));
    refused("a copy of it elsewhere", &mut command, 3, "the commit that it was made of is not known here");

    for name in ["alice", " Alice@Example.COM "] {
        refused(name, both().env("GITHUB_ACTOR", name), 3, "alice is who applies it");
    }
    // Like alice, and nobody: then one more is asked for.
    for name in ["\u{430}lice@example.com", "alice@example.com."] {
        refused(name, both().env("GITHUB_ACTOR", name), 3, "is nobody of the roster");
    }
    // Files that are no approvals.
    let text = fs::read_to_string(office.file("bob.approval")).unwrap();
    fs::write(office.file("by.approval"), text.replace("\"by\":\"rita\"", "\"by\":\"arthur\"")).unwrap();
    fs::write(office.file("name.approval"), text.replace("\"bob\"", "\"carol\"")).unwrap();
    refused("edited", &mut office.applying(&plan, &["alice", "by"]), 3, "not about the request");
    refused("renamed", &mut office.applying(&plan, &["alice", "name"]), 3, "signature");
    let mut command = office.applying(&plan, &["alice"]);
    command.args(["--approval", "/dev/zero"]);
    refused("without an end", &mut command, 3, "more than is ever read");
    passes(&office, &mut both());
}

/// The request with another text, signed by this key.
fn signed_anew(office: &Office, key: &str, change: impl FnOnce(&mut SignedRequest)) {
    let file = office.file("request.json");
    let mut signed = SignedRequest::read(&fs::read(&file).unwrap()).unwrap();
    change(&mut signed);
    let message = office.key("message");
    fs::write(&message, signed.request.message().unwrap()).unwrap();
    let _ = fs::remove_file(office.key("message.sig"));
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", "request@mainstay.dev", "-f"]).arg(office.key(key)).arg(&message);
    assert!(command.stdin(Stdio::null()).output().unwrap().status.success());
    signed.signature = fs::read_to_string(office.key("message.sig")).unwrap();
    fs::write(&file, signed.to_bytes().unwrap()).unwrap();
}

#[test]
fn a_request_that_lies_is_signed_for_nothing() {
    let Some((office, plan)) = both_go("a_request_that_lies_is_signed_for_nothing") else { return };
    let file = office.file("request.json");
    let honest = fs::read_to_string(&file).unwrap();
    let alice = office.key("alice");
    let approve = |more: &[&str]| {
        let mut command = office.trusting(&["approve", "request.json", "--key", alice.to_str().unwrap()]);
        command.args(more);
        command
    };
    fs::write(&file, honest.replace("\"by\":\"rita\"", "\"by\":\"carol\"")).unwrap();
    refused(&office, "the name edited", &mut approve(&[]), &[2], "not signed by who asks");

    // An honest one is signed for with the plan at hand, also where the ledger is out of reach.
    fs::write(&file, &honest).unwrap();
    let with_plan = ["--plan", plan.to_str().unwrap()];
    let nowhere = format!("sqlite:{}", office.key("nowhere.db").display());
    let mut command = approve(&with_plan);
    command.env("MAINSTAY_LEDGER", nowhere).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"0\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));

    // Who asks signs that nothing is lost. Without the plan people see only that; the gate sees the plan.
    signed_anew(&office, "rita", |signed| {
        signed.request.losses.clear();
        signed.request.loss_digest = loss_digest(&[]);
    });
    refused(&office, "judged again", &mut approve(&with_plan), &[1], "is not what this plan does");
    for person in ["alice", "bob"] {
        office.sign(person, &[]);
    }
    let both = ["alice", "bob"];
    let why = "what would be lost is not what was signed for";
    refused(&office, "nothing is lost", &mut office.applying(&plan, &both), &[3], why);

    // With a key that nobody knows rita asks in the name of alice, and signs as well.
    office.make_key("mallory");
    let key = office.key("mallory");
    let mut command = office.trusting(&["request", plan.to_str().unwrap(), "--key", key.to_str().unwrap()]);
    let output = program::run(command.env("USER", "alice"));
    assert!(output.status.success(), "{}", said(&output));
    for person in ["rita", "bob", "carol"] {
        office.sign(person, &[]);
    }
    let two = ["rita", "bob"];
    refused(&office, "in another's name", &mut office.applying(&plan, &two), &[3], "is nobody of the roster");
    passes(&office, &mut office.applying(&plan, &["rita", "bob", "carol"]));
}

#[test]
fn what_a_change_brings_to_be_judged_by_counts_for_nothing() {
    let Some(office) = Office::new("what_a_change_brings_to_be_judged_by") else { return };
    office.bed.write("main.tf", PROVIDERS);
    office.bed.write("accounts.tf", ACCOUNTS);
    office.open("");
    office.bed.init();
    office.bed.apply();
    // The accounts go; one person is enough, mallory is one of them, and a snapshot says that nothing rests on them.
    fs::remove_file(office.file("accounts.tf")).unwrap();
    office.make_key("mallory");
    let mut roster = fs::read_to_string(office.file("allowed_signers")).unwrap();
    let key = fs::read_to_string(office.key("mallory").with_extension("pub")).unwrap();
    roster.push_str(&format!("mallory@example.com {key}"));
    office.bed.write("allowed_signers", &roster);
    let policy = fs::read_to_string(office.file("mainstay.toml")).unwrap();
    let policy = policy.replace("[approval]\n", "[approval]\nrequired = 1\n");
    let person = "[[approval.person]]\nname = \"mallory\"\nprincipals = [\"mallory@example.com\"]\n";
    let snapshot = "[[snapshot]]\npath = \"all.json\"\n";
    office.bed.write("mainstay.toml", &format!("{policy}{person}{snapshot}"));
    office.bed.write("all.json", "[]");
    office.commit("arthur", "Remove the accounts of the test");
    let plan = office.bed.plan(&[]);
    office.ask(&plan, "rita");
    for person in ["mallory", "alice", "bob"] {
        office.sign(person, &[]);
    }
    let apply = |approvals: &[&str]| office.applying(&plan, approvals);
    refused(&office, "one is enough", &mut apply(&["alice"]), &[3], "1 of 2");
    refused(&office, "a key of its own", &mut apply(&["alice", "mallory"]), &[3], "not in the roster");
    refused(&office, "it is said", &mut apply(&["alice"]), &[3], "this change touches allowed_signers");
    let mut command = apply(&["alice", "bob"]);
    command.args(["--snapshot", "all.json"]);
    refused(&office, "a snapshot of its own", &mut command, &[2], "in the checkout that is judged");
    passes(&office, &mut apply(&["alice", "bob"]));
}
