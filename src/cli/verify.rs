//! `mainstay verify`, and the weighing that `apply` goes by as well.

use super::arguments::{Global, Verify};
use super::ask;
use super::case::{Case, Like, Reach};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use super::people;
use crate::approval::canonical;
use crate::approval::ledger::{self, Body};
use crate::approval::quorum::{Identity, Parties, Quorum, weigh};
use crate::approval::request::Request;
use crate::approval::{Heard, SKEW, State};
use crate::model::{Context, Digest};
use crate::report::verification_text;
use crate::verdict::{SignatureLine, Verdict, Verification};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Says who signed, who counts, and what is missing.
pub(super) fn run(
    arguments: &Verify,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    output::distinct(&arguments.formats.formats)?;
    let mut case = Case::read(&arguments.plans, &arguments.sources, Reach::Find, context, console)?;
    let weighed = weigh_all(&mut case, &arguments.approvals, context)?;
    ask::tell(&weighed.answer, verification_text, &arguments.formats, global, context, console)?;
    Ok(Exit::of(weighed.answer.exit_code))
}

/// What the approvals come to.
pub(super) struct Weighed {
    pub(super) answer: Verification,
    /// Digest of the request, if they are about one.
    pub(super) request: Option<Digest>,
    /// Digests of the approvals that count.
    pub(super) approvals: Vec<Digest>,
}

/// Hears and weighs all approvals that are given.
pub(super) fn weigh_all(case: &mut Case, files: &[PathBuf], context: &Context) -> Result<Weighed, Error> {
    let (heard, programs) = hear_all(case, files, context)?;
    let requests: Vec<Digest> =
        distinct(heard.iter().filter(|one| one.against.is_empty()).filter_map(|one| one.request));
    let mut obstacles = Vec::new();
    if requests.len() > 1 {
        obstacles.push("the approvals are of different requests: give those of one".to_owned());
    }
    obstacles.extend(swapped(case, &programs, files)?);
    let mut notes = Vec::new();
    let recorded = on_record(case, &requests, &heard, context, &mut obstacles, &mut notes)?;
    let people = &case.inputs.declarations.signing.people;
    let parties = parties(case, &heard, context);
    let voices: Vec<_> = heard.iter().enumerate().filter_map(|(number, one)| one.voice(number)).collect();
    let mut quorum = weigh(&parties, &voices, people);
    quorum
        .vetoes
        .extend(recorded.into_iter().filter(|person| !voices.iter().any(|voice| voice.person == *person)));
    let mut answer = answer(case, &heard, &quorum, (obstacles, notes), context)?;
    if case.trusted.is_none() && !programs.is_empty() {
        answer.notes.push(format!(
            "no trusted commit was given, and the plan runs programs ({}): whether they are those that people saw is not known",
            programs.join(", ")
        ));
    }
    let counted = quorum.numbers.iter().filter_map(|number| heard.get(*number)?.digest);
    let approvals = distinct(counted);
    Ok(Weighed { answer, request: requests.first().copied(), approvals })
}

/// The approvals, and what of the plans runs programs.
fn hear_all(case: &Case, files: &[PathBuf], context: &Context) -> Result<(Vec<Heard>, Vec<String>), Error> {
    let bench = case.bench(context);
    let (mut heard, mut programs) = (Vec::new(), Vec::new());
    // Mostly all are of one request.
    let mut last: Option<(Request, Request)> = None;
    for file in files {
        let shown = file.display().to_string();
        let bytes = signed_file("approval", file, context)?;
        let mut failed = None;
        let one = bench.hear(&shown, &bytes, &mut |signed: &Request| {
            if let Some((_, now)) = last.as_ref().filter(|(of, _)| of == signed) {
                return Some(now.clone());
            }
            let like = Like {
                nonce: &signed.nonce,
                by: &signed.by,
                created: signed.created,
                expires: signed.expires,
                ledger: signed.ledger.clone(),
            };
            let now = case.request(&like).map_err(|error| failed = Some(error)).ok()?;
            programs.clone_from(&now.programs);
            last = Some((signed.clone(), now.clone()));
            Some(now)
        });
        match failed {
            Some(error) => return Err(error),
            None => heard.push(one),
        }
    }
    Ok((heard, programs))
}

/// The bytes of a request or an approval: no more than one can have, whatever the name leads to.
pub(super) fn signed_file(what: &'static str, path: &Path, context: &Context) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::Read { what, path: path.display().to_string(), error };
    let file = std::fs::File::open(context.directory.join(path)).map_err(failed)?;
    let most = u64::try_from(canonical::MOST).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Programs that the plan runs are files of the checkout: they must be those of the commit that people signed for.
fn swapped(case: &Case, programs: &[String], approvals: &[PathBuf]) -> Result<Option<String>, Error> {
    let Some(trusted) = case.trusted.as_ref().filter(|_| !programs.is_empty()) else { return Ok(None) };
    let plans = case.inputs.plans.iter().map(|plan| PathBuf::from(&plan.path));
    let given: Vec<PathBuf> = approvals.iter().cloned().chain(plans).collect();
    let touched = trusted.touched(&given)?;
    Ok((!touched.is_empty()).then(|| {
        format!(
            "the plan runs programs ({}), and {} is not as the commit has it: put it back, or out of the checkout",
            programs.join(", "),
            touched.join(", ")
        )
    }))
}

fn distinct(all: impl Iterator<Item = Digest>) -> Vec<Digest> {
    let mut all: Vec<Digest> = all.collect();
    all.sort();
    all.dedup();
    all
}

/// What the ledger has against it; and who said no there, whether or not their file is given.
fn on_record(
    case: &mut Case,
    requests: &[Digest],
    heard: &[Heard],
    context: &Context,
    obstacles: &mut Vec<String>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Error> {
    let needs_approval = case.report.verdict >= Verdict::Approval;
    // If none holds, that may be so because the ledger is another: its secret is in what was signed.
    let holds = |one: &&Heard| one.against.is_empty();
    let none = !heard.iter().any(|one| holds(&one));
    let of = heard.iter().filter(|one| if none { one.state == State::Good } else { holds(one) });
    let mut heads: Vec<_> = of.map(|one| one.ledger.clone()).collect();
    heads.dedup();
    let Some(ledger) = &mut case.ledger else {
        if heads.iter().any(Option::is_some) {
            let why = case.no_ledger.clone().unwrap_or_else(|| "none is kept here".to_owned());
            obstacles.push(format!("the request is recorded in a ledger: {why}"));
        }
        return Ok(Vec::new());
    };
    let id = ledger.id().0;
    for head in &heads {
        obstacles.extend(match head {
            None => Some("the request is recorded in no ledger".to_owned()),
            Some(head) if id != head.id => Some("the request is recorded in another ledger".to_owned()),
            Some(head) => match ledger.verify(Some(&head.head)) {
                Ok(_) => None,
                Err(ledger::Error::Broken(broken)) => Some(format!(
                    "the ledger is not the one that the request names, or was changed since: {broken}"
                )),
                Err(other) => return Err(other.into()),
            },
        });
    }
    let mut vetoes = Vec::new();
    for request in requests {
        vetoes.extend(ledger::vetoes(ledger.as_mut(), request)?);
    }
    let approvals: Vec<Digest> = heard.iter().filter_map(|one| one.digest).collect();
    let asked: Vec<Digest> = requests.to_vec();
    let recorded = heads.iter().flatten().map(|one| one.head.seq).max();
    let (mut used, mut newest) = (None, None);
    ledger.entries(1, &mut |entry| {
        let (seq, at) = (entry.seq, entry.at);
        if recorded.is_some_and(|recorded| seq > recorded) {
            newest = newest.max(Some(at));
        }
        if let Body::Used { request, approvals: taken, .. } = entry.body
            && (asked.contains(&request) || taken.iter().any(|one| approvals.contains(one)))
        {
            used = Some((seq, at));
        }
        Ok(())
    })?;
    if let Some((seq, at)) = used {
        let at = crate::model::minute(at);
        obstacles
            .push(format!("it was used already, by entry {seq} of the ledger on {at}: approvals count once"));
    }
    // With a clock that was set back what has ended would count again.
    if let Some(at) = newest.filter(|at| at.as_second() > context.now.as_second().saturating_add(SKEW)) {
        obstacles.push(format!(
            "the clock here says {}, and the ledger has an entry of {}: set the clock",
            crate::model::minute(context.now),
            crate::model::minute(at)
        ));
    }
    for debt in ledger::debts(ledger.as_mut(), context.now)? {
        let debt = format!(
            "{} broke the glass on {}, and no second person has reviewed that yet (`mainstay review {}`)",
            debt.person,
            crate::model::minute(debt.since),
            debt.statement.short()
        );
        // It is in everybody's way but of those who need nobody: a repair must not wait for it.
        if needs_approval { obstacles.push(debt) } else { notes.push(debt) }
    }
    vetoes.sort();
    vetoes.dedup();
    Ok(vetoes)
}

/// Who is a party, and what makes it dearer.
fn parties(case: &Case, heard: &[Heard], context: &Context) -> Parties {
    let signing = &case.inputs.declarations.signing;
    let mut identities: Vec<Identity> = heard.iter().filter_map(|one| one.stranger.clone()).collect();
    identities.extend(people::appliers(context, &signing.people));
    let mut dearer = Vec::new();
    if let Some(trusted) = &case.trusted {
        match trusted.authors() {
            Ok(authors) => identities.extend(authors),
            Err(why) => dearer.push(format!("who wrote the change is not known: {why}")),
        }
        let mut others: Vec<&str> = heard
            .iter()
            .filter(|one| one.against.is_empty())
            .filter_map(|one| one.trusted.as_deref())
            .collect();
        others.sort_unstable();
        others.dedup();
        for commit in others {
            match trusted.authors_since(commit) {
                Ok(authors) => identities.extend(authors),
                Err(why) => dearer.push(format!(
                    "who wrote the change since {commit}, which was trusted when it was asked for, is not known: {why}"
                )),
            }
        }
        dearer.extend(trusted.foreign(&case.inputs));
    }
    let requesters: Vec<String> = heard.iter().filter_map(|one| one.requester.clone()).collect();
    Parties {
        required: case.report.approvals_required,
        groups: signing.groups.clone(),
        requesters,
        identities,
        dearer,
    }
}

fn answer(
    case: &mut Case,
    heard: &[Heard],
    quorum: &Quorum,
    (obstacles, mut notes): (Vec<String>, Vec<String>),
    context: &Context,
) -> Result<Verification, Error> {
    let report = &case.report;
    let verdict = report.verdict;
    let asks = matches!(verdict, Verdict::Approval | Verdict::Undetermined);
    let passes = verdict < Verdict::Approval || asks && quorum.is_met() && obstacles.is_empty();
    let ledger_head = match &mut case.ledger {
        Some(ledger) => Some(ledger.head()?.to_string()),
        None => None,
    };
    if case.ledger.is_none() && case.no_ledger.is_none() {
        notes.push(
            "no ledger is kept ([ledger] none = \"accept\"): that an approval is used once rests on Terraform's check of \
             the state's serial alone, and a veto counts only if its file is given"
                .to_owned(),
        );
    }
    if case.trusted.is_none() {
        notes.push(
            "no trusted commit was given: who wrote the change is not known, and nobody is left out for it"
                .to_owned(),
        );
    }
    Ok(Verification {
        format: Verification::FORMAT,
        now: context.now,
        verdict,
        required: report.approvals_required,
        needed: if asks { quorum.needed } else { 0 },
        dearer: quorum.dearer.clone(),
        signatures: heard.iter().enumerate().map(|(number, one)| line(number, one, quorum)).collect(),
        counted: quorum.counted.clone(),
        missing: if asks { quorum.missing() } else { 0 },
        groups_missing: if asks { quorum.groups_missing.clone() } else { Vec::new() },
        vetoes: quorum.vetoes.clone(),
        obstacles,
        notes,
        ledger_head,
        loss_digest: report.loss_digest.clone(),
        passes,
        exit_code: if passes { 0 } else { verdict.exit_code() },
    })
}

fn line(number: usize, heard: &Heard, quorum: &Quorum) -> SignatureLine {
    let counts = quorum.numbers.contains(&number);
    let mut why = heard.against.clone();
    if let (true, false, Some(person)) = (why.is_empty() && !heard.rejects, counts, &heard.person) {
        let not = quorum.not_counted.iter().filter(|(other, _)| *other == number);
        why.extend(not.map(|(_, reason)| format!("{person} {reason}")));
    }
    SignatureLine {
        file: heard.file.clone(),
        state: match heard.state {
            State::Good => "good",
            State::Unknown => "unknown",
            State::Bad => "bad",
        },
        decision: if heard.rejects { "reject" } else { "approve" },
        person: heard.person.clone(),
        fingerprint: heard.fingerprint.clone(),
        issued: heard.issued,
        reason: heard.reason.clone(),
        counts,
        why,
    }
}
