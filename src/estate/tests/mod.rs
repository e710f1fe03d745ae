//! The algebra on estates made by hand: the catalog plays no part.

mod ablation;
mod carried;
mod cases;
mod cycles;
mod declared;
mod naive;
mod order;
mod paths;
pub(crate) mod played;
mod proofs;
mod questions;
pub(crate) mod random;
mod renewal;
pub(crate) mod simulation;
mod unblock;
mod versions;
mod worked;

use super::loss::Falls;
use super::{Estate, Evaluation, Evaluator, Interruption, Outcome, Scenario, first_failure};
use crate::model::{
    ChangeIx, Claim, Class, Coverage, Ends, Evidence, Horizon, Instant, Kind, Moment, Need, Node, NodeId,
    NodeIx, Phase, Presence, Side, Sign, SourceIx, Strength, Support, Unknown,
};
use Moment::{Eventually, Forever, Never};

/// The one now of all cases.
const NOW: i64 = 1_700_000_000;

pub(crate) fn now() -> Instant {
    Instant::from_second(NOW).unwrap()
}

/// So many days from now.
pub(crate) fn day(days: f64) -> Moment {
    Moment::At(instant(days))
}

#[expect(clippy::cast_possible_truncation, reason = "a few days")]
pub(crate) fn instant(days: f64) -> Instant {
    Instant::from_second(NOW + (days * 86_400.0) as i64).unwrap()
}

/// What is to become of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Falling {
    /// It does not fall.
    Stays,
    /// It falls, to this.
    Certain(Moment, Moment),
    /// It may.
    Possible(Moment, Moment),
    /// It is itself taken away.
    Removed,
    /// It is down while changes are made, and up again after.
    Interrupted,
    /// It may be.
    PerhapsInterrupted,
}

/// A graph, said in a few words.
///
/// Presence is two letters, before and after: `P` present, `A` absent, `?` unknown. A support is a name: with `?` behind
/// it may not cover, with `!` before it must be absent, with `<` behind it is one only before, with `>` only after.
#[derive(Debug, Clone, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
}

impl Graph {
    pub(crate) fn at(&self, name: &str) -> NodeIx {
        let found = self.nodes.iter().position(|node| node.name == name);
        NodeIx(u32::try_from(found.unwrap_or_else(|| panic!("no node {name}"))).unwrap())
    }

    /// A node; each that changes is a change of its own.
    pub(crate) fn node(mut self, name: &str, class: Class, presence: &str) -> Graph {
        let seen = |letter: char| match letter {
            'P' => Presence::Present,
            'A' => Presence::Absent,
            _ => Presence::Unknown,
        };
        let mut letters = presence.chars();
        let (before, after) = (seen(letters.next().unwrap()), seen(letters.next().unwrap()));
        let number = u32::try_from(self.nodes.len()).unwrap();
        let id = NodeId::new(name);
        self.nodes.push(Node {
            claims: vec![Claim {
                carrier: String::new(),
                managed: true,
                evidence: Evidence { source: SourceIx(0), pointer: "".into() },
                taken_at: None,
                change: (before != after).then_some(ChangeIx(number)),
                before,
                during: if before == after { before } else { Presence::Unknown },
                after,
            }],
            ..Node::new(id, class, Kind::new(class.word()), name.to_owned())
        });
        self
    }

    pub(crate) fn workload(self, name: &str) -> Graph {
        self.node(name, Class::Workload, "PP")
    }

    pub(crate) fn grant(self, name: &str, presence: &str) -> Graph {
        self.node(name, Class::Grant, presence)
    }

    /// The node said last ends, before and after.
    pub(crate) fn ends(mut self, before: Moment, after: Moment) -> Graph {
        self.nodes.last_mut().unwrap().end = Some(Box::new(Ends {
            before: Horizon::exactly(before),
            after: Horizon::exactly(after),
            change: None,
        }));
        self
    }

    /// The node said last ends some day.
    pub(crate) fn ends_some_day(mut self) -> Graph {
        let end = Horizon { sure: Never, possible: Eventually };
        self.nodes.last_mut().unwrap().end = Some(Box::new(Ends { before: end, after: end, change: None }));
        self
    }

    pub(crate) fn need(mut self, of: &str, label: &str, supports: &[&str]) -> Graph {
        let supports = supports.iter().map(|text| self.support(text)).collect();
        let of = self.at(of).at();
        self.nodes[of].needs.push(Need::new(label.to_owned(), Strength::Declared, supports));
        self
    }

    /// Changes the need of this label.
    pub(crate) fn but(mut self, of: &str, label: &str, change: impl FnOnce(&mut Need)) -> Graph {
        let of = self.at(of).at();
        change(self.nodes[of].needs.iter_mut().find(|need| need.label == label).unwrap());
        self
    }

    /// The need of this label is one of renewal: end, first try and snapshot in days from now.
    pub(crate) fn renews(self, of: &str, label: &str, end: Option<f64>, at: Option<f64>, seen: f64) -> Graph {
        let seen = Some(instant(seen));
        let phase = Phase::Renew { end: end.map(instant), at: at.map(instant), seen };
        self.but(of, label, |need| need.phase = phase)
    }

    pub(crate) fn support(&self, text: &str) -> Support {
        let name = text.trim_start_matches('!').trim_end_matches(['?', '<', '>']);
        let unknown = Unknown { reason: "a condition".to_owned(), settle: None, missing_input: false };
        Support {
            node: self.at(name),
            side: match text.chars().last() {
                Some('<') => Side::Before,
                Some('>') => Side::After,
                _ => Side::Both,
            },
            coverage: if text.ends_with('?') { Coverage::Unknown(unknown) } else { Coverage::Sure },
            sign: if text.starts_with('!') { Sign::Absent } else { Sign::Holds },
            change: None,
            why: None,
        }
    }

    /// While its change is made, the node is this.
    pub(crate) fn during(mut self, name: &str, presence: Presence) -> Graph {
        let at = self.at(name).at();
        let claim = &mut self.nodes[at].claims[0];
        claim.during = presence;
        claim.change = Some(ChangeIx(u32::try_from(at).unwrap()));
        self
    }

    /// The change of one node starts another anew.
    pub(crate) fn restarts(mut self, name: &str, by: &str) -> Graph {
        let (at, by) = (self.at(name).at(), self.at(by));
        self.nodes[at].restarted_by.push(ChangeIx(by.0));
        self
    }

    fn judged(self) -> Judged {
        let estate = Estate::from_nodes(self.nodes);
        let evaluator = Evaluator::new(&estate, now());
        let all = |held: &Evaluation<'_>| Held(estate.indices().map(|index| held.of(index)).collect());
        let before = all(&evaluator.before());
        let outcome = evaluator.outcome(Scenario::after());
        let during = outcome.between.as_ref().map_or_else(|| before.clone(), |(during, _)| all(during));
        let interrupts =
            estate.indices().filter_map(|index| Some((index, outcome.interrupts(index)?))).collect();
        let (after, falls) = (all(&outcome.held), outcome.falls.clone());
        drop(outcome);
        Judged { before, during, after, falls, interrupts, estate }
    }
}

/// The horizons of all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held(Vec<Horizon>);

impl Held {
    fn of(&self, node: NodeIx) -> Horizon {
        self.0[node.at()]
    }
}

/// A graph with its evaluations.
struct Judged {
    estate: Estate,
    before: Held,
    during: Held,
    after: Held,
    falls: Falls,
    interrupts: std::collections::BTreeMap<NodeIx, Interruption>,
}

impl Judged {
    /// Asks about the whole plan.
    fn ask<T>(&self, ask: impl FnOnce(&Outcome<'_>) -> T) -> T {
        let evaluator = Evaluator::new(&self.estate, now());
        ask(&evaluator.outcome(Scenario::after()))
    }

    fn at(&self, name: &str) -> NodeIx {
        self.estate.indices().find(|index| self.estate.node(*index).unwrap().name == name).unwrap()
    }

    fn falling(&self, name: &str) -> Falling {
        match self.falls.of(self.at(name)) {
            None => match self.interrupts.get(&self.at(name)) {
                None => Falling::Stays,
                Some(Interruption { certain: true }) => Falling::Interrupted,
                Some(Interruption { certain: false }) => Falling::PerhapsInterrupted,
            },
            Some(loss) if loss.removed() && loss.until == Horizon::NEVER => Falling::Removed,
            Some(loss) if loss.certain => Falling::Certain(loss.until.sure, loss.until.possible),
            Some(loss) => Falling::Possible(loss.until.sure, loss.until.possible),
        }
    }

    fn first_failure(&self, name: &str) -> Option<Instant> {
        self.ask(|outcome| first_failure(outcome, self.at(name)))
    }
}

/// One case of a table: what it is, the graph, and what becomes of which node.
type Case = (&'static str, Graph, Vec<(&'static str, Falling)>);

/// Judges all cases and tells of all that are wrong at once.
fn judge(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (name, graph, expected) in cases {
        let judged = graph.judged();
        for (node, falling) in expected {
            let got = judged.falling(node);
            if got != falling {
                wrong.push(format!("{name}: {node} is to be {falling:?} and is {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
