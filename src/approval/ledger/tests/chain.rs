//! The chain by itself, with entries made at random.

use super::super::chain::{Check, Row, first, next};
use super::super::{Body, Decision, Outcome};
use super::at;
use crate::model::{Digest, Instant};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = Digest> {
    any::<[u8; 8]>().prop_map(|bytes| Digest::of(&bytes))
}

fn instant() -> impl Strategy<Value = Instant> {
    (0_i64..=253_402_207_200, 0_i32..1_000_000_000)
        .prop_map(|(second, nanosecond)| Instant::new(second, nanosecond).unwrap())
}

fn body() -> impl Strategy<Value = Body> {
    let text = || any::<String>();
    let names = || prop::collection::vec(name(), 0..4);
    let code = || prop::option::of(-9_007_199_254_740_991_i64..=9_007_199_254_740_991);
    prop_oneof![
        (name(), text(), names(), name(), any::<u32>()).prop_map(|(request, by, plans, losses, required)| {
            Body::Asked { request, by, plans, losses, required }
        }),
        (name(), name(), text(), text()).prop_map(|(request, approval, person, fingerprint)| {
            Body::Signed { request, approval, person, fingerprint, decision: Decision::Reject }
        }),
        (name(), names(), names(), text(), text()).prop_map(|(request, approvals, plans, by, run)| {
            Body::Used { request, approvals, plans, by, run }
        }),
        (text(), code(), prop::option::of(text())).prop_map(|(run, code, note)| Body::Ended {
            run,
            outcome: Outcome::Unknown,
            code,
            note
        }),
        (name(), text(), names(), text(), instant(), text()).prop_map(
            |(statement, person, plans, reason, until, run)| Body::BrokeGlass {
                statement,
                person,
                plans,
                reason,
                until,
                run
            }
        ),
        (name(), text()).prop_map(|(statement, by)| Body::Reviewed { statement, by }),
        (text(), text(), code()).prop_map(|(command, by, code)| Body::Bypassed { command, by, code }),
    ]
}

/// The rows of such a ledger, and what it notes as used.
fn chain(bodies: Vec<(Instant, Body)>) -> (Vec<Row>, Vec<(String, i64)>) {
    let (mut rows, mut taken) = (vec![first(at(0), "nonce".into()).unwrap().row], Vec::new());
    for (at, body) in bodies {
        let made = next(rows.last(), at, body).unwrap();
        taken.extend(made.takes.iter().map(|key| (key.to_string(), made.row.seq)));
        rows.push(made.row);
    }
    (rows, taken)
}

fn holds(rows: &[Row], taken: &[(String, i64)]) -> bool {
    let mut check = Check::new(None);
    rows.iter().all(|row| check.row(row).is_ok()) && {
        taken.iter().for_each(|(key, seq)| check.taken(key, *seq));
        check.finish().is_ok_and(|verified| verified.entries == rows.len() as u64)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_chained_holds_and_no_changed_byte_goes_unseen(
        bodies in prop::collection::vec((instant(), body()), 1..8),
        place in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        letter in "[ -~]",
    ) {
        let (mut rows, taken) = chain(bodies);
        prop_assert!(holds(&rows, &taken));
        let row = place.index(rows.len());
        let text = rows[row].entry.clone();
        let (start, old) = text.char_indices().nth(byte.index(text.chars().count())).unwrap();
        if !letter.starts_with(old) {
            rows[row].entry.replace_range(start..start + old.len_utf8(), &letter);
            prop_assert!(!holds(&rows, &taken), "{text}");
            // Not even where the hash beside it fits again, unless it is the last, which nothing follows.
            if row + 1 < rows.len() {
                rows[row].hash = Digest::of(rows[row].entry.as_bytes()).to_string();
                prop_assert!(!holds(&rows, &taken), "{text}");
            }
        }
    }

    #[test]
    fn no_entry_can_be_left_out_or_moved(
        bodies in prop::collection::vec((instant(), body()), 2..8),
        place in any::<prop::sample::Index>(),
    ) {
        let (mut rows, taken) = chain(bodies);
        let row = place.index(rows.len() - 1);
        rows.swap(row, row + 1);
        prop_assert!(!holds(&rows, &taken));
        rows.swap(row, row + 1);
        rows.remove(row);
        prop_assert!(!holds(&rows, &taken));
    }
}
