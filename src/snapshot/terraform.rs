//! States of Terraform and OpenTofu among the snapshots. Here they are only told; who knows the format reads them.

use serde_json::Value;

/// A state that was found.
#[derive(Debug, Clone)]
pub struct FoundState {
    /// Its source, by its number over all sources of the run.
    pub source: crate::model::SourceIx,
    /// The path, for messages.
    pub shown: String,
    /// It was named itself, and not only its directory.
    pub named: bool,
    /// The file.
    pub text: String,
}

/// Whether a document is a state: the file itself, in the clear or encrypted, or `terraform show -json` of it.
pub(super) fn is_state(document: &Value) -> bool {
    let has = |key: &str| document.get(key).is_some();
    let file = has("version") && has("serial") && (has("resources") || has("modules") || has("lineage"));
    let shown = has("format_version") && has("values") && !has("planned_values");
    let empty = has("format_version") && document.as_object().is_some_and(|keys| keys.len() == 1);
    let encrypted = has("encrypted_data") && has("encryption_version");
    file || shown || empty || encrypted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn states_are_told_from_plans_and_other_files() {
        for (document, expect) in [
            (json!({"version": 4, "serial": 1, "lineage": "x", "resources": []}), true),
            (json!({"version": 3, "serial": 1, "modules": []}), true),
            (json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}), true),
            // An empty state is shown as nothing but its version.
            (json!({"format_version": "1.0"}), true),
            (json!({"serial": 1, "lineage": "x", "encrypted_data": "…", "encryption_version": "v0"}), true),
            (json!({"format_version": "1.2", "planned_values": {}, "values": {}}), false),
            (json!({"version": "1", "items": []}), false),
            (json!([]), false),
        ] {
            assert_eq!(is_state(&document), expect, "{document}");
        }
    }
}
