//! What the program says: findings, losses, levels, verdicts, and the answers to questions, as plain data.
//!
//! The serialised form is the JSON report (`mainstay.dev/report/v1`); keys and their order are a contract.

mod answer;
mod finding;
mod report;

pub use answer::*;
pub use finding::*;
pub use report::*;
