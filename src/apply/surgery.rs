//! Commands that change state, or real things, and make no plan that could be judged.

use super::flags::Flag;

/// One such command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surgery {
    /// What it does.
    pub kind: Kind,
    /// The subcommand and all that follows, as terraform sees it.
    pub words: Vec<String>,
}

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `state rm`: objects are forgotten; the next plan makes them again.
    StateRemove,
    /// `state mv`: objects get other addresses, or go to another state.
    StateMove,
    /// `state push`: another state replaces this one.
    StatePush,
    /// `state replace-provider`.
    StateReplaceProvider,
    /// `import`: an object comes under control.
    Import,
    /// `taint`: the next plan replaces an object.
    Taint,
    /// `untaint`: the next plan keeps one that was to be replaced.
    Untaint,
    /// `refresh`: the state follows the world, what is gone is forgotten. `apply -refresh-only` has a plan, and is judged.
    Refresh,
    /// `force-unlock`: two may write at once.
    ForceUnlock,
    /// `workspace delete`: a state goes.
    WorkspaceDelete,
    /// `init` with `-migrate-state`, `-reconfigure`, `-force-copy`: another state from here on.
    MoveState,
    /// `test`: real things are made and destroyed.
    Test,
    /// `apply -invoke`: an action of a provider, and nothing else.
    Invoke,
    /// `stacks`, `cloud`, `rpcapi`: work that other programs do with their own plans.
    Remote,
    /// A subcommand that is in no table here. It may be misspelled, or newer than mainstay.
    Unknown,
}

impl Kind {
    /// A few words for records and messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::StateRemove => "state rm",
            Kind::StateMove => "state mv",
            Kind::StatePush => "state push",
            Kind::StateReplaceProvider => "state replace-provider",
            Kind::Import => "import",
            Kind::Taint => "taint",
            Kind::Untaint => "untaint",
            Kind::Refresh => "refresh",
            Kind::ForceUnlock => "force-unlock",
            Kind::WorkspaceDelete => "workspace delete",
            Kind::MoveState => "init, with another state",
            Kind::Test => "test",
            Kind::Invoke => "apply -invoke",
            Kind::Remote => "remote operation",
            Kind::Unknown => "unknown subcommand",
        }
    }
}

/// Subcommands that have subcommands, and those.
const NESTED: [(&str, &[&str]); 6] = [
    ("state", &["list", "mv", "pull", "push", "replace-provider", "rm", "show", "identities"]),
    ("workspace", &["delete", "list", "new", "select", "show"]),
    ("env", &["delete", "list", "new", "select"]),
    ("providers", &["lock", "mirror", "schema"]),
    ("metadata", &["functions"]),
    ("cloud", &[]),
];

/// What changes nothing that plans are about. `init` and `apply` hang on their flags.
const HARMLESS: [&str; 18] = [
    "console",
    "fmt",
    "get",
    "graph",
    "help",
    "init",
    "login",
    "logout",
    "metadata",
    "modules",
    "output",
    "plan",
    "providers",
    "query",
    "show",
    "validate",
    "version",
    "state",
];

/// Subcommands of `state` and `workspace` that do so.
const KINDS: [(&str, Kind); 16] = [
    ("state rm", Kind::StateRemove),
    ("state mv", Kind::StateMove),
    ("state push", Kind::StatePush),
    ("state replace-provider", Kind::StateReplaceProvider),
    ("push", Kind::StatePush),
    ("import", Kind::Import),
    ("taint", Kind::Taint),
    ("untaint", Kind::Untaint),
    ("refresh", Kind::Refresh),
    ("force-unlock", Kind::ForceUnlock),
    ("workspace delete", Kind::WorkspaceDelete),
    ("env delete", Kind::WorkspaceDelete),
    ("test", Kind::Test),
    ("stacks", Kind::Remote),
    ("cloud", Kind::Remote),
    ("rpcapi", Kind::Remote),
];

/// The subcommand that words begin with: two words where terraform takes two.
pub(super) fn command(words: &[String]) -> &[String] {
    let (first, second) = (words.first(), words.get(1));
    let nested = first.and_then(|first| NESTED.iter().find(|(name, _)| name == first));
    let two = nested.is_some_and(|(_, inner)| second.is_some_and(|second| inner.contains(&second.as_str())));
    let count = usize::from(first.is_some()) + usize::from(two);
    words.get(..count).unwrap_or_default()
}

/// Whether a subcommand changes nothing, whatever follows.
pub(super) fn harmless(command: &[String]) -> bool {
    let [first, ..] = command else { return true };
    let known = KINDS.iter().any(|(name, _)| *name == command.join(" "));
    let group = ["workspace", "env"].contains(&first.as_str());
    !known && first != "init" && (group || HARMLESS.contains(&first.as_str()))
}

/// What a subcommand does to the state; nothing for `init` that keeps its backend.
pub(super) fn kind(command: &[String], rest: &[String]) -> Option<Kind> {
    let name = command.join(" ");
    if name == "init" {
        let moves = ["migrate-state", "reconfigure", "force-copy"];
        let on = |word: &String| {
            let flag = word.strip_prefix('-').map(|word| word.strip_prefix('-').unwrap_or(word))?;
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            moves.contains(&name).then(|| Flag { name: name.to_owned(), value }.on() != Some(false))
        };
        return rest.iter().any(|word| on(word) == Some(true)).then_some(Kind::MoveState);
    }
    Some(KINDS.iter().find(|(known, _)| *known == name).map_or(Kind::Unknown, |(_, kind)| *kind))
}

/// What an `apply` without a plan file does other than plan and apply.
pub(super) fn of_apply(flags: &[Flag]) -> Option<Kind> {
    flags.iter().any(|flag| flag.name == "invoke").then_some(Kind::Invoke)
}
