//! Tests of the whole: of the program as people run it, and of the sources as a whole. One binary, so that
//! building them is one link; one module per subject.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed"
)]

mod access_cases;
mod acting;
mod apply_signals;
mod architecture;
mod attacks;
mod aws_noise;
mod aws_resource;
mod aws_roles;
mod aws_trust;
mod aws_types;
mod aws_unknown;
mod aws_written;
mod azure_estate;
mod break_glass;
mod can;
mod canary;
mod cli;
mod cluster_needs;
mod containers;
mod corpus;
mod cover;
mod credentials;
mod determinism;
mod doctor;
mod documents;
mod doubt;
mod edges;
mod exec;
mod explain;
mod fixtures;
mod forecast;
mod google_estate;
mod google_iam;
mod hostile;
mod iam_corpus;
mod incidents;
mod incidents_certs;
mod incidents_clouds;
mod incidents_flags;
mod incidents_table;

mod incidents_vault;
mod issuers;
mod killed;
mod kubernetes;
mod listed_needs;
mod noise;
mod noise_directories;
mod noise_table;
mod order;
mod plan_file;
mod populations;
mod rank;
mod rules;
mod schema;
mod several;
mod standing;
mod states;
mod support;
mod testbed;
mod turned_off;
mod two_people;
mod unblock;
mod unused;
mod vault;
mod vault_changes;
mod wrap;
#[cfg(target_os = "linux")]
mod wrap_signals;
