//! What stands around the rows: nothing (az), `value` (ARM, Graph) or `data` (Resource Graph), with marks of paging.

use super::super::found::says;
use serde_json::{Map, Value};

/// Rows and what the envelope says of them.
pub(super) struct Envelope {
    /// The rows.
    pub rows: Vec<Value>,
    /// JSON pointer of the list.
    pub pointer: &'static str,
    /// The envelope shows that rows are missing.
    pub cut: Option<String>,
    /// There is no envelope that could show it.
    pub bare: bool,
    /// The file is one object, not a list.
    pub single: bool,
}

/// Opens an envelope; gives the document back if it is none.
pub(super) fn open(document: Value) -> Result<Envelope, Value> {
    let whole = |rows, bare, single| Envelope { rows, pointer: "", cut: None, bare, single };
    let mut top = match document {
        Value::Array(rows) => return Ok(whole(rows, true, false)),
        Value::Object(top) => top,
        other => return Err(other),
    };
    if top.get("value").is_some_and(Value::is_array) {
        let cut =
            ["nextLink", "@odata.nextLink", "odata.nextLink"].into_iter().find(|key| says(top.get(*key)));
        let cut = cut.map(|key| format!("only the first page is here ({key} is set): ask for all pages"));
        let rows = taken(&mut top, "value");
        return Ok(Envelope { rows, pointer: "/value", cut, bare: false, single: false });
    }
    if top.get("data").is_some_and(Value::is_array) {
        let rows = taken(&mut top, "data");
        let cut = graph_cut(&top, rows.len());
        return Ok(Envelope { rows, pointer: "/data", cut, bare: false, single: false });
    }
    if top.contains_key("id") || top.contains_key("Id") {
        return Ok(whole(vec![Value::Object(top)], false, true));
    }
    Err(Value::Object(top))
}

fn taken(top: &mut Map<String, Value>, key: &str) -> Vec<Value> {
    match top.remove(key) {
        Some(Value::Array(rows)) => rows,
        _ => Vec::new(),
    }
}

/// Resource Graph's marks, in all spellings of the service and of az.
fn graph_cut(top: &Map<String, Value>, rows: usize) -> Option<String> {
    let again = "page with --first 1000 and --skip-token until nothing is left";
    let set = |keys: &[&'static str]| keys.iter().copied().find(|key| says(top.get(*key)));
    if let Some(key) = set(&["skip_token", "$skipToken", "skipToken", "resultTruncated", "result_truncated"])
    {
        return Some(format!("Resource Graph gave one page only ({key} is set): {again}"));
    }
    let total = ["total_records", "totalRecords"].into_iter().find_map(|key| top.get(key)?.as_u64())?;
    let short = u64::try_from(rows).is_ok_and(|rows| rows < total);
    short.then(|| format!("Resource Graph gave {rows} of {total} rows: {again}"))
}
