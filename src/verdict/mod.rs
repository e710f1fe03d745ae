//! What the program says: findings, losses, levels, verdicts, and the answers to questions, as plain data.
//!
//! The serialised form is the JSON of the program (`mainstay.dev/report/v1` and others); keys and their order are a
//! contract, and `docs/schema` describes them.

mod answer;
mod doctor;
mod finding;
mod forecast;
mod loss;
mod paths;
mod permission;
mod rank;
mod report;
mod schema;
mod verification;

pub use answer::*;
pub use doctor::*;
pub use finding::*;
pub use forecast::*;
pub use loss::{Loss, loss_digest, losses};
pub use paths::*;
pub use permission::*;
pub use rank::*;
pub use report::*;
pub use schema::{AnswerSchema, SCHEMAS};
pub use verification::{SignatureLine, Verification};
