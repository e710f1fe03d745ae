//! What nobody signed is never good: each byte of a signature and of a message changed, and what a forger would try.

use super::keys::{
    APPLICATION, ED25519, ED25519_OTHER, SK_ED25519, SK_P256, Soft, armor, envelope, number, public, sign,
    software, to_sign,
};
use super::{Scratch, instant, people};
use crate::approval::key::wire::{Wire, put};
use crate::approval::key::{Key, KeyError};
use crate::approval::revoked::Revoked;
use crate::approval::roster::Roster;
use crate::approval::signature::{Answer, Rules, Why, verify};
use base64ct::{Base64, Encoding};
use crypto_bigint::modular::runtime_mod::{DynResidue, DynResidueParams};
use crypto_bigint::{Encoding as _, U2048};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const NAMESPACE: &str = "approval@mainstay.dev";
const MESSAGE: &[u8] = b"{\"decision\":\"approve\"}";

fn roster(lines: &str) -> Roster {
    Roster::parse(lines, "roster", &people()).unwrap()
}

fn of_alice(key: &str) -> Roster {
    roster(&format!("alice@example.com {key}\n"))
}

fn judge(message: &[u8], armored: &str, roster: &Roster, touch: bool) -> Answer {
    let (revoked, at) = (Revoked::default(), instant("2026-03-01T12:00:00Z"));
    verify(message, NAMESPACE, armored, &Rules { roster, revoked: &revoked, at, touch })
}

fn why(answer: Answer) -> Why {
    match answer {
        Answer::Bad { why } => why,
        other => panic!("{other:?}"),
    }
}

fn is_good(answer: &Answer) -> bool {
    matches!(answer, Answer::Good { person, .. } if person == "alice")
}

#[test]
fn no_changed_byte_is_good() {
    let mut signed: Vec<(String, String)> = [ED25519, Soft::P256(3), SK_ED25519, SK_P256]
        .into_iter()
        .map(|key| (public(key), sign(key, NAMESPACE, "sha512", MESSAGE, 1)))
        .collect();
    if let Some(scratch) = Scratch::new("no_changed_byte_is_good") {
        for (kind, bits) in [("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")] {
            let name = format!("{kind}{bits}");
            signed.push((scratch.make(&name, kind, bits), scratch.sign(&name, NAMESPACE, "sha256", MESSAGE)));
        }
    }
    for (key, armored) in signed {
        let roster = of_alice(&key);
        assert!(is_good(&judge(MESSAGE, &armored, &roster, false)), "{key}");
        for place in 0..armored.len() {
            // Each bit of each byte is a minute's work for the larger keys.
            let bits = if key.starts_with("ssh-ed25519") { 0..7 } else { place % 7..place % 7 + 1 };
            for bit in bits {
                let mut changed = armored.clone().into_bytes();
                changed[place] ^= 1 << bit;
                let changed = String::from_utf8(changed).unwrap();
                assert!(!is_good(&judge(MESSAGE, &changed, &roster, false)), "{key}: bit {bit} of {place}");
            }
            let cut = armored.get(..place).unwrap();
            // Only the last line break may be missing.
            assert_eq!(
                is_good(&judge(MESSAGE, cut, &roster, false)),
                place + 1 == armored.len(),
                "cut at {place}"
            );
        }
        for place in 0..MESSAGE.len() {
            for bit in [place % 8, (place + 3) % 8] {
                let mut changed = MESSAGE.to_vec();
                changed[place] ^= 1 << bit;
                let Why::Tampered(_) = why(judge(&changed, &armored, &roster, false)) else {
                    panic!("{place}")
                };
            }
        }
    }
}

#[test]
fn no_changed_bit_below_the_armor_is_good() {
    let signature = ED25519.raw(&to_sign(NAMESPACE, "sha512", MESSAGE), 0);
    let bytes = envelope(&ED25519.blob(), NAMESPACE, "sha512", &signature);
    let roster = of_alice(&public(ED25519));
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            assert!(!is_good(&judge(MESSAGE, &armor(&changed), &roster, false)), "bit {bit} of {place}");
        }
    }
}

#[test]
fn other_texts_of_a_good_signature_are_refused() {
    let good = sign(ED25519, NAMESPACE, "sha512", MESSAGE, 0);
    let roster = of_alice(&public(ED25519));
    for text in [
        format!("{good}\n"),
        format!("\n{good}"),
        format!("{good}trailing"),
        format!("{good}{good}"),
        good.replace('\n', "\r\n"),
        good.replace("SIGNATURE", "signature"),
        good.replacen('\n', "\n\n", 2),
        good.replacen("-----BEGIN SSH SIGNATURE-----\n", "-----BEGIN SSH SIGNATURE-----", 1),
        String::new(),
        "x".repeat(1 << 20),
    ] {
        let why = why(judge(MESSAGE, &text, &roster, false));
        assert!(matches!(why, Why::Armor | Why::Large(_)), "{text}: {why}");
    }
    let signature = ED25519.raw(&to_sign(NAMESPACE, "sha512", MESSAGE), 0);
    let mut bytes = envelope(&ED25519.blob(), NAMESPACE, "sha512", &signature);
    bytes.push(0);
    assert_eq!(why(judge(MESSAGE, &armor(&bytes), &roster, false)), Why::Armor);

    let mut reserved = b"SSHSIG\0\0\0\x01".to_vec();
    for part in [&ED25519.blob()[..], NAMESPACE.as_bytes(), b"x", b"sha512", &signature] {
        put(&mut reserved, part);
    }
    assert_eq!(why(judge(MESSAGE, &armor(&reserved), &roster, false)), Why::Reserved);
    let other = envelope(&ED25519.blob(), NAMESPACE, "sha1", &signature);
    assert_eq!(why(judge(MESSAGE, &armor(&other), &roster, false)), Why::Hash("sha1".to_owned()));
}

#[test]
fn a_key_of_nobody_is_unknown_only_with_a_true_signature() {
    let roster = of_alice(&public(ED25519));
    let stranger = sign(ED25519_OTHER, NAMESPACE, "sha512", MESSAGE, 0);
    let fingerprint = software(ED25519_OTHER).fingerprint();
    assert_eq!(
        judge(MESSAGE, &stranger, &roster, false),
        Answer::Unknown { fingerprint: fingerprint.clone() }
    );
    assert_eq!(why(judge(b"other", &stranger, &roster, false)), Why::Tampered(fingerprint));
    // Alice's key, with a stranger's signature.
    let signature = ED25519_OTHER.raw(&to_sign(NAMESPACE, "sha512", MESSAGE), 0);
    let forged = armor(&envelope(&ED25519.blob(), NAMESPACE, "sha512", &signature));
    assert!(matches!(why(judge(MESSAGE, &forged, &roster, false)), Why::Tampered(_)));
    let elsewhere = sign(ED25519, "git", "sha512", MESSAGE, 0);
    assert!(matches!(why(judge(MESSAGE, &elsewhere, &roster, false)), Why::Namespace { .. }));
    // The namespace is part of what is signed, not only of what is said.
    let signature = ED25519.raw(&to_sign("git", "sha512", MESSAGE), 0);
    let renamed = armor(&envelope(&ED25519.blob(), NAMESPACE, "sha512", &signature));
    assert!(matches!(why(judge(MESSAGE, &renamed, &roster, false)), Why::Tampered(_)));
}

#[test]
fn touch_is_asked_of_the_key() {
    let lines = format!("alice@example.com {}\nalice@laptop {}\n", public(SK_ED25519), public(SK_P256));
    let tokens = roster(&lines);
    for key in [SK_ED25519, SK_P256] {
        for (flags, touched) in [(0, false), (1, true), (4, false), (5, true), (0xFE, false)] {
            let armored = sign(key, NAMESPACE, "sha512", MESSAGE, flags);
            assert!(is_good(&judge(MESSAGE, &armored, &tokens, false)));
            let answer = judge(MESSAGE, &armored, &tokens, true);
            assert_eq!(is_good(&answer), touched, "{key:?} {flags}");
            if !touched {
                assert_eq!(why(answer), Why::NoTouch { token: true });
            }
        }
    }
    let armored = sign(ED25519, NAMESPACE, "sha512", MESSAGE, 1);
    let answer = judge(MESSAGE, &armored, &of_alice(&public(ED25519)), true);
    assert_eq!(why(answer), Why::NoTouch { token: false });
}

#[test]
fn a_hardware_keys_signature_is_not_that_of_its_number_alone() {
    // The same number as a key on disk, and its signature relabelled.
    let roster = of_alice(&public(SK_ED25519));
    let plain = sign(ED25519, NAMESPACE, "sha512", MESSAGE, 0);
    assert!(matches!(judge(MESSAGE, &plain, &roster, false), Answer::Unknown { .. }));
    let mut signature = Vec::new();
    put(&mut signature, b"sk-ssh-ed25519@openssh.com");
    let raw = ED25519.raw(&to_sign(NAMESPACE, "sha512", MESSAGE), 0);
    let mut wire = Wire(&raw);
    wire.string().unwrap();
    put(&mut signature, wire.string().unwrap());
    signature.extend([1, 0, 0, 0, 42]);
    let relabelled = armor(&envelope(&SK_ED25519.blob(), NAMESPACE, "sha512", &signature));
    assert!(matches!(why(judge(MESSAGE, &relabelled, &roster, false)), Why::Tampered(_)));
    assert_eq!(APPLICATION, b"ssh:");
}

#[test]
fn a_key_that_anybody_can_sign_for_is_refused() {
    let key = |point: [u8; 32]| {
        let mut blob = Vec::new();
        put(&mut blob, b"ssh-ed25519");
        put(&mut blob, &point);
        Key::from_blob(&blob)
    };
    let mut one = [0; 32];
    one[0] = 1;
    assert_eq!(key([0; 32]), Err(KeyError::Point));
    assert_eq!(key(one), Err(KeyError::Point));
    for (tag, value) in [(4, 1), (2, 1), (0, 0)] {
        let mut blob = Vec::new();
        put(&mut blob, b"ecdsa-sha2-nistp256");
        put(&mut blob, b"nistp256");
        let mut point = vec![tag];
        point.resize(if tag == 4 { 65 } else { 33 }, value);
        put(&mut blob, &point);
        assert_eq!(Key::from_blob(&blob), Err(KeyError::Point), "{tag}");
    }
}

/// The numbers of a private RSA key that has no passphrase (OpenSSH's `PROTOCOL.key`): modulus and private exponent.
fn secret(file: &str) -> (U2048, U2048, Vec<u8>) {
    let text: String = file.lines().filter(|line| !line.starts_with('-')).collect();
    let bytes = Base64::decode_vec(&text).unwrap();
    let mut wire = Wire(bytes.strip_prefix(b"openssh-key-v1\0").unwrap());
    for _ in 0..3 {
        wire.string().unwrap();
    }
    wire.number().unwrap();
    let blob = wire.string().unwrap().to_vec();
    let mut wire = Wire(wire.string().unwrap());
    wire.take(8).unwrap();
    wire.string().unwrap();
    let modulus = wire.positive().unwrap();
    wire.positive().unwrap();
    let mut exponent = vec![0; 256];
    exponent.extend_from_slice(wire.positive().unwrap());
    (U2048::from_be_slice(modulus), U2048::from_be_slice(&exponent[exponent.len() - 256..]), blob)
}

#[test]
fn rsa_signs_one_block_with_one_algorithm() {
    let Some(scratch) = Scratch::new("rsa_signs_one_block_with_one_algorithm") else { return };
    let roster = of_alice(&scratch.make("rsa", "rsa", "2048"));
    let (modulus, exponent, blob) = secret(&scratch.read("rsa"));
    let sign = |algorithm: &str, block: &[u8]| {
        let residue = DynResidue::new(&U2048::from_be_slice(block), DynResidueParams::new(&modulus));
        let mut signature = Vec::new();
        put(&mut signature, algorithm.as_bytes());
        put(&mut signature, &residue.pow(&exponent).retrieve().to_be_bytes());
        armor(&envelope(&blob, NAMESPACE, "sha512", &signature))
    };
    let mut info = vec![0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32];
    info.extend(Sha256::digest(to_sign(NAMESPACE, "sha512", MESSAGE)));
    let block = |padding: usize, after: &[u8]| {
        let mut block = vec![0, 1];
        block.resize(2 + padding, 0xFF);
        block.push(0);
        block.extend(&info);
        block.extend(after);
        block.resize(256, 0);
        block
    };
    let full = 256 - 3 - info.len();
    let good = sign("rsa-sha2-256", &block(full, b""));
    assert!(is_good(&judge(MESSAGE, &good, &roster, false)));
    let input = scratch.write("message", MESSAGE);
    scratch.write("good.sig", &good);
    scratch.write("roster", format!("alice@example.com {}", scratch.read("rsa.pub")));
    let arguments = ["-f", "roster", "-s", "good.sig", "-I", "alice@example.com", "-n", NAMESPACE];
    assert!(scratch.verifies(&input, &arguments));

    // Less padding and something after the digest, as in the forgeries of 2006.
    let forged = sign("rsa-sha2-256", &block(8, &vec![7; full - 8]));
    assert!(matches!(why(judge(MESSAGE, &forged, &roster, false)), Why::Tampered(_)));
    for name in ["rsa-sha2-512", "ssh-rsa", "ssh-ed25519", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"] {
        let other = why(judge(MESSAGE, &sign(name, &block(full, b"")), &roster, false));
        match name {
            "rsa-sha2-512" => assert!(matches!(other, Why::Tampered(_)), "{other}"),
            _ => assert_eq!(other, Why::Algorithm(name.to_owned())),
        }
    }
    // A signature plus the modulus opens to the same; too long and too large ones are refused.
    for number in [vec![0xFF; 256], vec![0; 257], Vec::new()] {
        let mut signature = Vec::new();
        put(&mut signature, b"rsa-sha2-256");
        put(&mut signature, &number);
        let odd = armor(&envelope(&blob, NAMESPACE, "sha512", &signature));
        assert!(matches!(why(judge(MESSAGE, &odd, &roster, false)), Why::Tampered(_)));
    }
}

#[test]
fn rsa_keys_have_bounds() {
    let key = |exponent: &[u8], bits: usize, last: u8| {
        let mut modulus = vec![0xC1; bits / 8];
        *modulus.last_mut().unwrap() = last;
        let mut blob = Vec::new();
        put(&mut blob, b"ssh-rsa");
        number(&mut blob, exponent);
        number(&mut blob, &modulus);
        Key::from_blob(&blob)
    };
    assert!(key(&[1, 0, 1], 2048, 1).is_ok() && key(&[3], 8192, 1).is_ok());
    assert_eq!(key(&[1, 0, 1], 2040, 1), Err(KeyError::Short { bits: 2040 }));
    assert_eq!(key(&[1, 0, 1], 8200, 1), Err(KeyError::Long { bits: 8200 }));
    for (exponent, last) in [(&[1][..], 1), (&[2], 1), (&[1, 0, 0, 0, 0, 0, 0, 0, 1], 1), (&[3], 2)] {
        assert_eq!(key(exponent, 2048, last), Err(KeyError::Numbers));
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let roster = of_alice(&public(ED25519));
        prop_assert!(!is_good(&judge(MESSAGE, &text, &roster, false)));
        let _ = Roster::parse(&text, "roster", &people());
        let _ = Roster::parse(&String::from_utf8_lossy(&bytes), "roster", &people());
        let _ = Revoked::parse(&bytes, "revoked");
        let _ = Key::from_blob(&bytes);
        prop_assert!(!is_good(&judge(MESSAGE, &armor(&bytes), &roster, false)));
    }

    #[test]
    fn no_line_panics(line in r#"[!"]?(alice@example.com|[a*?,"\\ \t]{0,6}) {0,2}((namespaces|valid-after|x)="?[0-9Z"\\,*= ]{0,18}"?,?){0,3} {0,2}(ssh-ed25519|ssh-rsa|sk-)? ?[A-Za-z0-9+/=]{0,60}"#) {
        let _ = Roster::parse(&line, "roster", &people());
    }

    #[test]
    fn no_half_true_key_panics(cut in 0usize..120, kind in 0usize..4, junk in proptest::collection::vec(any::<u8>(), 0..80)) {
        let key = [ED25519, Soft::P256(3), SK_ED25519, SK_P256][kind];
        let mut blob = key.blob();
        blob.truncate(cut);
        blob.extend(&junk);
        let signature = key.raw(MESSAGE, 1);
        let _ = Key::from_blob(&blob);
        let mut half = signature[..cut.min(signature.len())].to_vec();
        half.extend(&junk);
        let bytes = envelope(&key.blob(), NAMESPACE, "sha512", &half);
        prop_assert!(!is_good(&judge(MESSAGE, &armor(&bytes), &of_alice(&public(key)), false)));
    }
}
