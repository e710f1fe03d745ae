//! What secrets backends issue: the tokens of a role, those that are there and those still to be issued, with their ends.
//!
//! A role is there for ever, what it issues may not be. So all that rests on a role rests on *tokens issued by* it, a node of
//! its own that ends on a day not known if the limits of role, mount and server end each token; and where tokens are known
//! to be there, on those, which end on their dates.

mod holders;
mod life;
mod limits;
mod live;

pub use life::{End, Level, Life, SERVER_DEFAULT};
pub use limits::Bounded;

use super::build::{Builder, support};
use super::lookup::is_order;
use super::scenario::{Stage, presence};
use crate::model::{
    Action, Alias, ChangeIx, Class, Ends, Fact, Glob, Horizon, Issue, Moment, Need, NodeIx, Phase, Presence,
    Side, Strength, Unknown,
};
use limits::Told;
use std::collections::BTreeMap;

/// How long the tokens of a node can last: of those that a role is still to issue, or of one that is there.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The role, if a source tells of it.
    pub role: Option<NodeIx>,
    /// The mount, if a source tells of it.
    pub mount: Option<NodeIx>,
    /// The mount's name.
    pub mount_name: Option<Alias>,
    /// How one comes by them; `None`: it is one that is there.
    pub issue: Option<Issue>,
    /// Before the plan; `None`: there is no such role then.
    pub before: Option<Bounded>,
    /// After it.
    pub after: Option<Bounded>,
    /// Changes of the role and of the mount.
    pub changes: Vec<ChangeIx>,
    /// Of a role: tokens of it that are there.
    pub live: Vec<NodeIx>,
}

impl Leased {
    /// Whether the plan makes it end, which was renewed before or not there; by its limits alone.
    pub fn is_cut_by_plan(&self) -> bool {
        let seconds = |bounded: &Option<Bounded>| bounded.as_ref().map(|own| own.life.end.seconds());
        match (seconds(&self.before), seconds(&self.after)) {
            (_, None | Some(None)) => false,
            (None | Some(None), Some(Some(_))) => !self.changes.is_empty(),
            (Some(Some(before)), Some(Some(after))) => after < before,
        }
    }
}

impl Builder<'_> {
    /// Adds what is issued, and lets what rests on roles rest on that.
    pub fn leases(&mut self, facts: &[Fact]) {
        let told = self.told(facts);
        if told.is_empty() {
            return;
        }
        let roles: Vec<NodeIx> =
            told.iter().filter(|(_, told)| told.issue().is_some()).map(|(node, _)| *node).collect();
        let mut tokens: BTreeMap<NodeIx, NodeIx> = BTreeMap::new();
        for role in roles {
            if let Some(made) = self.tokens_of(role, &told) {
                tokens.insert(role, made);
            }
        }
        self.rest_on_tokens(&tokens);
        self.log_in(facts, &tokens);
        self.live_tokens(&told, &tokens);
    }

    /// The node of the tokens that a role is still to issue.
    fn tokens_of(&mut self, role: NodeIx, told: &BTreeMap<NodeIx, Told<'_>>) -> Option<NodeIx> {
        let own = told.get(&role)?;
        let issue = own.issue()?;
        let name = self.nodes.get(role.at())?.aliases.iter().find(|alias| alias.space() == "vault").cloned();
        let name = name.map_or_else(
            || self.nodes.get(role.at()).map(|node| node.name.clone()),
            |name| Some(name.value().to_owned()),
        )?;
        let what = if issue == Issue::Fetched { "credentials" } else { "tokens" };
        let called = format!("{what} issued by {name}");
        let (node, _) = self.derived(called.clone(), Class::Token, called, None);
        let leased = self.leased(role, own, issue, told);
        let horizon = |bounded: &Option<Bounded>, by_plan: bool| match (issue, bounded) {
            (Issue::Fetched, _) | (_, None) => Horizon::FOREVER,
            // Who may log in again is not known to do so: that counts where the plan is what asks for it.
            (Issue::Login, Some(own)) if by_plan && own.life.end.seconds().is_some() => {
                Horizon { sure: Moment::Eventually, possible: Moment::Forever }
            }
            (Issue::Login, _) => Horizon::FOREVER,
            (Issue::Handed, Some(own)) => match own.life.end {
                End::After(..) => Horizon::exactly(Moment::Eventually),
                End::Unknown(_) => Horizon { sure: Moment::Eventually, possible: Moment::Forever },
                End::Renewed(_) => Horizon::FOREVER,
            },
        };
        let was_bounded = leased.before.as_ref().is_some_and(|own| own.life.end.seconds().is_some());
        let (before, after) =
            (horizon(&leased.before, false), horizon(&leased.after, leased.is_cut_by_plan() && !was_bounded));
        if before != Horizon::FOREVER || after != Horizon::FOREVER {
            let change = leased.changes.first().copied();
            // Where there is no role, there is nothing to end.
            let before = if leased.before.is_none() { after } else { before };
            if let Some(own) = self.nodes.get_mut(node.at()) {
                own.end = Some(Box::new(Ends { before, after, change }));
            }
        }
        let renewed = Phase::Renew { end: None, at: None, seen: None };
        let by = vec![support(role, Side::Both, None)];
        self.need(node, Need { phase: renewed, ..Need::new(ROLE.to_owned(), Strength::Inferred, by) });
        if let Some(mount) = leased.mount {
            let by = vec![support(mount, Side::Both, None)];
            self.plain_need(node, "its mount, which revokes all when it is disabled", by);
        }
        if issue == Issue::Handed {
            self.made_anew(node, role);
        }
        self.leases.insert(node, leased);
        Some(node)
    }

    /// Tokens of a role that is deleted and made anew. Source: hashicorp/vault, `vault_token_auth_backend_role` ("tainting
    /// or recreating" it revokes its tokens); a server by itself only stops renewing them until the role is there again.
    fn made_anew(&mut self, tokens: NodeIx, role: NodeIx) {
        let Some(node) = self.nodes.get(role.at()) else { return };
        let changes = node.claims.iter().filter_map(|claim| claim.change);
        let is_replaced = |change: &ChangeIx| {
            self.changes.get(change.0 as usize).is_some_and(|change| change.action.is_replacement())
        };
        let Some(change) = changes.into_iter().find(is_replaced) else { return };
        let unknown = Unknown {
            reason:
                "the role is made anew: its provider says that this revokes the tokens that it issued, and a \
                     server by itself keeps them"
                    .to_owned(),
            settle: None,
            missing_input: false,
        };
        let kept = self.unseen_node(&format!("unseen:{tokens:?} outlive their role"), unknown);
        let label = "that they outlive the role, which is made anew".to_owned();
        let need = Need::new(label, Strength::Inferred, vec![kept]);
        self.need(tokens, Need { side: Side::After, change: Some(change), ..need });
    }

    /// What rests on a role rests on what it issues.
    fn rest_on_tokens(&mut self, tokens: &BTreeMap<NodeIx, NodeIx>) {
        let made: BTreeMap<NodeIx, Option<ChangeIx>> =
            tokens.keys().map(|role| (*role, self.creation(*role))).collect();
        for node in &mut self.nodes {
            if node.class == Class::Token {
                continue;
            }
            for need in &mut node.needs {
                let alone = need.supports.len() == 1;
                if is_order(need) || need.strength == Strength::Assumed {
                    continue;
                }
                for support in &mut need.supports {
                    let Some(issued) = tokens.get(&support.node) else { continue };
                    // Nobody can have used before what the plan creates.
                    if let Some(Some(change)) = made.get(&support.node)
                        && alone
                        && need.side == Side::Both
                    {
                        need.side = Side::After;
                        need.change = need.change.or(Some(*change));
                    }
                    support.node = *issued;
                }
            }
        }
    }

    /// The change that creates a node, if one does.
    fn creation(&self, index: NodeIx) -> Option<ChangeIx> {
        let node = self.nodes.get(index.at())?;
        let was = presence(node, |_| Stage::Before);
        if was != Presence::Absent || self.absent_after(index) {
            return None;
        }
        node.claims.iter().find_map(|claim| claim.change)
    }

    /// Workloads rest on what they get by logging in with their service accounts.
    fn log_in(&mut self, facts: &[Fact], tokens: &BTreeMap<NodeIx, NodeIx>) {
        for (place, fact) in facts.iter().enumerate() {
            let Some(lease) = fact.lease.as_ref().filter(|lease| !lease.accounts.is_empty()) else {
                continue;
            };
            let Some(role) = self.node_of.get(place).copied().flatten() else { continue };
            let Some(issued) = tokens.get(&role).copied() else { continue };
            let created = self.creation(role);
            let label = format!("tokens by which its service account logs in: {}", fact.name);
            // Where the role goes, the tokens that are there hold until they are to be renewed: they tell that themselves.
            let (side_of, by_change) = match fact.side {
                Side::Before if self.absent_after(role) => (Side::Both, None),
                side => (side, fact.change),
            };
            for account in &lease.accounts {
                let pattern = Glob::new(account.value());
                let strength = if pattern.is_plain() { Strength::Inferred } else { Strength::Assumed };
                let fits = |who: &Alias| who.space() == "kubernetes" && pattern.matches(who.value());
                let actors = self.actors.iter().flat_map(|(node, acts)| {
                    acts.iter().filter(|acts| fits(&acts.who)).map(|acts| (*node, acts.side))
                });
                let actors: Vec<(NodeIx, Side)> = actors.collect();
                for (node, side) in actors {
                    let side = match created {
                        Some(_) => side.both(Side::After),
                        None => Some(side),
                    };
                    let Some(side) = side else { continue };
                    let by = vec![support(issued, side_of, by_change)];
                    let change = created.filter(|_| side == Side::After);
                    let need = Need::new(label.clone(), strength, by);
                    self.need(node, Need { side, change, ..need });
                }
            }
        }
    }

    /// Changes of a node by a plan that do something.
    fn changes_of(&self, node: NodeIx) -> impl Iterator<Item = ChangeIx> {
        let claims = self.nodes.get(node.at()).map(|node| node.claims.as_slice()).unwrap_or_default();
        let acts = |change: &ChangeIx| {
            let action = self.changes.get(change.0 as usize).map(|change| &change.action);
            action.is_some_and(|action| !matches!(action, Action::NoOp | Action::Read))
        };
        claims.iter().filter_map(|claim| claim.change).filter(acts)
    }
}

/// What the tokens of a role need of it.
const ROLE: &str = "its role, when it is renewed";
