//! What the program says: findings, losses, levels, verdicts, and the answers to questions, as plain data.
//!
//! The serialised form is the JSON of the program (`mainstay.dev/report/v1` and others); keys and their order are a
//! contract, and `docs/schema` describes them.

mod answer;
mod finding;
mod paths;
mod rank;
mod report;
mod schema;

pub use answer::*;
pub use finding::*;
pub use paths::*;
pub use rank::*;
pub use report::*;
pub use schema::{AnswerSchema, SCHEMAS};
