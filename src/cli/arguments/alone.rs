//! What can be said to `break-glass`, `review` and `doctor`.

use super::{Formats, Sources};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Go ahead alone in an emergency, for one plan and one hour
///
/// Only members of the group `[approval] break_glass` can, and nobody with what they alone have written. It is said
/// aloud wherever it shows, and is a debt: until a second person has reviewed it, no other plan that needs approval goes
/// through. No server is asked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay break-glass plan.tfplan --reason 'the gateway is down: INC-4711'
  mainstay apply plan.tfplan --break-glass alice.break-glass --trusted-commit \"$SHA\"
  mainstay review alice.break-glass               then, by somebody else")]
pub(in crate::cli) struct BreakGlass {
    /// The plan file
    #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) plan: PathBuf,
    /// Why, in your words; it is signed and recorded
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    pub(in crate::cli) reason: String,
    /// Your SSH key: a private key, or the public key of one that the agent or a token has; else the agent's only key
    /// that is in the roster
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) key: Option<PathBuf>,
    /// Where the statement goes, if not to NAME.break-glass
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) output: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) sources: Sources,
}

/// Review what somebody did alone, and settle the debt
///
/// Shows what was done, signs that a second person has looked at it, and records that. Who did it cannot review it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay review alice.break-glass
  mainstay review 5f1d02aa9c31 --note 'rotated the key afterwards'   by the statement that `mainstay ledger list` tells")]
pub(in crate::cli) struct Review {
    /// The statement: its file, or its digest or eight digits of that
    #[arg(value_name = "STATEMENT", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) what: PathBuf,
    /// What you say about it; it is signed too
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
    /// Your SSH key: a private key, or the public key of one that the agent or a token has; else the agent's only key
    /// that is in the roster
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) key: Option<PathBuf>,
    /// Where the review goes, if not to NAME.review
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) output: Option<PathBuf>,
    /// The configuration; else the nearest mainstay.toml upward from here
    #[arg(long, value_name = "F", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) config: Option<PathBuf>,
}

/// Say whether those who must sign can, and what is wrong with keys, groups and snapshots
///
/// Looks for each number of people that the policy asks for whether that many have keys that count now, whoever asks.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay doctor
  mainstay doctor --config /etc/mainstay/mainstay.toml --format json

Ends with 1 if something cannot be signed for by anybody; warnings are 0.")]
pub(in crate::cli) struct Doctor {
    #[command(flatten)]
    pub(in crate::cli) sources: Sources,
    #[command(flatten)]
    pub(in crate::cli) formats: Formats,
}

fn parse_reason(text: &str) -> Result<String, String> {
    match text.trim().is_empty() {
        true => Err("say why: who reviews it wants to know".to_owned()),
        false => Ok(text.to_owned()),
    }
}
