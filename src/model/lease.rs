//! How long what a secrets backend issues can last, as objects set it: limits of mounts and of roles, and tokens that are
//! there.

use super::{Alias, Instant};
use std::sync::Arc;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limit {
    /// Nobody sets it, or it is set to zero, which is the same.
    #[default]
    Unset,
    /// So many seconds.
    Seconds(i64),
    /// It is set to something that is not known: only after apply, a secret, or no duration.
    Unknown,
}

impl Limit {
    /// The seconds, where it is set and known.
    pub fn seconds(self) -> Option<i64> {
        match self {
            Limit::Seconds(seconds) => Some(seconds),
            Limit::Unset | Limit::Unknown => None,
        }
    }
}

/// A limit with the attribute that sets it, or would.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limited {
    /// The attribute.
    pub key: Arc<str>,
    /// What it is set to.
    pub limit: Limit,
}

/// The limits that one object sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// How long it lasts until it must be renewed.
    pub ttl: Limited,
    /// How long it lasts with all its renewals.
    pub max: Limited,
    /// It can be renewed for so long at a time, again and again.
    pub period: Limited,
    /// How long it lasts with all its renewals, fixed when it is issued.
    pub explicit: Limited,
}

/// How one comes by what is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Issue {
    /// Somebody hands it out: its holder cannot get another one.
    Handed,
    /// By logging in, which its holder may do again.
    Login,
    /// By asking with a token, which its holder does again when it has ended.
    Fetched,
}

/// Until when something that has been issued is good, as it was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// For ever: a root token.
    Forever,
    /// Until then, unless it is renewed.
    Until(Instant),
    /// The source does not say.
    Unknown,
}

/// Something that has been issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issued {
    /// When.
    pub at: Option<Instant>,
    /// Until when it is good.
    pub granted: Granted,
}

/// What an object says of how long something lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its limits.
    pub limits: Limits,
    /// Limits that it sets, and that nobody looks at.
    pub no_effect: Vec<Limited>,
    /// What it issues, or what it is, cannot be renewed.
    pub fixed: bool,
    /// It is a role: how one comes by what it issues.
    pub issues: Option<Issue>,
    /// It is something that has been issued.
    pub issued: Option<Issued>,
    /// The mount whose limits hold for it.
    pub mount: Option<Alias>,
    /// The role that issued it.
    pub role: Option<Alias>,
    /// Who holds it, by names that people gave it, the best first.
    pub held_by: Vec<String>,
    /// Service accounts that may log in by it; either part may be a pattern.
    pub accounts: Vec<Alias>,
}
