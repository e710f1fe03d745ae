//! Terraform's own language, as far as this program needs it: which blocks there are, on which line, and what their
//! expressions refer to. Nothing is evaluated, and no value but names is kept.

mod body;
mod json;
mod lexer;
mod references;
#[cfg(test)]
mod tests;

pub(super) use body::{Attribute, Block, Body, Value};

/// A file that was read.
pub(super) struct File {
    /// Its blocks.
    pub body: Body,
    /// It was understood from end to end. If not, what is missing is not known.
    pub whole: bool,
}

/// Reads a `.tf` file, or a `.tf.json` file.
pub(super) fn read(name: &str, bytes: &[u8]) -> File {
    let Ok(text) = std::str::from_utf8(bytes) else { return File { body: Body::default(), whole: false } };
    if name.ends_with(".json") { json::read(text) } else { body::read(text) }
}
