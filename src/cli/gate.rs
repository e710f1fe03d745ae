//! Who stands at the gate: judges the sealed plan, hears the approvals, uses them up, and writes down what happened.

use super::arguments::{Global, Sources};
use super::case::Case;
use super::error::Error;
use super::exit::Exit;
use super::inputs;
use super::output::{self, Console};
use super::people;
use super::request::random;
use super::trusted::{self, Trusted};
use super::verify::{Weighed, weigh_all};
use crate::apply::{Asked, Gate, Question, Refusal, Surgery};
use crate::approval::ledger::{self, Body, Ledger};
use crate::judge::{Content, Inputs, PlanInput};
use crate::model::{Context, Declarations, Digest, hex};
use crate::plan;
use crate::report::{clean, report_text, verification_text};
use crate::terraform::Ended;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The gate of `apply`, `exec` and the shim.
pub(super) struct Door<'a, 'c> {
    pub(super) sources: &'a Sources,
    pub(super) approvals: &'a [PathBuf],
    /// The name of the plan for people.
    pub(super) shown: String,
    pub(super) global: &'a Global,
    pub(super) context: &'a Context,
    pub(super) console: &'a mut Console<'c>,
    /// What a refusal is to end with, for `apply`.
    pub(super) exit: Exit,
    trusted: Option<Trusted>,
    case: Option<(Case, Weighed)>,
    ledger: Option<Box<dyn Ledger>>,
    run: String,
    words: Option<String>,
}

impl<'a, 'c> Door<'a, 'c> {
    /// Nothing was asked yet.
    pub(super) fn new(
        sources: &'a Sources,
        approvals: &'a [PathBuf],
        shown: String,
        global: &'a Global,
        context: &'a Context,
        console: &'a mut Console<'c>,
    ) -> Result<Door<'a, 'c>, Error> {
        let trusted = Trusted::read(&[PathBuf::from(&shown)], sources, context)?;
        if trusted.is_none() {
            let declarations = inputs::trusted_declarations(sources.config.as_deref(), context)?;
            outside_the_checkout(Path::new(&shown), sources, &declarations, context)?;
        }
        let run = hex(&random()?);
        let (case, ledger, words, exit) = (None, None, None, Exit::CouldNot);
        Ok(Door {
            sources,
            approvals,
            shown,
            global,
            context,
            console,
            exit,
            trusted,
            case,
            ledger,
            run,
            words,
        })
    }

    /// What the trusted configuration allows.
    pub(super) fn allowed(&self) -> Result<Vec<String>, Error> {
        Ok(self.declarations()?.signing.allow_arguments)
    }

    fn declarations(&self) -> Result<Declarations, Error> {
        match &self.trusted {
            Some(trusted) => Ok(trusted.declarations.clone()),
            None => inputs::trusted_declarations(self.sources.config.as_deref(), self.context),
        }
    }

    fn say(&mut self, text: &str) {
        // Terraform's output is the only one on standard output. Where nothing can be said there is nobody to tell.
        let _ = self.console.err.write_all(text.as_bytes()).and_then(|()| self.console.err.flush());
    }

    fn weigh(&mut self, asked: &Asked<'_>) -> Result<(), Error> {
        let bytes = asked.plan.bytes();
        let input = PlanInput {
            path: self.shown.clone(),
            content: Content::Bytes(asked.json.to_vec()),
            file_sha256: Some(hex(asked.plan.digest().bytes())),
            sources: Some(plan::sources_of_zip(bytes, &self.shown)),
            file: Some(bytes.into()),
        };
        let declarations = self.declarations()?;
        let snapshots = inputs::snapshots(&self.sources.snapshots, &declarations, self.context);
        let inputs = Inputs { plans: vec![input], snapshots, declarations, digests: true, notes: Vec::new() };
        let mut case = Case::of(inputs, self.trusted.take(), true, self.context)?;
        let weighed = weigh_all(&mut case, self.approvals, self.context)?;
        self.case = Some((case, weighed));
        Ok(())
    }

    fn used(&self) -> Result<Body, Error> {
        let Some((case, weighed)) = &self.case else { return Err(Error::NothingJudged) };
        let people = &case.inputs.declarations.signing.people;
        let by = people::by(self.context, people);
        let plans =
            case.inputs.plans.iter().filter_map(|plan| plan.file.as_deref()).map(Digest::of).collect();
        // Without approvals nothing is used, but it is written down that it started.
        let request = weighed.request.unwrap_or_else(|| Digest::of(self.run.as_bytes()));
        Ok(Body::Used { request, approvals: weighed.approvals.clone(), plans, by, run: self.run.clone() })
    }

    fn open(&mut self) -> Result<Option<&mut Box<dyn Ledger>>, Error> {
        if self.ledger.is_none() {
            let declarations = self.declarations()?;
            self.ledger = super::case::open_ledger(&declarations, true, self.context)?;
        }
        Ok(self.ledger.as_mut())
    }

    fn refuse<T>(&mut self, exit: Exit, error: &Error) -> Result<T, Refusal> {
        self.exit = exit;
        let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
        Err(Refusal(format!("{error}{help}")))
    }
}

impl Gate for Door<'_, '_> {
    fn state_in(&mut self, plan: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        plan::state_of_zip(plan).map_err(|why| Refusal(format!("{}: {why}", clean(&self.shown))))
    }

    fn judge(&mut self, asked: &Asked<'_>) -> Result<(), Refusal> {
        if let Err(error) = self.weigh(asked) {
            return self.refuse(Exit::CouldNot, &error);
        }
        let Some((case, weighed)) = &self.case else { return Err(Refusal("nothing was judged".to_owned())) };
        let look = output::look_of_errors(self.context, self.global);
        let mut text = report_text(&case.report, look);
        text.push_str(&verification_text(&weighed.answer, look));
        let (passes, code) = (weighed.answer.passes, weighed.answer.exit_code);
        self.say(&text);
        if passes {
            return Ok(());
        }
        self.exit = Exit::of(code);
        Err(Refusal(match self.exit {
            Exit::Denied => "denied by policy".to_owned(),
            _ if asked.fresh => {
                "people must sign for this: save the plan in a file (terraform plan -out=FILE), ask them with `mainstay request FILE`, and apply that file with their approvals".to_owned()
            }
            _ => "not enough people have signed for this: `mainstay request` asks them".to_owned(),
        }))
    }

    fn confirm(&mut self, question: Question) -> Result<bool, Refusal> {
        // Where terraform asks.
        let _ = output::print(self.console, question.text());
        let mut line = String::new();
        BufReader::new(&mut *self.console.input).read_line(&mut line)?;
        Ok(line.trim_end_matches(['\r', '\n']) == "yes")
    }

    fn begin(&mut self, _: &Asked<'_>) -> Result<(), Refusal> {
        let body = match self.used() {
            Ok(body) => body,
            Err(error) => return self.refuse(Exit::CouldNot, &error),
        };
        let now = self.context.now;
        let Some((case, _)) = &mut self.case else { return Err(Refusal("nothing was judged".to_owned())) };
        let Some(ledger) = &mut case.ledger else { return Ok(()) };
        match ledger.append(now, body) {
            Ok(head) => {
                self.say(&format!("ledger  {head}\n"));
                Ok(())
            }
            Err(error @ ledger::Error::Used { .. }) => self.refuse(Exit::Approvals, &error.into()),
            Err(error) => self.refuse(Exit::CouldNot, &error.into()),
        }
    }

    fn surgery(&mut self, surgery: &Surgery) -> Result<(), Refusal> {
        self.words = Some(surgery.kind.name().to_owned());
        match self.open() {
            Ok(_) => Ok(()),
            Err(error) => self.refuse(Exit::CouldNot, &error),
        }
    }

    fn ended(&mut self, ended: &Ended) {
        // It may have run for hours.
        let now = super::context::now();
        let code = ended.code.map(i64::from);
        let by = people::by(self.context, &[]);
        let body = match self.words.take() {
            Some(command) => Body::Bypassed { command, by, code },
            None => Body::Ended {
                run: self.run.clone(),
                outcome: if ended.well() { ledger::Outcome::Applied } else { ledger::Outcome::Failed },
                code,
                note: ended.signal.map(|signal| format!("ended by signal {signal}")),
            },
        };
        let ledger = match &mut self.case {
            Some((case, _)) => case.ledger.as_mut(),
            None => self.ledger.as_mut(),
        };
        let Some(ledger) = ledger else { return };
        let text = match ledger.append(now, body) {
            Ok(head) => format!("ledger  {head}\n"),
            Err(error) => {
                format!("warning: how it ended is not in the ledger: {}\n", clean(&error.to_string()))
            }
        };
        self.say(&text);
    }
}

/// A policy that lies in what is applied could be the change's own.
fn outside_the_checkout(
    plan: &Path,
    sources: &Sources,
    declarations: &Declarations,
    context: &Context,
) -> Result<(), Error> {
    let beside = context.directory.join(plan).parent().map(Path::to_owned);
    let named = sources.config_dir.as_ref().map(|directory| context.directory.join(directory));
    let here = [beside, named, Some(context.directory.clone())].into_iter().flatten();
    let roots: Vec<PathBuf> = here.filter_map(|place| trusted::checkout_of(&trusted::real(&place))).collect();
    let given = sources.config.iter().chain(&sources.snapshots).map(|path| context.directory.join(path));
    for path in given.chain(trusted::listed(declarations)) {
        let real = trusted::real(&path);
        if roots.iter().any(|root| real.starts_with(root)) {
            return Err(Error::Untrusted(path.display().to_string()));
        }
    }
    Ok(())
}
