//! The order of the changes in a plan does not change the verdict, and no report can fail to be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mainstay::judge::{self, Inputs, PlanInput};
use mainstay::report::{Look, json, report_text};
use mainstay::verdict::Report;
use mainstay::{config, model::Instant};
use serde_json::Value;

fn check(bytes: Vec<u8>) -> Option<Report> {
    let plans = vec![PlanInput::json("p.json", bytes)];
    let inputs = Inputs { plans, snapshots: Vec::new(), declarations: config::defaults(), digests: false, notes: Vec::new() };
    let now: Instant = "2023-09-22T12:00:00Z".parse().expect("a time");
    let report = judge::check(&inputs, now).ok()?;
    assert!(!report_text(&report, Look::default()).is_empty());
    json(&report).expect("a report can be written");
    Some(report)
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut document) = serde_json::from_slice::<Value>(bytes) else { return };
    if bytes.windows(11).any(|window| window == b"$serde_json") {
        return;
    }
    let Some(one) = check(document.to_string().into_bytes()) else { return };
    let Some(changes) = document["resource_changes"].as_array_mut() else { return };
    changes.reverse();
    let other = check(document.to_string().into_bytes()).expect("another order is a plan as well");
    assert_eq!(one.verdict, other.verdict);
});
