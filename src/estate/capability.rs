//! Nodes for what somebody can do: by grants, through groups, under denies, on behalf of somebody else.

use super::Looked;
use super::build::{Builder, add_support, support};
use super::names::Resolved;
use crate::access::{Absent, Cloud, KnownGrant, Route, Routes};
use crate::model::{
    Access, Alias, Class, Coverage, Need, Node, NodeIx, Permission, Side, Sign, Strength, Support, Unknown,
};
use std::collections::BTreeSet;

impl Builder<'_> {
    /// Supports for a capability of somebody who may act through others: `who` is read from the actor to the identity.
    pub fn can(&mut self, who: &[Alias], action: &str, scope: &str, side: Side) -> Vec<Support> {
        let mut supports = Vec::new();
        for one in [Side::Before, Side::After] {
            if side.both(one).is_none() {
                continue;
            }
            for new in self.can_on(who, action, scope, one) {
                add_support(&mut supports, new);
            }
        }
        supports
    }

    fn can_on(&mut self, who: &[Alias], action: &str, scope: &str, side: Side) -> Vec<Support> {
        let mut actors: Vec<NodeIx> = Vec::new();
        let mut identities: Vec<(Alias, Vec<NodeIx>)> = Vec::new();
        let mut unknown = Vec::new();
        let cloud = Cloud::spelling(action, scope);
        for alias in who {
            match self.resolve(alias, side) {
                Resolved::Found(nodes) => {
                    let (principals, others): (Vec<NodeIx>, Vec<NodeIx>) =
                        nodes.into_iter().partition(|node| self.has_principal(*node, cloud));
                    actors.extend(others);
                    if !principals.is_empty() {
                        identities.push((alias.clone(), principals));
                    }
                }
                Resolved::Gone => return Vec::new(),
                Resolved::Unheard if alias.space() == "actor" => {}
                Resolved::Unheard => unknown.push(alias.clone()),
            }
        }
        if let Some(alias) = unknown.first() {
            return vec![self.unknown_identity(alias)];
        }
        if actors.is_empty() {
            return identities
                .into_iter()
                .flat_map(|(_, nodes)| nodes)
                .map(|node| support(self.identity_can(node, action, scope), side, None))
                .collect();
        }
        self.actors_can(&actors, &identities, action, scope, side)
    }

    fn actors_can(
        &mut self,
        actors: &[NodeIx],
        identities: &[(Alias, Vec<NodeIx>)],
        action: &str,
        scope: &str,
        side: Side,
    ) -> Vec<Support> {
        // Those that ask for just this identity, if any do; else any of them may be the one.
        let wanted: BTreeSet<NodeIx> =
            identities.iter().flat_map(|(_, nodes)| nodes.iter().copied()).collect();
        let asks = |builder: &Builder<'_>, actor: NodeIx| {
            builder.acting(actor, side).values().any(|identity| match builder.resolve(identity, side) {
                Resolved::Found(nodes) => wanted.is_empty() || nodes.iter().any(|node| wanted.contains(node)),
                _ => wanted.is_empty(),
            })
        };
        let asking: Vec<NodeIx> = actors.iter().copied().filter(|actor| asks(self, *actor)).collect();
        let chosen = if asking.is_empty() { actors.to_vec() } else { asking };
        let count = chosen.len();
        let mut supports = Vec::new();
        for actor in chosen {
            let coverage = if count > 1 {
                Coverage::Unknown(Unknown {
                    reason: format!("which of {count} service accounts does it cannot be told"),
                    settle: None,
                    missing_input: false,
                })
            } else {
                Coverage::Sure
            };
            for node in self.actor_can(actor, identities, action, scope, side) {
                add_support(
                    &mut supports,
                    Support { coverage: coverage.clone(), ..support(node, side, None) },
                );
            }
        }
        if supports.is_empty() {
            let reason = "as which identity it acts is not known".to_owned();
            let unknown = Unknown { reason, settle: None, missing_input: false };
            supports.push(self.unseen_node("unseen:identity of an actor", unknown));
        }
        supports
    }

    /// Capabilities of one actor, one node for each identity as which it acts.
    fn actor_can(
        &mut self,
        actor: NodeIx,
        identities: &[(Alias, Vec<NodeIx>)],
        action: &str,
        scope: &str,
        side: Side,
    ) -> Vec<NodeIx> {
        let own = self.nodes.get(actor.at()).map(|node| (node.id.clone(), node.aliases.first().cloned()));
        let Some((actor_id, Some(actor_alias))) = own else { return Vec::new() };
        let mut acting: Vec<(NodeIx, Alias)> = self.acting(actor, side).into_iter().collect();
        if !identities.is_empty() {
            acting.retain(|(_, alias)| match self.resolve(alias, side) {
                Resolved::Found(nodes) => {
                    identities.iter().any(|(_, wanted)| wanted.iter().any(|node| nodes.contains(node)))
                }
                _ => false,
            });
        }
        if acting.is_empty() {
            // Nothing shows that it asks for this identity; what uses it names the identity itself.
            for (alias, _) in identities {
                let key = format!("{actor_id} as {alias}");
                let (node, _) = self.derived(key.clone(), Class::Trust, key, None);
                self.acts_needs(node, &actor_alias, alias, None);
                acting.push((node, alias.clone()));
            }
        }
        let mut out = Vec::new();
        for (acts, alias) in acting {
            let Resolved::Found(nodes) = self.resolve(&alias, side) else {
                out.push(self.unknown_identity(&alias).node);
                continue;
            };
            for identity in nodes {
                let name = self.nodes.get(identity.at()).map(|node| node.id.to_string()).unwrap_or_default();
                let key = format!("{actor_id} as {name} can {action} on {scope}");
                let (node, new) =
                    self.derived(key, Class::Capability, format!("may {action} on {scope}"), Some(actor));
                let granted = self.identity_can(identity, action, scope);
                self.note_use(actor, granted);
                if new {
                    self.plain_need(
                        node,
                        &format!("to act as {name}"),
                        vec![support(acts, Side::Both, None)],
                    );
                    let label = format!("that {} may {action}", self.name_of(identity));
                    self.plain_need(node, &label, vec![support(granted, Side::Both, None)]);
                }
                out.push(node);
            }
        }
        out
    }

    /// Grants that the capability comes through are in use by the actor: nobody has to assume so any more.
    fn note_use(&mut self, actor: NodeIx, capability: NodeIx) {
        let grants: Vec<NodeIx> = self
            .nodes
            .get(capability.at())
            .map(|node| {
                node.needs.iter().flat_map(|need| need.supports.iter().map(|support| support.node)).collect()
            })
            .unwrap_or_default();
        self.used.extend(grants.into_iter().map(|grant| (actor, grant)));
    }

    pub fn name_of(&self, node: NodeIx) -> String {
        self.nodes.get(node.at()).map(|node| node.name.clone()).unwrap_or_default()
    }

    /// Whether grants of the cloud may be its own: in a cluster, those of a service account are.
    fn has_principal(&self, node: NodeIx, cloud: Option<Cloud>) -> bool {
        let of = |node: &Node| cloud.unwrap_or(Cloud::Azure).principal(node).is_some();
        self.nodes.get(node.at()).is_some_and(of)
    }

    /// An identity that is named and that no source knows: which grants are its own cannot be told.
    pub fn unknown_identity(&mut self, alias: &Alias) -> Support {
        let unknown = Unknown {
            reason: format!("no source knows identity {alias}, so which grants are its own cannot be told"),
            settle: Some(match alias.space() {
                "kubernetes" => "kubectl get sa -A -o json".to_owned(),
                "google-account" | "google" => "gcloud iam service-accounts list --format=json".to_owned(),
                "aws" => "aws iam get-account-authorization-details".to_owned(),
                _ => "az identity list -o json; az ad sp list --all -o json".to_owned(),
            }),
            missing_input: false,
        };
        self.unseen_node(&format!("unseen:identity {alias}"), unknown)
    }

    /// That an identity can do something somewhere.
    pub fn identity_can(&mut self, identity: NodeIx, action: &str, scope: &str) -> NodeIx {
        let Some(own) = self.nodes.get(identity.at()) else { return identity };
        let id = own.id.to_string();
        let cloud = Cloud::spelling(action, scope);
        let Some(principal) = cloud.unwrap_or(Cloud::Azure).principal(own).cloned() else {
            return identity;
        };
        let key = format!("{id} can {action} on {scope}");
        let (node, new) =
            self.derived(key, Class::Capability, format!("may {action} on {scope}"), Some(identity));
        if !new {
            return node;
        }
        if let Some(made) = self.nodes.get_mut(node.at()) {
            made.access = Some(Box::new(Access {
                principal: principal.clone(),
                principal_node: Some(identity),
                action: Some(action.to_owned()),
                role: None,
                scope: scope.to_owned(),
            }));
        }
        let routes = cloud.map(|cloud| self.world.can(cloud, &principal, action, scope)).unwrap_or_default();
        self.looked_at.insert(
            node,
            Looked { grants: routes.grants, inherited: routes.inherited, groups: routes.groups },
        );
        self.plain_need(node, "the identity itself", vec![support(identity, Side::Both, None)]);
        let place = cloud.and_then(|cloud| cloud.place(scope));
        let place = place.map(|place| self.by_name(&[place], Side::Both, None)).unwrap_or_default();
        if !place.is_empty() {
            self.plain_need(node, "what it is done on", place);
        }
        let supports = match cloud {
            Some(cloud) => self.route_supports(cloud, &principal, routes, scope),
            None => {
                let reason =
                    format!("`{action}` on `{scope}` is spelled as no cloud spells it that is known here");
                let unknown = Unknown { reason, settle: None, missing_input: false };
                vec![self.unseen_node(&format!("unseen:grants of {action} on {scope}"), unknown)]
            }
        };
        self.plain_need(node, &format!("a grant that allows {action}"), supports);
        node
    }

    fn route_supports(
        &mut self,
        cloud: Cloud,
        principal: &Alias,
        routes: Routes,
        scope: &str,
    ) -> Vec<Support> {
        let mut supports = Vec::new();
        for route in routes.routes {
            let new = self.route(principal, route);
            add_support(&mut supports, new);
        }
        for shown in cloud.shown_by(&self.world, principal, scope) {
            supports.extend(self.unseen(shown.listing.as_str(), &shown.parts));
        }
        supports
    }

    /// A route: the grant itself, or a node of its own where memberships and denies belong to it.
    fn route(&mut self, principal: &Alias, route: Route) -> Support {
        let grant = NodeIx::number(route.grant);
        let mut node = grant;
        if route.via.is_some()
            || !route.absent.is_empty()
            || !route.through.is_empty()
            || !route.also.is_empty()
        {
            let grant_id = self.nodes.get(grant.at()).map(|node| node.id.to_string()).unwrap_or_default();
            let mut key = format!("{principal} by {grant_id} without {:?}", route.absent);
            for through in &route.through {
                key.push_str(&format!(", through {} {:?}", through.id, (through.side, through.change)));
            }
            for also in &route.also {
                key.push_str(&format!(", with {}", also.grant));
            }
            let (made, new) = self.derived(key, Class::Capability, grant_id, Some(grant));
            node = made;
            if new {
                self.plain_need(made, "the grant", vec![support(grant, Side::Both, None)]);
                if let Some(group) = &route.via {
                    let member = self.in_group(principal, group);
                    self.plain_need(
                        made,
                        &format!("to be in group {group}"),
                        vec![support(member, Side::Both, None)],
                    );
                }
                for absent in &route.absent {
                    self.not_denied(made, absent);
                }
                for also in &route.also {
                    let other = support(NodeIx::number(also.grant), Side::Both, None);
                    self.plain_need(made, &format!("the other side: {}", also.why), vec![other]);
                }
                for through in &route.through {
                    let role = support(NodeIx::number(through.role), through.side, through.change);
                    self.plain_need(made, &format!("{}, which its role gathers", through.id), vec![role]);
                }
            }
        }
        Support {
            node,
            side: route.side,
            coverage: route.coverage,
            sign: Sign::Holds,
            change: route.change,
            why: Some(route.why),
        }
    }

    /// That a deny does not stand in the way.
    fn not_denied(&mut self, route: NodeIx, absent: &Absent) {
        let deny = self.leaf(NodeIx::number(absent.key));
        let label = format!("that {} does not apply", self.name_of(deny));
        let support = Support { sign: Sign::Absent, ..support(deny, Side::Both, None) };
        let need = Need::new(label, Strength::Inferred, vec![support]);
        self.need(route, Need { side: absent.side, change: absent.change, ..need });
    }

    /// The node, or one that is there whenever it is, and needs nothing: what denies is asked for its absence alone.
    pub fn leaf(&mut self, index: NodeIx) -> NodeIx {
        let Some(node) = self.nodes.get(index.at()).filter(|node| !node.needs.is_empty()) else {
            return index;
        };
        let (id, name, claims) = (node.id.to_string(), node.name.clone(), node.claims.clone());
        let (leaf, new) = self.derived(format!("the deny of {id}"), Class::Grant, name, Some(index));
        if new && let Some(made) = self.nodes.get_mut(leaf.at()) {
            made.claims = claims;
        }
        leaf
    }

    /// That a principal is in a group, directly or through groups in it.
    pub fn in_group(&mut self, principal: &Alias, group: &Alias) -> NodeIx {
        let key = format!("{principal} in group {group}");
        let (node, new) = self.derived(key.clone(), Class::Membership, key, None);
        if !new {
            return node;
        }
        let ways = self.world.groups_of(principal).remove(group).unwrap_or_default();
        let mut supports = Vec::new();
        for way in ways {
            let membership = NodeIx::number(way.membership);
            let by = match way.through {
                None => membership,
                Some(inner) => {
                    let key = format!("{principal} in group {group} through {inner}");
                    let (chain, new) = self.derived(key.clone(), Class::Membership, key, None);
                    if new {
                        self.plain_need(
                            chain,
                            &format!("{inner} is in {group}"),
                            vec![support(membership, Side::Both, None)],
                        );
                        let first = self.in_group(principal, &inner);
                        self.plain_need(
                            chain,
                            &format!("it is in {inner}"),
                            vec![support(first, Side::Both, None)],
                        );
                    }
                    chain
                }
            };
            add_support(&mut supports, support(by, Side::Both, None));
        }
        self.plain_need(node, "a membership", supports);
        node
    }

    /// All that a grant allows its principal, by whatever grants: one need for each permission.
    pub fn allowance(
        &mut self,
        principal: &Alias,
        principal_node: Option<NodeIx>,
        grant: NodeIx,
    ) -> Option<NodeIx> {
        let is_it = |known: &&KnownGrant| known.key == grant.at();
        // Nearly always it is one of the principal's own.
        let own = self.world.grants.get(principal).into_iter().flatten().find(is_it);
        let known = own.or_else(|| self.world.grant(grant.at()))?.clone();
        let said = &known.grant;
        let role =
            said.role_name.clone().or_else(|| said.role_id.clone()).unwrap_or_else(|| "a role".to_owned());
        let scope = said.scope.clone().unwrap_or_else(|| "a scope known after apply".to_owned());
        let cloud = Cloud::named(&said.cloud);
        let key = match &said.allows {
            Some(own) => {
                let only = said.condition.as_ref().map(|one| format!(", if {one}")).unwrap_or_default();
                format!("{principal} has what {role} on {scope} allows: {}{only}", spelt(own))
            }
            None => format!("{principal} has what {role} on {scope} allows, {:?}", said.condition),
        };
        let name = format!("has what {role} on {scope} allows");
        let (node, new) = self.derived(key, Class::Capability, name, principal_node);
        if !new {
            return Some(node);
        }
        if let Some(made) = self.nodes.get_mut(node.at()) {
            made.access = Some(Box::new(Access {
                principal: principal.clone(),
                principal_node,
                action: None,
                role: Some(role.clone()),
                scope: scope.clone(),
            }));
        }
        match self.world.all_of(principal, &known) {
            Some(permissions) => {
                for (pattern, routes) in permissions {
                    let looked = self.looked_at.entry(node).or_default();
                    looked.grants = looked.grants.max(routes.grants);
                    looked.inherited = looked.inherited.max(routes.inherited);
                    looked.groups = routes.groups;
                    let supports = match cloud {
                        Some(cloud) => self.route_supports(cloud, principal, routes, &scope),
                        None => Vec::new(),
                    };
                    let label =
                        if pattern.contains(" on ") { pattern } else { format!("{pattern} on {scope}") };
                    self.plain_need(node, &label, supports);
                }
            }
            None => {
                // Nobody knows what it allows: it itself surely gives that, or the same role elsewhere.
                let routes = self.world.instead_of(principal, &known);
                let mut supports = Vec::new();
                for route in routes.routes {
                    let new = self.route(principal, route);
                    add_support(&mut supports, new);
                }
                if let Some(cloud) = cloud {
                    for shown in cloud.shown_by(&self.world, principal, &scope) {
                        supports.extend(self.unseen(shown.listing.as_str(), &shown.parts));
                    }
                }
                self.plain_need(node, &format!("{role} on {scope}"), supports);
            }
        }
        Some(node)
    }
}

/// All that a permission says, in words: what says something else is another one.
fn spelt(own: &Permission) -> String {
    let lists = [
        ("", &own.actions),
        ("but for ", &own.not_actions),
        ("data ", &own.data_actions),
        ("but for data ", &own.not_data_actions),
        ("on ", &own.resources),
        ("but for ", &own.not_resources),
        ("named ", &own.names),
    ];
    let told = lists.iter().filter(|(_, list)| !list.is_empty());
    let mut told: Vec<String> = told.map(|(word, list)| format!("{word}{}", list.join(", "))).collect();
    told.extend(own.condition.as_ref().map(|condition| format!("if {condition}")));
    told.extend(own.denies.then(|| "denied".to_owned()));
    told.join(" ")
}
