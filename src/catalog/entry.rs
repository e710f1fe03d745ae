//! What the catalog says of a kind of objects, compiled: paths and templates instead of their text.

use super::end::EndEntry;
use super::lease::LeaseEntry;
use super::path::{AliasTemplate, Path, Template};
use crate::model::{Class, Glob, Kind, Strength, UndoCost};
use serde::Deserialize;
use std::sync::Arc;

/// How a provider spells objects of another system: blocks that are lists of one, names in snake case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// Lists of one that stand for the one.
    pub unwrap: Vec<String>,
    /// Keys whose spelling differs by more than case.
    pub rename: std::collections::BTreeMap<String, String>,
    /// Maps whose keys are people's, not the schema's.
    pub verbatim: Vec<String>,
    /// The object lies under this key already in its own spelling.
    #[serde(default)]
    pub inner: Option<String>,
}

/// An entry, compiled.
#[derive(Debug)]
pub struct Entry {
    /// Which kinds of objects; several globs.
    pub kinds: Vec<Glob>,
    /// The kind whose entries apply instead, and the shape to bring the object into first.
    pub alias_of: Option<(Kind, Option<Shape>)>,
    /// What sort of thing.
    pub class: Class,
    /// One fact per item.
    pub each: Option<Path>,
    /// Only if.
    pub when: Vec<When>,
    /// While any of these holds it is kept and turned off: as good as gone.
    pub off: Vec<When>,
    /// What is off may be turned on by others than whoever describes it: only a plan that turns it off makes it as good as gone.
    pub wakes: bool,
    /// The first that fills.
    pub name: Vec<Template>,
    /// See [`crate::model::Fact::unique`].
    pub unique: Vec<AliasTemplate>,
    /// See [`crate::model::Fact::names`].
    pub names: Vec<AliasTemplate>,
    /// What it says.
    pub content: ContentEntry,
    /// How long what it issues, or it itself, can last.
    pub lease: Option<Box<LeaseEntry>>,
    /// When it ends by itself: the first of those whose conditions hold and that says a date.
    pub ends: Vec<EndEntry>,
    /// What deleting it costs.
    pub undo: Option<UndoCost>,
    /// Which listings show its users.
    pub users_listed_by: Arc<[crate::model::Listing]>,
    /// Which listing shows the thing itself.
    pub listed_by: Option<crate::model::Listing>,
    /// The cloud itself refuses two equal ones, so content is identity.
    pub refuses_duplicates: bool,
    /// Its `unique` name or its content is all there is to it: see [`crate::model::Fact::natural_key`].
    pub natural_key: bool,
    /// Values whose change in place starts it anew.
    pub restarts: Vec<Path>,
    /// Values of which an update in place that takes one away may take what somebody uses.
    pub alters: Vec<Path>,
    /// Look through all values for identities of other things.
    pub scan: bool,
    /// Computed attributes that an update in place keeps, though a provider may mark them as known after apply.
    pub keeps: Vec<Path>,
    /// Policy documents: JSON in a text, which is read before anything else.
    pub documents: Vec<Path>,
    /// The single object that carries it, where that is not the object that tells of it.
    pub carrier: Option<Template>,
    /// Objects of this kind tell of it and do not decide what becomes of it, even in a plan.
    pub merely_tells: bool,
    /// The thing outlives the object that tells of it: what the object did for it is a need of its own.
    pub outlives: bool,
    /// And it goes when an object that stays no longer tells of it.
    pub only_deletion: bool,
    /// Things of an equal one are one thing in several places: see [`crate::model::Settings::variant_of`].
    pub variant_of: Option<AliasTemplate>,
    /// Attributes under the names that others have for them: who asks for one is given the text.
    pub attributes: std::collections::BTreeMap<String, Template>,
    /// What is left of it when it is deleted, where that resets it and does not take it away.
    pub leaves: std::collections::BTreeMap<String, crate::model::Plain>,
    /// See [`crate::model::Fact::part_of`].
    pub part_of: Option<AliasTemplate>,
    /// See [`crate::model::Serves`].
    pub serves: ServesEntry,
    /// Facts that the object carries besides.
    pub carries: Vec<Entry>,
    /// What it needs.
    pub needs: Vec<NeedEntry>,
}

impl Entry {
    /// Who uses what an object carries is listed where users of the object are, unless its entry says otherwise.
    pub(super) fn with_users(mut self, listed_by: &Arc<[crate::model::Listing]>) -> Entry {
        if self.users_listed_by.is_empty() {
            self.users_listed_by = Arc::clone(listed_by);
        }
        self
    }
}

/// A condition on an object.
#[derive(Debug)]
pub struct When {
    /// The value looked at.
    pub path: Path,
    /// What must be so.
    pub test: Test,
    /// Or it is not there.
    pub or_missing: bool,
}

/// What must be so of a value.
#[derive(Debug)]
pub enum Test {
    /// It is there and equal.
    Equals(String),
    /// It is missing or different.
    Not(String),
    /// It is there and this regular expression matches all of it.
    Matches(regex::Regex),
    /// It is not there.
    Missing,
    /// It is there.
    There,
    /// It is known only after apply, or to nobody here.
    Unknown,
}

/// [`crate::model::Content`], as templates.
#[derive(Debug)]
pub enum ContentEntry {
    /// Nothing beyond existing.
    Thing,
    /// A grant.
    Grant {
        /// Whose rules.
        cloud: String,
        /// To whom.
        principal: AliasTemplate,
        /// What sort of principal.
        principal_type: Option<Template>,
        /// Role by id.
        role_id: Option<Template>,
        /// Role by name.
        role_name: Option<Template>,
        /// On what.
        scope: Option<Template>,
        /// Under which condition.
        condition: Option<Template>,
        /// The day on which it ends, if that is all that the condition says.
        until: Option<Template>,
        /// What it allows, where it says so itself.
        allows: Option<Box<RoleEntry>>,
        /// See [`crate::model::Grant::by_resource`].
        by_resource: bool,
    },
    /// A role definition.
    Role(Box<RoleEntry>),
    /// Group, member.
    Membership(AliasTemplate, AliasTemplate),
    /// Being believed.
    Trust {
        /// The subject.
        from: AliasTemplate,
        /// The identity.
        to: AliasTemplate,
        /// Who issues the tokens.
        issuer: Option<Template>,
        /// See [`crate::model::Trust`].
        condition: Option<Template>,
        /// It takes away where this is there.
        denies: Option<Path>,
    },
    /// Actor, identity, and the service as which it is believed.
    ActsAs {
        /// Who asks.
        who: AliasTemplate,
        /// As whom.
        identity: AliasTemplate,
        /// As what it is believed.
        service: Option<AliasTemplate>,
        /// See [`crate::model::Content::ActsAs`].
        at_start: bool,
    },
    /// See [`crate::model::Content::PolicyOf`].
    PolicyOf(Template),
    /// Further name, thing.
    Name(AliasTemplate, AliasTemplate),
    /// Nothing else than what the object tells of.
    Only {
        /// Whose rules.
        cloud: String,
        /// See [`crate::model::Only`].
        principal: Option<AliasTemplate>,
        /// See [`crate::model::Only`].
        role_id: Option<Template>,
        /// See [`crate::model::Only`].
        scope: Template,
        /// See [`crate::model::Only`].
        condition: Option<Template>,
        /// Where it says what is left.
        listed: Path,
        /// See [`crate::model::Only`].
        carriers: Option<Template>,
        /// See [`crate::model::Only`].
        on_delete: crate::model::OnDelete,
    },
    /// Who, policy.
    Bound(AliasTemplate, AliasTemplate),
    /// Resource, what it lies in.
    Within(Template, Template),
    /// A deny.
    Deny {
        /// The denied: paths to ids.
        principals: Path,
        /// Their space of names.
        space: String,
        /// Ids that stand for everyone.
        everyone: Vec<String>,
        /// The excepted.
        except: Path,
        /// On what.
        scope: Template,
        /// Whether it stops there.
        this_scope_only: Path,
        /// Under which condition.
        condition: Option<Template>,
        /// What is denied.
        role: Box<RoleEntry>,
    },
}

/// Where a role's permissions stand.
#[derive(Debug)]
pub struct RoleEntry {
    /// Whose rules.
    pub cloud: String,
    /// Its id: the first that fills.
    pub id: Vec<Template>,
    /// Its name.
    pub name: Option<Template>,
    /// What is meant where a block says no resource, or any: a policy of a resource is about that one.
    pub of: Option<Template>,
    /// The blocks.
    pub permissions: Path,
    /// Where what it says stands within a block.
    pub keys: Keys,
    /// Without blocks it allows nothing; else it is not known then what it allows.
    pub may_be_empty: bool,
    /// The labels by which others may gather it.
    pub labels: Option<Path>,
    /// If this is there, it is made of others and has nothing of its own.
    pub gathers: Option<Path>,
    /// What selects those that it is made of.
    pub selectors: Option<Path>,
}

/// Keys within a block of permissions; empty: such blocks do not say that.
#[derive(Debug)]
pub struct Keys {
    /// Allowed actions: of the control plane, where there are two.
    pub actions: String,
    /// Actions left out.
    pub not_actions: String,
    /// Allowed actions of the data plane.
    pub data_actions: String,
    /// Actions of the data plane left out.
    pub not_data_actions: String,
    /// On what.
    pub resources: String,
    /// On what not.
    pub not_resources: String,
    /// Groups of the resources, each of which is meant in each of them: `resource.group`.
    pub groups: String,
    /// Paths that are no resources: `url:/healthz`.
    pub urls: String,
    /// Only objects of these names.
    pub names: String,
    /// Under which condition.
    pub condition: String,
    /// What says `Deny` where the block takes away.
    pub effect: String,
}

impl Keys {
    /// Whether lists in blocks are sets: so it is wherever there is one plane only.
    pub(super) fn is_a_set(&self) -> bool {
        self.data_actions.is_empty()
    }
}

/// [`crate::model::Serves`], as paths.
#[derive(Debug, Default)]
pub struct ServesEntry {
    /// Exact names.
    pub exactly: Vec<Path>,
    /// Zones.
    pub below: Vec<Path>,
    /// Zones, by way of a hint.
    pub likely_below: Vec<Path>,
    /// What makes it undecidable when it is there.
    pub undecidable: Option<(Path, String)>,
}

/// A need, compiled.
#[derive(Debug)]
pub struct NeedEntry {
    /// `file#label`, for evidence.
    pub origin: Arc<str>,
    /// Which kinds.
    pub kinds: Vec<Glob>,
    /// One need per item of these; none: one need.
    pub each: Vec<Path>,
    /// Only if.
    pub when: Vec<When>,
    /// What is needed.
    pub label: Template,
    /// How it is known.
    pub strength: Strength,
    /// When it is exercised.
    pub phase: PhaseEntry,
    /// What can meet it.
    pub wish: WishEntry,
    /// Leave it out when nothing that could meet it is known.
    pub if_known: bool,
}

/// [`crate::model::Phase`], as templates.
#[derive(Debug)]
pub enum PhaseEntry {
    /// All the time.
    Always,
    /// At start.
    Start,
    /// While running.
    Run,
    /// At renewal.
    Renew {
        /// End of validity.
        end: Template,
        /// When renewal is due.
        at: Option<Template>,
        /// Begin of validity, to compute the due time from.
        start: Option<Template>,
        /// How long before the end renewal is due (a Go duration).
        lead: Option<Template>,
        /// The same in percent of the lifetime.
        lead_percent: Option<Template>,
    },
}

/// [`crate::model::Wish`], as templates.
#[derive(Debug)]
pub enum WishEntry {
    /// Any of these.
    Any(Vec<AliasTemplate>),
    /// The first known of these.
    First(Vec<AliasTemplate>),
    /// The part that serves a name.
    Part(AliasTemplate, Template),
    /// A capability.
    Can {
        /// Who.
        who: Vec<AliasTemplate>,
        /// What.
        action: Template,
        /// Where.
        scope: Template,
    },
    /// Whatever it acts as.
    ActsAs(AliasTemplate),
}

/// A file, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// Types.
    pub types: Vec<Entry>,
    /// Needs of types.
    pub needs: Vec<NeedEntry>,
    /// Where labels and tags say how much a thing matters.
    pub criticality: Vec<Path>,
    /// Where labels and tags name an environment.
    pub environment: Vec<Path>,
    /// Names that tell what a thing lies in.
    pub containers: Vec<Container>,
}

/// A name that tells what the thing lies in.
#[derive(Debug)]
pub struct Container {
    /// The space of names of both.
    pub space: String,
    /// A regular expression over the name.
    pub inside: regex::Regex,
    /// The container's name: what stands before and behind the first group of the expression.
    pub outer: (String, String),
    /// What the container is called as a need.
    pub label: String,
}
