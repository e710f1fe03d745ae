//! Files that nobody here wrote, and real plans of every kind, in folders that the environment names: every one is
//! read, with the counts that a simple walk over its JSON gives, or refused for the reason that is expected of it.
//!
//! `MAINSTAY_CORPUS` holds `plan/` and `state/`; `MAINSTAY_PLANS` one folder for each plan, with `plan.json` in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mainstay::model::{Action, SourceIx, decode_text};
use mainstay::plan::{self, Asked};
use serde_json::Value as Json;

use crate::support::corpus::{LIMIT, bounded, document, files, fits, folder};
use crate::support::program;
use crate::support::story::Judged;

/// Which files are refused, and with which words. Whatever is not here must be read.
const REFUSED: [(&str, &str); 14] = [
    ("plan/*.jsonlog", "this is the log"),
    ("plan/*/plan.log", "this is the log"),
    ("plan/*/plan-redacted.json", "this is a redacted plan"),
    // Made by hand or by converters: nothing says what form it is.
    ("plan/overmindtech+cli/*/plan.json", "no `format_version`"),
    ("plan/GoogleCloudPlatform+terraform-validator/*/input/modules.json", "no `format_version`"),
    // `deposed` is a boolean there, which no version ever wrote.
    (
        "plan/hashicorp+terraform-json/_history/*/deep_module/plan.json",
        "/resource_changes/0: a value of an unexpected type",
    ),
    // A trailing comma.
    ("plan/hashicorp+terraform/_history/be75b8bcd3/*/drift/output.json", "not a single JSON document"),
    // Which of two lists of dependencies holds, nothing says.
    ("state/opentofu+opentofu/*/roundtrip/v4-legacy-modules.*", "two keys are called"),
    ("state/*/roundtrip/v1-*.in.tfstate", "a state of version 1"),
    ("state/*/roundtrip/v3-*.in.tfstate", "a state of version 3"),
    ("state/*/testdata/backend-*/*.tfstate", "a state of version 3"),
    ("state/*/testdata/init-backend-*/*.tfstate", "a state of version 3"),
    ("state/*/testdata/state-push-bad-lineage/replace.tfstate", "a state of version 3"),
    ("state/*/.terraform/terraform.tfstate", "a state of version 3"),
];

/// The words with which a file is refused; several lines of the table may fit, where some of the files are read.
fn expected(path: &str) -> Vec<&'static str> {
    REFUSED.iter().filter(|(pattern, _)| fits(path, pattern)).map(|(_, words)| *words).collect()
}

/// What a file holds, counted.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    by_action: BTreeMap<String, usize>,
    destructive: usize,
    /// In the prior state and in no change; of a state all.
    standing: usize,
}

/// The word under which a list of actions is counted.
fn tally(actions: &[Json]) -> String {
    let words: Vec<&str> = actions.iter().filter_map(Json::as_str).collect();
    match words.as_slice() {
        ["delete", "create"] | ["create", "delete"] => "replace".to_owned(),
        ["create", "forget"] | ["forget", "create"] => "forget".to_owned(),
        [one @ ("no-op" | "create" | "read" | "update" | "delete" | "forget")] => (*one).to_owned(),
        other => format!("other {other:?}"),
    }
}

fn resources<'j>(module: &'j Json, found: &mut Vec<&'j Json>) {
    found.extend(module["resources"].as_array().into_iter().flatten());
    for child in module["child_modules"].as_array().into_iter().flatten() {
        resources(child, found);
    }
}

fn of_plan(document: &Json) -> Counts {
    let mut counts = Counts::default();
    let mut told = std::collections::BTreeSet::new();
    for change in document["resource_changes"].as_array().into_iter().flatten() {
        let actions = change["change"]["actions"].as_array().cloned().unwrap_or_default();
        let word = tally(&actions);
        let deletes = actions.iter().any(|action| action == "delete");
        counts.destructive += usize::from(deletes || word.starts_with("other"));
        *counts.by_action.entry(word).or_default() += 1;
        for name in ["address", "previous_address"] {
            told.insert((
                change[name].as_str().map(str::to_owned),
                change["deposed"].as_str().map(str::to_owned),
            ));
        }
    }
    let mut prior = Vec::new();
    resources(&document["prior_state"]["values"]["root_module"], &mut prior);
    counts.standing = prior
        .iter()
        .filter(|one| !one["values"].is_null())
        .filter(|one| {
            let name =
                (one["address"].as_str().map(str::to_owned), one["deposed_key"].as_str().map(str::to_owned));
            !told.contains(&name)
        })
        .count();
    counts
}

fn read_plan(bytes: &[u8], path: &str) -> Result<Counts, String> {
    let read = plan::read_bytes(bytes, Asked::all(path)).map_err(|error| error.to_string())?;
    let counted: usize = read.summary.changes.values().sum();
    assert_eq!(counted, read.changes.len(), "{path}");
    let word = |action: &Action| match action {
        Action::Other(words) => format!("other {words:?}"),
        known => known.tally().to_owned(),
    };
    let mut counts = Counts::default();
    for change in &read.changes {
        *counts.by_action.entry(word(&change.action)).or_default() += 1;
        counts.destructive += usize::from(change.action.is_destructive());
    }
    counts.standing =
        read.objects.iter().filter(|object| object.evidence.pointer.starts_with("/prior_state/")).count();
    Ok(counts)
}

fn of_state(document: &Json) -> Counts {
    let mut shown = Vec::new();
    resources(&document["values"]["root_module"], &mut shown);
    let stored = document["resources"].as_array().into_iter().flatten();
    let instances: usize = stored.map(|one| one["instances"].as_array().map_or(0, Vec::len)).sum();
    Counts { standing: shown.len() + instances, ..Counts::default() }
}

fn read_state(bytes: &[u8], path: &str) -> Result<Counts, String> {
    let text = decode_text(bytes).map_err(|error| error.to_string())?;
    let state = plan::read_state(&text, path, SourceIx(0), None).map_err(|error| error.to_string())?;
    let addresses: std::collections::BTreeSet<String> =
        state.objects.iter().filter_map(|object| Some(object.address.as_ref()?.to_string())).collect();
    assert_eq!(addresses.len(), state.objects.len(), "{path}: two objects have one address");
    Ok(Counts { standing: state.objects.len(), ..Counts::default() })
}

/// Reads a file as what it is and judges it as a whole; what is wrong with the answer.
fn wrong(file: &Path, path: &str, total: &mut BTreeMap<String, usize>) -> Option<String> {
    let bytes = fs::read(file).unwrap();
    let state = path.starts_with("state/");
    let (given, shown) = (bytes.clone(), path.to_owned());
    let read =
        bounded(file, move || if state { read_state(&given, &shown) } else { read_plan(&given, &shown) });
    let sort = if state { "state" } else { "plan" };
    let started = Instant::now();
    let flag: &[&str] = if state { &["--snapshot"] } else { &[] };
    let mut command = program::program();
    command.args(["check", "--config", "/dev/null", "--format", "json"]).args(flag).arg(file);
    let judged = program::run(&mut command);
    if started.elapsed() > LIMIT {
        return Some(format!("judged in {:?}", started.elapsed()));
    }
    let expected = expected(path);
    *total.entry(format!("{sort}: {}", if read.is_ok() { "read" } else { "refused" })).or_default() += 1;
    let counts = match read {
        Err(why) => {
            *total.entry(format!("{sort}: refused, {}", expected.first().unwrap_or(&"?"))).or_default() += 1;
            let known = expected.iter().any(|words| why.contains(words));
            let refused = judged.status.code() == Some(2);
            return (!known || !refused).then(|| format!("refused: {why} (exit {:?})", judged.status.code()));
        }
        Ok(counts) => counts,
    };
    let Some(document) = document(&bytes) else { return Some("read, and is no JSON".to_owned()) };
    let independent = if state { of_state(&document) } else { of_plan(&document) };
    for (word, count) in &counts.by_action {
        *total.entry(format!("{sort}: changes, {word}")).or_default() += count;
    }
    *total.entry(format!("{sort}: destructive")).or_default() += counts.destructive;
    *total.entry(format!("{sort}: standing")).or_default() += counts.standing;
    if counts != independent {
        return Some(format!("read {counts:?}, and it holds {independent:?}"));
    }
    if !matches!(judged.status.code(), Some(0 | 1 | 3 | 4)) {
        return Some(format!("exit {:?}: {}", judged.status.code(), String::from_utf8_lossy(&judged.stderr)));
    }
    let report = Judged::of(&judged).report;
    let objects = report["sources"][0]["objects"].as_u64();
    if state && objects != Some(counts.standing as u64) {
        return Some(format!("{objects:?} objects in the report"));
    }
    let destructive = report["examined"]["destructive"].as_u64();
    (!state && destructive != Some(counts.destructive as u64))
        .then(|| format!("{destructive:?} destructive in the report"))
}

#[test]
fn every_file_of_the_corpus_is_read_or_refused_as_expected() {
    let Some(corpus) = folder("MAINSTAY_CORPUS", "every_file_of_the_corpus_is_read_or_refused_as_expected")
    else {
        return;
    };
    let (mut total, mut problems) = (BTreeMap::new(), Vec::new());
    for sort in ["plan", "state"] {
        let files = files(&corpus.join(sort));
        assert!(!files.is_empty(), "no file in {}", corpus.join(sort).display());
        for file in files {
            let path = file.strip_prefix(&corpus).unwrap().display().to_string();
            problems.extend(wrong(&file, &path, &mut total).map(|what| format!("{path}: {what}")));
        }
    }
    for (what, count) in &total {
        println!("{count:6}  {what}");
    }
    assert!(problems.is_empty(), "{} files:\n{}", problems.len(), problems.join("\n"));
}

mod real {
    //! The statements about real plans, one by one.

    use super::*;
    use mainstay::plan::Plan;

    struct Real(PathBuf);

    impl Real {
        fn read(&self, file: &str) -> Plan {
            let path = self.0.join(file);
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            plan::read_bytes(&bytes, Asked::all(file)).unwrap()
        }

        fn report(&self, file: &str) -> Json {
            let mut command = program::program();
            command.args(["check", "--config", "/dev/null", "--format", "json"]).arg(self.0.join(file));
            Judged::of(&program::run(&mut command)).report
        }
    }

    fn real(test: &str) -> Option<Real> {
        folder("MAINSTAY_PLANS", test).map(Real)
    }

    fn actions(plan: &Plan) -> BTreeMap<String, Action> {
        let key = |change: &mainstay::model::Change| match &change.deposed {
            Some(key) => format!("{} {key}", change.address),
            None => change.address.to_string(),
        };
        plan.changes.iter().map(|change| (key(change), change.action.clone())).collect()
    }

    #[test]
    fn all_counts_are_those_of_the_json() {
        let Some(real) = real("all_counts_are_those_of_the_json") else { return };
        let mut seen = 0;
        for file in
            files(&real.0).iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        {
            let name = file.file_name().unwrap().to_str().unwrap();
            if !name.starts_with("plan") || file.components().any(|part| part.as_os_str() == ".terraform") {
                continue;
            }
            let bytes = fs::read(file).unwrap();
            let counts = read_plan(&bytes, &file.display().to_string()).unwrap();
            assert_eq!(counts, of_plan(&document(&bytes).unwrap()), "{}", file.display());
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn both_orders_of_a_replacement() {
        let Some(real) = real("both_orders_of_a_replacement") else { return };
        let actions = actions(&real.read("03-replace-orders/plan.json"));
        let of = |wanted: Action| actions.values().filter(|action| **action == wanted).count();
        assert!(of(Action::DeleteCreate) > 0 && of(Action::CreateDelete) > 0, "{actions:?}");
    }

    #[test]
    fn to_forget_is_not_to_delete() {
        let Some(real) = real("to_forget_is_not_to_delete") else { return };
        let plan = real.read("05-moved-removed/plan.json");
        let forgotten: Vec<usize> =
            (0..plan.changes.len()).filter(|at| plan.changes[*at].action == Action::Forget).collect();
        assert!(!forgotten.is_empty());
        for at in forgotten {
            assert!(!plan.changes[at].action.is_destructive());
            let object =
                plan.objects.iter().find(|object| object.address.as_ref() == Some(&plan.changes[at].address));
            assert!(object.is_some_and(|object| object.before.is_some() && object.after.is_some()));
        }
        assert!(plan.changes.iter().any(|change| change.previous_address.is_some()), "moves are told");
    }

    #[test]
    fn a_part_is_no_whole() {
        let Some(real) = real("a_part_is_no_whole") else { return };
        for (file, verdict, exit) in [
            ("06-target/plan.json", "warn", 0),
            ("07b-destroy-target/plan.json", "warn", 0),
            ("17-unknown-foreach/plan.json", "undetermined", 4),
            ("18-errored-plan/plan.json", "undetermined", 4),
        ] {
            let report = real.report(file);
            assert_eq!(report["plans"][0]["partial"], true, "{file}");
            assert_eq!(
                (&report["verdict"], report["exit_code"].as_u64()),
                (&Json::from(verdict), Some(exit)),
                "{file}"
            );
        }
        let whole = real.report("21-no-changes/plan.json");
        assert_eq!(
            (&whole["verdict"], &whole["plans"][0]["partial"]),
            (&Json::from("pass"), &Json::from(false))
        );
    }

    #[test]
    fn a_destroy_plan_deletes_all() {
        let Some(real) = real("a_destroy_plan_deletes_all") else { return };
        let plan = real.read("07-destroy/plan.json");
        assert!(!plan.changes.is_empty());
        assert!(plan.changes.iter().all(|change| change.action == Action::Delete && change.reason.is_none()));
    }

    #[test]
    fn refresh_only_plans_tell_of_drift_alone() {
        let Some(real) = real("refresh_only_plans_tell_of_drift_alone") else { return };
        for file in ["08-refresh-only/plan.json", "11-drift/plan-refresh-only.json"] {
            let plan = real.read(file);
            assert!(plan.changes.is_empty() && !plan.drift.is_empty(), "{file}");
            assert!(plan.notes.iter().any(|note| note.contains("outside terraform")), "{file}");
        }
    }

    #[test]
    fn what_was_deleted_outside_shows_as_a_creation() {
        let Some(real) = real("what_was_deleted_outside_shows_as_a_creation") else { return };
        let plan = real.read("12-deleted-outside/plan.json");
        let gone: Vec<_> =
            plan.summary.gone.iter().map(|gone| (gone.address.to_string(), gone.made_anew)).collect();
        assert_eq!(gone, [("fake_db.b".to_owned(), true)]);
        assert_eq!(actions(&plan)["fake_db.b"], Action::Create);
        let report = real.report("12-deleted-outside/plan.json");
        assert!(report["findings"].to_string().contains("\"rule\":\"drifted\""), "{report:#}");
    }

    #[test]
    fn a_deposed_object_has_an_entry_of_its_own() {
        let Some(real) = real("a_deposed_object_has_an_entry_of_its_own") else { return };
        let plan = real.read("13-deposed/plan.json");
        let deposed: Vec<_> = plan.changes.iter().filter(|change| change.deposed.is_some()).collect();
        assert_eq!(deposed.len(), 1);
        assert_eq!(deposed[0].action, Action::Delete);
        let namesakes = plan.changes.iter().filter(|change| change.address == deposed[0].address).count();
        assert_eq!((namesakes, actions(&plan).len()), (2, plan.changes.len()));
    }

    #[test]
    fn a_tainted_object_is_replaced() {
        let Some(real) = real("a_tainted_object_is_replaced") else { return };
        let plan = real.read("14-tainted/plan.json");
        let reasons: Vec<_> = plan.changes.iter().filter_map(|change| change.reason.as_deref()).collect();
        assert_eq!(reasons, ["replace_because_tainted"]);
        assert!(plan.changes.iter().any(|change| change.action.is_replacement()));
    }

    /// All values that were kept.
    fn values(plan: &Plan) -> String {
        let sides = plan.objects.iter().flat_map(|object| [&object.before, &object.after]);
        let drifted = plan.drift.iter().flat_map(|drift| [&drift.before, &drift.after]);
        sides.chain(drifted).flatten().map(|side| side.value.reveal().to_string()).collect()
    }

    #[test]
    fn numbers_keep_every_digit() {
        let Some(real) = real("numbers_keep_every_digit") else { return };
        let plan = real.read("19-numbers/plan.json");
        let kept = values(&plan);
        for number in [
            "123456789012345678901234567890",
            "9007199254740993",
            &format!("1{}", "0".repeat(100)),
            "0.000000000000000000000000000001",
            &format!("0.{}5", "3".repeat(154)),
        ] {
            assert!(kept.contains(number), "{number} in {kept}");
        }
        assert!(values(&real.read("10-fake/plan.json")).contains("12345678901234567890"));
    }

    #[test]
    fn sensitive_values_are_nowhere() {
        let Some(real) = real("sensitive_values_are_nowhere") else { return };
        for (file, secret) in [
            ("20-ephemeral-sensitive/plan.json", "S3NS"),
            ("20-ephemeral-sensitive/plan.json", "EPH"),
            ("10-fake/plan.json", "hunter2-SECRET"),
            ("11-drift/plan.json", "hunter2-SECRET"),
            ("12-deleted-outside/plan.json", "hunter2-SECRET"),
        ] {
            assert!(fs::read_to_string(real.0.join(file)).unwrap().contains(secret), "{file} has it");
            assert!(!values(&real.read(file)).contains(secret), "{file}");
            assert!(!real.report(file).to_string().contains(secret), "{file}");
        }
    }

    #[test]
    fn one_object_is_deleted_and_imported() {
        let Some(real) = real("one_object_is_deleted_and_imported") else { return };
        let plan = real.read("24-misc/plan.json");
        let imported: Vec<_> = plan.changes.iter().filter(|change| change.importing).collect();
        assert_eq!(
            imported.iter().map(|change| change.address.as_str()).collect::<Vec<_>>(),
            ["fake_db.gen"]
        );
        let report = real.report("24-misc/plan.json");
        let notes = report["notes"].to_string();
        assert!(notes.contains("fake_db.gen, which is imported, is the same object as fake_db.b"), "{notes}");
    }
}
