//! Grants of Google Cloud of which it is not read on what they are: a listing may tell of the same under its full name. So
//! what a plan takes away may be what the listing shows, and an authoritative object may leave no room for it.
//!
//! And authoritative objects of systems that nobody lists: whom those leave no room for is not known at all.

use super::build::Builder;
use super::evicts::{Evicted, Unlisted};
use super::scenario::{Stage, presence};
use crate::access::{Cloud, full_name, is_unread, may_be_one, role_id};
use crate::model::{Action, Alias, ChangeIx, Content, Fact, Grant, NodeIx, Only, Presence, Side, Unknown};
use std::collections::BTreeSet;

impl Builder<'_> {
    /// Notes what is made that leaves no room for others where no source lists who they are: of systems whose rules are not
    /// known, none does. On what the same plan makes there is nobody yet.
    pub fn nobody_lists(&mut self, facts: &[Fact]) {
        for fact in facts {
            let (Content::Only(only), Some(change)) = (&fact.content, fact.change) else { continue };
            let made =
                self.changes.get(change.0 as usize).map(|change| &change.action) == Some(&Action::Create);
            let place = only.scope.as_deref().filter(|scope| !scope.contains("known after apply"));
            let (true, None, Some(scope)) = (made, Cloud::named(&only.cloud), place) else { continue };
            let thing = scope.split_once(':').map(|(space, name)| Alias::new(space, name));
            let known = thing.map(|thing| self.names.all(&thing).to_vec()).unwrap_or_default();
            let is_new = |node: &NodeIx| {
                let node = self.nodes.get(node.at());
                node.is_some_and(|node| presence(node, |_| Stage::Before) == Presence::Absent)
            };
            if known.iter().any(is_new) {
                continue;
            }
            let reason = format!("no kind of source lists who has access to {scope}");
            let unknown = Unknown { reason, settle: None, missing_input: false };
            let (scope, role) = (scope.to_owned(), only.role_id.clone());
            self.unlisted.push(Unlisted { change, scope, role, unknown });
        }
    }

    /// Makes unknown what may be the same as something that goes.
    pub fn unread(&mut self, facts: &[Fact]) {
        let mut left: BTreeSet<(ChangeIx, Alias, String)> = BTreeSet::new();
        let mut going: Vec<(ChangeIx, &Grant, NodeIx)> = Vec::new();
        let mut only: Vec<(ChangeIx, &Fact, &Only)> = Vec::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            let Some(change) = fact.change.filter(|change| self.does(*change)) else { continue };
            match (&fact.content, node) {
                (Content::Grant(grant), Some(node)) if not_read(&grant.cloud, grant.scope.as_deref()) => {
                    match (fact.side, &grant.principal) {
                        (Side::Before, _) => going.push((change, grant.as_ref(), *node)),
                        (_, Some(holder)) => {
                            left.insert((change, self.principal(holder).0, said(grant)));
                        }
                        _ => {}
                    }
                }
                (Content::Only(one), _) if not_read(&one.cloud, one.scope.as_deref()) => {
                    only.push((change, fact, one));
                }
                _ => {}
            }
        }
        if going.is_empty() && only.is_empty() {
            return;
        }
        let mut taken: Vec<(NodeIx, ChangeIx, Option<&Fact>)> = Vec::new();
        for (change, grant, node) in going {
            let Some(holder) = grant.principal.as_ref().map(|holder| self.principal(holder).0) else {
                continue;
            };
            if left.contains(&(change, holder.clone(), said(grant))) {
                continue;
            }
            let own = self.world.grants.get(&holder).into_iter().flatten();
            let same = own.filter(|known| known.key != node.at() && said(&known.grant) == said(grant));
            let same = same.filter(|known| may_be(grant.scope.as_deref(), &known.grant));
            taken.extend(same.map(|known| (NodeIx::number(known.key), change, None)));
        }
        for (change, fact, one) in only {
            for (holder, all) in &self.world.grants {
                for known in all.iter().filter(|known| is_meant(one, &known.grant)) {
                    let stays = left.contains(&(change, holder.clone(), said(&known.grant)));
                    // What the object itself tells of goes by itself.
                    if !stays && !is_unread(known.grant.scope.as_deref()) {
                        taken.push((NodeIx::number(known.key), change, Some(fact)));
                    }
                }
            }
        }
        for (node, change, evictor) in taken {
            let named = self.evicted.iter().any(|known| known.grant == node && known.change == change);
            self.leave_open(node, change);
            if let Some(fact) = evictor.filter(|_| !named) {
                self.evicted.push(Evicted { grant: node, change, evidence: fact.evidence.clone() });
            }
        }
    }

    /// Whether a change does anything to what is there.
    fn does(&self, change: ChangeIx) -> bool {
        let action = self.changes.get(change.0 as usize).map(|change| &change.action);
        !matches!(action, None | Some(Action::NoOp | Action::Read | Action::Forget))
    }

    fn leave_open(&mut self, node: NodeIx, change: ChangeIx) {
        for claim in self.nodes.get_mut(node.at()).into_iter().flat_map(|node| &mut node.claims) {
            if claim.change.is_none() {
                claim.change = Some(change);
            }
            claim.after = claim.after.min(Presence::Unknown);
            claim.during = claim.during.min(Presence::Unknown);
        }
    }
}

fn not_read(cloud: &str, scope: Option<&str>) -> bool {
    cloud == "google" && scope.is_none_or(|scope| scope.starts_with("//?/"))
}

/// Of which role, under which condition.
fn said(grant: &Grant) -> String {
    let role = grant.role_id.as_deref().map(|id| role_id(&grant.cloud, id)).unwrap_or_default();
    format!("{role} {}", grant.condition.as_deref().unwrap_or_default())
}

fn may_be(unread: Option<&str>, known: &Grant) -> bool {
    known.cloud == "google"
        && known.scope.as_deref().is_some_and(|scope| {
            let full = full_name(scope);
            full.starts_with("//") && !is_unread(Some(&full)) && may_be_one(unread, &full)
        })
}

fn is_meant(only: &Only, known: &Grant) -> bool {
    let role = only.role_id.as_deref().map(|id| role_id(&only.cloud, id));
    let own = known.role_id.as_deref().map(|id| role_id(&known.cloud, id));
    may_be(only.scope.as_deref(), known)
        && (role.is_none() || role == own && only.condition == known.condition)
}
