//! `forecast`: all that ends within a time, by date, with what it takes along and what would renew it.
//!
//! What ends is what its sources give an end, or a renewal; when, and what falls with it, is what the evaluation says. A
//! workload that falls by something without an end of its own is told by what its chain leads to.

mod ending;
mod falling;

use super::collect::Collected;
use crate::estate::{Evaluator, Outcome, ProofStep, Scenario, has_end, prove, why_ends};
use crate::model::{Instant, NodeIx, Presence, Source};
use crate::verdict::{EndState, Ending, Forecast, Foreseen, Renewed};
use falling::Falling;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What a forecast is read from.
struct Reader<'a> {
    collected: &'a Collected,
    evaluator: &'a Evaluator<'a>,
    /// As it is.
    before: &'a Outcome<'a>,
    /// As it will be: after the plan, if there is one.
    then: &'a Outcome<'a>,
    until: Instant,
    now: Instant,
}

/// What becomes of one thing that has an end.
enum Fate {
    Ends(Box<Ending>),
    Renewed(Renewed),
}

/// Says what ends until then.
pub fn forecast(collected: &Collected, until: Instant, now: Instant) -> Forecast {
    let estate = &collected.estate;
    let evaluator = Evaluator::new(estate, now);
    let before = evaluator.outcome(Scenario::before());
    let after = (!collected.plans.is_empty()).then(|| evaluator.outcome(Scenario::after()));
    let then = after.as_ref().unwrap_or(&before);
    let reader = Reader { collected, evaluator: &evaluator, before: &before, then, until, now };
    let falling = Falling::new(&reader);
    let things = || estate.indices().filter(|index| estate.node(*index).is_some_and(has_end));
    let (mut listed, mut renewed): (Vec<Ending>, Vec<Renewed>) = (Vec::new(), Vec::new());
    let (mut told, mut seen): (BTreeSet<NodeIx>, usize) = (BTreeSet::new(), 0);
    for index in things() {
        seen += usize::from(reader.is_there(index));
        match reader.fate(index, &falling) {
            Some(Fate::Ends(ending)) => {
                // What ends no longer explains no fall.
                if ending.state != EndState::Mended {
                    told.insert(index);
                }
                listed.push(*ending);
            }
            Some(Fate::Renewed(one)) => renewed.push(one),
            None => {}
        }
    }
    listed.extend(falling.by_nothing_told(&reader, &told));
    let (mut eventually, mut ends): (Vec<Ending>, Vec<Ending>) =
        listed.into_iter().partition(|ending| ending.state == EndState::Eventually);
    ends.sort_by(|one, other| order(one).cmp(&order(other)));
    eventually.sort_by(|one, other| order(one).cmp(&order(other)));
    renewed.sort_by(|one, other| (one.valid_until, &one.node).cmp(&(other.valid_until, &other.node)));
    let doubts = collected.sources.iter().filter_map(Source::shortfall);
    Forecast {
        format: Forecast::FORMAT,
        now,
        until,
        plans: collected.plans.iter().map(|plan| plan.path.clone()).collect(),
        examined: Foreseen {
            things: seen,
            workloads: estate.nodes.iter().filter(|node| node.workload.is_some()).count(),
            sources: collected.sources.len(),
        },
        ends,
        eventually,
        renewed,
        unknown_because: doubts.collect(),
    }
}

/// What has ended first, then by date; of a day, what takes along what matters most.
fn order(ending: &Ending) -> impl Ord {
    let worst = Reverse((ending.worst(), ending.affects.len()));
    (ending.state != EndState::Ended, ending.at, worst, ending.node.clone())
}

impl<'a> Reader<'a> {
    fn has_plan(&self) -> bool {
        !self.collected.plans.is_empty()
    }

    /// Whether a thing may be there, before the plan or after it.
    fn is_there(&self, index: NodeIx) -> bool {
        self.may_be(self.before, index) || self.may_be(self.then, index)
    }

    fn may_be(&self, outcome: &Outcome<'_>, index: NodeIx) -> bool {
        let node = self.collected.estate.node(index);
        node.is_some_and(|node| outcome.held.scenario.presence(index, node) != Presence::Absent)
    }

    /// The chain that says why something ends: to the change, where the plan makes it end sooner.
    fn why(&self, index: NodeIx) -> Vec<ProofStep> {
        match self.then.falls.of(index) {
            Some(loss) if self.has_plan() && loss.until != loss.was => prove(self.then, index),
            _ => why_ends(&self.then.held, index),
        }
    }
}
