//! Until when everything holds, in one scenario.

use super::Estate;
use crate::model::{
    ChangeIx, Claim, Coverage, Horizon, Instant, Moment, Need, Node, NodeIx, Phase, Presence, Side, Sign,
    Strength, Support,
};
use std::collections::{BTreeMap, BTreeSet};

/// Which version of the world is asked about: an overlay on the leaves, nothing else.
#[derive(Debug, Clone, Copy)]
pub enum Scenario<'a> {
    /// As it is.
    Before,
    /// As it will be.
    After,
    /// As it is, with only these changes made.
    Only(&'a BTreeSet<ChangeIx>),
    /// As it will be, with these changes left out.
    Less(&'a BTreeSet<ChangeIx>),
    /// As it is, without these nodes.
    Without(&'a BTreeSet<NodeIx>),
}

impl Scenario<'_> {
    /// Which version of something that this change makes or unmakes is seen.
    pub fn version(&self, change: Option<ChangeIx>) -> Side {
        let after = match self {
            Scenario::Before | Scenario::Without(_) => false,
            Scenario::After => true,
            Scenario::Only(changes) => change.is_some_and(|change| changes.contains(&change)),
            Scenario::Less(changes) => !change.is_some_and(|change| changes.contains(&change)),
        };
        if after { Side::After } else { Side::Before }
    }

    /// Whether a need is one in this scenario.
    pub fn has_need(&self, need: &Need) -> bool {
        need.side.both(self.version(need.change)).is_some()
    }

    /// Whether a support is one in this scenario.
    pub fn has_support(&self, need: &Need, support: &Support) -> bool {
        support.side.both(self.version(support.change.or(need.change))).is_some()
    }

    /// Whether the node exists, and until when by itself.
    pub fn own(&self, index: NodeIx, node: &Node, now: Instant) -> Horizon {
        let present = match self.presence(index, node) {
            Presence::Absent => Horizon::NEVER,
            Presence::Unknown => Horizon::UNKNOWN,
            Presence::Present => Horizon::FOREVER,
        };
        present.and(self.end(node, now))
    }

    /// Whether the node exists.
    pub fn presence(&self, index: NodeIx, node: &Node) -> Presence {
        match self {
            Scenario::Without(gone) if gone.contains(&index) => Presence::Absent,
            _ => presence(node, |change| self.version(change)),
        }
    }

    /// When the node ends by itself, if it exists.
    pub fn end(&self, node: &Node, now: Instant) -> Horizon {
        match node.end {
            None => Horizon::FOREVER,
            Some(end) if self.version(end.change) == Side::Before => end.before.seen_at(now),
            Some(end) => end.after.seen_at(now),
        }
    }
}

/// Whether a node exists, where `version` says which side of each change is seen.
///
/// Each carrier is judged by itself: a plan or state that knows it before knows what becomes of it, and a listing adds
/// nothing; what only listings know is as they say. The node exists if any carrier does.
pub fn presence(node: &Node, version: impl Fn(Option<ChangeIx>) -> Side) -> Presence {
    let Some(first) = node.claims.first() else { return Presence::Present };
    let seen = |claim: &Claim| if version(claim.change) == Side::Before { claim.before } else { claim.after };
    if node.claims.len() == 1 {
        return seen(first);
    }
    let of_carrier = |carrier: &str| {
        let (mut managed_before, mut by_plan, mut by_any) = (false, Presence::Absent, Presence::Absent);
        for claim in node.claims.iter().filter(|claim| claim.carrier == carrier) {
            by_any = by_any.max(seen(claim));
            if claim.managed {
                managed_before |= claim.before != Presence::Absent;
                by_plan = by_plan.max(seen(claim));
            }
        }
        if managed_before { by_plan } else { by_any }
    };
    // A carrier with several claims is asked several times, which is cheaper than to remember who was.
    node.claims.iter().map(|claim| of_carrier(&claim.carrier)).max().unwrap_or(Presence::Absent)
}

/// The horizons of all nodes in one scenario.
#[derive(Debug, Clone)]
pub struct Evaluation {
    horizons: Vec<Horizon>,
    now: Instant,
}

impl Evaluation {
    /// Until when the node holds.
    pub fn of(&self, node: NodeIx) -> Horizon {
        self.horizons.get(node.at()).copied().unwrap_or(Horizon::UNKNOWN)
    }

    /// The now of the evaluation.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Until when a need is met in this scenario; `None` if it is no need there.
    pub fn need(&self, scenario: Scenario<'_>, need: &Need) -> Option<NeedAt> {
        scenario.has_need(need).then(|| need_horizon(scenario, need, self.now, &|node| self.of(node)))
    }
}

/// Until when a need is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeedAt {
    /// As it counts for the node.
    pub counted: Horizon,
    /// Of the supports alone, before phase and strength are looked at.
    pub supports: Horizon,
}

/// Evaluates the whole estate: components in order, cycles by a greatest fixpoint over what runs or renews with, inside,
/// a least one over the rest.
pub fn evaluate(estate: &Estate, scenario: Scenario<'_>, now: Instant) -> Evaluation {
    let mut horizons = vec![Horizon::NEVER; estate.nodes.len()];
    for component in &estate.order {
        match component.as_slice() {
            [only] if !rests_on_itself(estate, *only) => {
                let value = horizon(estate, scenario, *only, now, &|node| at(&horizons, node), &|node| {
                    at(&horizons, node)
                });
                if let Some(slot) = horizons.get_mut(only.at()) {
                    *slot = value;
                }
            }
            cycle => settle(estate, scenario, cycle, now, &mut horizons),
        }
    }
    Evaluation { horizons, now }
}

fn at(horizons: &[Horizon], node: NodeIx) -> Horizon {
    horizons.get(node.at()).copied().unwrap_or(Horizon::UNKNOWN)
}

fn rests_on_itself(estate: &Estate, index: NodeIx) -> bool {
    estate.node(index).is_some_and(|node| {
        node.needs.iter().any(|need| need.supports.iter().any(|support| support.node == index))
    })
}

/// νX.μY over one strongly connected component. Both fixpoints are reached in finitely many rounds, since values come
/// from a finite set and only fall (outside) or rise (inside).
fn settle(estate: &Estate, scenario: Scenario<'_>, cycle: &[NodeIx], now: Instant, horizons: &mut [Horizon]) {
    let sustained: BTreeSet<NodeIx> = cycle
        .iter()
        .copied()
        .filter(|index| estate.node(*index).is_some_and(|node| node.class.sustains()))
        .collect();
    let mut outer: BTreeMap<NodeIx, Horizon> = cycle.iter().map(|index| (*index, Horizon::FOREVER)).collect();
    loop {
        let mut inner: BTreeMap<NodeIx, Horizon> =
            cycle.iter().map(|index| (*index, Horizon::NEVER)).collect();
        loop {
            let next: BTreeMap<NodeIx, Horizon> = {
                let value = |node: NodeIx| {
                    let inside = if sustained.contains(&node) { outer.get(&node) } else { inner.get(&node) };
                    inside.copied().unwrap_or_else(|| at(horizons, node))
                };
                let warm = |node: NodeIx| outer.get(&node).copied().unwrap_or_else(|| at(horizons, node));
                cycle
                    .iter()
                    .map(|index| (*index, horizon(estate, scenario, *index, now, &value, &warm)))
                    .collect()
            };
            if next == inner {
                break;
            }
            inner = next;
        }
        if inner == outer {
            break;
        }
        outer = inner;
    }
    for (index, value) in outer {
        if let Some(slot) = horizons.get_mut(index.at()) {
            *slot = value;
        }
    }
}

/// The horizon of one node; needs of phase `run` look at what runs already (`warm`).
fn horizon(
    estate: &Estate,
    scenario: Scenario<'_>,
    index: NodeIx,
    now: Instant,
    value: &dyn Fn(NodeIx) -> Horizon,
    warm: &dyn Fn(NodeIx) -> Horizon,
) -> Horizon {
    let Some(node) = estate.node(index) else { return Horizon::UNKNOWN };
    let mut result = scenario.own(index, node, now);
    for need in node.needs.iter().filter(|need| scenario.has_need(need)) {
        let look = if need.phase == Phase::Run { warm } else { value };
        result = result.and(need_horizon(scenario, need, now, look).counted);
    }
    result
}

fn need_horizon(
    scenario: Scenario<'_>,
    need: &Need,
    now: Instant,
    value: &dyn Fn(NodeIx) -> Horizon,
) -> NeedAt {
    let carried = need
        .supports
        .iter()
        .filter(|support| scenario.has_support(need, support))
        .map(|support| support_horizon(support, value(support.node)));
    let supports = if need.at_least <= 1 {
        carried.fold(Horizon::NEVER, Horizon::or)
    } else {
        let (sure, possible) = carried.map(|carried| (carried.sure, carried.possible)).unzip();
        Horizon { sure: kth(sure, need.at_least), possible: kth(possible, need.at_least) }
    };
    let mut counted = match need.phase {
        Phase::Always | Phase::Run => supports,
        Phase::Start => Horizon { sure: supports.sure, possible: supports.possible.max(Moment::Eventually) },
        Phase::Renew { end, at, seen } => renewal(end, at, seen, supports, now),
    };
    if need.strength == Strength::Assumed {
        counted.possible = Moment::Forever;
    }
    NeedAt { counted, supports }
}

fn support_horizon(support: &Support, value: Horizon) -> Horizon {
    let carried = match support.sign {
        Sign::Holds => value,
        // Allowed on leaves only: absent until it is present, bounds swapped.
        Sign::Absent => Horizon { sure: absent(value.possible), possible: absent(value.sure) },
    };
    match support.coverage {
        Coverage::Sure => carried,
        Coverage::Unknown(_) => Horizon { sure: Moment::Never, possible: carried.possible },
    }
}

fn absent(present: Moment) -> Moment {
    if present == Moment::Never { Moment::Forever } else { Moment::Never }
}

/// The `k`-th greatest; `Never` if there are fewer.
fn kth(mut values: Vec<Moment>, k: u32) -> Moment {
    values.sort_unstable_by(|one, other| other.cmp(one));
    values.get((k.max(1) as usize) - 1).copied().unwrap_or(Moment::Never)
}

/// A certificate is met by its own validity or by its renewal path; so the date of an outage falls out.
fn renewal(
    end: Option<Instant>,
    due: Option<Instant>,
    seen: Option<Instant>,
    path: Horizon,
    now: Instant,
) -> Horizon {
    let Some(end_at) = end else {
        // How long it is valid is not known: without the path it ends some day.
        let possible = if path.possible < Moment::Forever { Moment::Eventually } else { Moment::Forever };
        return Horizon { sure: path.sure, possible };
    };
    let end = if end_at > now {
        Horizon::exactly(Moment::At(end_at))
    } else if seen.is_some_and(|seen| end_at <= seen) {
        Horizon::NEVER
    } else {
        // Ended since the snapshot was taken: renewed since, or down.
        Horizon { sure: Moment::Never, possible: Moment::Eventually }
    };
    let overdue = due.is_some_and(|due| seen.unwrap_or(now) >= due);
    let path_sure = if overdue { Moment::Never } else { path.sure };
    // A path that is lost before it is first used renews nothing; when that is, may not be known.
    let unused = match due {
        Some(due) => path.possible <= Moment::At(due),
        None => path.possible == Moment::Never,
    };
    let possible = if path.possible == Moment::Forever {
        Moment::Forever
    } else if unused {
        end.possible.max(path.possible)
    } else {
        Moment::Eventually
    };
    Horizon { sure: end.sure.max(path_sure), possible }
}
