//! A JSON document that is read piece by piece: what is wanted is copied out of the buffer, what is not passes through it.

use super::skip::Skip;
use std::io::{self, Read};

/// Why a document cannot be walked.
#[derive(Debug)]
pub(super) enum Broken {
    /// The input failed.
    Input(io::Error),
    /// It is no JSON, or is cut: the slow reader says where.
    Form,
    /// What was found is refused.
    Refused(super::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        Broken::Input(error)
    }
}

/// How much is read at a time: what the second-level cache of a core holds.
const PIECE: usize = 512 * 1024;

/// The document, and how far it was read.
pub(super) struct Feed<R> {
    input: R,
    buffer: Vec<u8>,
    /// What lies before is done with.
    start: usize,
    /// What lies behind is not filled.
    end: usize,
    ended: bool,
    /// The bytes so far are UTF-8, but for a letter that may be cut in two here.
    cut: Vec<u8>,
}

impl<R: Read> Feed<R> {
    /// Starts at the beginning of the input.
    pub(super) fn new(input: R) -> Feed<R> {
        Feed { input, buffer: vec![0; PIECE], start: 0, end: 0, ended: false, cut: Vec::new() }
    }

    fn held(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads on; whether there was more. All that was held is done with.
    fn fill(&mut self) -> Result<bool, Broken> {
        if self.ended {
            return Ok(false);
        }
        (self.start, self.end) = (0, 0);
        let count = loop {
            match self.input.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.ended = count == 0;
        self.check(count)?;
        self.end = count;
        Ok(count > 0)
    }

    /// Whether what was just read is text: also where nobody looks at it, so that there is one answer for a file.
    fn check(&mut self, count: usize) -> Result<(), Broken> {
        let new = self.buffer.get(..count).unwrap_or_default();
        let (mut rest, mut cut) = (new, std::mem::take(&mut self.cut));
        while !cut.is_empty() {
            let Some((next, after)) = rest.split_first() else { break };
            cut.push(*next);
            rest = after;
            match std::str::from_utf8(&cut) {
                Ok(_) => cut.clear(),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(Broken::Form),
            }
        }
        if let Err(error) = std::str::from_utf8(rest) {
            if error.error_len().is_some() {
                return Err(Broken::Form);
            }
            cut = rest.get(error.valid_up_to()..).unwrap_or_default().to_vec();
        }
        if self.ended && !cut.is_empty() {
            return Err(Broken::Form);
        }
        self.cut = cut;
        Ok(())
    }

    /// The next byte that is no white space, which stays the next; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Broken> {
        loop {
            let white = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            match self.held().iter().position(|byte| !white(byte)) {
                Some(at) => {
                    self.start += at;
                    return Ok(self.held().first().copied());
                }
                None => self.start = self.end,
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Passes over the next byte if it is this one.
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, Broken> {
        let is_it = self.peek()? == Some(byte);
        self.start += usize::from(is_it);
        Ok(is_it)
    }

    fn must(&mut self, byte: u8) -> Result<(), Broken> {
        if self.take(byte)? { Ok(()) } else { Err(Broken::Form) }
    }

    /// Adds the next value to what is there. It need not lie in the buffer whole: some are as large as the file.
    pub(super) fn copy(&mut self, into: &mut Vec<u8>) -> Result<(), Broken> {
        self.walk(|passed| into.extend_from_slice(passed))
    }

    /// Passes over the next value.
    pub(super) fn skip(&mut self) -> Result<(), Broken> {
        self.walk(|_| ())
    }

    /// Passes over the next value, and shows it piece by piece.
    fn walk(&mut self, mut passed: impl FnMut(&[u8])) -> Result<(), Broken> {
        let first = self.peek()?.ok_or(Broken::Form)?;
        let mut end = match first {
            b'{' | b'[' => End::Nested(Skip::default()),
            b'"' => End::Text { opened: false, escaped: false },
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => End::Word,
            _ => return Err(Broken::Form),
        };
        loop {
            let held = self.held();
            if let Some(more) = end.find(held) {
                passed(held.get(..more).unwrap_or_default());
                self.start += more;
                return Ok(());
            }
            passed(held);
            self.start = self.end;
            if !self.fill()? {
                // A number may be the last thing of all.
                return if matches!(end, End::Word) { Ok(()) } else { Err(Broken::Form) };
            }
        }
    }

    /// Walks the members of an object. `each` must read the value, or pass over it.
    pub(super) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &str) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        self.must(b'{')?;
        if self.take(b'}')? {
            return Ok(());
        }
        let mut written = Vec::new();
        loop {
            written.clear();
            self.copy(&mut written)?;
            let key: String = serde_json::from_slice(&written).map_err(|_| Broken::Form)?;
            self.must(b':')?;
            each(self, &key)?;
            if !self.take(b',')? {
                return self.must(b'}');
            }
        }
    }

    /// Walks the elements of an array. `each` must read the element, or pass over it.
    pub(super) fn elements(
        &mut self,
        mut each: impl FnMut(&mut Self, usize) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        self.must(b'[')?;
        if self.take(b']')? {
            return Ok(());
        }
        let mut number = 0;
        loop {
            each(self, number)?;
            number += 1;
            if !self.take(b',')? {
                return self.must(b']');
            }
        }
    }
}

/// The search for the end of a value, which goes on from piece to piece.
enum End {
    /// Behind the bracket that closes it.
    Nested(Skip),
    /// Behind its closing quote.
    Text { opened: bool, escaped: bool },
    /// A number or one of the three words: before what follows it.
    Word,
}

impl End {
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            End::Nested(skip) => skip.go(bytes),
            End::Text { opened, escaped } => bytes
                .iter()
                .position(|byte| {
                    let closes = *opened && !*escaped && *byte == b'"';
                    *escaped = *opened && !*escaped && *byte == b'\\';
                    *opened = true;
                    closes
                })
                .map(|at| at + 1),
            End::Word => bytes
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(into.len());
            let (now, later) = self.0.split_at(count);
            into[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn value(feed: &mut Feed<impl Read>) -> Result<String, Broken> {
        let mut bytes = Vec::new();
        feed.copy(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn values_come_whole_however_the_input_is_cut() {
        let text =
            br#" {"a" : [1, {"x":"]}\"\\"}, "b\"]", -1.5e3 ,true], "\u0062":{"c":null} , "d" : "e" } "#;
        for step in 1..text.len() {
            let mut feed = Feed::new(Drip(text, step));
            let mut found = Vec::new();
            feed.members(|feed, key| match key {
                "a" => feed.elements(|feed, number| {
                    found.push(format!("a{number} {}", value(feed)?));
                    Ok(())
                }),
                "b" => feed.skip(),
                _ => {
                    found.push(format!("{key} {}", value(feed)?));
                    Ok(())
                }
            })
            .unwrap();
            assert_eq!(feed.peek().unwrap(), None);
            assert_eq!(
                found,
                [r#"a0 1"#, r#"a1 {"x":"]}\"\\"}"#, r#"a2 "b\"]""#, "a3 -1.5e3", "a4 true", r#"d "e""#]
            );
        }
    }

    #[test]
    fn text_is_text_also_where_nobody_looks() {
        let walked = |bytes: &[u8], step: usize| {
            let mut feed = Feed::new(Drip(bytes, step));
            feed.members(|feed, _| feed.skip())?;
            if feed.peek()?.is_some() { Err(Broken::Form) } else { Ok(()) }
        };
        for (bytes, good) in [
            ("{\"a\":\"\u{e9}\u{20ac}\u{1f600}\"}".as_bytes(), true),
            (b"{\"a\":\"\xE9\"}", false),
            (b"{\"a\":\"\xF0\x9F\x98\"}", false),
            (b"{\"a\":1}\xC3", false),
        ] {
            for step in 1..=bytes.len() {
                assert_eq!(walked(bytes, step).is_ok(), good, "{bytes:?} by {step}");
            }
        }
    }

    #[test]
    fn what_is_cut_or_no_json_is_told() {
        for text in [
            "",
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":[1,}",
            "{a:1}",
            "{\"a\":\"b",
            "[1]",
        ] {
            let mut feed = Feed::new(text.as_bytes());
            let walked = feed.members(|feed, _| match feed.peek()? {
                Some(b'[') => feed.elements(|feed, _| feed.skip()),
                _ => feed.skip(),
            });
            assert!(matches!(walked, Err(Broken::Form)), "{text}");
        }
    }
}
