//! No value of a plan gets out that is not an identity, role, scope, date or name: secrets are planted in every place
//! where Terraform writes values in the clear, and looked for in everything that is printed or written, also where the
//! plan is broken.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use mainstay::config;
use mainstay::judge::{self, Inputs, PlanInput, SnapshotInput, Suppose};
use mainstay::model::{Declarations, Instant};
use mainstay::plan::{self, Asked};
use mainstay::report::{
    Look, explanation_text, forecast_calendar, forecast_text, json, ranking_text, report_text,
};

use crate::support::canaries::{HIDDEN, MARKS, Maker};
use crate::support::program;
use crate::support::story::NOW;

/// Everything is declared, so that whatever falls is told.
const CONFIGURATION: &str = r#"
[[workload]]
name = "everything"
criticality = "critical"
match = ["kubernetes:Deployment/prod/*", "azurerm_linux_function_app.*"]
"#;

/// How many plans are made; `MAINSTAY_CASES` says otherwise.
fn cases() -> usize {
    std::env::var("MAINSTAY_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

fn clean(seed: u64, what: &str, text: &str) {
    let lower = text.to_lowercase();
    if let Some(at) = MARKS.iter().find_map(|mark| lower.find(mark)) {
        let from =
            lower.char_indices().map(|(start, _)| start).rfind(|start| *start + 150 <= at).unwrap_or(0);
        let around: String = lower.split_at(from).1.chars().take(300).collect();
        panic!("plan {seed}: {what} has a secret in it: …{around}…");
    }
}

/// What one plan led to.
#[derive(Default)]
struct Seen {
    judged: AtomicUsize,
    refused: AtomicUsize,
    findings: AtomicUsize,
}

fn declarations() -> Declarations {
    config::parse(CONFIGURATION, "mainstay.toml", Path::new("")).unwrap()
}

fn inputs(plan: &[u8], snapshots: &[&Path], declarations: &Declarations) -> Inputs {
    let snapshot = |path: &&Path| SnapshotInput {
        path: path.to_path_buf(),
        shown: path.file_name().unwrap().to_string_lossy().into_owned(),
        taken_at: Some("2023-09-22T09:00:00Z".parse().unwrap()),
        listed: false,
    };
    Inputs {
        plans: vec![PlanInput::json("plan.json", plan.to_vec())],
        snapshots: snapshots.iter().map(snapshot).collect(),
        declarations: declarations.clone(),
        digests: true,
        notes: Vec::new(),
    }
}

/// What is marked as sensitive does not even reach the objects; all else stays in them.
fn objects(seed: u64, bytes: &[u8]) {
    let Ok(read) = plan::read_bytes(bytes, Asked::all("plan.json")) else { return };
    clean(seed, "Debug of the plan", &format!("{read:?}"));
    let drift = read.drift.iter().flat_map(|drift| [&drift.before, &drift.after]);
    let objects = read.objects.iter().flat_map(|object| [&object.before, &object.after]);
    for attributes in objects.chain(drift).flatten() {
        let text = attributes.value.reveal().to_string();
        let found = HIDDEN.iter().find(|mark| text.contains(**mark));
        assert!(found.is_none(), "plan {seed}: a sensitive value was read: {text}");
    }
}

fn judge(seed: u64, bytes: &[u8], snapshots: &[&Path], declarations: &Declarations, seen: &Seen) {
    let now: Instant = NOW.parse().unwrap();
    let inputs = inputs(bytes, snapshots, declarations);
    clean(seed, "Debug of the inputs", &format!("{inputs:?}"));
    let report = match judge::check_and_unblock(&inputs, now) {
        Ok(report) => report,
        Err(error) => {
            seen.refused.fetch_add(1, Ordering::Relaxed);
            return clean(seed, "the error", &format!("{error} {error:?}"));
        }
    };
    seen.judged.fetch_add(1, Ordering::Relaxed);
    seen.findings.fetch_add(report.findings.len(), Ordering::Relaxed);
    let verbose = Look { verbose: true, colour: true, ..Look::default() };
    clean(seed, "the report", &report_text(&report, Look::default()));
    clean(seed, "the verbose report", &report_text(&report, verbose));
    clean(seed, "the report as JSON", &json(&report).unwrap());
    if seed.is_multiple_of(5) {
        let ranking = judge::rank(&inputs, 50, now).unwrap();
        clean(seed, "the ranking", &ranking_text(&ranking, verbose));
        clean(seed, "the ranking as JSON", &json(&ranking).unwrap());
        let forecast = judge::forecast(&inputs, Instant::MAX, now).unwrap();
        clean(seed, "the forecast", &forecast_text(&forecast, verbose));
        clean(seed, "the forecast as JSON", &json(&forecast).unwrap());
        clean(seed, "the forecast as a calendar", &forecast_calendar(&forecast));
        for what in [
            "azurerm_role_assignment.thing_0",
            "kubernetes_deployment.thing_2",
            "thing_5",
            "acme_thing.*",
            "plain",
        ] {
            match judge::explain(&inputs, what, Suppose::default(), now) {
                Ok(answer) => {
                    clean(seed, "the explanation", &explanation_text(&answer, verbose));
                    clean(seed, "the explanation as JSON", &json(&answer).unwrap());
                }
                Err(error) => clean(seed, "the error of explain", &format!("{error} {error:?}")),
            }
        }
    }
}

#[test]
fn no_secret_gets_out_of_a_thousand_plans() {
    let (seen, total, workers) = (Seen::default(), cases(), 4);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let seen = &seen;
            scope.spawn(move || {
                let folder = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
                let (cluster, identities) =
                    (folder.path().join("cluster.json"), folder.path().join("identities.json"));
                let declarations = declarations();
                for seed in (worker..total).step_by(workers).map(|seed| u64::try_from(seed).unwrap()) {
                    let mut maker = Maker::new(seed);
                    let plan = maker.plan();
                    let bytes = match seed % 3 {
                        0 => maker.broken(&plan),
                        _ => plan.to_string().into_bytes(),
                    };
                    objects(seed, &bytes);
                    fs::write(&cluster, maker.cluster().to_string()).unwrap();
                    let listing = maker.identities();
                    let listing = if seed.is_multiple_of(7) {
                        maker.broken(&listing)
                    } else {
                        listing.to_string().into_bytes()
                    };
                    fs::write(&identities, listing).unwrap();
                    judge(seed, &bytes, &[&cluster, &identities], &declarations, seen);
                }
            });
        }
    });
    let [judged, refused, findings] =
        [seen.judged, seen.refused, seen.findings].map(|count| count.load(Ordering::Relaxed));
    println!("{judged} plans judged, {refused} refused, {findings} findings");
    assert_eq!(judged + refused, total);
    // Nothing was looked at if nothing was found.
    assert!(judged > total / 2 && refused > total / 10 && findings > total, "{judged} {refused} {findings}");
}

/// Runs the program with a folder for temporary files of its own.
fn run(folder: &Path, temporary: &Path, arguments: &[&str]) -> Output {
    let mut command = program::program();
    command.env_clear().env("TMPDIR", temporary).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace");
    program::run(command.args(arguments).current_dir(folder).stdin(Stdio::null()))
}

#[test]
fn no_secret_gets_out_of_the_program() {
    for seed in 0..24_u64 {
        let root = tempfile::Builder::new().prefix("ms-").tempdir().unwrap();
        let (folder, temporary) = (root.path().join("work"), root.path().join("tmp"));
        for new in [&folder, &temporary] {
            fs::create_dir(new).unwrap();
        }
        let mut maker = Maker::new(1_000_000 + seed);
        let plan = maker.plan();
        let bytes = if seed.is_multiple_of(3) { maker.broken(&plan) } else { plan.to_string().into_bytes() };
        let given = ["plan.json", "mainstay.toml", "cluster.json", "identities.json"];
        let texts = [
            bytes,
            CONFIGURATION.as_bytes().to_vec(),
            maker.cluster().to_string().into_bytes(),
            maker.identities().to_string().into_bytes(),
        ];
        for (name, text) in given.iter().zip(texts) {
            fs::write(folder.join(name), text).unwrap();
        }
        let rest = ["--now", NOW, "--snapshot", "cluster.json", "--snapshot", "identities.json"];
        let formats = ["--format", "text", "--format", "json=report.json", "-v", "--color", "always"];
        let json = ["--format", "json"];
        let mut written = 0;
        for (first, more) in [
            (&["check", "plan.json", "--unblock"][..], &formats[..]),
            (&["check", "plan.json"], &json),
            (&["explain", "kubernetes_deployment.thing_2", "--plan", "plan.json"], &formats),
            (&["explain", "thing_", "--plan", "plan.json"], &json),
            (&["can", "thing_2", "a.b/c/read", "/subscriptions/s", "--plan", "plan.json"], &json),
            (&["rank", "--plan", "plan.json"], &formats),
            (&["forecast", "--plan", "plan.json"], &formats),
        ] {
            let output = run(&folder, &temporary, &[first, &rest, more].concat());
            assert!(
                output.status.code().is_some_and(|code| (0..=4).contains(&code)),
                "plan {seed}: {output:?}"
            );
            clean(seed, "what is printed", &String::from_utf8(output.stdout).unwrap());
            clean(seed, "what is complained", &String::from_utf8(output.stderr).unwrap());
            for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
                let name = entry.file_name().into_string().unwrap();
                if !given.contains(&name.as_str()) {
                    assert_eq!(name, "report.json", "plan {seed}: a file was left");
                    clean(seed, "the file", &fs::read_to_string(entry.path()).unwrap());
                    fs::remove_file(entry.path()).unwrap();
                    written += 1;
                }
            }
        }
        assert!(written > 0 || seed.is_multiple_of(3), "plan {seed}: nothing was written");
        assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "plan {seed}: temporary files were left");
        // And while it ran: where there is no folder for temporary files it does its work all the same.
        if !seed.is_multiple_of(3) {
            let output =
                run(&folder, &root.path().join("none"), &[&["check", "plan.json"][..], &rest].concat());
            assert_ne!(output.status.code(), Some(2), "plan {seed}: {output:?}");
        }
    }
}
