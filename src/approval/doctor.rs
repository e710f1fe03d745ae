//! Whether those who must sign can: each number of people that the policy asks for against the keys that count now.
//!
//! More signatures never take a quorum away, so the question is only whether all who can sign, without who asks, are
//! enough and of every group. The tests try every set of signers against the quorum itself.

use super::glass;
use super::request;
use super::revoked::Revoked;
use super::roster::Roster;
use super::signature::bounds;
use super::token;
use crate::model::{Declarations, Instant, Level, Levels, Person, RuleId, RuleSettings, minute};
use crate::verdict::{Ability, Demand, PersonLine, Problem, Severity};
use std::collections::BTreeSet;

/// Seconds before the end of a key at which it is told.
const SOON: i64 = 30 * 24 * 60 * 60;

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Patient<'a> {
    /// What is declared: people, groups, numbers.
    pub declarations: &'a Declarations,
    /// The keys of the people.
    pub roster: &'a Roster,
    /// The keys that count no more.
    pub revoked: &'a Revoked,
    /// Now.
    pub now: Instant,
    /// How the roster is called in messages.
    pub roster_name: &'a str,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examination {
    /// What people are asked for.
    pub demands: Vec<Demand>,
    /// The people.
    pub people: Vec<PersonLine>,
    /// What is wrong, in no order.
    pub problems: Vec<Problem>,
}

/// Examines it.
pub fn examine(patient: &Patient<'_>) -> Examination {
    let people: Vec<PersonLine> =
        patient.declarations.signing.people.iter().map(|person| patient.person(person)).collect();
    let staff = Staff { people: &people };
    let demands: Vec<Demand> = patient.demands().into_iter().map(|demand| staff.judge(demand)).collect();
    let mut problems = Vec::new();
    for demand in &demands {
        problems.extend(of_demand(demand));
    }
    problems.extend(patient.keyless(&people));
    problems.extend(patient.ending());
    problems.extend(patient.glass(&staff));
    if patient.declarations.signing.by_level.get(&Level::Approval) == Some(&0) {
        let what = "`[approval.by_level] approval = 0`: nothing that needs approval can ever be approved";
        problems.push(problem(Severity::Note, what));
    }
    if patient.declarations.advise {
        let what = "`[mode] advise = true`: nothing is held back, and nobody is asked";
        problems.push(problem(Severity::Warning, what));
    }
    Examination { demands, people, problems }
}

fn problem(severity: Severity, what: impl Into<String>) -> Problem {
    Problem { severity, what: what.into(), file: None, line: None }
}

impl Patient<'_> {
    /// What each level asks for. A level that no rule has asks nobody.
    fn demands(&self) -> Vec<Demand> {
        let signing = &self.declarations.signing;
        let demand = |level: &'static str, people: u32, rules: Vec<RuleId>| Demand {
            level,
            people,
            groups: signing.groups.clone(),
            rules,
            possible: false,
            why: Vec::new(),
            indispensable: Vec::new(),
        };
        let usual = [
            (Level::Approval, Some(self.declarations.approvals_required)),
            (Level::Warn, None),
            (Level::Deny, None),
        ];
        let mut demands = Vec::new();
        for (level, usual) in usual {
            let people = signing.by_level.get(&level).copied().or(usual).filter(|people| *people > 0);
            let rules = self.rules_at(level);
            if let Some(people) = people.filter(|_| !rules.is_empty()) {
                demands.push(demand(level.word(), people, rules));
            }
        }
        demands.push(demand("undetermined", self.declarations.undetermined_required, Vec::new()));
        demands
    }

    fn rules_at(&self, level: Level) -> Vec<RuleId> {
        let has = |settings: &RuleSettings| {
            let all = [settings.level, settings.possible, settings.lesser];
            all.into_iter()
                .flatten()
                .any(|levels: Levels| [levels.critical, levels.important, levels.normal].contains(&level))
        };
        let rules = self.declarations.rules.iter().filter(|(_, settings)| has(settings));
        rules.map(|(rule, _)| rule.clone()).collect()
    }

    fn person(&self, person: &Person) -> PersonLine {
        let signing = &self.declarations.signing;
        let touch = signing.require_touch;
        let breaks = signing.break_glass.as_ref().is_some_and(|group| person.groups.contains(group));
        let all = [
            (Ability::Ask, request::NAMESPACE, false, true),
            (Ability::Approve, token::NAMESPACE, touch, true),
            (Ability::BreakGlass, glass::NAMESPACE, touch, breaks),
            (Ability::Review, glass::REVIEW_NAMESPACE, touch, true),
        ];
        let can = |(_, namespace, touch, may): &(Ability, &str, bool, bool)| {
            *may && self.standing(&person.name, namespace, *touch).iter().any(Result::is_ok)
        };
        let why = self.standing(&person.name, token::NAMESPACE, touch);
        let mut why: Vec<String> = why.into_iter().filter_map(Result::err).collect();
        if self.roster.entries().iter().all(|entry| entry.person != person.name) {
            why.push(format!("no line of the roster is a key of {}", person.name));
        }
        let can = all.into_iter().filter(can).map(|(ability, ..)| ability).collect();
        PersonLine { name: person.name.clone(), groups: person.groups.clone(), can, why }
    }

    /// Of each key of somebody, whether it can sign there now, and why not.
    fn standing(&self, person: &str, namespace: &str, touch: bool) -> Vec<Result<(), String>> {
        let own = self.roster.entries().iter().filter(|entry| entry.person == person);
        own.map(|entry| {
            let said = |why: &str| {
                format!(
                    "the key {} of {person} {why} (line {} of the roster)",
                    entry.fingerprint(),
                    entry.line
                )
            };
            if self.revoked.has(&entry.key) {
                return Err(said("is revoked"));
            }
            if touch && !entry.key.is_token() {
                return Err(said("is no hardware key, which `require_touch` asks for"));
            }
            bounds(entry, namespace, self.now).map_err(|why| why.to_string())
        })
        .collect()
    }

    /// People who cannot approve.
    fn keyless(&self, people: &[PersonLine]) -> Vec<Problem> {
        let declared = self.declarations.signing.people.iter().zip(people);
        let keyless = declared.filter(|(_, line)| !line.can.contains(&Ability::Approve));
        keyless
            .map(|(person, line)| Problem {
                severity: Severity::Warning,
                what: format!("{} cannot approve: {}", line.name, line.why.join("; ")),
                file: self.declarations.path.clone(),
                line: Some(person.line),
            })
            .collect()
    }

    /// Keys that end soon.
    fn ending(&self) -> Vec<Problem> {
        let soon = self.now.as_second().saturating_add(SOON);
        let ending = self.roster.entries().iter().filter(|entry| !self.revoked.has(&entry.key));
        ending
            .filter_map(|entry| {
                let until = entry.valid_before().filter(|until| *until >= self.now)?;
                (until.as_second() <= soon).then(|| Problem {
                    severity: Severity::Warning,
                    what: format!(
                        "the key {} of {} counts until {}: give them another in time",
                        entry.fingerprint(),
                        entry.person,
                        minute(until)
                    ),
                    file: Some(self.roster_name.to_owned()),
                    line: Some(entry.line),
                })
            })
            .collect()
    }

    /// Whether somebody could go ahead alone, and somebody else review it.
    fn glass(&self, staff: &Staff<'_>) -> Vec<Problem> {
        let Some(group) = &self.declarations.signing.break_glass else {
            let what = "nobody may go ahead alone in an emergency: `[approval] break_glass` names no group";
            return vec![problem(Severity::Note, what)];
        };
        let able = staff.who(Ability::BreakGlass);
        let reviewers = staff.who(Ability::Review);
        let mut problems = Vec::new();
        match able.len() {
            0 => problems.push(problem(
                Severity::Warning,
                format!("nobody of group {group} has a key that counts for `{}` now", glass::NAMESPACE),
            )),
            1 => problems.push(problem(
                Severity::Note,
                format!("only {} of group {group} can go ahead alone", listed(&able)),
            )),
            _ => {}
        }
        for person in able {
            if reviewers.iter().all(|reviewer| *reviewer == person) {
                let what = format!(
                    "what {person} does alone nobody else could review (`{}`), and until then nothing can be approved",
                    glass::REVIEW_NAMESPACE
                );
                problems.push(problem(Severity::Warning, what));
            }
        }
        problems
    }
}

/// The people, and what they can do.
struct Staff<'a> {
    people: &'a [PersonLine],
}

impl<'a> Staff<'a> {
    fn who(&self, ability: Ability) -> BTreeSet<&'a str> {
        let able = self.people.iter().filter(|line| line.can.contains(&ability));
        able.map(|line| line.name.as_str()).collect()
    }

    /// What is in the way if this one asks (nobody: somebody who is not in the roster, which costs one more), and this
    /// other one is not there.
    fn obstacles(&self, demand: &Demand, asks: Option<&str>, away: Option<&str>) -> Vec<String> {
        let mut able = self.who(Ability::Approve);
        for person in [asks, away].into_iter().flatten() {
            able.remove(person);
        }
        let needed = (demand.people as usize).saturating_add(usize::from(asks.is_none()));
        let mut found = Vec::new();
        if able.len() < needed {
            let who = if able.is_empty() { String::new() } else { format!(" ({})", listed(&able)) };
            found.push(format!("{needed} must sign, and {} can{who}", able.len()));
        }
        for group in &demand.groups {
            let is_in = |line: &PersonLine| able.contains(line.name.as_str()) && line.groups.contains(group);
            if !self.people.iter().any(is_in) {
                found.push(format!("one of group {group} must sign, and none can"));
            }
        }
        found
    }

    /// Those who may be the one who asks.
    fn askers(&self, away: Option<&str>) -> Vec<Option<&'a str>> {
        let askers = self.who(Ability::Ask).into_iter().filter(|person| Some(*person) != away);
        let askers: Vec<Option<&str>> = askers.map(Some).collect();
        if askers.is_empty() { vec![None] } else { askers }
    }

    fn judge(&self, mut demand: Demand) -> Demand {
        for asks in self.askers(None) {
            let asks_who = asks.unwrap_or("somebody who is not in the roster");
            let why = self.obstacles(&demand, asks, None);
            demand.why.extend(why.into_iter().map(|why| format!("if {asks_who} asks, {why}")));
        }
        demand.possible = demand.why.is_empty();
        if demand.possible {
            let without = |person: &&PersonLine| {
                let away = Some(person.name.as_str());
                let askers = self.askers(away);
                askers.into_iter().all(|asks| !self.obstacles(&demand, asks, away).is_empty())
            };
            let people = self.people.iter().filter(without);
            demand.indispensable = people.map(|line| line.name.clone()).collect();
        }
        demand
    }
}

fn of_demand(demand: &Demand) -> Option<Problem> {
    if !demand.possible {
        let people = if demand.people == 1 { "person" } else { "people" };
        let what = format!(
            "{} {people} besides who asks, as level {} demands, cannot always be found: {}",
            demand.people,
            demand.level,
            demand.why.join("; ")
        );
        return Some(problem(Severity::Error, what));
    }
    let all: BTreeSet<&str> = demand.indispensable.iter().map(String::as_str).collect();
    (!all.is_empty()).then(|| {
        let each = if all.len() == 1 { "" } else { "any one of " };
        let what = format!(
            "without {each}{} nothing of level {} could be signed for: nobody else can stand in",
            listed(&all),
            demand.level
        );
        problem(Severity::Warning, what)
    })
}

fn listed(people: &BTreeSet<&str>) -> String {
    people.iter().copied().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
