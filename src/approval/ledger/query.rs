//! What the entries add up to: debts that nobody reviewed, and runs whose end nobody recorded.

use super::{Body, Decision, Entry, Error, Ledger};
use crate::model::{Digest, Instant};
use std::collections::BTreeMap;

/// A broken glass that no second person has reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debt {
    /// The signed statement.
    pub statement: Digest,
    /// Who went ahead alone.
    pub person: String,
    /// Why, in their words.
    pub reason: String,
    /// When it was first used (UTC).
    pub since: Instant,
    /// Seconds from then to `now`; never below 0.
    pub age: i64,
    /// The runs it was used for, oldest first.
    pub runs: Vec<String>,
}

/// An apply that started and of which no end is recorded: it may still go on, or nobody saw its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its name.
    pub run: String,
    /// The entry that started it.
    pub seq: u64,
    /// When it started (UTC).
    pub since: Instant,
    /// Who started it.
    pub by: String,
}

/// Who has rejected this request, in the order in which they did, each once: a veto that was recorded counts, whether its
/// file is presented or not.
///
/// That the signature is good and its key still counts is for the caller to say.
///
/// # Errors
/// If the ledger cannot be read.
pub fn vetoes(ledger: &mut dyn Ledger, request: &Digest) -> Result<Vec<String>, Error> {
    let mut found: Vec<String> = Vec::new();
    ledger.entries(1, &mut |entry| {
        if let Body::Signed { request: of, person, decision: Decision::Reject, .. } = entry.body
            && of == *request
            && !found.contains(&person)
        {
            found.push(person);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The debts that are open, oldest first. A review by the person who broke the glass settles nothing, and a run after
/// the review is a debt again.
///
/// # Errors
/// If the ledger cannot be read.
pub fn debts(ledger: &mut dyn Ledger, now: Instant) -> Result<Vec<Debt>, Error> {
    let mut open: Vec<Debt> = Vec::new();
    ledger.entries(1, &mut |entry| {
        let since = entry.at;
        match entry.body {
            Body::BrokeGlass { statement, person, reason, run, .. } => {
                match open.iter_mut().find(|debt| debt.statement == statement) {
                    Some(debt) => debt.runs.push(run),
                    None => {
                        let age = now.as_second().saturating_sub(since.as_second()).max(0);
                        open.push(Debt { statement, person, reason, since, age, runs: vec![run] });
                    }
                }
            }
            Body::Reviewed { statement, by } => {
                open.retain(|debt| debt.statement != statement || debt.person == by);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(open)
}

/// The runs that were started and have no recorded end, in the order of their start.
///
/// # Errors
/// If the ledger cannot be read.
pub fn unended(ledger: &mut dyn Ledger) -> Result<Vec<Run>, Error> {
    let mut open: BTreeMap<u64, Run> = BTreeMap::new();
    ledger.entries(1, &mut |entry| {
        let Entry { seq, at: since, body, .. } = entry;
        match body {
            Body::Used { run, by, .. } | Body::BrokeGlass { run, person: by, .. } => {
                open.insert(seq, Run { run, seq, since, by });
            }
            Body::Ended { run, .. } => open.retain(|_, started| started.run != run),
            _ => {}
        }
        Ok(())
    })?;
    Ok(open.into_values().collect())
}
