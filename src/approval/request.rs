//! `request.json`: what people are asked to sign, bound by digests to all that decides about it.
//!
//! It holds data and no sentences: what people read is rendered where they read it, from this.

use super::canonical::{self, Error as NotCanonical};
use super::ledger::Head;
use crate::model::{Digest, Instant};
use crate::verdict::{Loss, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the file says that it is.
pub const FORMAT: &str = "mainstay.dev/approval-request/v1";

/// Namespace of the requester's signature.
pub const NAMESPACE: &str = "request@mainstay.dev";

/// A plan that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRef {
    /// As given; for people only.
    pub path: String,
    /// Of its bytes: of the plan file, or of the JSON where only that was given.
    pub sha256: Digest,
    /// What it was made against, if the plan file was given.
    pub made_on: Option<MadeOn>,
}

/// What a plan was made against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeOn {
    /// Type of the backend: `local`, `s3`.
    pub backend: String,
    /// Digest of the backend's settings.
    pub settings: Digest,
    /// The workspace.
    pub workspace: String,
    /// Lineage of the state; empty where there was none yet.
    pub lineage: String,
    /// Serial of the state.
    pub serial: u64,
    /// Digest of the lock file of providers in the plan file.
    pub lock: Option<Digest>,
}

/// A source that the losses were judged by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRef {
    /// As given.
    pub path: String,
    /// What it is.
    pub kind: String,
    /// When the cloud was asked.
    pub taken_at: Option<Instant>,
    /// Whether it tells all.
    pub complete: bool,
}

/// A name with a digest: of a variable of the environment, say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Digest of what it stands for.
    pub sha256: Digest,
}

/// The commit that the plan is said to be of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitRef {
    /// The one that is trusted.
    pub trusted: String,
    /// The one that was checked out.
    pub head: String,
    /// Its tree.
    pub tree: String,
}

/// One change of the plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRef {
    /// Number of its plan.
    pub plan: u32,
    /// Its address.
    pub address: String,
    /// Its deposed key.
    pub deposed: Option<String>,
    /// Terraform type.
    pub kind: String,
    /// What would be done, in Terraform's words.
    pub actions: Vec<String>,
    /// Keyed digest of what it is to be after, and of what is not known of that yet.
    pub after: Digest,
}

/// The ledger in which the request is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRef {
    /// Which ledger: digest of its first entry.
    pub id: Digest,
    /// Its last entry when the request was made.
    pub head: Head,
}

/// What people are asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// [`FORMAT`].
    pub format: String,
    /// Version of the program that made it.
    pub tool: String,
    /// The plans, in order.
    pub plans: Vec<PlanRef>,
    /// What they were judged to be.
    pub verdict: Verdict,
    /// People who must sign, as the policy has it.
    pub required: u32,
    /// Groups of which one member at least must be among them.
    pub groups: Vec<String>,
    /// What is lost.
    pub losses: Vec<Loss>,
    /// Digest of the losses.
    pub loss_digest: Digest,
    /// What is not known, and keeps the verdict from being determined: ids of the things it hangs on.
    pub undetermined: Vec<String>,
    /// Digest of all changes.
    pub change_digest: Digest,
    /// All changes, if the approval is to survive a plan made anew.
    pub changes: Option<Vec<ChangeRef>>,
    /// Addresses of what runs programs when it is applied: provisioners, `external` data, actions.
    pub programs: Vec<String>,
    /// Digest of the policy.
    pub policy: Digest,
    /// Digest of the catalog.
    pub catalog: Digest,
    /// Digest of the roster.
    pub roster: Digest,
    /// Digest of the revocation list, if there is one.
    pub revoked: Option<Digest>,
    /// What was judged by.
    pub sources: Vec<SourceRef>,
    /// Which commit the plan is of, if that is known.
    pub commit: Option<CommitRef>,
    /// Variables that change what an apply does.
    pub environment: Vec<Named>,
    /// Where it is recorded; nothing where the policy accepts that it is not.
    pub ledger: Option<LedgerRef>,
    /// Who asks: the person of the key that signed it.
    pub by: String,
    /// Since when.
    pub created: Instant,
    /// Until when approvals of it count.
    pub expires: Instant,
    /// Makes it unlike every other.
    pub nonce: String,
}

/// A request as it is in its file: with the signature of who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// What is asked.
    pub request: Request,
    /// SSHSIG of the requester over the canonical bytes of the request, in [`NAMESPACE`].
    pub signature: String,
}

/// Why a file is no request.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not canonical JSON.
    #[error(transparent)]
    Canonical(#[from] NotCanonical),
    /// It is something else.
    #[error("it is no approval request ({FORMAT}): {0}")]
    Other(String),
}

impl Request {
    /// What is signed: its canonical bytes.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn message(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(self)
    }

    /// Its digest, by which approvals name it.
    ///
    /// # Errors
    /// As [`Request::message`].
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        canonical::digest(self)
    }
}

impl SignedRequest {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not canonical, or no request.
    pub fn read(bytes: &[u8]) -> Result<SignedRequest, Error> {
        SignedRequest::from_value(canonical::from_slice(bytes)?)
    }

    /// From the object that a file, or an approval, holds.
    pub(super) fn from_value(mut value: Value) -> Result<SignedRequest, Error> {
        let format = value.get("format").and_then(Value::as_str).unwrap_or_default();
        if format != FORMAT {
            return Err(Error::Other(format!("its format is `{format}`")));
        }
        let signature = value.as_object_mut().and_then(|object| object.remove("signature"));
        let Some(Value::String(signature)) = signature else {
            return Err(Error::Other("it is not signed by who asks".to_owned()));
        };
        let request = canonical::exact(value).map_err(|error| Error::Other(error.to_string()))?;
        Ok(SignedRequest { request, signature })
    }

    /// The object that goes into a file.
    ///
    /// # Errors
    /// If it cannot be JSON.
    pub(super) fn to_value(&self) -> Result<Value, NotCanonical> {
        let form = |error: serde_json::Error| NotCanonical::Form(error.to_string());
        let mut value = serde_json::to_value(&self.request).map_err(form)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("signature".to_owned(), Value::from(self.signature.as_str()));
        }
        Ok(value)
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(&self.to_value()?)
    }
}
