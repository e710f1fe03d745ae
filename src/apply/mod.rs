//! Letting a plan through: the very bytes that were judged, once, and nothing around it.
//!
//! A plan file is copied into a place where nothing changes it ([`Sealed`]); those bytes are shown, judged and applied.
//! [`exec`] is the way of a command line of terraform, [`apply`] that of a plan file; what is judged, signed and
//! recorded in between is the caller's, a [`Gate`].

mod binding;
mod command_line;
mod exec;
mod flags;
mod fresh;
mod gate;
mod refused;
mod sealed;
mod stale;
mod steps;
mod surgery;
#[cfg(test)]
mod tests;
mod words;

pub use binding::{Bound, binding};
pub use command_line::{CommandLine, Malformed, Meaning};
pub use exec::{Invocation, exec, passed_on};
pub use flags::Flag;
pub use fresh::Fresh;
pub use gate::{Asked, Gate, Outcome, Question, Refusal};
pub use refused::{Refused, refused_arguments, refused_environment};
pub use sealed::{Blank, Error as SealError, Sealed};
pub use stale::{Stale, stale};
pub use steps::{apply, flags};
pub use surgery::{Kind, Surgery};
