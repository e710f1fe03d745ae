//! How long a token or lease of Vault can last: the chain of limits from the server down to the token itself.
//!
//! The rules are those of Vault's `sdk/framework/lease.go` (`CalculateTTL`) and `vault/dynamic_system_view.go`
//! (`fetchTTLs`), as its documentation tells them ("Tokens", "Tune"). OpenBao has the same; `tests/oracles/vault`
//! compares with it.

use crate::model::{Limit, Limited, Limits};

/// What a server allows where its configuration says nothing, in seconds: 32 days ("Vault configuration parameters",
/// `max_lease_ttl` and `default_lease_ttl`).
pub const SERVER_DEFAULT: i64 = 768 * 3600;

/// Whose limit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The server.
    Server,
    /// The mount: of the secrets engine, or of the auth method.
    Mount,
    /// The role.
    Role,
    /// The token or lease itself, as it was asked for.
    Token,
}

/// The limits that hold for one thing, level by level; `None`: no source tells of that level.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chain<'a> {
    /// Of the server.
    pub server: Option<&'a Limits>,
    /// Of the mount.
    pub mount: Option<&'a Limits>,
    /// Of the role.
    pub role: Option<&'a Limits>,
    /// Asked for when it was issued, and fixed then.
    pub token: Option<&'a Limits>,
    /// It cannot be renewed: a batch token, or `renewable = false`.
    pub fixed: bool,
}

/// How long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Seconds until it must be renewed for the first time.
    pub first: i64,
    /// When it ends, however often it is renewed.
    pub end: End,
    /// A limit of a level that no source tells of, or that is not known, would count: the default is taken for it.
    pub assumed: bool,
}

/// When something ends, however often it is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// So many seconds after it was issued, by a limit of this level.
    After(i64, Level),
    /// Never, as long as it is renewed at least that often, in seconds.
    Renewed(i64),
    /// Whether it may be renewed for ever is not known; if not, so many seconds after it was issued.
    Unknown(i64),
}

impl End {
    /// After how many seconds it ends, if it does.
    pub fn seconds(self) -> Option<i64> {
        match self {
            End::After(seconds, _) | End::Unknown(seconds) => Some(seconds),
            End::Renewed(_) => None,
        }
    }

    /// Whether it surely ends.
    pub fn is_bounded(self) -> bool {
        matches!(self, End::After(..))
    }
}

/// Works it out.
///
/// * The mount's maximum counts instead of the server's, and may be longer; a role's and an explicit maximum count only
///   where they are shorter.
/// * With a period there is no end but an explicit maximum; each renewal gives the period, and no more than the maximum.
/// * Without one it ends at the maximum, whatever it was given at first.
/// * Of two periods, or two explicit maxima, of a role and of the token itself, the shorter counts.
pub fn life(chain: Chain<'_>) -> Life {
    let of = |level: Option<&Limits>, pick: fn(&Limits) -> &Limited| {
        level.map_or(Limit::Unset, |limits| pick(limits).limit)
    };
    let levels = [
        (Level::Server, chain.server),
        (Level::Mount, chain.mount),
        (Level::Role, chain.role),
        (Level::Token, chain.token),
    ];
    let mut assumed = false;
    let mut max = (SERVER_DEFAULT, Level::Server);
    for (level, limits) in levels {
        let limit = of(limits, |limits| &limits.max);
        assumed |= limit == Limit::Unknown;
        match (limit.seconds(), level) {
            // The mount's is not compared with the server's: it takes its place.
            (Some(seconds), Level::Server | Level::Mount) => max = (seconds, level),
            (Some(seconds), _) if seconds < max.0 => max = (seconds, level),
            _ => {}
        }
    }
    // Vault's own default stands for what nobody tells of.
    assumed |= max.1 == Level::Server && chain.server.is_none();
    let mut explicit: Option<(i64, Level)> = None;
    for (level, limits) in levels {
        let limit = of(limits, |limits| &limits.explicit);
        assumed |= limit == Limit::Unknown;
        if let Some(seconds) = limit.seconds()
            && explicit.is_none_or(|(known, _)| seconds < known)
        {
            explicit = Some((seconds, level));
        }
    }
    let max = explicit.filter(|(seconds, _)| *seconds < max.0).unwrap_or(max);
    let period = match [chain.role, chain.token].map(|level| of(level, |limits| &limits.period)) {
        [Limit::Seconds(role), Limit::Seconds(token)] => Limit::Seconds(role.min(token)),
        [Limit::Unset, token] => token,
        [role, _] => role,
    };
    if let Limit::Seconds(period) = period
        && !chain.fixed
    {
        let each = period.min(max.0);
        return match explicit {
            Some((seconds, level)) => {
                Life { first: each.min(seconds), end: End::After(seconds, level), assumed }
            }
            None => Life { first: each, end: End::Renewed(each), assumed: false },
        };
    }
    let asked = [chain.token, chain.role, chain.mount, chain.server];
    let levels = [Level::Token, Level::Role, Level::Mount, Level::Server];
    let first = asked
        .into_iter()
        .zip(levels)
        .find_map(|(limits, level)| Some((of(limits, |limits| &limits.ttl).seconds()?, level)))
        .unwrap_or((SERVER_DEFAULT, Level::Server));
    let first = if first.0 <= max.0 { first } else { max };
    let end = match (chain.fixed, period) {
        // What cannot be renewed ends when it would have to be.
        (true, _) => End::After(first.0, first.1),
        (false, Limit::Unknown) => End::Unknown(max.0),
        (false, _) => End::After(max.0, max.1),
    };
    Life { first: first.0, end, assumed }
}

#[cfg(test)]
mod tests;
