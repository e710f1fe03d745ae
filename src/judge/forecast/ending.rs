//! One thing that has an end: when it ends, what it takes along, and what would renew it.

use super::falling::{Falling, affected, instant, sort};
use super::{Fate, Reader};
use crate::estate::{
    Outcome, ProofStep, RenewalAt, doubts, first_failure, first_failure_along, good_until, has_end, if_there,
    renewals, taken_along, trigger_along, unsure,
};
use crate::judge::answer::steps;
use crate::model::{Horizon, Instant, Moment, Node, NodeIx, Phase};
use crate::rules::in_words;
use crate::verdict::{Affected, ByPlan, Certainty, EndState, Ending, Renewal, Renewed};
use std::collections::BTreeSet;

/// How something stands on its way to its end, and the day that it is listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: EndState,
    pub at: Option<Instant>,
}

/// How something stands after the plan; `None`: nothing ends it.
pub fn standing(reader: &Reader<'_>, index: NodeIx) -> Option<Standing> {
    let was = if_there(&reader.before.held, index);
    let own = good_until(&reader.then.held, index);
    let fell = reader.has_plan() && was.possible > Moment::Never;
    of(if_there(&reader.then.held, index), own, fell, reader.now)
}

fn of(until: Horizon, own: Option<Instant>, fell: bool, now: Instant) -> Option<Standing> {
    let passed = own.is_some_and(|own| own <= now);
    let (state, at) = match (until.sure, until.possible) {
        (_, Moment::Never) if fell => (EndState::Ends, Some(now)),
        (_, Moment::Never) => (EndState::Ended, own.filter(|_| passed)),
        (Moment::Never, _) if passed => (EndState::Ended, own),
        (Moment::At(at), _) | (Moment::Never, Moment::At(at)) => (EndState::Ends, Some(at)),
        (Moment::Forever, _) => return None,
        (Moment::Never | Moment::Eventually, _) => (EndState::Eventually, None),
    };
    Some(Standing { state, at })
}

impl Reader<'_> {
    /// What becomes of a thing that has an end, if that is to be told.
    pub(super) fn fate(&self, index: NodeIx, falling: &Falling) -> Option<Fate> {
        let node = self.collected.estate.node(index)?;
        if !self.is_there(index) {
            return None;
        }
        let within = |standing: &Standing| standing.at.is_none_or(|at| at <= self.until);
        let (until, was) = (if_there(&self.then.held, index), if_there(&self.before.held, index));
        let stays = self.may_be(self.then, index);
        let stands = standing(self, index).filter(|_| stays).filter(within);
        if let Some(stands) = stands {
            return Some(Fate::Ends(Box::new(self.ending(index, node, stands, falling))));
        }
        let own = good_until(&self.before.held, index);
        let stood = of(was, own, false, self.now).filter(within);
        if let Some(stood) =
            stood.filter(|_| self.has_plan() && until != was && self.may_be(self.before, index))
        {
            let mended = Standing { state: EndState::Mended, at: stood.at };
            return Some(Fate::Ends(Box::new(self.ending(index, node, mended, falling))));
        }
        let valid_until = good_until(&self.then.held, index).filter(|end| stays && *end <= self.until)?;
        let renewals = renewals(&self.then.held, index);
        let due_at = renewals.iter().filter_map(|renewal| renewal.due).min();
        let mut by: Vec<String> = Vec::new();
        for one in renewals.iter().flat_map(|renewal| self.renewers(node, renewal)) {
            if !by.contains(&one) {
                by.push(one);
            }
        }
        (!renewals.is_empty()).then(|| {
            Fate::Renewed(Renewed {
                node: node.id.to_string(),
                kind: node.class.word().to_owned(),
                name: node.name.clone(),
                valid_until,
                due_at,
                by,
            })
        })
    }

    fn ending(&self, index: NodeIx, node: &Node, stands: Standing, falling: &Falling) -> Ending {
        let Standing { state, at } = stands;
        let then = &self.then.held;
        let (until, was) = (if_there(then, index), if_there(&self.before.held, index));
        let new = !self.may_be(self.before, index);
        let by_plan = match (self.has_plan(), self.may_be(self.then, index)) {
            (true, false) => Some(ByPlan::Removed),
            (true, true) if new => Some(ByPlan::New),
            (true, true) if (until.possible, until.sure) < (was.possible, was.sure) => Some(ByPlan::Sooner),
            (true, true) if until != was => Some(ByPlan::Later),
            _ => None,
        };
        let told = if state == EndState::Mended { &self.before.held } else { then };
        let chain = match state {
            EndState::Mended => crate::estate::why_ends(told, index),
            _ => self.why(index),
        };
        let shortened = matches!(by_plan, Some(ByPlan::Sooner | ByPlan::New));
        let valid_until = good_until(told, index);
        let first_failure_at = match state {
            EndState::Mended => None,
            _ if shortened && self.then.falls.of(index).is_some() => first_failure(self.then, index),
            _ => first_failure_along(then, &chain),
        };
        let trigger = match (state, at) {
            (EndState::Mended, _) => None,
            (EndState::Ends, Some(_)) if until.possible == Moment::Never => Some("apply"),
            _ => trigger_along(then, &chain, until),
        };
        Ending {
            node: node.id.to_string(),
            kind: node.class.word().to_owned(),
            type_name: node.kind.to_string(),
            name: node.name.clone(),
            address: node.address.as_ref().map(ToString::to_string),
            state,
            certainty: certainty(state, at, until),
            at,
            first_failure_at,
            breaks_at: match state {
                EndState::Ended => at,
                EndState::Mended => None,
                EndState::Ends | EndState::Eventually => instant(until),
            },
            valid_until,
            until,
            was: (self.has_plan() && !new).then_some(was),
            by_plan,
            trigger: trigger.map(str::to_owned),
            ends_with: self.ends_with(index, &chain),
            affects: self.affects(index, state, falling),
            renewal: renewals(told, index).iter().map(|renewal| self.renewal(node, renewal)).collect(),
            path: steps(self.collected, &chain),
            unknown_because: self.doubts(index, state, until),
        }
    }

    /// What it ends with, where it is neither its own end nor a renewal of its own that fails.
    fn ends_with(&self, index: NodeIx, chain: &[ProofStep]) -> Option<String> {
        let estate = &self.collected.estate;
        let place = chain.first()?.need?;
        if matches!(estate.node(index)?.needs.get(place)?.phase, Phase::Renew { .. }) {
            return None;
        }
        let below = || chain.iter().skip(1).filter_map(|step| estate.node(step.node));
        let ends = below().filter(|node| has_end(node)).last().or_else(|| below().last())?;
        Some(estate.shown(ends).id.to_string())
    }

    /// The workloads that fall without it, and those that have fallen by it.
    fn affects(&self, index: NodeIx, state: EndState, falling: &Falling) -> Vec<Affected> {
        let estate = &self.collected.estate;
        let mut found: BTreeSet<NodeIx> = BTreeSet::new();
        let mut affects: Vec<Affected> = Vec::new();
        let with = if state == EndState::Mended { self.before } else { self.then };
        if estate.users(index).next().is_some() {
            let scenario = with.held.scenario.clone().without([index]);
            let without: Outcome<'_> = self.evaluator.outcome(scenario);
            for workload in taken_along(with, &without) {
                let tagged = estate.node(workload).is_some_and(|node| node.workload.is_some());
                if workload == index
                    || !tagged
                    || with.held.of(workload) == Horizon::FOREVER && state != EndState::Mended
                {
                    continue;
                }
                let falls = without.falls.of(workload).is_none_or(|loss| loss.certain);
                let certainty = Certainty::of(falls);
                let told = falling.of(workload).cloned().map(|known| Affected { certainty, ..known });
                let told = told.or_else(|| affected(self, workload, &self.why(workload), certainty));
                if found.insert(workload) {
                    affects.extend(told);
                }
            }
        }
        if state != EndState::Mended {
            affects.extend(
                falling
                    .on_chain(index)
                    .filter(|one| found.insert(*one))
                    .filter_map(|one| falling.of(one).cloned()),
            );
        }
        sort(&mut affects);
        affects
    }

    fn renewal(&self, node: &Node, renewal: &RenewalAt<'_>) -> Renewal {
        Renewal {
            need: renewal.need.label.clone(),
            by: self.renewers(node, renewal),
            due_at: renewal.due,
            until: renewal.path,
            holds: renewal.counted == Horizon::FOREVER,
        }
    }

    /// Who renews something; what is part of it is not told.
    fn renewers(&self, node: &Node, renewal: &RenewalAt<'_>) -> Vec<String> {
        let estate = &self.collected.estate;
        let held = &self.then.held;
        let supports = renewal.need.supports.iter();
        let there = supports.filter(|support| held.scenario.has_support(renewal.need, support));
        let mut by: Vec<String> = Vec::new();
        for shown in there.filter_map(|support| estate.node(support.node)).map(|own| estate.shown(own)) {
            let id = shown.id.to_string();
            if shown.id != node.id && shown.class != crate::model::Class::Unseen && !by.contains(&id) {
                by.push(id);
            }
        }
        by
    }

    fn doubts(&self, index: NodeIx, state: EndState, until: Horizon) -> Vec<String> {
        if until.sure == until.possible || state == EndState::Mended {
            return Vec::new();
        }
        let found = match self.then.falls.of(index) {
            Some(_) if self.has_plan() => doubts(self.then, index),
            _ => unsure(&self.then.held, index).doubts,
        };
        in_words(&self.collected.estate, &self.collected.sources, &self.collected.changes, found).0
    }
}

/// Whether it surely ends by the day that it is listed by; of what has no such day, whether it surely ends.
fn certainty(state: EndState, at: Option<Instant>, until: Horizon) -> Certainty {
    Certainty::of(match (state, until.possible) {
        (EndState::Mended, _) | (_, Moment::Never) => true,
        (EndState::Ends, Moment::At(end)) => at.is_some_and(|at| end <= at),
        (EndState::Eventually, Moment::At(_) | Moment::Eventually) => true,
        _ => false,
    })
}
