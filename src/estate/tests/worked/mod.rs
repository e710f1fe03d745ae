//! Sixty worked cases: what the estate is to say of incidents that happened, of the same plans without the mistake, and
//! of the traps on the way. Each row tells all that is expected of one estate.

mod access;
mod credentials;
mod cycles;
mod renewal;
mod traps;

use super::{Falling, Graph, Judged, Never, day, instant, now};
use crate::estate::{Evaluator, Scenario, causes, weakened};
use crate::model::{ChangeIx, Horizon, Need, Phase, Side, Strength};
use std::collections::BTreeSet;

/// The words of these cases beyond those of all tests.
impl Graph {
    /// All that changes about these nodes is one change, that of the first.
    fn one_change(mut self, names: &[&str]) -> Graph {
        let change = Some(ChangeIx(self.at(names[0]).0));
        for name in names {
            let at = self.at(name).at();
            let node = &mut self.nodes[at];
            node.claims
                .iter_mut()
                .filter(|claim| claim.change.is_some())
                .for_each(|claim| claim.change = change);
            let versioned = |need: &&mut Need| {
                need.side != Side::Both || need.supports.iter().any(|support| support.side != Side::Both)
            };
            node.needs.iter_mut().filter(versioned).for_each(|need| need.change = change);
        }
        self
    }

    fn assumed(self, of: &str, label: &str) -> Graph {
        self.but(of, label, |need| need.strength = Strength::Assumed)
    }

    fn at_least(self, of: &str, label: &str, many: u32) -> Graph {
        self.but(of, label, |need| need.at_least = many)
    }

    fn phase(self, of: &str, label: &str, phase: Phase) -> Graph {
        self.but(of, label, |need| need.phase = phase)
    }

    /// The need of this label is one only after the plan.
    fn new_need(self, of: &str, label: &str, supports: &[&str]) -> Graph {
        self.need(of, label, supports).but(of, label, |need| need.side = Side::After)
    }
}

/// It falls at once, whatever the unknowns turn out to be.
const AT_ONCE: Falling = Falling::Certain(Never, Never);

/// It falls on this day, whatever the unknowns turn out to be.
fn on(days: f64) -> Falling {
    Falling::Certain(day(days), day(days))
}

/// It holds until this day.
fn until(days: f64) -> Horizon {
    Horizon::exactly(day(days))
}

/// One case: an estate with a plan, and all that is expected of it.
pub(super) struct Worked {
    pub(super) name: &'static str,
    graph: Graph,
    expected: Vec<Expected>,
}

/// One expectation of a case.
enum Expected {
    /// What becomes of a node.
    Falls(&'static str, Falling),
    /// The changes that suffice alone for a fall, and those that are necessary.
    Causes(&'static str, &'static [&'static str], &'static [&'static str]),
    /// On which day a lost renewal is first felt.
    FirstFailure(&'static str, f64),
    Before(&'static str, Horizon),
    After(&'static str, Horizon),
    Cold(&'static str, Horizon),
    /// Until when the first holds without the second.
    Without(&'static str, &'static str, Horizon),
    /// All needs that are weakened, each with its node.
    Weakened(&'static [(&'static str, &'static str)]),
}

fn case(name: &'static str, graph: Graph) -> Worked {
    Worked { name, graph, expected: Vec::new() }
}

impl Worked {
    fn and(mut self, expected: Expected) -> Worked {
        self.expected.push(expected);
        self
    }

    fn falls(self, node: &'static str, falling: Falling) -> Worked {
        self.and(Expected::Falls(node, falling))
    }

    /// All of these fall, or stay, in the same way.
    fn all_fall(self, nodes: &[&'static str], falling: Falling) -> Worked {
        nodes.iter().fold(self, |case, node| case.falls(node, falling))
    }

    fn stays(self, node: &'static str) -> Worked {
        self.falls(node, Falling::Stays)
    }

    fn causes(
        self,
        of: &'static str,
        sufficient: &'static [&'static str],
        necessary: &'static [&'static str],
    ) -> Worked {
        self.and(Expected::Causes(of, sufficient, necessary))
    }

    fn first_failure(self, node: &'static str, days: f64) -> Worked {
        self.and(Expected::FirstFailure(node, days))
    }

    fn before(self, node: &'static str, horizon: Horizon) -> Worked {
        self.and(Expected::Before(node, horizon))
    }

    fn after(self, node: &'static str, horizon: Horizon) -> Worked {
        self.and(Expected::After(node, horizon))
    }

    fn cold(self, node: &'static str, horizon: Horizon) -> Worked {
        self.and(Expected::Cold(node, horizon))
    }

    fn without(self, node: &'static str, gone: &'static str, horizon: Horizon) -> Worked {
        self.and(Expected::Without(node, gone, horizon))
    }

    fn weakens(self, needs: &'static [(&'static str, &'static str)]) -> Worked {
        self.and(Expected::Weakened(needs))
    }

    /// What the estate says otherwise than expected.
    pub(super) fn wrong(self) -> Vec<String> {
        let judged = self.graph.judged();
        self.expected.iter().filter_map(|expected| expected.unmet(&judged)).collect()
    }
}

impl Expected {
    /// What is told instead, if it is something else.
    fn unmet(&self, judged: &Judged) -> Option<String> {
        let differs = |what: String, told: String, wanted: String| {
            (told != wanted).then(|| format!("{what}: to be {wanted}, and is {told}"))
        };
        let horizon = |what: String, told: Horizon, wanted: &Horizon| {
            differs(what, told.to_string(), wanted.to_string())
        };
        let held = |scenario: Scenario, node: &str| {
            let evaluator = Evaluator::new(&judged.estate, now());
            evaluator.evaluate(scenario).of(judged.at(node))
        };
        match self {
            Expected::Falls(node, falling) => {
                differs((*node).to_owned(), format!("{:?}", judged.falling(node)), format!("{falling:?}"))
            }
            Expected::Causes(of, sufficient, necessary) => differs(
                format!("causes of {of}"),
                format!("{:?}", found_causes(judged, of)),
                format!("{:?}", (names(sufficient), names(necessary))),
            ),
            Expected::FirstFailure(node, days) => differs(
                format!("first failure of {node}"),
                format!("{:?}", judged.first_failure(node)),
                format!("{:?}", Some(instant(*days))),
            ),
            Expected::Before(node, wanted) => {
                horizon(format!("{node} before"), judged.before.of(judged.at(node)), wanted)
            }
            Expected::After(node, wanted) => {
                horizon(format!("{node} after"), judged.after.of(judged.at(node)), wanted)
            }
            Expected::Cold(node, wanted) => {
                horizon(format!("{node} cold"), held(Scenario::after().cold(), node), wanted)
            }
            Expected::Without(node, gone, wanted) => horizon(
                format!("{node} without {gone}"),
                held(Scenario::after().without([judged.at(gone)]), node),
                wanted,
            ),
            Expected::Weakened(needs) => {
                let told = judged.ask(|outcome| {
                    let label = |node: usize, need: usize| {
                        let node = &judged.estate.nodes[node];
                        (node.name.clone(), node.needs[need].label.clone())
                    };
                    weakened(outcome).iter().map(|weak| label(weak.node.at(), weak.need)).collect()
                });
                let told: BTreeSet<(String, String)> = told;
                let wanted = needs.iter().map(|(node, need)| ((*node).to_owned(), (*need).to_owned()));
                let wanted: BTreeSet<(String, String)> = wanted.collect();
                differs("weakened".to_owned(), format!("{told:?}"), format!("{wanted:?}"))
            }
        }
    }
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

/// By the names of the nodes that they change: changes that suffice alone, and changes that are necessary.
fn found_causes(judged: &Judged, of: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let name = |change: &ChangeIx| judged.estate.nodes[change.0 as usize].name.clone();
    let found = judged.ask(|outcome| causes(outcome, &[judged.at(of)]));
    let sufficient = found.iter().filter(|cause| cause.alone).flat_map(|cause| &cause.changes).map(name);
    let pairs = found.iter().flat_map(|cause| cause.changes.iter().zip(&cause.necessary));
    let necessary = pairs.filter(|(_, necessary)| **necessary).map(|(change, _)| name(change));
    (sufficient.collect(), necessary.collect())
}

/// All cases.
pub(super) fn all() -> Vec<Worked> {
    let themes = [renewal::cases(), access::cases(), credentials::cases(), cycles::cases(), traps::cases()];
    themes.into_iter().flatten().collect()
}

#[test]
fn every_case_is_as_worked_out() {
    let cases = all();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
    let count = cases.len();
    assert_eq!((count, names.len()), (63, 63), "so many cases, each with a name of its own");
    let mut wrong = Vec::new();
    for case in cases {
        let name = case.name;
        let unmet = case.wrong();
        println!("{} {name}", if unmet.is_empty() { "ok   " } else { "WRONG" });
        if !unmet.is_empty() {
            wrong.push(format!("{name}\n    {}", unmet.join("\n    ")));
        }
    }
    println!("{count} worked cases, {} as expected", count - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
