//! No byte of what was signed can be another one, and nothing can be put together from parts: not one changed file
//! gives a voice.

use super::keys::{ED25519, ED25519_OTHER, Soft, public, sign};
use super::{instant, people};
use crate::approval::glass::{self, BreakGlass};
use crate::approval::ledger::Head;
use crate::approval::quorum::{Parties, weigh};
use crate::approval::request::{
    self, CommitRef, LedgerRef, MadeOn, Named, PlanRef, Request, SignedRequest, SourceRef,
};
use crate::approval::revoked::Revoked;
use crate::approval::roster::Roster;
use crate::approval::signature::{Answer, Rules, verify};
use crate::approval::token::{self, Approval, Decision, Statement};
use crate::approval::{Bench, Heard};
use crate::model::{Criticality, Digest, Horizon, Instant, Level, Signing};
use crate::verdict::{Certainty, Loss, Verdict, loss_digest};
use std::fmt::Write as _;

const ALICE: Soft = ED25519;
const BOB: Soft = ED25519_OTHER;
const NOBODY: Soft = Soft::P256(77);

fn roster() -> Roster {
    let lines = format!("alice@example.com {}\nbob@example.com {}\n", public(ALICE), public(BOB));
    Roster::parse(&lines, "roster", &people()).unwrap()
}

/// What bob asks for; every field holds something.
fn asked() -> Request {
    let losses = vec![Loss {
        node: "workload:api".to_owned(),
        workload: "api".to_owned(),
        criticality: Criticality::Critical,
        rule: "breaks-workload".into(),
        level: Level::Approval,
        certainty: Certainty::Certain,
        lost: vec!["api can read on vault".to_owned()],
        causes: vec!["azurerm_role_assignment.api".to_owned()],
        undo: None,
        until: Horizon::NEVER,
        trigger: Some("apply".to_owned()),
    }];
    let of = |text: &str| Digest::of(text.as_bytes());
    Request {
        format: request::FORMAT.to_owned(),
        tool: "1.2.3".to_owned(),
        plans: vec![PlanRef {
            path: "plan.tfplan".to_owned(),
            sha256: of("plan"),
            made_on: Some(MadeOn {
                backend: "s3".to_owned(),
                settings: of("settings"),
                workspace: "prod".to_owned(),
                lineage: "1234".to_owned(),
                serial: 7,
                lock: Some(of("lock")),
            }),
        }],
        verdict: Verdict::Approval,
        required: 2,
        groups: vec!["platform".to_owned()],
        loss_digest: loss_digest(&losses),
        losses,
        undetermined: vec!["x".to_owned()],
        change_digest: of("changes"),
        changes: None,
        programs: vec!["null_resource.x".to_owned()],
        policy: of("policy"),
        catalog: of("catalog"),
        roster: of("roster"),
        revoked: Some(of("revoked")),
        sources: vec![SourceRef {
            path: "iam.json".to_owned(),
            kind: "azure".to_owned(),
            taken_at: Some(instant("2026-03-01T10:00:00Z")),
            complete: true,
        }],
        commit: Some(CommitRef { trusted: "a".repeat(40), head: "b".repeat(40), tree: "c".repeat(40) }),
        environment: vec![Named { name: "AWS_PROFILE".to_owned(), sha256: of("prod") }],
        ledger: Some(LedgerRef { id: of("ledger"), head: Head { seq: 1, hash: of("head") } }),
        by: "bob".to_owned(),
        created: instant("2026-03-01T11:00:00Z"),
        expires: instant("2026-03-02T11:00:00Z"),
        nonce: "n".to_owned(),
    }
}

fn signed_by(key: Soft, request: Request) -> SignedRequest {
    let signature = sign(key, request::NAMESPACE, "sha512", &request.message().unwrap(), 0);
    SignedRequest { request, signature }
}

fn approved_by(key: Soft, approver: &str, request: SignedRequest) -> Approval {
    let statement = Statement {
        format: token::FORMAT.to_owned(),
        request: request.request.digest().unwrap(),
        plans: request.request.plans.iter().map(|plan| plan.sha256).collect(),
        loss_digest: request.request.loss_digest,
        decision: Decision::Approve,
        approver: approver.to_owned(),
        reason: Some("seen".to_owned()),
        issued: instant("2026-03-01T11:30:00Z"),
        expires: request.request.expires,
    };
    let signature = sign(key, token::NAMESPACE, "sha512", &statement.message().unwrap(), 0);
    Approval { statement, signature, request }
}

fn now() -> Instant {
    instant("2026-03-01T12:00:00Z")
}

fn heard(bytes: &[u8], now: Instant, is: &Request) -> Heard {
    let (roster, revoked, signing) = (roster(), Revoked::default(), Signing::default());
    let bench = Bench { now, roster: &roster, revoked: &revoked, signing: &signing };
    bench.hear("f", bytes, &mut |_| Some(is.clone()))
}

/// Whether the file gives a voice, for what would happen now.
fn counts(bytes: &[u8], is: &Request) -> bool {
    heard(bytes, now(), is).voice(0).is_some()
}

/// A text with each byte changed in several ways, left out, and doubled.
fn each_changed(bytes: &[u8], mut each: impl FnMut(usize, &[u8])) {
    for place in 0..bytes.len() {
        for flip in [0x01, 0x04, 0x20, 0x80] {
            let mut other = bytes.to_vec();
            other[place] ^= flip;
            each(place, &other);
        }
        let (before, after) = bytes.split_at(place);
        each(place, &[before, &after[1..]].concat());
        each(place, &[before, &after[..1], after].concat());
        each(place, before);
    }
}

#[test]
fn no_changed_byte_of_an_approval_gives_a_voice() {
    let request = asked();
    let bytes = approved_by(ALICE, "alice", signed_by(BOB, request.clone())).to_bytes().unwrap();
    let good = heard(&bytes, now(), &request);
    assert_eq!((good.voice(0).unwrap().person.as_str(), good.requester.as_deref()), ("alice", Some("bob")));
    each_changed(&bytes, |place, other| assert!(!counts(other, &request), "byte {place}"));
}

#[test]
fn no_changed_byte_of_a_statement_lets_anybody_go_alone() {
    let (roster, revoked) = (roster(), Revoked::default());
    let mut people = people();
    people.iter_mut().filter(|one| one.name == "alice").for_each(|one| one.groups.push("leads".into()));
    let signing = Signing { break_glass: Some("leads".to_owned()), people, ..Signing::default() };
    let bench = Bench { now: now(), roster: &roster, revoked: &revoked, signing: &signing };
    let request = asked();
    let statement = glass::Statement {
        format: glass::FORMAT.to_owned(),
        plans: vec![Digest::of(b"plan")],
        verdict: request.verdict,
        losses: request.losses,
        loss_digest: request.loss_digest,
        undetermined: Vec::new(),
        change_digest: request.change_digest,
        person: "alice".to_owned(),
        reason: "it burns".to_owned(),
        issued: instant("2026-03-01T11:30:00Z"),
        expires: instant("2026-03-01T12:30:00Z"),
        nonce: "n".to_owned(),
    };
    let signature = sign(ALICE, glass::NAMESPACE, "sha512", &statement.message().unwrap(), 0);
    let bytes = BreakGlass { statement, signature }.to_bytes().unwrap();
    let goes = |bytes: &[u8]| BreakGlass::read(bytes).is_ok_and(|glass| bench.hear_alone(&glass).is_ok());
    assert!(goes(&bytes));
    each_changed(&bytes, |place, other| assert!(!goes(other), "byte {place}"));
    // The same moment, spelled otherwise.
    let text = String::from_utf8(bytes).unwrap();
    for other in ["2026-03-01T11:30:00.000Z", "2026-03-01T12:30:00+01:00"] {
        let respelled = text.replacen("2026-03-01T11:30:00Z", other, 1);
        let told = BreakGlass::read(respelled.as_bytes()).unwrap_err().to_string();
        assert!(told.contains("not spelled as"), "{told}");
    }
}

#[test]
fn no_changed_byte_of_a_request_is_signed() {
    let bytes = signed_by(BOB, asked()).to_bytes().unwrap();
    let roster = roster();
    let is_signed = |bytes: &[u8]| {
        SignedRequest::read(bytes).is_ok_and(|read| {
            let message = read.request.message().unwrap();
            let of = (request::NAMESPACE, read.signature.as_str());
            let answer = verify(
                &message,
                of.0,
                of.1,
                &Rules { roster: &roster, revoked: &Revoked::default(), at: now(), touch: false },
            );
            matches!(answer, Answer::Good { .. })
        })
    };
    assert!(is_signed(&bytes));
    each_changed(&bytes, |place, other| assert!(!is_signed(other), "byte {place}"));
}

/// Each value of the request, of what is there now, changed: all that decides is bound, and what does not is known.
#[test]
fn what_would_happen_now_must_be_what_was_signed_for() {
    let request = asked();
    let bytes = approved_by(ALICE, "alice", signed_by(BOB, request.clone())).to_bytes().unwrap();
    let value = serde_json::to_value(&request).unwrap();
    let digest = Digest::of(b"another").to_string();
    let of = |text: &str| serde_json::Value::from(text);
    let changes = [
        ("/tool", of("1.2.4")),
        ("/plans/0/sha256", of(&digest)),
        ("/plans/0/made_on", serde_json::Value::Null),
        ("/plans/0/made_on/backend", of("gcs")),
        ("/plans/0/made_on/settings", of(&digest)),
        ("/plans/0/made_on/workspace", of("test")),
        ("/plans/0/made_on/lineage", of("5678")),
        ("/plans/0/made_on/serial", 8.into()),
        ("/plans/0/made_on/lock", of(&digest)),
        ("/plans", serde_json::Value::Array(Vec::new())),
        ("/verdict", of("undetermined")),
        ("/losses/0/certainty", of("possible")),
        ("/losses/0/lost/0", of("api can write on vault")),
        ("/loss_digest", of(&digest)),
        ("/undetermined/0", of("y")),
        ("/change_digest", of(&digest)),
        ("/policy", of(&digest)),
        ("/catalog", of(&digest)),
        ("/roster", of(&digest)),
        ("/revoked", of(&digest)),
        ("/revoked", serde_json::Value::Null),
        ("/sources/0/path", of("other.json")),
        ("/sources/0/taken_at", of("2026-02-28T10:00:00Z")),
        ("/sources/0/taken_at", serde_json::Value::Null),
        ("/sources/0/complete", false.into()),
        ("/commit", serde_json::Value::Null),
        ("/commit/tree", of(&"d".repeat(40))),
        ("/environment/0/sha256", of(&digest)),
        ("/environment/0/name", of("AWS_REGION")),
        ("/environment", serde_json::Value::Array(Vec::new())),
    ];
    let mut stand = String::new();
    for (pointer, other) in changes {
        let mut changed = value.clone();
        *changed.pointer_mut(pointer).unwrap() = other;
        let is: Request = serde_json::from_value(changed).unwrap();
        if counts(&bytes, &is) {
            writeln!(stand, "{pointer}").unwrap();
        }
    }
    // A loss that is less sure is no more than what was signed for, and its digest would be another.
    assert_eq!(stand, "/losses/0/certainty\n");
}

#[test]
fn who_asks_cannot_be_somebody_else() {
    let parties = |heard: &Heard| Parties {
        required: 1,
        requesters: heard.requester.iter().cloned().collect(),
        identities: heard.stranger.iter().cloned().collect(),
        ..Parties::default()
    };
    // Who asks signs as well.
    let own = approved_by(BOB, "bob", signed_by(BOB, asked())).to_bytes().unwrap();
    let own = heard(&own, now(), &asked());
    assert!(!weigh(&parties(&own), &[own.voice(0).unwrap()], &people()).is_met());
    // Bob asks, and writes that alice does.
    let request = Request { by: "alice".to_owned(), ..asked() };
    let edited = approved_by(BOB, "bob", signed_by(BOB, request.clone())).to_bytes().unwrap();
    assert!(!counts(&edited, &request));
    // With a key that nobody knows: alice is left out, but one more is asked for, so that bob gains nothing.
    let unknown = approved_by(BOB, "bob", signed_by(NOBODY, request.clone())).to_bytes().unwrap();
    let unknown = heard(&unknown, now(), &request);
    let quorum = weigh(&parties(&unknown), &[unknown.voice(0).unwrap()], &people());
    assert_eq!((quorum.needed, quorum.is_met()), (2, false));
    // The request that alice signed for, signed by another than who asked.
    let again = approved_by(ALICE, "alice", signed_by(ALICE, asked())).to_bytes().unwrap();
    assert!(!counts(&again, &asked()));
}

#[test]
fn an_approval_is_one_persons_word_in_one_place_for_a_time() {
    let request = asked();
    let good = approved_by(ALICE, "alice", signed_by(BOB, request.clone()));
    // The name in it is another's.
    let named = approved_by(ALICE, "bob", signed_by(BOB, request.clone()));
    assert!(!counts(&named.to_bytes().unwrap(), &request));
    // A requester's signature is no approver's, and the other way round.
    let statement = good.statement.message().unwrap();
    let crossed =
        Approval { signature: sign(ALICE, request::NAMESPACE, "sha512", &statement, 0), ..good.clone() };
    assert!(!counts(&crossed.to_bytes().unwrap(), &request));
    // The statement on one request, with another one around it.
    let other = Request { nonce: "m".to_owned(), ..request.clone() };
    let moved = Approval { request: signed_by(BOB, other), ..good.clone() };
    assert!(Approval::read(&moved.to_bytes().unwrap()).is_err());
    // Its end, also by a clock that was set back or forth.
    let bytes = good.to_bytes().unwrap();
    for (at, whether) in [
        ("2026-03-01T10:00:00Z", false),
        ("2026-03-01T11:40:00Z", true),
        ("2026-03-02T10:59:59Z", true),
        ("2026-03-02T11:00:00Z", false),
        ("2036-03-02T11:00:00Z", false),
    ] {
        assert_eq!(heard(&bytes, instant(at), &request).voice(0).is_some(), whether, "{at}");
    }
    // Who asks cannot make it last longer than the policy says.
    let long = Request { expires: instant("2099-01-01T00:00:00Z"), ..request };
    let long_bytes = approved_by(ALICE, "alice", signed_by(BOB, long.clone())).to_bytes().unwrap();
    assert!(heard(&long_bytes, instant("2026-03-02T11:00:00Z"), &long).voice(0).is_none());
}

#[test]
fn what_says_the_same_in_other_bytes_is_refused() {
    let request = asked();
    let bytes = approved_by(ALICE, "alice", signed_by(BOB, request.clone())).to_bytes().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&text).unwrap());
    let others = [
        format!("{text}\n"),
        format!("\u{feff}{text}"),
        pretty.unwrap(),
        // A key twice, at the top and within; most readers would take one of the two.
        text.replacen('{', "{\"format\":\"mainstay.dev/approval/v1\",", 1),
        text.replacen("\"decision\":", "\"decision\":\"reject\",\"decision\":", 1),
        text.replacen("\"losses\":[{", "\"losses\":[{\"node\":\"\",", 1),
        text.replacen("\"required\":2", "\"required\":2.0", 1),
        text.replacen("\"required\":2", "\"required\":1", 1),
        text.replacen("alice", "\\u0061lice", 1),
        text.replacen("\"nonce\"", "\"note\":\"harmless\",\"nonce\"", 1),
        format!("{}{text}{}", "[".repeat(100_000), "]".repeat(100_000)),
    ];
    for other in others {
        assert_ne!(other, text);
        assert!(!counts(other.as_bytes(), &request), "{}", other.chars().take(200).collect::<String>());
    }
    let huge = vec![b' '; crate::approval::canonical::MOST + 1];
    assert!(Approval::read(&huge).unwrap_err().to_string().contains("more than is ever read"));
}
