//! `mainstay break-glass`, and how `apply` goes by such a statement: one person, one plan, one hour, one run, and a debt.

use super::approve::{confirmed, file_name};
use super::arguments::{BreakGlass as Arguments, Global};
use super::case::{Case, Reach, journal_of, open_journal};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use super::request::random;
use super::signing::Signer;
use super::verify::signed_file;
use crate::approval::alone::{differs, may_break, not_the_sole_author};
use crate::approval::glass::{BreakGlass, FORMAT, LONGEST, NAMESPACE, Statement};
use crate::approval::ledger::{self, Body, Head, Ledger};
use crate::model::{Context, Digest, Instant, hex, minute};
use crate::report::{Alone, alone_text, clean, losses_text};
use crate::verdict::{Verdict, loss_digest};
use std::path::{Path, PathBuf};

/// Judges, shows, asks, signs, and writes `NAME.break-glass`.
pub(super) fn run(
    arguments: &Arguments,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    // No ledger is asked: it may be what is down.
    let plans = std::slice::from_ref(&arguments.plan);
    let mut case = Case::read(plans, &arguments.sources, Reach::Without, context, console)?;
    if case.inputs.plans.iter().any(|plan| plan.file.is_none()) {
        return Err(Error::OnlyThePlanFile(arguments.plan.display().to_string()));
    }
    case.signers = case.signers.demanded()?;
    let present = case.present()?;
    let look = output::look(context, global);
    let mut text = String::new();
    for (plan, digest) in case.inputs.plans.iter().zip(&present.plans) {
        text.push_str(&format!("plan      {}  {digest}\n\n", clean(&plan.path)));
    }
    text.push_str(&losses_text(&present.losses, look));
    for what in &present.undetermined {
        text.push_str(&format!("not known, and it decides: {}\n", clean(what)));
    }
    if present.verdict < Verdict::Approval {
        text.push_str(
            "Nobody's approval is needed for this: it counts only where the ledger cannot be reached.\n",
        );
    }
    output::print(console, &text)?;
    if present.verdict == Verdict::Deny {
        output::print(console, "not signed: denied by policy\n")?;
        return Ok(Exit::Denied);
    }
    let signing = &case.inputs.declarations.signing;
    let signer =
        Signer::choose(arguments.key.as_deref(), NAMESPACE, signing.require_touch, &case.signers, context)?;
    let person = signer.person().ok_or(Error::NobodysKey)?;
    if let Err(why) = may_break(&person, signing).and_then(|()| seen_by_two(&case, &person)) {
        output::print(console, &format!("not signed: {}\n", clean(&why)))?;
        return Ok(Exit::Denied);
    }
    if !confirmed("go ahead alone", &present.losses, console)? {
        output::print(console, "not signed\n")?;
        return Ok(Exit::Denied);
    }
    let issued = context.second();
    let expires = issued.as_second().saturating_add(LONGEST);
    let statement = Statement {
        format: FORMAT.to_owned(),
        plans: present.plans,
        verdict: present.verdict,
        loss_digest: loss_digest(&present.losses),
        losses: present.losses,
        undetermined: present.undetermined,
        change_digest: present.change_digest,
        person: person.clone(),
        reason: arguments.reason.clone(),
        issued,
        expires: Instant::from_second(expires).unwrap_or(issued),
        nonce: hex(&random()?),
    };
    let (signature, _) = signer.vouch(&statement.message()?)?;
    let glass = BreakGlass { statement, signature };
    let name = arguments.output.clone().unwrap_or_else(|| file_name(&person, "break-glass").into());
    output::put(context, &name, &glass.to_bytes()?)?;
    let mut text = alone_text(&alone(&glass, &person)?, look);
    text.push_str(&format!(
        "{}: for this plan and one run of it, within the hour\nmainstay apply {} --break-glass {}\n",
        name.display(),
        arguments.plan.display(),
        name.display()
    ));
    output::print(console, &text)?;
    Ok(Exit::Pass)
}

/// What is said of it.
fn alone(glass: &BreakGlass, person: &str) -> Result<Alone, Error> {
    let Statement { reason, expires, .. } = &glass.statement;
    let statement = glass.statement.digest()?.to_string();
    Ok(Alone { person: person.to_owned(), reason: reason.clone(), until: *expires, statement })
}

/// Where it is known who wrote the change, somebody else must have had a part in it.
fn seen_by_two(case: &Case, person: &str) -> Result<(), String> {
    let Some(trusted) = &case.trusted else { return Ok(()) };
    let authors = trusted.authors().map_err(|why| format!("who wrote the change is not known: {why}"))?;
    not_the_sole_author(person, &authors, &case.inputs.declarations.signing.people)
}

/// Reads a statement.
pub(super) fn read(file: &Path, context: &Context) -> Result<BreakGlass, Error> {
    let shown = file.display().to_string();
    let bytes = signed_file("statement", file, context)?;
    BreakGlass::read(&bytes).map_err(|error| Error::NoGlass { path: shown, error })
}

/// A statement by which a plan goes through.
pub(super) struct Broken {
    pub(super) alone: Alone,
    digest: Digest,
    plans: Vec<Digest>,
    /// Where it was written down, if not in the ledger.
    pub(super) journal: Option<PathBuf>,
}

/// What became of a broken glass that was to be written down.
pub(super) enum Written {
    /// In the ledger.
    Ledger(Head),
    /// In a file, since the ledger could not be reached.
    Journal(Head, String),
    /// Nowhere: it was used for another run.
    Used(String),
}

/// Whether a statement is good for just this, now.
///
/// # Errors
/// As value: why not.
pub(super) fn hear(
    case: &mut Case,
    glass: &BreakGlass,
    context: &Context,
) -> Result<Result<Broken, Vec<String>>, Error> {
    let person = match case.bench(context).hear_alone(glass) {
        Ok(person) => person,
        Err(why) => return Ok(Err(why)),
    };
    let present = case.present()?;
    let mut against = differs(&glass.statement, &present);
    if present.verdict == Verdict::Deny {
        against.push("it is denied by policy, and nobody can let it through".to_owned());
    }
    against.extend(seen_by_two(case, &person).err());
    let digest = glass.statement.digest()?;
    against.extend(on_record(case, &digest, &present.plans));
    if !against.is_empty() {
        return Ok(Err(against));
    }
    let alone = alone(glass, &person)?;
    Ok(Ok(Broken { alone, digest, plans: present.plans, journal: None }))
}

/// What the ledger has against it, if it can be reached: that it was used, and who said no to this plan.
fn on_record(case: &mut Case, statement: &Digest, plans: &[Digest]) -> Vec<String> {
    let Some(ledger) = &mut case.ledger else { return Vec::new() };
    let (mut asked, mut against) = (Vec::new(), Vec::new());
    let read = ledger.entries(1, &mut |entry| {
        match entry.body {
            Body::Asked { request, plans: of, .. } if of == plans => asked.push(request),
            Body::Signed { request, person, decision: ledger::Decision::Reject, .. }
                if asked.contains(&request) =>
            {
                against.push(format!("{person} has said no to this plan"));
            }
            Body::BrokeGlass { statement: of, .. } if of == *statement => {
                against.push(used(entry.seq, entry.at));
            }
            _ => {}
        }
        Ok(())
    });
    if let Err(error) = read {
        case.lose_ledger(&error);
        return Vec::new();
    }
    against.dedup();
    against
}

fn used(seq: u64, at: Instant) -> String {
    format!("it was used already, by entry {seq} on {}: it counts for one run", minute(at))
}

/// Writes down that the glass is broken: in the ledger, and where that cannot be reached in the journal. Nothing is
/// started before it stands in one of them.
pub(super) fn write_down(
    broken: &mut Broken,
    case: &mut Case,
    run: &str,
    context: &Context,
) -> Result<Written, Error> {
    let body = Body::BrokeGlass {
        statement: broken.digest,
        person: broken.alone.person.clone(),
        plans: broken.plans.clone(),
        reason: broken.alone.reason.clone(),
        until: broken.alone.until,
        run: run.to_owned(),
    };
    if let Some(ledger) = &mut case.ledger {
        match ledger.append(context.now, body.clone()) {
            Ok(head) => return Ok(first_run(ledger.as_mut(), broken, run, head, context)),
            Err(error @ ledger::Error::Used { .. }) => return Ok(Written::Used(error.to_string())),
            Err(error) => case.lose_ledger(&error),
        }
    }
    let why = case.no_ledger.clone();
    let why = why.unwrap_or_else(|| "none is kept ([ledger] none = \"accept\")".to_owned());
    let path = journal_of(&case.inputs.declarations, context);
    let mut journal = open_journal(&path, true)?;
    let another = journal.entries().iter().find(
        |entry| matches!(&entry.body, Body::BrokeGlass { statement, .. } if *statement == broken.digest),
    );
    if let Some(entry) = another {
        return Ok(Written::Used(used(entry.seq, entry.at)));
    }
    let head = journal.append(context.now, body)?;
    broken.journal = Some(path);
    Ok(Written::Journal(head, why))
}

/// Of two runs that write down the same statement at once, the one whose entry comes first has it.
fn first_run(ledger: &mut dyn Ledger, broken: &Broken, run: &str, head: Head, context: &Context) -> Written {
    let mut first = None;
    // Where it cannot be read any more, it is written down all the same.
    let _ = ledger.entries(1, &mut |entry| {
        if let Body::BrokeGlass { statement, run: of, .. } = entry.body
            && statement == broken.digest
            && of != run
            && entry.seq < head.seq
        {
            first = first.or(Some((entry.seq, entry.at)));
        }
        Ok(())
    });
    let Some((seq, at)) = first else { return Written::Ledger(head) };
    let refused = Body::Ended {
        run: run.to_owned(),
        outcome: ledger::Outcome::Refused,
        code: None,
        note: Some("another run has used the statement".to_owned()),
    };
    // The refusal holds whether or not it can be written down.
    let _ = ledger.append(context.now, refused);
    Written::Used(used(seq, at))
}
