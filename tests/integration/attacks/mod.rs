//! What somebody would try who wants a destruction through without the people it needs. Each attack is made with the
//! real programs, and what counts is what reached the cloud. `docs/security.md` lists them all.

mod ledger;
mod people;
mod plan;
mod programs;

use std::process::Command;

use crate::support::office::Office;
use crate::support::{program, said};
use crate::two_people::accounts;

/// Runs a command that must be refused, with one of these codes and for this reason, and must reach nothing.
fn refused(office: &Office, attack: &str, command: &mut Command, codes: &[i32], why: &str) {
    let output = program::run(command);
    let text = said(&output);
    assert!(output.status.code().is_some_and(|code| codes.contains(&code)), "{attack}: {text}");
    assert!(text.contains(why), "{attack}: {text}");
    assert_eq!(accounts(office), 2, "{attack}: {text}");
    let ops = office.bed.cloud().ops();
    assert!(!ops.iter().any(|op| op.starts_with("delete")), "{attack}: {ops:?}");
}

/// Runs a command that must let the plan through.
fn passes(office: &Office, command: &mut Command) {
    let output = program::run(command);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(accounts(office), 0);
}
