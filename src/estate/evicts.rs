//! What plans take away without naming it: by objects that say that there is nothing else.
//!
//! A binding of Google Cloud drops all other members of its role when it is made, changed or deleted, whoever added them;
//! a whole policy all other bindings. Source: hashicorp/google, "google_project_iam"; hashicorp/aws,
//! "aws_iam_policy_attachment", "aws_iam_role_policy_attachments_exclusive".

use super::build::Builder;
use super::scenario::{Stage, presence};
use crate::access::{Cloud, KnownGrant, full_name, role_id};
use crate::model::{
    Action, Alias, ChangeIx, Claim, Content, Coverage, Evidence, Fact, NodeIx, OnDelete, Only, Presence,
    Side, Unknown,
};
use std::collections::{BTreeMap, BTreeSet};

/// A grant that a plan takes away without naming it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evicted {
    /// The grant.
    pub grant: NodeIx,
    /// What takes it away.
    pub change: ChangeIx,
    /// Where that stands.
    pub evidence: Evidence,
}

/// An authoritative object that a plan makes, where no complete source lists what there is: whatever it is goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// What makes it.
    pub change: ChangeIx,
    /// On what.
    pub scope: String,
    /// Of which role; none: of all.
    pub role: Option<String>,
    /// Why it is not known.
    pub unknown: Unknown,
}

impl Builder<'_> {
    /// Takes away what changed objects leave no room for.
    pub fn evict(&mut self, facts: &[Fact]) {
        let mut mentioned: BTreeMap<ChangeIx, Vec<String>> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.side == Side::Before) {
            if let (Content::Only(only), Some(change)) = (&fact.content, fact.change)
                && let Some((_, left)) = &only.carriers
            {
                mentioned.entry(change).or_default().extend(left.iter().cloned());
            }
        }
        let only = |fact: &Fact| match (&fact.content, fact.change) {
            (Content::Only(only), _) if only.carriers.is_some() && fact.side == Side::Before => None,
            (Content::Only(only), Some(change)) if self.acts_on(change) => {
                Some((change, only.clone(), fact.evidence.clone()))
            }
            _ => None,
        };
        let said: Vec<(ChangeIx, Box<Only>, Evidence)> = facts.iter().filter_map(only).collect();
        if said.is_empty() {
            return;
        }
        let mut told: BTreeMap<ChangeIx, Told> =
            said.iter().map(|(change, ..)| (*change, Told::default())).collect();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            let told = fact.change.and_then(|change| told.get_mut(&change));
            if let (Some(told), Some(node)) = (told, node) {
                told.named.insert(*node);
                if fact.side != Side::Before {
                    told.left.insert(*node);
                }
            }
        }
        let mut there: BTreeMap<String, Vec<(Alias, KnownGrant)>> = BTreeMap::new();
        for (holder, known) in
            self.world.grants.iter().flat_map(|(holder, all)| all.iter().map(move |one| (holder, one)))
        {
            let scope = known.grant.scope.as_deref().map(full_name);
            let scope = scope.filter(|_| known.grant.allows.is_none() && known.grant.cloud != "azure");
            if let Some(scope) = scope {
                there.entry(scope).or_default().push((holder.clone(), known.clone()));
            }
        }
        for (change, only, evidence) in said {
            self.note_unlisted(change, &only);
            let principal = only.principal.as_ref().map(|alias| self.principal(alias).0);
            let told = told.get(&change);
            let deleted =
                self.changes.get(change.0 as usize).is_some_and(|change| change.action == Action::Delete);
            if deleted && only.on_delete != OnDelete::All {
                if only.on_delete == OnDelete::Nothing {
                    told.into_iter().flat_map(|told| &told.named).for_each(|node| self.stays(*node, change));
                }
                continue;
            }
            if let Some((names, left)) = &only.carriers {
                let before = mentioned.get(&change).map(Vec::as_slice).unwrap_or_default();
                self.evict_carried(change, &evidence, &Left { names, left, before, open: only.open });
                continue;
            }
            let on = only.scope.as_deref().and_then(|scope| there.get(&full_name(scope)));
            for (holder, known) in on.into_iter().flatten() {
                let node = NodeIx::number(known.key);
                let other = principal.as_ref().is_some_and(|principal| principal != holder);
                if other || !is_meant(&only, known) || told.is_some_and(|told| told.left.contains(&node)) {
                    continue;
                }
                let before = self.nodes.get(node.at()).map(|node| presence(node, |_| Stage::Before));
                self.take_away(node, change, only.open);
                let named = told.is_some_and(|told| told.named.contains(&node));
                if !named && before.is_some_and(|before| before != Presence::Absent) {
                    let evidence = evidence.clone();
                    self.evicted.push(Evicted { grant: node, change, evidence });
                }
            }
        }
    }

    /// Takes away what is carried by things of these names, but for those that are left.
    fn evict_carried(&mut self, change: ChangeIx, evidence: &Evidence, left: &Left<'_>) {
        let goes = |claim: &Claim| {
            let name = claim.carrier.strip_prefix(left.names);
            name.filter(|name| !left.left.iter().any(|left| left == name)).map(str::to_owned)
        };
        for known in self.world.grants.values().flatten() {
            let index = NodeIx::number(known.key);
            let Some(node) = self.nodes.get_mut(index.at()) else { continue };
            let was = presence(node, |_| Stage::Before);
            let mut any = false;
            for claim in &mut node.claims {
                let Some(name) = goes(claim) else { continue };
                any |= claim.before != Presence::Absent && !left.before.contains(&name);
                take(claim, change, left.open);
            }
            let is = presence(node, |_| Stage::After);
            if any && is < was && !known.grant.denies() {
                let evidence = evidence.clone();
                self.evicted.push(Evicted { grant: index, change, evidence });
            }
        }
    }

    /// What this change merely ceases to look after is there after it as before.
    fn stays(&mut self, node: NodeIx, change: ChangeIx) {
        let claims = self.nodes.get_mut(node.at()).into_iter().flat_map(|node| &mut node.claims);
        for claim in claims.filter(|claim| claim.change == Some(change)) {
            (claim.during, claim.after) = (claim.before, claim.before);
        }
    }

    /// What a change makes in a place of which no complete source says what is there: a refreshed plan knows that of
    /// objects that it had before.
    fn note_unlisted(&mut self, change: ChangeIx, only: &Only) {
        let made = self.changes.get(change.0 as usize).is_some_and(|change| change.action == Action::Create);
        let scope = only
            .scope
            .as_deref()
            .filter(|scope| scope.starts_with("//") && !scope.contains("known after apply"));
        let (true, Some(scope), Some(Cloud::Google)) = (made, scope, Cloud::named(&only.cloud)) else {
            return;
        };
        let own = full_name(scope);
        let shown = Cloud::Google.shown_by(&self.world, &Alias::new("principal", ""), scope);
        let Some(parts) = shown.into_iter().find(|shown| shown.parts.contains(&own)) else { return };
        let unseen = self.unseen(parts.listing.as_str(), &parts.parts);
        if let Some(Coverage::Unknown(unknown)) = unseen.map(|unseen| unseen.coverage) {
            let (scope, role) = (scope.to_owned(), only.role_id.clone());
            self.unlisted.push(Unlisted { change, scope, role, unknown });
        }
    }

    /// Whether a change does anything to what is there.
    pub(super) fn acts_on(&self, change: ChangeIx) -> bool {
        let action = self.changes.get(change.0 as usize).map(|change| &change.action);
        !matches!(action, None | Some(Action::NoOp | Action::Read | Action::Forget))
    }

    fn take_away(&mut self, node: NodeIx, change: ChangeIx, open: bool) {
        let Some(node) = self.nodes.get_mut(node.at()) else { return };
        node.claims.iter_mut().for_each(|claim| take(claim, change, open));
    }
}

/// Takes away what a claim says is there.
fn take(claim: &mut Claim, change: ChangeIx, open: bool) {
    // What another change of the plan makes may come before or after.
    let unclear = open || claim.change.is_some_and(|own| own != change);
    let left = if unclear { Presence::Unknown } else { Presence::Absent };
    if claim.change.is_none() {
        claim.change = Some(change);
    }
    claim.after = claim.after.min(left);
    claim.during = claim.during.min(Presence::Unknown);
}

/// What an object leaves of what is carried by things of certain names.
struct Left<'a> {
    /// What the names begin with.
    names: &'a str,
    /// How those go on that are left.
    left: &'a [String],
    /// How those go on of which it told before: those it mentions.
    before: &'a [String],
    /// More may be left than is known yet.
    open: bool,
}

/// What an object itself tells of.
#[derive(Debug, Default)]
struct Told {
    /// Before or after.
    named: BTreeSet<NodeIx>,
    /// After.
    left: BTreeSet<NodeIx>,
}

/// Whether a grant is one of those of which the object says that there are no others.
fn is_meant(only: &Only, known: &KnownGrant) -> bool {
    let grant = &known.grant;
    let role = |id: &Option<String>| id.as_deref().map(|id| role_id(&only.cloud, id));
    let same_role = only.role_id.is_none()
        || role(&only.role_id) == role(&grant.role_id) && only.condition == grant.condition;
    grant.cloud == only.cloud && same_role
}
