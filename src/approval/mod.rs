//! Two people: what is asked for, who has signed it, and whether that is enough.

pub mod canonical;
pub mod ledger;
pub mod key;
pub mod revoked;
pub mod roster;
pub mod sign;
pub mod signature;

#[cfg(test)]
mod tests;
