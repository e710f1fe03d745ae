//! `mainstay doctor`: whether those who must sign can, and whether there is what to judge by.

use super::arguments::{Doctor as Arguments, Global};
use super::ask::tell;
use super::case::{Signers, place_of_ledger};
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use super::trusted::{By, Trusted};
use crate::approval::doctor::{Patient, examine};
use crate::approval::ledger;
use crate::approval::roster::RosterError;
use crate::judge;
use crate::model::{Context, Declarations};
use crate::report::doctor_text;
use crate::verdict::{Doctor, Inventory, Problem, Severity};
use std::path::Path;

/// Examines, prints, and exits with 1 if something cannot be signed for.
pub(super) fn run(
    arguments: &Arguments,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    output::distinct(&arguments.formats.formats)?;
    let trusted = Trusted::read(&[], &arguments.sources, By::Id, context)?;
    let inputs = inputs::gather(&[], &arguments.sources, false, trusted.as_ref(), context, console)?;
    let declarations = &inputs.declarations;
    let shown = |path: &Path| name(path, trusted.is_some(), context);
    let mut problems = Vec::new();
    let mut examined = Default::default();
    match Signers::read(declarations) {
        Ok(signers) => {
            if declarations.signing.roster.is_none() {
                let what = "no roster says who may sign: name one in `[approval] roster`";
                problems.push(problem(Severity::Error, what.to_owned(), declarations.path.clone()));
            }
            let roster_name = declarations.signing.roster.as_deref().map(shown).unwrap_or_default();
            // The policy may have levels for rules that this program has not.
            let known = judge::rule_texts();
            let mut own = declarations.clone();
            own.rules.retain(|rule, _| known.iter().any(|text| text.id == rule.as_str()));
            let patient = Patient {
                declarations: &own,
                roster: &signers.roster,
                revoked: &signers.revoked,
                now: context.now,
                roster_name: &roster_name,
            };
            examined = examine(&patient);
        }
        // With a wrong one no signature is ever looked at.
        Err(Error::Roster(errors)) => problems.extend(errors.iter().map(|error| wrong(error, &shown))),
        Err(other) => return Err(other),
    }
    problems.append(&mut examined.problems);
    let inventory = match inputs.snapshots.is_empty() {
        true => Inventory::default(),
        false => judge::inventory(&inputs, context.now)?,
    };
    problems.extend(unread(&inventory, declarations));
    problems.extend(ledger_problems(declarations, context));
    problems.sort();
    problems.dedup();
    let failed = problems.iter().any(|problem| problem.severity == Severity::Error);
    let answer = Doctor {
        format: Doctor::FORMAT,
        now: context.now,
        configuration: declarations.path.clone(),
        demands: examined.demands,
        people: examined.people,
        inventory,
        problems,
        exit_code: u8::from(failed),
    };
    tell(&answer, doctor_text, &arguments.formats, global, context, console)?;
    Ok(Exit::of(answer.exit_code))
}

fn problem(severity: Severity, what: String, file: Option<String>) -> Problem {
    Problem { severity, what, file, line: None }
}

fn wrong(error: &RosterError, shown: &dyn Fn(&Path) -> String) -> Problem {
    let file = Some(shown(Path::new(&error.path)));
    let line = Some(error.line).filter(|line| *line > 0);
    Problem { severity: Severity::Error, what: error.fault.to_string(), file, line }
}

/// As seen from here; of a commit, the name alone, since it lies where nobody should look.
fn name(path: &Path, of_commit: bool, context: &Context) -> String {
    let last = path.file_name().map(Path::new).filter(|_| of_commit);
    last.or_else(|| path.strip_prefix(&context.directory).ok()).unwrap_or(path).display().to_string()
}

/// Whether what is signed can be recorded, and used once; the ledger is only read.
fn ledger_problems(declarations: &Declarations, context: &Context) -> Vec<Problem> {
    let told = |severity, what: String| vec![problem(severity, what, declarations.path.clone())];
    let Some((url, directory)) = place_of_ledger(declarations, context) else {
        let what =
            "`[ledger] none = \"accept\"`: approvals can be used again until they end, and no veto is kept";
        return told(Severity::Warning, what.to_owned());
    };
    let read = || {
        let mut ledger = ledger::open(url, directory, context.now, false)?;
        ledger.verify(None)?;
        Ok((ledger::debts(ledger.as_mut(), context.now)?, ledger::unended(ledger.as_mut())?.len()))
    };
    let (debts, unended) = match read() {
        Ok(found) => found,
        Err(error @ ledger::Error::Missing(_)) => return told(Severity::Note, error.to_string()),
        Err(error) => {
            let what =
                format!("what needs approval cannot be applied, as the ledger cannot be used: {error}");
            return told(Severity::Error, what);
        }
    };
    let mut found: Vec<Problem> = debts
        .iter()
        .flat_map(|debt| {
            let what = format!(
                "{} went ahead alone, which blocks what needs approval: `mainstay review {}`",
                debt.person, debt.statement
            );
            told(Severity::Warning, what)
        })
        .collect();
    if unended > 0 {
        let what =
            format!("{unended} applies have no recorded end: look what they did (`mainstay ledger list`)");
        found.extend(told(Severity::Warning, what));
    }
    found
}

/// What is missing to judge by, and who was rated by nobody.
fn unread(inventory: &Inventory, declarations: &Declarations) -> Vec<Problem> {
    let mut found = Vec::new();
    if inventory.sources.is_empty() {
        let what = "no snapshot is listed: what rests on what is known from plans alone";
        found.push(problem(Severity::Warning, what.to_owned(), declarations.path.clone()));
    }
    for source in inventory.sources.iter().filter(|source| !source.complete) {
        let why = source.why_incomplete.as_deref().unwrap_or("it does not tell all");
        found.push(problem(
            Severity::Warning,
            format!("a snapshot to mend: {why}"),
            Some(source.path.clone()),
        ));
    }
    if inventory.unrated > 0 {
        let what = format!(
            "{} of {} workloads are rated by nobody, and count as {}: `[[workload]]` or `[[environment]]` rates them",
            inventory.unrated,
            inventory.workloads,
            declarations.default_criticality.word()
        );
        found.push(problem(Severity::Note, what, declarations.path.clone()));
    }
    found
}
