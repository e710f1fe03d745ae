//! What can be said on the command line.

mod alone;
mod foresee;

pub(super) use alone::{BreakGlass, Doctor, Review};
pub(super) use foresee::Forecast;

use crate::config;
use crate::model::Instant;
use crate::report::FormatTo;
use crate::verdict::SCHEMAS;
use clap::builder::PossibleValuesParser;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Says what a Terraform plan would bring down, and on which day.
///
/// Reads Terraform and OpenTofu plans and snapshots of what runs in the cloud, works out what rests on what and until
/// when, and says by its exit code whether a plan may go through or people must agree to it first.
#[derive(Debug, Parser)]
#[command(name = "mainstay", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) global: Global,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  pass, notes and warnings included
  1  denied by policy
  2  could not do its job: usage, or input that cannot be read
  3  approvals are needed; without a plan: what stands must be mended or waived
  4  undetermined: input that the answer hangs on is missing";

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// When to colour the text; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    pub(super) color: Colour,
    /// Print only what stops the plan, and the verdict
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print the evidence of every step and all names
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(super) verbose: u8,
}

/// When to colour. The words say it all, so they have no texts for `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(Check),
    Explain(Explain),
    Rank(Rank),
    Forecast(Forecast),
    Can(Can),
    Snapshot(Snapshot),
    Request(Request),
    Approve(Approve),
    Verify(Verify),
    Apply(Apply),
    BreakGlass(BreakGlass),
    Review(Review),
    Exec(Exec),
    Approval(Approval),
    Ledger(Ledger),
    Doctor(Doctor),
    Rules(Rules),
    Schema(Schema),
    Completions(Completions),
}

impl Command {
    /// As of when it is to be answered, if that is not the clock's now. What lets something through has no such choice.
    pub(super) fn now(&self) -> Option<Instant> {
        match self {
            Command::Check(own) => own.now,
            Command::Explain(own) => own.about.now,
            Command::Rank(own) => own.about.now,
            Command::Forecast(own) => own.now,
            Command::Can(own) => own.about.now,
            _ => None,
        }
    }
}

/// Judge a plan, or without one what stands
///
/// Says which workloads a plan would bring down and when, what is still covered and by what, and how many approvals it
/// needs. Without a plan it judges what stands: what ends by itself with nothing to renew it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay check plan.json --snapshot snapshots/
  mainstay check plan.tfplan --format text --format json=report.json
  terraform show -json plan.tfplan | mainstay check - --config mainstay.toml
  mainstay check plan.json --unblock              what to leave out so that nothing needs an approval
  mainstay check                                  what stands, by the snapshots of mainstay.toml")]
pub(super) struct Check {
    /// Plans: plan files, `terraform show -json` output, or directories of them; `-` is standard input
    #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(super) plans: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
    /// Say as well which changes to leave out of the plan so that nothing in it needs an approval; the verdict is that of
    /// the whole plan
    #[arg(long, requires = "plans")]
    pub(super) unblock: bool,
    #[command(flatten)]
    pub(super) formats: Formats,
    /// Judge as of this date or RFC 3339 time, not the clock's
    #[arg(long, value_name = "T", value_parser = parse_now)]
    pub(super) now: Option<Instant>,
}

/// Say what a thing is, what it rests on, what rests on it, what falls if it goes, and what else would carry it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay explain azurerm_role_assignment.cert_manager_dns --plan plan.json
  mainstay explain kubernetes:Certificate/prod/gateway-tls --snapshot snapshots/
  mainstay explain kubernetes:Ingress/prod/gateway --without kubernetes:Secret/prod/api-key
  mainstay explain kubernetes:Deployment/prod/registry --cold
  mainstay explain kubernetes:Ingress/prod/gateway --to azurerm_role_assignment.cert_manager_dns")]
pub(super) struct Explain {
    /// Any name of it: a Terraform address, Azure resource id, object or client id, kubernetes:Kind/ns/name, or a unique
    /// part of one
    #[arg(value_name = "WHAT")]
    pub(super) what: String,
    /// Suppose that this is gone; can be given several times
    #[arg(long, value_name = "X")]
    pub(super) without: Vec<String>,
    /// Suppose that nothing runs yet, and say whether it would come up from nothing
    #[arg(long)]
    pub(super) cold: bool,
    /// Say by which chains of needs the one rests on this other, or this on the one
    #[arg(long, value_name = "OTHER", conflicts_with_all = ["without", "cold"])]
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) about: About,
}

/// Say whether somebody may do something somewhere, by which grants, and after a plan
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay can azurerm_user_assigned_identity.api Microsoft.Network/dnsZones/TXT/write /subscriptions/…/dnsZones/example.io
  mainstay can kubernetes:ServiceAccount/prod/api Microsoft.KeyVault/vaults/secrets/getSecret/action /subscriptions/…/vaults/api --plan plan.json

Ends with 0 if it may, 1 if it may not, and 4 if that hangs on something that is not known; with a plan, after it.")]
pub(super) struct Can {
    /// Any name of who: a Terraform address, resource id, object or client id, kubernetes:ServiceAccount/ns/name
    #[arg(value_name = "PRINCIPAL")]
    pub(super) principal: String,
    /// What, as the cloud spells it
    #[arg(value_name = "ACTION")]
    pub(super) action: String,
    /// Where: a resource id, as the cloud spells it
    #[arg(value_name = "SCOPE")]
    pub(super) scope: String,
    #[command(flatten)]
    pub(super) about: About,
}

/// What gives snapshots
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay snapshot commands
  mainstay snapshot commands azure")]
pub(super) struct Snapshot {
    #[command(subcommand)]
    pub(super) what: SnapshotDo,
}

/// The clouds and tools whose snapshots are read.
const CLOUDS: [&str; 7] = ["aws", "azure", "gcp", "google", "kubernetes", "launchdarkly", "vault"];

/// What to say of snapshots.
#[derive(Debug, Subcommand)]
pub(super) enum SnapshotDo {
    /// Print the commands that give complete files
    Commands {
        /// Of one cloud only
        #[arg(value_name = "CLOUD")]
        #[arg(value_parser = PossibleValuesParser::new(CLOUDS))]
        cloud: Option<String>,
    },
}

/// List the mainstays: what carries most
///
/// For each of them: how many workloads fall if it goes, as far as anybody knows, and when the first of them does. A
/// workload counts for others that rest on it, not for itself.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay rank --snapshot snapshots/
  mainstay rank --top 5 -v                        with the names of the workloads
  mainstay rank --plan plan.json                  also what each carries after the plan, where that differs
  mainstay rank --top 100 --format json=mainstays.json --format text")]
pub(super) struct Rank {
    /// So many of them at most
    #[arg(long, value_name = "N", default_value = "20")]
    pub(super) top: NonZeroUsize,
    #[command(flatten)]
    pub(super) about: About,
}

/// Ask people to sign for what a plan costs
///
/// Judges the plan, binds what would be lost to the plan's bytes and to all else that decides about it, and writes that
/// into a file which approvers get. It is signed by who asks, who cannot approve it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay request plan.tfplan -o request.json
  mainstay request plan.tfplan --key ~/.ssh/id_ed25519 --config /etc/mainstay/mainstay.toml")]
pub(super) struct Request {
    /// Plans: plan files, or `terraform show -json` output, which can be approved but not applied
    #[arg(value_name = "PLAN", required = true, value_hint = ValueHint::FilePath)]
    pub(super) plans: Vec<PathBuf>,
    /// Where the request goes
    #[arg(long, short, value_name = "FILE", default_value = "request.json", value_hint = ValueHint::FilePath)]
    pub(super) output: PathBuf,
    /// The SSH key of who asks: a private key, or the public key of one that the agent or a token has; else the agent's
    /// only key that is in the roster
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath)]
    pub(super) key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
}

/// Show what a request asks for, and sign it
///
/// Asks for the number of workloads that break before it signs. Writes NAME.approval, by the name of the person whose
/// key it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay approve request.json --plan plan.tfplan
  mainstay approve request.json --key ~/.ssh/id_ed25519_sk
  mainstay approve request.json --reject --reason 'the identity is still in use'")]
pub(super) struct Approve {
    /// The request
    #[arg(value_name = "REQUEST", value_hint = ValueHint::FilePath)]
    pub(super) request: PathBuf,
    /// The plan: it is judged again, here; can be given several times
    #[arg(long = "plan", value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(super) plans: Vec<PathBuf>,
    /// Sign a veto: nobody's approval counts against it
    #[arg(long)]
    pub(super) reject: bool,
    /// Why, in your words; it is signed too
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// Your SSH key: a private key, or the public key of one that the agent or a token has; else the agent's only key
    /// that is in the roster
    #[arg(long, value_name = "KEY", value_hint = ValueHint::FilePath)]
    pub(super) key: Option<PathBuf>,
    /// Where the approval goes, if not to NAME.approval
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
}

/// Say who has signed for a plan, who counts, and what is missing
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay verify plan.tfplan --approval alice.approval --approval bob.approval
  mainstay verify plan.tfplan --approval alice.approval --format json")]
pub(super) struct Verify {
    /// The plans, in the order in which they were asked for
    #[arg(value_name = "PLAN", required = true, value_hint = ValueHint::FilePath)]
    pub(super) plans: Vec<PathBuf>,
    /// An approval; can be given several times
    #[arg(long = "approval", value_name = "F", value_hint = ValueHint::FilePath)]
    pub(super) approvals: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) formats: Formats,
}

/// Apply a plan file that needs nobody's approval, or that enough people have signed for
///
/// Copies the plan to where nothing changes it, judges just those bytes again, uses the approvals up, runs terraform, and
/// writes down how it ended.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay apply plan.tfplan --approval alice.approval --approval bob.approval --trusted-commit \"$SHA\"
  mainstay apply plan.tfplan --config /etc/mainstay/mainstay.toml -- -parallelism=5

The policy never comes from what is applied: give a commit that is trusted, or a configuration outside the checkout.
Ends with 0 or 2 once terraform has been started.")]
pub(super) struct Apply {
    /// The plan file
    #[arg(value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(super) plan: PathBuf,
    /// An approval; can be given several times
    #[arg(long = "approval", value_name = "F", value_hint = ValueHint::FilePath)]
    pub(super) approvals: Vec<PathBuf>,
    /// Instead of approvals: the statement of one person who goes ahead alone
    #[arg(long, value_name = "F", conflicts_with = "approvals", value_hint = ValueHint::FilePath)]
    pub(super) break_glass: Option<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
    /// Flags for `terraform apply`
    #[arg(last = true, value_name = "FLAG", allow_hyphen_values = true)]
    pub(super) flags: Vec<String>,
}

/// Run a command of terraform's; what would change something goes through the gate first
///
/// `apply` and `destroy` without a plan file become a plan, a judgement and the apply of just that plan. Commands that
/// change the state without a plan are recorded. All others are handed to terraform as they are.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay exec -- terraform apply
  mainstay exec --approval alice.approval --approval bob.approval -- terraform apply plan.tfplan
  ln -s \"$(command -v mainstay)\" ~/bin/terraform     the same for everybody who calls terraform

Ends with terraform's own code; with 1 for everything that is refused.")]
pub(super) struct Exec {
    /// An approval; can be given several times
    #[arg(long = "approval", value_name = "F", env = "MAINSTAY_APPROVALS", value_delimiter = ':')]
    #[arg(hide_env_values = true, value_hint = ValueHint::FilePath)]
    pub(super) approvals: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
    /// terraform or tofu, and what it is to do
    #[arg(last = true, required = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(super) command: Vec<OsString>,
}

/// Show an approval, or take it apart for other tools
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay approval show alice.approval
  mainstay approval extract alice.approval        then check it with ssh-keygen -Y verify")]
pub(super) struct Approval {
    #[command(subcommand)]
    pub(super) what: ApprovalDo,
}

/// What to do with an approval.
#[derive(Debug, Subcommand)]
pub(super) enum ApprovalDo {
    /// Say what it says
    Show {
        /// The approval
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Write what is signed, and the signature, as two files that `ssh-keygen -Y verify` takes
    Extract {
        /// The approval
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The directory that they go to
        #[arg(long, short, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
        output: PathBuf,
    },
}

/// Say what was asked, signed and used
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay ledger list
  mainstay ledger show 12
  mainstay ledger verify --head 41:sha256:...     any change since that head was printed is found
  mainstay ledger export > ledger.ndjson")]
pub(super) struct Ledger {
    #[command(subcommand)]
    pub(super) what: LedgerDo,
    /// The configuration; else the nearest mainstay.toml upward from here
    #[arg(long, global = true, value_name = "F", env = "MAINSTAY_CONFIG", hide_env_values = true)]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,
}

/// What to do with the ledger.
#[derive(Debug, Subcommand)]
pub(super) enum LedgerDo {
    /// All entries, a line each, and what is open
    List,
    /// One entry in full, or all that name a digest
    Show {
        /// Number of the entry, or a digest or eight digits of one
        #[arg(value_name = "ENTRY")]
        entry: String,
    },
    /// Whether it is whole: nothing changed, nothing left out
    Verify {
        /// A head that was printed or kept: the ledger must have come by it
        #[arg(long, value_name = "H")]
        head: Option<crate::approval::ledger::Head>,
    },
    /// All entries as canonical JSON, one on a line
    Export,
    /// The SQL that makes a PostgreSQL role which can only add and read
    Role,
}

/// Print what the rules say, why, and how to resolve what they find
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay rules
  mainstay rules breaks-workload
  mainstay rules --format json")]
pub(super) struct Rules {
    /// One rule in full
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,
    #[command(flatten)]
    pub(super) formats: Formats,
}

/// Print the JSON Schema of an answer
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay schema
  mainstay schema explain > explain-v1.json")]
pub(super) struct Schema {
    /// Whose: `report` is what `check` gives as JSON, `paths` what `explain --to` gives
    #[arg(value_name = "ANSWER", default_value = "report")]
    #[arg(value_parser = PossibleValuesParser::new(SCHEMAS.iter().map(|schema| schema.name)))]
    pub(super) answer: String,
}

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mainstay completions bash > /etc/bash_completion.d/mainstay
  mainstay completions fish > ~/.config/fish/completions/mainstay.fish")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(super) shell: clap_complete::Shell,
}

/// What a question about an estate is asked of, and how it is answered.
#[derive(Debug, Args)]
pub(super) struct About {
    /// A plan: how it is after it, and while it is applied, is told as well; can be given several times
    #[arg(long = "plan", value_name = "PLAN", value_hint = ValueHint::FilePath)]
    pub(super) plans: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) formats: Formats,
    /// Answer as of this date or RFC 3339 time, not the clock's
    #[arg(long, value_name = "T", value_parser = parse_now)]
    pub(super) now: Option<Instant>,
}

/// Where facts and declarations come from.
#[derive(Debug, Args)]
pub(super) struct Sources {
    /// A snapshot file, or a directory of them; adds to those that the configuration lists
    #[arg(long = "snapshot", value_name = "P", value_hint = ValueHint::AnyPath)]
    pub(super) snapshots: Vec<PathBuf>,
    /// The configuration; else the nearest mainstay.toml upward from the first plan, or from here without one
    #[arg(long, value_name = "F", env = "MAINSTAY_CONFIG", hide_env_values = true, value_hint = ValueHint::FilePath)]
    pub(super) config: Option<PathBuf>,
    /// Where the Terraform configuration is, and where `terraform show` runs; else the plan's directory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) config_dir: Option<PathBuf>,
    /// The commit that is trusted, in full: configuration, roster, waivers, catalog and snapshots are read from it and
    /// never from the checkout. A branch or a tag will do where nothing is let through (check, explain, rank, forecast, can)
    #[arg(long, value_name = "SHA", env = "MAINSTAY_TRUSTED_COMMIT", hide_env_values = true)]
    pub(super) trusted_commit: Option<String>,
}

/// How the answer is written.
#[derive(Debug, Args)]
pub(super) struct Formats {
    /// text or json, to standard output or =FILE; can be given several times
    #[arg(long = "format", value_name = "F[=FILE]", default_value = "text")]
    pub(super) formats: Vec<FormatTo>,
}

fn parse_now(text: &str) -> Result<Instant, String> {
    config::instant(text, false)
        .ok_or_else(|| "give a date such as 2026-12-31 or a time such as 2026-12-31T12:00:00Z".to_owned())
}
