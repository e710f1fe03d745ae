//! What is down for a while only, what is read at a start, and what the plan makes or removes itself.

use super::super::Falling::{Certain, Interrupted, Possible, Removed};
use super::super::{Eventually, Graph, Never};
use super::{Worked, case};
use crate::model::{Class, Horizon, Phase, Presence};

fn one(label: &str, presence: &str) -> Graph {
    Graph::default().workload("app").grant("g", presence).need("app", label, &["g"])
}

pub(super) fn cases() -> Vec<Worked> {
    vec![
        case("the right to apply is replaced by the apply, the old one first", {
            Graph::default()
                .workload("runner")
                .grant("may apply", "PP")
                .during("may apply", Presence::Absent)
                .need("runner", "access", &["may apply"])
        })
        .falls("runner", Interrupted),
        case("an annotation goes that is read when a pod starts", {
            one("role", "PA").phase("app", "role", Phase::Start)
        })
        .falls("app", Certain(Never, Eventually)),
        case("a grant is replaced, the old one first", one("access", "PP").during("g", Presence::Absent))
            .falls("app", Interrupted)
            .after("app", Horizon::FOREVER),
        // The prototype of the model says that it stays: what does not hold before cannot be lost. One missing thing hid all others.
        case("a grant goes of what misses something else already", {
            one("access", "PA").node("secret", Class::Secret, "AA").need("app", "its secret", &["secret"])
        })
        .falls("app", Possible(Never, Never)),
        case("what is missing already goes for good", {
            Graph::default().workload("app").node("old", Class::Grant, "AA").need("app", "access", &["old"])
        })
        .stays("app"),
        case("a workload is removed with its grant", {
            Graph::default().node("app", Class::Workload, "PA").grant("g", "PA").need("app", "access", &["g"])
        })
        .falls("app", Removed),
        case("a workload is made without the trust it needs", {
            Graph::default().node("app", Class::Workload, "AP").node("trust", Class::Trust, "AA").new_need(
                "app",
                "to be believed",
                &["trust"],
            )
        })
        .stays("app")
        .after("app", Horizon::NEVER),
    ]
}
