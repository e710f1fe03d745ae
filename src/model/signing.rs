//! Who may sign, and where that is recorded: `[approval]` and `[ledger]`.

use super::Level;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A person who may sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Principals of the roster that are this person.
    pub principals: Vec<String>,
    /// Names under which version control and pipelines know them.
    pub known_as: Vec<String>,
    /// Groups they are in.
    pub groups: Vec<String>,
    /// Line in the configuration, for messages.
    pub line: usize,
}

/// Settings of `[approval]` other than the two numbers of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// OpenSSH `allowed_signers`, resolved against the configuration's directory.
    pub roster: Option<PathBuf>,
    /// Revoked keys, resolved likewise.
    pub revoked: Option<PathBuf>,
    /// Seconds that a signature counts.
    pub expires: i64,
    /// Whether approvals survive a plan made anew.
    pub carry_over: bool,
    /// Groups of which at least one member must sign.
    pub groups: Vec<String>,
    /// The group whose members may break the glass.
    pub break_glass: Option<String>,
    /// Terraform arguments that are otherwise refused.
    pub allow_arguments: Vec<String>,
    /// Whether only hardware keys that are touched at each signature count.
    pub require_touch: bool,
    /// People needed by level, where it differs; zero is never.
    pub by_level: BTreeMap<Level, u32>,
    /// The people.
    pub people: Vec<Person>,
    /// Directory of the configuration, from which a relative path of the ledger is taken.
    pub directory: Option<PathBuf>,
    /// `[ledger] url`.
    pub ledger: Option<String>,
    /// `[ledger] none = "accept"`.
    pub without_ledger: bool,
}

impl Default for Signing {
    fn default() -> Signing {
        Signing {
            roster: None,
            revoked: None,
            expires: 24 * 60 * 60,
            carry_over: false,
            groups: Vec::new(),
            break_glass: None,
            allow_arguments: Vec::new(),
            require_touch: false,
            by_level: BTreeMap::new(),
            people: Vec::new(),
            directory: None,
            ledger: None,
            without_ledger: false,
        }
    }
}
