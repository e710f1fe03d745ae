//! Hearing approvals: what each file says, whether it is good, and whether it speaks of what would happen now.

use super::compare::differences;
use super::quorum::{Identity, Voice};
use super::request::{self, LedgerRef, Request};
use super::revoked::Revoked;
use super::roster::Roster;
use super::signature::{Answer, Rules, verify};
use super::token::{self, Approval, Decision};
use crate::model::{Digest, Instant, Signing, minute};

/// Seconds that the clocks of two machines may differ.
pub const SKEW: i64 = 300;

/// How a signature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// By a person of the roster, and valid now.
    Good,
    /// By a key that is nobody's.
    Unknown,
    /// Anything else.
    Bad,
}

/// One approval, heard.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Its file.
    pub file: String,
    /// How its signature is.
    pub state: State,
    /// Whose it is.
    pub person: Option<String>,
    /// By which key.
    pub fingerprint: Option<String>,
    /// Whether it is a veto.
    pub rejects: bool,
    /// Why, in the words of who signed.
    pub reason: Option<String>,
    /// When it was signed, by the signer's own clock.
    pub issued: Option<Instant>,
    /// Why it does not hold for what would happen now; nothing if it does.
    pub against: Vec<String>,
    /// Digest of the request that it is about.
    pub request: Option<Digest>,
    /// Where the request is recorded.
    pub ledger: Option<LedgerRef>,
    /// What the ledger knows it by.
    pub digest: Option<Digest>,
    /// The person who asked: by the key that signed the request; if that is nobody's, as the request says.
    pub requester: Option<String>,
    /// The key of who asked, if it is nobody's of the roster.
    pub stranger: Option<Identity>,
    /// The commit that was trusted when it was asked for.
    pub trusted: Option<String>,
}

impl Heard {
    /// The voice that it is, if it is one; `number` is its place among the approvals that were given.
    pub fn voice(&self, number: usize) -> Option<Voice> {
        let holds = self.state == State::Good && self.against.is_empty();
        Some(Voice { person: self.person.clone().filter(|_| holds)?, number, rejects: self.rejects })
    }
}

/// Makes the request as it would be now, for the nonce and the times of one that was signed; nothing if that cannot be
/// done, and whoever handed it in knows why.
pub type Anew<'a> = &'a mut dyn FnMut(&Request) -> Option<Request>;

/// By what approvals are judged, and the statement of one who goes ahead alone ([`Bench::hear_alone`]).
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// Now.
    pub now: Instant,
    /// Who may sign.
    pub roster: &'a Roster,
    /// Whose keys count no more.
    pub revoked: &'a Revoked,
    /// What the policy says of signing.
    pub signing: &'a Signing,
}

impl Bench<'_> {
    /// Hears one file.
    pub fn hear(&self, file: &str, bytes: &[u8], anew: Anew<'_>) -> Heard {
        let mut heard = Heard {
            file: file.to_owned(),
            state: State::Bad,
            person: None,
            fingerprint: None,
            rejects: false,
            reason: None,
            issued: None,
            against: Vec::new(),
            request: None,
            ledger: None,
            digest: None,
            requester: None,
            stranger: None,
            trusted: None,
        };
        match Approval::read(bytes) {
            Ok(approval) => {
                if let Err(why) = self.weigh(&approval, anew, &mut heard) {
                    heard.against.push(why);
                }
            }
            Err(error) => heard.against.push(error.to_string()),
        }
        if heard.state == State::Bad && heard.against.is_empty() {
            heard.against.push("its signature is bad".to_owned());
        }
        heard
    }

    fn weigh(&self, approval: &Approval, anew: Anew<'_>, heard: &mut Heard) -> Result<(), String> {
        let (statement, signed) = (&approval.statement, &approval.request);
        let text = |error: super::canonical::Error| error.to_string();
        heard.request = Some(statement.request);
        heard.digest = Some(approval.digest().map_err(text)?);
        heard.rejects = statement.decision == Decision::Reject;
        heard.reason.clone_from(&statement.reason);
        heard.issued = Some(statement.issued);
        let message = statement.message().map_err(text)?;
        match self.check(&message, token::NAMESPACE, &approval.signature, self.signing.require_touch) {
            Answer::Good { person, fingerprint, .. } => {
                heard.state = State::Good;
                if statement.approver != person {
                    heard.against.push(format!(
                        "it says that it is by {}, and the key is {person}'s",
                        statement.approver
                    ));
                }
                heard.person = Some(person);
                heard.fingerprint = Some(fingerprint);
            }
            Answer::Unknown { fingerprint } => {
                heard.state = State::Unknown;
                heard.against.push(format!("the key {fingerprint} is not in the roster"));
                heard.fingerprint = Some(fingerprint);
            }
            Answer::Bad { why } => return Err(why.to_string()),
        }
        let asked = signed.request.message().map_err(text)?;
        match self.check(&asked, request::NAMESPACE, &signed.signature, false) {
            Answer::Good { person, .. } => {
                if signed.request.by != person {
                    heard.against.push(format!(
                        "the request in it says that {} asks, and the key is {person}'s",
                        signed.request.by
                    ));
                }
                heard.requester = Some(person);
            }
            Answer::Unknown { fingerprint } => {
                // Whoever has the key may be anybody, also one of those who sign, and can write any name there. So the
                // name leaves somebody out, and yet does not make the key known.
                heard.requester = Some(signed.request.by.clone());
                heard.stranger = Some(Identity { part: "asks for it".to_owned(), names: vec![fingerprint] });
            }
            Answer::Bad { why } => return Err(format!("the request in it is not signed by who asks: {why}")),
        }
        heard.ledger.clone_from(&signed.request.ledger);
        heard.trusted = signed.request.commit.as_ref().map(|commit| commit.trusted.clone());
        heard.against.extend(self.times(approval));
        let now = anew(&signed.request).ok_or_else(|| "what would happen now is not known".to_owned())?;
        if heard.rejects {
            // Who says no does so whatever else has changed since, as long as it is about this plan.
            let digests =
                |request: &Request| request.plans.iter().map(|plan| plan.sha256).collect::<Vec<_>>();
            if digests(&now) != digests(&signed.request) {
                heard.against.push("the plan is another".to_owned());
            }
            return Ok(());
        }
        heard.against.extend(differences(&signed.request, &now, self.signing.carry_over));
        Ok(())
    }

    pub(super) fn check(&self, message: &[u8], namespace: &str, signature: &str, touch: bool) -> Answer {
        let rules = Rules { roster: self.roster, revoked: self.revoked, at: self.now, touch };
        verify(message, namespace, signature, &rules)
    }

    /// Whether it counts now: from when it was asked for until the first of three ends.
    fn times(&self, approval: &Approval) -> Vec<String> {
        let (statement, asked) = (&approval.statement, &approval.request.request);
        let now = self.now.as_second();
        let latest = asked.created.as_second().saturating_add(self.signing.expires);
        let mut against = Vec::new();
        let ends = [statement.expires.as_second(), asked.expires.as_second(), latest];
        if let Some(end) = ends.into_iter().min().filter(|end| *end <= now) {
            let at = Instant::from_second(end).map(minute).unwrap_or_default();
            against.push(format!("it ended {at}"));
        }
        if asked.created.as_second() > now + SKEW {
            against.push(format!("it was asked for at {}, which is yet to come", minute(asked.created)));
        }
        let issued = statement.issued.as_second();
        if issued > now + SKEW {
            against.push(format!("it was signed at {}, which is yet to come", minute(statement.issued)));
        }
        if issued < asked.created.as_second() - SKEW {
            against.push("it was signed before it was asked for".to_owned());
        }
        against
    }
}
