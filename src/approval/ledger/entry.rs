//! What is written down: one entry for each thing that happened.

use crate::approval::canonical;
use crate::approval::token::Decision;
use crate::model::{Digest, Instant};
use serde::{Deserialize, Serialize};

/// One line of the ledger. Its canonical JSON is what is stored, hashed and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// Hash of the entry before it; before the first, the digest of no bytes.
    pub previous: Digest,
    /// When it happened, by the clock of the runner that wrote it (UTC). Clocks differ: the order is that of `seq`.
    pub at: Instant,
    /// What happened.
    pub body: Body,
}

impl Entry {
    /// The digest of its canonical JSON.
    ///
    /// # Errors
    /// If it holds a number that canonical JSON refuses.
    pub fn hash(&self) -> Result<Digest, canonical::Error> {
        canonical::digest(self)
    }
}

/// What the first entry names as the one before it.
pub(super) fn before_the_first() -> Digest {
    Digest::of(b"")
}

/// What happened. Digests, names and words only: nothing here is ever the value of an attribute or an argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Body {
    /// The ledger was made; the first entry of each.
    Born {
        /// Drawn at random.
        nonce: String,
    },
    /// Approval was asked for.
    Asked {
        /// The request.
        request: Digest,
        /// Who asked.
        by: String,
        /// The plans, in their order.
        plans: Vec<Digest>,
        /// The loss set.
        losses: Digest,
        /// People that must sign.
        required: u32,
    },
    /// Somebody signed, or refused to.
    Signed {
        /// The request.
        request: Digest,
        /// The approval's file.
        approval: Digest,
        /// Who signed.
        person: String,
        /// Fingerprint of the key.
        fingerprint: String,
        /// What they said.
        decision: Decision,
    },
    /// Approvals were used up, and an apply is about to start. None of them can be used again.
    Used {
        /// The request.
        request: Digest,
        /// The approvals, each once.
        approvals: Vec<Digest>,
        /// The plans that are applied.
        plans: Vec<Digest>,
        /// Who applies.
        by: String,
        /// Name of the run, by which its end is found.
        run: String,
    },
    /// An apply ended.
    Ended {
        /// Name of the run.
        run: String,
        /// How.
        outcome: Outcome,
        /// Terraform's exit code, if it ran and ended by itself.
        code: Option<i64>,
        /// What else there is to say.
        note: Option<String>,
    },
    /// One person went ahead alone, and an apply is about to start. A debt until somebody else has reviewed it.
    BrokeGlass {
        /// The signed statement.
        statement: Digest,
        /// Who signed it.
        person: String,
        /// The plans it is bound to.
        plans: Vec<Digest>,
        /// Why, in their words.
        reason: String,
        /// When the statement ends (UTC).
        until: Instant,
        /// Name of the run.
        run: String,
    },
    /// A second person looked at what was done with a broken glass.
    Reviewed {
        /// The statement.
        statement: Digest,
        /// Who reviewed.
        by: String,
    },
    /// A command changed the state without a plan.
    Bypassed {
        /// The words of the command, without the values of its arguments, which may be secret.
        command: String,
        /// Who ran it.
        by: String,
        /// Its exit code, if it ended by itself.
        code: Option<i64>,
    },
}

/// How an apply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// All of it was done.
    Applied,
    /// Terraform failed; some of it may have been done.
    Failed,
    /// It was refused before terraform started.
    Refused,
    /// Nobody saw the end.
    Unknown,
}

impl Body {
    /// What this entry takes for itself: no other entry of the ledger may take the same. In order, each once.
    ///
    /// * A use takes its request and each of its approvals.
    /// * A broken glass takes its statement for this run, and an end takes itself: a journal that is merged by two
    ///   runners is merged once.
    ///
    /// # Errors
    /// If the body has no canonical form, or names an approval twice, which must not count as two.
    pub fn takes(&self) -> Result<Vec<Digest>, super::Error> {
        let mut keys = match self {
            Body::Used { request, approvals, .. } => {
                let mut keys = approvals.clone();
                keys.push(*request);
                keys
            }
            Body::BrokeGlass { statement, run, .. } => vec![canonical::digest(&(statement, run))?],
            Body::Ended { .. } => vec![canonical::digest(self)?],
            Body::Born { .. }
            | Body::Asked { .. }
            | Body::Signed { .. }
            | Body::Reviewed { .. }
            | Body::Bypassed { .. } => Vec::new(),
        };
        keys.sort_unstable();
        match keys.windows(2).find_map(|pair| pair.first().filter(|key| pair.last() == Some(key))) {
            Some(twice) => Err(super::Error::Twice(*twice)),
            None => Ok(keys),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(body: Body) -> Entry {
        Entry { seq: 7, previous: before_the_first(), at: "2026-03-01T09:30:00.5Z".parse().unwrap(), body }
    }

    #[test]
    fn an_entry_has_one_text() {
        let ended = Body::Ended { run: "r1".into(), outcome: Outcome::Failed, code: Some(-1), note: None };
        let bytes = canonical::to_bytes(&entry(ended.clone())).unwrap();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "{\"at\":\"2026-03-01T09:30:00.5Z\",\"body\":{\"code\":-1,\"kind\":\"ended\",\"note\":null,\
             \"outcome\":\"failed\",\"run\":\"r1\"},\"previous\":\"sha256:\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"seq\":7}"
        );
        assert_eq!(canonical::from_slice::<Entry>(&bytes).unwrap(), entry(ended));
    }

    #[test]
    fn what_it_does_not_know_it_does_not_read() {
        for wrong in [
            r#"{"at":"2026-03-01T09:30:00Z","body":{"kind":"born","nonce":"x","other":1},"previous":"P","seq":1}"#,
            r#"{"at":"2026-03-01T09:30:00Z","body":{"kind":"unborn","nonce":"x"},"previous":"P","seq":1}"#,
            r#"{"at":"2026-03-01T09:30:00Z","body":{"kind":"born","nonce":"x"},"other":1,"previous":"P","seq":1}"#,
            r#"{"at":"2026-03-01T09:30:00Z","body":{"kind":"born"},"previous":"P","seq":1}"#,
        ] {
            let text = wrong.replace("\"P\"", &format!("\"{}\"", before_the_first()));
            assert!(canonical::from_slice::<Entry>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_approval_named_twice_is_not_two() {
        let (request, approval) = (Digest::of(b"r"), Digest::of(b"a"));
        let used = |approvals| Body::Used {
            request,
            approvals,
            plans: vec![],
            by: "carol".into(),
            run: "r1".into(),
        };
        assert_eq!(used(vec![approval]).takes().unwrap().len(), 2);
        assert!(matches!(used(vec![approval, approval]).takes(), Err(super::super::Error::Twice(_))));
        assert!(matches!(used(vec![request]).takes(), Err(super::super::Error::Twice(_))));
    }
}
