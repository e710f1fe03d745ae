//! What people state about the estate, for rules that go beyond "what rests on what".

use super::Glob;
use std::collections::BTreeMap;

/// A plain value of a configuration file.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

/// All statements of these sorts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statements {
    /// `[[recovery]]`.
    pub recoveries: Vec<Recovery>,
    /// `[[expect]]`.
    pub expectations: Vec<Expectation>,
    /// `[[population]]`.
    pub populations: Vec<Population>,
    /// `[[migration]]`.
    pub migrations: Vec<Migration>,
    /// `[[route]]`.
    pub routes: Vec<Route>,
    /// `[[actor]]`.
    pub actors: Vec<Actor>,
}

/// `[[recovery]]`: must hold cold, and without what it repairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// Its name.
    pub name: String,
    /// Which nodes it is.
    pub matches: Vec<Glob>,
    /// Names of workloads; empty: all critical ones.
    pub repairs: Vec<String>,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// What a setting must be like.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// This value.
    Equals(Scalar),
    /// The value of the object that is selected by these attributes.
    SameAs(BTreeMap<String, Scalar>),
}

/// `[[expect]]`: the declared state of a setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Which objects.
    pub matches: Vec<Glob>,
    /// Of those, the ones with these attributes.
    pub conditions: BTreeMap<String, Scalar>,
    /// Which attribute.
    pub attribute: String,
    /// What it must be.
    pub expected: Expected,
    /// Names of workloads that it guards; empty: any.
    pub guards: Vec<String>,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// `[[population]]`: many things of one kind that an inventory lists as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Its name.
    pub name: String,
    /// Which objects.
    pub matches: Vec<Glob>,
    /// The attribute that identifies one.
    pub key: String,
    /// The inventory, resolved against the configuration's directory.
    pub inventory: std::path::PathBuf,
    /// The same as written, for messages.
    pub written: String,
    /// Share that may fail to match, in 0..=1.
    pub max_mismatch: f64,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// How far a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Not begun.
    Planned,
    /// Both kinds are in use.
    Running,
    /// Said to be done.
    Complete,
}

/// `[[migration]]`: from one kind of thing to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Migration {
    /// The old kind.
    pub from: Glob,
    /// The new kind.
    pub to: Glob,
    /// How far it is said to be.
    pub status: Progress,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// `[[route]]`: whom an alert reaches.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Who is told.
    pub recipients: Vec<String>,
    /// How many must be.
    pub min_people: u32,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// What an actor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorRole {
    /// Applies plans.
    Apply,
    /// Signs.
    Approver,
}

impl ActorRole {
    /// The word used in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            ActorRole::Apply => "apply",
            ActorRole::Approver => "approver",
        }
    }
}

/// `[[actor]]`: nodes that must not be cut off.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// What it does.
    pub role: ActorRole,
    /// Which nodes it is.
    pub matches: Vec<Glob>,
    /// Line in the configuration, for messages.
    pub line: usize,
}
