//! What is left of documents that are written whole: who writes one puts it in the place of what was there, and who
//! deletes one takes away what is there, whoever wrote it.
//!
//! Such a document is a thing with a natural key. Its first name is the key, and what it carries goes with it.

use super::build::Builder;
use super::natural::{Doings, is_document, left_over};
use super::order::Order;
use crate::model::{Action, ChangeIx, Claim, Content, Fact, NodeIx, Object, Presence, Side};
use std::collections::{BTreeMap, BTreeSet};

/// A document, by all that plans say of it.
#[derive(Debug)]
struct Document {
    doings: Doings,
    /// It is not known what it says after.
    open: bool,
}

impl Builder<'_> {
    /// Lowers what is claimed to be there after, where a plan writes a document over another, or deletes it.
    pub fn settle_written(&mut self, facts: &[Fact], objects: &[Object]) {
        let documents = self.documents(facts);
        if documents.is_empty() {
            return;
        }
        let order = Order::new(objects, self.changes);
        let left: BTreeMap<&str, Presence> = documents
            .iter()
            .map(|(carrier, document)| (*carrier, left_over(&document.doings, &order)))
            .collect();
        let mains = self.mains(facts, &documents);
        // An object that is made anew under another name writes another document, which may say the same.
        let all: BTreeSet<ChangeIx> =
            documents.values().flat_map(|document| &document.doings.making).copied().collect();
        let elsewhere = |claim: &Claim, own: &Doings| {
            claim.change.is_some_and(|change| all.contains(&change) && !own.making.contains(&change))
        };
        let changes = self.changes;
        for (index, node) in self.nodes.iter_mut().enumerate() {
            // What is the document itself tells of no carrier.
            let main = |claim: &Claim| mains.get(&(NodeIx::number(index), claim.change?)).copied();
            let carrier = |claim: &Claim| match claim.carrier.is_empty() {
                true => main(claim),
                false => documents.get_key_value(claim.carrier.as_str()).map(|(carrier, _)| *carrier),
            };
            let carriers: BTreeSet<&str> = node.claims.iter().filter_map(carrier).collect();
            for document in carriers {
                let Some(Document { doings, open }) = documents.get(document) else { continue };
                let Doings { ending, making } = doings;
                let writes = |claim: &Claim| claim.change.is_some_and(|change| making.contains(&change));
                let of_it =
                    |claim: &Claim| carrier(claim) == Some(document) && claim.after != Presence::Absent;
                let written = |claim: &Claim| claim.managed && writes(claim) && of_it(claim);
                if !ending.is_empty() {
                    let left = left.get(document).copied().unwrap_or(Presence::Unknown);
                    let claims = node.claims.iter_mut().filter(|claim| of_it(claim));
                    for claim in claims.filter(|claim| claim.managed && left != Presence::Present) {
                        if elsewhere(claim, doings) {
                            continue;
                        }
                        if !writes(claim) {
                            claim.change = ending.first().copied();
                        }
                        claim.after = claim.after.min(left);
                        claim.during = claim.during.min(Presence::Unknown);
                    }
                    continue;
                }
                if node.claims.iter().any(written) {
                    continue;
                }
                for claim in node.claims.iter_mut().filter(|claim| of_it(claim)) {
                    // Who writes it besides may do so later.
                    let action = claim.change.and_then(|change| changes.get(change.0 as usize));
                    let also = claim.managed && action.is_some_and(|one| one.action != Action::NoOp);
                    let left = if *open || also { Presence::Unknown } else { Presence::Absent };
                    claim.after = claim.after.min(left);
                    claim.during = claim.during.min(Presence::Unknown);
                    claim.change = making.first().copied();
                }
            }
        }
    }

    /// What documents are after, by their nodes and changes.
    fn mains<'f>(
        &self,
        facts: &'f [Fact],
        documents: &BTreeMap<&str, Document>,
    ) -> BTreeMap<(NodeIx, ChangeIx), &'f str> {
        let told = facts.iter().zip(&self.node_of).filter(|(fact, _)| {
            fact.side.after() && is_document(fact) && documents.contains_key(fact.carrier.as_str())
        });
        told.filter_map(|(fact, node)| Some((((*node)?, fact.change?), fact.carrier.as_str()))).collect()
    }

    /// Documents that a plan makes or deletes, by their names.
    fn documents<'f>(&self, facts: &'f [Fact]) -> BTreeMap<&'f str, Document> {
        let mut sides: BTreeMap<(&str, ChangeIx), Side> = BTreeMap::new();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for fact in facts.iter().filter(|fact| fact.managed) {
            if matches!(fact.content, Content::PolicyOf(_)) && fact.side.after() {
                known.insert(&fact.carrier);
            }
            let Some(change) = fact.change else { continue };
            if is_document(fact) {
                let said = sides.entry((&fact.carrier, change)).or_insert(fact.side);
                *said = said.union(fact.side);
            }
        }
        let mut all: BTreeMap<&str, Document> = BTreeMap::new();
        for ((carrier, change), side) in sides {
            let open = !known.contains(carrier);
            let document = all.entry(carrier).or_insert_with(|| Document { doings: Doings::default(), open });
            document.doings.add(change, side, true, self.changes);
        }
        all.retain(|_, document| !document.doings.ending.is_empty() || !document.doings.making.is_empty());
        all
    }
}
