//! How long what a secrets backend issues can last, read off an object.

use super::duration;
use super::entry::When;
use super::path::{AliasTemplate, Found, Path, Scope, Template, scalar};
use crate::model::{Alias, Granted, Instant, Issue, Issued, Lease, Limit, Limited, Limits};
use serde_json::Value;
use std::sync::Arc;

/// Where an object says it.
#[derive(Debug)]
pub struct LeaseEntry {
    /// The limits: of several attributes the first that is set counts.
    pub ttl: Vec<Attribute>,
    /// See `ttl`.
    pub max: Vec<Attribute>,
    /// See `ttl`.
    pub period: Vec<Attribute>,
    /// See `ttl`.
    pub explicit: Vec<Attribute>,
    /// Attributes that people set, and that nobody looks at.
    pub no_effect: Vec<Attribute>,
    /// It cannot be renewed, if any of these holds.
    pub fixed: Vec<When>,
    /// See [`Lease::issues`].
    pub issues: Option<Issue>,
    /// See [`Lease::issued`].
    pub issued: Option<IssuedEntry>,
    /// See [`Lease::mount`]: the first that fills.
    pub mount: Vec<AliasTemplate>,
    /// See [`Lease::role`]: the first that fills.
    pub role: Vec<AliasTemplate>,
    /// See [`Lease::held_by`].
    pub held_by: Vec<Template>,
    /// See [`Lease::accounts`]: paths to names and to namespaces.
    pub accounts: Option<(Path, Path)>,
}

/// Where something that was issued says so.
#[derive(Debug)]
pub struct IssuedEntry {
    /// When: the first that is an instant.
    pub at: Vec<Template>,
    /// Until when it is good: the first that is an instant.
    pub until: Vec<Template>,
    /// For how many seconds it was issued; zero: for ever.
    pub granted: Path,
}

/// An attribute with its name.
#[derive(Debug)]
pub struct Attribute {
    /// As people write it.
    pub name: Arc<str>,
    /// Where it is.
    pub path: Path,
}

impl LeaseEntry {
    /// All paths, for what is read of an object at all.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        let limits = [&self.ttl, &self.max, &self.period, &self.explicit, &self.no_effect];
        let limits = limits.into_iter().flatten().map(|attribute| &attribute.path);
        let issued = self.issued.iter();
        let templates = issued.clone().flat_map(|issued| issued.at.iter().chain(&issued.until));
        let templates = templates.chain(&self.held_by);
        let names = self.mount.iter().chain(&self.role).map(AliasTemplate::template);
        limits
            .chain(templates.chain(names).flat_map(Template::paths))
            .chain(issued.map(|issued| &issued.granted))
            .chain(self.fixed.iter().map(|when| &when.path))
            .chain(self.accounts.iter().flat_map(|(names, namespaces)| [names, namespaces]))
    }
}

/// What an object says of it.
pub(super) fn lease(entry: Option<&LeaseEntry>, scope: Scope<'_>) -> Option<Box<Lease>> {
    let entry = entry?;
    let alias = |list: &[AliasTemplate]| list.iter().find_map(|alias| alias.fill(scope));
    let limit = |list: &[Attribute]| limited(list, scope);
    Some(Box::new(Lease {
        limits: Limits {
            ttl: limit(&entry.ttl),
            max: limit(&entry.max),
            period: limit(&entry.period),
            explicit: limit(&entry.explicit),
        },
        no_effect: entry
            .no_effect
            .iter()
            .map(|one| Limited { key: Arc::clone(&one.name), limit: read(&one.path, scope) })
            .filter(|one| one.limit != Limit::Unset)
            .collect(),
        // The type of a token that nobody sets is computed, and service tokens are the default (Vault API, "token_type"):
        // what is known only after apply is no batch token.
        fixed: entry.fixed.iter().any(|when| super::apply::met(std::slice::from_ref(when), scope, false)),
        issues: entry.issues,
        issued: entry.issued.as_ref().map(|issued| issued.read(scope)),
        mount: alias(&entry.mount),
        role: alias(&entry.role),
        held_by: entry.held_by.iter().filter_map(|name| super::apply::text(name, scope)).collect(),
        accounts: entry.accounts.as_ref().map(|paths| accounts(paths, scope)).unwrap_or_default(),
    }))
}

/// The first of the attributes that is set; where none is, the first that could be.
fn limited(list: &[Attribute], scope: Scope<'_>) -> Limited {
    let all = || list.iter().map(|one| Limited { key: Arc::clone(&one.name), limit: read(&one.path, scope) });
    all().find(|one| one.limit != Limit::Unset).or_else(|| all().next()).unwrap_or_default()
}

fn read(path: &Path, scope: Scope<'_>) -> Limit {
    let found = path.find(scope);
    let values = found.iter().map(|found| match found {
        Found::Value(value, _) => match scalar(value).as_deref().and_then(seconds) {
            Some(0) => Limit::Unset,
            Some(seconds) => Limit::Seconds(seconds),
            None => Limit::Unknown,
        },
        Found::Unknown(_) | Found::Hidden(_) => Limit::Unknown,
    });
    values.into_iter().find(|limit| *limit != Limit::Unset).unwrap_or_default()
}

/// Seconds of a duration as Vault takes them: a number of seconds, a number of days (`30d`), or one of Go. Source: Vault,
/// "Duration format strings".
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = |text: &str| text.parse::<i64>().ok().filter(|seconds| *seconds >= 0);
    if let Some(seconds) = whole(text) {
        return Some(seconds);
    }
    match text.strip_suffix('d') {
        Some(days) => whole(days)?.checked_mul(86_400),
        None => duration::seconds(text),
    }
}

/// An instant as Vault writes it: RFC 3339, or seconds since 1970. The year 1 stands for none.
fn instant(text: &str) -> Option<Instant> {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(0) => None,
        Ok(seconds) => Instant::from_second(seconds).ok(),
        Err(_) => text.parse().ok().filter(|_| !text.starts_with("0001-")),
    }
}

impl IssuedEntry {
    fn read(&self, scope: Scope<'_>) -> Issued {
        let first = |list: &[Template]| list.iter().find_map(|one| instant(&super::apply::text(one, scope)?));
        let at = first(&self.at);
        let granted = self.granted.find(scope).into_iter().next().and_then(|found| match found {
            Found::Value(Value::Null, _) | Found::Unknown(_) | Found::Hidden(_) => None,
            Found::Value(value, _) => seconds(&scalar(value)?),
        });
        let by_ttl = || match (at, granted) {
            (_, Some(0)) => Some(Granted::Forever),
            (Some(at), Some(seconds)) => {
                Instant::from_second(at.as_second().checked_add(seconds)?).ok().map(Granted::Until)
            }
            _ => None,
        };
        let granted = first(&self.until).map(Granted::Until).or_else(by_ttl).unwrap_or(Granted::Unknown);
        Issued { at, granted }
    }
}

/// Each account of each namespace.
fn accounts((names, namespaces): &(Path, Path), scope: Scope<'_>) -> Vec<Alias> {
    let all = |path: &Path| -> Vec<String> {
        let found = path.find(scope).into_iter().filter_map(|found| match found {
            Found::Value(value, _) => scalar(value),
            Found::Unknown(_) | Found::Hidden(_) => None,
        });
        found.collect()
    };
    let names = all(names);
    let of = |space: String| {
        let each = names.iter().map(move |name| format!("ServiceAccount/{space}/{name}"));
        each.map(|name| Alias::new("kubernetes", &name)).collect::<Vec<_>>()
    };
    all(namespaces).into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_vault_takes_them() {
        for (text, wanted) in [
            ("0", Some(0)),
            ("3600", Some(3600)),
            (" 3600 ", Some(3600)),
            ("90000s", Some(90_000)),
            ("24h", Some(86_400)),
            ("768h0m0s", Some(2_764_800)),
            ("1h30m", Some(5_400)),
            ("1d", Some(86_400)),
            ("32d", Some(2_764_800)),
            ("0s", Some(0)),
            ("500ms", Some(0)),
            ("-1", None),
            ("-24h", None),
            ("1d12h", None),
            ("d", None),
            ("forever", None),
            ("1w", None),
            ("99999999999999999999", None),
            ("9223372036854775807d", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }

    #[test]
    fn instants_as_vault_writes_them() {
        let wanted: Instant = "2023-12-14T17:54:00Z".parse().unwrap();
        for text in ["1702576440", "2023-12-14T17:54:00Z", "2023-12-14T10:54:00-07:00"] {
            assert_eq!(instant(text), Some(wanted), "{text}");
        }
        for text in ["0", "", "0001-01-01T00:00:00Z", "yesterday", "99999999999999999999"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
