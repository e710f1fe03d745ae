//! Tokens that are there, as lookups tell of them.

use super::holders::Holders;
use super::life::End;
use super::limits::{Told, bounded};
use super::{Bounded, Builder, Leased};
use crate::estate::build::support;
use crate::model::{
    ChangeIx, Ends, Granted, Horizon, Issue, Issued, Lease, Limit, Limited, Moment, Need, NodeIx, Side,
    Strength,
};
use jiff::SignedDuration;
use std::collections::{BTreeMap, BTreeSet};

/// A token that is there, and whether by its name alone nobody else can hold it.
type Token = (NodeIx, bool);

impl Builder<'_> {
    /// Gives the tokens their ends, and ties them to who holds them.
    pub(super) fn live_tokens(
        &mut self,
        told: &BTreeMap<NodeIx, Told<'_>>,
        tokens: &BTreeMap<NodeIx, NodeIx>,
    ) {
        let holders = Holders::new(&self.nodes);
        // By workload and role: its tokens.
        let mut held: BTreeMap<(NodeIx, Option<NodeIx>), Vec<Token>> = BTreeMap::new();
        let mut named: BTreeSet<Option<NodeIx>> = BTreeSet::new();
        let all: Vec<(NodeIx, &Lease, Issued)> = told
            .iter()
            .filter_map(|(node, told)| told.issued().and_then(|own| Some((*node, own, own.issued?))))
            .collect();
        for (node, lease, issued) in all {
            let role = self.named(lease.role.as_ref()).filter(|role| tokens.contains_key(role));
            self.end_of(node, lease, issued, role, told);
            let issue = role.and_then(|role| told.get(&role)?.issue());
            // Who logs in logs in again; the token that it has now is not what it rests on.
            let handed = match issue {
                Some(issue) => issue == Issue::Handed,
                None => lease.mount.as_ref().is_some_and(|mount| mount.value() == "auth/token"),
            };
            if !handed {
                continue;
            }
            let found = holders.of(&lease.held_by);
            let alone = found.len() == 1;
            for holder in found {
                named.insert(role);
                held.entry((holder, role)).or_default().push((node, alone));
            }
            if let Some(leased) =
                role.and_then(|role| tokens.get(&role)).and_then(|made| self.leases.get_mut(made))
            {
                leased.live.push(node);
            }
        }
        for (role, made) in tokens.iter().filter(|(role, _)| !named.contains(&Some(**role))) {
            // Nobody says who holds which: whoever rests on the role may hold any of them.
            let live = self.leases.get(made).map(|leased| leased.live.clone()).unwrap_or_default();
            let users = if live.is_empty() { Vec::new() } else { self.users_of(*made) };
            for user in users {
                held.entry((user, Some(*role))).or_default().extend(live.iter().map(|token| (*token, true)));
            }
        }
        for ((holder, role), tokens) in held {
            self.holds(holder, role, &tokens);
        }
    }

    /// Who needs a node.
    fn users_of(&self, wanted: NodeIx) -> Vec<NodeIx> {
        let uses = |node: &crate::model::Node| {
            node.needs.iter().any(|need| need.supports.iter().any(|support| support.node == wanted))
        };
        let users = self.nodes.iter().enumerate().filter(|(_, node)| uses(node));
        users.map(|(index, _)| NodeIx::number(index)).collect()
    }

    /// A workload needs one of its tokens, and surely holds only while it has them all.
    fn holds(&mut self, holder: NodeIx, role: Option<NodeIx>, tokens: &[Token]) {
        if tokens.is_empty() {
            return;
        }
        let of = role.and_then(|role| self.nodes.get(role.at())).map_or(String::new(), |node| {
            let name = node.aliases.iter().find(|alias| alias.space() == "vault");
            format!(" of {}", name.map_or(node.name.as_str(), |name| name.value()))
        });
        let supports = || tokens.iter().map(|(token, _)| support(*token, Side::Both, None)).collect();
        let strength =
            if tokens.iter().all(|(_, alone)| *alone) { Strength::Inferred } else { Strength::Assumed };
        let entry = Some("what tokens are called".into());
        let need = Need::new(format!("the token{of} that it holds"), strength, supports());
        self.need(holder, Need { entry: entry.clone(), ..need });
        if let Ok(at_least @ 2..) = u32::try_from(tokens.len()) {
            let need = Need::new(format!("each token{of} that it holds"), Strength::Assumed, supports());
            self.need(holder, Need { at_least, entry, ..need });
        }
    }

    fn end_of(
        &mut self,
        node: NodeIx,
        lease: &Lease,
        issued: Issued,
        role: Option<NodeIx>,
        told: &BTreeMap<NodeIx, Told<'_>>,
    ) {
        let mount = self.named(lease.mount.as_ref());
        let on = |side: Side| -> (Horizon, Option<Bounded>) {
            let gone = side == Side::After && role.is_some_and(|role| self.absent_after(role));
            let mut role = role.and_then(|role| told.get(&role)?.on(side)).filter(|_| !gone);
            let mut own = lease.clone();
            // What a role says now counts at each renewal, and not what it said when the token was issued: its period, and
            // its explicit maximum, which a lookup of the token does not show (Vault API, "Create token role",
            // `explicit_max_ttl`; so does OpenBao 2.7.2, see `tests/oracles/vault`).
            // That a token cannot be renewed is written into the token, and stays as it was (token_store.go, `authRenew`).
            if let Some(role) = &mut role {
                own.limits.period = Limited::default();
                role.fixed = false;
            }
            let limited = own.limits.explicit.limit != Limit::Unset;
            let unheard = role.is_none() && lease.role.is_some() && !gone && !limited;
            let mut bounded = bounded(mount.and_then(|mount| told.get(&mount)), side, role, Some(own));
            // Of a role that no source tells of, the period is not known: with one it is renewed beyond any maximum.
            if let (true, End::After(seconds, _)) = (unheard, &bounded.life.end) {
                bounded.life.end = End::Unknown(*seconds);
            }
            let end = end(issued, lease.fixed || gone, &bounded);
            (end, Some(bounded).filter(|_| !gone))
        };
        let ((before, was), (after, is)) = (on(Side::Before), on(Side::After));
        let changes: Vec<ChangeIx> = [role, mount]
            .into_iter()
            .flatten()
            .flat_map(|node| self.changes_of(node).collect::<Vec<_>>())
            .collect();
        if let Some(own) = self.nodes.get_mut(node.at())
            && (before != Horizon::FOREVER || after != Horizon::FOREVER)
        {
            own.end = Some(Box::new(Ends { before, after, change: changes.first().copied() }));
        }
        if let Some(mount) = mount {
            self.plain_need(
                node,
                "its mount, which revokes all when it is disabled",
                vec![support(mount, Side::Both, None)],
            );
        }
        let leased = Leased {
            role,
            mount,
            mount_name: lease.mount.clone(),
            issue: None,
            before: was,
            after: is,
            changes,
            live: Vec::new(),
        };
        self.leases.insert(node, leased);
    }
}

/// When a token ends that is there: at its maximum if it can be renewed until then, and never before what it was granted.
fn end(issued: Issued, fixed: bool, bounded: &Bounded) -> Horizon {
    let granted = match issued.granted {
        Granted::Forever => return Horizon::FOREVER,
        Granted::Until(until) => Some(until),
        Granted::Unknown => None,
    };
    let unknown = Horizon { sure: Moment::Never, possible: Moment::Eventually };
    if fixed {
        return granted.map_or(unknown, |until| Horizon::exactly(Moment::At(until)));
    }
    let after = |seconds: i64| {
        let end = issued.at.and_then(|at| at.checked_add(SignedDuration::from_secs(seconds)).ok());
        end.map(|end| granted.map_or(end, |granted| end.max(granted)))
    };
    match bounded.life.end {
        End::Renewed(_) => Horizon::FOREVER,
        End::After(seconds, _) => after(seconds).map_or(unknown, |end| Horizon::exactly(Moment::At(end))),
        End::Unknown(seconds) => {
            let sure = after(seconds).map_or(Moment::Never, Moment::At);
            Horizon { sure, possible: Moment::Forever }
        }
    }
}
