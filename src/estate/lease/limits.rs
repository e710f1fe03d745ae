//! Which limits hold for what is issued, on each side of a plan, by what plans and snapshots tell.

use super::life::{Chain, End, Life, life};
use super::{Builder, Leased};
use crate::model::{Alias, Fact, Issue, Lease, Limit, Limited, Limits, NodeIx, Presence, Side};
use std::collections::BTreeMap;

/// How long something lasts, with the limits by which it does.
#[derive(Debug, Clone)]
pub struct Bounded {
    /// How long.
    pub life: Life,
    /// What the server allows; `None`: no source tells.
    pub server: Option<Limits>,
    /// What the mount sets; `None`: no source tells.
    pub mount: Option<Lease>,
    /// What the role sets.
    pub role: Option<Lease>,
    /// What it was issued with.
    pub token: Option<Lease>,
}

/// All that sources tell of the limits of one node.
pub(super) struct Told<'f> {
    pub facts: Vec<&'f Fact>,
}

impl<'f> Told<'f> {
    /// How one comes by what it issues, if it is a role.
    pub fn issue(&self) -> Option<Issue> {
        self.facts.iter().find_map(|fact| fact.lease.as_ref()?.issues)
    }

    /// The newest that tells of something issued.
    pub fn issued(&self) -> Option<&'f Lease> {
        let own = self.facts.iter().filter_map(|fact| Some((fact.taken_at, fact.lease.as_deref()?)));
        own.filter(|(_, lease)| lease.issued.is_some())
            .max_by_key(|(taken, _)| *taken)
            .map(|(_, lease)| lease)
    }

    /// What holds on a side. A plan or a state decides; what it leaves open, as a provider does with what the server
    /// chooses, the newest snapshot tells.
    pub fn on(&self, side: Side) -> Option<Lease> {
        let there = |fact: &&&Fact| fact.side.both(side).is_some() && fact.presence != Presence::Absent;
        let managed: Vec<&Lease> = self
            .facts
            .iter()
            .filter(|fact| fact.managed)
            .filter(there)
            .filter_map(|fact| fact.lease.as_deref())
            .collect();
        let seen = self.facts.iter().filter(|fact| !fact.managed).filter(there);
        let newest = seen.max_by_key(|fact| fact.taken_at).and_then(|fact| fact.lease.as_deref());
        let Some(first) = managed.first() else {
            let mut newest = newest?.clone();
            if self.server_on(side).is_some() {
                (newest.limits.ttl.limit, newest.limits.max.limit) = (Limit::Unset, Limit::Unset);
            }
            return Some(newest);
        };
        let mut lease = (*first).clone();
        let Some(newest) = newest else { return Some(lease) };
        let ever = |pick: fn(&mut Lease) -> &mut Limited| {
            let all = self.facts.iter().filter(|fact| fact.managed).filter_map(|fact| fact.lease.as_deref());
            all.cloned().any(|mut lease| matches!(pick(&mut lease).limit, Limit::Seconds(_)))
        };
        // Of a role that is managed nothing is left to the server.
        if lease.issues.is_none() {
            for pick in [ttl as fn(&mut Lease) -> &mut Limited, max] {
                // What a plan unsets, a snapshot of before still tells.
                if !ever(pick) {
                    *pick(&mut lease) = pick(&mut newest.clone()).clone();
                }
            }
        }
        Some(lease)
    }
}

impl Told<'_> {
    /// What the server allows: a listing of mounts says that a mount sets nothing, and its tune says what holds then.
    pub fn server_on(&self, side: Side) -> Option<Limits> {
        let there = |fact: &&&Fact| fact.side.both(side).is_some() && fact.presence != Presence::Absent;
        let seen = || {
            let seen = self.facts.iter().filter(|fact| !fact.managed).filter(there);
            seen.filter_map(|fact| fact.lease.as_deref()).filter(|lease| lease.issues.is_none())
        };
        let unset = seen().any(|lease| lease.limits.max.limit == Limit::Unset);
        let tune = seen().find(|lease| matches!(lease.limits.max.limit, Limit::Seconds(_)))?;
        unset.then(|| tune.limits.clone())
    }
}

fn ttl(lease: &mut Lease) -> &mut Limited {
    &mut lease.limits.ttl
}

fn max(lease: &mut Lease) -> &mut Limited {
    &mut lease.limits.max
}

impl Builder<'_> {
    /// What sources tell of limits, by node.
    pub(super) fn told<'f>(&self, facts: &'f [Fact]) -> BTreeMap<NodeIx, Told<'f>> {
        let mut told: BTreeMap<NodeIx, Told<'f>> = BTreeMap::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            if let (Some(node), Some(_)) = (node, &fact.lease) {
                told.entry(*node).or_insert_with(|| Told { facts: Vec::new() }).facts.push(fact);
            }
        }
        told
    }

    /// The node of a name, of which something is told.
    pub(super) fn named(&self, alias: Option<&Alias>) -> Option<NodeIx> {
        self.names.all(alias?).first().copied()
    }

    /// How long what a role issues lasts.
    pub(super) fn leased(
        &self,
        role: NodeIx,
        own: &Told<'_>,
        issue: Issue,
        told: &BTreeMap<NodeIx, Told<'_>>,
    ) -> Leased {
        let mount_name = own.facts.iter().find_map(|fact| fact.lease.as_ref()?.mount.clone());
        let mount = self.named(mount_name.as_ref());
        let on = |side: Side| {
            if side == Side::After && self.absent_after(role) {
                return None;
            }
            let role = own.on(side)?;
            Some(bounded(mount.and_then(|mount| told.get(&mount)), side, Some(role), None))
        };
        let (before, after) = (on(Side::Before), on(Side::After));
        let changes = self.changes_of(role).chain(mount.into_iter().flat_map(|mount| self.changes_of(mount)));
        let changes = changes.collect();
        Leased {
            role: Some(role),
            mount,
            mount_name,
            issue: Some(issue),
            before,
            after,
            changes,
            live: Vec::new(),
        }
    }
}

/// How long something lasts by these limits.
pub(super) fn bounded(
    mount: Option<&Told<'_>>,
    side: Side,
    role: Option<Lease>,
    token: Option<Lease>,
) -> Bounded {
    let server = mount.and_then(|told| told.server_on(side));
    let mount = mount.and_then(|told| told.on(side));
    let fixed = [&role, &token].into_iter().flatten().any(|lease| lease.fixed);
    let limits = |lease: &'_ Option<Lease>| lease.as_ref().map(|lease| lease.limits.clone());
    let (mounts, roles, tokens) = (limits(&mount), limits(&role), limits(&token));
    let chain = Chain {
        server: server.as_ref(),
        mount: mounts.as_ref(),
        role: roles.as_ref(),
        token: tokens.as_ref(),
        fixed,
    };
    Bounded { life: life(chain), server, mount, role, token }
}

impl Bounded {
    /// After how many seconds it ends, if it does.
    pub fn seconds(&self) -> Option<i64> {
        self.life.end.seconds()
    }

    /// Whether it surely ends.
    pub fn ends(&self) -> bool {
        matches!(self.life.end, End::After(..))
    }
}
