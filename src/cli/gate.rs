//! Who stands at the gate: judges the sealed plan, hears the approvals, uses them up, and writes down what happened.

use super::arguments::{Global, Sources};
use super::case::{Case, Reach, journal_of, open_journal};
use super::error::Error;
use super::exit::Exit;
use super::glass::{self, Broken, Written};
use super::inputs;
use super::output::{self, Console};
use super::request::random;
use super::trusted::{By, Trusted, listed};
use super::verify::{Weighed, weigh_all};
use super::{paths, people};
use crate::apply::{Asked, Gate, Question, Refusal, Surgery};
use crate::approval::glass::BreakGlass;
use crate::approval::ledger::{self, Body, Ledger};
use crate::judge::{Content, Inputs, PlanFile, PlanInput};
use crate::model::{Context, Declarations, Digest, Instant, hex};
use crate::plan;
use crate::report::{alone_text, clean, debt_text, journal_text, report_text, verification_text};
use crate::terraform::Ended;
use crate::verdict::Verdict;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// The gate of `apply`, `exec` and the shim.
pub(super) struct Door<'a, 'c> {
    pub(super) sources: &'a Sources,
    pub(super) approvals: &'a [PathBuf],
    /// Instead of approvals: the statement of one who goes ahead alone.
    pub(super) glass: Option<BreakGlass>,
    /// The name of the plan for people.
    pub(super) shown: String,
    pub(super) global: &'a Global,
    pub(super) context: &'a Context,
    pub(super) console: &'a mut Console<'c>,
    /// What a refusal is to end with, for `apply`.
    pub(super) exit: Exit,
    trusted: Option<Trusted>,
    /// Read once: what is allowed, judged by and recorded in must be of one configuration.
    declarations: Declarations,
    case: Option<(Case, Weighed)>,
    broken: Option<Broken>,
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
        let trusted = Trusted::read(&[PathBuf::from(&shown)], sources, By::Id, context)?;
        let declarations = match &trusted {
            Some(trusted) => trusted.declarations.clone(),
            None => inputs::trusted_declarations(sources.config.as_deref(), context)?,
        };
        if trusted.is_none() {
            outside_the_checkout(Path::new(&shown), sources, &declarations, context)?;
        }
        let run = hex(&random()?);
        let (case, ledger, words, exit) = (None, None, None, Exit::CouldNot);
        Ok(Door {
            sources,
            approvals,
            glass: None,
            broken: None,
            shown,
            global,
            context,
            console,
            exit,
            trusted,
            declarations,
            case,
            ledger,
            run,
            words,
        })
    }

    /// What the trusted configuration allows.
    pub(super) fn allowed(&self) -> Vec<String> {
        self.declarations.signing.allow_arguments.clone()
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
            sources: Some(plan::sources_of_zip(bytes, &self.shown)),
            // Their digest is known since they were sealed.
            file: Some(PlanFile { bytes: bytes.into(), sha256: asked.plan.digest() }),
        };
        let declarations = self.declarations.clone();
        let snapshots = inputs::snapshots(&self.sources.snapshots, &declarations, self.context);
        let notes = match self.trusted.is_some() || self.sources.config.is_some() {
            true => Vec::new(),
            false => inputs::unused(Path::new(&self.shown), self.context).into_iter().collect(),
        };
        let inputs = Inputs { plans: vec![input], snapshots, declarations, digests: true, notes };
        // One who goes ahead alone must be able to when no server answers; approvals count only where that is recorded.
        let reach = if self.glass.is_some() { Reach::Try } else { Reach::Make };
        let mut case = Case::of(inputs, self.trusted.take(), reach, self.context)?;
        let weighed = match weigh_all(&mut case, self.approvals, self.context) {
            Err(Error::Ledger(error)) if self.glass.is_some() => {
                case.lose_ledger(&error);
                weigh_all(&mut case, self.approvals, self.context)?
            }
            other => other?,
        };
        self.case = Some((case, weighed));
        Ok(())
    }

    /// Whether somebody's going ahead alone lets it through; nothing if nobody does, or nobody needs to.
    fn alone(&mut self) -> Result<Option<String>, Refusal> {
        let (Some(glass), Some((case, weighed))) = (&self.glass, &mut self.case) else { return Ok(None) };
        let lost = case.no_ledger.clone();
        if weighed.answer.verdict < Verdict::Approval && lost.is_none() {
            return Ok(Some("note: nobody's approval is needed: the statement is not used\n".to_owned()));
        }
        let heard = match glass::hear(case, glass, self.context) {
            Ok(heard) => heard,
            Err(error) => return self.refuse(Exit::CouldNot, &error),
        };
        match heard {
            Ok(broken) => {
                let look = output::look_of_errors(self.context, self.global);
                let text = alone_text(&broken.alone, look);
                self.broken = Some(broken);
                Ok(Some(text))
            }
            Err(why) => {
                let code = weighed.answer.exit_code;
                // What needs nobody is held back by the ledger alone.
                let code = if code == 0 { Exit::CouldNot } else { Exit::of(code) };
                self.exit = code;
                let lost = lost
                    .filter(|_| code == Exit::CouldNot)
                    .map(|lost| format!("{lost}; "))
                    .unwrap_or_default();
                Err(Refusal(format!("{lost}the statement does not count: {}", why.join("; "))))
            }
        }
    }

    /// Writes down that somebody goes ahead alone.
    fn begin_alone(&mut self) -> Result<(), Refusal> {
        let (Some(broken), Some((case, _))) = (&mut self.broken, &mut self.case) else { return Ok(()) };
        match glass::write_down(broken, case, &self.run, self.context) {
            Ok(Written::Ledger(head)) => {
                self.say(&format!("ledger  {head}\n"));
                Ok(())
            }
            Ok(Written::Journal(head, why)) => {
                let file = broken.journal.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                let look = output::look_of_errors(self.context, self.global);
                self.say(&journal_text(&why, &file, &head.to_string(), look));
                Ok(())
            }
            Ok(Written::Used(why)) => {
                self.exit = Exit::Approvals;
                Err(Refusal(format!("the statement does not count: {why}")))
            }
            Err(error) => self.refuse(Exit::CouldNot, &error),
        }
    }

    /// Writes down how it ended: in the ledger, and what one person did alone in the journal where that is not reached.
    fn write_end(&mut self, now: Instant, body: Body) -> Result<Option<ledger::Head>, ledger::Error> {
        let (journal, in_journal) = match (&self.broken, &self.case) {
            (Some(broken), Some((case, _))) => {
                (Some(journal_of(&case.inputs.declarations, self.context)), broken.journal.is_some())
            }
            _ => (None, false),
        };
        let ledger = match &mut self.case {
            Some((case, _)) => case.ledger.as_mut(),
            None => self.ledger.as_mut(),
        };
        let path = match (ledger.map(|ledger| ledger.append(now, body.clone())), journal) {
            (Some(Ok(head)), _) => return Ok(Some(head)),
            (Some(Err(error)), None) => return Err(error),
            (Some(Err(_)), Some(path)) => path,
            (None, Some(path)) if in_journal => path,
            (None, _) => return Ok(None),
        };
        open_journal(&path, true)?.append(now, body).map(Some)
    }

    fn used(&self) -> Result<Body, Error> {
        let Some((case, weighed)) = &self.case else { return Err(Error::NothingJudged) };
        let people = &case.inputs.declarations.signing.people;
        let by = people::by(self.context, people);
        let plans =
            case.inputs.plans.iter().filter_map(|plan| plan.file.as_ref()).map(|file| file.sha256).collect();
        // Without approvals nothing is used, but it is written down that it started.
        let request = weighed.request.unwrap_or_else(|| Digest::of(self.run.as_bytes()));
        Ok(Body::Used { request, approvals: weighed.approvals.clone(), plans, by, run: self.run.clone() })
    }

    fn open(&mut self) -> Result<Option<&mut Box<dyn Ledger>>, Error> {
        if self.ledger.is_none() {
            self.ledger = super::case::open_ledger(&self.declarations, true, self.context)?;
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
        let verified = verification_text(&weighed.answer, look);
        let (passes, code) = (weighed.answer.passes, weighed.answer.exit_code);
        if self.glass.is_some() {
            self.say(&text);
            let said = self.alone()?;
            self.say(&said.unwrap_or_default());
            if self.broken.is_some() {
                return Ok(());
            }
            text.clear();
        }
        text.push_str(&verified);
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
        if self.broken.is_some() {
            return self.begin_alone();
        }
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
        let text = match self.write_end(now, body) {
            Ok(Some(head)) => format!("ledger  {head}\n"),
            Ok(None) => String::new(),
            Err(error) => {
                format!("warning: how it ended is not in the ledger: {}\n", clean(&error.to_string()))
            }
        };
        self.say(&text);
        if let Some(broken) = &self.broken {
            let text = debt_text(&broken.alone, output::look_of_errors(self.context, self.global));
            self.say(&text);
        }
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
    let roots: Vec<PathBuf> = here.filter_map(|place| paths::checkout_of(&paths::real(&place))).collect();
    let given = sources.config.iter().chain(&sources.snapshots).map(|path| context.directory.join(path));
    for path in given.chain(listed(declarations)) {
        let real = paths::real(&path);
        if roots.iter().any(|root| real.starts_with(root)) {
            return Err(Error::Untrusted(path.display().to_string()));
        }
    }
    Ok(())
}
