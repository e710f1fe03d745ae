//! Who is believed where sources disagree about whether something exists.
//!
//! A plan's state says what terraform made; a complete listing says what is there. Where a listing that would show a
//! thing does not, the newer of the two is believed, and where their order is unclear nobody is.

use super::build::Builder;
use super::scenario::{Stage, presence};
use crate::access::{Cloud, full_name};
use crate::model::{Action, Claim, Content, Fact, Instant, Listing, Node, NodeIx, Presence, Side, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What is there while a plan is applied, of something that is there before and after as given.
///
/// What is in doubt on either side stays in doubt: the plan does not make it clearer on the way.
pub(super) fn meanwhile(fact: &Fact, action: &Action, before: Presence, after: Presence) -> Presence {
    match (before, after) {
        (Presence::Unknown, _) | (_, Presence::Unknown) => Presence::Unknown,
        (Presence::Absent, Presence::Absent) => Presence::Absent,
        (same, other) if same == other && fact.outlives => same,
        (same, other) => match action {
            Action::DeleteCreate => Presence::Absent,
            Action::Other(_) => Presence::Unknown,
            _ if same == other => same,
            _ => Presence::Unknown,
        },
    }
}

impl Builder<'_> {
    /// Whether a node exists at this stage of the whole plan, or may.
    pub fn is_there(&self, node: NodeIx, stage: Stage) -> bool {
        self.nodes.get(node.at()).is_some_and(|node| presence(node, |_| stage) != Presence::Absent)
    }

    /// The parts of the cloud whose listing shows this grant.
    fn parts_showing(&self, node: &Node, listing: &Listing) -> Vec<String> {
        let Some(access) = &node.access else { return Vec::new() };
        let Some(cloud) = Cloud::of_listing(listing) else { return Vec::new() };
        let shown = cloud.shown_by(&self.world, &access.principal, &access.scope);
        let own = full_name(&access.scope);
        let parts = shown.into_iter().filter(|shown| shown.listing == *listing).map(|shown| shown.parts);
        // Where what is above is listed apart, it is shown with what it is on.
        parts.into_iter().find(|parts| cloud != Cloud::Google || parts.contains(&own)).unwrap_or_default()
    }

    /// Lowers what older listings claim of documents that a plan knows: what is not in such a document is not there, whatever
    /// it was when it was listed.
    pub fn settle_documents(&mut self, facts: &[Fact]) {
        let mut told: BTreeMap<&str, (Side, Option<Instant>)> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.managed && fact.presence == Presence::Present) {
            if let Content::PolicyOf(_) = &fact.content {
                let known = told.entry(&fact.carrier).or_insert((fact.side, fact.taken_at));
                known.0 = known.0.union(fact.side);
            }
        }
        if told.is_empty() {
            return;
        }
        for node in &mut self.nodes {
            let managed: BTreeSet<String> =
                node.claims.iter().filter(|claim| claim.managed).map(|claim| claim.carrier.clone()).collect();
            for claim in node.claims.iter_mut().filter(|claim| !claim.managed) {
                let Some((side, plan)) = told.get(claim.carrier.as_str()) else { continue };
                if managed.contains(&claim.carrier) || side.both(Side::Before).is_none() {
                    continue;
                }
                // Whichever is the newer knows what is there.
                let left = match (*plan, claim.taken_at) {
                    (Some(plan), Some(listed)) if plan > listed => Presence::Absent,
                    (Some(plan), Some(listed)) if plan < listed => continue,
                    _ => Presence::Unknown,
                };
                claim.before = claim.before.min(left);
                claim.during = claim.during.min(left);
                claim.after = claim.after.min(left);
            }
        }
    }

    /// Lowers what plans claim and complete listings deny.
    pub fn settle_claims(&mut self) {
        let listed: Vec<(NodeIx, Listing)> =
            self.listed_by.iter().map(|(node, listing)| (*node, listing.clone())).collect();
        for (index, listing) in listed {
            let Some(node) = self.nodes.get(index.at()) else { continue };
            let wanted = self.parts_showing(node, &listing);
            let shows = |source: &&Source| {
                let parts = source.lists.get(&listing);
                let is_one =
                    |own: &String| own.is_empty() || wanted.iter().any(|part| own.eq_ignore_ascii_case(part));
                source.complete() && parts.is_some_and(|parts| parts.iter().any(is_one))
            };
            let confirmed = node.claims.iter().any(|claim| !claim.managed);
            let denying: Vec<&Source> = self.sources.iter().filter(shows).collect();
            if confirmed || denying.is_empty() {
                continue;
            }
            let newest = denying.iter().filter_map(|source| source.taken_at).max();
            let sources = self.sources;
            let told = |claim: &Claim| {
                sources.get(claim.evidence.source.0 as usize).and_then(|source| source.taken_at)
            };
            let Some(node) = self.nodes.get_mut(index.at()) else { continue };
            for claim in node.claims.iter_mut().filter(|claim| claim.before == Presence::Present) {
                let believed = match (told(claim), newest) {
                    (Some(plan), Some(listing)) if plan > listing => continue,
                    // What a plan deletes is not waved through on the word of a listing.
                    (Some(plan), Some(listing)) if plan < listing && claim.after == Presence::Present => {
                        Presence::Absent
                    }
                    _ => Presence::Unknown,
                };
                claim.before = believed;
                claim.during = claim.during.min(believed);
                claim.after = claim.after.min(believed);
            }
        }
    }
}
