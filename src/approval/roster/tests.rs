//! Lines of the roster, and what is said of those that are refused.

use super::{Fault, Roster};
use crate::approval::tests::keys::{ED25519, ED25519_OTHER, SK_ED25519, public, software};
use crate::approval::tests::{Scratch, instant, people};

fn faults(text: &str) -> Vec<String> {
    let errors = Roster::parse(text, "keys/allowed_signers", &people()).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_is_a_person() {
    let text = format!(
        "# people\r\nalice@laptop,alice@example.com valid-after=\"20260101Z\",namespaces=\"approval@*\" {} x\r\n\r\nbob@example.com {}\r\n",
        public(ED25519),
        public(ED25519_OTHER)
    );
    let roster = Roster::parse(&text, "roster", &people()).unwrap();
    let [alice, bob] = roster.entries() else { panic!("{roster:?}") };
    assert_eq!((alice.person.as_str(), alice.line, alice.principals.len()), ("alice", 2, 2));
    assert_eq!((bob.person.as_str(), bob.line), ("bob", 4));
    assert_eq!(alice.valid_after(), Some(instant("2026-01-01T00:00:00Z")));
    assert_eq!((alice.valid_before(), bob.valid_after()), (None, None));
    assert!(alice.allows("approval@mainstay.dev") && !alice.allows("git") && bob.allows("git"));
    assert_eq!(alice.fingerprint(), software(ED25519).fingerprint());
    assert!(Roster::parse("", "roster", &[]).unwrap().entries().is_empty());
    assert!(Roster::parse("\u{feff}# x\n", "roster", &[]).is_ok());
}

#[test]
fn all_errors_of_a_file_are_told_with_their_lines() {
    let text = format!(
        "*@example.com {a}\ncarol@example.com {a}\nalice@example.com,bob@example.com {a}\n\nalice@example.com color=\"x\" {a}\nalice@example.com ssh-dss AAAA\nalice@example.com {a}\nbob@example.com {a}\nalice@example.com valid-after=\"20260101\",valid-before=\"2026Z\" {b}\n",
        a = public(ED25519),
        b = public(ED25519_OTHER),
    );
    let said = faults(&text);
    let starts: Vec<&str> = said.iter().map(|text| text.split(" ").next().unwrap()).collect();
    let lines = [1, 2, 3, 5, 6, 8, 9, 9].map(|line| format!("keys/allowed_signers:{line}:"));
    assert_eq!(starts, lines, "{said:#?}");
    for (number, part) in [
        (0, "is a pattern"),
        (1, "no [[approval.person]] has the principal `carol@example.com`"),
        (2, "both alice and bob"),
        (3, "unknown option `color`"),
        (4, "DSA"),
        (5, "the key of bob is that of alice in line 7"),
        (6, "`valid-after=\"20260101\"` is local time"),
        (7, "is no time"),
    ] {
        assert!(said[number].contains(part), "{} {part}", said[number]);
    }
}

#[test]
fn one_private_half_is_one_person() {
    // The same number as a key on disk and as a hardware key: other texts, and one who can sign with both.
    let text = format!("alice@example.com {}\nbob@example.com {}\n", public(ED25519), public(SK_ED25519));
    assert!(faults(&text)[0].contains("the key of bob is that of alice"));
    let text = text.replace("bob@example.com", "alice@laptop");
    assert_eq!(Roster::parse(&text, "roster", &people()).unwrap().entries().len(), 2);
}

#[test]
fn a_principal_has_one_owner() {
    let mut people = people();
    people[1].principals.push("alice@laptop".to_owned());
    let errors = Roster::parse("", "roster", &people).unwrap_err();
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(
        error.to_string(),
        "roster:0: the principal `alice@laptop` is claimed by the [[approval.person]] alice (line 10) and bob (line 20) of the configuration; leave it to one"
    );
}

#[test]
fn look_alikes_are_nobody() {
    for principal in [
        "Alice@example.com",
        "ALICE@EXAMPLE.COM",
        "alice@example.com.",
        "alice@EXAMPLE.com",
        "\u{430}lice@example.com",
        "alice@example.c\u{3bf}m",
        "alice@example.com\u{200b}",
        "\u{200b}alice@example.com",
        "alice\u{202e}@example.com",
        "\u{ff41}lice@example.com",
        "alice@example\u{ff0e}com",
        "alice@example.com\u{a0}",
        "al\u{131}ce@example.com",
        "a\u{301}lice@example.com",
        "alice",
        "@example.com",
        "alice@example.com/",
        "\"alice@example.com \"",
        "\" alice@example.com\"",
        "\u{feff}alice@example.com",
    ] {
        // Not on the first line, where the mark of an editor is dropped.
        let text = format!("#\n{principal} {}\n", public(ED25519));
        let said = faults(&text);
        assert!(said[0].contains("no [[approval.person]] has the principal"), "{principal}: {said:?}");
        assert!(said[0].is_ascii(), "{}", said[0]);
    }
    for principal in ["alice@example.com\u{0}", "alice@example.com\u{85}", "alice@example.com\rbob"] {
        let text = format!("{principal} {}\n", public(ED25519));
        assert!(faults(&text)[0].contains("control character"), "{principal:?}");
    }
}

#[test]
fn keys_that_do_not_count() {
    let key = public(ED25519);
    let (name, base64) = key.split_once(' ').unwrap();
    for (key, part) in [
        (format!("ssh-dss {base64}"), "DSA"),
        (format!("ssh-ed25519-cert-v01@openssh.com {base64}"), "is a certificate"),
        (format!("ssh-ed448 {base64}"), "not verified"),
        (format!("ssh-rsa {base64}"), "says `ssh-rsa` and is `ssh-ed25519`"),
        (format!("{name} {}", base64.get(4..).unwrap()), "cut off"),
        (format!("{name} {base64}AAAA"), "cut off"),
        (format!("{name} {base64}="), "cut off"),
        (name.to_owned(), "ends before the key"),
        (String::new(), "ends before the key"),
        (format!("cert-authority {key}"), "name anybody"),
        (format!("namespaces=\"x,{key}"), "quote"),
    ] {
        let said = faults(&format!("alice@example.com {key}\n"));
        assert!(said[0].contains(part), "{key}: {said:?}");
    }
    if let Some(scratch) = Scratch::new("keys_that_do_not_count") {
        let short = scratch.make("short", "rsa", "1024");
        assert!(faults(&format!("alice@example.com {short}\n"))[0].contains("1024 bits"));
    }
}

#[test]
fn a_file_without_bound_is_not_read() {
    let text = "#".repeat(super::MOST + 1);
    let errors = Roster::parse(&text, "roster", &people()).unwrap_err();
    assert_eq!(errors[0].fault, Fault::Large(text.len()));
}
