//! Names as types of their own, so that an address is never taken for an identity.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into().into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

name!(
    /// A Terraform resource instance address, `module.a["x"].azurerm_role_assignment.b[0]`.
    Address
);
name!(
    /// What kind of object: a Terraform type (`azurerm_role_assignment`), a Kubernetes kind (`kubernetes:Ingress`) or a
    /// row of a cloud's listing (`azure:role-assignment`). The catalog is keyed by it.
    Kind
);
name!(
    /// The id of a node in reports: a Kubernetes name, an address or a cloud id, whichever people would use.
    NodeId
);
name!(
    /// A rule's id, kebab-case.
    RuleId
);
name!(
    /// A kind of listing that a source can give, `azure:role-assignments`.
    Listing
);

/// One name of a thing within a space of names, in the spelling in which equal names compare equal.
///
/// Spaces are named by the catalog: `azure` (resource ids, lower case), `principal` (object ids), `client` (client
/// ids), `kubernetes` (`Kind/ns/name`), `kubernetes-user`, `kubernetes-group`, `address`. Two facts with an equal alias speak of the same thing.
#[derive(Clone, PartialEq, Eq)]
pub struct Alias {
    /// `space:value`: one piece of text, as a large estate has hundreds of thousands that are handed from table to table.
    text: Arc<str>,
    /// How long the space is.
    space: usize,
}

impl Alias {
    /// Makes an alias. Values of all spaces but those of Kubernetes, `address`, `resource`, `subject` (which clouds compare by
    /// the letter) and what Vault issues compare without regard to case.
    pub fn new(space: &str, value: &str) -> Alias {
        let verbatim = is_of_kubernetes(space)
            || matches!(space, "address" | "resource" | "subject" | "vault-token" | "vault-lease");
        let value = if verbatim { value } else { value.trim_end_matches('/') };
        let mut text = String::with_capacity(space.len() + 1 + value.len());
        text.push_str(space);
        text.push(':');
        match verbatim {
            true => text.push_str(value),
            false if value.is_ascii() => {
                text.push_str(value);
                text.make_ascii_lowercase();
            }
            false => text.push_str(&value.to_lowercase()),
        }
        Alias { text: text.into(), space: space.len() }
    }

    /// The space of names.
    pub fn space(&self) -> &str {
        self.text.get(..self.space).unwrap_or_default()
    }

    /// Whether several things are given names of its space, so that an equal one proves nothing.
    pub fn is_shared(&self) -> bool {
        matches!(self.space(), "resource" | "tls-secret" | "tls-name" | "forwards-to" | "subject")
    }

    /// Whether people can mean one thing by it; names that only join facts may be borne by several.
    pub fn names_one_thing(&self) -> bool {
        !self.is_shared() && self.space() != "carried"
    }

    /// The name in it, as people spell it.
    pub fn spelt(&self) -> Cow<'_, str> {
        let member = spelt(self.value()).filter(|_| self.space() == "principal");
        member.map_or(Cow::Borrowed(self.value()), |(kind, rest)| Cow::Owned(format!("{kind}{rest}")))
    }

    /// The name in it.
    pub fn value(&self) -> &str {
        self.text.get(self.space + 1..).unwrap_or_default()
    }
}

impl Hash for Alias {
    // Two that differ only in where the space ends are rare enough.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Ord for Alias {
    fn cmp(&self, other: &Alias) -> Ordering {
        self.space().cmp(other.space()).then_with(|| self.value().cmp(other.value()))
    }
}

impl PartialOrd for Alias {
    fn partial_cmp(&self, other: &Alias) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alias({})", self.text)
    }
}

impl fmt::Display for Alias {
    /// As people write it: `kubernetes:Kind/ns/name`, everything else without its space; members of Google Cloud by their
    /// kinds as these are spelt there. What follows the kind is an address, which is in small letters there, too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match is_of_kubernetes(self.space()) {
            true => f.write_str(&self.text),
            false => f.write_str(&self.spelt()),
        }
    }
}

/// Objects, and users and groups, which are mere names there. Source: Kubernetes, "Using RBAC Authorization", "Referring
/// to subjects".
fn is_of_kubernetes(space: &str) -> bool {
    matches!(space, "kubernetes" | "kubernetes-user" | "kubernetes-group")
}

/// Kinds of members of Google Cloud that are not in small letters. Source: "Principal identifiers".
const MEMBERS: [&str; 7] = [
    "serviceAccount:",
    "allUsers",
    "allAuthenticatedUsers",
    "principalSet:",
    "projectOwner:",
    "projectEditor:",
    "projectViewer:",
];

/// The kind of a member of Google Cloud as it is spelt, and what follows it; none: it is no such member.
fn spelt(value: &str) -> Option<(&'static str, &str)> {
    MEMBERS.iter().find_map(|kind| {
        let (start, rest) = value.split_at_checked(kind.len())?;
        let whole = kind.ends_with(':') || rest.is_empty();
        (whole && start.eq_ignore_ascii_case(kind)).then_some((*kind, rest))
    })
}

/// The last two parts of a resource id, by which people know it: `dnsZones/hosted.example.io`.
pub fn short_scope(scope: &str) -> &str {
    let mut slashes = scope.rmatch_indices('/');
    match (slashes.next(), slashes.next()) {
        (Some(_), Some((second, _))) if scope.starts_with('/') => scope.get(second + 1..).unwrap_or(scope),
        _ => scope,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_google_cloud_as_they_are_spelt() {
        for (written, shown) in [
            ("serviceAccount:sp@x.test", "serviceAccount:sp@x.test"),
            ("principalSet://goog/public:all", "principalSet://goog/public:all"),
            ("allUsers", "allUsers"),
            ("allUsersOfShop", "allusersofshop"),
            ("user:Ann@x.test", "user:ann@x.test"),
        ] {
            assert_eq!(Alias::new("principal", written).to_string(), shown);
        }
        assert_eq!(Alias::new("subject", "serviceAccount:a").to_string(), "serviceAccount:a");
    }
}
