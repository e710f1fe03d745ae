//! Edges of plans against the truth: what terraform itself recorded in the state when it applied them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mainstay::model::{Action, Change, Object};
use mainstay::plan::{self, Asked};

use crate::support::TestBed;
use crate::support::case::Case;
use crate::support::standin::here;

/// Which resource reaches which, by the addresses of their blocks.
type Reach = BTreeMap<String, BTreeSet<String>>;

fn block(address: &str) -> String {
    let (mut text, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    for letter in address.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            _ if depth == 0 => text.push(letter),
            _ => {}
        }
    }
    text
}

/// What the configuration of a plan makes reachable.
fn reachable(json: &[u8], sources: Option<&plan::Sources>) -> Reach {
    let read = plan::read_bytes(json, Asked { sources, ..Asked::all("plan.json") }).unwrap();
    let mut reach = Reach::new();
    for object in &read.objects {
        let own = reach.entry(block(object.address.as_ref().unwrap().as_str())).or_default();
        own.extend(object.configured.iter().flatten().map(|address| block(address.as_str())));
    }
    loop {
        let mut next = reach.clone();
        for targets in next.values_mut() {
            let further: Vec<String> =
                targets.iter().filter_map(|target| reach.get(target)).flatten().cloned().collect();
            targets.extend(further);
        }
        if next == reach {
            return reach;
        }
        reach = next;
    }
}

/// What the state says after an apply: `depends_on` is the whole closure.
fn truth(json: &[u8]) -> Reach {
    let json: serde_json::Value = serde_json::from_slice(json).unwrap();
    let mut reach = Reach::new();
    let mut open = vec![&json["prior_state"]["values"]["root_module"]];
    while let Some(module) = open.pop() {
        for resource in module["resources"].as_array().into_iter().flatten() {
            let own = reach.entry(block(resource["address"].as_str().unwrap())).or_default();
            let depends = resource["depends_on"].as_array().into_iter().flatten();
            own.extend(depends.map(|address| address.as_str().unwrap().to_owned()));
        }
        open.extend(module["child_modules"].as_array().into_iter().flatten());
    }
    reach
}

struct Score {
    pairs: usize,
    found: usize,
    extra: Vec<String>,
    missing: Vec<String>,
}

fn score(truth: &Reach, found: &Reach) -> Score {
    let empty = BTreeSet::new();
    let (mut missing, mut extra, mut pairs) = (Vec::new(), Vec::new(), 0);
    for (own, targets) in truth {
        let reached = found.get(own).unwrap_or(&empty);
        pairs += targets.len();
        missing.extend(targets.difference(reached).map(|target| format!("{own} -> {target}")));
        // Data sources record nothing of their own, and what is not in the state has no truth.
        if own.contains("data.") {
            continue;
        }
        let known = |target: &&String| truth.contains_key(*target);
        extra.extend(
            reached
                .difference(targets)
                .filter(known)
                .filter(|target| *target != own)
                .map(|target| format!("{own} -> {target}")),
        );
    }
    Score { pairs, found: pairs - missing.len(), extra, missing }
}

/// How much of the truth the JSON alone shows, and how much with the plan file.
fn compare(name: &str, json: &[u8], zip: &[u8], after: &[u8]) -> (Score, Score) {
    let truth = truth(after);
    let alone = score(&truth, &reachable(json, None));
    let sources = plan::sources_of_zip(zip, "plan.tfplan");
    assert!(sources.notes().is_empty(), "{name}: {:?}", sources.notes());
    let both = score(&truth, &reachable(json, Some(&sources)));
    (alone, both)
}

#[test]
fn real_plans_have_all_edges_of_the_state() {
    let Some(plans) = std::env::var_os("MAINSTAY_PLANS").map(PathBuf::from) else {
        println!("skipped: MAINSTAY_PLANS does not name a directory of plans made by the real terraform");
        return;
    };
    println!("| case                 | pairs | JSON  | zip   | extra |");
    let read = |path: &Path| {
        fs::read(plans.join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    for (case, after) in [
        ("01-nested-modules", "02-prior-state/plan.json"),
        ("02-prior-state", "02-prior-state/plan.json"),
        ("15-providers", "15-providers/plan-after.json"),
        ("16-lost-edges", "16-lost-edges/plan-after.json"),
        ("23-references", "23-references/plan-after.json"),
    ] {
        let file = |name: &str| read(&Path::new(case).join(name));
        let (alone, score) = compare(case, &file("plan.json"), &file("plan.tfplan"), &read(Path::new(after)));
        let (pairs, extra) = (score.pairs, score.extra.len());
        println!("| {case:20} | {pairs:5} | {:5} | {:5} | {extra:5} |", alone.found, score.found);
        assert!(score.missing.is_empty(), "{case}: {:#?}", score.missing);
        assert!(score.extra.is_empty(), "{case}: {:#?}", score.extra);
    }
}

/// The configuration of the fixture, played by the real terraform: its first plan, and one after that was applied.
fn play(bed: &TestBed) -> BTreeMap<&'static str, Vec<u8>> {
    bed.configure(&fixture().join("configuration"));
    bed.init();
    let plan = bed.plan(&[]);
    let mut made =
        BTreeMap::from([("plan.json", bed.show(&plan)), ("plan.tfplan", fs::read(&plan).unwrap())]);
    bed.apply();
    made.insert("applied.json", bed.show(&bed.plan(&[])));
    made
}

fn fixture() -> PathBuf {
    here().join("fixtures/edges")
}

#[test]
fn the_edge_fixture_is_what_terraform_makes_of_it() {
    let Some(bed) = TestBed::new("the_edge_fixture_is_what_terraform_makes_of_it") else { return };
    let made = play(&bed);
    if std::env::var("MAINSTAY_REGENERATE").as_deref() == Ok("1") {
        for (file, bytes) in &made {
            fs::write(fixture().join(file), bytes).unwrap();
        }
    }
    let committed = |file: &str| fs::read(fixture().join(file)).unwrap();
    assert_eq!(truth(&made["applied.json"]), truth(&committed("applied.json")));
    let edges = |json: &[u8]| reachable(json, None);
    assert_eq!(edges(&made["plan.json"]), edges(&committed("plan.json")));
    let files = |zip: &[u8]| {
        let sources = plan::sources_of_zip(zip, "plan.tfplan");
        reachable(&committed("plan.json"), Some(&sources))
    };
    assert_eq!(files(&made["plan.tfplan"]), files(&committed("plan.tfplan")));
}

#[test]
fn a_plan_file_has_all_edges_of_the_state() {
    let read = |file: &str| fs::read(fixture().join(file)).unwrap();
    let (alone, score) =
        compare("fixtures/edges", &read("plan.json"), &read("plan.tfplan"), &read("applied.json"));
    assert!(score.missing.is_empty(), "{:#?}", score.missing);
    assert!(score.extra.is_empty(), "{:#?}", score.extra);
    assert!(alone.found < score.found, "the JSON alone would do");
}

/// What the file itself tells is what terraform tells of it, as far as that goes: changes, and all that is there now.
fn agrees(name: &str, json: &[u8], zip: &[u8]) {
    let sources = plan::sources_of_zip(zip, "plan.tfplan");
    let (stored, sources) = plan::stored(zip, &sources, "plan.tfplan", "a test").unwrap();
    let read =
        |json: &[u8], sources| plan::read_bytes(json, Asked { sources, ..Asked::all("plan.json") }).unwrap();
    let (shown, stored) = (read(json, None), read(&stored, Some(&sources)));
    assert!(stored.notes.iter().any(|note| note.contains("a test")), "{name}: {:?}", stored.notes);
    let changes = |plan: &plan::Plan| -> Vec<_> {
        let told = |change: &Change| {
            let previous = change.previous_address.clone();
            let what = (
                change.action.clone(),
                change.kind.clone(),
                change.mode.clone(),
                previous,
                change.reason.clone(),
            );
            (change.address.clone(), change.deposed.clone(), what)
        };
        let mut all: Vec<_> = plan.changes.iter().map(told).collect();
        all.sort();
        all
    };
    assert_eq!(changes(&stored), changes(&shown), "{name}");
    let there = |plan: &plan::Plan| -> Vec<_> {
        let told = |object: &Object| {
            let before = object.before.as_ref()?;
            let change = object.change.map(|number| &plan.changes[number.0 as usize]);
            // What is read during apply is told by what it will be.
            if change.is_some_and(|change| matches!(change.action, Action::Read | Action::NoOp)) {
                return None;
            }
            let deposed = change.and_then(|change| change.deposed.clone());
            Some((
                object.address.clone(),
                deposed,
                before.value.reveal().to_string(),
                object.depends_on.clone(),
            ))
        };
        let mut all: Vec<_> = plan.objects.iter().filter_map(told).collect();
        all.sort();
        all
    };
    assert_eq!(there(&stored), there(&shown), "{name}");
}

#[test]
fn a_plan_file_tells_without_terraform_what_changes() {
    let mut files = vec![fixture()];
    files.extend(Case::all().into_iter().map(|case| case.folder));
    // Plans that errored, or that only refresh, are among these.
    let more = std::env::var_os("MAINSTAY_PLANS").map(|plans| fs::read_dir(plans).unwrap());
    files.extend(more.into_iter().flatten().map(|entry| entry.unwrap().path()));
    for folder in files.iter().filter(|folder| folder.join("plan.tfplan").exists()) {
        let read = |file: &str| fs::read(folder.join(file)).unwrap();
        agrees(&folder.display().to_string(), &read("plan.json"), &read("plan.tfplan"));
    }
}

/// A directory is taken for what was planned where it is that, and for nothing else.
#[test]
fn directories_of_real_plans_are_recognised() {
    let Some(plans) = std::env::var_os("MAINSTAY_PLANS").map(PathBuf::from) else {
        println!("skipped: MAINSTAY_PLANS does not name a directory of plans made by the real terraform");
        return;
    };
    let mut read = 0;
    for entry in fs::read_dir(plans).unwrap() {
        let folder = entry.unwrap().path();
        let Ok(json) = fs::read(folder.join("plan.json")) else { continue };
        let mut list = |within: &str| -> Option<plan::Folder> {
            let entries = fs::read_dir(folder.join(within)).ok()?.map(|entry| entry.unwrap().path());
            let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "tf"));
            let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
            Some(files.map(|path| (name(&path), fs::read(&path).unwrap())).collect())
        };
        let Some(sources) = plan::sources_of_directory("plan.json", None, &mut list) else { continue };
        let plan =
            plan::read_bytes(&json, Asked { sources: Some(&sources), ..Asked::all("plan.json") }).unwrap();
        // What `-generate-config-out` wrote was not planned yet.
        let generated = folder.join("gen.tf").exists();
        // That a plan only refreshes is no difference.
        let told = plan.notes.iter().any(|note| !note.contains("outside terraform"));
        assert_eq!(told, generated, "{}: {:?}", folder.display(), plan.notes);
        read += 1;
    }
    assert!(read > 15, "{read}");
}
