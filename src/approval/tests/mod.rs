//! Signatures and the roster against the real `ssh-keygen`, and against all that may be changed in them.

mod bytes;
mod hostile;
pub(super) mod keys;
mod oracle;
mod tools;

pub(super) use tools::{Scratch, instant, people};
