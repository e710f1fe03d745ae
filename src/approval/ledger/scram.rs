//! SCRAM-SHA-256 (RFC 5802, RFC 7677): the password is proved to the server, and never sent; the server proves that it
//! knows it too.

use sha2::{Digest, Sha256};

/// Rounds that are computed at most, about a second's worth: the server names the number.
const MOST_ROUNDS: u32 = 1_000_000;

/// The client's side of one login.
pub(super) struct Scram {
    password: String,
    nonce: String,
    /// What the server must answer at the end.
    expected: [u8; 32],
}

impl Scram {
    /// For this password, with a nonce that was never used before.
    pub fn new(password: &str, nonce: [u8; 18]) -> Scram {
        Scram { password: password.to_owned(), nonce: encode(&nonce), expected: [0; 32] }
    }

    /// The first message.
    pub fn first(&self) -> String {
        format!("n,,{}", self.bare())
    }

    // The name stands in the startup message; the server ignores the one here.
    fn bare(&self) -> String {
        format!("n=,r={}", self.nonce)
    }

    /// The answer to the server's first message; nothing, if that is none.
    pub fn prove(&mut self, challenge: &str) -> Option<String> {
        let mut parts = challenge.split(',');
        let nonce = parts.next()?.strip_prefix("r=")?;
        let salt = decode(parts.next()?.strip_prefix("s=")?)?;
        let rounds: u32 = parts.next()?.strip_prefix("i=")?.parse().ok()?;
        let own = nonce.strip_prefix(self.nonce.as_str())?;
        if own.is_empty() || !(1..=MOST_ROUNDS).contains(&rounds) {
            return None;
        }
        let salted = stretch(self.password.as_bytes(), &salt, rounds);
        let key = Mac::new(&salted).of(b"Client Key");
        let last = format!("c=biws,r={nonce}");
        let all = format!("{},{challenge},{last}", self.bare());
        let signature = Mac::new(&Sha256::digest(key)).of(all.as_bytes());
        self.expected = Mac::new(&Mac::new(&salted).of(b"Server Key")).of(all.as_bytes());
        Some(format!("{last},p={}", encode(&both(key, signature))))
    }

    /// Whether the server's last message proves that it knows the password.
    pub fn is_proved(&self, last: &str) -> bool {
        self.expected != [0; 32]
            && last.strip_prefix("v=").and_then(decode).is_some_and(|it| it == self.expected)
    }
}

/// HMAC-SHA-256 (RFC 2104) under one key, which is hashed once.
struct Mac {
    inner: Sha256,
    outer: Sha256,
}

impl Mac {
    fn new(key: &[u8]) -> Mac {
        let hashed: [u8; 32] = Sha256::digest(key).into();
        let key = if key.len() > 64 { &hashed[..] } else { key };
        let padded = |with: u8| -> Vec<u8> {
            key.iter().copied().chain(std::iter::repeat(0)).take(64).map(|byte| byte ^ with).collect()
        };
        let keyed = |with| Sha256::new().chain_update(padded(with));
        Mac { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    fn of(&self, message: &[u8]) -> [u8; 32] {
        let inner = self.inner.clone().chain_update(message).finalize();
        self.outer.clone().chain_update(inner).finalize().into()
    }
}

/// The first block of PBKDF2 (RFC 8018), which is as long as the hash.
fn stretch(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mac = Mac::new(password);
    let mut block = mac.of(&[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block;
    for _ in 1..rounds {
        block = mac.of(&block);
        sum = both(sum, block);
    }
    sum
}

fn both(mut one: [u8; 32], other: [u8; 32]) -> [u8; 32] {
    one.iter_mut().zip(other).for_each(|(byte, with)| *byte ^= with);
    one
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 (RFC 4648), padded.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().chain([&0, &0]).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = LETTERS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or_default();
            text.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let letters = group.iter().take_while(|letter| **letter != b'=').count();
        let mut bits = 0;
        for place in 0..4 {
            let value = match group.get(place).filter(|_| place < letters) {
                Some(letter) => LETTERS.iter().position(|known| known == letter)?,
                None => 0,
            };
            bits = bits << 6 | value;
        }
        let whole = [bits >> 16 & 255, bits >> 8 & 255, bits & 255];
        bytes.extend(whole.iter().take(letters.checked_sub(1)?).filter_map(|byte| u8::try_from(*byte).ok()));
    }
    // What spells the same bytes otherwise is refused.
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ] {
            assert_eq!(encode(plain.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), plain.as_bytes());
        }
        for wrong in ["Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v=", "Zm9 ", "Zm=v"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hmac_is_that_of_the_standard() {
        // RFC 4231, cases 1, 2 and 6.
        let hex = |bytes: [u8; 32]| crate::model::hex(&bytes);
        assert!(hex(Mac::new(&[0x0b; 20]).of(b"Hi There")).starts_with("b0344c61d8db38535ca8afceaf0bf12b"));
        assert!(
            hex(Mac::new(b"Jefe").of(b"what do ya want for nothing?"))
                .starts_with("5bdcc146bf60754e6a042426089575c7")
        );
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert!(hex(Mac::new(&[0xaa; 131]).of(long)).starts_with("60e431591ee0b67f0d8a26aacbf5b77f"));
    }

    #[test]
    fn the_proof_is_that_of_the_standard() {
        // The example of RFC 7677, section 3, with its user name put where this client leaves it out.
        let nonce = "rOprNGfwEbeRWgbNEkqO";
        let challenge =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let salted = stretch(b"pencil", &decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap(), 4096);
        let all =
            format!("n=user,r={nonce},{challenge},c=biws,r={}", &challenge.split([',', '=']).nth(1).unwrap());
        let key = Mac::new(&salted).of(b"Client Key");
        let signature = Mac::new(&Sha256::digest(key)).of(all.as_bytes());
        assert_eq!(encode(&both(key, signature)), "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        let server = Mac::new(&Mac::new(&salted).of(b"Server Key")).of(all.as_bytes());
        assert_eq!(encode(&server), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn a_server_that_does_not_play_by_the_rules_is_refused() {
        let mut scram = Scram::new("pencil", [7; 18]);
        let own = scram.nonce.clone();
        assert!(!scram.is_proved(&format!("v={}", encode(&[0; 32]))));
        for wrong in [
            format!("r={own},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".to_owned(),
            format!("r={own}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0"),
            format!("r={own}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4294967295"),
            format!("r={own}x,s=***,i=4096"),
            format!("m=x,r={own}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
            String::new(),
        ] {
            assert_eq!(scram.prove(&wrong), None, "{wrong}");
        }
        assert!(scram.prove(&format!("r={own}x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")).is_some());
        assert!(!scram.is_proved("v=AAAA") && !scram.is_proved("e=other-error"));
    }
}
