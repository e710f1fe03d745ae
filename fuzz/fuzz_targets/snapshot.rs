//! Snapshot files: nothing falls over.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mainstay::catalog::Catalog;
use mainstay::snapshot::{Ahead, Settings, load};
use std::cell::OnceCell;
use std::collections::BTreeSet;

thread_local! {
    static CATALOG: OnceCell<(Catalog, tempfile::TempDir)> = const { OnceCell::new() };
}

fuzz_target!(|bytes: &[u8]| {
    CATALOG.with(|cell| {
        let (catalog, folder) = cell.get_or_init(|| {
            (Catalog::builtin().expect("the built-in catalog"), tempfile::tempdir().expect("a folder"))
        });
        let file = folder.path().join("s.json");
        std::fs::write(&file, bytes).expect("a file");
        let settings = Settings { now: "2023-09-22T12:00:00Z".parse().expect("a time"), max_age_seconds: 1, inventories: &[] };
        let Ok(loaded) = load(&file, "s.json", None, &settings, 0, &mut Ahead::default()) else { return };
        for object in &loaded.objects {
            catalog.facts(object, false, &BTreeSet::new());
        }
    });
});
