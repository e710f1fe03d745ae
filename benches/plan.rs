//! What judging a large plan costs, beside the least that reading it can cost: a typed `serde_json` parse of the same
//! bytes, in memory already, that borrows all it can and looks at nothing.
//!
//! `cargo bench --bench plan` makes plans of 1,000 and 10,000 resources; `cargo bench --bench plan -- 100000` one of so
//! many, and `cargo bench --bench plan -- FILE` takes one that is there; `benches/beside.py` compares whole programs. Times are medians of the wall's; what counts is the
//! ratio.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints, and stops where it cannot go on"
)]

use mainstay::catalog::Catalog;
use mainstay::config;
use mainstay::judge::{self, Content, Inputs, PlanInput};
use mainstay::plan::{self, Asked};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Stopwatch};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [bare, path] = arguments.as_slice()
        && bare == "--bare"
    {
        // Once and nothing else, for `benches/beside.py`.
        let bytes = std::fs::read(path).unwrap();
        println!("{}", serde_json::from_slice::<Bare<'_>>(&bytes).unwrap().seen());
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let made = |count: usize| {
        let path = directory.path().join(format!("{count}.json"));
        generate(&path, count);
        path
    };
    let plans: Vec<PathBuf> = match arguments.iter().find(|argument| !argument.starts_with('-')) {
        Some(number) if number.parse::<usize>().is_ok() => vec![made(number.parse().unwrap())],
        Some(file) => vec![file.into()],
        // `cargo test --benches` runs benchmarks too, as a test that they still run.
        None if std::env::args().any(|argument| argument == "--bench") => vec![made(1_000), made(10_000)],
        None => vec![made(100)],
    };
    let mut smaller: Option<(usize, Duration)> = None;
    for path in plans {
        let (changes, judged) = measure(&path);
        if let Some((fewer, faster)) = smaller.replace((changes, judged)) {
            let growth = judged.as_secs_f64() / faster.as_secs_f64();
            let larger = changes as f64 / fewer as f64;
            println!("  judging {larger:.0} times as many resources takes {growth:.1} times as long");
        }
    }
}

/// How many changes there are, and how long judging them takes.
fn measure(path: &Path) -> (usize, Duration) {
    let bytes = std::fs::read(path).unwrap();
    let catalog = Catalog::builtin().unwrap();
    let open = || -> std::io::Result<Box<dyn Read + Send>> { Ok(Box::new(File::open(path)?)) };
    let read = |digest| {
        let asked = Asked { interest: &catalog, digest, ..Asked::all("plan.json") };
        plan::read(&open, asked).unwrap()
    };
    let inputs = Inputs {
        plans: vec![PlanInput {
            path: "plan.json".to_owned(),
            content: Content::File(path.to_owned()),
            sources: None,
            file: None,
        }],
        snapshots: Vec::new(),
        declarations: config::defaults(),
        digests: false,
        notes: Vec::new(),
    };
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let bare = median(|| black_box(serde_json::from_slice::<Bare<'_>>(&bytes).unwrap().seen()));
    let rows = [
        ("a bare typed parse", bare),
        ("reading it, from the file", median(|| read(false).changes.len())),
        ("reading it, with the digest of its bytes", median(|| read(true).changes.len())),
        ("judging it", median(|| judge::check(&inputs, now).unwrap().examined.changes)),
    ];
    let changes = read(false).changes.len();
    println!("{changes} resources, {} MB", bytes.len() / 1_000_000);
    for (what, time) in rows {
        let ratio = time.as_secs_f64() / bare.as_secs_f64();
        println!("  {what:<46} {:>9.1} ms   {ratio:>6.2} x bare", time.as_secs_f64() * 1000.0);
    }
    (changes, rows.last().map_or(Duration::ZERO, |(_, time)| *time))
}

fn median(mut run: impl FnMut() -> usize) -> Duration {
    let mut times: Vec<Duration> = (0..3)
        .map(|_| {
            let start = Stopwatch::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[1]
}

#[derive(Deserialize)]
struct Bare<'a> {
    #[serde(borrow)]
    resource_changes: Vec<BareChange<'a>>,
    #[serde(borrow)]
    prior_state: BareState<'a>,
}

#[derive(Deserialize)]
struct BareChange<'a> {
    address: &'a RawValue,
    #[serde(borrow)]
    change: BareValues<'a>,
}

#[derive(Deserialize)]
struct BareValues<'a> {
    #[serde(borrow)]
    actions: Vec<&'a str>,
    #[serde(borrow)]
    before: &'a RawValue,
}

#[derive(Deserialize)]
struct BareState<'a> {
    #[serde(borrow)]
    values: BareRoot<'a>,
}

#[derive(Deserialize)]
struct BareRoot<'a> {
    #[serde(borrow)]
    root_module: BareModule<'a>,
}

#[derive(Deserialize)]
struct BareModule<'a> {
    #[serde(borrow, default)]
    resources: Vec<BareResource<'a>>,
    #[serde(borrow, default)]
    child_modules: Vec<BareModule<'a>>,
}

#[derive(Deserialize)]
struct BareResource<'a> {
    address: &'a RawValue,
    #[serde(borrow, default)]
    depends_on: Vec<&'a RawValue>,
}

impl Bare<'_> {
    fn seen(&self) -> usize {
        let changes = self.resource_changes.iter().map(|entry| {
            entry.address.get().len() + entry.change.actions.len() + entry.change.before.get().len()
        });
        changes.sum::<usize>() + self.prior_state.values.root_module.seen()
    }
}

impl BareModule<'_> {
    fn seen(&self) -> usize {
        let own = self.resources.iter().map(|own| own.address.get().len() + own.depends_on.len());
        own.sum::<usize>() + self.child_modules.iter().map(BareModule::seen).sum::<usize>()
    }
}

/// Resources of one service: its identity, what that may do, its account and workload in a cluster, a machine, and what it
/// may do in two other clouds: each has grants of its own, so that whoever looks at all of them for each one shows.
const KINDS: [&str; 9] = [
    "azurerm_user_assigned_identity",
    "azurerm_role_assignment",
    "azurerm_storage_account",
    "kubernetes_service_account",
    "kubernetes_deployment",
    "aws_instance",
    "google_service_account",
    "google_project_iam_member",
    "aws_iam_role_policy_attachment",
];

/// Writes a plan as terraform would: every object four times, of which one in a hundred goes.
fn generate(path: &Path, count: usize) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let address =
        |number: usize| format!("module.team_{}.{}.it", number / KINDS.len(), KINDS[number % KINDS.len()]);
    let resource = |number: usize| {
        format!(
            r#""address":"{}","mode":"managed","type":"{}","name":"it","provider_name":"registry.terraform.io/hashicorp/x""#,
            address(number),
            KINDS[number % KINDS.len()]
        )
    };
    let list = |out: &mut BufWriter<File>, each: &dyn Fn(usize) -> String| {
        for number in 0..count {
            let comma = if number == 0 { "" } else { "," };
            write!(out, "{comma}{}", each(number)).unwrap();
        }
    };
    write!(
        out,
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{{"root_module":{{"resources":["#
    )
    .unwrap();
    list(&mut out, &|number| format!(r#"{{{},"values":{}}}"#, resource(number), values(number)));
    write!(out, r#"]}}}},"resource_changes":["#).unwrap();
    list(&mut out, &|number| {
        let (own, values) = (resource(number), values(number));
        let goes = number % 100 == 7;
        let (actions, after) = if goes { ("delete", "null") } else { ("no-op", values.as_str()) };
        format!(
            r#"{{{own},"change":{{"actions":["{actions}"],"before":{values},"after":{after},"after_unknown":{{}},"before_sensitive":{{}},"after_sensitive":{{}}}}}}"#
        )
    });
    write!(out, r#"],"prior_state":{{"format_version":"1.0","values":{{"root_module":{{"resources":["#)
        .unwrap();
    list(&mut out, &|number| {
        let before = number.saturating_sub(1);
        format!(
            r#"{{{},"values":{},"sensitive_values":{{}},"depends_on":["{}"]}}"#,
            resource(number),
            values(number),
            address(before)
        )
    });
    write!(out, r#"]}}}}}},"complete":true,"errored":false}}"#).unwrap();
    out.flush().unwrap();
}

fn values(number: usize) -> String {
    let (team, subscription) = (number / KINDS.len(), "/subscriptions/11111111-2222-3333-4444-555555555555");
    let guid = |sort: usize| format!("{team:08x}-0000-4000-8000-{sort:012x}");
    let identity = format!(
        "{subscription}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/team-{team}"
    );
    let padding = "0123456789abcdef ".repeat(60);
    let own = match KINDS[number % KINDS.len()] {
        "azurerm_user_assigned_identity" => format!(
            r#""id":"{identity}","name":"team-{team}","principal_id":"{}","client_id":"{}","resource_group_name":"rg""#,
            guid(1),
            guid(2)
        ),
        "azurerm_role_assignment" => format!(
            r#""id":"{subscription}/providers/Microsoft.Authorization/roleAssignments/{}","principal_id":"{}","role_definition_name":"Reader","scope":"{subscription}""#,
            guid(3),
            guid(1)
        ),
        "kubernetes_service_account" => format!(
            r#""id":"team-{team}/app","metadata":[{{"name":"app","namespace":"team-{team}","annotations":{{"azure.workload.identity/client-id":"{}"}}}}]"#,
            guid(2)
        ),
        "kubernetes_deployment" => format!(
            r#""id":"team-{team}/app","metadata":[{{"name":"app","namespace":"team-{team}"}}],"spec":[{{"template":[{{"spec":[{{"service_account_name":"app"}}]}}]}}]"#
        ),
        "google_service_account" => format!(
            r#""id":"projects/p/serviceAccounts/team-{team}@p.iam.gserviceaccount.com","email":"team-{team}@p.iam.gserviceaccount.com","unique_id":"1{team:020}","member":"serviceAccount:team-{team}@p.iam.gserviceaccount.com""#
        ),
        "google_project_iam_member" => format!(
            r#""id":"p/roles/viewer/serviceAccount:team-{team}@p.iam.gserviceaccount.com","project":"p","role":"roles/viewer","member":"serviceAccount:team-{team}@p.iam.gserviceaccount.com","condition":[]"#
        ),
        "aws_iam_role_policy_attachment" => format!(
            r#""id":"team-{team}-read","role":"team-{team}","policy_arn":"arn:aws:iam::aws:policy/ReadOnlyAccess""#
        ),
        _ => format!(r#""id":"thing-{number}","name":"thing-{number}","size":"large""#),
    };
    format!(r#"{{{own},"tags":{{"team":"team-{team}"}},"description":"{padding}"}}"#)
}
