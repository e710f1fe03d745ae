//! The model once more, as plainly as it can be said: every node is asked again and again until nothing changes.
//!
//! Nothing here is shared with what is tested: no ranks, no components, no overlays. It is slow and short.

use super::{Eventually, Forever, Never};
use crate::model::{
    ChangeIx, Claim, Coverage, Horizon, Instant, Moment, Need, Node, Phase, Presence, Side, Sign, Strength,
    Support,
};
use std::collections::BTreeSet;

/// Which version of the world: which changes, whether they are just being made, what has to come up, what is gone.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub made: BTreeSet<ChangeIx>,
    /// What no change brings about is made as well.
    pub whole: bool,
    pub during: bool,
    pub cold: bool,
    pub gone: BTreeSet<usize>,
    /// Nodes that must come up from nothing, by bound.
    pub stopped: [BTreeSet<usize>; 2],
    /// Nodes that were down just before: filled in where it is asked.
    pub idle: [BTreeSet<usize>; 2],
}

/// The number of a bound.
pub const SURE: usize = 0;
pub const POSSIBLE: usize = 1;

/// An estate of which horizons are asked. `lucky`: unknown days and starts turn out well in this one; `None`: they are
/// unknown, and the bounds differ.
#[derive(Clone, Copy)]
pub struct Naive<'a> {
    pub nodes: &'a [Node],
    pub now: Instant,
    pub lucky: Option<&'a dyn Fn(usize, Option<usize>) -> bool>,
}

impl Naive<'_> {
    fn sees(world: &World, side: Side, change: Option<ChangeIx>) -> bool {
        let made = change.map_or(world.whole, |change| world.made.contains(&change));
        match side {
            Side::Both => true,
            Side::Before => !made,
            Side::After => made,
        }
    }

    /// Each test node has one claim.
    fn presence(&self, world: &World, node: usize) -> Presence {
        let Some(claim) = self.nodes[node].claims.first() else { return Presence::Present };
        let Claim { before, during, after, change, .. } = claim;
        let made = change.map_or(world.whole, |change| world.made.contains(&change));
        match (world.gone.contains(&node), made, world.during) {
            (true, _, _) => Presence::Absent,
            (_, false, _) => *before,
            (_, true, true) => *during,
            (_, true, false) => *after,
        }
    }

    fn past(&self, moment: Moment) -> Moment {
        if matches!(moment, Moment::At(end) if end <= self.now) { Never } else { moment }
    }

    fn own(&self, world: &World, node: usize, bound: usize) -> Moment {
        let there = match self.presence(world, node) {
            Presence::Absent => Never,
            Presence::Present => Forever,
            Presence::Unknown => [Never, Forever][bound],
        };
        let Some(end) = self.nodes[node].end.as_deref() else { return there };
        let made = end.change.map_or(world.whole, |change| world.made.contains(&change));
        let end = if made { end.after } else { end.before };
        let luck = self.lucky.map_or(bound == POSSIBLE, |lucky| lucky(node, None));
        there.min(self.past(if luck { end.possible } else { end.sure }))
    }

    fn support(&self, world: &World, support: &Support, bound: usize, value: Moment) -> Moment {
        let carried = match support.sign {
            Sign::Holds => value,
            Sign::Absent if self.own(world, support.node.at(), 1 - bound) == Never => Forever,
            Sign::Absent => Never,
        };
        if support.coverage != Coverage::Sure && bound == SURE { Never } else { carried }
    }

    fn need(
        &self,
        world: &World,
        (node, place): (usize, usize),
        bound: usize,
        value: &dyn Fn(usize) -> Moment,
    ) -> Moment {
        let need: &Need = &self.nodes[node].needs[place];
        let mut carried: Vec<Moment> = need
            .supports
            .iter()
            .filter(|support| Self::sees(world, support.side, support.change.or(need.change)))
            .map(|support| self.support(world, support, bound, value(support.node.at())))
            .collect();
        carried.sort();
        let enough = carried.len().checked_sub(need.at_least.max(1) as usize);
        let met = enough.map_or(Never, |at| carried[at]);
        let well = self.lucky.map_or(bound == POSSIBLE, |lucky| lucky(node, Some(place)));
        let counted = match need.phase {
            Phase::Always | Phase::Run => met,
            Phase::Start => {
                let restarted =
                    self.nodes[node].restarted_by.iter().any(|change| world.made.contains(change));
                let stopped = world.idle[bound].contains(&node);
                let runs_on = !restarted && !stopped && !world.cold;
                if well && (runs_on || met > Never) { met.max(Eventually) } else { met }
            }
            Phase::Renew { end, at, seen } => {
                let known = end.map(|end| match end {
                    end if end > self.now => Moment::At(end),
                    end if seen.is_some_and(|seen| end <= seen) => Never,
                    _ if well => Eventually,
                    _ => Never,
                });
                let overdue = at.is_some_and(|at| at <= seen.unwrap_or(self.now));
                match (well, known) {
                    (false, known) => known.unwrap_or(Never).max(if overdue { Never } else { met }),
                    (true, _) if met == Forever => Forever,
                    (true, None) => Eventually,
                    (true, Some(known)) => match at {
                        Some(at) if met <= Moment::At(at) => known.max(met),
                        None if met == Never => known,
                        _ => Eventually,
                    },
                }
            }
        };
        if need.strength == Strength::Assumed && bound == POSSIBLE { Forever } else { counted }
    }

    /// νX.μY over the whole estate, round by round.
    pub fn bound(&self, world: &World, bound: usize) -> Vec<Moment> {
        let world = &self.complete(world);
        let must_start = |node: usize| world.idle[bound].contains(&node);
        let first = self.fixpoint(world, bound, &|node| !must_start(node), &|_| false);
        if world.cold || !(0..self.nodes.len()).any(must_start) {
            return first;
        }
        // Who has started may be taken to be up as ever; who has not is not there.
        self.fixpoint(world, bound, &|_| true, &|node| first[node] == Never)
    }

    /// The world with what is down before; how it is before has none.
    fn complete(&self, world: &World) -> World {
        let mut world = world.clone();
        let changed = world.whole || world.cold || !world.made.is_empty() || !world.gone.is_empty();
        if changed && world.idle.iter().all(BTreeSet::is_empty) {
            // Meanwhile, what was down before must start; after that, what was down meanwhile.
            let plans = world.whole || !world.made.is_empty();
            let just_before = match plans && !world.during {
                true => World { during: true, stopped: Default::default(), ..world.clone() },
                false => World::default(),
            };
            for bound in [SURE, POSSIBLE] {
                let was = self.bound(&just_before, bound);
                world.idle[bound] = (0..was.len()).filter(|node| was[*node] == Never).collect();
            }
        }
        world
    }

    /// νX.μY, where of what runs only some may be taken to be up, and some is not there.
    fn fixpoint(
        &self,
        world: &World,
        bound: usize,
        may_be_up: &dyn Fn(usize) -> bool,
        dead: &dyn Fn(usize) -> bool,
    ) -> Vec<Moment> {
        let runs = |node: usize| self.nodes[node].class.sustains() && !world.cold && may_be_up(node);
        let mut outer = vec![Forever; self.nodes.len()];
        loop {
            let mut inner = vec![Never; self.nodes.len()];
            loop {
                let next: Vec<Moment> = (0..self.nodes.len())
                    .map(|node| {
                        if dead(node) {
                            return Never;
                        }
                        let mut least = self.own(world, node, bound);
                        for (place, need) in self.nodes[node].needs.iter().enumerate() {
                            if Self::sees(world, need.side, need.change) {
                                let value = |support: usize| {
                                    let up = runs(support) || need.phase == Phase::Run;
                                    if up { outer[support] } else { inner[support] }
                                };
                                least = least.min(self.need(world, (node, place), bound, &value));
                            }
                        }
                        least
                    })
                    .collect();
                if next == inner {
                    break;
                }
                inner = next;
            }
            if inner == outer {
                return outer;
            }
            outer = inner;
        }
    }

    pub fn horizons(&self, world: &World) -> Vec<Horizon> {
        let (sure, possible) = (self.bound(world, SURE), self.bound(world, POSSIBLE));
        sure.into_iter().zip(possible).map(|(sure, possible)| Horizon { sure, possible }).collect()
    }

    fn need_horizon(&self, world: &World, at: (usize, usize), held: &[Horizon]) -> Horizon {
        Horizon {
            sure: self.need(world, at, SURE, &|node| held[node].sure),
            possible: self.need(world, at, POSSIBLE, &|node| held[node].possible),
        }
    }

    /// Not known before nor meanwhile, and on its way to be there, or not to be.
    fn moves(&self, world: &World, node: usize, to: Presence) -> bool {
        let claim = &self.nodes[node].claims[0];
        let made = claim.change.is_some_and(|change| world.made.contains(&change));
        let unknown = claim.before == Presence::Unknown && claim.during == Presence::Unknown;
        world.during && made && unknown && claim.after == to && !world.gone.contains(&node)
    }

    /// Who may fall from how it is to this world, and by which needs: the loss rule, all nodes asked until nothing
    /// changes.
    pub fn falling(&self, world: &World) -> Vec<(usize, bool, Vec<usize>)> {
        let world = &self.complete(world);
        let before = World::default();
        let (was, is) = (self.horizons(&before), self.horizons(world));
        let stopped = |node: usize| world.stopped[SURE].contains(&node);
        let mut falls: Vec<Option<(bool, Vec<usize>)>> = vec![None; self.nodes.len()];
        for (node, slot) in falls.iter_mut().enumerate() {
            let own = |world: &World| [SURE, POSSIBLE].map(|bound| self.own(world, node, bound));
            let ([_, possible], [sure, _]) = (own(&before), own(world));
            let (there, after) = (self.presence(&before, node), self.presence(world, node));
            let going = self.moves(world, node, Presence::Absent);
            let ends = self.nodes[node].end.as_deref().is_some_and(|end| end.before != end.after);
            // The end alone, as if the thing were surely there.
            let sooner = ends && {
                let alone = Node { claims: Vec::new(), ..self.nodes[node].clone() };
                let one = Naive { nodes: &[alone], now: self.now, lucky: None };
                let world = World { gone: BTreeSet::new(), ..world.clone() };
                let (was, is) = (one.own(&before, 0, POSSIBLE), one.own(&world, 0, SURE));
                is < was
                    && self.nodes[node].end.as_deref().is_some_and(|end| {
                        end.change.map_or(world.whole, |change| world.made.contains(&change))
                    })
            };
            if possible > Never && sure < possible && (after < there || going || sooner) {
                *slot = Some((true, Vec::new()));
            }
        }
        loop {
            let mut changed = false;
            for node in 0..self.nodes.len() {
                if self.own(&before, node, POSSIBLE) == Never
                    || self.presence(world, node) == Presence::Absent
                {
                    continue;
                }
                for (place, need) in self.nodes[node].needs.iter().enumerate() {
                    if !Self::sees(world, need.side, need.change) {
                        continue;
                    }
                    let new = !Self::sees(&before, need.side, need.change);
                    let touched = need.supports.iter().any(|support| {
                        let change = support.change.or(need.change);
                        let below = support.node.at();
                        if !Self::sees(&before, support.side, change) {
                            return false;
                        }
                        if !Self::sees(world, support.side, change) {
                            return true;
                        }
                        match support.sign {
                            Sign::Holds => {
                                falls[below].is_some() || stopped(below) && self.rests_on(below, node)
                            }
                            Sign::Absent => {
                                let other = self.presence(&before, below) != self.presence(world, below);
                                (other || self.moves(world, below, Presence::Present))
                                    && self.own(&before, below, SURE) < self.own(world, below, POSSIBLE)
                            }
                        }
                    });
                    let restarted =
                        self.nodes[node].restarted_by.iter().any(|change| world.made.contains(change));
                    let starts = need.phase == Phase::Start
                        && (restarted || world.stopped[POSSIBLE].contains(&node))
                        && {
                            let always = Node {
                                needs: vec![Need {
                                    phase: Phase::Always,
                                    strength: Strength::Declared,
                                    ..need.clone()
                                }],
                                ..self.nodes[node].clone()
                            };
                            let mut nodes = self.nodes.to_vec();
                            nodes[node] = always;
                            let plain = Naive { nodes: &nodes, ..*self };
                            plain.need(&before, (node, 0), POSSIBLE, &|node| was[node].possible) == Never
                        };
                    let met = self.need_horizon(world, (node, place), &is).sure;
                    let met_before =
                        if new { Forever } else { self.need_horizon(&before, (node, place), &was).possible };
                    if (new || touched || starts) && met < met_before {
                        let (_, known) = falls[node].get_or_insert_with(|| (false, Vec::new()));
                        if !known.contains(&place) {
                            known.push(place);
                            changed = true;
                        }
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let found = falls.into_iter().enumerate();
        let sorted = |mut needs: Vec<usize>| {
            needs.sort_unstable();
            needs
        };
        found.filter_map(|(node, fall)| fall.map(|(own, needs)| (node, own, sorted(needs)))).collect()
    }

    /// Whether one node may rest on another, in whichever version.
    fn rests_on(&self, one: usize, other: usize) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![one]);
        while let Some(node) = open.pop() {
            if node == other {
                return true;
            }
            if seen.insert(node) {
                let needs = self.nodes[node].needs.iter();
                open.extend(needs.flat_map(|need| &need.supports).map(|support| support.node.at()));
            }
        }
        false
    }

    /// What is down while the changes of a world are made: by bound.
    pub fn stopped(&self, world: &World) -> [BTreeSet<usize>; 2] {
        let during = self.complete(&World { during: true, ..world.clone() });
        let (was, is) = (self.horizons(&World::default()), self.horizons(&during));
        let mut stopped = [BTreeSet::new(), BTreeSet::new()];
        let falling = self.falling(&during).into_iter();
        for (node, own, needs) in falling.filter(|(node, ..)| was[*node].possible > Never) {
            let own = own && self.own(&during, node, SURE) == Never;
            let by_need =
                needs.iter().any(|place| self.need_horizon(&during, (node, *place), &is).sure == Never);
            if is[node].possible == Never {
                stopped[POSSIBLE].insert(node);
            }
            if is[node].possible == Never || own || by_need {
                stopped[SURE].insert(node);
            }
        }
        stopped
    }
}
