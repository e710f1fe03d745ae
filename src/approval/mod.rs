//! Two people: what is asked for, who has signed it, and whether that is enough.

pub mod canonical;
pub mod ledger;
