//! What is wrong with a roster or a list of revoked keys.

use crate::approval::key::KeyError;

/// Something in a file of keys that cannot count as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}: {fault}")]
pub struct RosterError {
    /// The file, as it is shown.
    pub path: String,
    /// The line, from one; zero where it is the whole file.
    pub line: usize,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than any such file has.
    #[error("the file has {0} bytes, which is more than is ever read")]
    Large(usize),
    /// Bytes that are no UTF-8.
    #[error("the file is no UTF-8 text")]
    NotText,
    /// A control character, at which other programs may cut the line.
    #[error("the line has the control character U+{0:04X}; take it out")]
    Control(u32),
    /// A line without a key.
    #[error("`principals [options] type key` is expected, and the line ends before the key")]
    Short,
    /// Quotes that are not closed, or within a word.
    #[error("a quote is not closed, or stands within a word")]
    Quote,
    /// `*`, `?` or `!` in a principal.
    #[error("`{0}` is a pattern, so that the key could be several people; write each principal out")]
    Pattern(String),
    /// Nothing between two commas.
    #[error("an empty principal: take out the comma too many")]
    Empty,
    /// A principal of nobody.
    #[error(
        "no [[approval.person]] has the principal `{0}`; add it to `principals` of the person whose key this is, or take it out"
    )]
    Nobody(String),
    /// Principals of two people on one line.
    #[error("the key would be both {0} and {1}; give each their own line with their own key")]
    TwoPeople(String, String),
    /// One key on lines of two people.
    #[error("the key of {person} is that of {other} in line {line}; each needs their own")]
    SharedKey {
        /// The person of this line.
        person: String,
        /// The person of the other line.
        other: String,
        /// That line.
        line: usize,
    },
    /// A principal that two people claim.
    #[error(
        "the principal `{principal}` is claimed by the [[approval.person]] {one} (line {first}) and {other} (line {second}) of the configuration; leave it to one"
    )]
    Claimed {
        /// The principal.
        principal: String,
        /// The first person.
        one: String,
        /// Line of the first in the configuration.
        first: usize,
        /// The other.
        other: String,
        /// Line of the other.
        second: usize,
    },
    /// `cert-authority`.
    #[error("`cert-authority` lets the authority name anybody; list each person's own key")]
    Authority,
    /// An option that OpenSSH has not, or that is not understood here.
    #[error("unknown option `{0}`; known are namespaces, valid-after and valid-before")]
    Option(String),
    /// An option twice.
    #[error("the option `{0}` stands twice")]
    Twice(&'static str),
    /// A value that is not in quotes.
    #[error("the value of `{0}` must stand in double quotes")]
    Unquoted(&'static str),
    /// Something other than a comma after an option, or nothing after a comma.
    #[error("options are separated by one comma, without spaces; there is something else after `{0}`")]
    Separator(String),
    /// A time that means another instant on each machine.
    #[error(
        "`{name}=\"{value}\"` is local time, which differs by machine; write it in UTC, with a Z at the end"
    )]
    Local {
        /// The option.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// A time in no form that OpenSSH has.
    #[error("`{name}=\"{value}\"` is no time; write YYYYMMDDZ, YYYYMMDDHHMMZ or YYYYMMDDHHMMSSZ")]
    Time {
        /// The option.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// It ends before it begins.
    #[error("`valid-before` is not after `valid-after`, so the key never counts")]
    Backwards,
    /// The key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// A binary list of revoked keys.
    #[error(
        "the file is a binary KRL (ssh-keygen -k), which is not read; give the revoked keys as text, one public key or SHA256: fingerprint a line"
    )]
    Binary,
    /// A line of a revocation list that is neither.
    #[error("a public key (`type base64`) or a fingerprint (`SHA256:` and 43 letters) is expected")]
    NotRevocation,
}
