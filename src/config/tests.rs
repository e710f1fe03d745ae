use super::*;
use crate::model::{Level, Levels};

fn messages(text: &str) -> String {
    parse(text, "mainstay.toml", Path::new("/etc/estate")).unwrap_err().to_string()
}

fn parsed(text: &str) -> Declarations {
    parse(text, "mainstay.toml", Path::new("/etc/estate")).unwrap()
}

#[test]
fn the_compiled_in_policy_rates_every_rule() {
    let rules = default_rules().unwrap();
    let ids: Vec<&str> = rules.keys().map(RuleId::as_str).collect();
    assert_eq!(ids.len(), 23, "{ids:?}");
    assert!(rules.values().all(|settings| settings.level.is_some()));
}

const EVERYTHING: &str = include_str!("testdata/everything.toml");

#[test]
fn every_documented_key_is_known() {
    let declarations = parsed(EVERYTHING);
    assert_eq!(declarations.snapshots[0].path, Path::new("/etc/estate/snapshots/"));
    assert_eq!(declarations.snapshots[0].written, "snapshots/");
    assert_eq!(declarations.snapshots[1].taken_at, "2023-09-22T09:00:00Z".parse().ok());
    assert_eq!(declarations.max_snapshot_age, 7 * 86_400);
    assert_eq!(declarations.workloads[0].needs[0].at_least, 1);
    assert_eq!(declarations.workloads[0].line, 12);
    assert_eq!(declarations.environments[0].criticality, Some(Criticality::Critical));
    assert_eq!((declarations.approvals_required, declarations.undetermined_required), (2, 3));
    assert_eq!(declarations.signing.by_level.get(&Level::Deny), Some(&0));
    assert!(declarations.signing.require_touch && !Signing::default().require_touch);
    assert_eq!(declarations.signing.people[0].known_as, ["alice-gh", "alice@corp.example"]);
    assert_eq!(declarations.statements.expectations.len(), 2);
    let population = &declarations.statements.populations[0];
    assert_eq!((population.max_mismatch, &*population.written), (0.01, "snapshots/devices.csv"));
    assert_eq!(population.inventory, Path::new("/etc/estate/snapshots/devices.csv"));
    assert_eq!(declarations.waivers[0].expires, "2027-01-01T00:00:00Z".parse().unwrap());
    let destroys = &declarations.rules[&RuleId::new("destroys-data")];
    assert_eq!(destroys.level, Some(Levels::all(Level::Deny)));
    assert_eq!(destroys.possible, Some(Levels::all(Level::Warn)));
    assert_eq!(declarations.rules[&RuleId::new("mass-destruction")].share, Some((0.25, 10)));
}

#[test]
fn all_problems_are_told_at_once_with_their_places() {
    insta::assert_snapshot!(messages(include_str!("testdata/wrong.toml")));
}

#[test]
fn syntax_errors_have_a_place() {
    let message = messages("[mode]\nadvise = yes\n");
    assert_eq!(message, "mainstay.toml:2:10: string values must be quoted, expected literal string");
}

#[test]
fn one_more_person_is_needed_when_undetermined() {
    assert_eq!(parsed("[approval]\nrequired = 3\n").undetermined_required, 4);
    assert_eq!(parsed("").undetermined_required, 3);
}

#[test]
fn a_lowered_level_lowers_the_milder_cases_too() {
    let rule = |text: &str| parsed(text).rules[&RuleId::new("breaks-workload")].clone();
    let off = rule("[rules.breaks-workload]\nlevel = \"off\"\n");
    assert_eq!(off.possible, Some(Levels::all(Level::Off)));
    assert_eq!(off.lesser, Some(Levels::all(Level::Off)));
    let denied = rule("[rules.breaks-workload]\nlevel = \"deny\"\n");
    assert_eq!(denied.possible.unwrap().critical, Level::Approval);
    let part = rule("[rules.breaks-workload]\nlevel = { critical = \"deny\" }\n");
    let expected = Levels { critical: Level::Deny, important: Level::Approval, normal: Level::Warn };
    assert_eq!(part.level, Some(expected));
}

#[test]
fn the_nearest_file_upward_is_found() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("a/b");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(root.path().join("a").join(FILE_NAME), "").unwrap();
    assert_eq!(find(&deep), Some(root.path().join("a").join(FILE_NAME)));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "([\\[\\]{}=\"a-z0-9 .,#-]|\n|\\PC){0,200}",
        from in 0..EVERYTHING.len(),
        length in 0..40_usize,
    ) {
        let _ = parse(&text, "mainstay.toml", Path::new("/"));
        // The documented file with a hole in it comes nearer to what people get wrong.
        let holed: String = EVERYTHING.char_indices().filter(|(at, _)| !(from..from + length).contains(at)).map(|(_, c)| c).collect();
        let _ = parse(&holed, "mainstay.toml", Path::new("/"));
    }
}
