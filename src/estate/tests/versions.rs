//! Needs that stand only before or only after.

use super::Falling::{Certain, Stays};
use super::{Graph, Never, judge};
use crate::model::{Class, Side};

#[test]
fn needs_that_come_and_go() {
    let flagged = |flag: &'static str, side: Side| {
        Graph::default()
            .workload("devices")
            .node("flag is off", Class::Flag, flag)
            .need("devices", "the flag is off", &["flag is off"])
            .but("devices", "the flag is off", |need| need.side = side)
    };
    judge(vec![
        ("a need that is new and met", flagged("PP", Side::After), vec![("devices", Stays)]),
        (
            "a need that is new, and what meets it goes",
            flagged("PA", Side::After),
            vec![("devices", Certain(Never, Never))],
        ),
        ("a need that is no more", flagged("PA", Side::Before), vec![("devices", Stays)]),
    ]);
}
