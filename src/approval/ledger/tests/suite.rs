//! What every ledger does, whatever stores it.

use super::super::{
    Body, Decision, Error, Head, Journal, Ledger, Merged, debts, export, merge, unended, vetoes,
};
use super::place::Place;
use super::race;
use super::{a_whole_story, asked, at, broke_glass, digest, ended, reviewed, signed, used};
use crate::model::Digest;
use std::sync::Barrier;

fn broken_at(ledger: &mut dyn Ledger, head: Option<&Head>) -> u64 {
    match ledger.verify(head) {
        Err(Error::Broken(broken)) => broken.seq,
        other => panic!("{other:?}"),
    }
}

fn all(ledger: &mut dyn Ledger) -> Vec<Body> {
    let mut found = Vec::new();
    let mut number = 0;
    let each = &mut |entry: super::super::Entry| {
        number += 1;
        assert_eq!(entry.seq, number);
        found.push(entry.body);
        Ok(())
    };
    ledger.entries(1, each).unwrap();
    found
}

pub(super) fn a_ledger_is_made_only_when_asked_for(place: &dyn Place) {
    assert!(matches!(place.open(false), Err(Error::Missing(_))));
    let made = place.open(true).unwrap().id();
    let mut ledger = place.open(false).unwrap();
    assert_eq!(ledger.id(), made);
    assert_eq!(ledger.head().unwrap(), Head { seq: 1, hash: made.0 });
    assert_eq!(place.open(true).unwrap().id(), made);
    assert!(matches!(&all(&mut *ledger)[..], [Body::Born { nonce }] if nonce.len() == 64));
}

pub(super) fn makers_that_race_make_one(place: &dyn Place) {
    let barrier = Barrier::new(8);
    let ids: Vec<_> = std::thread::scope(|scope| {
        let one = || {
            barrier.wait();
            place.open(true).unwrap().id()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(place.open(false).unwrap().verify(None).unwrap().entries, 1);
}

pub(super) fn entries_come_back_as_they_went_in(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    let odd = "a\0b\u{1f}\u{7f}\"\\\u{2028}\u{1f600} 'x'; DROP TABLE entries; --".to_owned();
    let bypassed = Body::Bypassed { command: "state rm".into(), by: odd, code: None };
    let mut bodies = vec![asked("r1"), signed("r1", "alice"), bypassed, broke_glass("s", "dave", "run-2")];
    bodies.extend((0..1200).map(|number| ended(&number.to_string())).take(20));
    for body in &bodies {
        ledger.append(at(5), body.clone()).unwrap();
    }
    assert_eq!(all(&mut *ledger)[1..], bodies);
    let mut late = Vec::new();
    ledger
        .entries(4, &mut |entry| {
            late.push(entry.seq);
            Ok(())
        })
        .unwrap();
    assert_eq!((late[0], late.len()), (4, bodies.len() - 2));
    ledger.entries(u64::MAX, &mut |_| panic!("there is none")).unwrap();
    // What fails in the hands of the caller ends the reading.
    let mut seen = 0;
    let stopped = ledger.entries(1, &mut |_| {
        seen += 1;
        Err(Error::Journal)
    });
    assert!(matches!(stopped, Err(Error::Journal)) && seen == 1);
    assert_eq!(ledger.verify(None).unwrap().entries, bodies.len() as u64 + 1);
}

pub(super) fn what_was_used_is_used(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    ledger.append(at(9), used("r1", &["a", "b"], "run-1")).unwrap();
    let before = ledger.head().unwrap();
    for again in [used("r1", &["c"], "run-2"), used("r2", &["x", "b"], "run-2"), used("a", &[], "run-2")] {
        let error = place.open(false).unwrap().append(at(10), again).unwrap_err();
        assert!(matches!(error, Error::Used { seq: 2, at: when, .. } if when == at(9)), "{error}");
    }
    assert!(matches!(ledger.append(at(10), used("r2", &["x", "x"], "run-2")), Err(Error::Twice(_))));
    assert_eq!(ledger.head().unwrap(), before);
    // What a refused use named beside the used one is still free.
    ledger.append(at(11), used("r2", &["x"], "run-2")).unwrap();
    assert_eq!(ledger.verify(None).unwrap().entries, 3);
}

pub(super) fn of_64_processes_that_race_one_wins(place: &dyn Place) {
    place.open(true).unwrap();
    assert_eq!(race::winners(place, 64), 1);
    assert_eq!(place.open(false).unwrap().verify(None).unwrap().entries, 2);
}

pub(super) fn appenders_that_race_make_one_chain(place: &dyn Place) {
    place.open(true).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                let mut ledger = place.open(false).unwrap();
                for number in 0..10 {
                    ledger.append(at(number), asked(&format!("{thread} {number}"))).unwrap();
                }
            });
        }
    });
    assert_eq!(place.open(false).unwrap().verify(None).unwrap().entries, 41);
}

pub(super) fn a_head_tells_ledgers_apart(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    let first = ledger.head().unwrap();
    a_whole_story(&mut *ledger);
    let last = ledger.head().unwrap();
    assert!(ledger.has(&first).unwrap() && ledger.has(&last).unwrap());
    // Shorter than the head, another entry at its place, and numbers that no ledger has.
    assert!(!ledger.has(&Head { seq: 7, hash: last.hash }).unwrap());
    assert!(!ledger.has(&Head { seq: 5, hash: last.hash }).unwrap());
    assert!(!ledger.has(&Head { seq: u64::MAX, hash: last.hash }).unwrap());
    // One that was born elsewhere has none of it, though the same things happened in it.
    let elsewhere = super::InFile::new();
    let mut other = elsewhere.open(true).unwrap();
    a_whole_story(&mut *other);
    assert_ne!(other.id(), ledger.id());
    assert!(!other.has(&first).unwrap() && !other.has(&last).unwrap());
    assert_eq!(broken_at(&mut *other, Some(&last)), 6);
    // A hash that is only noted beside a changed entry does not count.
    place.tamper("UPDATE entries SET entry = replace(entry, 'bob', 'eve') WHERE seq = 4");
    let mut head = None;
    assert!(
        ledger
            .entries(1, &mut |entry| {
                head = Some(Head::of(&entry)?);
                Ok(())
            })
            .is_err()
    );
    assert_eq!(head.unwrap().seq, 3);
}

pub(super) fn every_change_is_found(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    ledger.append(at(20), used("r2", &["r2 alice"], "run-2")).unwrap();
    let head = ledger.head().unwrap();
    assert_eq!(ledger.verify(Some(&head)).unwrap().head, head);
    let key = digest("r1 alice");
    let zero = digest("nothing");
    let changes = [
        // Any column of any entry.
        (
            1,
            "UPDATE entries SET entry = replace(entry, 'nonce\":\"', 'nonce\":\"0') WHERE seq = 1".to_owned(),
        ),
        (3, "UPDATE entries SET entry = replace(entry, 'alice', 'eve') WHERE seq = 3".to_owned()),
        (3, "UPDATE entries SET entry = replace(entry, '\"seq\":3', '\"seq\": 3') WHERE seq = 3".to_owned()),
        (7, "UPDATE entries SET entry = replace(entry, 'run-2', 'run-3') WHERE seq = 7".to_owned()),
        (5, format!("UPDATE entries SET hash = '{zero}' WHERE seq = 5")),
        (7, format!("UPDATE entries SET hash = '{zero}' WHERE seq = 7")),
        (7, "UPDATE entries SET seq = 8 WHERE seq = 7".to_owned()),
        (1, "UPDATE entries SET seq = 0 WHERE seq = 1".to_owned()),
        // The middle, the beginning, all.
        (4, "DELETE FROM entries WHERE seq = 4".to_owned()),
        (1, "DELETE FROM entries WHERE seq = 1".to_owned()),
        (1, "DELETE FROM entries".to_owned()),
        // Two that change places.
        (
            3,
            "UPDATE entries SET seq = 100 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 4; \
             UPDATE entries SET seq = 4 WHERE seq = 100"
                .to_owned(),
        ),
        // What is noted as used: less, more, elsewhere, and no digest.
        (5, format!("DELETE FROM used WHERE key = '{key}'")),
        (6, format!("INSERT INTO used (key, seq) VALUES ('{zero}', 6)")),
        (5, format!("UPDATE used SET seq = 7 WHERE key = '{key}'")),
        (5, format!("UPDATE used SET key = 'x' WHERE key = '{key}'")),
        (5, format!("UPDATE used SET key = '' WHERE key = '{key}'")),
        (5, "DELETE FROM used".to_owned()),
        (3, format!("INSERT INTO used (key, seq) VALUES ('', 3); DELETE FROM used WHERE key = '{key}'")),
    ];
    for (seq, change) in changes {
        place.sql("DROP TABLE IF EXISTS kept_entries; DROP TABLE IF EXISTS kept_used; \
                   CREATE TABLE kept_entries AS SELECT * FROM entries; CREATE TABLE kept_used AS SELECT * FROM used")
            .unwrap();
        place.tamper(&change);
        assert_eq!(broken_at(&mut *ledger, None), seq, "{change}");
        place.tamper(
            "DELETE FROM used; DELETE FROM entries; INSERT INTO entries SELECT * FROM kept_entries; \
             INSERT INTO used SELECT * FROM kept_used",
        );
        assert_eq!(ledger.verify(Some(&head)).unwrap().entries, 7, "{change}");
    }
}

pub(super) fn a_cut_off_end_is_found_by_who_kept_the_head(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    let head = ledger.head().unwrap();
    place.tamper("DELETE FROM used WHERE seq >= 5; DELETE FROM entries WHERE seq >= 5");
    // The rest is a chain, and does not say that there was more.
    assert_eq!(ledger.verify(None).unwrap().entries, 4);
    assert_eq!(broken_at(&mut *ledger, Some(&head)), 6);
    assert!(!ledger.has(&head).unwrap());
    // Another end does not help.
    ledger.append(at(30), signed("r1", "eve")).unwrap();
    ledger.append(at(31), ended("run-1")).unwrap();
    assert_eq!(broken_at(&mut *ledger, Some(&head)), 6);
}

pub(super) fn changes_are_refused_by_the_store_itself(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    for change in [
        "UPDATE entries SET entry = 'x'",
        "DELETE FROM entries WHERE seq = 6",
        "UPDATE used SET seq = 1",
        "DELETE FROM used",
    ] {
        let said = place.sql(change).unwrap_err();
        assert!(said.contains("a ledger is only added to"), "{change}: {said}");
    }
    let said = place.sql("INSERT INTO entries (seq, hash, entry) VALUES (9, 'x', 'x')").unwrap_err();
    assert!(said.contains("must follow the last one"), "{said}");
    let twice = format!("INSERT INTO used (key, seq) VALUES ('{}', 2)", digest("r1"));
    place.sql(&twice).unwrap_err();
    ledger.verify(None).unwrap();
}

pub(super) fn a_changed_end_is_not_built_upon(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    place.tamper("UPDATE entries SET entry = replace(entry, 'applied', 'refused') WHERE seq = 6");
    assert!(matches!(ledger.append(at(9), asked("r2")), Err(Error::Broken(broken)) if broken.seq == 6));
    assert!(matches!(ledger.head(), Err(Error::Broken(broken)) if broken.seq == 6));
    place.tamper("DELETE FROM entries WHERE seq = 1");
    assert!(matches!(place.open(true), Err(Error::Broken(broken)) if broken.seq == 1));
}

pub(super) fn a_recorded_veto_is_told(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    assert!(vetoes(&mut *ledger, &digest("r1")).unwrap().is_empty());
    for (request, person) in [("r1", "erin"), ("r2", "alice"), ("r1", "bob"), ("r1", "erin")] {
        let Body::Signed { request, approval, person, fingerprint, .. } = signed(request, person) else {
            panic!()
        };
        let decision = Decision::Reject;
        ledger.append(at(7), Body::Signed { request, approval, person, fingerprint, decision }).unwrap();
    }
    assert_eq!(vetoes(&mut *ledger, &digest("r1")).unwrap(), ["erin", "bob"]);
}

pub(super) fn debts_and_runs_are_told_until_they_are_settled(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    let ledger = &mut *ledger;
    a_whole_story(ledger);
    assert!(debts(ledger, at(0)).unwrap().is_empty() && unended(ledger).unwrap().is_empty());
    ledger.append(at(100), broke_glass("s1", "dave", "run-2")).unwrap();
    ledger.append(at(200), broke_glass("s2", "erin", "run-3")).unwrap();
    ledger.append(at(300), broke_glass("s1", "dave", "run-4")).unwrap();
    // The same statement for the same run is the same entry.
    assert!(matches!(ledger.append(at(301), broke_glass("s1", "dave", "run-4")), Err(Error::Used { .. })));
    let open = debts(ledger, at(1000)).unwrap();
    let told: Vec<_> = open.iter().map(|debt| (debt.person.as_str(), debt.age, debt.runs.len())).collect();
    assert_eq!(told, [("dave", 900, 2), ("erin", 800, 1)]);
    assert_eq!(debts(ledger, at(50)).unwrap()[0].age, 0);
    ledger.append(at(400), used("r3", &["r3 alice"], "run-5")).unwrap();
    ledger.append(at(401), ended("run-3")).unwrap();
    let runs = unended(ledger).unwrap();
    let told: Vec<_> = runs.iter().map(|run| (run.run.as_str(), run.by.as_str(), run.seq)).collect();
    assert_eq!(told, [("run-2", "dave", 7), ("run-4", "dave", 9), ("run-5", "carol", 10)]);
    // Nobody settles their own, and a run after the review is a debt again.
    ledger.append(at(500), reviewed("s1", "dave")).unwrap();
    ledger.append(at(501), reviewed("s2", "alice")).unwrap();
    assert_eq!(debts(ledger, at(1000)).unwrap().len(), 1);
    ledger.append(at(502), reviewed("s1", "alice")).unwrap();
    assert!(debts(ledger, at(1000)).unwrap().is_empty());
    ledger.append(at(503), broke_glass("s2", "erin", "run-6")).unwrap();
    assert_eq!(debts(ledger, at(1000)).unwrap()[0].runs, ["run-6"]);
}

pub(super) fn the_export_is_a_chain_that_others_can_check(place: &dyn Place) {
    let mut ledger = place.open(true).unwrap();
    a_whole_story(&mut *ledger);
    let mut out = Vec::new();
    let head = export(&mut *ledger, &mut out).unwrap();
    assert_eq!(head, Some(ledger.head().unwrap()));
    let text = String::from_utf8(out).unwrap();
    let mut previous = Digest::of(b"");
    for line in text.lines() {
        assert!(line.contains(&format!("\"previous\":\"{previous}\"")), "{line}");
        previous = Digest::of(line.as_bytes());
    }
    assert_eq!((text.lines().count(), previous), (6, head.unwrap().hash));
}

pub(super) fn a_journal_is_merged_once(place: &dyn Place) {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(&directory.path().join("glass.ndjson"), true).unwrap();
    journal.append(at(1), broke_glass("s1", "dave", "run-1")).unwrap();
    journal.append(at(2), ended("run-1")).unwrap();
    place.open(true).unwrap();
    let added: usize = std::thread::scope(|scope| {
        let journal = &journal;
        let one = move || merge(journal, &mut *place.open(false).unwrap()).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().added).sum()
    });
    assert_eq!(added, 2);
    let mut ledger = place.open(false).unwrap();
    let ledger = &mut *ledger;
    // More was written since.
    journal.append(at(3), broke_glass("s1", "dave", "run-2")).unwrap();
    assert_eq!(merge(&journal, ledger).unwrap(), Merged { added: 1, known: 2 });
    assert_eq!(ledger.verify(None).unwrap().entries, 4);
    let open = debts(ledger, at(101)).unwrap();
    assert_eq!((open[0].age, open[0].runs.len()), (100, 2));
    assert_eq!(unended(ledger).unwrap()[0].run, "run-2");
}
