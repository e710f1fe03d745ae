//! Every answer against `ssh-keygen -Y verify`, over keys, digests, namespaces, options, times, revocations and ways to
//! write a line.

use super::keys::{SK_ED25519, SK_P256, Soft, public, sign};
use super::{Scratch, instant, people};
use crate::approval::key::Key;
use crate::approval::revoked::Revoked;
use crate::approval::roster::Roster;
use crate::approval::signature::{Answer, Rules, verify};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const APPROVAL: &str = "approval@mainstay.dev";
const REQUEST: &str = "request@mainstay.dev";
const MESSAGE: &[u8] = b"{\"decision\":\"approve\"}";
const AT: &str = "2026-03-01T12:00:00Z";
const CASES: usize = 640;

/// Options of a line, and whether what OpenSSH takes there is refused here.
const OPTIONS: &[(&str, bool)] = &[
    ("", false),
    ("namespaces=\"approval@mainstay.dev\"", false),
    ("namespaces=\"approval@*\"", false),
    ("NameSpaces=\"file,a?proval@mainstay.de?\"", false),
    ("namespaces=\"request@*\"", false),
    ("namespaces=\"*,!approval@*\"", false),
    ("namespaces=\"*,!request@*\"", false),
    ("namespaces=\"\"", false),
    ("namespaces=\"a\\\"b c,*\"", false),
    ("valid-after=\"20260301115959Z\"", false),
    ("valid-after=\"20260301120000Z\"", false),
    ("valid-after=\"20260301120001Z\"", false),
    ("VALID-AFTER=\"202603011159z\"", false),
    ("valid-after=\"20260302Z\"", false),
    ("valid-before=\"20260301115959Z\"", false),
    ("valid-before=\"20260301120000Z\"", false),
    ("valid-before=\"20260301120001Z\"", false),
    ("valid-before=\"20260302UTC\"", false),
    ("valid-before=\"20260301Z\"", false),
    ("valid-after=\"20260228Z\",valid-before=\"20260302Z\"", false),
    ("namespaces=\"approval@*\",valid-before=\"20260302Z\",valid-after=\"20260228Z\"", false),
    ("valid-after=\"20260302Z\",valid-before=\"20260228Z\"", false),
    ("valid-after=\"20260228Z\",valid-before=\"20260228Z\"", false),
    ("valid-after=\"19700101Z\"", false),
    ("valid-after=\"2026Z\"", false),
    ("valid-after=\"20251301Z\"", false),
    ("valid-after=\"\"", false),
    ("namespaces=approval@mainstay.dev", false),
    ("namespaces=\"*\",namespaces=\"*\"", false),
    ("namespaces=\"*\",", false),
    ("namespaces=\"*\",,valid-after=\"20260228Z\"", true),
    ("no-touch-required", false),
    ("cert-authority", false),
    ("Cert-Authority,namespaces=\"*\"", false),
    ("namespaces=\"*\"x", false),
    ("namespaces=\"*", false),
    ("valid-after=\"20260101\"", true),
    ("valid-before=\"203001011200\"", true),
    ("valid-before=\"20300231Z\"", true),
    ("valid-before=\"20300228120060Z\"", true),
    ("namespaces=\"*\",cert-authority", false),
];

/// What a file may look like around the options (`@O`), the key (`@K`) and a key of another (`@B`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Same,
    /// OpenSSH takes it, and it is refused here.
    Refused,
    /// OpenSSH does not take it, and it is read here.
    Read,
}

const SHAPES: &[(&str, Kind)] = &[
    ("alice@example.com @O @K\n", Kind::Same),
    ("alice@example.com @O @K", Kind::Same),
    ("alice@example.com @O @K alice's laptop # of 2026\n", Kind::Same),
    ("  \talice@example.com\t @O  @K\tcomment\n", Kind::Same),
    ("alice@laptop,alice@example.com @O @K\n", Kind::Same),
    ("alice@laptop @O @K\n", Kind::Same),
    ("# people\n\n   # more\n\t\nalice@example.com @O @K\n", Kind::Same),
    ("bob@example.com @B\nalice@example.com @O @K\n", Kind::Same),
    ("alice@example.com @B\nbob@example.com @O @K\n", Kind::Same),
    ("alice@example.com @B\n", Kind::Same),
    ("bob@example.com @O @K\n", Kind::Same),
    ("Alice@example.com @O @K\n", Kind::Same),
    ("alice@example.com. @O @K\n", Kind::Same),
    ("\"alice@example.com\" @O @K\n", Kind::Same),
    ("\"alice@laptop,alice@example.com\" @O @K x\n", Kind::Same),
    ("\"alice@example.com @O @K\n", Kind::Same),
    ("alice@example.com namespaces=\"git\" @K\nalice@example.com @O @K\n", Kind::Same),
    ("alice@example.com @O @K\nalice@example.com valid-before=\"20200101Z\" @K\n", Kind::Same),
    ("#c\r\nalice@example.com @O @K comment\r\n", Kind::Same),
    ("alice@example.com @O\n", Kind::Same),
    ("alice@example.com\n", Kind::Same),
    ("", Kind::Same),
    ("#c\r\n\r\nalice@example.com @O @K\r\n", Kind::Read),
    ("*@example.com @O @K\n", Kind::Refused),
    ("alice@example.co? @O @K\n", Kind::Refused),
    ("!bob@example.com,alice@example.com @O @K\n", Kind::Refused),
    ("alice@example.com,bob@example.com @O @K\n", Kind::Refused),
    ("alice@example.com,alice@elsewhere @O @K\n", Kind::Refused),
    ("alice@example.com, @O @K\n", Kind::Refused),
    ("alice@example.com @O @K\nbob@example.com @K\n", Kind::Refused),
    ("alice@example.com @O @K\nmallory @B\n", Kind::Refused),
    ("alice@example.com @O @K\nbob@example.com ssh-ed25519 AAAA\n", Kind::Refused),
    ("alice@example.com @O @S\n", Kind::Refused),
];

const REVOKED: [&str; 4] = ["", "# none\n@B\n", "@K\n", "  # some\n@B other\n\t@K comment\n"];

struct Signer {
    public: String,
    /// By signed namespace and digest.
    signatures: BTreeMap<(&'static str, &'static str), String>,
}

fn signers(scratch: &Scratch) -> Vec<Signer> {
    let mut signers = Vec::new();
    for (name, kind, bits) in [
        ("ed25519", "ed25519", ""),
        ("p256", "ecdsa", "256"),
        ("p384", "ecdsa", "384"),
        ("p521", "ecdsa", "521"),
        ("rsa2048", "rsa", "2048"),
        ("rsa3072", "rsa", "3072"),
    ] {
        let public = scratch.make(name, kind, bits);
        signers.push(Signer { public, signatures: each(|ns, hash| scratch.sign(name, ns, hash, MESSAGE)) });
    }
    for (key, flags) in
        [(SK_ED25519, 1), (SK_ED25519, 0), (SK_P256, 5), (Soft::Ed25519(3), 0), (Soft::P256(4), 0)]
    {
        let signatures = each(|ns, hash| sign(key, ns, hash, MESSAGE, flags));
        signers.push(Signer { public: public(key), signatures });
    }
    signers
}

fn each(make: impl Fn(&str, &str) -> String) -> BTreeMap<(&'static str, &'static str), String> {
    [(APPROVAL, "sha512"), (APPROVAL, "sha256"), (REQUEST, "sha512")]
        .into_iter()
        .map(|(namespace, hash)| ((namespace, hash), make(namespace, hash)))
        .collect()
}

/// xorshift, so that the cases are the same on each run.
struct Dice(u64);

impl Dice {
    /// A number below the bound; zero in one of two throws, so that most of a case is plain and its answer good.
    fn throw(&mut self, bound: usize) -> usize {
        for shift in [13, 7, 17] {
            self.0 ^= if shift == 7 { self.0 >> shift } else { self.0 << shift };
        }
        let number = usize::try_from(self.0 >> 20).unwrap();
        if number % 2 == 0 { 0 } else { number / 2 % bound }
    }
}

#[derive(Debug, Default)]
struct Tally {
    good: usize,
    bad: usize,
    refused: BTreeMap<&'static str, usize>,
    read: usize,
}

#[test]
fn every_answer_is_that_of_ssh_keygen() {
    let Some(scratch) = Scratch::new("every_answer_is_that_of_ssh_keygen") else { return };
    let signers = signers(&scratch);
    let other = public(Soft::Ed25519(99));
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                loop {
                    let case = next.fetch_add(1, Ordering::Relaxed);
                    if case >= CASES {
                        break;
                    }
                    compare(case, &scratch, &signers, &other, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    eprintln!("{tally:?}");
    assert!(tally.good >= 150 && tally.bad >= 250 && tally.read >= 1, "{tally:?}");
    for reason in ["line", "option"] {
        assert!(tally.refused.get(reason).is_some_and(|count| *count >= 5), "{tally:?}");
    }
}

fn compare(case: usize, scratch: &Scratch, signers: &[Signer], other: &str, tally: &Mutex<Tally>) {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ (case as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95));
    for _ in 0..4 {
        dice.throw(2);
    }
    // Each option and each shape is met at least once, and with every other thing plain.
    let signer = &signers[case % signers.len()];
    let (mut option, mut shape) = (dice.throw(OPTIONS.len()), dice.throw(SHAPES.len()));
    if let Some(turn) = case.checked_sub(CASES - OPTIONS.len() - SHAPES.len()) {
        (option, shape) = if turn < OPTIONS.len() { (turn, 0) } else { (0, turn - OPTIONS.len()) };
    }
    let ((options, option_refused), (shape, kind)) = (OPTIONS[option], SHAPES[shape]);
    let signed_for = if dice.throw(8) == 7 { REQUEST } else { APPROVAL };
    let hash = if signed_for == APPROVAL && dice.throw(2) == 1 { "sha256" } else { "sha512" };
    let wanted = if dice.throw(8) == 6 { REQUEST } else { APPROVAL };
    let armored = &signer.signatures[&(signed_for, hash)];
    let mut message = MESSAGE.to_vec();
    if dice.throw(8) == 5 {
        message[4] ^= 1;
    }
    let fill = |text: &str| {
        let (kind, base64) = signer.public.split_once(' ').unwrap();
        // A short name of a type, which OpenSSH takes for it.
        let short = match kind {
            "ssh-ed25519" => "ED25519",
            "ssh-rsa" => "rsa",
            _ => kind,
        };
        let options = if options.is_empty() { String::new() } else { format!("{options} ") };
        text.replace("@O ", &options)
            .replace("@O", options.trim())
            .replace("@K", &signer.public)
            .replace("@B", other)
            .replace("@S", &format!("{short} {base64}"))
    };
    let (roster_text, revoked_text) = (fill(shape), fill(REVOKED[dice.throw(REVOKED.len())]));

    let revoked = Revoked::parse(revoked_text.as_bytes(), "revoked").unwrap();
    let ours = match Roster::parse(&roster_text, "roster", &people()) {
        Ok(roster) => verify(
            &message,
            wanted,
            armored,
            &Rules { roster: &roster, revoked: &revoked, at: instant(AT), touch: false },
        ),
        Err(errors) => {
            assert!(!errors.is_empty());
            Answer::Unknown { fingerprint: String::new() }
        }
    };
    let ours = matches!(ours, Answer::Good { person, .. } if person == "alice");
    let theirs = {
        let roster = scratch.write(&format!("{case}.roster"), &roster_text);
        let signature = scratch.write(&format!("{case}.sig"), armored);
        let input = scratch.write(&format!("{case}.message"), &message);
        let list = scratch.write(&format!("{case}.revoked"), &revoked_text);
        let [roster, signature, list] = [&roster, &signature, &list].map(|path| path.to_str().unwrap());
        let mut arguments = vec!["-O", "verify-time=20260301120000Z", "-f", roster, "-s", signature];
        arguments.extend(["-I", "alice@example.com", "-n", wanted]);
        if !revoked_text.is_empty() {
            arguments.extend(["-r", list]);
        }
        scratch.verifies(&input, &arguments)
    };
    // The line names the other principal of alice only: for OpenSSH, asked for one, that is nobody.
    let by_other_name = shape.starts_with("alice@laptop @O");
    // A case that failed has poisoned it; the others are to be told too.
    let mut tally = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match (ours, theirs) {
        (true, true) => tally.good += 1,
        (false, false) => tally.bad += 1,
        (false, true) if kind == Kind::Refused => *tally.refused.entry("line").or_default() += 1,
        (false, true) if option_refused => *tally.refused.entry("option").or_default() += 1,
        (true, false) if kind == Kind::Read || by_other_name => tally.read += 1,
        _ => panic!(
            "case {case}: ours {ours}, ssh-keygen {theirs}\n{roster_text}\n{revoked_text}\n{wanted} {signed_for} {hash}"
        ),
    }
}

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    let Some(scratch) = Scratch::new("fingerprints_are_those_of_ssh_keygen") else { return };
    for key in [Soft::Ed25519(1), Soft::P256(2), SK_ED25519, SK_P256] {
        let text = public(key);
        let file = scratch.write("key.pub", format!("{text}\n"));
        let listed = scratch.listed(&file);
        let (name, base64) = text.split_once(' ').unwrap();
        let ours = Key::from_text(name, base64).unwrap();
        assert!(listed.contains(&format!(" {} ", ours.fingerprint())), "{listed}");
        assert_eq!(ours.to_text(), text);
    }
}
