//! Facts: what the catalog reads off objects, before equal ones are joined.

use super::{
    Address, Alias, ChangeIx, Class, Criticality, Evidence, Gathers, Horizon, Instant, Kind, Labels, Lease,
    Listing, Phase, Presence, Settings, Side, Strength, UndoCost,
};
use serde::Deserialize;
use std::sync::Arc;

/// One fact that one object carries on one side of a plan.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What sort of thing it is.
    pub class: Class,
    /// Terraform type, Kubernetes kind or listing.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// In which versions of the world the object says so.
    pub side: Side,
    /// Whether it is there, on that side: unknown if the source is too old to tell.
    pub presence: Presence,
    /// Names that make it what it is: equal ones are the same thing, different ones of a space are different things.
    pub unique: Vec<Alias>,
    /// Other names, under which somebody else may come back.
    pub names: Vec<Alias>,
    /// The single object that carries it.
    pub carrier: String,
    /// The cloud refuses two equal ones: equal content is the same object, whoever carries it.
    pub refuses_duplicates: bool,
    /// Making it again is a silent success, and deleting it takes it away whoever made it: an attachment.
    pub natural_key: bool,
    /// It stays when the object that tells of it goes or is made anew.
    pub outlives: bool,
    /// The change of the object starts it anew, or may, though it is updated in place.
    pub restarts: bool,
    /// What it says beyond existing.
    pub content: Content,
    /// What it cannot do without.
    pub wants: Vec<Want>,
    /// Where it stands.
    pub evidence: Evidence,
    /// When the source was taken.
    pub taken_at: Option<Instant>,
    /// The change of the object, if a plan speaks of it.
    pub change: Option<ChangeIx>,
    /// A plan or state decides what becomes of it, and does not merely tell of it.
    pub managed: bool,
    /// The object's address, if it is the object itself and not something that it carries.
    pub address: Option<Address>,
    /// When it ends by itself.
    pub end: Option<Box<End>>,
    /// How long what it issues, or it itself, can last.
    pub lease: Option<Box<Lease>>,
    /// What deleting it costs.
    pub undo: Option<UndoCost>,
    /// Which listings show its users.
    pub users_listed_by: Arc<[Listing]>,
    /// Which listing shows it, if it is complete.
    pub listed_by: Option<Listing>,
    /// How much labels or tags say it matters.
    pub criticality: Option<Criticality>,
    /// It is a part of this thing and reports show that one in its stead.
    pub part_of: Option<Alias>,
    /// What a part serves, to choose among the parts of one thing; nothing: whatever is asked.
    pub serves: Option<Box<Serves>>,
    /// What it is like, as far as a statement asks for that.
    pub settings: Option<Box<Settings>>,
    /// The environment that labels or tags say it is of.
    pub environment: Option<Arc<str>>,
}

/// When a thing ends by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Until when it holds.
    pub horizon: Horizon,
    /// Why nothing renews it, in words.
    pub because: Option<Arc<str>>,
}

/// For which names a part of a thing is responsible (one solver of an issuer).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Serves {
    /// Exactly these.
    pub exactly: Vec<String>,
    /// These and all names below them.
    pub below: Vec<String>,
    /// A hint, where nothing is said: these and all names below them.
    pub likely_below: Vec<String>,
    /// It is chosen by something that cannot be judged here.
    pub undecidable: Option<String>,
}

/// What a fact says beyond its existence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Thing,
    /// A role given to a principal on a scope.
    Grant(Arc<Grant>),
    /// What a role allows.
    Role(Box<Role>),
    /// That a principal is in a group.
    Membership {
        /// The group.
        group: Option<Alias>,
        /// Who is in it.
        member: Option<Alias>,
    },
    /// That an identity believes somebody's tokens.
    Trust(Box<Trust>),
    /// That something asks to act as an identity.
    ActsAs {
        /// Who asks.
        who: Option<Alias>,
        /// As whom.
        identity: Option<Alias>,
        /// As what it is believed, where that is no name of its own: the service that it is run by.
        service: Option<Alias>,
        /// That it asks is read when something starts: what runs goes on as whom it started.
        at_start: bool,
    },
    /// That what the policy of a resource itself says is known, on this side.
    PolicyOf(String),
    /// A deny: actions that principals cannot do on a scope, whatever is granted.
    Deny(Box<Deny>),
    /// That there is no other access of this kind than what the object itself tells of.
    Only(Box<Only>),
    /// That somebody can do no more than a policy allows.
    Bound {
        /// Who.
        who: Option<Alias>,
        /// The policy.
        policy: Option<Alias>,
    },
    /// That a resource lies in another one, and what is granted there counts here.
    Within {
        /// The resource.
        inner: String,
        /// What it lies in.
        outer: String,
    },
    /// A further name of something that another object tells of.
    Name {
        /// The further name.
        alias: Alias,
        /// What it names.
        of: Alias,
    },
}

impl Content {
    /// Whether it is a statement by which a policy takes away what others give.
    pub fn denies(&self) -> bool {
        match self {
            Content::Grant(grant) => grant.denies(),
            Content::Trust(trust) => trust.denies,
            Content::Deny(_) => true,
            _ => false,
        }
    }
}

/// That an identity believes somebody's tokens, or does not whatever else says that it does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// Who is believed: a name, or a pattern of names.
    pub from: Option<Alias>,
    /// Which identity believes.
    pub to: Option<Alias>,
    /// Who issues the tokens, if that matters.
    pub issuer: Option<String>,
    /// Under which condition that nobody evaluates, as text.
    pub condition: Option<String>,
    /// It does not.
    pub denies: bool,
}

/// A role given to a principal on a scope. `None` where the value cannot be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whose rules say what it means: `azure`, ….
    pub cloud: String,
    /// To whom.
    pub principal: Option<Alias>,
    /// `User`, `Group`, `ServicePrincipal`, as the cloud says it.
    pub principal_type: Option<String>,
    /// The role's id.
    pub role_id: Option<String>,
    /// The role's name.
    pub role_name: Option<String>,
    /// On what.
    pub scope: Option<String>,
    /// Under which condition, as text.
    pub condition: Option<String>,
    /// What it allows, where it says so itself and names no role: a statement of a policy.
    pub allows: Option<Box<Permission>>,
    /// The policy is that of what it is on, and not of who has it.
    pub by_resource: bool,
    /// The condition is nothing but a day on which it ends, which its node does.
    pub ends: bool,
}

impl Grant {
    /// The condition, where that is not only a day on which it ends.
    pub fn open_condition(&self) -> Option<&str> {
        self.condition.as_deref().filter(|_| !self.ends)
    }

    /// Whether it is no grant but its contrary: a statement that denies.
    pub fn denies(&self) -> bool {
        self.allows.as_ref().is_some_and(|own| own.denies)
    }
}

/// What an authoritative object says: whatever else there is of this kind is taken away. What is not given may be any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only {
    /// Whose rules.
    pub cloud: String,
    /// Grants of this principal.
    pub principal: Option<Alias>,
    /// Grants of this role, under this condition.
    pub role_id: Option<String>,
    /// Grants on this.
    pub scope: Option<String>,
    /// See `role_id`.
    pub condition: Option<String>,
    /// What is left is not known yet.
    pub open: bool,
    /// It is about what is carried by things of these names, and not about roles: what the names begin with, and how those
    /// go on that are left.
    pub carriers: Option<(String, Vec<String>)>,
    /// What goes when it is deleted itself.
    pub on_delete: OnDelete,
}

/// What an authoritative object takes along when it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDelete {
    /// All that it leaves no room for, and its own.
    #[default]
    All,
    /// What it tells of itself.
    Own,
    /// Nothing: it only ceases to look after it.
    Nothing,
}

/// What a role allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Whose rules say what it means.
    pub cloud: String,
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What it allows, block by block; `None` if the object does not say (yet).
    pub permissions: Option<Arc<[Permission]>>,
    /// The labels by which others may gather it; `None`: roles of its sort are not gathered.
    pub labels: Option<Labels>,
    /// It allows what those roles allow that it gathers, and nothing of its own.
    pub gathers: Option<Gathers>,
}

/// One block of permissions: the actions less the excluded ones. Patterns, as the cloud writes them.
#[derive(Debug, Clone, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Permission {
    /// Control plane, allowed.
    pub actions: Vec<String>,
    /// Control plane, left out.
    pub not_actions: Vec<String>,
    /// Data plane, allowed.
    pub data_actions: Vec<String>,
    /// Data plane, left out.
    pub not_data_actions: Vec<String>,
    /// On what, where the block says so itself; empty: wherever it is granted.
    pub resources: Vec<String>,
    /// On what not.
    pub not_resources: Vec<String>,
    /// Only on objects of these names; empty: of any name.
    pub names: Vec<String>,
    /// The block counts only under this condition.
    pub condition: Option<String>,
    /// It takes away what it speaks of, whatever else is granted.
    pub denies: bool,
}

/// A deny.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deny {
    /// Whose rules say what it means.
    pub cloud: String,
    /// Who is denied; empty with `everyone`.
    pub principals: Vec<Alias>,
    /// All principals are.
    pub everyone: bool,
    /// But not these.
    pub except: Vec<Alias>,
    /// On what.
    pub scope: Option<String>,
    /// It does not reach below its scope.
    pub this_scope_only: bool,
    /// What is denied.
    pub permissions: Vec<Permission>,
    /// Under which condition.
    pub condition: Option<String>,
}

/// Something a fact cannot do without, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// What is wanted; equal labels on one thing are the same need.
    pub label: String,
    /// How it is known.
    pub strength: Strength,
    /// When it is exercised.
    pub phase: Phase,
    /// What can meet it.
    pub wish: Wish,
    /// Leave the need out when nothing that could meet it is known.
    pub if_known: bool,
    /// The catalog or pack entry that says so.
    pub entry: Arc<str>,
}

/// What can meet a want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Any of these things.
    Any(Vec<Alias>),
    /// The first of these that is known.
    First(Vec<Alias>),
    /// What it lies in: made anew, that is empty.
    Inside(Alias),
    /// The part of this thing that serves the name.
    Part {
        /// The thing.
        whole: Alias,
        /// The name to be served.
        name: String,
    },
    /// That somebody can do something.
    Can {
        /// Who, step by step: a service account, then the identity it acts as. Values not given are left out.
        who: Vec<Alias>,
        /// The action, as the cloud spells it.
        action: String,
        /// On what, as the cloud spells it.
        scope: String,
    },
    /// Whatever identities this actor acts as: one need for each.
    ActsAs(Alias),
}
