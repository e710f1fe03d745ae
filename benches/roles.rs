//! What the roles cost that the clouds define themselves, beside the least that reading them can cost: `serde_json` into its
//! own values, of the same bytes, in memory already.
//!
//! `MAINSTAY_ROLE_DATA=DIR cargo bench --bench roles`, where DIR holds `azure-builtin-roles.json`,
//! `gcp-predefined-roles.json` and `aws-managed-policies.json`: lists as the clouds print them. Times are the shortest and
//! the median of the wall's of nine; what counts are the ratios.
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
use mainstay::snapshot::{self, Ahead, Settings};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Stopwatch};

/// That of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FILES: [&str; 3] =
    ["azure-builtin-roles.json", "gcp-predefined-roles.json", "aws-managed-policies.json"];
const NOW: &str = "2026-01-01T00:00:00Z";

fn main() {
    let Some(data) = std::env::var_os("MAINSTAY_ROLE_DATA").map(PathBuf::from) else {
        println!("not measured: MAINSTAY_ROLE_DATA does not say where the lists are");
        return;
    };
    let paths: Vec<PathBuf> = FILES.iter().map(|file| data.join(file)).collect();
    let bytes: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let now: Instant = NOW.parse().unwrap();
    let inputs = Inputs {
        plans: Vec::new(),
        snapshots: paths.iter().map(|path| input(path)).collect(),
        declarations: config::defaults(),
        digests: false,
        notes: Vec::new(),
    };
    let settings = Settings { now, max_age_seconds: 0, inventories: &[] };
    let bare = times(|| bytes.iter().map(|bytes| parsed(bytes)).sum());
    let rows = [
        ("a bare parse, one after the other", bare),
        ("read as snapshots", times(|| read(&paths, &settings))),
        ("read, joined and judged", times(|| judge::check(&inputs, now).unwrap().examined.nodes)),
    ];
    println!("{} roles and policies", read(&paths, &settings));
    for (what, (least, median)) in rows {
        let ratio = least.as_secs_f64() / bare.0.as_secs_f64();
        let [least, median] = [least, median].map(|time| time.as_secs_f64() * 1000.0);
        println!("  {what:<36} {least:>7.1} ms, median {median:>7.1} ms   {ratio:>5.2} x bare");
    }
}

fn input(path: &Path) -> SnapshotInput {
    SnapshotInput { path: path.to_owned(), shown: path.display().to_string(), taken_at: None, listed: false }
}

fn parsed(bytes: &[u8]) -> usize {
    serde_json::from_slice::<serde_json::Value>(bytes).unwrap().as_array().map_or(0, Vec::len)
}

fn read(paths: &[PathBuf], settings: &Settings<'_>) -> usize {
    let shown: Vec<(&Path, &str)> = paths.iter().map(|path| (path.as_path(), "roles")).collect();
    let mut ahead = Ahead::of(&shown);
    let load = |path: &PathBuf| snapshot::load(path, "roles", None, settings, 0, &mut ahead);
    paths.iter().map(load).map(|loaded| loaded.unwrap().objects.len()).sum()
}

/// The shortest, and the median.
fn times(mut run: impl FnMut() -> usize) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let start = Stopwatch::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    (times[0], times[4])
}
