//! One suite for every kind of store, and what only one of them can get wrong.

mod chain;
mod crash;
mod cut;
mod journal;
mod place;
mod postgres;
mod race;
mod server;
mod sqlite;
mod suite;
mod wire;

use super::{Body, Decision, Ledger, Outcome};
use crate::model::{Digest, Instant};
use place::{InFile, OnServer};

/// A second of the day on which these tests play.
fn at(second: i64) -> Instant {
    Instant::from_second(1_772_000_000 + second).unwrap()
}

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn asked(request: &str) -> Body {
    let (request, losses) = (digest(request), digest("losses"));
    Body::Asked { request, by: "carol".into(), plans: vec![digest("plan")], losses, required: 2 }
}

fn signed(request: &str, person: &str) -> Body {
    Body::Signed {
        request: digest(request),
        approval: digest(&format!("{request} {person}")),
        person: person.into(),
        fingerprint: "SHA256:abc".into(),
        decision: Decision::Approve,
    }
}

fn used(request: &str, approvals: &[&str], run: &str) -> Body {
    Body::Used {
        request: digest(request),
        approvals: approvals.iter().map(|name| digest(name)).collect(),
        plans: vec![digest("plan")],
        by: "carol".into(),
        run: run.into(),
    }
}

fn ended(run: &str) -> Body {
    Body::Ended { run: run.into(), outcome: Outcome::Applied, code: Some(0), note: None }
}

fn broke_glass(statement: &str, person: &str, run: &str) -> Body {
    Body::BrokeGlass {
        statement: digest(statement),
        person: person.into(),
        plans: vec![digest("plan")],
        reason: "the cluster is down, and nobody else is awake".into(),
        until: at(3600),
        run: run.into(),
    }
}

fn reviewed(statement: &str, by: &str) -> Body {
    Body::Reviewed { statement: digest(statement), by: by.into() }
}

/// One use from the request to the end: entries 2 to 6.
fn a_whole_story(ledger: &mut dyn Ledger) {
    let story = [
        asked("r1"),
        signed("r1", "alice"),
        signed("r1", "bob"),
        used("r1", &["r1 alice", "r1 bob"], "run-1"),
        ended("run-1"),
    ];
    for (second, body) in (1..).zip(story) {
        ledger.append(at(second), body).unwrap();
    }
}

/// Runs each function of the suite on both kinds of store.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod in_a_file {
            $(#[test] fn $name() { super::suite::$name(&super::InFile::new()); })*
        }
        mod on_a_server {
            $(#[test] fn $name() {
                if let Some(place) = super::OnServer::new(stringify!($name)) {
                    super::suite::$name(&place);
                }
            })*
        }
    };
}

on_both!(
    a_ledger_is_made_only_when_asked_for,
    makers_that_race_make_one,
    entries_come_back_as_they_went_in,
    what_was_used_is_used,
    of_64_processes_that_race_one_wins,
    appenders_that_race_make_one_chain,
    a_head_tells_ledgers_apart,
    every_change_is_found,
    a_cut_off_end_is_found_by_who_kept_the_head,
    changes_are_refused_by_the_store_itself,
    a_changed_end_is_not_built_upon,
    a_recorded_veto_is_told,
    debts_and_runs_are_told_until_they_are_settled,
    the_export_is_a_chain_that_others_can_check,
    a_journal_is_merged_once,
);
