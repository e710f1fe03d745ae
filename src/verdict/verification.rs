//! The answer of `verify`: who signed, who counts, and what is missing.

use super::Verdict;
use crate::model::Instant;
use schemars::JsonSchema;
use serde::Serialize;

/// One approval that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignatureLine {
    /// Its file.
    pub file: String,
    /// `good`, `unknown` (a key that is nobody's) or `bad`.
    #[schemars(extend("enum" = ["good", "unknown", "bad"]))]
    pub state: &'static str,
    /// `approve` or `reject`.
    #[schemars(extend("enum" = ["approve", "reject"]))]
    pub decision: &'static str,
    /// Whose it is: the person of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Fingerprint of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// When it was signed, by the signer's own clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<Instant>,
    /// In the words of who signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether it counts.
    pub counts: bool,
    /// Why not.
    pub why: Vec<String>,
}

/// The answer of `verify`, and what `apply` goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verification {
    /// [`Verification::FORMAT`].
    #[schemars(description = "Which answer this is.", extend("const" = Verification::FORMAT))]
    pub format: &'static str,
    /// The one now of the run.
    pub now: Instant,
    /// What the plans are judged to be, without anybody's approval.
    pub verdict: Verdict,
    /// People that the policy asks for.
    pub required: u32,
    /// People that are needed here.
    pub needed: u32,
    /// Why that is more.
    pub dearer: Vec<String>,
    /// The approvals.
    pub signatures: Vec<SignatureLine>,
    /// People who count.
    pub counted: Vec<String>,
    /// How many more must sign.
    pub missing: usize,
    /// Groups of which nobody has signed.
    pub groups_missing: Vec<String>,
    /// People who said no.
    pub vetoes: Vec<String>,
    /// What else stands in the way: the ledger, a debt.
    pub obstacles: Vec<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// The ledger's newest entry, if there is a ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_head: Option<String>,
    /// Digest of the losses.
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub loss_digest: String,
    /// Whether it may go through.
    pub passes: bool,
    /// The exit code that follows.
    #[schemars(extend("enum" = [0, 1, 3, 4]))]
    pub exit_code: u8,
}

impl Verification {
    /// What its JSON says that it is.
    pub const FORMAT: &'static str = "mainstay.dev/verification/v1";
}
