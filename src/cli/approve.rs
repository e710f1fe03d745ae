//! `mainstay approve`: shows what is lost, asks, and signs.

use super::arguments::{Approve, Global};
use super::case::{Case, Like, Reach, Signers, open_ledger};
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use super::signing::{Signer, rules};
use super::verify::signed_file;
use crate::approval::differences;
use crate::approval::ledger::Body;
use crate::approval::quorum::{Identity, Parties, Voice, weigh};
use crate::approval::request::{self, Request, SignedRequest};
use crate::approval::signature::{Answer, verify};
use crate::approval::token::{Approval, Decision, FORMAT, NAMESPACE, Statement};
use crate::model::{Context, minute};
use crate::report::{clean, losses_text, workloads_lost};
use crate::verdict::Loss;
use std::io::BufRead;

/// Shows, asks, signs, and writes `NAME.approval`.
pub(super) fn run(
    arguments: &Approve,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let shown = arguments.request.display().to_string();
    let bytes = signed_file("request", &arguments.request, context)?;
    let signed = SignedRequest::read(&bytes).map_err(|error| Error::NoRequest { path: shown, error })?;
    let request = &signed.request;
    let declarations =
        inputs::declarations(Some(&arguments.request), arguments.sources.config.as_deref(), context)?;
    let signers = Signers::read(&declarations)?.demanded()?;
    let (asked_by, requester) = asked_by(&signed, &signers, context)?;
    let mut parties = Parties { requesters: vec![requester], ..Parties::default() };
    if !arguments.plans.is_empty() {
        match judge_again(arguments, request, context, console)? {
            Ok(authors) => parties.identities = authors,
            Err(exit) => return Ok(exit),
        }
    }
    let look = output::look(context, global);
    let mut text = String::new();
    for plan in &request.plans {
        text.push_str(&format!("plan      {}  {}\n", clean(&plan.path), plan.sha256));
    }
    text.push_str(&format!(
        "asked by  {}, {}, until {}\n\n",
        clean(&asked_by),
        minute(request.created),
        minute(request.expires)
    ));
    text.push_str(&losses_text(&request.losses, look));
    for what in &request.undetermined {
        text.push_str(&format!("not known, and it decides: {}\n", clean(what)));
    }
    for what in &request.programs {
        text.push_str(&format!("it runs a program when it is applied: {}\n", clean(what)));
    }
    if arguments.plans.is_empty() {
        text.push_str("This is what the request says. With --plan the plan itself is judged again, here.\n");
    }
    output::print(console, &text)?;
    let touch = declarations.signing.require_touch;
    let signer = Signer::choose(arguments.key.as_deref(), NAMESPACE, touch, &signers, context)?;
    let person = signer.person().ok_or(Error::NobodysKey)?;
    let decision = if arguments.reject { Decision::Reject } else { Decision::Approve };
    // Better now than when it is to be applied.
    let voice = Voice { person: person.clone(), number: 0, rejects: arguments.reject };
    for (_, why) in weigh(&parties, &[voice], &declarations.signing.people).not_counted {
        output::print(console, &format!("note: this will not count: {} {}\n", clean(&person), clean(&why)))?;
    }
    if decision == Decision::Approve && !confirmed("approve", &request.losses, console)? {
        output::print(console, "not signed\n")?;
        return Ok(Exit::Denied);
    }
    let statement = Statement {
        format: FORMAT.to_owned(),
        request: request.digest()?,
        plans: request.plans.iter().map(|plan| plan.sha256).collect(),
        loss_digest: request.loss_digest,
        decision,
        approver: person.clone(),
        reason: arguments.reason.clone(),
        issued: context.second(),
        expires: request.expires,
    };
    let (signature, fingerprint) = signer.vouch(&statement.message()?)?;
    let approval = Approval { statement, signature, request: signed.clone() };
    let name = arguments.output.clone().unwrap_or_else(|| file_name(&person, "approval").into());
    output::put(context, &name, &approval.to_bytes()?)?;
    let mut text = match decision {
        Decision::Approve => format!("{person} approves: {}\n", name.display()),
        Decision::Reject => format!("{person} rejects: {}\n", name.display()),
    };
    let body = Body::Signed {
        request: approval.statement.request,
        approval: approval.digest()?,
        person,
        fingerprint,
        decision,
    };
    // Whoever signs may be far from the ledger: the file is what counts, and a veto counts more if it is recorded.
    match open_ledger(&declarations, false, context).and_then(|ledger| {
        ledger.map(|mut ledger| ledger.append(context.now, body)).transpose().map_err(Error::from)
    }) {
        Ok(Some(head)) => text.push_str(&format!("ledger  {head}\n")),
        Ok(None) => {}
        Err(error) => {
            text.push_str(&format!("note: not recorded in the ledger: {}\n", clean(&error.to_string())))
        }
    }
    output::print(console, &text)?;
    Ok(Exit::Pass)
}

/// Who asks, by the key that signed the request: in words, and by name.
fn asked_by(signed: &SignedRequest, signers: &Signers, context: &Context) -> Result<(String, String), Error> {
    let message = signed.request.message()?;
    match verify(&message, request::NAMESPACE, &signed.signature, &rules(signers, false, context)) {
        Answer::Good { person, .. } => Ok((person.clone(), person)),
        Answer::Unknown { fingerprint } => {
            let by = signed.request.by.clone();
            Ok((format!("{by} (a key of nobody in the roster: {fingerprint})"), by))
        }
        Answer::Bad { why } => Err(Error::RequestSignature(why.to_string())),
    }
}

/// Judges the plan that is here: what is asked for must be what it does. Gives who wrote the change, as far as that is
/// known.
fn judge_again(
    arguments: &Approve,
    asked: &Request,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Result<Vec<Identity>, Exit>, Error> {
    let case = Case::read(&arguments.plans, &arguments.sources, Reach::Find, context, console)?;
    let like = Like {
        nonce: &asked.nonce,
        by: &asked.by,
        created: asked.created,
        expires: asked.expires,
        ledger: asked.ledger.clone(),
    };
    // What differs between machines (their environment) is looked at where it is applied.
    // So do the digests of values, where the ledger with their key is out of reach; the plan's bytes are compared.
    let now = Request {
        environment: asked.environment.clone(),
        change_digest: asked.change_digest,
        ..case.request(&like)?
    };
    let against = differences(asked, &now, false);
    if against.is_empty() {
        let authors = case.trusted.as_ref().and_then(|trusted| trusted.authors().ok());
        return Ok(Ok(authors.unwrap_or_default()));
    }
    let mut text = "not signed: what is asked for is not what this plan does\n".to_owned();
    for why in against {
        text.push_str(&format!("  {}\n", clean(&why)));
    }
    output::print(console, &text)?;
    Ok(Err(Exit::Denied))
}

/// Whether who signs types what cannot be typed by accident: how many workloads break.
pub(super) fn confirmed(deed: &str, losses: &[Loss], console: &mut Console<'_>) -> Result<bool, Error> {
    let count = workloads_lost(losses);
    output::print(console, &format!("To {deed}, type the number of workloads that break: "))?;
    let mut line = String::new();
    std::io::BufReader::new(&mut *console.input).read_line(&mut line).map_err(|error| Error::Read {
        what: "answer",
        path: "standard input".to_owned(),
        error,
    })?;
    Ok(line.trim() == count.to_string())
}

/// `alice.approval`: letters, digits and what joins them.
pub(super) fn file_name(person: &str, ending: &str) -> String {
    let plain =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    format!("{}.{ending}", person.chars().map(plain).collect::<String>().trim_start_matches('.'))
}
