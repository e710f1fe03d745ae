//! `mainstay review`: a second person looks at what somebody did alone, and settles the debt.

use super::approve::file_name;
use super::arguments::{Global, Review as Arguments};
use super::case::{Signers, open_ledger};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use super::signing::Signer;
use super::{glass, inputs};
use crate::approval::glass::{REVIEW_FORMAT, REVIEW_NAMESPACE, Review, SignedReview};
use crate::approval::ledger::{self, Body, Debt, Ledger};
use crate::model::{Context, minute};
use crate::report::{clean, losses_text};

/// Shows what was done, signs that it was looked at, and writes that down.
pub(super) fn run(
    arguments: &Arguments,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let declarations = inputs::declarations(None, arguments.config.as_deref(), context)?;
    let signers = Signers::read(&declarations)?.demanded()?;
    let file = context.directory.join(&arguments.what);
    let (wanted, statement) = match file.is_file() {
        true => {
            let glass = glass::read(&arguments.what, context)?;
            (glass.statement.digest()?.to_string(), Some(glass.statement))
        }
        false => (arguments.what.display().to_string(), None),
    };
    let Some(mut ledger) = open_ledger(&declarations, false, context)? else {
        return Err(Error::NoDebt(wanted));
    };
    let debt = find(ledger.as_mut(), &wanted, context)?;
    let mut text = format!(
        "{} went ahead alone on {}: {}\nstatement {}\n",
        clean(&debt.person),
        minute(debt.since),
        clean(&debt.reason),
        debt.statement
    );
    for run in &debt.runs {
        text.push_str(&format!("run       {}: {}\n", clean(run), clean(&ended(ledger.as_mut(), run)?)));
    }
    if let Some(statement) = &statement {
        text.push_str(&format!("\n{}", losses_text(&statement.losses, output::look(context, global))));
    }
    output::print(console, &text)?;
    let touch = declarations.signing.require_touch;
    let signer = Signer::choose(arguments.key.as_deref(), REVIEW_NAMESPACE, touch, &signers, context)?;
    let person = signer.person().ok_or(Error::NobodysKey)?;
    if person == debt.person {
        let text = format!("not reviewed: {} did it, and a second person must look at it\n", clean(&person));
        output::print(console, &text)?;
        return Ok(Exit::Denied);
    }
    let review = Review {
        format: REVIEW_FORMAT.to_owned(),
        statement: debt.statement,
        runs: debt.runs,
        reviewer: person.clone(),
        note: arguments.note.clone(),
        issued: context.second(),
    };
    let (signature, _) = signer.vouch(&review.message()?)?;
    let signed = SignedReview { review, signature };
    let name = arguments.output.clone().unwrap_or_else(|| file_name(&person, "review").into());
    output::put(context, &name, &signed.to_bytes()?)?;
    let head = ledger
        .append(context.now, Body::Reviewed { statement: signed.review.statement, by: person.clone() })?;
    let text = format!(
        "{} has reviewed it, and it stands in nobody's way any more: {}\nledger  {head}\n",
        clean(&person),
        name.display()
    );
    output::print(console, &text)?;
    Ok(Exit::Pass)
}

/// The open debt that is meant: by the digest of its statement, or by eight digits of it or more.
fn find(ledger: &mut dyn Ledger, wanted: &str, context: &Context) -> Result<Debt, Error> {
    let digits = wanted.strip_prefix("sha256:").unwrap_or(wanted);
    let is = |debt: &Debt| {
        let digest = debt.statement.to_string();
        digits.len() >= 8 && digest.strip_prefix("sha256:").is_some_and(|all| all.starts_with(digits))
    };
    let mut found: Vec<Debt> = ledger::debts(ledger, context.now)?.into_iter().filter(is).collect();
    match (found.pop(), found.is_empty()) {
        (Some(debt), true) => Ok(debt),
        _ => Err(Error::NoDebt(wanted.to_owned())),
    }
}

/// How a run ended, as far as anybody knows.
fn ended(ledger: &mut dyn Ledger, run: &str) -> Result<String, Error> {
    let mut said = "no end of it is recorded".to_owned();
    ledger.entries(1, &mut |entry| {
        let text = super::ledger::said(&entry.body);
        match entry.body {
            Body::Ended { run: of, .. } if of == run => said = text,
            _ => {}
        }
        Ok(())
    })?;
    Ok(said)
}
