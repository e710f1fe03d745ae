use super::*;
use crate::approval::quorum::{Identity, Parties, Voice, weigh};
use crate::approval::tests::instant;
use crate::approval::tests::keys::{Soft, public, software};
use crate::config;

fn line(name: &str, can: &[Ability], groups: &[&str]) -> PersonLine {
    PersonLine {
        name: name.to_owned(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        can: can.to_vec(),
        why: Vec::new(),
    }
}

fn demand(people: u32, groups: &[&str]) -> Demand {
    Demand {
        level: "approval",
        people,
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
        rules: Vec::new(),
        possible: false,
        why: Vec::new(),
        indispensable: Vec::new(),
    }
}

fn person(line: &PersonLine) -> Person {
    Person {
        name: line.name.clone(),
        principals: vec![format!("{}@example.com", line.name)],
        known_as: Vec::new(),
        groups: line.groups.clone(),
        line: 1,
    }
}

/// Whether some set of signers is a quorum by the quorum's own rule, when this one asks and this other one is away.
fn some_set_will_do(people: &[PersonLine], demand: &Demand, asks: Option<&str>, away: Option<&str>) -> bool {
    let persons: Vec<Person> = people.iter().map(person).collect();
    let able: Vec<&PersonLine> = people
        .iter()
        .filter(|line| line.can.contains(&Ability::Approve) && Some(line.name.as_str()) != away)
        .collect();
    let stranger = Identity { part: "asks for it".to_owned(), names: vec!["nobody known".to_owned()] };
    let parties = Parties {
        required: demand.people,
        groups: demand.groups.clone(),
        requesters: asks.map(str::to_owned).into_iter().collect(),
        identities: if asks.is_none() { vec![stranger] } else { Vec::new() },
        dearer: Vec::new(),
    };
    (0..1_u32 << able.len()).any(|set| {
        let signs = able.iter().enumerate().filter(|(number, _)| set & (1 << number) != 0);
        let voices: Vec<Voice> =
            signs.map(|(number, line)| Voice { person: line.name.clone(), number, rejects: false }).collect();
        weigh(&parties, &voices, &persons).is_met()
    })
}

fn who_may_ask<'a>(people: &'a [PersonLine], away: Option<&str>) -> Vec<Option<&'a str>> {
    let can = |line: &&PersonLine| line.can.contains(&Ability::Ask) && Some(line.name.as_str()) != away;
    let all: Vec<Option<&str>> = people.iter().filter(can).map(|line| Some(line.name.as_str())).collect();
    if all.is_empty() { vec![None] } else { all }
}

fn agrees(people: &[PersonLine], demand: Demand) -> (bool, usize) {
    let said = Staff { people }.judge(demand.clone());
    let possible =
        who_may_ask(people, None).into_iter().all(|asks| some_set_will_do(people, &demand, asks, None));
    assert_eq!(said.possible, possible, "{demand:?} {people:#?}");
    assert_eq!(said.why.is_empty(), possible);
    let without = |line: &&PersonLine| {
        let away = Some(line.name.as_str());
        let mut askers = who_may_ask(people, away).into_iter();
        !askers.any(|asks| some_set_will_do(people, &demand, asks, away))
    };
    let alone: Vec<String> =
        people.iter().filter(without).filter(|_| possible).map(|line| line.name.clone()).collect();
    assert_eq!(said.indispensable, alone, "{demand:?} {people:#?}");
    (possible, alone.len())
}

/// What somebody may be: nobody, one who asks, one who approves, both; in a group, in another, in both.
fn states(name: &str) -> Vec<PersonLine> {
    let abilities: [&[Ability]; 4] =
        [&[], &[Ability::Ask], &[Ability::Approve], &[Ability::Ask, Ability::Approve]];
    let groups: [&[&str]; 3] = [&[], &["g"], &["g", "h"]];
    abilities.iter().flat_map(|can| groups.iter().map(move |groups| line(name, can, groups))).collect()
}

#[test]
fn every_small_roster_is_judged_as_every_set_of_its_signers_is() {
    let (mut possible, mut impossible, mut alone) = (0, 0, 0);
    for a in states("a") {
        for b in states("b") {
            for c in states("c") {
                let people = [a.clone(), b.clone(), c.clone()];
                for needed in 1..=3 {
                    for groups in [&[][..], &["g"], &["g", "h"]] {
                        let (can, indispensable) = agrees(&people, demand(needed, groups));
                        if can {
                            possible += 1
                        } else {
                            impossible += 1
                        }
                        alone += indispensable;
                    }
                }
            }
        }
    }
    assert!(possible > 500 && impossible > 500 && alone > 500, "{possible} {impossible} {alone}");
}

#[test]
fn larger_rosters_too() {
    // A fixed sequence: enough to look into all corners, and the same each time.
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut possible = 0;
    for _ in 0..600 {
        let people: Vec<PersonLine> = ["a", "b", "c", "d", "e", "f"]
            .into_iter()
            .map(|name| {
                let states = states(name);
                // Mostly people who can sign.
                let number = if next(3) == 0 { next(12) } else { 9 + next(3) };
                states.into_iter().nth(usize::try_from(number).unwrap()).unwrap()
            })
            .collect();
        let groups: &[&str] = [&[][..], &["g"], &["h"], &["g", "h"]][usize::try_from(next(4)).unwrap()];
        let needed = u32::try_from(1 + next(5)).unwrap();
        possible += usize::from(agrees(&people, demand(needed, groups)).0);
    }
    assert!((100..500).contains(&possible), "{possible}");
}

const CONFIGURATION: &str = r#"
[approval]
roster = "allowed_signers"
groups = ["owners"]
break_glass = "leads"
undetermined_required = 2
[[approval.person]]
name = "alice"
principals = ["alice"]
groups = ["owners", "leads"]
[[approval.person]]
name = "bob"
principals = ["bob"]
groups = ["owners"]
[[approval.person]]
name = "carol"
principals = ["carol"]
[[approval.person]]
name = "dave"
principals = ["dave"]
"#;

fn examined(configuration: &str, roster: &str, revoked: &Revoked) -> Examination {
    let mut declarations = config::parse(configuration, "mainstay.toml", std::path::Path::new("/")).unwrap();
    declarations.rules.retain(|rule, _| rule.as_str() == "breaks-workload");
    let roster = Roster::parse(roster, "allowed_signers", &declarations.signing.people).unwrap();
    let now = instant("2026-03-01T12:00:00Z");
    let patient = Patient {
        declarations: &declarations,
        roster: &roster,
        revoked,
        now,
        roster_name: "allowed_signers",
    };
    examine(&patient)
}

/// Four people, each with a key; `options` of the keys in their order.
fn roster(options: [&str; 4]) -> String {
    let people = ["alice", "bob", "carol", "dave"].into_iter().zip(1..).zip(options);
    people
        .map(|((name, secret), options)| format!("{name} {options} {}\n", public(Soft::Ed25519(secret))))
        .collect()
}

fn told(examination: &Examination, severity: Severity) -> String {
    let problems = examination.problems.iter().filter(|problem| problem.severity == severity);
    problems.map(|problem| format!("{}\n", problem.what)).collect()
}

#[test]
fn a_sound_roster_has_no_error() {
    let found = examined(CONFIGURATION, &roster([""; 4]), &Revoked::default());
    assert_eq!(told(&found, Severity::Error), "");
    let demands: Vec<(&str, u32, bool)> =
        found.demands.iter().map(|demand| (demand.level, demand.people, demand.possible)).collect();
    assert_eq!(demands, [("approval", 2, true), ("undetermined", 2, true)]);
    // If alice is away and bob asks, nobody of the owners is left; if carol asks, bob is.
    assert!(found.demands.iter().all(|demand| demand.indispensable.is_empty()), "{:?}", found.demands);
    use Ability::{Approve, Ask, BreakGlass, Review};
    assert_eq!(found.people[0].can, [Ask, Approve, BreakGlass, Review]);
    assert_eq!(found.people[1].can, [Ask, Approve, Review]);
    assert!(told(&found, Severity::Note).contains("only alice of group leads"), "{:?}", found.problems);
}

#[test]
fn why_nothing_can_be_signed_for() {
    let (late, early) = ("valid-before=\"20250101Z\"", "valid-after=\"20270101Z\"");
    let only = |namespace: &str| format!("namespaces=\"{namespace}\"");
    for (options, error, warning) in [
        (
            ["", late, late, ""],
            "if alice asks, 2 must sign, and 1 can (dave)",
            "bob cannot approve: the key SHA256:",
        ),
        (["", late, "", ""], "if alice asks, one of group owners must sign, and none can", "counted until"),
        ([late, late, "", ""], "one of group owners must sign", "nobody of group leads has a key"),
        (["", early, early, early], "2 must sign, and 0 can", "counts from 2027"),
        (
            ["", &only("git"), &only("git"), ""],
            "2 must sign, and 1 can (dave)",
            "may not sign in the namespace",
        ),
        (
            [&only("approval@mainstay.dev"); 4],
            "",
            "nobody of group leads has a key that counts for `break-glass@",
        ),
    ] {
        let found = examined(CONFIGURATION, &roster(options), &Revoked::default());
        let errors = told(&found, Severity::Error);
        assert!(errors.contains(error) && errors.is_empty() == error.is_empty(), "{options:?}: {errors}");
        assert!(told(&found, Severity::Warning).contains(warning), "{options:?}: {found:?}");
    }
    let revoked = Revoked::parse(software(Soft::Ed25519(2)).fingerprint().as_bytes(), "revoked").unwrap();
    let found = examined(CONFIGURATION, &roster([""; 4]), &revoked);
    assert!(told(&found, Severity::Warning).contains("is revoked"), "{found:?}");
    let touch = CONFIGURATION.replacen("[approval]", "[approval]\nrequire_touch = true", 1);
    let found = examined(&touch, &roster([""; 4]), &Revoked::default());
    assert!(told(&found, Severity::Error).contains("0 can"), "{found:?}");
    assert!(told(&found, Severity::Warning).contains("is no hardware key"), "{found:?}");
    // Asking needs no touch.
    assert!(found.people.iter().all(|line| line.can == [Ability::Ask]), "{found:?}");
    let found = examined(CONFIGURATION, "", &Revoked::default());
    assert!(
        told(&found, Severity::Error).contains("not in the roster asks, 3 must sign, and 0 can"),
        "{found:?}"
    );
    assert!(told(&found, Severity::Warning).contains("no line of the roster is a key of dave"), "{found:?}");
}

#[test]
fn levels_ask_for_what_the_policy_says() {
    let by_level = |text: &str| format!("{CONFIGURATION}[approval.by_level]\n{text}\n");
    let levels = |text: &str| -> Vec<(&str, u32, bool)> {
        let found = examined(&by_level(text), &roster([""; 4]), &Revoked::default());
        found.demands.iter().map(|demand| (demand.level, demand.people, demand.possible)).collect()
    };
    assert_eq!(levels("warn = 1"), [("approval", 2, true), ("warn", 1, true), ("undetermined", 2, true)]);
    assert_eq!(levels("approval = 4"), [("approval", 4, false), ("undetermined", 2, true)]);
    // Nobody can approve it, and no rule denies anything.
    assert_eq!(levels("approval = 0"), [("undetermined", 2, true)]);
    assert_eq!(levels("deny = 9"), [("approval", 2, true), ("undetermined", 2, true)]);
}

#[test]
fn who_cannot_be_spared_and_what_ends_soon() {
    let late = "valid-before=\"20250101Z\"";
    let found = examined(
        &CONFIGURATION.replacen("groups = [\"owners\"]\n", "", 1),
        &roster(["valid-before=\"20260320Z\"", "valid-before=\"20260501Z\"", "", late]),
        &Revoked::default(),
    );
    assert_eq!(told(&found, Severity::Error), "");
    let warnings = told(&found, Severity::Warning);
    // Three for two besides who asks: each of them is needed.
    assert!(
        warnings.contains("without any one of alice, bob, carol nothing of level approval"),
        "{warnings}"
    );
    assert!(warnings.contains("of alice counts until 2026-03-20 00:00 UTC"), "{warnings}");
    assert!(!warnings.contains("of bob counts until"), "{warnings}");
    let ending = found.problems.iter().find(|problem| problem.what.contains("counts until")).unwrap();
    assert_eq!((ending.file.as_deref(), ending.line), (Some("allowed_signers"), Some(1)));
}
