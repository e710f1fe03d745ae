//! The outages, their twins and what became of them, played through hour by hour: what stops does so in the hours that
//! were foretold.

use crate::config;
use crate::estate::tests::played::{Hours, Luck, World};
use crate::estate::tests::random::Dice;
use crate::estate::{Estate, Evaluator, Scenario, Stage};
use crate::judge::{Inputs, PlanInput, SnapshotInput, collect::collect};
use crate::model::{Horizon, Instant, Moment};
use std::fs;
use std::path::{Path, PathBuf};

/// Every folder of a fixture with a plan and an expected report.
fn fixtures() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/incidents")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        if folder.join("plan.json").is_file() && folder.join("expected.json").is_file() {
            found.push(folder.clone());
        }
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
    found.sort();
    found
}

fn inputs(folder: &Path) -> (Inputs, Instant) {
    let text = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    let declarations = config::parse(&text("mainstay.toml"), "mainstay.toml", folder).unwrap();
    let snapshots = declarations.snapshots.iter().map(|listed| SnapshotInput {
        path: listed.path.clone(),
        shown: listed.written.clone(),
        taken_at: listed.taken_at,
        listed: true,
    });
    let report: serde_json::Value = serde_json::from_str(&text("expected.json")).unwrap();
    let inputs = Inputs {
        plans: vec![PlanInput::json("plan.json", text("plan.json").into_bytes())],
        snapshots: snapshots.collect(),
        declarations,
        digests: false,
        notes: Vec::new(),
    };
    (inputs, report["now"].as_str().unwrap().parse().unwrap())
}

/// What was foretold that is not so, and how many instants were met.
fn play(estate: &Estate, now: Instant, luck: &[Luck], well: bool) -> (Vec<String>, usize) {
    let evaluator = Evaluator::new(estate, now);
    let outcome = evaluator.outcome(Scenario::after());
    let before = World::new(&estate.nodes, luck, now, well);
    let mut after = before.clone();
    after.make(Stage::During);
    after.make(Stage::After);
    let played = Hours::of(&estate.nodes, now);
    let (mut wrong, mut met) = (Vec::new(), 0);
    for (when, hours, held) in
        [("before", before.hours().0, &evaluator.before()), ("after", after.hours().0, &outcome.held)]
    {
        for (index, found) in estate.indices().zip(hours) {
            let Horizon { sure, possible } = held.of(index);
            let early = found.is_some_and(|found| found < played.until(sure));
            // What ends after all that is played is not seen to.
            let late = match possible {
                Moment::Forever | Moment::Eventually => false,
                end => found.is_none_or(|found| found > played.until(end)) && played.until(end) < played.all,
            };
            if early || late {
                let name = &estate.node(index).unwrap().id;
                wrong.push(format!("{name} {when}: foretold {sure}..{possible}, down on {found:?}"));
            }
            met += usize::from(sure == possible && matches!(sure, Moment::At(_)) && found.is_some());
        }
    }
    (wrong, met)
}

#[test]
fn the_outages_come_in_the_hours_foretold() {
    let (mut all, mut met) = (0, 0);
    for folder in fixtures() {
        let (inputs, now) = inputs(&folder);
        let estate = collect(&inputs, now).unwrap().estate;
        for seed in 1..=4 {
            let dice = &mut Dice::new(seed);
            let luck: Vec<Luck> = estate.nodes.iter().map(|_| Luck::of(dice)).collect();
            let (wrong, dates) = play(&estate, now, &luck, seed % 2 == 0);
            assert!(wrong.is_empty(), "{}, seed {seed}:\n{}", folder.display(), wrong.join("\n"));
            met += dates;
        }
        all += 1;
    }
    println!("{all} outages and twins hour by hour: {met} dates met");
    assert!(all > 10 && met > 0, "a test of nothing");
}
