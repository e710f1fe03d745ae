//! Nodes of facts that are what they say: grants, memberships, denies. Equal content is the same node.

use super::build::Builder;
use crate::access::{
    Cloud, KnownBound, KnownDeny, KnownGrant, KnownMembership, KnownRole, When, full_name, role_id, role_key,
};
use crate::model::{
    Access, Alias, Class, Content, Deny, Evidence, Fact, Grant, NodeIx, Presence, Role, Side, Support,
    push_only,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What one source says of a role, and whether that source is a plan.
type Version<'f> = (bool, (KnownRole, &'f Role));

impl Builder<'_> {
    pub fn contents(&mut self, facts: &[Fact]) {
        self.roles(facts);
        self.bounds(facts);
        let mut hidden: Vec<(&Fact, &Alias)> = Vec::new();
        // Acting as somebody rests on being believed, so trusts come first.
        for (index, fact) in facts.iter().enumerate() {
            let node = match &fact.content {
                Content::Thing
                | Content::Role(_)
                | Content::Name { .. }
                | Content::ActsAs { .. }
                | Content::Only(_)
                | Content::Bound { .. }
                | Content::PolicyOf(_)
                | Content::Within { .. } => continue,
                Content::Grant(grant) => self.grant(fact, grant),
                Content::Membership { group, member } => {
                    // What is surely there after only adds somebody.
                    let adds = fact.side == Side::After && fact.presence == Presence::Present;
                    if let (Some(group), None, Some(_), false) = (group, member, fact.change, adds) {
                        hidden.push((fact, group));
                    }
                    self.membership(fact, group.as_ref(), member.as_ref())
                }
                Content::Deny(deny) => {
                    // A policy has several rules, and a changed rule is another one.
                    let key = deny_key(&fact.carrier, deny);
                    let known = self.made.contains(&key);
                    let node = self.node_for(fact, key);
                    if !known {
                        let called = |list: &[Alias]| list.iter().map(|one| self.principal(one).0).collect();
                        let (principals, except) = (called(&deny.principals), called(&deny.except));
                        let groups = self.perhaps_groups(deny);
                        let deny = Deny { principals, except, ..Deny::clone(deny) };
                        self.world.denies.push(KnownDeny { key: node.at(), deny, groups });
                    }
                    node
                }
                Content::Trust(trust) => self.trust(fact, trust),
            };
            self.is(index, node);
            if fact.content.denies() {
                self.denying.insert(node);
            }
        }
        self.carriers_of_denies(facts);
        for (fact, group) in hidden {
            self.members_may_go(fact, group);
        }
        self.listed_ones_may_go();
        self.evict(facts);
        self.unread(facts);
        self.nobody_lists(facts);
        for (index, fact) in facts.iter().enumerate() {
            if let Content::ActsAs { who, identity, service, at_start } = &fact.content {
                let node = self.acts_as(fact, who.as_ref(), identity.as_ref(), service.as_ref(), *at_start);
                self.is(index, node);
            }
        }
        self.world.basic_roles();
        self.world.sort_strangers();
        for source in self.sources.iter().filter(|source| source.complete()) {
            for (listing, parts) in &source.lists {
                if matches!(listing.as_str(), "azure:group-members" | "google:group-members") {
                    self.world.groups_listed.extend(parts.iter().map(|part| Alias::new("principal", part)));
                }
                if let Some(kind @ ("Role" | "ClusterRole")) = listing.as_str().strip_prefix("kubernetes:") {
                    self.world.roles_listed.insert(kind.to_owned());
                }
            }
        }
    }

    /// What bounds the rights of some, and what lies in what.
    fn bounds(&mut self, facts: &[Fact]) {
        let told = |fact: &Fact| match &fact.content {
            Content::Within { inner, outer } if fact.managed => Some((full_name(inner), full_name(outer))),
            _ => None,
        };
        let planned: BTreeSet<(String, String)> = facts.iter().filter_map(told).collect();
        for fact in facts {
            match &fact.content {
                Content::PolicyOf(resource) => {
                    self.world.policies_known.insert(resource.to_lowercase());
                }
                Content::Within { inner, outer } => {
                    let (inner, outer) = (full_name(inner), full_name(outer));
                    // Where a plan says the same, what becomes of it is for the plan to say.
                    if fact.managed || !planned.contains(&(inner.clone(), outer.clone())) {
                        let when = When { side: fact.side, change: fact.change };
                        self.world.lies_in(inner, outer, when);
                    }
                }
                Content::Bound { who: Some(who), policy: Some(policy) } => {
                    let bound = KnownBound {
                        principal: self.principal(who).0,
                        policy: policy.value().to_owned(),
                        side: fact.side,
                        change: fact.change,
                    };
                    self.world.bounds.push(bound);
                }
                // Which policy it is, is known only after apply: it may let nothing through.
                Content::Bound { who: Some(who), policy: None } if fact.change.is_some() => {
                    let principal = self.principal(who).0;
                    let policy = format!("known after apply: policy of {}", fact.carrier);
                    let (side, change) = (fact.side, fact.change);
                    self.world.bounds.push(KnownBound { principal, policy, side, change });
                }
                _ => {}
            }
        }
    }

    /// What carries nothing but denies takes nothing away with it when it goes.
    fn carriers_of_denies(&mut self, facts: &[Fact]) {
        let denies = |fact: &&Fact| matches!(fact.content, Content::Deny(_));
        let mut bare: BTreeMap<&Evidence, bool> =
            facts.iter().filter(denies).map(|fact| (&fact.evidence, true)).collect();
        if bare.is_empty() {
            return;
        }
        for fact in facts.iter().filter(|fact| !matches!(fact.content, Content::Thing | Content::Deny(_))) {
            bare.entry(&fact.evidence).and_modify(|bare| *bare = false);
        }
        for (fact, node) in facts.iter().zip(&self.node_of) {
            if let (Content::Thing, Class::Other, Some(node)) = (&fact.content, fact.class, node)
                && bare.get(&fact.evidence) == Some(&true)
            {
                self.denying.insert(*node);
            }
        }
    }

    fn is(&mut self, fact: usize, node: NodeIx) {
        if let Some(slot) = self.node_of.get_mut(fact) {
            *slot = Some(node);
        }
    }

    fn roles(&mut self, facts: &[Fact]) {
        let mut told: BTreeMap<String, Vec<Version<'_>>> = BTreeMap::new();
        for (fact, node) in facts.iter().zip(&self.node_of) {
            let (Content::Role(role), Some(node)) = (&fact.content, node) else { continue };
            let Some(id) = role.id.as_deref().map(|id| role_id(&role.cloud, id)) else { continue };
            if let Some(name) = &role.name {
                self.world.role_names.entry(name.to_lowercase()).or_insert_with(|| id.clone());
            }
            let known = KnownRole {
                key: node.at(),
                cloud: Cloud::named(&role.cloud),
                side: fact.side,
                change: fact.change,
                // What a role allows that is made of others, those say.
                permissions: match &role.gathers {
                    Some(gathers) => (!gathers.open).then(|| Vec::new().into()),
                    None => role.permissions.clone(),
                },
            };
            told.entry(id).or_default().push((fact.managed, (known, role)));
        }
        let mut all = super::gather::Told::new();
        for (id, versions) in told {
            // What a plan says of a role, before and after, stands for what listings say of it.
            let managed = versions.iter().any(|(managed, _)| *managed);
            let chosen = versions.into_iter().filter(|(own, _)| *own == managed).map(|(_, known)| known);
            all.insert(id, if managed { chosen.collect() } else { chosen.take(1).collect() });
        }
        self.gather(&all);
        for (id, versions) in all {
            self.world.roles_by_id.insert(id, versions.into_iter().map(|(known, _)| known).collect());
        }
        // Where a grant says both, its role's name leads to its id.
        for fact in facts {
            if let Content::Grant(grant) = &fact.content
                && let Grant { role_id: Some(id), role_name: Some(name), cloud, .. } = grant.as_ref()
                && !id.starts_with("known after apply")
            {
                self.world.role_names.entry(name.to_lowercase()).or_insert_with(|| role_id(cloud, id));
            }
        }
    }

    /// The node of a fact by the key of its content.
    pub fn node_for(&mut self, fact: &Fact, key: String) -> NodeIx {
        let node = match self.made.get(&key) {
            Some(node) => *node,
            None => {
                let node = self.new_node(fact);
                self.made.insert(key, node);
                node
            }
        };
        let carrier = if fact.refuses_duplicates { String::new() } else { fact.carrier.clone() };
        self.tell(node, fact, carrier);
        node
    }

    /// The principal in the spelling in which equal principals compare equal, and its node.
    pub fn principal(&self, alias: &Alias) -> (Alias, Option<NodeIx>) {
        let node = self.names.all(alias).first().copied();
        let canonical = node
            .and_then(|node| self.nodes.get(node.at()))
            .and_then(crate::model::Node::principal)
            .unwrap_or(alias);
        // The alias itself is kept where it is a principal id already: a node may have had several over time.
        if alias.space() == "principal" { (alias.clone(), node) } else { (canonical.clone(), node) }
    }

    fn grant(&mut self, fact: &Fact, grant: &Arc<Grant>) -> NodeIx {
        let (principal, principal_node) = match &grant.principal {
            Some(alias) => self.principal(alias),
            None => {
                (Alias::new("principal", &format!("known after apply: principal of {}", fact.carrier)), None)
            }
        };
        let role = role_key(&self.world, grant).unwrap_or_default();
        let scope = grant.scope.as_deref().map(|scope| scope.trim_end_matches('/').to_lowercase());
        let key = match (&grant.principal, &scope) {
            (Some(_), Some(scope)) => format!(
                "grant {} {principal} {role} {scope} {}{}",
                grant.cloud,
                grant.condition.as_deref().unwrap_or_default(),
                grant.allows.as_ref().map(|own| format!(" {own:?}")).unwrap_or_default()
            ),
            _ => format!("grant {}", fact.carrier),
        };
        let unknown =
            |alias: &Alias| alias.value().contains("known after apply") && self.names.all(alias).is_empty();
        if grant.principal.as_ref().is_none_or(unknown) {
            self.world.unknown_principals.insert(principal.clone());
        }
        if self.may_be_group(grant, principal_node) {
            self.world.groups.insert(principal.clone());
        }
        let known = self.made.contains(&key);
        let node = self.node_for(fact, key);
        let listed_for = self.listed_for(fact);
        if known {
            let holders = self.world.grants.entry(principal).or_default();
            if let Some(other) = holders.iter_mut().find(|other| other.key == node.at()) {
                if let Some(parts) = listed_for
                    && !other.listed_for.iter().any(|known| Arc::ptr_eq(known, &parts))
                {
                    other.listed_for.push(parts);
                }
                // A listing fills in what a plan does not know yet.
                let known = Arc::make_mut(&mut other.grant);
                known.role_name = known.role_name.take().or_else(|| grant.role_name.clone());
                known.role_id = known.role_id.take().or_else(|| grant.role_id.clone());
                known.principal_type = known.principal_type.take().or_else(|| grant.principal_type.clone());
            }
            return node;
        }
        let role_nodes: Vec<NodeIx> = self
            .world
            .roles_by_id
            .get(&role)
            .into_iter()
            .flatten()
            .map(|version| NodeIx::number(version.key))
            .collect();
        if let Some(made) = self.nodes.get_mut(node.at()) {
            made.access = Some(Box::new(Access {
                principal: principal.clone(),
                principal_node,
                action: None,
                role: grant.role_name.clone().or_else(|| grant.role_id.clone()),
                scope: grant.scope.clone().unwrap_or_default(),
            }));
        }
        let known = KnownGrant {
            key: node.at(),
            grant: Arc::clone(grant),
            listed_for: listed_for.into_iter().collect(),
        };
        push_only(self.world.grants.entry(principal).or_default(), known);
        if let Some(alias) = &grant.principal {
            let supports = self.holder(fact, grant, alias);
            if !supports.is_empty() {
                self.plain_need(node, "its principal", supports);
            }
        }
        if !role_nodes.is_empty() {
            let mut supports = Vec::new();
            for role in role_nodes {
                super::build::add_support(&mut supports, super::build::support(role, Side::Both, None));
            }
            self.plain_need(node, "its role", supports);
        }
        let place = |scope: &String| Cloud::named(&grant.cloud).and_then(|cloud| cloud.place(scope));
        if let Some(place) = grant.scope.as_ref().and_then(place) {
            let supports = self.by_name(&[place], Side::Both, None);
            if !supports.is_empty() {
                self.plain_need(node, "what it is on", supports);
            }
        }
        node
    }

    /// Whoever holds the grant. Where it stays behind while its holder is made anew under the same name, it is still the
    /// old one's: Google Cloud and AWS know them by ids of their own (IAM, "Deleted principals"; "Unique identifiers").
    fn holder(&self, fact: &Fact, grant: &Grant, alias: &Alias) -> Vec<Support> {
        let by_id = matches!(Cloud::named(&grant.cloud), Some(Cloud::Google | Cloud::Aws));
        let stays = fact.side != Side::After;
        match self.resolve(alias, Side::Before) {
            super::names::Resolved::Found(nodes) if by_id && stays => {
                let support = |node| super::build::support(node, Side::Both, None);
                nodes.into_iter().map(support).collect()
            }
            _ => self.by_name(std::slice::from_ref(alias), Side::Both, None),
        }
    }

    /// Whether a grant goes to a group, or may: a plan does not know yet of what sort the principal of a new grant is,
    /// unless something tells what it is.
    fn may_be_group(&self, grant: &Grant, holder: Option<NodeIx>) -> bool {
        let told = grant.principal_type.as_deref().filter(|kind| !kind.starts_with("known after apply"));
        match (told, holder.and_then(|holder| self.nodes.get(holder.at()))) {
            (Some(kind), _) => kind.eq_ignore_ascii_case("group"),
            (None, Some(holder)) => holder.kind.as_str() == "azuread_group",
            (None, None) => match Cloud::named(&grant.cloud) {
                Some(Cloud::Azure) => true,
                Some(Cloud::Google) => {
                    grant.principal.as_ref().is_some_and(|holder| holder.value().starts_with("group:"))
                }
                Some(Cloud::Aws | Cloud::Kubernetes) | None => false,
            },
        }
    }

    /// Parts of the cloud whose listing shows this fact: those of one source are held once, for all of its grants.
    fn listed_for(&mut self, fact: &Fact) -> Option<Arc<[String]>> {
        let number = fact.evidence.source.0;
        if let Some(known) = self.listed_by_source.get(&number) {
            return Some(Arc::clone(known));
        }
        let lists = &self.sources.get(number as usize)?.lists;
        let parts: Arc<[String]> = lists.values().flatten().cloned().collect();
        if parts.is_empty() {
            return None;
        }
        self.listed_by_source.insert(number, Arc::clone(&parts));
        Some(parts)
    }

    /// Whom a deny speaks of, without those known to be no group: who has a client id is a service principal.
    fn perhaps_groups(&self, deny: &Deny) -> Vec<Alias> {
        let is_one = |alias: &Alias| {
            let bearers = self.names.all(alias);
            let mut names = bearers.iter().filter_map(|node| self.nodes.get(node.at()));
            names.any(|node| node.aliases.iter().any(|alias| alias.space() == "client"))
        };
        deny.principals.iter().chain(&deny.except).filter(|alias| !is_one(alias)).cloned().collect()
    }

    fn membership(&mut self, fact: &Fact, group: Option<&Alias>, member: Option<&Alias>) -> NodeIx {
        let (Some(group), Some(member)) = (group, member) else {
            return self.node_for(fact, format!("membership {}", fact.carrier));
        };
        let (group, _) = self.principal(group);
        let (member, _) = self.principal(member);
        let key = format!("membership {member} in {group}");
        let known = self.made.contains(&key);
        let node = self.node_for(fact, key);
        if !known {
            for (label, alias) in [("its group", &group), ("its member", &member)] {
                let supports = self.by_name(std::slice::from_ref(alias), Side::Both, None);
                if !supports.is_empty() {
                    self.plain_need(node, label, supports);
                }
            }
            self.world.memberships.push(KnownMembership { key: node.at(), group, member });
        }
        node
    }
}

/// Equal rules of one policy are the same, in whichever order they list what they list.
fn deny_key(carrier: &str, deny: &Deny) -> String {
    let sorted = |list: &[Alias]| list.iter().cloned().collect::<BTreeSet<Alias>>();
    let mut permissions = deny.permissions.clone();
    for block in &mut permissions {
        [&mut block.actions, &mut block.not_actions, &mut block.data_actions, &mut block.not_data_actions]
            .into_iter()
            .for_each(|list| list.sort());
    }
    let (who, except) = (sorted(&deny.principals), sorted(&deny.except));
    let scope = deny.scope.as_deref().map(full_name);
    format!(
        "deny {} {} {who:?} {except:?} {scope:?} {} {:?} {permissions:?}",
        carrier.to_lowercase(),
        deny.everyone,
        deny.this_scope_only,
        deny.condition
    )
}
