//! Which ledger, and how far it has come.

use super::Entry;
use crate::approval::canonical;
use crate::model::Digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Which ledger it is: the hash of its first entry, which holds a nonce, so that no two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LedgerId(pub Digest);

impl fmt::Display for LedgerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The newest entry, which stands for all before it. It is written `SEQ:sha256:…`, as text and as JSON.
///
/// Whoever keeps one can find any later change of what came before, the cutting off of the end too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Head {
    /// Number of the entry, from 1.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Head {
    /// That of an entry.
    ///
    /// # Errors
    /// If the entry has no canonical form.
    pub fn of(entry: &Entry) -> Result<Head, canonical::Error> {
        Ok(Head { seq: entry.seq, hash: entry.hash()? })
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// A text is no head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the head of a ledger: the number of an entry, `:sha256:` and 64 lower-case hexadecimal digits are expected"
)]
pub struct NotAHead;

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Head, NotAHead> {
        let (number, hash) = text.split_once(':').ok_or(NotAHead)?;
        let seq: u64 = number.parse().map_err(|_| NotAHead)?;
        // One spelling only: no sign and no leading zero.
        if seq == 0 || seq.to_string() != number {
            return Err(NotAHead);
        }
        Ok(Head { seq, hash: hash.parse().map_err(|_| NotAHead)? })
    }
}

impl Serialize for Head {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Head, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_is_read_and_it_is_the_one_that_is_written() {
        let head = Head { seq: 41, hash: Digest::of(b"abc") };
        let text = head.to_string();
        assert!(text.starts_with("41:sha256:ba7816bf"), "{text}");
        assert_eq!(text.parse(), Ok(head));
        let json = serde_json::to_string(&head).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Head>(&json).unwrap(), head);
        for wrong in [
            format!("0{text}"),
            format!("+{text}"),
            format!(" {text}"),
            text.replace("41", "0"),
            text.replace("41", "99999999999999999999"),
            text.replace("sha256:", ""),
            head.hash.to_string(),
            String::new(),
        ] {
            assert_eq!(wrong.parse::<Head>(), Err(NotAHead), "{wrong}");
        }
    }
}
