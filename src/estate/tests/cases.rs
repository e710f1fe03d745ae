//! What falls and what does not: presence, supports, doubt, strength, phases.

use super::Falling::{Certain, PerhapsInterrupted, Possible, Removed, Stays};
use super::{Case, Forever, Graph, Never, day, judge};
use crate::model::{Class, Phase, Strength};

/// A workload that needs any of these grants.
fn any_of(grants: &[(&str, &str)], supports: &[&str]) -> Graph {
    let mut graph = Graph::default().workload("app");
    for (name, presence) in grants {
        graph = graph.grant(name, presence);
    }
    graph.need("app", "access", supports)
}

#[test]
fn presence() {
    let one = |presence: &'static str| any_of(&[("g", presence)], &["g"]);
    let rows: Vec<Case> = vec![
        ("nothing changes", one("PP"), vec![("app", Stays), ("g", Stays)]),
        ("the only grant goes", one("PA"), vec![("app", Certain(Never, Never)), ("g", Removed)]),
        ("it was never there", one("AA"), vec![("app", Stays)]),
        ("it may go", one("P?"), vec![("app", Possible(Never, Forever))]),
        ("it may come", one("A?"), vec![("app", Stays)]),
        ("whether it is there is not known, and the plan leaves it", one("??"), vec![("app", Stays)]),
        ("it may have been there and goes", one("?A"), vec![("app", Certain(Never, Never))]),
        ("it may have been there and is made", one("?P"), vec![("app", Stays)]),
    ];
    judge(rows);
}

#[test]
fn several_supports() {
    let rows: Vec<Case> = vec![
        (
            "one goes, one comes",
            any_of(&[("a", "PA"), ("b", "AP")], &["a", "b"]),
            vec![("app", PerhapsInterrupted)],
        ),
        (
            "one goes, one may come",
            any_of(&[("a", "PA"), ("b", "A?")], &["a", "b"]),
            vec![("app", Possible(Never, Forever))],
        ),
        (
            "one goes, what stays may not cover",
            any_of(&[("a", "PA"), ("b", "PP")], &["a", "b?"]),
            vec![("app", Possible(Never, Forever))],
        ),
        (
            "one goes, what a source does not show may be there",
            any_of(&[("a", "PA"), ("unseen", "??")], &["a", "unseen"]),
            vec![("app", Possible(Never, Forever))],
        ),
        (
            "only one that may not have covered goes",
            any_of(&[("a", "PA"), ("b", "PP")], &["a?", "b"]),
            vec![("app", Stays)],
        ),
        (
            "all that was goes, and none surely covered",
            any_of(&[("a", "PA")], &["a?"]),
            vec![("app", Certain(Never, Never))],
        ),
        ("no support at all, before and after", any_of(&[], &[]), vec![("app", Stays)]),
    ];
    judge(rows);
}

#[test]
fn so_many_of_them() {
    let quorum = |first: &'static str, second: &'static str, third: &'static str, k: u32| {
        any_of(&[("a", first), ("b", second), ("c", third)], &["a", "b", "c"])
            .but("app", "access", |need| need.at_least = k)
    };
    judge(vec![
        ("two of three, one goes", quorum("PA", "PP", "PP", 2), vec![("app", Stays)]),
        ("two of three, two go", quorum("PA", "PA", "PP", 2), vec![("app", Certain(Never, Never))]),
        (
            "two of three, one goes and one is unknown",
            quorum("PA", "??", "PP", 2),
            vec![("app", Possible(Never, Forever))],
        ),
        ("all three, one goes", quorum("PA", "PP", "PP", 3), vec![("app", Certain(Never, Never))]),
        (
            "three of two can never be",
            any_of(&[("a", "PP"), ("b", "PP")], &["a", "b"]).but("app", "access", |need| need.at_least = 3),
            vec![("app", Stays)],
        ),
    ]);
}

#[test]
fn what_must_be_absent() {
    let denied = |presence: &'static str| any_of(&[("deny", presence)], &["!deny"]);
    judge(vec![
        ("a deny comes", denied("AP"), vec![("app", Certain(Never, Never))]),
        ("a deny may come", denied("A?"), vec![("app", Possible(Never, Forever))]),
        ("a deny goes", denied("PA"), vec![("app", Stays)]),
        ("a deny was there", denied("PP"), vec![("app", Stays)]),
        ("a deny may be there", denied("??"), vec![("app", Stays)]),
        ("a deny that may have been there is made sure", denied("?P"), vec![("app", Certain(Never, Never))]),
    ]);
}

#[test]
fn strength_and_what_hides_a_loss() {
    let hidden = Graph::default()
        .workload("app")
        .node("u", Class::Other, "??")
        .grant("a", "PA")
        .need("app", "something else", &["u"])
        .need("app", "has a", &["a"]);
    judge(vec![
        ("a doubt elsewhere hides no declared loss", hidden, vec![("app", Certain(Never, Never))]),
        (
            "an inferred need is as good as a declared one",
            any_of(&[("g", "PA")], &["g"]).but("app", "access", |need| need.strength = Strength::Inferred),
            vec![("app", Certain(Never, Never))],
        ),
    ]);
}

#[test]
fn start_and_run() {
    let phased = |presence: &'static str, phase: Phase| {
        any_of(&[("g", presence)], &["g"]).but("app", "access", |need| need.phase = phase)
    };
    judge(vec![
        (
            "read at start, perhaps taken away",
            phased("P?", Phase::Start),
            vec![("app", Possible(Never, Forever))],
        ),
        ("read at start, stays", phased("PP", Phase::Start), vec![("app", Stays)]),
        ("read at start, gone before", phased("AA", Phase::Start), vec![("app", Stays)]),
        ("used while running, taken away", phased("PA", Phase::Run), vec![("app", Certain(Never, Never))]),
    ]);
}

#[test]
fn ends() {
    let ending = |before, after, presence: &'static str| {
        Graph::default().workload("app").node("c", Class::Certificate, presence).ends(before, after).need(
            "app",
            "certificate",
            &["c"],
        )
    };
    judge(vec![
        ("it ends by itself, whatever is planned", ending(day(9.0), day(9.0), "PP"), vec![("app", Stays)]),
        (
            "it is deleted before its end",
            ending(day(9.0), day(9.0), "PA"),
            vec![("app", Certain(Never, Never))],
        ),
        ("it ends at this very moment", ending(day(0.0), day(0.0), "PA"), vec![("app", Stays)]),
        ("it ends sooner", ending(day(90.0), day(2.0), "PP"), vec![("app", Certain(day(2.0), day(2.0)))]),
        ("it ends later", ending(day(2.0), day(90.0), "PP"), vec![("app", Stays)]),
        (
            "it ends later, if it is still there",
            ending(day(2.0), day(90.0), "P?"),
            vec![("app", Possible(Never, day(90.0)))],
        ),
        (
            "it ends later, whether it is there or not",
            ending(day(2.0), day(90.0), "??"),
            vec![("app", Stays)],
        ),
        (
            "it had no end and gets one",
            ending(Forever, day(32.0), "PP"),
            vec![("app", Certain(day(32.0), day(32.0)))],
        ),
    ]);
}
