//! `mainstay schema`.

use super::arguments::Schema;
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use crate::judge;
use crate::report::json;
use crate::verdict::SCHEMAS;

/// Prints the schema of one answer.
pub(super) fn run(arguments: &Schema, console: &mut Console<'_>) -> Result<Exit, Error> {
    let rules = judge::rule_texts();
    let ids: Vec<&str> = rules.iter().map(|rule| rule.id).collect();
    for schema in SCHEMAS.iter().filter(|schema| schema.name == arguments.answer) {
        output::print(console, &json(&schema.schema(&ids))?)?;
    }
    Ok(Exit::Pass)
}
