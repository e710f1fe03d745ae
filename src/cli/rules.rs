//! `mainstay rules`.

use super::arguments::{Global, Rules};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Console};
use crate::judge;
use crate::model::{Context, did_you_mean};
use crate::report::{Format, json, rule_list_text, rule_text};
use crate::verdict::RuleText;

/// Prints all rules in short, or one in full.
pub(super) fn run(
    arguments: &Rules,
    global: &Global,
    context: &Context,
    console: &mut Console<'_>,
) -> Result<Exit, Error> {
    let formats = &arguments.formats.formats;
    output::distinct(formats)?;
    let rules = judge::rule_texts();
    let one = arguments.id.as_deref().map(|id| find(id, &rules)).transpose()?;
    output::answer(formats, output::look(context, global), context, console, |format, look| {
        match (format, one) {
            (Format::Text, Some(rule)) => Ok(rule_text(rule, look)),
            (Format::Text, None) => Ok(rule_list_text(&rules, look)),
            (Format::Json, Some(rule)) => Ok(json(rule)?),
            (Format::Json, None) => Ok(json(&rules)?),
        }
    })?;
    Ok(Exit::Pass)
}

fn find<'r>(id: &str, rules: &'r [RuleText]) -> Result<&'r RuleText, Error> {
    rules.iter().find(|rule| rule.id == id).ok_or_else(|| Error::UnknownRule {
        given: id.to_owned(),
        hint: did_you_mean(id, rules.iter().map(|rule| rule.id)),
    })
}
