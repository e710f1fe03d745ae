//! What a forecast of many certificates costs, beside the least that reading them can cost: a typed `serde_json` parse of
//! the same bytes, in memory already, that borrows all it can and looks at nothing.
//!
//! `cargo bench --bench forecast` makes dumps of clusters with 5,000 and 50,000 certificates, and once more half as many with
//! a look-up of a token of Vault for each of the other half; `cargo bench --bench forecast -- 100000` one of so many. Of the
//! tokens every fifth is held by a deployment, and half of them are of a role with a period. A third of the certificates is renewed by an issuer that works, a third by none that is there, a third by an
//! issuer that signs with a certificate of its own; every fifth carries an ingress. Times are medians of the wall's; what
//! counts are the ratios.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock, prints, and stops where it cannot go on"
)]

use mainstay::config;
use mainstay::judge::{self, Inputs, SnapshotInput};
use mainstay::model::Instant;
use mainstay::report::{Look, forecast_calendar, forecast_text, json};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: &str = "2026-01-01T00:00:00Z";

fn main() {
    let asked = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok());
    let counts = match asked {
        Some(count) => vec![count],
        // `cargo test --benches` runs benchmarks too, as a test that they still run.
        None if std::env::args().any(|argument| argument == "--bench") => vec![5_000, 50_000],
        None => vec![50],
    };
    for count in counts {
        for tokens in [0, count / 2] {
            let directory = tempfile::tempdir().unwrap();
            let write = |file: &str, text: &str| std::fs::write(directory.path().join(file), text).unwrap();
            for (file, text) in [
                ("cluster.json", dump(count - tokens, tokens)),
                ("tokens.json", look_ups(tokens)),
                ("role.json", role()),
            ] {
                if tokens > 0 || file == "cluster.json" {
                    write(file, &text);
                    write(&format!("{file}.meta.json"), &format!("{{\"taken_at\": \"{NOW}\"}}"));
                }
            }
            measure(directory.path(), count - tokens, tokens);
        }
    }
}

fn measure(path: &Path, certificates: usize, tokens: usize) {
    let read = |file: &str| std::fs::read(path.join(file)).unwrap_or_default();
    let (bytes, looked_up) = (read("cluster.json"), read("tokens.json"));
    let inputs = Inputs {
        plans: Vec::new(),
        snapshots: vec![SnapshotInput {
            path: path.to_owned(),
            shown: "snapshots".to_owned(),
            taken_at: None,
            listed: false,
        }],
        declarations: config::defaults(),
        digests: false,
        notes: Vec::new(),
    };
    let now: Instant = NOW.parse().unwrap();
    let until: Instant = "2026-04-01T00:00:00Z".parse().unwrap();
    let answer = judge::forecast(&inputs, until, now).unwrap();
    let bare = median(|| {
        let lines = looked_up.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let tokens: usize =
            lines.map(|line| serde_json::from_slice::<BareToken<'_>>(line).unwrap().data.get().len()).sum();
        black_box(serde_json::from_slice::<Bare<'_>>(&bytes).unwrap().seen() + tokens)
    });
    let rows = [
        ("a bare typed parse", bare),
        (
            "rank, one mainstay: reading and joining it",
            median(|| judge::rank(&inputs, 1, now).unwrap().workloads),
        ),
        ("the forecast", median(|| judge::forecast(&inputs, until, now).unwrap().ends.len())),
        ("its text", median(|| forecast_text(&answer, Look::default()).len())),
        ("its JSON", median(|| json(&answer).unwrap().len())),
        ("its calendar", median(|| forecast_calendar(&answer).len())),
    ];
    println!(
        "{certificates} certificates and {tokens} tokens, {} MB: {} end, {} renewed, {} on a day that is not known",
        (bytes.len() + looked_up.len()) / 1_000_000,
        answer.ends.len(),
        answer.renewed.len(),
        answer.eventually.len()
    );
    for (what, time) in rows {
        let ratio = time.as_secs_f64() / bare.as_secs_f64();
        println!("  {what:<46} {:>9.1} ms   {ratio:>6.2} x bare", time.as_secs_f64() * 1000.0);
    }
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

/// `kubectl get … -A -o json` of a cluster.
fn dump(count: usize, tokens: usize) -> String {
    let issuer = |name: &str, spec: serde_json::Value| json!({"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": name}, "spec": spec});
    let mut items = vec![issuer("works", json!({"selfSigned": {}}))];
    for number in 0..count {
        let name = format!("certificate-{number}");
        // Every thirtieth is what an issuer signs with, for those after it that are of the last third.
        let by = match number % 3 {
            0 => "works".to_owned(),
            1 => "gone".to_owned(),
            _ => format!("authority-{}", number / 30),
        };
        if number % 30 == 1 {
            items.push(issuer(&format!("authority-{}", number / 30), json!({"ca": {"secretName": &name}})));
        }
        let (day, hour) = (1 + number % 28, number / 28 % 24);
        items.push(json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate",
            "metadata": {"name": &name, "namespace": "prod", "uid": format!("{number:08x}"), "generation": 3,
                "annotations": {"team": "edge", "note": "generated for a measurement of forecasts"}},
            "spec": {"secretName": &name, "dnsNames": [format!("{name}.example.io")],
                "issuerRef": {"kind": "ClusterIssuer", "name": by}},
            "status": {"notBefore": "2025-12-01T00:00:00Z", "notAfter": format!("2026-02-{day:02}T{hour:02}:00:00Z"),
                "renewalTime": format!("2026-01-{:02}T{hour:02}:00:00Z", day.max(2))}}));
        if number % 5 == 0 {
            items.push(json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
                "metadata": {"name": format!("ingress-{number}"), "namespace": "prod"},
                "spec": {"tls": [{"hosts": [format!("{name}.example.io")], "secretName": &name}]}}));
        }
    }
    // Who holds the tokens, by their names.
    items.extend((0..tokens).step_by(5).map(|number| {
        let name = format!("service-{number}");
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": &name, "namespace": "prod"},
            "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "x"}]}}}})
    }));
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

/// A role of tokens with a period.
fn role() -> String {
    json!({"data": {"name": "periodic", "allowed_policies": [], "orphan": true, "token_period": 86_400}})
        .to_string()
}

/// `vault token lookup -format=json`, a line for each token.
fn look_ups(count: usize) -> String {
    let line = |number: usize| {
        let (name, day) = (format!("service-{number}"), 1 + number % 28);
        let role = if number.is_multiple_of(2) { "periodic" } else { "bounded" };
        json!({"request_id": "r", "lease_id": "", "data": {"accessor": format!("a{number}"), "policies": ["default"],
            "creation_ttl": 2_764_800, "display_name": format!("token-{name}"), "explicit_max_ttl": 0, "orphan": true,
            "issue_time": format!("2025-12-{day:02}T00:00:00Z"), "expire_time": format!("2026-01-{day:02}T06:00:00Z"),
            "path": format!("auth/token/create/{role}"), "role": role, "renewable": true,
            "meta": {"service": name}}})
        .to_string()
    };
    (0..count).map(|number| line(number) + "\n").collect()
}

#[derive(Deserialize)]
struct BareToken<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Bare<'a> {
    #[serde(borrow)]
    items: Vec<BareItem<'a>>,
}

#[derive(Deserialize)]
struct BareItem<'a> {
    kind: &'a str,
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
}

impl Bare<'_> {
    /// So that nothing of it is left out.
    fn seen(&self) -> usize {
        let raw = |value: Option<&RawValue>| value.map_or(0, |value| value.get().len());
        let of = |item: &BareItem<'_>| {
            item.kind.len() + item.metadata.get().len() + raw(item.spec) + raw(item.status)
        };
        self.items.iter().map(of).sum()
    }
}
