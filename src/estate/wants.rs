//! From wants to needs: names are resolved, side by side.

use super::assumed::Acts;
use super::build::{Builder, add_support, starts, support};
use super::names::Resolved;
use crate::model::{
    Action, Alias, ChangeIx, Claim, Coverage, Fact, Need, NodeIx, Phase, Presence, Side, Support, Unknown,
    Want, Wish,
};
use std::collections::{BTreeMap, BTreeSet};

impl Builder<'_> {
    pub fn needs(&mut self, facts: &[Fact]) {
        let planned = self.planned_wants(facts);
        for (index, fact) in facts.iter().enumerate() {
            let Some(node) = self.node_of.get(index).copied().flatten() else { continue };
            for want in &fact.wants {
                // Whom it acts as is settled where all of that is known.
                let settled = matches!(want.wish, Wish::ActsAs(_));
                let left_to_plan = !fact.managed
                    && !settled
                    && planned.get(&node).is_some_and(|labels| labels.contains(want.label.as_str()));
                match (left_to_plan, fact.side) {
                    (true, Side::After) => {}
                    (true, _) => self.want(node, want, Side::Before, Some(fact)),
                    (false, side) => self.want(node, want, side, Some(fact)),
                }
            }
        }
    }

    /// Of things that listings tell of, too: the labels of wants that a plan or state speaks of. What becomes of those is for
    /// it to say: a listing tells how it is.
    fn planned_wants<'f>(&self, facts: &'f [Fact]) -> BTreeMap<NodeIx, BTreeSet<&'f str>> {
        let with_wants = |managed: bool| {
            facts.iter().zip(&self.node_of).filter_map(move |(fact, node)| {
                (fact.managed == managed && !fact.wants.is_empty()).then_some((fact, (*node)?))
            })
        };
        let listed: BTreeSet<NodeIx> = with_wants(false).map(|(_, node)| node).collect();
        let mut planned: BTreeMap<NodeIx, BTreeSet<&str>> = BTreeMap::new();
        if listed.is_empty() {
            return planned;
        }
        for (fact, node) in with_wants(true).filter(|(_, node)| listed.contains(node)) {
            let labels = planned.entry(node).or_default();
            labels.extend(fact.wants.iter().map(|want| want.label.as_str()));
        }
        planned
    }

    /// Adds the need that a want comes to.
    pub fn want(&mut self, node: NodeIx, want: &Want, side: Side, fact: Option<&Fact>) {
        let change = fact.and_then(|fact| fact.change);
        let push = |builder: &mut Builder<'_>,
                    label: String,
                    (side, phase): (Side, Phase),
                    change,
                    supports: Vec<Support>| {
            let need = Need {
                label,
                side,
                strength: want.strength,
                phase,
                at_least: 1,
                supports,
                change,
                evidence: fact.map(|fact| fact.evidence.clone()),
                entry: Some(want.entry.clone()),
            };
            builder.need(node, need);
        };
        match &want.wish {
            Wish::ActsAs(who) => {
                let managed = fact.is_some_and(|fact| fact.managed);
                self.actors.entry(node).or_default().push(Acts {
                    who: who.clone(),
                    side,
                    managed,
                    phase: want.phase,
                    change,
                });
                for actor in self.names.all(who) {
                    for one in [Side::Before, Side::After] {
                        if side.both(one).is_none() {
                            continue;
                        }
                        for (acting, identity) in self.acting(actor, one) {
                            // What acted as nobody there can do without, as it did.
                            if one == Side::After && !self.acted_in(node, &identity) {
                                continue;
                            }
                            let label = format!("{} {identity}", want.label);
                            // As whom it acts may change though it does not itself.
                            let change = change.or_else(|| self.changed_by(acting));
                            let asked = vec![support(acting, one, change)];
                            let Some(started) = self.started.get(&acting).copied() else {
                                push(self, label, (one, want.phase), change, asked);
                                continue;
                            };
                            let next = format!("{label}, when it starts");
                            push(self, next, (one, Phase::Start), change, asked);
                            // What runs goes on as whom it started, until a change of its own starts it anew.
                            if (side, one) != (Side::Both, Side::After) {
                                let runs = vec![support(started, side, None)];
                                push(self, label, (side, want.phase), None, runs);
                            }
                        }
                    }
                }
            }
            Wish::Can { who, action, scope } => {
                let supports = self.can(who, action, scope, side);
                push(self, want.label.clone(), (side, want.phase), change, supports);
            }
            Wish::Any(aliases) => {
                if let Some(supports) = self.any(aliases, side, want.if_known, change, false) {
                    push(self, want.label.clone(), (side, want.phase), change, supports);
                }
            }
            Wish::First(aliases) => {
                if let Some(supports) = self.any(aliases, side, want.if_known, change, true) {
                    push(self, want.label.clone(), (side, want.phase), change, supports);
                }
            }
            Wish::Inside(outer) => {
                if let Some(supports) = self.inside(outer, side, want.if_known, fact) {
                    push(self, want.label.clone(), (side, want.phase), change, supports);
                }
            }
            Wish::Part { whole, name } => {
                let supports = self.part(whole, name, side);
                push(self, want.label.clone(), (side, want.phase), change, supports);
            }
        }
    }

    /// Whether a thing acts before as any identity of the sort of this one: of the same cloud.
    fn acted_in(&self, node: NodeIx, identity: &Alias) -> bool {
        let acts = self.actors.get(&node).into_iter().flatten().filter(|acts| acts.side.before());
        let mut known = acts
            .flat_map(|acts| self.names.all(&acts.who))
            .flat_map(|actor| self.acting(actor, Side::Before).into_values());
        // `aws` and `aws-role` are names of one sort of thing.
        let sort = |alias: &Alias| alias.space().split('-').next().map(str::to_owned);
        known.any(|known| sort(&known) == sort(identity))
    }

    /// Supports by name; `None` if the need is to be left out.
    fn any(
        &mut self,
        aliases: &[Alias],
        side: Side,
        if_known: bool,
        change: Option<ChangeIx>,
        first_only: bool,
    ) -> Option<Vec<Support>> {
        let known = aliases.iter().any(|alias| self.names.knows(alias));
        if if_known && !known {
            return None;
        }
        let mut supports = Vec::new();
        for one in [Side::Before, Side::After] {
            if side.both(one).is_none() {
                continue;
            }
            let mut heard_of = false;
            for alias in aliases {
                match self.resolve(alias, one) {
                    Resolved::Found(nodes) => {
                        heard_of = true;
                        for node in nodes {
                            add_support(&mut supports, support(node, one, change));
                        }
                        if first_only {
                            break;
                        }
                    }
                    Resolved::Gone => heard_of = true,
                    Resolved::Unheard => {}
                }
            }
            if !heard_of && !if_known {
                for alias in aliases {
                    if let Some(unseen) = self.unseen_alias(alias) {
                        add_support(&mut supports, Support { side: one, ..unseen });
                    }
                }
            }
        }
        self.renamed(&mut supports, side);
        Some(supports)
    }

    /// What a thing lies in. What lies in there already is gone when that is made anew, under whichever name, and nothing
    /// in the plan makes it again unless it says so. Source: Kubernetes, "Namespaces" (deleting one deletes everything in
    /// it); Azure Resource Manager, "Delete resource group".
    fn inside(
        &mut self,
        outer: &Alias,
        side: Side,
        if_known: bool,
        fact: Option<&Fact>,
    ) -> Option<Vec<Support>> {
        let change = fact.and_then(|fact| fact.change);
        let mut supports = self.any(std::slice::from_ref(outer), side, if_known, change, false)?;
        if change
            .and_then(|change| self.changes.get(change.0 as usize))
            .is_some_and(|own| starts(&own.action))
        {
            return Some(supports);
        }
        for support in &mut supports {
            if let Some(emptied) = self.made_anew_by(support.node) {
                support.side = Side::Before;
                support.change = Some(emptied);
            }
        }
        Some(supports)
    }

    /// The change that ends something which is there again afterwards, as another one.
    fn made_anew_by(&self, index: NodeIx) -> Option<ChangeIx> {
        let node = self.nodes.get(index.at())?;
        let action = |claim: &Claim| Some(&self.changes.get(claim.change?.0 as usize)?.action);
        let replaced =
            |claim: &&Claim| matches!(action(claim), Some(Action::DeleteCreate | Action::CreateDelete));
        // Two of one name cannot be there at once: the one goes before the other comes.
        let emptied = || {
            let ends = |claim: &&Claim| claim.before != Presence::Absent && claim.after == Presence::Absent;
            let begins = |claim: &&Claim| claim.before == Presence::Absent && claim.after != Presence::Absent;
            let managed = || node.claims.iter().filter(|claim| claim.managed);
            managed().find(begins).and_then(|_| managed().find(ends))
        };
        node.claims.iter().find(replaced).or_else(emptied)?.change
    }

    /// What could bear a name that no source tells of; `None` if a complete source would have told.
    fn unseen_alias(&mut self, alias: &Alias) -> Option<Support> {
        let kubernetes = |kind: &str| format!("kubernetes:{kind}");
        let listing = match alias.space() {
            "kubernetes" => kubernetes(alias.value().split('/').next().unwrap_or_default()),
            // What is issued lies in a secret: who lists all of those has it.
            "tls-secret" => {
                self.unseen(&kubernetes("Secret"), &[])?;
                kubernetes("Certificate")
            }
            "controller" | "actor" => kubernetes("Deployment"),
            _ => {
                let unknown = Unknown {
                    reason: format!("no source knows {alias}"),
                    settle: None,
                    missing_input: false,
                };
                return Some(self.unseen_node(&format!("unseen:{alias}"), unknown));
            }
        };
        self.unseen(&listing, &[])
    }

    /// The part of a thing that serves a name: exactly named before the longest zone before a hint before any; a thing
    /// without parts serves itself. A wildcard is compared as it is spelled. Source: cert-manager, "DNS01: selectors" (the most
    /// specific match wins, and all that a selector says must match; pkg/util/solverpicker).
    fn part(&mut self, whole: &Alias, name: &str, side: Side) -> Vec<Support> {
        let wholes = self.by_name(std::slice::from_ref(whole), side, None);
        if wholes.is_empty() {
            return self.unseen_alias(whole).into_iter().collect();
        }
        let name = name.trim_end_matches('.').to_lowercase();
        let below = |zone: &String| {
            let zone = zone.trim_end_matches('.').to_lowercase();
            let inside = name == zone || name.strip_suffix(&zone).is_some_and(|rest| rest.ends_with('.'));
            inside.then_some(zone.len())
        };
        let mut ranked: Vec<((u8, usize), NodeIx, bool)> = Vec::new();
        for (node, serves) in self.parts.get(whole).into_iter().flatten() {
            let exact = serves.exactly.iter().any(|exact| exact.eq_ignore_ascii_case(&name));
            let zone = serves.below.iter().filter_map(below).max();
            if (!exact && !serves.exactly.is_empty()) || (zone.is_none() && !serves.below.is_empty()) {
                continue;
            }
            let rank = if exact {
                (3, zone.unwrap_or(0))
            } else if let Some(length) = zone {
                (2, length)
            } else if let Some(length) = serves.likely_below.iter().filter_map(below).max() {
                (1, length)
            } else {
                (0, 0)
            };
            ranked.push((rank, *node, serves.undecidable.is_some()));
        }
        let Some(best) = ranked.iter().map(|(rank, _, _)| *rank).max() else { return wholes };
        let chosen: Vec<_> = ranked.into_iter().filter(|(rank, _, _)| *rank == best).collect();
        let doubt = chosen.len() > 1 || chosen.iter().any(|(_, _, undecidable)| *undecidable);
        let count = chosen.len();
        let mut supports = Vec::new();
        for (_, node, _) in chosen {
            let coverage = if doubt {
                Coverage::Unknown(Unknown {
                    reason: format!("which of {count} parts of {whole} serves {name} cannot be told"),
                    settle: None,
                    missing_input: false,
                })
            } else {
                Coverage::Sure
            };
            add_support(&mut supports, Support { coverage, ..support(node, side, None) });
        }
        supports
    }
}
