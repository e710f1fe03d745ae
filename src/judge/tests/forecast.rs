//! Forecasts of estates made by hand and by chance: the catalog plays no part.

use crate::estate::tests::random::Dice;
use crate::estate::tests::simulation::any_estate;
use crate::estate::tests::{Graph, day, instant, now};
use crate::estate::{Estate, Evaluator, Scenario};
use crate::judge::collect::Collected;
use crate::judge::forecast::forecast;
use crate::model::{Class, Digest, Moment, PlanSummary};
use crate::report::{Look, forecast_calendar, forecast_text};
use crate::verdict::{ByPlan, Certainty, EndState, Ending, Forecast};
use std::collections::BTreeMap;

fn collected(graph: Graph, plan: bool) -> Collected {
    let mut nodes = graph.nodes;
    for node in nodes.iter_mut().filter(|node| node.class == Class::Workload) {
        let (name, criticality) = (node.name.clone(), crate::model::Criticality::Critical);
        node.workload = Some(crate::model::WorkloadTag { name, criticality, rated: true });
    }
    let summary = PlanSummary {
        path: "plan.json".to_owned(),
        sha256: None,
        terraform_version: None,
        format_version: String::new(),
        timestamp: None,
        partial: Vec::new(),
        gone: Default::default(),
        changes: BTreeMap::new(),
    };
    Collected {
        estate: Estate::from_nodes(nodes),
        changes: Vec::new(),
        plans: if plan { vec![summary] } else { Vec::new() },
        sources: Vec::new(),
        inventories: Vec::new(),
        notes: Vec::new(),
        catalog: Digest::of(b""),
    }
}

fn ending<'a>(answer: &'a Forecast, name: &str) -> &'a Ending {
    let mut all = answer.ends.iter().chain(&answer.eventually);
    all.find(|ending| ending.name == name).unwrap_or_else(|| panic!("{name} is not told"))
}

fn takes(ending: &Ending) -> Vec<&str> {
    ending.affects.iter().map(|affected| affected.workload.as_str()).collect()
}

/// Tokens under each other, a certificate that is renewed and one that is not, and what ended or ends some day.
fn several() -> Graph {
    let exactly = |days: f64| (day(days), day(days));
    let ends = |graph: Graph, days: f64| {
        let (before, after) = exactly(days);
        graph.ends(before, after)
    };
    let mut graph = ends(Graph::default().node("parent", Class::Token, "PP"), 10.0);
    graph = ends(graph.node("child", Class::Token, "PP"), 20.0);
    graph = ends(graph.node("lease", Class::Token, "PP"), 20.0);
    graph = graph.need("child", "its parent", &["parent"]).need("lease", "its parent", &["parent"]);
    graph = ends(graph.node("idle", Class::Token, "PP"), 5.0);
    graph = ends(graph.node("late", Class::Token, "PP"), 300.0);
    graph = graph.node("unissued", Class::Token, "PP").ends_some_day();
    graph = ends(graph.node("old", Class::Certificate, "PP"), -3.0);
    graph = graph.node("renewed", Class::Certificate, "PP").node("lost", Class::Certificate, "PP");
    graph = graph.grant("kept", "PP").grant("taken", "PA");
    graph =
        graph.need("renewed", "renewal", &["kept"]).renews("renewed", "renewal", Some(30.0), Some(7.0), 0.0);
    graph = graph.need("lost", "renewal", &["taken"]).renews("lost", "renewal", Some(30.0), Some(7.0), 0.0);
    for (workload, on) in [
        ("vault user", "child"),
        ("late user", "late"),
        ("some day", "unissued"),
        ("down", "old"),
        ("fine", "renewed"),
        ("hit", "lost"),
    ] {
        graph = graph.workload(workload).need(workload, "it", &[on]);
    }
    // Two that both have to go: the one that ends last takes it along.
    graph = ends(graph.grant("one", "PP"), 11.0);
    graph = ends(graph.grant("two", "PP"), 12.0);
    graph.workload("either").need("either", "one of two", &["one", "two"])
}

#[test]
fn what_ends_is_told_with_what_it_takes_along() {
    let answer = forecast(&collected(several(), false), instant(90.0), now());
    let names: Vec<&str> = answer.ends.iter().map(|ending| ending.name.as_str()).collect();
    // On the tenth day, what takes a workload along comes first.
    assert_eq!(names, ["old", "idle", "child", "parent", "lease", "one", "two"]);
    let old = ending(&answer, "old");
    assert_eq!((old.state, old.at, takes(old)), (EndState::Ended, Some(instant(-3.0)), vec!["down"]));
    let parent = ending(&answer, "parent");
    assert_eq!((parent.breaks_at, takes(parent)), (Some(instant(10.0)), vec!["vault user"]));
    let child = ending(&answer, "child");
    assert_eq!((child.at, child.ends_with.as_deref()), (Some(instant(10.0)), Some("parent")));
    assert_eq!((child.valid_until, takes(child)), (Some(instant(20.0)), vec!["vault user"]));
    assert_eq!(takes(ending(&answer, "one")), [""; 0]);
    assert_eq!(takes(ending(&answer, "two")), ["either"]);
    let some_day = ending(&answer, "unissued");
    assert_eq!((some_day.state, some_day.at), (EndState::Eventually, None));
    assert_eq!(takes(some_day), ["some day"]);
    let renewed: Vec<(&str, &[String])> =
        answer.renewed.iter().map(|one| (one.name.as_str(), one.by.as_slice())).collect();
    assert_eq!(renewed[0], ("lost", &["taken".to_owned()][..]));
    assert_eq!(renewed[1], ("renewed", &["kept".to_owned()][..]));
    assert_eq!(answer.examined.things, 11);
    let text = forecast_text(&answer, Look::default());
    // The lease carries nothing, and is counted with what it ends with.
    assert!(text.contains("= with it   1 token") && !text.contains("lease"), "{text}");
    let calendar = forecast_calendar(&answer);
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 6, "{calendar}");
    assert!(!forecast_text(&answer, Look { quiet: true, ..Look::default() }).contains("idle"));
}

#[test]
fn what_the_plan_makes_of_ends_is_told() {
    let mut graph = several();
    let (never, late) = (graph.at("late"), graph.at("idle"));
    // By the plan, one ends sooner than it did, and one no longer.
    graph.nodes[never.at()].end.as_mut().unwrap().after = crate::model::Horizon::exactly(day(8.0));
    graph.nodes[late.at()].end.as_mut().unwrap().after = crate::model::Horizon::FOREVER;
    let answer = forecast(&collected(graph, true), instant(90.0), now());
    let lost = ending(&answer, "lost");
    assert_eq!((lost.first_failure_at, lost.breaks_at), (Some(instant(7.0)), Some(instant(30.0))));
    assert_eq!((lost.by_plan, takes(lost)), (Some(ByPlan::Sooner), vec!["hit"]));
    assert_eq!((lost.was.unwrap().possible, lost.certainty), (Moment::Forever, Certainty::Certain));
    let late = ending(&answer, "late");
    assert_eq!((late.at, late.by_plan), (Some(instant(8.0)), Some(ByPlan::Sooner)));
    let idle = ending(&answer, "idle");
    assert_eq!(
        (idle.state, idle.by_plan, idle.at),
        (EndState::Mended, Some(ByPlan::Later), Some(instant(5.0)))
    );
    assert_eq!(ending(&answer, "parent").by_plan, None);
    assert!(!forecast_calendar(&answer).contains("idle"));
}

/// Whatever falls within the time is told, by something that is listed; and nothing is listed out of its order.
#[test]
fn no_workload_that_falls_goes_unmentioned() {
    let mut told = 0;
    for seed in 1..=300 {
        let dice = &mut Dice::new(seed);
        let plan = dice.one_in(2);
        let collected = collected(any_estate(dice), plan);
        let until = instant(1.0);
        let answer = forecast(&collected, until, now());
        let evaluator = Evaluator::new(&collected.estate, now());
        let scenario = if plan { Scenario::after() } else { Scenario::before() };
        let outcome = evaluator.outcome(scenario);
        for index in collected.estate.indices() {
            let node = collected.estate.node(index).unwrap();
            let falls = match outcome.held.of(index).possible {
                Moment::Never => true,
                Moment::Eventually => !matches!(outcome.held.of(index).sure, Moment::At(at) if at > until),
                // Some day between two that are known is listed by the first.
                Moment::At(at) => at <= until,
                Moment::Forever => false,
            };
            let there = outcome.held.scenario.presence(index, node) != crate::model::Presence::Absent;
            if node.workload.is_none() || !falls || !there {
                continue;
            }
            let all = answer.ends.iter().chain(&answer.eventually);
            let by = all.filter(|ending| {
                ending.node == node.id.as_str() || takes(ending).contains(&node.name.as_str())
            });
            let held = outcome.held.of(index);
            assert_ne!(by.count(), 0, "seed {seed}: {} falls ({held}) and nobody says so", node.name);
            told += 1;
        }
        let order: Vec<_> = answer.ends.iter().map(|one| (one.state != EndState::Ended, one.at)).collect();
        assert!(order.is_sorted(), "seed {seed}: {order:?}");
        assert!(answer.ends.iter().all(|ending| ending.at.is_none_or(|at| at <= until)), "seed {seed}");
        assert!(answer.eventually.iter().all(|ending| ending.at.is_none()), "seed {seed}");
        let again = forecast(&collected, until, now());
        assert_eq!(answer, again, "seed {seed}");
    }
    assert!(told > 100, "a test of nothing: {told}");
}
