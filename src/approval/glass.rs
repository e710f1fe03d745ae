//! `NAME.break-glass`: one person's word that this plan must go through now; and `NAME.review`, a second person's that
//! they have looked at what came of it.
//!
//! Both files are read as strictly as approvals are ([`super::token`]): canonical, with the keys that they have and no
//! others, and refused when their parts do not speak of one thing.

use super::canonical::{self, Error as NotCanonical};
use crate::model::{Digest, Instant};
use crate::verdict::{Loss, Verdict, loss_digest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a broken glass says that it is.
pub const FORMAT: &str = "mainstay.dev/break-glass/v1";

/// Namespace of its signature: an approval is never one, nor the other way round.
pub const NAMESPACE: &str = "break-glass@mainstay.dev";

/// What a review says that it is.
pub const REVIEW_FORMAT: &str = "mainstay.dev/review/v1";

/// Namespace of its signature.
pub const REVIEW_NAMESPACE: &str = "review@mainstay.dev";

/// Seconds that a statement counts at most.
pub const LONGEST: i64 = 60 * 60;

/// What somebody signs who goes ahead alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`FORMAT`].
    pub format: String,
    /// Digests of the plans, by their bytes.
    pub plans: Vec<Digest>,
    /// What they were judged to be.
    pub verdict: Verdict,
    /// What is lost.
    pub losses: Vec<Loss>,
    /// Digest of the losses.
    pub loss_digest: Digest,
    /// What is not known, and keeps the verdict from being determined: ids of the things it hangs on.
    pub undetermined: Vec<String>,
    /// Digest of all changes, without their values: no ledger may be there whose secret would hide them.
    pub change_digest: Digest,
    /// Who says that they go ahead; who it is follows from the key.
    pub person: String,
    /// Why, in their words.
    pub reason: String,
    /// When it was signed, by the signer's own clock.
    pub issued: Instant,
    /// Until when it counts: [`LONGEST`] after that at most.
    pub expires: Instant,
    /// Makes it unlike every other.
    pub nonce: String,
}

/// What somebody signs who has looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// [`REVIEW_FORMAT`].
    pub format: String,
    /// Digest of the statement of who went ahead.
    pub statement: Digest,
    /// The runs that were looked at, as the ledger names them.
    pub runs: Vec<String>,
    /// Who says that they have looked; who it is follows from the key.
    pub reviewer: String,
    /// What they say, in their words.
    pub note: Option<String>,
    /// When, by their own clock.
    pub issued: Instant,
}

/// A statement, as it is in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakGlass {
    /// What is signed.
    pub statement: Statement,
    /// SSHSIG over the canonical bytes of the statement, in [`NAMESPACE`].
    pub signature: String,
}

/// A review, as it is in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReview {
    /// What is signed.
    pub review: Review,
    /// SSHSIG over its canonical bytes, in [`REVIEW_NAMESPACE`].
    pub signature: String,
}

/// Why a file is neither.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not canonical JSON.
    #[error(transparent)]
    Canonical(#[from] NotCanonical),
    /// It is something else.
    #[error("it is no {format}: {why}")]
    Other {
        /// What it should be.
        format: &'static str,
        /// Why it is not.
        why: String,
    },
}

fn other(format: &'static str, why: impl Into<String>) -> Error {
    Error::Other { format, why: why.into() }
}

impl Statement {
    /// What is signed: its canonical bytes.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn message(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(self)
    }

    /// Its digest, by which the ledger and a review know it.
    ///
    /// # Errors
    /// As [`Statement::message`].
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        canonical::digest(self)
    }

    /// What is wrong with it, whoever signed it and whatever the time.
    fn fault(&self) -> Option<&'static str> {
        let lasts = self.expires.as_second().saturating_sub(self.issued.as_second());
        if self.format != FORMAT {
            Some("its statement is another")
        } else if self.plans.is_empty() {
            Some("it is about no plan")
        } else if self.reason.trim().is_empty() {
            Some("it gives no reason")
        } else if self.loss_digest != loss_digest(&self.losses) {
            Some("its digest is not that of the losses in it")
        } else if !(1..=LONGEST).contains(&lasts) {
            Some("it counts for longer than an hour, or never")
        } else {
            None
        }
    }
}

impl BreakGlass {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not canonical, is nothing of the kind, or says what none may say: more than an hour, no reason.
    pub fn read(bytes: &[u8]) -> Result<BreakGlass, Error> {
        let (statement, signature): (Statement, _) = parts(bytes, FORMAT)?;
        match statement.fault() {
            None => Ok(BreakGlass { statement, signature }),
            Some(why) => Err(other(FORMAT, why)),
        }
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        file(FORMAT, &self.statement, &self.signature)
    }
}

impl Review {
    /// What is signed: its canonical bytes.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn message(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::to_bytes(self)
    }
}

impl SignedReview {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is not canonical, or no review.
    pub fn read(bytes: &[u8]) -> Result<SignedReview, Error> {
        let (review, signature): (Review, _) = parts(bytes, REVIEW_FORMAT)?;
        match review.format == REVIEW_FORMAT {
            true => Ok(SignedReview { review, signature }),
            false => Err(other(REVIEW_FORMAT, "its statement is another")),
        }
    }

    /// The bytes of its file.
    ///
    /// # Errors
    /// If it holds what canonical JSON cannot.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        file(REVIEW_FORMAT, &self.review, &self.signature)
    }
}

/// `{"format", "signature", "statement"}`, and nothing else.
fn parts<S: DeserializeOwned + Serialize>(bytes: &[u8], format: &'static str) -> Result<(S, String), Error> {
    let mut value: Value = canonical::from_slice(bytes)?;
    let object = value.as_object_mut().ok_or_else(|| other(format, "it is no object"))?;
    let mut part =
        |name: &str| object.remove(name).ok_or_else(|| other(format, format!("it has no `{name}`")));
    let (said, statement, signature) = (part("format")?, part("statement")?, part("signature")?);
    if said != format {
        return Err(other(format, "its format is another"));
    }
    if let Some(name) = object.keys().next() {
        return Err(other(format, format!("it has a `{name}`, which none has")));
    }
    let Value::String(signature) = signature else { return Err(other(format, "its signature is no text")) };
    let statement = canonical::exact(statement).map_err(|error| other(format, error.to_string()))?;
    Ok((statement, signature))
}

fn file<S: Serialize>(format: &str, statement: &S, signature: &str) -> Result<Vec<u8>, NotCanonical> {
    let statement = serde_json::to_value(statement).map_err(|error| NotCanonical::Form(error.to_string()))?;
    canonical::to_bytes(&json!({ "format": format, "signature": signature, "statement": statement }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glass() -> BreakGlass {
        let statement = Statement {
            format: FORMAT.to_owned(),
            plans: vec![Digest::of(b"plan")],
            verdict: Verdict::Approval,
            losses: Vec::new(),
            loss_digest: loss_digest(&[]),
            undetermined: Vec::new(),
            change_digest: Digest::of(b"changes"),
            person: "alice".to_owned(),
            reason: "the certificate is out".to_owned(),
            issued: "2026-03-01T09:00:00Z".parse().unwrap(),
            expires: "2026-03-01T10:00:00Z".parse().unwrap(),
            nonce: "00".to_owned(),
        };
        BreakGlass { statement, signature: "-----BEGIN".to_owned() }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = glass().to_bytes().unwrap();
        assert_eq!(BreakGlass::read(&bytes).unwrap(), glass());
        assert!(SignedReview::read(&bytes).is_err());
        let review = Review {
            format: REVIEW_FORMAT.to_owned(),
            statement: glass().statement.digest().unwrap(),
            runs: vec!["r1".to_owned()],
            reviewer: "bob".to_owned(),
            note: None,
            issued: "2026-03-02T09:00:00Z".parse().unwrap(),
        };
        let signed = SignedReview { review, signature: "-----BEGIN".to_owned() };
        let bytes = signed.to_bytes().unwrap();
        assert_eq!(SignedReview::read(&bytes).unwrap(), signed);
        assert!(BreakGlass::read(&bytes).is_err());
    }

    #[test]
    fn what_none_may_say_is_refused() {
        type Change = fn(&mut Statement);
        let changes: [(Change, &str); 8] = [
            (|it| it.expires = "2026-03-01T10:00:01Z".parse().unwrap(), "longer than an hour"),
            (|it| it.expires = "9999-03-01T10:00:01Z".parse().unwrap(), "longer than an hour"),
            (|it| it.expires = it.issued, "or never"),
            (|it| it.issued = "2026-03-01T11:00:00Z".parse().unwrap(), "or never"),
            (|it| it.reason = " \t".to_owned(), "no reason"),
            (|it| it.plans.clear(), "no plan"),
            (|it| it.loss_digest = Digest::of(b""), "not that of the losses"),
            (|it| it.format = REVIEW_FORMAT.to_owned(), "is another"),
        ];
        for (change, why) in changes {
            let mut wrong = glass();
            change(&mut wrong.statement);
            let told = BreakGlass::read(&wrong.to_bytes().unwrap()).unwrap_err().to_string();
            assert!(told.contains(why), "{why}: {told}");
        }
    }

    #[test]
    fn other_bytes_that_say_the_same_are_refused() {
        let text = String::from_utf8(glass().to_bytes().unwrap()).unwrap();
        for wrong in [
            text.replace(":", ": "),
            format!("{text}\n"),
            text.replace("\"nonce\":\"00\"", "\"nonce\":\"00\",\"nonce\":\"00\""),
            text.replace("\"nonce\":\"00\"", "\"nonce\":\"00\",\"other\":1"),
            text.replace("\"signature\":", "\"other\":1,\"signature\":"),
            text.replace("\"signature\":\"-----BEGIN\",", ""),
            text.replace("\"signature\":\"-----BEGIN\"", "\"signature\":1"),
            text.replace("break-glass/v1", "break-glass/v2"),
            text.replace("\"approval\"", "\"approvals\""),
            "[]".to_owned(),
            String::new(),
        ] {
            assert_ne!(wrong, text);
            assert!(BreakGlass::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
