//! A plan that approvals are about: judged, and bound to all that decides about it.

use super::arguments::Sources;
use super::error::Error;
use super::inputs;
use super::output::Console;
use super::trusted::{By, Trusted};
use crate::apply;
use crate::approval::Bench;
use crate::approval::alone::Present;
use crate::approval::ledger::{self, Body, Journal, Ledger};
use crate::approval::request::{ChangeRef, FORMAT, LedgerRef, MadeOn, Named, PlanRef, Request, SourceRef};
use crate::approval::revoked::Revoked;
use crate::approval::roster::Roster;
use crate::judge::{self, BoundPlan, Inputs};
use crate::model::{Context, Declarations, Digest, Instant};
use crate::verdict::{Report, loss_digest, losses};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who may sign, and whose keys count no more.
pub(super) struct Signers {
    pub(super) roster: Roster,
    pub(super) revoked: Revoked,
    /// Digest of the roster's bytes; nothing if the configuration names no roster.
    roster_digest: Option<Digest>,
    revoked_digest: Option<Digest>,
}

impl Signers {
    /// Reads both. Without a roster nobody may sign.
    pub(super) fn read(declarations: &Declarations) -> Result<Signers, Error> {
        let signing = &declarations.signing;
        let mut signers = Signers {
            roster: Roster::default(),
            revoked: Revoked::default(),
            roster_digest: None,
            revoked_digest: None,
        };
        if let Some((bytes, shown)) = file(signing.roster.as_deref(), "roster")? {
            let text = String::from_utf8(bytes).map_err(|_| Error::NotText { path: shown.clone() })?;
            signers.roster_digest = Some(Digest::of(text.as_bytes()));
            signers.roster = Roster::parse(&text, &shown, &signing.people).map_err(Error::Roster)?;
        }
        if let Some((bytes, shown)) = file(signing.revoked.as_deref(), "list of revoked keys")? {
            signers.revoked_digest = Some(Digest::of(&bytes));
            signers.revoked = Revoked::parse(&bytes, &shown).map_err(Error::Roster)?;
        }
        Ok(signers)
    }

    /// The same, for those who sign.
    ///
    /// # Errors
    /// If nobody may.
    pub(super) fn demanded(self) -> Result<Signers, Error> {
        if self.roster_digest.is_some() { Ok(self) } else { Err(Error::NoRoster) }
    }
}

/// The bytes of a file that the configuration may name, and its name.
fn file(path: Option<&Path>, what: &'static str) -> Result<Option<(Vec<u8>, String)>, Error> {
    let Some(path) = path else { return Ok(None) };
    let shown = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some((bytes, shown))),
        Err(error) => Err(Error::Read { what, path: shown, error }),
    }
}

/// How much a command needs the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Needs it, and makes it where there is none yet.
    Make,
    /// Looks into it; that there is none yet is told where it matters.
    Find,
    /// As [`Reach::Make`], and goes on without it where it cannot be reached.
    Try,
    /// Does not look at it.
    Without,
}

/// A plan, judged and bound.
pub(super) struct Case {
    pub(super) inputs: Inputs,
    pub(super) report: Report,
    pub(super) signers: Signers,
    pub(super) trusted: Option<Trusted>,
    pub(super) ledger: Option<Box<dyn Ledger>>,
    /// Why the ledger that the configuration names is not there, or not looked at.
    pub(super) no_ledger: Option<String>,
    secret: String,
    environment: Vec<Named>,
}

impl Case {
    /// Reads and judges.
    pub(super) fn read(
        plans: &[PathBuf],
        sources: &Sources,
        reach: Reach,
        context: &Context,
        console: &mut Console<'_>,
    ) -> Result<Case, Error> {
        let trusted = Trusted::read(plans, sources, By::Id, context)?;
        let inputs = inputs::gather(plans, sources, true, trusted.as_ref(), context, console)?;
        Case::of(inputs, trusted, reach, context)
    }

    /// Judges what was read.
    pub(super) fn of(
        inputs: Inputs,
        trusted: Option<Trusted>,
        reach: Reach,
        context: &Context,
    ) -> Result<Case, Error> {
        let report = judge::check(&inputs, context.now)?;
        let signers = Signers::read(&inputs.declarations)?;
        let create = matches!(reach, Reach::Make | Reach::Try);
        let opened = match reach {
            Reach::Without => Ok((None, String::new())),
            _ => open_ledger(&inputs.declarations, create, context).and_then(with_secret),
        };
        let ((ledger, secret), no_ledger) = match opened {
            Ok(opened) => (opened, (reach == Reach::Without).then(|| "it was not looked at".to_owned())),
            Err(Error::Ledger(error))
                if reach == Reach::Try || matches!(error, ledger::Error::Missing(_)) =>
            {
                ((None, String::new()), Some(error.to_string()))
            }
            Err(other) => return Err(other),
        };
        let bound = apply::binding(&context.environment);
        let environment = bound.into_iter().map(|one| Named { name: one.name, sha256: one.digest }).collect();
        Ok(Case { inputs, report, signers, trusted, ledger, no_ledger, secret, environment })
    }

    /// By what signatures are judged here.
    pub(super) fn bench(&self, context: &Context) -> Bench<'_> {
        let signing = &self.inputs.declarations.signing;
        Bench { now: context.now, roster: &self.signers.roster, revoked: &self.signers.revoked, signing }
    }

    /// Goes on without the ledger.
    pub(super) fn lose_ledger(&mut self, why: &ledger::Error) {
        self.ledger = None;
        self.no_ledger = Some(why.to_string());
    }

    /// What would happen now, as far as somebody who goes ahead alone signs for it.
    pub(super) fn present(&self) -> Result<Present, Error> {
        // Without the secret of a ledger, which may be out of reach: the values are left out.
        let plans = judge::bind(&self.inputs, None)?;
        Ok(Present {
            plans: plans.iter().map(|plan| plan.sha256).collect(),
            verdict: self.report.verdict,
            losses: losses(&self.report.findings),
            undetermined: undetermined(&self.report),
            change_digest: Digest::of(&serde_json::to_vec(&changes(&plans))?),
        })
    }

    /// What would be asked for, now. Of `like` it takes nonce, requester and times.
    pub(super) fn request(&self, like: &Like<'_>) -> Result<Request, Error> {
        let declarations = &self.inputs.declarations;
        let report = &self.report;
        // Without a secret of the ledger's, values could be tried against their digests by whoever reads the request.
        let key = (!self.secret.is_empty())
            .then(|| *Digest::of(format!("{}\n{}", like.nonce, self.secret).as_bytes()).bytes());
        let plans = judge::bind(&self.inputs, key.as_ref().map(|key| key.as_slice()))?;
        let changes = changes(&plans);
        let run = plans.iter().flat_map(|plan| &plan.deeds).filter(|deed| deed.runs());
        let mut programs: Vec<String> = run.map(|deed| deed.address.clone()).collect();
        programs.sort();
        programs.dedup();
        let losses = losses(&report.findings);
        let mut sources: Vec<SourceRef> = report
            .sources
            .iter()
            .map(|source| SourceRef {
                path: source.path.clone(),
                kind: source.kind.clone(),
                taken_at: source.taken_at,
                complete: source.complete,
            })
            .collect();
        sources.sort();
        Ok(Request {
            format: FORMAT.to_owned(),
            tool: report.tool.version.to_owned(),
            plans: plans.iter().map(plan_ref).collect::<Result<_, _>>()?,
            verdict: report.verdict,
            required: report.approvals_required,
            groups: declarations.signing.groups.clone(),
            loss_digest: loss_digest(&losses),
            losses,
            undetermined: undetermined(report),
            change_digest: Digest::of(&serde_json::to_vec(&changes)?),
            changes: (declarations.signing.carry_over && key.is_some()).then_some(changes),
            programs,
            policy: declarations.policy,
            catalog: report.catalog.unwrap_or_else(|| Digest::of(b"")),
            roster: self.signers.roster_digest.unwrap_or_else(|| Digest::of(b"")),
            revoked: self.signers.revoked_digest,
            sources,
            commit: self.trusted.as_ref().map(Trusted::commit),
            environment: self.environment.clone(),
            ledger: like.ledger.clone(),
            by: like.by.to_owned(),
            created: like.created,
            expires: like.expires,
            nonce: like.nonce.to_owned(),
        })
    }
}

/// What makes one request unlike another.
pub(super) struct Like<'a> {
    pub(super) nonce: &'a str,
    pub(super) by: &'a str,
    pub(super) created: Instant,
    pub(super) expires: Instant,
    pub(super) ledger: Option<LedgerRef>,
}

/// What is not known, and keeps the verdict from being determined.
fn undetermined(report: &Report) -> Vec<String> {
    let missing = report.findings.iter().filter(|finding| finding.missing_input);
    let mut all: Vec<String> = missing.map(|finding| finding.subject.id.clone()).collect();
    all.sort();
    all.dedup();
    all
}

fn changes(plans: &[BoundPlan]) -> Vec<ChangeRef> {
    (0..)
        .zip(plans)
        .flat_map(|(number, plan)| {
            plan.deeds.iter().map(move |deed| ChangeRef {
                plan: number,
                address: deed.address.clone(),
                deposed: deed.deposed.clone(),
                kind: deed.kind.clone(),
                actions: deed.actions.clone(),
                after: deed.after,
            })
        })
        .collect()
}

fn plan_ref(plan: &BoundPlan) -> Result<PlanRef, Error> {
    let made_on = match &plan.origin {
        None => None,
        Some(Err(why)) => return Err(Error::Origin { path: plan.path.clone(), why: why.clone() }),
        Some(Ok(origin)) => Some(MadeOn {
            backend: origin.backend.clone(),
            settings: origin.settings,
            workspace: origin.workspace.clone(),
            lineage: origin.lineage.clone(),
            serial: origin.serial,
            lock: origin.lock.as_deref().map(Digest::of),
        }),
    };
    Ok(PlanRef { path: plan.path.clone(), sha256: plan.sha256, made_on })
}

/// The ledger of the configuration; none where it says that there is none. What was written down while it could not be
/// reached is loaded first, so that nobody passes over a debt.
pub(super) fn open_ledger(
    declarations: &Declarations,
    create: bool,
    context: &Context,
) -> Result<Option<Box<dyn Ledger>>, Error> {
    let Some((url, directory)) = place_of_ledger(declarations, context) else { return Ok(None) };
    let mut ledger = ledger::open(url, directory, context.now, create)?;
    let journal = journal_of(declarations, context);
    if journal.exists() {
        ledger::merge(&open_journal(&journal, false)?, ledger.as_mut())?;
    }
    Ok(Some(ledger))
}

/// Its address, and what a path in it is relative to.
pub(super) fn place_of_ledger<'a>(
    declarations: &'a Declarations,
    context: &'a Context,
) -> Option<(&'a str, &'a Path)> {
    let named = context.environment.get("MAINSTAY_LEDGER").and_then(|url| url.to_str());
    if named.is_none() && declarations.signing.without_ledger {
        return None;
    }
    let url = named.or(declarations.signing.ledger.as_deref()).unwrap_or("sqlite:.mainstay/ledger.db");
    let directory = match &declarations.signing.directory {
        Some(directory) if named.is_none() => directory.as_path(),
        _ => context.directory.as_path(),
    };
    Some((url, directory))
}

/// Where is written what one person does alone while no ledger can be reached.
pub(super) fn journal_of(declarations: &Declarations, context: &Context) -> PathBuf {
    let directory = declarations.signing.directory.as_deref().unwrap_or(&context.directory);
    directory.join(".mainstay/break-glass.journal")
}

/// Opens it, and waits a moment for another run that has it.
pub(super) fn open_journal(path: &Path, create: bool) -> Result<Journal, ledger::Error> {
    for _ in 0..20 {
        match Journal::open(path, create) {
            Err(ledger::Error::Store { .. }) => std::thread::sleep(Duration::from_millis(50)),
            other => return other,
        }
    }
    Journal::open(path, create)
}

type Opened = (Option<Box<dyn Ledger>>, String);

/// With its secret; nothing where there is no ledger.
fn with_secret(mut ledger: Option<Box<dyn Ledger>>) -> Result<Opened, Error> {
    let secret = match &mut ledger {
        Some(ledger) => secret_of(ledger.as_mut())?,
        None => String::new(),
    };
    Ok((ledger, secret))
}

/// What only those know who can read the ledger: drawn when it was made.
fn secret_of(ledger: &mut dyn Ledger) -> Result<String, Error> {
    let mut secret = String::new();
    ledger.entries(1, &mut |entry| {
        if let Body::Born { nonce } = entry.body {
            secret = nonce;
        }
        Ok(())
    })?;
    Ok(secret)
}
