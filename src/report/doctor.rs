//! The answer of `doctor`, as people read it.

use super::page::{Look, Page, Tone, dim, plain, strong};
use crate::verdict::{Ability, Demand, Doctor, PersonLine, Severity};

/// Who can sign, whether that is enough, and what is wrong.
pub fn doctor_text(answer: &Doctor, look: Look) -> String {
    let mut page = Page::new(look);
    if !look.quiet {
        for person in &answer.people {
            person_line(&mut page, person);
        }
        page.blank();
    }
    for demand in answer.demands.iter().filter(|demand| !look.quiet || !demand.possible) {
        demand_line(&mut page, demand, look);
    }
    if !look.quiet {
        page.blank();
    }
    for problem in answer.problems.iter().filter(|one| !look.quiet || one.severity == Severity::Error) {
        let tone = match problem.severity {
            Severity::Error => Tone::Error,
            Severity::Warning => Tone::Warning,
            Severity::Note => Tone::Note,
        };
        let place = match (&problem.file, problem.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            (Some(file), None) => format!("{file}: "),
            _ => String::new(),
        };
        let lead = [(tone, problem.severity.word().to_owned())];
        page.put(&lead, &[plain("  ")], &[plain(": "), plain(place), plain(&*problem.what)]);
    }
    page.blank();
    conclusion(&mut page, answer);
    page.finish()
}

fn person_line(page: &mut Page, person: &PersonLine) {
    let can: Vec<&str> = person.can.iter().map(|ability| word(*ability)).collect();
    let (tone, can) = match person.can.contains(&Ability::Approve) {
        true => (Tone::Good, can.join(", ")),
        false if can.is_empty() => (Tone::Warning, "cannot sign".to_owned()),
        false => (Tone::Warning, format!("cannot approve; {}", can.join(", "))),
    };
    let mut body = vec![plain("  "), (tone, can)];
    if !person.groups.is_empty() {
        body.push(dim(format!("  of {}", person.groups.join(", "))));
    }
    page.put(&[strong(format!("{:<12}", person.name))], &[plain(" ".repeat(14))], &body);
}

fn word(ability: Ability) -> &'static str {
    match ability {
        Ability::Ask => "asks",
        Ability::Approve => "approves",
        Ability::BreakGlass => "may go ahead alone",
        Ability::Review => "reviews",
    }
}

fn demand_line(page: &mut Page, demand: &Demand, look: Look) {
    let (tone, said) =
        if demand.possible { (Tone::Good, "can sign") } else { (Tone::Error, "cannot all sign") };
    let people = if demand.people == 1 { "person" } else { "people" };
    let mut body =
        vec![plain(format!("  {} {people} besides who asks: ", demand.people)), (tone, said.into())];
    if !demand.groups.is_empty() {
        body.push(dim(format!("  one of each of {}", demand.groups.join(", "))));
    }
    if look.verbose && !demand.rules.is_empty() {
        let rules: Vec<&str> = demand.rules.iter().map(|rule| rule.as_str()).collect();
        body.push(dim(format!("  for {}", rules.join(", "))));
    }
    page.put(&[strong(format!("{:<12}", demand.level))], &[plain(" ".repeat(14))], &body);
}

fn conclusion(page: &mut Page, answer: &Doctor) {
    let count = |severity| answer.problems.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let counted = |number: usize, word: &str| {
        let s = if number == 1 { "" } else { "s" };
        format!("{number} {word}{s}")
    };
    let (tone, said) = match errors {
        0 => (Tone::Good, "all that is asked for can be signed for".to_owned()),
        _ => (Tone::Error, "not all that is asked for can be signed for".to_owned()),
    };
    let mut rest = format!("      {}, {}", counted(errors, "error"), counted(warnings, "warning"));
    let known = &answer.inventory;
    rest.push_str(&format!(
        " · {} · {}, {} of them unrated",
        counted(known.sources.len(), "source"),
        counted(known.workloads, "workload"),
        known.unrated
    ));
    page.put(&[strong("verdict")], &[plain("  ")], &[plain(": "), (tone, said), dim(rest)]);
}
