//! mainstay: what a Terraform plan would bring down, and on which day.
//!
//! Bytes become objects (`plan`, `snapshot`), objects become facts (`catalog`), facts become routes (`access`) and one
//! graph (`estate`), which alone decides what breaks; `rules` read the evaluated graph and `policy` turns their
//! findings into a verdict. `judge` is that whole line as one function. Which module may use which is a test
//! (`tests/integration/architecture.rs`).

pub mod access;
pub mod apply;
pub mod approval;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod estate;
pub mod git;
pub mod judge;
pub mod model;
pub mod plan;
pub mod policy;
pub mod report;
pub mod rules;
pub mod snapshot;
pub mod terraform;
pub mod verdict;
