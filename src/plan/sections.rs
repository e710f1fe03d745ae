//! A plan taken apart while it streams by: the elements of the two long sections in batches, the short sections whole,
//! and the rest passed over.

use super::error::Error;
use super::feed::{Broken, Feed};
use super::lenient::TWICE;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

/// A long section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// `resource_changes`.
    Changes,
    /// The resources of `prior_state`, module by module.
    Prior,
}

/// Some elements of a section, one after the other.
#[derive(Debug)]
pub(super) struct Batch {
    /// Of which section.
    pub section: Section,
    /// JSON pointer of the array.
    pub array: Arc<str>,
    /// Number in the array of the first one.
    pub first: usize,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    /// The elements, with their numbers.
    pub(super) fn elements(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends).map(|(from, to)| self.bytes.get(from..*to).unwrap_or_default());
        ranges.enumerate().map(|(number, bytes)| (self.first + number, bytes))
    }

    /// The emptied buffers, to be filled again.
    pub(super) fn emptied(mut self) -> (Vec<u8>, Vec<usize>) {
        self.bytes.clear();
        self.ends.clear();
        (self.bytes, self.ends)
    }
}

/// Who takes the batches.
pub(super) trait Sink {
    /// Takes a full batch, and gives buffers for the next one. `None`: no more are wanted.
    fn take(&mut self, batch: Batch) -> Option<(Vec<u8>, Vec<usize>)>;
}

/// The short sections.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Those that are asked for, as an object.
    pub document: Vec<u8>,
    /// The names of all members at the top.
    pub keys: BTreeSet<String>,
    /// Whether something follows the document.
    pub followed: bool,
}

impl Rest {
    /// Begins a member of the document.
    fn member(&mut self, key: &str) {
        self.document.push(if self.document.is_empty() { b'{' } else { b',' });
        self.document.extend_from_slice(serde_json::Value::from(key).to_string().as_bytes());
        self.document.push(b':');
    }
}

/// Bytes of a batch: large enough that handing it over costs nothing, small enough to stay in the cache.
const BATCH: usize = 256 * 1024;

/// Modules within each other: more than any configuration has, fewer than the stack holds.
const DEEPEST: usize = 100;

/// Walks a plan; `short` names the short sections that are asked for.
pub(super) fn walk<R: Read>(
    input: R,
    path: &str,
    short: &[&str],
    sink: &mut dyn Sink,
) -> Result<Rest, Broken> {
    let mut feed = Feed::new(input);
    let mut rest = Rest::default();
    let mut batcher = Batcher { path, sink, bytes: Vec::new(), ends: Vec::new() };
    feed.members(|feed, key| {
        let again = !rest.keys.insert(key.to_owned());
        match key {
            "resource_changes" | "prior_state" if again => {
                Err(batcher.refused("/", &format!("{TWICE}`{key}`")))
            }
            "resource_changes" => batcher.array(feed, Section::Changes, "/resource_changes"),
            "prior_state" => {
                let mut outputs = Vec::new();
                batcher.prior(feed, &mut outputs)?;
                if !outputs.is_empty() {
                    rest.member(key);
                    rest.document.extend_from_slice(b"{\"values\":{\"outputs\":");
                    rest.document.append(&mut outputs);
                    rest.document.extend_from_slice(b"}}");
                }
                Ok(())
            }
            _ if short.contains(&key) => {
                rest.member(key);
                feed.copy(&mut rest.document)
            }
            _ => feed.skip(),
        }
    })?;
    if rest.document.is_empty() {
        rest.document.push(b'{');
    }
    rest.document.push(b'}');
    rest.followed = feed.peek()?.is_some();
    Ok(rest)
}

struct Batcher<'s> {
    path: &'s str,
    sink: &'s mut dyn Sink,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batcher<'_> {
    fn refused(&self, pointer: &str, what: &str) -> Broken {
        Broken::Refused(Error::Form {
            path: self.path.to_owned(),
            pointer: pointer.to_owned(),
            what: what.to_owned(),
        })
    }

    /// Whether a value of this form follows; null is passed over, anything else is refused.
    fn follows<R: Read>(&self, feed: &mut Feed<R>, open: u8, pointer: &str) -> Result<bool, Broken> {
        match feed.peek()? {
            Some(byte) if byte == open => Ok(true),
            Some(b'n') => feed.skip().map(|()| false),
            _ => Err(self.refused(pointer, "a value of an unexpected type")),
        }
    }

    fn array<R: Read>(&mut self, feed: &mut Feed<R>, section: Section, pointer: &str) -> Result<(), Broken> {
        if !self.follows(feed, b'[', pointer)? {
            return Ok(());
        }
        let array: Arc<str> = pointer.into();
        let mut count = 0;
        feed.elements(|feed, number| {
            feed.copy(&mut self.bytes)?;
            self.ends.push(self.bytes.len());
            count = number + 1;
            if self.bytes.len() >= BATCH { self.hand_over(section, &array, count) } else { Ok(()) }
        })?;
        self.hand_over(section, &array, count)
    }

    fn hand_over(&mut self, section: Section, array: &Arc<str>, count: usize) -> Result<(), Broken> {
        if self.ends.is_empty() {
            return Ok(());
        }
        let (bytes, ends) = (std::mem::take(&mut self.bytes), std::mem::take(&mut self.ends));
        let first = count - ends.len();
        let batch = Batch { section, array: Arc::clone(array), first, bytes, ends };
        let (bytes, ends) = self.sink.take(batch).ok_or(Broken::Form)?;
        (self.bytes, self.ends) = (bytes, ends);
        Ok(())
    }

    fn prior<R: Read>(&mut self, feed: &mut Feed<R>, outputs: &mut Vec<u8>) -> Result<(), Broken> {
        if !self.follows(feed, b'{', "/prior_state")? {
            return Ok(());
        }
        feed.members(|feed, key| match key {
            "values" if self.follows(feed, b'{', "/prior_state/values")? => {
                feed.members(|feed, key| match key {
                    "outputs" => feed.copy(outputs),
                    "root_module" => self.module(feed, "/prior_state/values/root_module", 0),
                    _ => feed.skip(),
                })
            }
            "values" => Ok(()),
            _ => feed.skip(),
        })
    }

    fn module<R: Read>(&mut self, feed: &mut Feed<R>, pointer: &str, depth: usize) -> Result<(), Broken> {
        if depth > DEEPEST {
            return Err(self.refused(pointer, "more modules within each other than any configuration has"));
        }
        if !self.follows(feed, b'{', pointer)? {
            return Ok(());
        }
        feed.members(|feed, key| match key {
            "resources" => self.array(feed, Section::Prior, &format!("{pointer}/resources")),
            "child_modules" => {
                let children = format!("{pointer}/child_modules");
                if !self.follows(feed, b'[', &children)? {
                    return Ok(());
                }
                feed.elements(|feed, number| self.module(feed, &format!("{children}/{number}"), depth + 1))
            }
            _ => feed.skip(),
        })
    }
}
