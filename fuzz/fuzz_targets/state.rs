//! States: nothing falls over, and as many instances are read as a slow reading counts.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mainstay::model::SourceIx;
use mainstay::plan;
use serde_json::Value;

fn of_module(module: &Value) -> usize {
    let list = |key: &str| module[key].as_array().map(Vec::as_slice).unwrap_or_default().to_vec();
    list("resources").len() + list("child_modules").iter().map(of_module).sum::<usize>()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(state) = plan::read_state(text, "s.json", SourceIx(0), None) else { return };
    if text.contains("$serde_json") {
        return;
    }
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    let count = if document.get("values").is_some() || document.get("format_version").is_some() {
        of_module(&document["values"]["root_module"])
    } else {
        let resources = document["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
        resources.iter().filter_map(|resource| resource["instances"].as_array()).map(Vec::len).sum()
    };
    assert_eq!(state.objects.len(), count);
});
