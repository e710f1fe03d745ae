//! `[approval]` and `[ledger]`.

use super::file::LEVELS;
use super::section::Section;
use crate::model::{Declarations, Level, Person, Signing, did_you_mean};
use std::collections::BTreeMap;
use std::path::Path;

/// Both, into the declarations.
pub(super) fn read(root: &Section<'_>, directory: &Path, declarations: &mut Declarations) {
    declarations.signing.directory = Some(directory.to_owned());
    if let Some(section) = root.section("approval") {
        if let Some(required) = section.number("required", 1) {
            declarations.approvals_required = required;
        }
        declarations.undetermined_required = section
            .number("undetermined_required", 1)
            .unwrap_or_else(|| declarations.approvals_required.saturating_add(1));
        approval(&section, directory, &mut declarations.signing);
        section.finish();
    }
    if let Some(section) = root.section("ledger") {
        ledger(&section, &mut declarations.signing);
        section.finish();
    }
}

fn approval(section: &Section<'_>, directory: &Path, signing: &mut Signing) {
    signing.roster = section.string("roster").map(|path| directory.join(path));
    signing.revoked = section.string("revoked").map(|path| directory.join(path));
    if let Some(expires) = section.duration("expires") {
        signing.expires = expires;
    }
    signing.carry_over = section.boolean("carry_over").unwrap_or(false);
    signing.require_touch = section.boolean("require_touch").unwrap_or(false);
    signing.groups = section.strings("groups");
    signing.break_glass = section.string("break_glass");
    signing.allow_arguments = section.strings("allow_arguments");
    if let Some(levels) = section.section("by_level") {
        signing.by_level = by_level(levels);
    }
    for person in section.sections("person") {
        signing.people.extend(read_person(&person));
        person.finish();
    }
    check_groups(section, signing);
}

/// People needed by level; zero is never, which only a level that stops a plan can mean.
fn by_level(section: Section<'_>) -> BTreeMap<Level, u32> {
    let stopping = LEVELS.iter().filter(|(_, level)| *level >= Level::Warn);
    let found =
        stopping.filter_map(|(word, level)| section.number(word, 0).map(|people| (*level, people))).collect();
    section.finish();
    found
}

fn read_person(section: &Section<'_>) -> Option<Person> {
    section.require("principals", ", so no signature could be theirs");
    let principals = section.strings("principals");
    let known_as = section.strings("known_as");
    let groups = section.strings("groups");
    Some(Person { name: section.required("name")?, principals, known_as, groups, line: section.line() })
}

/// A group that nobody is in could never sign.
fn check_groups(section: &Section<'_>, signing: &Signing) {
    let known: Vec<&str> =
        signing.people.iter().flat_map(|person| person.groups.iter().map(String::as_str)).collect();
    let mut asked = section.texts("groups");
    if let Some(group) = &signing.break_glass {
        let place = section.value("break_glass").map_or(0, |value| value.span().start);
        asked.push((group.clone(), place));
    }
    for (group, offset) in asked {
        if !signing.people.is_empty() && !known.contains(&group.as_str()) {
            let hint = did_you_mean(&group, known.iter().copied());
            section.wrong_here(offset, format!("nobody is in group `{group}`{hint}"));
        }
    }
}

fn ledger(section: &Section<'_>, signing: &mut Signing) {
    signing.ledger = section.string("url");
    let known = ["sqlite:", "postgres://", "postgresql://"];
    if let Some(url) = &signing.ledger
        && !known.iter().any(|scheme| url.starts_with(scheme))
    {
        // The address itself may hold a password.
        section.wrong_at("url", "`url` must begin with `sqlite:` or `postgres://`");
    }
    signing.without_ledger = section.choice("none", &[("accept", ())]).is_some();
    if signing.without_ledger && signing.ledger.is_some() {
        section.wrong("`ledger` has both `url` and `none`: keep one");
    }
}
