//! From findings to a verdict: levels, waivers, and how many people must sign.

mod conclude;
mod level;
mod waive;

pub use conclude::{Conclusion, conclude, holds_back};
pub use level::{by_end, lesser, level};
