//! `mainstay request`: asks people to sign for what a plan costs.

use super::arguments::{Global, Request};
use super::case::{Case, Like, Reach};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use super::people;
use super::signing::Signer;
use crate::approval::ledger::Body;
use crate::approval::request::{LedgerRef, NAMESPACE, SignedRequest};
use crate::model::{Context, Instant, hex};
use crate::report::losses_text;
use crate::verdict::Verdict;

/// Judges, binds, signs and writes the request.
pub(super) fn run(
    arguments: &Request,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let mut case = Case::read(&arguments.plans, &arguments.sources, Reach::Make, context, console)?;
    match case.report.verdict {
        Verdict::Pass | Verdict::Warn => {
            output::print(console, "nothing to ask for: no approval is needed\n")?;
            return Ok(Exit::Pass);
        }
        Verdict::Deny => {
            output::print(console, "denied by policy: nobody can approve it; `mainstay check` says why\n")?;
            return Ok(Exit::Denied);
        }
        Verdict::Approval | Verdict::Undetermined => {}
    }
    case.signers = case.signers.demanded()?;
    let signer = Signer::choose(arguments.key.as_deref(), NAMESPACE, false, &case.signers, context)?;
    let nonce = hex(&random()?);
    let lasts = case.inputs.declarations.signing.expires;
    let created = context.second();
    let expires = Instant::from_second(created.as_second().saturating_add(lasts)).unwrap_or(Instant::MAX);
    let ledger = match &mut case.ledger {
        Some(ledger) => Some(LedgerRef { id: ledger.id().0, head: ledger.head()? }),
        None => None,
    };
    let people = &case.inputs.declarations.signing.people;
    let by = signer.person().unwrap_or_else(|| people::by(context, people));
    let request = case.request(&Like { nonce: &nonce, by: &by, created, expires, ledger })?;
    let signature = signer.sign(&request.message()?)?.armored;
    let digest = request.digest()?;
    let asked = Body::Asked {
        request: digest,
        by,
        plans: request.plans.iter().map(|plan| plan.sha256).collect(),
        losses: request.loss_digest,
        required: request.required,
    };
    let head = match &mut case.ledger {
        Some(ledger) => Some(ledger.append(context.now, asked)?),
        None => None,
    };
    let bytes = SignedRequest { request, signature }.to_bytes()?;
    output::put(context, &arguments.output, &bytes)?;
    let look = output::look(context, global);
    let losses = crate::verdict::losses(&case.report.findings);
    let mut text = losses_text(&losses, look);
    text.push_str(&format!(
        "{} people must sign: mainstay approve {}\nrequest {digest}\n",
        case.report.approvals_required,
        arguments.output.display()
    ));
    if arguments.plans.len() > 1 {
        text.push_str(
            "note: this is for `mainstay verify` of all these plans together; `mainstay apply` takes a request of one plan\n",
        );
    }
    if let Some(head) = head {
        text.push_str(&format!("ledger  {head}\n"));
    }
    output::print(console, &text)?;
    Ok(Exit::Pass)
}

/// Sixteen bytes that nobody can foresee.
pub(super) fn random() -> Result<[u8; 16], Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Random(error.to_string()))?;
    Ok(bytes)
}
