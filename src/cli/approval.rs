//! `mainstay approval`: what an approval says, and its parts for other tools.

use super::arguments::{Approval as Arguments, ApprovalDo, Global};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use crate::approval::token::{Approval, Decision, NAMESPACE};
use crate::model::{Context, minute};
use crate::report::{clean, losses_text};
use std::path::Path;

/// Shows an approval, or writes its statement and its signature as files of their own.
pub(super) fn run(
    arguments: &Arguments,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    match &arguments.what {
        ApprovalDo::Show { file } => {
            let approval = read(file, context)?;
            output::print(console, &shown(&approval, output::look(context, global)))?;
        }
        ApprovalDo::Extract { file, output: to } => {
            let approval = read(file, context)?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let mut text = String::new();
            let parts = [
                (format!("{name}.statement.json"), approval.statement.message()?),
                (format!("{name}.statement.json.sig"), approval.signature.clone().into_bytes()),
            ];
            for (part, bytes) in &parts {
                output::put(context, &to.join(part), bytes)?;
                text.push_str(&format!("{}\n", to.join(part).display()));
            }
            text.push_str(&format!(
                "check it with: ssh-keygen -Y verify -f ROSTER -I PRINCIPAL -n {NAMESPACE} -s {name}.statement.json.sig < {name}.statement.json\n"
            ));
            output::print(console, &text)?;
        }
    }
    Ok(Exit::Pass)
}

fn read(file: &Path, context: &Context) -> Result<Approval, Error> {
    let shown = file.display().to_string();
    let bytes = super::verify::signed_file("approval", file, context)?;
    Approval::read(&bytes).map_err(|error| Error::NoApproval { path: shown, error })
}

/// What it says; whether its signature is good is for `verify` to say.
fn shown(approval: &Approval, look: crate::report::Look) -> String {
    let (statement, request) = (&approval.statement, &approval.request.request);
    let decision = match statement.decision {
        Decision::Approve => "approves",
        Decision::Reject => "rejects",
    };
    let mut text = format!("{} {decision} request {}\n", clean(&statement.approver), statement.request);
    for plan in &request.plans {
        text.push_str(&format!("plan      {}  {}\n", clean(&plan.path), plan.sha256));
    }
    text.push_str(&format!("asked by  {}, {}\n", clean(&request.by), minute(request.created)));
    text.push_str(&format!(
        "signed    {}, counts until {}\n",
        minute(statement.issued),
        minute(statement.expires)
    ));
    if let Some(reason) = &statement.reason {
        text.push_str(&format!("reason    {}\n", clean(reason)));
    }
    if let Some(ledger) = &request.ledger {
        text.push_str(&format!("ledger    {}\n", ledger.head));
    }
    text.push_str(&format!("\n{}", losses_text(&request.losses, look)));
    text.push_str("Whether the signature is good, and counts, is what `mainstay verify` says.\n");
    text
}
