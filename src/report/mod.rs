//! How answers are printed: text for people, JSON for programs.

mod clean;
mod doctor;
mod explain;
mod finding;
mod forecast;
mod format;
mod glass;
mod gone;
mod ics;
mod json;
mod others;
mod page;
mod paths;
mod permission;
mod rank;
mod rules;
mod text;
mod tree;
mod unblock;
mod verification;
mod when;

pub use clean::clean;
pub use doctor::doctor_text;
pub use explain::explanation_text;
pub use forecast::forecast_text;
pub use format::{ForecastFormat, Format, FormatError, FormatTo, Known};
pub use glass::{Alone, alone_text, debt_text, journal_text};
pub use ics::forecast_calendar;
pub use json::json;
pub use page::Look;
pub use paths::paths_text;
pub use permission::permission_text;
pub use rank::ranking_text;
pub use rules::{rule_list_text, rule_text};
pub use text::report_text;
pub use verification::{losses_text, verification_text, workloads_lost};

#[cfg(test)]
mod tests;
