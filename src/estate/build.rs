//! From facts to the graph.

use super::assumed::Acts;
use super::claims::meanwhile;
use super::denied::Denied;
use super::entity::group;
use super::expected::Meant;
use super::lease::Leased;
use super::names::{Names, Resolved};
use super::scenario::{Stage, presence};
use super::wiring::Wiring;
use super::{ActorNodes, Estate, Evicted, Looked, RecoveryPath, Unlisted, Unmatched};
use crate::access::World;
use crate::model::{
    Action, Alias, Change, ChangeIx, Claim, Class, Content, Coverage, Declarations, Evidence, Fact, Kind,
    Listing, Lookup, Need, Node, NodeId, NodeIx, Object, Phase, Presence, Side, Sign, Source, State,
    Strength, Support, Unknown, let_go, push_only,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an estate is built from.
#[derive(Debug)]
pub struct Input<'a> {
    /// All facts of plans and snapshots. What nobody needs any more of them goes while the graph grows.
    pub facts: Vec<Fact>,
    /// Where they come from.
    pub sources: &'a [Source],
    /// What people declare.
    pub declarations: &'a Declarations,
    /// Which command gives which listing, for what would settle an unknown.
    pub commands: &'a [(&'static str, &'static str)],
    /// All changes, by their numbers.
    pub changes: &'a [Change],
    /// What the facts were read off: what depends on what orders the changes.
    pub objects: Vec<Object>,
}

/// Joins facts into a graph.
pub fn build(input: Input<'_>) -> Estate {
    let mut builder = Builder::new(&input);
    let Input { mut facts, objects, .. } = input;
    builder.things(&facts);
    builder.further_names(&facts);
    builder.contents(&facts);
    builder.settle_natural_keys(&facts, &objects);
    builder.settle_written(&facts, &objects);
    drop(objects);
    builder.settle_claims();
    builder.settle_documents(&facts);
    builder.ends(&facts);
    builder.needs(&facts);
    facts.iter_mut().for_each(|fact| fact.wants = Vec::new());
    builder.declared(&facts);
    builder.leases(&facts);
    builder.assumed();
    builder.rights();
    builder.denied(&facts);
    let_go(facts.len(), facts);
    builder.changed_grants();
    builder.finish()
}

/// The graph while it is made.
pub(super) struct Builder<'a> {
    pub nodes: Vec<Node>,
    pub names: Names,
    pub world: World,
    pub sources: &'a [Source],
    pub declarations: &'a Declarations,
    pub commands: &'a [(&'static str, &'static str)],
    pub changes: &'a [Change],
    /// The node of each fact.
    pub node_of: Vec<Option<NodeIx>>,
    /// Ids in use.
    ids: Lookup<NodeId, ()>,
    /// Nodes that are made once for a key.
    pub made: Lookup<String, NodeIx>,
    /// Who asks to act as whom: by who asks, the identity and the node of the asking.
    pub acts: Lookup<Alias, Vec<(Alias, NodeIx)>>,
    /// Of what each source is the listing, as grants share it.
    pub listed_by_source: BTreeMap<u32, Arc<[String]>>,
    /// Who is believed by whom: by who believes.
    pub trusts: BTreeMap<super::trust::Identity, Vec<super::trust::Believed>>,
    /// How long what is issued can last.
    pub leases: BTreeMap<NodeIx, Leased>,
    /// Why nothing renews what ends, by its node.
    pub unrenewed: BTreeMap<NodeIx, Arc<str>>,
    /// Grants that mean something else by a change.
    pub shrunk: BTreeMap<NodeIx, ChangeIx>,
    /// What plans take away without naming it.
    pub evicted: Vec<Evicted>,
    /// Identities that workloads are said to use.
    pub used_by: Vec<(NodeIx, NodeIx)>,
    /// Authoritative objects that a plan makes where nobody knows what there is.
    pub unlisted: Vec<Unlisted>,
    /// Grants of which a new deny takes something away.
    pub denied: Vec<Denied>,
    /// Statements that take access away: nobody uses them.
    pub denying: BTreeSet<NodeIx>,
    /// That something acts as somebody.
    pub actings: BTreeSet<NodeIx>,
    /// Of those that are read at a start: what has started as somebody.
    pub started: BTreeMap<NodeIx, NodeIx>,
    /// Parts of things.
    pub parts: BTreeMap<Alias, Vec<(NodeIx, crate::model::Serves)>>,
    /// Which actor's inferred capabilities use which grant.
    pub used: BTreeSet<(NodeIx, NodeIx)>,
    /// Workloads and whatever they act as.
    pub actors: BTreeMap<NodeIx, Vec<Acts>>,
    /// Identities that a workload's declared needs speak of.
    pub spoken_for: BTreeSet<(NodeIx, NodeIx)>,
    /// Which listing would show a node.
    pub listed_by: BTreeMap<NodeIx, Listing>,
    pub allowances: BTreeMap<NodeIx, NodeIx>,
    pub looked_at: BTreeMap<NodeIx, Looked>,
    pub unmatched: Vec<Unmatched>,
    pub recoveries: Vec<RecoveryPath>,
    /// What expectations, populations and environments are about.
    pub meant: Meant,
    /// Who applies and who approves.
    pub people: Vec<ActorNodes>,
    /// Of those who act and of ways of recovery: the node with all that each may do.
    pub with_rights: BTreeMap<NodeIx, NodeIx>,
}

impl<'a> Builder<'a> {
    fn new(input: &Input<'a>) -> Builder<'a> {
        let names = input.facts.iter().map(|fact| fact.unique.len() + fact.names.len()).sum();
        Builder {
            // What is never used of it takes no memory, and a list that grows is copied.
            nodes: Vec::with_capacity(input.facts.len() * 2),
            names: Names::with_capacity(names),
            world: World::default(),
            sources: input.sources,
            declarations: input.declarations,
            commands: input.commands,
            changes: input.changes,
            node_of: Vec::new(),
            ids: Lookup::with_capacity(input.facts.len()),
            made: Lookup::with_capacity(input.facts.len()),
            acts: Lookup::default(),
            listed_by_source: BTreeMap::new(),
            trusts: BTreeMap::new(),
            leases: BTreeMap::new(),
            unrenewed: BTreeMap::new(),
            shrunk: BTreeMap::new(),
            evicted: Vec::new(),
            used_by: Vec::new(),
            unlisted: Vec::new(),
            denied: Vec::new(),
            denying: BTreeSet::new(),
            actings: BTreeSet::new(),
            started: BTreeMap::new(),
            parts: BTreeMap::new(),
            used: BTreeSet::new(),
            actors: BTreeMap::new(),
            spoken_for: BTreeSet::new(),
            listed_by: BTreeMap::new(),
            allowances: BTreeMap::new(),
            looked_at: BTreeMap::new(),
            unmatched: Vec::new(),
            recoveries: Vec::new(),
            meant: Meant::default(),
            people: Vec::new(),
            with_rights: BTreeMap::new(),
        }
    }

    fn things(&mut self, facts: &[Fact]) {
        let things: Vec<(usize, &Fact)> = facts
            .iter()
            .enumerate()
            .filter(|(_, fact)| matches!(fact.content, Content::Thing | Content::Role(_)))
            .collect();
        let members: Vec<&Fact> = things.iter().map(|(_, fact)| *fact).collect();
        let mut node_of_group: Vec<Option<NodeIx>> = vec![None; things.len()];
        self.node_of = vec![None; facts.len()];
        for ((index, fact), group) in things.iter().zip(group(&members)) {
            let known = node_of_group.get(group).copied().flatten();
            let node = known.unwrap_or_else(|| self.new_node(fact));
            node_of_group.get_mut(group).into_iter().for_each(|known| *known = Some(node));
            self.tell(node, fact, String::new());
            if let Some(slot) = self.node_of.get_mut(*index) {
                *slot = Some(node);
            }
            if let Some(whole) = &fact.part_of {
                let parts = self.parts.entry(whole.clone()).or_default();
                if !parts.iter().any(|(known, _)| *known == node) {
                    parts.push((node, fact.serves.as_deref().cloned().unwrap_or_default()));
                }
            }
        }
        let parts: Vec<(Alias, NodeIx)> = self
            .parts
            .iter()
            .flat_map(|(whole, parts)| parts.iter().map(|(part, _)| (whole.clone(), *part)))
            .collect();
        for (whole, part) in parts {
            let shown = self.names.all(&whole).first().copied();
            if let Some(node) = self.nodes.get_mut(part.at()) {
                node.shown_as = shown;
            }
        }
    }

    fn further_names(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Content::Name { alias, of } = &fact.content {
                for node in self.names.all(of) {
                    self.names.add(alias, node, fact.side);
                }
            }
        }
    }

    /// A node for a fact that is the first of its kind.
    pub fn new_node(&mut self, fact: &Fact) -> NodeIx {
        let id = self.free_id(readable_id(fact));
        self.push(Node::new(id, fact.class, fact.kind.clone(), fact.name.clone()))
    }

    /// A node that follows from others.
    pub fn derived(
        &mut self,
        key: String,
        class: Class,
        name: String,
        shown_as: Option<NodeIx>,
    ) -> (NodeIx, bool) {
        if let Some(node) = self.made.get(&key) {
            return (*node, false);
        }
        let id = self.free_id(key.clone());
        let made = Node::new(id, class, Kind::new(class.word()), name);
        let node = self.push(Node { shown_as, ..made });
        self.made.insert(key, node);
        (node, true)
    }

    fn push(&mut self, node: Node) -> NodeIx {
        let index = NodeIx::number(self.nodes.len());
        self.nodes.push(node);
        index
    }

    fn free_id(&mut self, wanted: String) -> NodeId {
        let wanted = NodeId::new(wanted);
        let mut id = wanted.clone();
        let mut number = 1;
        while self.ids.insert(id.clone(), ()).is_some() {
            number += 1;
            id = NodeId::new(format!("{wanted} ({number})"));
        }
        id
    }

    /// Adds what a fact says to its node: names, claim, cost of undoing. `carrier`: empty where equal facts are the
    /// same object, whoever tells of it.
    pub fn tell(&mut self, index: NodeIx, fact: &Fact, carrier: String) {
        for alias in fact.unique.iter().chain(&fact.names) {
            self.names.add(alias, index, fact.side);
        }
        let Some(node) = self.nodes.get_mut(index.at()) else { return };
        if node.aliases.is_empty() {
            node.aliases.reserve_exact(fact.unique.len() + fact.names.len());
        }
        for alias in fact.unique.iter().chain(&fact.names) {
            if !node.aliases.contains(alias) {
                node.aliases.push(alias.clone());
            }
        }
        let on =
            |wanted: Side| if fact.side.both(wanted).is_some() { fact.presence } else { Presence::Absent };
        let (before, mut after) = (on(Side::Before), on(Side::After));
        let action = fact.change.and_then(|change| self.changes.get(change.0 as usize));
        let action = action.map_or(&Action::NoOp, |change| &change.action);
        if matches!(action, Action::Other(_)) && fact.managed {
            // Whatever a plan says will be: what is done to get there nobody knows, so it may be gone.
            after = after.min(Presence::Unknown);
        }
        let claim = Claim {
            carrier,
            managed: fact.managed,
            evidence: fact.evidence.clone(),
            taken_at: fact.taken_at,
            change: fact.change,
            before,
            during: meanwhile(fact, action, before, after),
            after,
        };
        // The object of a plan is one, though its id may be another one after.
        let same = |known: &&mut Claim| {
            known.evidence == claim.evidence
                && known.managed == claim.managed
                && (known.carrier == claim.carrier || fact.managed)
        };
        match node.claims.iter_mut().rev().find(same) {
            Some(known) => {
                known.before = known.before.max(claim.before);
                known.after = known.after.max(claim.after);
                known.during = meanwhile(fact, action, known.before, known.after);
            }
            None => push_only(&mut node.claims, claim),
        }
        if let Some(change) = fact.change
            && fact.side.after()
            && (fact.restarts || starts(action))
            && !node.restarted_by.contains(&change)
        {
            node.restarted_by.push(change);
        }
        if let Some(settings) = &fact.settings {
            let states = [(fact.side, false, &settings.all), (Side::After, true, &settings.left)];
            for (side, left, settings) in states.into_iter().filter(|(.., settings)| !settings.is_empty()) {
                let (evidence, settings) = (fact.evidence.clone(), settings.clone());
                let (taken_at, change) = (fact.taken_at, fact.change);
                node.states.push(State { side, evidence, taken_at, change, left, settings });
            }
            node.variant_of = node.variant_of.take().or_else(|| settings.variant_of.clone());
        }
        if let Some(environment) = fact.environment.as_ref().filter(|own| !node.environments.contains(own)) {
            node.environments.push(environment.clone());
        }
        if let Some(listing) = &fact.listed_by {
            self.listed_by.insert(index, listing.clone());
        }
        if node.address.is_none() {
            node.address.clone_from(&fact.address);
        }
        if node.undo.is_none() {
            node.undo.clone_from(&fact.undo);
        }
        if node.users_listed_by.is_empty() {
            node.users_listed_by.clone_from(&fact.users_listed_by);
        }
        // A plan or a listing of the thing itself knows it better than a mention in passing.
        if node.class == Class::Other && fact.class != Class::Other {
            node.class = fact.class;
        }
    }

    /// Whether the node exists before and does not after the whole plan.
    pub fn absent_after(&self, node: NodeIx) -> bool {
        self.nodes.get(node.at()).is_some_and(|node| {
            !node.claims.is_empty() && presence(node, |_| Stage::After) == Presence::Absent
        })
    }

    pub fn resolve(&self, alias: &Alias, side: Side) -> Resolved {
        self.names.resolve(alias, side, &|node| self.absent_after(node))
    }

    /// Adds a need, or what is new about it to the need of the same label.
    pub fn need(&mut self, index: NodeIx, need: Need) {
        let Some(node) = self.nodes.get_mut(index.at()) else { return };
        match node.needs.iter_mut().find(|known| known.label == need.label) {
            Some(known) => {
                known.side = known.side.union(need.side);
                known.strength = known.strength.max(need.strength);
                // A manifest does not say until when what it asks for is good: who lists it does.
                if let (Phase::Renew { end: None, .. }, Phase::Renew { end: Some(_), .. }) =
                    (known.phase, need.phase)
                {
                    known.phase = need.phase;
                }
                if known.change.is_none() {
                    known.change = need.change;
                }
                for support in need.supports {
                    add_support(&mut known.supports, support);
                }
            }
            None => push_only(&mut node.needs, need),
        }
    }

    /// A need of derived nodes: both sides, always.
    pub fn plain_need(&mut self, index: NodeIx, label: &str, supports: Vec<Support>) {
        self.need(index, Need::new(label.to_owned(), Strength::Inferred, supports));
    }

    /// Supports by name, side by side; empty if nobody ever bears one of the names.
    pub fn by_name(&self, aliases: &[Alias], side: Side, change: Option<ChangeIx>) -> Vec<Support> {
        let mut supports = Vec::new();
        for one in [Side::Before, Side::After] {
            if side.both(one).is_none() {
                continue;
            }
            for alias in aliases {
                if let Resolved::Found(nodes) = self.resolve(alias, one) {
                    for node in nodes {
                        add_support(&mut supports, support(node, one, change));
                    }
                }
            }
        }
        self.renamed(&mut supports, side);
        supports
    }

    /// Who bears a name on one side only, though it is asked for on both, gives it up or takes it by its own change.
    pub fn renamed(&self, supports: &mut [Support], side: Side) {
        let one_sided = |support: &&mut Support| side == Side::Both && support.side != Side::Both;
        for support in supports.iter_mut().filter(one_sided).filter(|support| support.change.is_none()) {
            let claims = self.nodes.get(support.node.at()).into_iter().flat_map(|node| &node.claims);
            support.change = claims.filter(|claim| claim.managed).find_map(|claim| claim.change);
        }
    }

    /// What an incomplete or missing listing could hold; `None` if a complete source gives it for any of these parts, or
    /// for whichever if none is named.
    pub fn unseen(&mut self, listing: &str, wanted: &[String]) -> Option<Support> {
        let lists = |source: &&Source| {
            source.lists.iter().any(|(known, parts)| {
                known.as_str() == listing
                    && (wanted.is_empty()
                        || parts.iter().any(|own| {
                            own.is_empty() || wanted.iter().any(|part| own.eq_ignore_ascii_case(part))
                        }))
            })
        };
        let giving: Vec<&Source> = self.sources.iter().filter(lists).collect();
        if giving.iter().any(|source| source.complete()) {
            return None;
        }
        let settle = self.commands.iter().find(|(known, _)| {
            *known == listing || listing.strip_prefix(known).is_some_and(|rest| rest.starts_with(':'))
        });
        let settle = settle.map(|(_, command)| (*command).to_owned());
        let place = wanted.first().map(|part| format!(" of {part}")).unwrap_or_default();
        let absent = self.sources.iter().find(|source| source.missed().is_some());
        let unknown = match (giving.first(), absent) {
            (Some(source), _) => Unknown {
                reason: format!(
                    "{}: {}",
                    source.path,
                    source.doubt.as_ref().map_or("incomplete", |doubt| doubt.reason())
                ),
                settle,
                missing_input: true,
            },
            (None, Some(source)) => Unknown {
                reason: format!(
                    "{}: {}",
                    source.path,
                    source.doubt.as_ref().map_or("missing", |doubt| doubt.reason())
                ),
                settle,
                missing_input: true,
            },
            (None, None) => {
                Unknown { reason: format!("no source lists {listing}{place}"), settle, missing_input: false }
            }
        };
        Some(self.unseen_node(&format!("unseen:{listing}{place}"), unknown))
    }

    /// A support that nobody can see.
    pub fn unseen_node(&mut self, key: &str, unknown: Unknown) -> Support {
        let (node, new) = self.derived(key.to_owned(), Class::Unseen, key.to_owned(), None);
        if new && let Some(made) = self.nodes.get_mut(node.at()) {
            push_only(
                &mut made.claims,
                Claim {
                    carrier: String::new(),
                    managed: false,
                    evidence: Evidence { source: crate::model::SourceIx(0), pointer: "".into() },
                    taken_at: None,
                    change: None,
                    before: Presence::Unknown,
                    during: Presence::Unknown,
                    after: Presence::Unknown,
                },
            );
        }
        Support {
            node,
            side: Side::Both,
            coverage: Coverage::Unknown(unknown),
            sign: Sign::Holds,
            change: None,
            why: None,
        }
    }

    fn finish(self) -> Estate {
        Estate {
            world: self.world,
            allowances: self.allowances,
            unmatched: self.unmatched,
            recoveries: self.recoveries,
            meant: self.meant,
            actors: self.people,
            with_rights: self.with_rights,
            looked_at: self.looked_at,
            evicted: self.evicted,
            denied: self.denied,
            unlisted: self.unlisted,
            denying: self.denying,
            acting: self.actings,
            shrunk: self.shrunk,
            leases: self.leases,
            unrenewed: self.unrenewed,
            ..Estate::from_nodes(self.nodes)
        }
    }
}

impl Estate {
    /// The graph of these nodes.
    pub fn from_nodes(nodes: Vec<Node>) -> Estate {
        let wiring = Wiring::new(&nodes);
        Estate { nodes, wiring, ..Estate::default() }
    }
}

/// Whether what the action makes is made anew, or may be.
pub(super) fn starts(action: &Action) -> bool {
    action.is_replacement() || matches!(action, Action::Create | Action::Other(_))
}

/// A sure support by holding.
pub(super) fn support(node: NodeIx, side: Side, change: Option<ChangeIx>) -> Support {
    Support { node, side, coverage: Coverage::Sure, sign: Sign::Holds, change, why: None }
}

/// Adds a support, joining it with an equal one of the other side.
pub(super) fn add_support(supports: &mut Vec<Support>, new: Support) {
    let same = |known: &&mut Support| {
        known.node == new.node
            && known.coverage == new.coverage
            && known.sign == new.sign
            && known.why == new.why
    };
    match supports.iter_mut().find(same) {
        Some(known) => known.side = known.side.union(new.side),
        None => push_only(supports, new),
    }
}

/// The name under which people would look for it.
fn readable_id(fact: &Fact) -> String {
    if let Some(whole) = &fact.part_of {
        return format!("{whole}: {}", fact.name);
    }
    let names = || fact.names.iter().chain(&fact.unique).filter(|alias| alias.space() != "carried");
    names()
        .find(|alias| alias.space().starts_with("kubernetes"))
        .or_else(|| names().find(|alias| alias.space() == "address"))
        .map(Alias::to_string)
        .or_else(|| fact.address.as_ref().map(|address| format!("{address}: {}", fact.name)))
        .or_else(|| names().next().map(Alias::to_string))
        .unwrap_or_else(|| format!("{}: {}", fact.carrier, fact.name))
}
