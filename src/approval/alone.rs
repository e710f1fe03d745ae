//! Whether one person may go ahead alone: of the group that may, by a key that counts, for just this plan, now.

use super::compare::within;
use super::glass::{BreakGlass, NAMESPACE, Statement};
use super::hearing::{Bench, SKEW};
use super::quorum::{Identity, people_of};
use super::signature::Answer;
use crate::model::{Digest, Person, Signing, minute};
use crate::verdict::{Loss, Verdict};

/// What would happen now, as far as a statement is bound to it.
#[derive(Debug, Clone)]
pub struct Present {
    /// Digests of the plans, by their bytes.
    pub plans: Vec<Digest>,
    /// What they are judged to be.
    pub verdict: Verdict,
    /// What is lost.
    pub losses: Vec<Loss>,
    /// What is not known.
    pub undetermined: Vec<String>,
    /// Digest of all changes, without their values.
    pub change_digest: Digest,
}

/// Who it is that may not go ahead, or that it is somebody who may.
///
/// # Errors
/// Why this person may not.
pub fn may_break(person: &str, signing: &Signing) -> Result<(), String> {
    let Some(group) = &signing.break_glass else {
        return Err("the policy names nobody who may go ahead alone ([approval] break_glass)".to_owned());
    };
    let is_in = |one: &Person| one.name == person && one.groups.contains(group);
    match signing.people.iter().any(is_in) {
        true => Ok(()),
        false => Err(format!("{person} is not in group {group}, whose members may go ahead alone")),
    }
}

/// Nobody goes ahead alone with what they alone have written: two people have seen it at least.
///
/// # Errors
/// If no other person is known to have had a part in it. Somebody whom the roster does not know may be anybody, this
/// person too.
pub fn not_the_sole_author(person: &str, authors: &[Identity], people: &[Person]) -> Result<(), String> {
    if authors.is_empty() {
        return Ok(());
    }
    let mut strangers = Vec::new();
    let mut own = false;
    for author in authors {
        let found = people_of(author, people);
        if found.contains(person) {
            own = true;
        } else if found.is_empty() {
            strangers.push(author.names.join(", "));
        } else {
            return Ok(());
        }
    }
    strangers.dedup();
    Err(match strangers.first() {
        Some(stranger) if !own => {
            format!("who wrote the change is nobody of the roster ({stranger}), and could be {person}")
        }
        Some(stranger) => {
            format!("{person} is an author of the change, and the other is nobody of the roster ({stranger})")
        }
        None => format!("{person} is the only author of the change"),
    })
}

impl Bench<'_> {
    /// The person of a statement, if it is good as of now.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn hear_alone(&self, glass: &BreakGlass) -> Result<String, Vec<String>> {
        let statement = &glass.statement;
        let message = statement.message().map_err(|error| vec![error.to_string()])?;
        let touch = self.signing.require_touch;
        let person = match self.check(&message, NAMESPACE, &glass.signature, touch) {
            Answer::Good { person, .. } => person,
            Answer::Unknown { fingerprint } => {
                return Err(vec![format!("the key {fingerprint} is not in the roster")]);
            }
            Answer::Bad { why } => return Err(vec![why.to_string()]),
        };
        let mut against = Vec::new();
        if statement.person != person {
            against.push(format!("it says that it is by {}, and the key is {person}'s", statement.person));
        }
        against.extend(may_break(&person, self.signing).err());
        let now = self.now.as_second();
        if statement.expires.as_second() <= now {
            against.push(format!("it ended {}", minute(statement.expires)));
        }
        if statement.issued.as_second() > now.saturating_add(SKEW) {
            against.push(format!("it was signed at {}, which is yet to come", minute(statement.issued)));
        }
        if against.is_empty() { Ok(person) } else { Err(against) }
    }
}

/// Why a statement does not hold for what would happen now; nothing if it does.
pub fn differs(statement: &Statement, now: &Present) -> Vec<String> {
    let mut found = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            found.push(what.to_owned());
        }
    };
    demand(statement.plans == now.plans, "it is about another plan");
    demand(statement.change_digest == now.change_digest, "the changes are others");
    demand(statement.verdict >= now.verdict, "the verdict is worse");
    demand(within(&now.losses, &statement.losses), "what would be lost is worse than what was signed for");
    demand(
        now.undetermined.iter().all(|what| statement.undetermined.contains(what)),
        "more is not known than was signed for",
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approval::glass::FORMAT;
    use crate::approval::revoked::Revoked;
    use crate::approval::roster::Roster;
    use crate::approval::tests::keys::{ED25519, ED25519_OTHER, SK_ED25519, Soft, public, sign};
    use crate::approval::tests::{instant, people};
    use crate::verdict::loss_digest;

    fn signing() -> Signing {
        let mut people = people();
        people.iter_mut().filter(|one| one.name == "alice").for_each(|one| one.groups.push("leads".into()));
        Signing { break_glass: Some("leads".to_owned()), people, ..Signing::default() }
    }

    fn statement() -> Statement {
        Statement {
            format: FORMAT.to_owned(),
            plans: vec![Digest::of(b"plan")],
            verdict: Verdict::Approval,
            losses: Vec::new(),
            loss_digest: loss_digest(&[]),
            undetermined: vec!["a".to_owned()],
            change_digest: Digest::of(b"changes"),
            person: "alice".to_owned(),
            reason: "it burns".to_owned(),
            issued: instant("2026-03-01T09:00:00Z"),
            expires: instant("2026-03-01T10:00:00Z"),
            nonce: "00".to_owned(),
        }
    }

    fn signed(statement: Statement, key: Soft, namespace: &str) -> BreakGlass {
        let signature = sign(key, namespace, "sha512", &statement.message().unwrap(), 1);
        BreakGlass { statement, signature }
    }

    fn heard(glass: &BreakGlass, now: &str, signing: &Signing, revoked: &Revoked) -> Result<String, String> {
        let roster = format!(
            "alice@example.com {}\nalice@example.com {}\nbob@example.com {}\n",
            public(ED25519),
            public(SK_ED25519),
            public(ED25519_OTHER)
        );
        // A hardware key is of the same person as the key of the same secret.
        let roster = Roster::parse(&roster, "roster", &signing.people).unwrap();
        let bench = Bench { now: instant(now), roster: &roster, revoked, signing };
        bench.hear_alone(glass).map_err(|why| why.join("; "))
    }

    #[test]
    fn one_of_the_group_within_the_hour_and_nobody_else() {
        let (signing, none) = (signing(), Revoked::default());
        let good = signed(statement(), ED25519, NAMESPACE);
        let hear = |glass: &BreakGlass, now: &str| heard(glass, now, &signing, &none);
        assert_eq!(hear(&good, "2026-03-01T09:59:59Z"), Ok("alice".to_owned()));
        assert_eq!(hear(&good, "2026-03-01T08:55:00Z"), Ok("alice".to_owned()));
        for (now, why) in
            [("2026-03-01T10:00:00Z", "it ended 2026-03-01 10:00"), ("2026-03-01T08:54:59Z", "yet to come")]
        {
            assert!(hear(&good, now).unwrap_err().contains(why), "{now}");
        }
        let now = "2026-03-01T09:30:00Z";
        let by = |person: &str| Statement { person: person.to_owned(), ..statement() };
        for (glass, why) in [
            (signed(by("bob"), ED25519_OTHER, NAMESPACE), "bob is not in group leads"),
            (signed(by("bob"), ED25519, NAMESPACE), "the key is alice's"),
            (signed(statement(), ED25519, "approval@mainstay.dev"), "namespace"),
            (signed(statement(), Soft::Ed25519(99), NAMESPACE), "not in the roster"),
            (BreakGlass { statement: by("alice "), ..good.clone() }, "no signature of this"),
        ] {
            let told = hear(&glass, now).unwrap_err();
            assert!(told.contains(why), "{why}: {told}");
        }
        let revoked = Revoked::parse(public(ED25519).as_bytes(), "revoked").unwrap();
        assert!(heard(&good, now, &signing, &revoked).unwrap_err().contains("revoked"));
        let touch = Signing { require_touch: true, ..signing.clone() };
        assert!(heard(&good, now, &touch, &none).unwrap_err().contains("require_touch"));
        let nobody = Signing { break_glass: None, ..signing.clone() };
        assert!(heard(&good, now, &nobody, &none).unwrap_err().contains("names nobody"));
    }

    #[test]
    fn for_this_plan_and_nothing_worse() {
        let (of, now) = (
            statement(),
            Present {
                plans: vec![Digest::of(b"plan")],
                verdict: Verdict::Approval,
                losses: Vec::new(),
                undetermined: Vec::new(),
                change_digest: Digest::of(b"changes"),
            },
        );
        assert_eq!(differs(&of, &now), [""; 0]);
        for (other, why) in [
            (Present { plans: vec![Digest::of(b"other")], ..now.clone() }, "another plan"),
            (
                Present { plans: [now.plans.clone(), now.plans.clone()].concat(), ..now.clone() },
                "another plan",
            ),
            (Present { change_digest: Digest::of(b""), ..now.clone() }, "changes are others"),
            (Present { verdict: Verdict::Undetermined, ..now.clone() }, "verdict is worse"),
            (Present { undetermined: vec!["b".to_owned()], ..now.clone() }, "more is not known"),
        ] {
            assert!(differs(&of, &other).join("; ").contains(why), "{why}");
        }
    }

    #[test]
    fn nobody_goes_ahead_with_their_own_work_alone() {
        let author = |names: &[&str]| Identity {
            part: "an author of the change".to_owned(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
        };
        let (alice, bob, stranger) =
            (author(&["Alice"]), author(&["B.", "bob@example.com"]), author(&["x@example.com"]));
        let judge = |authors: &[Identity]| not_the_sole_author("alice", authors, &people());
        assert_eq!(judge(&[]), Ok(()));
        assert_eq!(judge(std::slice::from_ref(&bob)), Ok(()));
        assert_eq!(judge(&[alice.clone(), stranger.clone(), bob]), Ok(()));
        assert!(judge(std::slice::from_ref(&alice)).unwrap_err().contains("the only author"));
        assert!(judge(std::slice::from_ref(&stranger)).unwrap_err().contains("could be alice"));
        assert!(judge(&[alice, stranger]).unwrap_err().contains("the other is nobody"));
    }
}
