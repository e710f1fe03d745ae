//! What one statement says of what is asked.

use super::asked::Asked;
use super::condition::{Met, met};
use super::pattern::{action_within, actions_meet, arn_within, arns_meet, open};
use crate::model::Permission;

/// Whether a statement speaks of what is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    /// It may, or speaks of a part of it, and why that is not told.
    Perhaps(String),
    /// Of all of it.
    Surely,
}

const VARIABLE: &str = "on what, hangs on a policy variable";
const WHICH: &str = "it is for some of these resources, and which of them is meant is not said";
const ANY: &str = "it leaves some resources out, and whether the action is about single ones is not known";
const CONDITION: &str = "it counts only under a condition, which is not evaluated";

/// What the statement says of it; `None`: nothing.
///
/// Of an allowing statement only counts what it surely reaches in full: what it allows a part of, it does not allow. A
/// denying one counts as soon as it may reach a part.
pub(super) fn says(statement: &Permission, asked: &Asked<'_>) -> Option<Said> {
    if statement.denies { denies(statement, asked) } else { allows(statement, asked) }
}

fn allows(statement: &Permission, asked: &Asked<'_>) -> Option<Said> {
    if !statement.actions.iter().any(|pattern| action_within(pattern, asked.action)) {
        return None;
    }
    let left_out = |not: &String, meets: bool, within: &dyn Fn(&str, &str) -> bool| {
        meets && !asked.except.iter().any(|except| within(except, not))
    };
    if statement.not_actions.iter().any(|not| left_out(not, actions_meet(not, asked.action), &action_within))
    {
        return None;
    }
    let mut perhaps = None;
    for not in &statement.not_resources {
        if !left_out(not, arns_meet(&open(not), asked.resource), &arn_within) {
            continue;
        }
        match not.contains("${") {
            true => perhaps = Some(VARIABLE),
            false if asked.single && asked.resource == "*" => perhaps = Some(ANY),
            false => return None,
        }
    }
    let plain = |pattern: &String| !pattern.contains("${") && arn_within(pattern, asked.resource);
    // An equal pattern with the same variables means the same.
    let same = |pattern: &String| pattern == asked.resource;
    if !statement.resources.iter().any(|pattern| plain(pattern) || same(pattern)) {
        let meets = |pattern: &&String| arns_meet(&open(pattern), asked.resource);
        let mut met = statement.resources.iter().filter(meets).peekable();
        met.peek()?;
        let variable = met.any(|pattern| pattern.contains("${"));
        // Who asks for one of many does not say for which.
        let one_of_many = asked.single && asked.resource.contains('*') && asked.resource != "*";
        match (variable, one_of_many) {
            (true, _) => perhaps = Some(VARIABLE),
            (false, true) => perhaps = Some(WHICH),
            (false, false) => return None,
        }
    }
    if let Some(condition) = statement.condition.as_deref().filter(|own| asked.condition != Some(*own)) {
        match met(condition, asked.who) {
            Met::Yes => {}
            Met::No => return None,
            Met::Unknown => perhaps = Some(CONDITION),
        }
    }
    Some(perhaps.map_or(Said::Surely, |why| Said::Perhaps(why.to_owned())))
}

fn denies(statement: &Permission, asked: &Asked<'_>) -> Option<Said> {
    let action = statement.actions.iter().filter(|pattern| actions_meet(pattern, asked.action));
    let action: Vec<&String> = action.collect();
    let resources =
        statement.resources.iter().filter(|pattern| arns_meet(&open(pattern), &open(asked.resource)));
    let resources: Vec<&String> = resources.collect();
    if action.is_empty() || resources.is_empty() {
        return None;
    }
    if statement.not_actions.iter().any(|not| action_within(not, asked.action))
        || statement.not_resources.iter().any(|not| !not.contains("${") && arn_within(not, asked.resource))
    {
        return None;
    }
    let whole = action.iter().any(|pattern| action_within(pattern, asked.action))
        && resources.iter().any(|pattern| !pattern.contains("${") && arn_within(pattern, asked.resource))
        && !statement.not_actions.iter().any(|not| actions_meet(not, asked.action))
        && !statement.not_resources.iter().any(|not| arns_meet(&open(not), asked.resource));
    match (whole, statement.condition.as_deref().map_or(Met::Yes, |own| met(own, asked.who))) {
        (_, Met::No) => None,
        (true, Met::Yes) => Some(Said::Surely),
        (_, Met::Unknown) => Some(Said::Perhaps(CONDITION.to_owned())),
        (false, Met::Yes) => Some(Said::Perhaps("it denies a part of it".to_owned())),
    }
}
