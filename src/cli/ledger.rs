//! `mainstay ledger`: what was asked, signed and used.

use super::arguments::{Global, Ledger as Arguments, LedgerDo};
use super::case::open_ledger;
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use crate::approval::ledger::{self, Body, Ledger, append_role_sql};
use crate::model::{Context, minute};
use crate::report::clean;

/// Lists, shows, checks or exports.
pub(super) fn run(
    arguments: &Arguments,
    _global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    if let LedgerDo::Role = arguments.what {
        output::print(console, append_role_sql())?;
        return Ok(Exit::Pass);
    }
    let declarations = inputs::declarations(None, arguments.config.as_deref(), context)?;
    let Some(mut ledger) = open_ledger(&declarations, false, context)? else {
        output::print(console, "no ledger is kept: [ledger] none = \"accept\"\n")?;
        return Ok(Exit::Pass);
    };
    match &arguments.what {
        LedgerDo::List => list(ledger.as_mut(), context, console)?,
        LedgerDo::Show { entry } => return show(ledger.as_mut(), entry, console),
        LedgerDo::Verify { head } => return verify(ledger.as_mut(), head.as_ref(), console),
        LedgerDo::Export => {
            ledger::export(ledger.as_mut(), &mut console.out)?;
        }
        LedgerDo::Role => {}
    }
    Ok(Exit::Pass)
}

fn list(ledger: &mut dyn Ledger, context: &Context, console: &mut Console<'_>) -> Result<(), Error> {
    let mut text = String::new();
    ledger.entries(1, &mut |entry| {
        text.push_str(&format!("{:>6}  {}  {}\n", entry.seq, minute(entry.at), clean(&said(&entry.body))));
        Ok(())
    })?;
    for debt in ledger::debts(ledger, context.now)? {
        text.push_str(&format!(
            "open: {} broke the glass on {}; a second person settles it: mainstay review {}\n",
            clean(&debt.person),
            minute(debt.since),
            debt.statement.short()
        ));
    }
    for run in ledger::unended(ledger)? {
        text.push_str(&format!(
            "open: the apply of {} on {} has no recorded end\n",
            clean(&run.by),
            minute(run.since)
        ));
    }
    text.push_str(&format!("ledger  {}\nhead    {}\n", ledger.id(), ledger.head()?));
    output::print(console, &text)
}

/// An entry by its number, or all that name a digest.
fn show(ledger: &mut dyn Ledger, wanted: &str, console: &mut Console<'_>) -> Result<Exit, Error> {
    let mut found = Vec::new();
    ledger.entries(1, &mut |entry| {
        let json = serde_json::to_string(&entry).unwrap_or_default();
        if entry.seq.to_string() == wanted || (wanted.len() >= 8 && json.contains(wanted)) {
            found.push(entry);
        }
        Ok(())
    })?;
    let mut text = String::new();
    for entry in &found {
        text.push_str(&serde_json::to_string_pretty(entry)?);
        text.push('\n');
    }
    if found.is_empty() {
        return Err(Error::NoEntry(wanted.to_owned()));
    }
    output::print(console, &text)?;
    Ok(Exit::Pass)
}

fn verify(
    ledger: &mut dyn Ledger,
    head: Option<&ledger::Head>,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    match ledger.verify(head) {
        Ok(verified) => {
            let kept =
                if head.is_some() { "" } else { " (with --head, a cut-off end would be found as well)" };
            output::print(
                console,
                &format!("whole: {} entries{kept}\nhead    {}\n", verified.entries, verified.head),
            )?;
            Ok(Exit::Pass)
        }
        Err(ledger::Error::Broken(broken)) => {
            output::print(console, &format!("not whole: {}\n", clean(&broken.to_string())))?;
            Ok(Exit::Denied)
        }
        Err(other) => Err(other.into()),
    }
}

/// An entry in a line.
pub(super) fn said(body: &Body) -> String {
    match body {
        Body::Born { .. } => "the ledger begins".to_owned(),
        Body::Asked { request, by, required, .. } => {
            format!("{by} asks {required} people to sign request {}", request.short())
        }
        Body::Signed { request, person, decision, .. } => match decision {
            ledger::Decision::Approve => format!("{person} approves request {}", request.short()),
            ledger::Decision::Reject => format!("{person} rejects request {}", request.short()),
        },
        Body::Used { request, approvals, by, .. } => {
            format!("{by} applies: request {} and {} approvals are used", request.short(), approvals.len())
        }
        Body::Ended { outcome, code, note, .. } => {
            let word = serde_json::to_value(outcome).ok().and_then(|word| word.as_str().map(str::to_owned));
            let code = code.map(|code| format!(", terraform ended with {code}")).unwrap_or_default();
            let note = note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            format!("the apply ends: {}{code}{note}", word.unwrap_or_default())
        }
        Body::BrokeGlass { person, reason, until, .. } => {
            format!("{person} breaks the glass until {}: {reason}", minute(*until))
        }
        Body::Reviewed { statement, by } => {
            format!("{by} has reviewed the broken glass {}", statement.short())
        }
        Body::Bypassed { command, by, code } => {
            let code = code.map(|code| format!(", ended with {code}")).unwrap_or_default();
            format!("{by} runs `{command}` without a plan{code}")
        }
    }
}
