//! The workloads that fall, each with its day and its chain; and those that fall by nothing that has an end of its own.

use super::Reader;
use super::ending::{Standing, standing};
use crate::estate::{ProofStep, first_failure, first_failure_along, has_end, trigger_along};
use crate::judge::answer::steps;
use crate::model::{Horizon, Moment, NodeIx};
use crate::verdict::{Affected, ByPlan, Certainty, EndState, Ending, Fall};
use std::collections::{BTreeMap, BTreeSet};

/// All workloads that fall.
pub struct Falling {
    by_workload: BTreeMap<NodeIx, (Affected, Vec<ProofStep>)>,
    /// Of what has an end: the workloads on whose chains it is.
    on_chains: BTreeMap<NodeIx, BTreeSet<NodeIx>>,
}

impl Falling {
    /// Looks at each workload once.
    pub fn new(reader: &Reader<'_>) -> Falling {
        let estate = &reader.collected.estate;
        let mut found = Falling { by_workload: BTreeMap::new(), on_chains: BTreeMap::new() };
        for index in estate.indices() {
            let falls = reader.then.held.of(index).possible < Moment::Forever;
            let is_workload = estate.node(index).is_some_and(|node| node.workload.is_some());
            if !is_workload || !falls || !reader.may_be(reader.then, index) {
                continue;
            }
            let chain = reader.why(index);
            let Some(affected) = affected(reader, index, &chain, Certainty::Certain) else { continue };
            for step in &chain {
                if estate.node(step.node).is_some_and(has_end) {
                    found.on_chains.entry(step.node).or_default().insert(index);
                }
            }
            found.by_workload.insert(index, (affected, chain));
        }
        found
    }

    /// Workloads whose fall this thing explains.
    pub fn on_chain(&self, thing: NodeIx) -> impl Iterator<Item = NodeIx> {
        self.on_chains.get(&thing).into_iter().flatten().copied()
    }

    /// One workload, as it falls.
    pub fn of(&self, workload: NodeIx) -> Option<&Affected> {
        self.by_workload.get(&workload).map(|(affected, _)| affected)
    }

    /// Workloads that fall, and by none of what is told already: by what their chains lead to.
    pub fn by_nothing_told(&self, reader: &Reader<'_>, told: &BTreeSet<NodeIx>) -> Vec<Ending> {
        let mut by_subject: BTreeMap<(NodeIx, EndState), Vec<NodeIx>> = BTreeMap::new();
        for (index, (_, chain)) in &self.by_workload {
            let explained = told.contains(index) || chain.iter().any(|step| told.contains(&step.node));
            let Some(Standing { state, at }) = standing(reader, *index) else { continue };
            let late = at.is_some_and(|at| at > reader.until);
            if let Some(last) = chain.last().filter(|_| !explained && !late) {
                by_subject.entry((last.node, state)).or_default().push(*index);
            }
        }
        let all = by_subject.into_iter();
        all.filter_map(|((subject, state), workloads)| self.group(reader, subject, state, &workloads))
            .collect()
    }

    fn group(
        &self,
        reader: &Reader<'_>,
        subject: NodeIx,
        state: EndState,
        workloads: &[NodeIx],
    ) -> Option<Ending> {
        let estate = &reader.collected.estate;
        let node = estate.shown(estate.node(subject)?);
        let at = workloads.iter().filter_map(|index| standing(reader, *index)?.at).min();
        let mut affects: Vec<Affected> =
            workloads.iter().filter_map(|index| self.of(*index)).cloned().collect();
        sort(&mut affects);
        let first = affects.first()?;
        let is_first = |index: &&NodeIx| self.of(**index).is_some_and(|one| one.node == first.node);
        let (_, chain) = self.by_workload.get(workloads.iter().find(is_first)?)?;
        let (until, was) = (first.until, first.was);
        let (trigger, first_failure_at, breaks_at) =
            (first.trigger.clone(), first.first_failure_at, first.breaks_at);
        let sooner = reader.has_plan() && until < was;
        Some(Ending {
            node: node.id.to_string(),
            kind: node.class.word().to_owned(),
            type_name: node.kind.to_string(),
            name: node.name.clone(),
            address: node.address.as_ref().map(ToString::to_string),
            state,
            certainty: Certainty::Certain,
            at,
            first_failure_at,
            breaks_at,
            valid_until: None,
            until,
            was: reader.has_plan().then_some(was),
            by_plan: sooner.then_some(ByPlan::Sooner),
            trigger,
            ends_with: None,
            affects,
            renewal: Vec::new(),
            path: steps(reader.collected, chain),
            unknown_because: Vec::new(),
        })
    }
}

/// A workload, as it falls in the end.
pub fn affected(
    reader: &Reader<'_>,
    index: NodeIx,
    chain: &[ProofStep],
    certainty: Certainty,
) -> Option<Affected> {
    let node = reader.collected.estate.node(index)?;
    let tag = node.workload.as_ref()?;
    let (until, was) = (reader.then.held.of(index), reader.before.held.of(index));
    let by_plan = reader.has_plan() && until != was && reader.then.falls.of(index).is_some();
    let at_once = by_plan && until.possible == Moment::Never;
    Some(Affected {
        workload: tag.name.clone(),
        node: node.id.to_string(),
        kind: node.kind.to_string(),
        criticality: tag.criticality,
        fall: match reader.then.falls.of(index) {
            Some(loss) if by_plan && loss.removed() => Fall::Removed,
            _ => Fall::Starved,
        },
        until,
        was,
        trigger: match at_once {
            true => Some("apply".to_owned()),
            false => trigger_along(&reader.then.held, chain, until).map(str::to_owned),
        },
        first_failure_at: match by_plan {
            true => first_failure(reader.then, index),
            false => first_failure_along(&reader.then.held, chain),
        },
        breaks_at: instant(until),
        certainty,
    })
}

/// The instant at which something ends at the latest, if that is known.
pub fn instant(until: Horizon) -> Option<crate::model::Instant> {
    match until.possible {
        Moment::At(instant) => Some(instant),
        _ => None,
    }
}

/// Those that matter most first, then those that fall first.
pub fn sort(affects: &mut [Affected]) {
    affects.sort_by(|one, other| {
        let order = |affected: &Affected| (affected.criticality, affected.certainty);
        order(other)
            .cmp(&order(one))
            .then_with(|| (one.until.possible, &one.node).cmp(&(other.until.possible, &other.node)))
    });
}
