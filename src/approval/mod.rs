//! Two people: what is asked for, who has signed it, and whether that is enough.

pub mod alone;
pub mod canonical;
mod compare;
pub mod doctor;
pub mod glass;
mod hearing;
pub mod key;
pub mod ledger;
pub mod quorum;
pub mod request;
pub mod revoked;
pub mod roster;
pub mod sign;
pub mod signature;
pub mod token;

#[cfg(test)]
mod tests;

pub use compare::differences;
pub use hearing::{Anew, Bench, Heard, SKEW, State};
