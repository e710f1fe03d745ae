//! `NAME.approval`: one person's word on one request.

use super::canonical::{self, Error as NotCanonical};
use super::request::SignedRequest;
use crate::model::{Digest, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the file says that it is.
pub const FORMAT: &str = "mainstay.dev/approval/v1";

/// Namespace of the signature.
pub const NAMESPACE: &str = "approval@mainstay.dev";

/// What somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It may go through.
    Approve,
    /// It must not, whoever else signs.
    Reject,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`FORMAT`].
    pub format: String,
    /// Digest of the request.
    pub request: Digest,
    /// Digests of the plans, in the request's order.
    pub plans: Vec<Digest>,
    /// Digest of the losses.
    pub loss_digest: Digest,
    /// What is decided.
    pub decision: Decision,
    /// Who says that they decide; who it is follows from the key.
    pub approver: String,
    /// Why.
    pub reason: Option<String>,
    /// When, by the clock of who signs. It proves nothing.
    pub issued: Instant,
    /// Until when it counts.
    pub expires: Instant,
}

/// An approval as it is in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What is signed.
    pub statement: Statement,
    /// SSHSIG over the canonical bytes of the statement, in [`NAMESPACE`].
    pub signature: String,
    /// What was asked.
    pub request: SignedRequest,
}

/// Why a file is no approval.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not canonical JSON.
    #[error(transparent)]
    Canonical(#[from] NotCanonical),
    /// The request within it is none.
    #[error("the request in it: {0}")]
    Request(#[from] super::request::Error),
    /// It is something else.
    #[error("it is no approval ({FORMAT}): {0}")]
    Other(String),
    /// Its parts do not speak of one thing.
    #[error("its statement is not about the request in it")]
    Apart,
}

impl Statement {
    /// What is signed: its canonical bytes.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn message(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(self)
    }
}

impl Approval {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not canonical, is no approval, or is put together from several.
    pub fn read(bytes: &[u8]) -> Result<Approval, Error> {
        let mut value: Value = canonical::from_slice(bytes)?;
        let other = |what: &str| Error::Other(what.to_owned());
        let object = value.as_object_mut().ok_or_else(|| other("it is no object"))?;
        let mut part = |name: &str| object.remove(name).ok_or_else(|| other(&format!("it has no `{name}`")));
        let (format, statement) = (part("format")?, part("statement")?);
        let (signature, request) = (part("signature")?, part("request")?);
        if format != FORMAT {
            return Err(other("its format is another"));
        }
        if let Some(name) = object.keys().next() {
            return Err(other(&format!("it has a `{name}`, which no approval has")));
        }
        let Value::String(signature) = signature else { return Err(other("its signature is no text")) };
        let statement: Statement = canonical::exact(statement).map_err(|error| other(&error.to_string()))?;
        let request = SignedRequest::from_value(request)?;
        let plans = request.request.plans.iter().map(|plan| &plan.sha256);
        let same = statement.format == FORMAT
            && statement.request == request.request.digest()?
            && statement.plans.iter().eq(plans)
            && statement.loss_digest == request.request.loss_digest;
        if same { Ok(Approval { statement, signature, request }) } else { Err(Error::Apart) }
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        let request = self.request.to_value()?;
        canonical::to_bytes(&json!({
            "format": FORMAT, "request": request, "signature": self.signature,
            "statement": serde_json::to_value(&self.statement).map_err(|error| NotCanonical::Form(error.to_string()))?,
        }))
    }

    /// Its digest, by which the ledger knows that it was used: of what is signed, as one statement may be signed and
    /// packed in several ways.
    ///
    /// # Errors
    /// As [`Statement::message`].
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        canonical::digest(&self.statement)
    }
}
