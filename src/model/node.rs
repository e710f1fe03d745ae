//! The estate's plain data: nodes, their needs, and what can meet them.

use super::{Alias, ChangeIx, Evidence, Instant, Kind, Listing, NodeId, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What sort of thing a node is. It decides whether a cycle may hold itself up (see `estate`), and which rules look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(description = "What sort of thing a node is.")]
pub enum Class {
    /// Something that runs and that people miss when it does not.
    Workload,
    /// Somebody who can be granted access.
    Identity,
    /// A right given to somebody.
    Grant,
    /// Being in a group.
    Membership,
    /// Being believed: a federated credential, a trust policy, an annotation.
    Trust,
    /// A key or password.
    Credential,
    /// A certificate.
    Certificate,
    /// A token or lease.
    Token,
    /// A stored secret.
    Secret,
    /// A setting that switches behaviour.
    Flag,
    /// Something that keeps data.
    Store,
    /// Networks and their parts.
    Network,
    /// Zones and records.
    Dns,
    /// A definition of a role: what a grant means.
    Role,
    /// That somebody can do something somewhere; computed, never deleted by itself.
    #[serde(skip_deserializing)]
    Capability,
    /// Something that could stand in an incomplete source.
    #[serde(skip_deserializing)]
    Unseen,
    /// Anything else.
    Other,
}

impl Class {
    /// Whether it may hold itself up while it runs: what runs or renews may, grants and identities may not.
    pub fn sustains(self) -> bool {
        matches!(self, Class::Workload | Class::Certificate | Class::Token)
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Class::Workload => "workload",
            Class::Identity => "identity",
            Class::Grant => "grant",
            Class::Membership => "membership",
            Class::Trust => "trust",
            Class::Credential => "credential",
            Class::Certificate => "certificate",
            Class::Token => "token",
            Class::Secret => "secret",
            Class::Flag => "flag",
            Class::Store => "store",
            Class::Network => "network",
            Class::Dns => "dns",
            Class::Role => "role",
            Class::Capability => "capability",
            Class::Unseen => "unseen",
            Class::Other => "other",
        }
    }
}

/// Whether something exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// It does not.
    Absent,
    /// It may.
    Unknown,
    /// It does.
    Present,
}

/// In which versions of the world something stands: before the plan, after it, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Only before.
    Before,
    /// Only after.
    After,
    /// Before and after.
    Both,
}

impl Side {
    /// Whether it stands before.
    pub fn before(self) -> bool {
        self != Side::After
    }

    /// Whether it stands after.
    pub fn after(self) -> bool {
        self != Side::Before
    }

    /// Standing in either.
    #[must_use]
    pub fn union(self, other: Side) -> Side {
        if self == other { self } else { Side::Both }
    }

    /// Standing in both, if there is such a side.
    pub fn both(self, other: Side) -> Option<Side> {
        match (self.before() && other.before(), self.after() && other.after()) {
            (true, true) => Some(Side::Both),
            (true, false) => Some(Side::Before),
            (false, true) => Some(Side::After),
            (false, false) => None,
        }
    }
}

/// How a need is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// A grant that an identity merely has: nobody declared it, no configuration shows it in use.
    Assumed,
    /// A pack or the catalog reads it off configuration.
    Inferred,
    /// Somebody wrote it down.
    Declared,
}

impl Strength {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Assumed => "assumed",
            Strength::Inferred => "inferred",
            Strength::Declared => "declared",
        }
    }
}

/// When a need is exercised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// All the time.
    Always,
    /// When a process starts.
    Start,
    /// While it runs, not to come up.
    Run,
    /// When it is renewed: `end` is when it stops being valid by itself, `at` when renewal is first tried.
    Renew {
        /// End of its own validity, if known.
        end: Option<Instant>,
        /// When a renewal is first due, if known.
        at: Option<Instant>,
        /// When the source that says so was taken.
        seen: Option<Instant>,
    },
}

impl Phase {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Always => "always",
            Phase::Start => "start",
            Phase::Run => "run",
            Phase::Renew { .. } => "renew",
        }
    }
}

/// Whether a support, if it holds, really meets the need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// It does.
    Sure,
    /// It may; why that cannot be told.
    Unknown(Unknown),
}

impl Coverage {
    /// Why it may not.
    pub fn doubt(&self) -> Option<&Unknown> {
        match self {
            Coverage::Sure => None,
            Coverage::Unknown(unknown) => Some(unknown),
        }
    }
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// In words, for people.
    pub reason: String,
    /// What would settle it, usually a command.
    pub settle: Option<String>,
    /// Input that should be there is not: the verdict is undetermined if a rated workload hangs on it.
    pub missing_input: bool,
}

/// Whether a support carries by holding or by not being there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// It carries while it holds.
    Holds,
    /// It carries while it is absent (a deny). Leaves only.
    Absent,
}

/// A node by its number in the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIx(pub u32);

impl NodeIx {
    /// From an index.
    pub fn number(index: usize) -> NodeIx {
        NodeIx(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// As an index.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// One thing that can meet a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// Which node.
    pub node: NodeIx,
    /// In which versions of the world.
    pub side: Side,
    /// Whether it really does.
    pub coverage: Coverage,
    /// By holding or by being absent.
    pub sign: Sign,
    /// The change that makes it a support, or ends that, if one does.
    pub change: Option<ChangeIx>,
    /// Why it does, for `covered` and `explain`.
    pub why: Option<String>,
}

/// Something a node cannot do without: at least `at_least` of its supports must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What is needed; equal labels on one node are the same need.
    pub label: String,
    /// In which versions of the world.
    pub side: Side,
    /// How it is known.
    pub strength: Strength,
    /// When it is exercised.
    pub phase: Phase,
    /// How many supports must hold.
    pub at_least: u32,
    /// What can meet it.
    pub supports: Vec<Support>,
    /// The change of the object that states the need, if a plan changes that object.
    pub change: Option<ChangeIx>,
    /// What shows the need.
    pub evidence: Option<Evidence>,
    /// The catalog or pack entry that says so.
    pub entry: Option<Arc<str>>,
}

impl Need {
    /// A need before and after, at all times, of one of these.
    pub fn new(label: String, strength: Strength, supports: Vec<Support>) -> Need {
        Need {
            label,
            side: Side::Both,
            strength,
            phase: Phase::Always,
            at_least: 1,
            supports,
            change: None,
            evidence: None,
            entry: None,
        }
    }
}

/// One source's word on whether a node exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which single object carries the node: two role bindings may carry the same grant.
    pub carrier: String,
    /// A plan or state says so, which knows what becomes of it.
    pub managed: bool,
    /// Where it says so.
    pub evidence: Evidence,
    /// When the source was taken.
    pub taken_at: Option<Instant>,
    /// The change of the carrier, if a plan speaks of it.
    pub change: Option<ChangeIx>,
    /// Before the plan.
    pub before: Presence,
    /// While it is applied: what comes or goes is unknown, what is deleted before it is made anew is absent, what is made
    /// anew before the old one is deleted is present if it says the same.
    pub during: Presence,
    /// After it.
    pub after: Presence,
}

/// When a node ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// Before the plan.
    pub before: super::Horizon,
    /// After it.
    pub after: super::Horizon,
    /// The change that makes the difference, if there is one.
    pub change: Option<ChangeIx>,
}

/// What undoing the deletion of a thing costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoCost {
    /// The class of cost.
    pub undo: UndoClass,
    /// In words.
    pub note: Option<Arc<str>>,
}

/// See [`UndoCost`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndoClass {
    /// The same can be made again.
    Restorable,
    /// It can be brought back for this many days.
    Window(u32),
    /// Made anew, it is somebody else.
    NewIdentity,
    /// Gone.
    Lost,
}

/// A fact of the estate.
#[derive(Debug, Clone)]
pub struct Node {
    /// What reports call it.
    pub id: NodeId,
    /// What sort of thing.
    pub class: Class,
    /// Terraform type, Kubernetes kind or listing.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// All its names.
    pub aliases: Vec<Alias>,
    /// Its address, if a plan or state tells of it.
    pub address: Option<super::Address>,
    /// Who says that it exists; nobody: it follows from others and is there while they hold.
    pub claims: Vec<Claim>,
    /// Its end, if it has one: an instant, or [`super::Moment::Eventually`].
    pub end: Option<Box<Ends>>,
    /// Changes that start it anew (its pod template, image, or itself replaced): what it needs at a start, it then needs.
    pub restarted_by: Vec<ChangeIx>,
    /// What it cannot do without.
    pub needs: Vec<Need>,
    /// What its deletion costs.
    pub undo: Option<UndoCost>,
    /// Which listings would show its users; empty: it has none that matter.
    pub users_listed_by: Arc<[Listing]>,
    /// If it is a workload: what people call it and how much it matters.
    pub workload: Option<WorkloadTag>,
    /// Reports show this node in its stead: the principal of a capability, the whole of a part.
    pub shown_as: Option<NodeIx>,
    /// What the capability or grant is, for nodes of class grant and capability.
    pub access: Option<Box<Access>>,
    /// What it is like, as far as a statement asks for that.
    pub states: Vec<State>,
    /// Things of an equal one are one thing in several places.
    pub variant_of: Option<Alias>,
    /// The environments that labels or tags say it is of.
    pub environments: Vec<Arc<str>>,
}

impl Node {
    /// A node of which nothing more is known yet.
    pub fn new(id: NodeId, class: Class, kind: Kind, name: String) -> Node {
        Node {
            id,
            class,
            kind,
            name,
            aliases: Vec::new(),
            address: None,
            claims: Vec::new(),
            end: None,
            restarted_by: Vec::new(),
            needs: Vec::new(),
            undo: None,
            users_listed_by: Arc::default(),
            workload: None,
            shown_as: None,
            access: None,
            states: Vec::new(),
            variant_of: None,
            environments: Vec::new(),
        }
    }

    /// The id under which grants know it, if it is somebody who can be granted access.
    pub fn principal(&self) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.space() == "principal")
    }
}

/// Who can do what where: of a grant (by role) or of a capability (by action).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// The principal, as an alias.
    pub principal: Alias,
    /// The principal's node, if the estate knows it.
    pub principal_node: Option<NodeIx>,
    /// The action, of a capability.
    pub action: Option<String>,
    /// The role's name, of a grant.
    pub role: Option<String>,
    /// On what.
    pub scope: String,
}

/// What makes a node a workload in reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadTag {
    /// Its name in `mainstay.toml`, else the node's.
    pub name: String,
    /// How much it matters: the highest that anybody says.
    pub criticality: super::Criticality,
    /// Somebody rated it; else the default holds.
    pub rated: bool,
}
