//! `[[recovery]]`, `[[expect]]`, `[[population]]`, `[[migration]]`, `[[route]]` and `[[actor]]`.

use super::section::Section;
use crate::model::{
    Actor, ActorRole, Expectation, Expected, Migration, Population, Progress, Recovery, Route, Statements,
};
use std::path::Path;

const PROGRESS: &[(&str, Progress)] =
    &[("planned", Progress::Planned), ("running", Progress::Running), ("complete", Progress::Complete)];

const ROLES: &[(&str, ActorRole)] = &[("apply", ActorRole::Apply), ("approver", ActorRole::Approver)];

/// All of them.
pub(super) fn read(root: &Section<'_>, directory: &Path) -> Statements {
    Statements {
        recoveries: each(root, "recovery", recovery),
        expectations: each(root, "expect", expectation),
        populations: each(root, "population", |section| population(section, directory)),
        migrations: each(root, "migration", migration),
        routes: each(root, "route", route),
        actors: each(root, "actor", actor),
    }
}

/// Each table of a list, with its unknown keys noted.
fn each<T>(root: &Section<'_>, key: &'static str, read: impl Fn(&Section<'_>) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    for section in root.sections(key) {
        found.extend(read(&section));
        section.finish();
    }
    found
}

fn recovery(section: &Section<'_>) -> Option<Recovery> {
    let matches = section.globs("match");
    let repairs = section.strings("repairs");
    Some(Recovery { name: section.required("name")?, matches, repairs, line: section.line() })
}

fn expectation(section: &Section<'_>) -> Option<Expectation> {
    let matches = section.globs("match");
    let conditions = section.scalars("where").unwrap_or_default();
    let guards = section.strings("guards");
    let expected = match (section.scalar("equals"), section.scalars("same_as")) {
        (Some(value), None) => Some(Expected::Equals(value)),
        (None, Some(other)) => Some(Expected::SameAs(other)),
        (Some(_), Some(_)) => {
            section.wrong("`expect` has both `equals` and `same_as`: keep one");
            None
        }
        (None, None) => {
            if !section.has("equals") && !section.has("same_as") {
                section.wrong("`expect` has neither `equals` nor `same_as`, so it expects nothing");
            }
            None
        }
    };
    let attribute = section.required("attribute");
    let line = section.line();
    Some(Expectation { matches, conditions, attribute: attribute?, expected: expected?, guards, line })
}

fn population(section: &Section<'_>, directory: &Path) -> Option<Population> {
    let matches = section.globs("match");
    let max_mismatch = section.share("max_mismatch").unwrap_or(0.0);
    let (name, key, written) =
        (section.required("name"), section.required("key"), section.required("inventory"));
    let (written, line) = (written?, section.line());
    let inventory = directory.join(&written);
    Some(Population { name: name?, matches, key: key?, inventory, written, max_mismatch, line })
}

fn migration(section: &Section<'_>) -> Option<Migration> {
    section.require("status", "");
    let (from, to) = (section.glob("from"), section.glob("to"));
    let status = section.choice("status", PROGRESS);
    Some(Migration { from: from?, to: to?, status: status?, line: section.line() })
}

fn route(section: &Section<'_>) -> Option<Route> {
    let recipients = section.strings("recipients");
    let min_people = section.number("min_people", 1).unwrap_or(1);
    Some(Route { name: section.required("name")?, recipients, min_people, line: section.line() })
}

fn actor(section: &Section<'_>) -> Option<Actor> {
    let matches = section.globs("match");
    section.require("role", "");
    Some(Actor { role: section.choice("role", ROLES)?, matches, line: section.line() })
}
