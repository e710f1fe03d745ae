//! Who is believed by which identity, and who asks to act as one.
//!
//! A trust is a node by its content: who is believed, by whom, whose tokens they are, and under which condition. So a
//! policy that is written in another order is no change, and one that asks for another issuer, or for something more, is.
//! What denies is in the way of every trust that it speaks of. Sources: IAM User Guide, "Policy evaluation logic", "Roles
//! terms and concepts"; Amazon EKS User Guide, "IAM roles for service accounts".

use super::build::{Builder, add_support, support};
use super::names::Resolved;
use super::scenario::Stage;
use crate::model::{
    Alias, ChangeIx, Class, Coverage, Fact, Glob, Need, NodeIx, Side, Sign, Strength, Support, Trust, Unknown,
};
use std::collections::{BTreeMap, BTreeSet};

/// One trust, or what denies one.
#[derive(Debug, Clone)]
pub(super) struct Believed {
    /// Who is believed.
    from: Alias,
    /// The same, where it is a pattern.
    pattern: Option<Glob>,
    node: NodeIx,
    issuer: Option<String>,
    /// A condition that nobody evaluates.
    conditional: bool,
    denies: bool,
    /// The identity says so itself, and so says all of whom it believes.
    by_itself: bool,
}

/// An identity that believes somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// A source tells of it.
    Known(NodeIx),
    /// Only trusts name it.
    Unknown(Alias),
}

const CONDITION: &str = "it is believed only under a condition, which is not evaluated";
const WHO_ACTS: &str = "who acts";
const DENIED: &str = "a deny in the trust policy may be meant for it";

impl Builder<'_> {
    /// The node of a trust.
    pub fn trust(&mut self, fact: &Fact, trust: &Trust) -> NodeIx {
        let (Some(from), Some(to)) = (&trust.from, &trust.to) else {
            return self.node_for(fact, format!("trust {}", fact.carrier));
        };
        let Trust { issuer, condition, denies, .. } = trust;
        let key = format!("trust {} {to} {issuer:?} {condition:?} {denies}", from.value());
        let node = self.node_for(fact, key);
        let believed = Believed {
            from: from.clone(),
            pattern: from.value().contains(['*', '?']).then(|| Glob::new(from.value())),
            node,
            issuer: issuer.clone(),
            conditional: condition.is_some(),
            denies: *denies,
            by_itself: self.tells_of_itself(fact, to),
        };
        let mut new = false;
        for key in self.who_believes(to) {
            let all = self.trusts.entry(key).or_default();
            if !all.iter().any(|known| known.node == node) {
                all.push(believed.clone());
                new = true;
            }
        }
        if new {
            let supports = self.by_name(std::slice::from_ref(to), Side::Both, None);
            if !supports.is_empty() {
                self.plain_need(node, "the identity that believes it", supports);
            }
        }
        node
    }

    /// Whether what tells of the identity is what carries the fact.
    fn tells_of_itself(&self, fact: &Fact, identity: &Alias) -> bool {
        let nodes = self.names.all(identity).into_iter().filter_map(|node| self.nodes.get(node.at()));
        nodes.flat_map(|node| &node.claims).any(|claim| claim.evidence == fact.evidence)
    }

    /// By what trusts are found: a service is believed by all roles of an estate, so by the identity that believes, its
    /// nodes, or its name where no source knows it.
    fn who_believes(&self, identity: &Alias) -> Vec<Identity> {
        match self.names.all(identity) {
            nodes if nodes.is_empty() => vec![Identity::Unknown(identity.clone())],
            nodes => nodes.into_iter().map(Identity::Known).collect(),
        }
    }

    /// The node of the wish to act as somebody.
    pub fn acts_as(
        &mut self,
        fact: &Fact,
        who: Option<&Alias>,
        identity: Option<&Alias>,
        service: Option<&Alias>,
        at_start: bool,
    ) -> NodeIx {
        let (Some(who), Some(identity)) = (who, identity) else {
            return self.node_for(fact, format!("acts {}", fact.carrier));
        };
        let node = self.node_for(fact, format!("acts {who} as {identity}"));
        self.actings.insert(node);
        self.acts_needs(node, who, identity, service);
        if at_start {
            self.started_as(node);
        }
        node
    }

    /// What has started as somebody rests on that one and on being believed, whether or not it is still asked for.
    fn started_as(&mut self, acting: NodeIx) {
        let Some(node) = self.nodes.get(acting.at()) else { return };
        let needs: Vec<Need> = node.needs.iter().filter(|need| need.label != WHO_ACTS).cloned().collect();
        let (key, name) = (format!("{}, started", node.id), node.name.clone());
        let (started, new) = self.derived(key, Class::Trust, name, Some(acting));
        if new {
            needs.into_iter().for_each(|need| self.need(started, need));
        }
        self.started.insert(acting, started);
    }

    /// What acting as an identity takes: who acts, the identity, and that it believes who acts, or the service that runs it.
    pub fn acts_needs(&mut self, node: NodeIx, who: &Alias, identity: &Alias, service: Option<&Alias>) {
        let asked = self.acts.or_insert_with(who.clone(), Vec::new);
        if asked.iter().any(|(_, known)| *known == node) {
            return;
        }
        asked.push((identity.clone(), node));
        let actors = self.by_name(std::slice::from_ref(who), Side::Both, None);
        let actors: Vec<_> = actors
            .into_iter()
            .filter(|support| {
                self.nodes.get(support.node.at()).is_some_and(|node| node.class != Class::Workload)
            })
            .collect();
        if !actors.is_empty() {
            self.plain_need(node, WHO_ACTS, actors);
        }
        let identities = self.by_name(std::slice::from_ref(identity), Side::Both, None);
        // Of an identity that no source knows nothing can be lost or kept, and what is granted to it has unknown users. To
        // come to act as one, though, is to rest on it.
        let new = !self.is_there(node, Stage::Before);
        if !identities.is_empty() {
            self.plain_need(node, "the identity", identities);
        } else if new {
            let unknown = self.unknown_identity(identity);
            self.plain_need(node, "the identity", vec![unknown]);
        }
        let called = match service {
            Some(service) => BTreeSet::from([service.clone()]),
            None => self.also_called(who),
        };
        let believed = self.believed(&called, identity, new);
        // Who was not believed before can still do without; who comes to act so cannot.
        if !believed.is_empty() || new && self.says_whom_it_believes(identity) {
            self.plain_need(node, "a credential by which the identity believes it", believed);
        }
    }

    /// Whether all of whom it believes after is known.
    fn says_whom_it_believes(&self, identity: &Alias) -> bool {
        let keys = self.who_believes(identity);
        let mut all = keys.iter().flat_map(|key| self.trusts.get(key).into_iter().flatten());
        all.any(|known| known.by_itself)
    }

    /// Credentials by which the identity believes whoever has one of these names; empty where none was known before, but
    /// for who is `new`.
    fn believed(&mut self, called: &BTreeSet<Alias>, identity: &Alias, new: bool) -> Vec<Support> {
        let fits = |known: &&Believed| {
            let like = |glob: &Glob| {
                called.iter().any(|name| name.space() == "subject" && glob.matches(name.value()))
            };
            called.contains(&known.from) || known.pattern.as_ref().is_some_and(like)
        };
        let mut found: BTreeMap<(&Alias, NodeIx), &Believed> = BTreeMap::new();
        let keys = self.who_believes(identity);
        let all = keys.iter().flat_map(|key| self.trusts.get(key).into_iter().flatten());
        found.extend(all.filter(fits).map(|known| ((&known.from, known.node), known)));
        let (denials, trusts): (Vec<_>, Vec<_>) =
            found.into_values().cloned().partition(|known: &Believed| known.denies);
        let mut before: Vec<&Believed> =
            trusts.iter().filter(|known| self.is_there(known.node, Stage::Before)).collect();
        if before.is_empty() {
            if !new {
                return Vec::new();
            }
            before = trusts.iter().collect();
        }
        let issuers: BTreeSet<&Option<String>> = before.iter().map(|known| &known.issuer).collect();
        let mut supports = Vec::new();
        for trust in &trusts {
            // Who was believed by tokens of one issuer need not have any of another.
            let strange = (!issuers.contains(&trust.issuer)).then(|| {
                let issuer = trust.issuer.as_deref().unwrap_or("the service");
                format!("whether it has a token of {issuer} is not known")
            });
            let doubt = strange.or_else(|| trust.conditional.then(|| CONDITION.to_owned()));
            let coverage = |doubt: Option<String>| doubt.map_or(Coverage::Sure, unknown);
            let own = denials.iter().filter(|deny| deny.issuer.is_none() || deny.issuer == trust.issuer);
            let (perhaps, surely): (Vec<&Believed>, Vec<&Believed>) = own.partition(|deny| deny.conditional);
            let node = self.undenied(trust.node, &surely);
            if !perhaps.is_empty() {
                let both: Vec<&Believed> = surely.iter().chain(&perhaps).copied().collect();
                let sure = self.undenied(trust.node, &both);
                add_support(
                    &mut supports,
                    Support { coverage: coverage(doubt.clone()), ..support(sure, Side::Both, None) },
                );
            }
            let doubt = doubt.or_else(|| (!perhaps.is_empty()).then(|| DENIED.to_owned()));
            add_support(
                &mut supports,
                Support { coverage: coverage(doubt), ..support(node, Side::Both, None) },
            );
        }
        supports
    }

    /// The trust, as long as these denies are not there.
    fn undenied(&mut self, trust: NodeIx, denials: &[&Believed]) -> NodeIx {
        if denials.is_empty() {
            return trust;
        }
        let Some(node) = self.nodes.get(trust.at()) else { return trust };
        let (id, name) = (node.id.to_string(), node.name.clone());
        let told: Vec<NodeIx> = denials.iter().map(|deny| deny.node).collect();
        let (made, new) =
            self.derived(format!("{id} unless denied by {told:?}"), Class::Trust, name, Some(trust));
        if new {
            self.plain_need(made, "the trust", vec![support(trust, Side::Both, None)]);
            for deny in told {
                let deny = self.leaf(deny);
                let label = format!("that {} is not denied", self.name_of(deny));
                let absent = Support { sign: Sign::Absent, ..support(deny, Side::Both, None) };
                self.need(made, Need::new(label, Strength::Inferred, vec![absent]));
            }
        }
        made
    }

    /// All names of whoever bears this one, and the name itself.
    fn also_called(&self, alias: &Alias) -> BTreeSet<Alias> {
        let bearers = self.names.all(alias);
        let others =
            bearers.iter().filter_map(|node| self.nodes.get(node.at())).flat_map(|node| node.aliases.iter());
        others.chain([alias]).cloned().collect()
    }

    /// Identities as which a thing acts, in one version of the world: the acting, and the alias of the identity. What
    /// acts as nobody any more still needs those as whom it did.
    pub fn acting(&self, who: NodeIx, side: Side) -> BTreeMap<NodeIx, Alias> {
        let mut all = self.ever_acting(who, side);
        let acts = side.after() && all.keys().any(|node| self.is_there(*node, Stage::After));
        let stage = if acts { Stage::After } else { Stage::Before };
        all.retain(|node, _| self.is_there(*node, stage));
        all
    }

    /// The change by which a node comes or goes.
    pub fn changed_by(&self, node: NodeIx) -> Option<ChangeIx> {
        let claims = &self.nodes.get(node.at())?.claims;
        claims.iter().filter(|claim| claim.before != claim.after).find_map(|claim| claim.change)
    }

    /// The change by which a thing acts as somebody else, or as somebody at all.
    pub fn acting_changed_by(&self, who: NodeIx) -> Option<ChangeIx> {
        let (before, after) = (self.acting(who, Side::Before), self.acting(who, Side::After));
        let changed: Vec<NodeIx> = after.keys().chain(before.keys()).copied().collect();
        (before != after).then(|| changed.into_iter().find_map(|node| self.changed_by(node)))?
    }

    fn ever_acting(&self, who: NodeIx, side: Side) -> BTreeMap<NodeIx, Alias> {
        let Some(node) = self.nodes.get(who.at()) else { return BTreeMap::new() };
        node.aliases
            .iter()
            .filter(|alias| match self.resolve(alias, side) {
                Resolved::Found(nodes) => nodes.contains(&who),
                _ => false,
            })
            .flat_map(|alias| self.acts.get(alias).into_iter().flatten())
            .map(|(identity, node)| (*node, identity.clone()))
            .collect()
    }
}

fn unknown(reason: String) -> Coverage {
    Coverage::Unknown(Unknown { reason, settle: None, missing_input: false })
}
