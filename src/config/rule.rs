//! `[rules.ID]` and `[[waiver]]`.

use super::file::{CRITICALITIES, LEVELS};
use super::section::{Section, not_one_of, pick};
use crate::model::{Criticality, Level, Levels, RuleId, RuleSettings, Waiver, did_you_mean};
use std::collections::BTreeMap;

/// Which keys a rule knows: those that the defaults give it.
#[derive(Clone, Copy)]
enum Keys<'a> {
    /// The defaults themselves are being read: all.
    All,
    /// Those set here, and the two levels.
    Of(&'a RuleSettings),
}

impl Keys<'_> {
    fn has<T>(self, field: impl Fn(&RuleSettings) -> &Option<T>) -> bool {
        match self {
            Keys::All => true,
            Keys::Of(settings) => field(settings).is_some(),
        }
    }
}

/// The settings of the compiled-in policy: every rule must have a level.
pub(super) fn defaults(section: &Section<'_>) -> BTreeMap<RuleId, RuleSettings> {
    let mut rules = BTreeMap::new();
    for (name, offset, value) in section.entries() {
        let Some(inner) = section.enter(name, value) else { continue };
        let settings = settings(inner, Keys::All);
        if settings.level.is_none() {
            section.wrong_here(offset, format!("rule `{name}` has no `level`"));
        }
        rules.insert(RuleId::new(name), settings);
    }
    rules
}

/// Lays `[rules.*]` of a file over the defaults.
pub(super) fn overlay(section: &Section<'_>, rules: &mut BTreeMap<RuleId, RuleSettings>) {
    for (name, offset, value) in section.entries() {
        let id = RuleId::new(name);
        let Some(base) = rules.get(&id).cloned() else {
            section.wrong_here(offset, unknown_rule(name, rules));
            continue;
        };
        let Some(inner) = section.enter(name, value) else { continue };
        let given = settings(inner, Keys::Of(&base));
        rules.insert(id, merge(base, given));
    }
}

/// A level that somebody sets is also the most that the milder cases may be, unless they are set as well: who turns a
/// rule off means all of it.
fn merge(base: RuleSettings, given: RuleSettings) -> RuleSettings {
    let cap = |own: Option<Levels>, default: Option<Levels>| match (own, default, given.level) {
        (Some(own), _, _) => Some(own),
        (None, Some(default), Some(level)) => Some(lower(default, level)),
        (None, default, _) => default,
    };
    RuleSettings {
        possible: cap(given.possible, base.possible),
        lesser: cap(given.lesser, base.lesser),
        level: given.level.or(base.level),
        more_than: given.more_than.or(base.more_than),
        share: given.share.or(base.share),
        max_critical: given.max_critical.or(base.max_critical),
        approval_within: given.approval_within.or(base.approval_within),
        warn_within: given.warn_within.or(base.warn_within),
    }
}

fn lower(one: Levels, other: Levels) -> Levels {
    Levels {
        critical: one.critical.min(other.critical),
        important: one.important.min(other.important),
        normal: one.normal.min(other.normal),
    }
}

fn settings(section: Section<'_>, keys: Keys<'_>) -> RuleSettings {
    let base = match keys {
        Keys::All => None,
        Keys::Of(settings) => Some(settings),
    };
    let mut settings = RuleSettings {
        level: levels(&section, "level", base.and_then(|base| base.level)),
        possible: levels(&section, "possible", base.and_then(|base| base.possible.or(base.level))),
        ..RuleSettings::default()
    };
    if keys.has(|rule| &rule.lesser) {
        settings.lesser = levels(&section, "lesser", base.and_then(|base| base.lesser));
    }
    if keys.has(|rule| &rule.more_than) {
        settings.more_than = section.number("more_than", 0).map(u64::from);
    }
    if keys.has(|rule| &rule.max_critical) {
        settings.max_critical = section.number("max_critical", 0).map(u64::from);
    }
    if keys.has(|rule| &rule.approval_within) {
        settings.approval_within = section.duration("approval_within");
    }
    if keys.has(|rule| &rule.warn_within) {
        settings.warn_within = section.duration("warn_within");
    }
    if keys.has(|rule| &rule.share)
        && let Some(share) = section.section("share")
    {
        share.require("over", "");
        share.require("of_at_least", "");
        settings.share = share.share("over").zip(share.number("of_at_least", 1).map(u64::from));
        share.finish();
    }
    section.finish();
    settings
}

/// One level for all, or a table by criticality; what the table leaves out stays as in `base`.
fn levels(section: &Section<'_>, key: &'static str, base: Option<Levels>) -> Option<Levels> {
    let value = section.value(key)?;
    if value.get_ref().is_table() {
        return by_criticality(section.section(key)?, base);
    }
    let level = value.get_ref().as_str().and_then(|word| pick(word, LEVELS));
    if level.is_none() {
        let message = format!("`{key}` {}", not_one_of(value.get_ref(), LEVELS));
        section.wrong_here(value.span().start, message);
    }
    level.map(Levels::all)
}

fn by_criticality(section: Section<'_>, base: Option<Levels>) -> Option<Levels> {
    let mut found = base;
    let mut missing = false;
    for (word, criticality) in CRITICALITIES {
        match (section.choice(word, LEVELS), found.as_mut()) {
            (Some(level), Some(levels)) => set(levels, *criticality, level),
            (Some(level), None) => found = Some(Levels::all(level)),
            (None, _) => missing |= !section.has(word),
        }
    }
    if missing && base.is_none() {
        section.wrong("levels by criticality must name critical, important and normal");
    }
    section.finish();
    found
}

fn set(levels: &mut Levels, criticality: Criticality, level: Level) {
    match criticality {
        Criticality::Critical => levels.critical = level,
        Criticality::Important => levels.important = level,
        Criticality::Normal => levels.normal = level,
    }
}

/// `[[waiver]]`: somebody answers for it, until a day.
pub(super) fn waivers(root: &Section<'_>, rules: &BTreeMap<RuleId, RuleSettings>) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    for section in root.sections("waiver") {
        let line = section.line();
        let rule = section.required("rule").map(RuleId::new);
        if let Some(rule) = rule.as_ref().filter(|rule| !rules.contains_key(rule)) {
            section.wrong_at("rule", unknown_rule(rule.as_str(), rules));
        }
        section.require("expires", ": say until which day it holds");
        let parts = (
            rule,
            section.glob("subject"),
            section.required("reason"),
            section.required("owner"),
            section.instant("expires", true),
        );
        if let (Some(rule), Some(subject), Some(reason), Some(owner), Some(expires)) = parts {
            waivers.push(Waiver { rule, subject, reason, owner, expires, line });
        }
        section.finish();
    }
    waivers
}

fn unknown_rule(name: &str, rules: &BTreeMap<RuleId, RuleSettings>) -> String {
    format!("unknown rule `{name}`{}", did_you_mean(name, rules.keys().map(RuleId::as_str)))
}
